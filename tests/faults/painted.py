"""Scenes with exact truth: coloured things on a textured street, and a detector that finds nothing but such colours.

Every thing has a texture of its own, so that two that stand in one place one after the other look different. Pictures
survive H.264 at a low rate; nothing else of the daemon is told what they are.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random

import numpy as np

from cvinspect.domain import Detection, Pixels
from cvinspect.geometry import Box
from cvinspect.opencv import cv2
from tests.faults.rtsp_server import h264_clip

SIZE = (320, 180)
FPS = 5.0

CAR, BIKE = "motor_vehicle", "two_wheeler"
_COLOURS = {CAR: (25, 25, 235), BIKE: (235, 40, 25)}
"""BGR; a car is red, a bicycle blue."""
_CHANNELS = {CAR: 2, BIKE: 0}

_SLOTS = tuple((x, y) for y in (32, 106) for x in (20, 95, 170, 245))
_THING = (48, 44)
"""Width and height of a thing, pixels of a picture of SIZE; the slots are the places of its upper left corners."""

_WALKER_PX, _WALK_PX = 7, 3
"""Something grey moves in every picture: a street that stands still is a camera that is frozen."""

_LEAST_COLOUR = 45
_LEAST_AREA_PX = 200
_PAIR = np.array([[1, 1], [1, -1]])
_WALSH = np.kron(np.kron(_PAIR, _PAIR), _PAIR)
_LOOKS = tuple((row, column) for row in range(8) for column in range(8) if row + column)
"""Textures of which no two resemble each other: what comes back looking as before is taken for the same for minutes."""

_EVERY_S = 7.0
_EMPTY_S = 5.0
"""A slot stays empty for at least so long, in which what stood there can be cleared."""
_STAYS_S = {CAR: (10.0, 14.0, 18.0, 30.0), BIKE: (18.0, 30.0)}
_BIKE_EVERY_S, _BIKE_STAYS_S = 4.0, 25.0
_BIKES_SHARE = 0.4
_SHORT_STAY_S = 1.0
"""With a second until the next key picture, should a picture be lost on the way, that is still no dwell."""


@dataclass(frozen=True, slots=True)
class Thing:
    """Something that comes, stays and goes."""

    label: str
    slot: int
    comes_s: float
    """Seconds of the scene."""
    goes_s: float
    look: int


@dataclass(frozen=True, slots=True)
class Scene:
    """What a camera shows, over and over."""

    things: tuple[Thing, ...]
    period_s: float

    def clip(self, path: Path, *, size: tuple[int, int] = SIZE) -> Path:
        """As H.264, with a key picture every second."""
        return h264_clip(
            path,
            size=size,
            fps=round(FPS),
            frames=round(self.period_s * FPS),
            key_every=round(FPS),
            picture=self.picture(size),
        )

    def picture(self, size: tuple[int, int] = SIZE) -> Callable[[int], Pixels]:
        """Frame i of the clip."""

        @cache
        def still(standing: tuple[Thing, ...]) -> Pixels:
            pixels = _street()
            for thing in standing:
                _paint(pixels, thing)
            return pixels if size == SIZE else np.asarray(cv2.resize(pixels, size), np.uint8)

        def picture(i: int) -> Pixels:
            pixels = still(tuple(one for one in self.things if one.comes_s <= i / FPS < one.goes_s)).copy()
            left, top = _WALK_PX * i % (size[0] - _WALKER_PX), size[1] - 2 * _WALKER_PX
            pixels[top : top + _WALKER_PX, left : left + _WALKER_PX] = (235, 235, 235)
            return pixels

        return picture


def scene_of(seed: int, *, period_s: float = 120.0) -> Scene:
    """Every few seconds something comes: most stay longer than their dwell, some stop for a moment."""
    random = Random(seed)
    free_s = {slot: random.uniform(0, 0.5) for slot in range(len(_SLOTS))}
    looks = Counter[int]()
    things: list[Thing] = []
    comes_s = 0.6
    while comes_s < period_s - 14:
        slot = min(free_s, key=lambda one: free_s[one])
        if free_s[slot] <= comes_s:
            label = BIKE if random.random() < _BIKES_SHARE else CAR
            stay_s = _SHORT_STAY_S if random.random() < 0.25 else random.choice(_STAYS_S[label])
            goes_s = min(comes_s + stay_s, period_s - 1)
            things.append(Thing(label, slot, comes_s, goes_s, looks[slot] % len(_LOOKS)))
            looks[slot] += 1
            free_s[slot] = goes_s + _EMPTY_S
        comes_s += _EVERY_S
    return Scene(tuple(things), period_s)


def scene_of_bicycles(*, period_s: float = 120.0) -> Scene:
    """One more every few seconds: at any moment one of them is in the middle of its dwell."""
    slots = len(_SLOTS)
    number = int((period_s - 30) / _BIKE_EVERY_S)
    comes = [(n, 0.6 + n * _BIKE_EVERY_S) for n in range(number)]
    things = (Thing(BIKE, n % slots, at_s, at_s + _BIKE_STAYS_S, n // slots % len(_LOOKS)) for n, at_s in comes)
    return Scene(tuple(things), period_s)


def slot_of(box: Sequence[float], size: tuple[int, int]) -> int | None:
    """The slot in which a box of a picture of that size lies; None where it lies in none."""
    x, y = (box[0] + box[2]) / 2 * SIZE[0] / size[0], (box[1] + box[3]) / 2 * SIZE[1] / size[1]
    for slot, (left, top) in enumerate(_SLOTS):
        if left <= x <= left + _THING[0] and top <= y <= top + _THING[1]:
            return slot
    return None


class PaintDetector:
    """Finds what is painted in one of the colours."""

    def detect(self, pixels: Pixels) -> list[Detection]:
        """Boxes around patches of a colour; nothing of the street has one."""
        planes = pixels.astype(np.int16)
        return [found for label in _COLOURS for found in _found(planes, label)]


def _found(planes: np.ndarray, label: str) -> list[Detection]:
    own = _CHANNELS[label]
    others = np.maximum(planes[..., (own + 1) % 3], planes[..., (own + 2) % 3])
    mask = (planes[..., own] - others > _LEAST_COLOUR).astype(np.uint8)
    count, _, stats, _ = cv2.connectedComponentsWithStats(mask)
    boxes = (stats[one][:5].tolist() for one in range(1, count))
    return [Detection(label, 0.9, Box(x, y, x + w, y + h)) for x, y, w, h, area in boxes if area >= _LEAST_AREA_PX]


def _street() -> Pixels:
    grain = np.random.default_rng(7).integers(40, 215, (10, 18), np.uint8)
    grey = cv2.resize(grain, SIZE, interpolation=cv2.INTER_CUBIC)
    return np.repeat(np.asarray(grey, np.uint8)[:, :, None], 3, axis=2)


def _paint(pixels: Pixels, thing: Thing) -> None:
    left, top = _SLOTS[thing.slot]
    row, column = _LOOKS[thing.look]
    pattern = cv2.resize(np.outer(_WALSH[row], _WALSH[column]).astype(np.float32), _THING, interpolation=0)
    shade = np.asarray(pattern)[:, :, None] * 0.22 + 0.78
    pixels[top : top + _THING[1], left : left + _THING[0]] = np.array(_COLOURS[thing.label]) * shade
