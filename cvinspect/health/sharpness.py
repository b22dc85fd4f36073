"""How sharp a picture is: fine detail as a share of coarse detail, so that dusk does not count as blur."""

import math

import numpy as np
from numpy.typing import NDArray

from cvinspect.domain import Pixels
from cvinspect.opencv import cv2

_ROWS = 60
_AVERAGED = 4
"""Rows under each other that are averaged: half of the noise goes, none of the sharpness along the row."""

_FINE_SHARE, _COARSE_SHARE = 1 / 960, 1 / 60
"""Of the width: distances over which brightness is compared."""

_NOTHING = 0.5
"""Gray levels of coarse detail under which a picture shows nothing: a covered lens."""


def sharpness(pixels: Pixels) -> float:
    """In [0, 1.5] or so: 0.3 to 0.5 for streets, 1 for mere noise, 0 for a picture that shows nothing.

    What shows no detail, such as the sky or the side of a bus, weighs nothing.
    """
    height, width = pixels.shape[:2]
    step = max(_AVERAGED, height // _ROWS)
    count = (height - _AVERAGED) // step + 1
    parts = [np.ascontiguousarray(pixels[row::step][:count]) for row in range(_AVERAGED)]
    rows = np.asarray(np.mean([cv2.extractChannel(part, 1) for part in parts], axis=0), np.float32)
    coarse = _detail(rows, max(4, round(width * _COARSE_SHARE)))
    return _detail(rows, max(1, round(width * _FINE_SHARE))) / coarse if coarse >= _NOTHING else 0.0


def _detail(rows: NDArray[np.float32], distance_px: int) -> float:
    """Root of the mean squared difference of brightness over this distance along the rows.

    Squares, because a blurred edge rises as far as a sharp one, only not at once.
    """
    here, there = rows[:, distance_px:], rows[:, :-distance_px]
    return cv2.norm(here, there, cv2.NORM_L2) / math.sqrt(here.size)
