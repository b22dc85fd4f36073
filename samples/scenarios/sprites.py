"""Cut-outs of the rendered sample clip: the empty street, its parked car, its heap of rubbish.

They are made anew from `samples/street.mp4`: what differs between a frame with the thing and one without is the thing,
with its shadow.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cvinspect.assembly.sources import open_source
from cvinspect.config.site import load_site
from cvinspect.geometry import Box
from cvinspect.opencv import cv2
from samples.scenarios.scene import HEIGHT, WIDTH

Picture = NDArray[np.uint8]

CLIP = Path(__file__).parents[1] / "street.mp4"

_EMPTY_S, _PARKED_S, _DUMPED_S = 0.0, 27.0, 33.5
"""Frames of the clip: nothing there, car A at rest, the heap too."""

_PLACES = {"motor_vehicle": Box(0.423, 0.398, 0.659, 0.78), "exposed_garbage": Box(0.147, 0.45, 0.393, 0.698)}
"""Where the clip's truth (`street.truth.json`) has them, shares of width and height."""

_DISTANT_ROWS = 70
"""Above, the empty street's frame has a car that is just coming."""

_MARGIN_SHARE = 0.12
"""Of the thing's box: how far its shadow reaches beyond."""

_LEAST_DIFFERENCE = 14
"""Gray levels: the clip's noise and its compression stay below."""


@dataclass(frozen=True, slots=True, eq=False)
class Sprite:
    """A thing to be laid over a picture."""

    pixels: Picture
    """(h, w, 3) BGR."""
    alpha: NDArray[np.float32]
    """(h, w) in [0, 1]."""
    inner: Box
    """Where the thing itself lies, pixels of the sprite; around it is its shadow."""


@cache
def plate() -> Picture:
    """The street without car and heap, (720, 1280, 3)."""
    empty = _frame(_EMPTY_S).copy()
    empty[:_DISTANT_ROWS] = _frame(_PARKED_S)[:_DISTANT_ROWS]
    return empty


def place_of(label: str) -> Box:
    """Where the thing of this label stands in the clip, pixels."""
    return _PLACES[label].scaled(WIDTH, HEIGHT)


@cache
def sprite(label: str) -> Sprite:
    """The car or the heap."""
    shown = _frame(_PARKED_S if label == "motor_vehicle" else _DUMPED_S)
    place = place_of(label)
    across, down = _MARGIN_SHARE * place.width, _MARGIN_SHARE * place.height
    around = Box(place.x0 - across, place.y0 - down, place.x1 + across, place.y1 + down).clipped(WIDTH, HEIGHT)
    x0, y0, x1, y1 = map(round, around.xyxy)
    difference = np.abs(shown[y0:y1, x0:x1].astype(np.int16) - plate()[y0:y1, x0:x1]).max(axis=2)
    inner = Box(place.x0 - x0, place.y0 - y0, place.x1 - x0, place.y1 - y0)
    return Sprite(shown[y0:y1, x0:x1].copy(), _outline(difference >= _LEAST_DIFFERENCE), inner)


def _outline(differs: NDArray[np.bool_]) -> NDArray[np.float32]:
    """The largest piece, its holes filled, with a soft edge."""
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (9, 9))
    closed = cv2.morphologyEx(differs.astype(np.uint8), cv2.MORPH_CLOSE, kernel)
    contours, _ = cv2.findContours(closed, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    mask = np.zeros(differs.shape, np.uint8)
    cv2.drawContours(mask, [max(contours, key=cv2.contourArea)], -1, 255, cv2.FILLED)
    return np.asarray(cv2.GaussianBlur(mask, (0, 0), 1.2), np.float32) / 255


@cache
def _frame(at_s: float) -> Picture:
    source = open_source(CLIP, camera="sample", fps=2.0, started_at=None, site=load_site(None))
    try:
        found = next(frame for frame in source.frames() if frame.media_s >= at_s - 0.04)
    finally:
        source.close()
    return found.pixels
