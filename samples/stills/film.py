"""A photograph as a fixed camera would show it for a minute: noise, light, wind, and who walks by."""

import math
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np

from cvinspect.domain import Frame, Pixels
from cvinspect.opencv import cv2
from cvinspect.sources.recorded.pictures import read_picture
from samples.stills.passers import silhouette
from samples.stills.scene import Still

START = datetime(2026, 5, 1, 2, 0, tzinfo=UTC)
"""Ten in the morning in Shanghai."""

_NOISE = 2.0, 5.0
"""Gray levels, standard deviation of a pixel from one frame to the next."""
_LIGHT = 0.1, 0.2
"""Share by which the light goes up or down."""
_LIGHT_S = 45.0, 120.0
"""Seconds from bright to bright."""
_SHAKE_PX = 1.0
_CROSSING_S = 8.0, 14.0
"""Seconds that somebody takes from one edge to the other."""
_FEET = 0.82, 0.98
"""Share of the picture's height at which they walk."""


@dataclass(frozen=True, slots=True)
class Weather:
    """What differs from one still to the other and from one seed to the other."""

    noise: float
    light: float
    light_s: float
    phase: float
    begins_s: float
    """When somebody comes in."""
    takes_s: float
    feet: float
    """Share of the picture's height."""
    is_leftwards: bool
    passer: int


def weather_of(still: Still, *, seed: int, seconds: float) -> Weather:
    """The same for the same name and seed."""
    rng = _rng(still, seed)
    takes_s = float(rng.uniform(*_CROSSING_S))
    return Weather(
        noise=float(rng.uniform(*_NOISE)),
        light=float(rng.uniform(*_LIGHT)),
        light_s=float(rng.uniform(*_LIGHT_S)),
        phase=float(rng.uniform(0, 2 * math.pi)),
        begins_s=float(rng.uniform(0, max(1.0, seconds - takes_s))),
        takes_s=takes_s,
        feet=float(rng.uniform(*_FEET)),
        is_leftwards=bool(rng.random() < 0.5),
        passer=int(rng.integers(1 << 30)),
    )


def frames_of(still: Still, passers: Sequence[Pixels], *, seed: int, seconds: float, fps: float) -> Iterator[Frame]:
    """Every sample of the still from second 0 to the last one, included.

    `passers`: who may walk through, as BGRA; without any, somebody drawn does. Raises SourceOpenError.
    """
    weather = weather_of(still, seed=seed, seconds=seconds)
    chosen = passers[weather.passer % len(passers)] if passers else silhouette()
    walker = _walker(chosen, still, leftwards=weather.is_leftwards)
    pixels = read_picture(still.picture.path)
    view = cv2.resize(pixels, (still.size.width_px, still.size.height_px), interpolation=cv2.INTER_AREA)
    rng = _rng(still, seed + 1)
    for index in range(round(seconds * fps) + 1):
        at_s = index / fps
        scene = np.array(view, np.uint8)
        if 0 <= at_s - weather.begins_s <= weather.takes_s:
            _lay(scene, walker, weather, (at_s - weather.begins_s) / weather.takes_s)
        shown = _seen(scene, weather, at_s, rng)
        yield Frame(still.name, index, at_s, START + timedelta(seconds=at_s), shown)


def _rng(still: Still, seed: int) -> np.random.Generator:
    return np.random.default_rng([seed, zlib.crc32(still.name.encode())])


def _walker(passer: Pixels, still: Still, *, leftwards: bool) -> Pixels:
    """As high as people are there, with soft edges; cut-outs face any way, half of them are turned round."""
    scale = still.person_px / passer.shape[0]
    size = max(2, round(passer.shape[1] * scale)), max(4, round(still.person_px))
    small = cv2.resize(passer, size, interpolation=cv2.INTER_AREA)
    small[..., 3] = cv2.GaussianBlur(small[..., 3], (3, 3), 0)
    return np.ascontiguousarray(small[:, ::-1] if leftwards else small)


def _lay(scene: Pixels, walker: Pixels, weather: Weather, way: float) -> None:
    """The walker onto the scene, `way` in [0, 1] from where they come in to where they go out."""
    height, width = scene.shape[:2]
    tall, wide = walker.shape[:2]
    along = 1 - way if weather.is_leftwards else way
    left, top = round(along * (width + wide)) - wide, round(weather.feet * height) - tall
    x0, x1, y0, y1 = max(left, 0), min(left + wide, width), max(top, 0), min(top + tall, height)
    if x1 <= x0 or y1 <= y0:
        return
    part = walker[y0 - top : y1 - top, x0 - left : x1 - left]
    alpha = part[..., 3:].astype(np.float32) / 255
    under = scene[y0:y1, x0:x1]
    scene[y0:y1, x0:x1] = np.rint(under * (1 - alpha) + part[..., :3] * alpha).astype(np.uint8)


def _seen(scene: Pixels, weather: Weather, at_s: float, rng: np.random.Generator) -> Pixels:
    """Shaken, lit, and noisy."""
    height, width = scene.shape[:2]
    dx, dy = rng.uniform(-_SHAKE_PX, _SHAKE_PX, 2)
    moved = cv2.warpAffine(
        scene, np.array([[1, 0, dx], [0, 1, dy]], np.float32), (width, height), borderMode=cv2.BORDER_REPLICATE
    )
    gain = 1 + weather.light * math.sin(weather.phase + 2 * math.pi * at_s / weather.light_s)
    noise = rng.normal(0.0, weather.noise, scene.shape).astype(np.float32)
    lit = np.rint(moved * np.float32(gain) + noise)
    return np.array(np.clip(lit, 0, 255), np.uint8)
