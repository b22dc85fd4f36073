"""What cameras do to a picture before anybody sees it: overlays, small sub-streams, infrared at night.

Most pictures at hand were taken with telephones; what the detector meets comes from cameras on poles.
"""

import numpy as np

from cvinspect.domain import Pixels
from cvinspect.opencv import cv2

_ZONE_SHARE = 0.10
"""Of the pictures get a coloured area, as platforms burn zones in."""
_TEXT_SHARE = 0.10
_SMALL_SHARE = 0.15
"""Come from a sub-stream: small, and blown up again."""
_BLOCKY_SHARE = 0.20
_GREY_SHARE = 0.05
"""Infrared: no colour."""

_OSD = "2026-03-14 07:12:59  CAM 08  0123456789"


def camera_look(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    """The picture (h, w, 3) as some camera might deliver it; mostly the very same. Boxes stay where they are."""
    if rng.random() < _SMALL_SHARE:
        pixels = _small(pixels, rng)
    if rng.random() < _GREY_SHARE:
        pixels = np.repeat(cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY)[..., None], 3, axis=2)
    if rng.random() < _ZONE_SHARE:
        pixels = _with_zone(pixels, rng)
    if rng.random() < _TEXT_SHARE:
        pixels = _with_text(pixels, rng)
    if rng.random() < _BLOCKY_SHARE:
        pixels = _blocky(pixels, rng)
    return pixels


def _small(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    height, width = pixels.shape[:2]
    share = rng.uniform(0.4, 0.8)
    small = cv2.resize(pixels, None, fx=share, fy=share, interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR), np.uint8)


def _with_zone(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    """A translucent polygon, four-cornered, often with a firm edge."""
    height, width = pixels.shape[:2]
    centre, reach = rng.uniform(0.15, 0.85, 2), rng.uniform(0.1, 0.5, 2)
    turns = np.sort(rng.uniform(0, 2 * np.pi, 4))
    corners = centre + np.stack([np.cos(turns), np.sin(turns)], axis=1) * reach
    polygon = np.rint(corners * (width, height)).astype(np.int32)
    colour = [int(value) for value in rng.choice([0, 40, 255], 3)]
    painted = cv2.fillPoly(pixels.copy(), [polygon], colour)
    share = rng.uniform(0.15, 0.5)
    mixed = np.asarray(cv2.addWeighted(painted, share, pixels, 1 - share, 0), np.uint8)
    if rng.random() < 0.5:
        cv2.polylines(mixed, [polygon], True, colour, 2, cv2.LINE_AA)
    return mixed


def _with_text(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    """The clock and name of a camera in a corner."""
    height, width = pixels.shape[:2]
    drawn, scale = pixels.copy(), rng.uniform(0.3, 0.9) * width / 640
    at = (int(rng.uniform(0, 0.5) * width), int(rng.choice([0.06, 0.95]) * height))
    words = _OSD[: int(rng.integers(8, len(_OSD)))]
    cv2.putText(drawn, words, at, cv2.FONT_HERSHEY_SIMPLEX, scale, (0, 0, 0), 3, cv2.LINE_AA)
    cv2.putText(drawn, words, at, cv2.FONT_HERSHEY_SIMPLEX, scale, (255, 255, 255), 1, cv2.LINE_AA)
    return drawn


def _blocky(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    """Compressed hard."""
    _, packed = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(20, 60))])
    return np.asarray(cv2.imdecode(packed, cv2.IMREAD_COLOR), np.uint8)
