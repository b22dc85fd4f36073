"""When a camera last showed something new: a frozen picture is one that only ever comes again.

How much two pictures differ does not tell a frozen camera from a quiet street at night. Both differ by nothing at all
from one frame to the next where the encoder skips, and by the same few levels at every key frame. But a sensor's
noise is never the same twice, so each key frame of a living camera is a picture that was not there before, while an
encoder that is fed one picture for ever repeats itself. Measured on x264 at CRF 20 to 38: of a frozen picture under
0.2 % of the pixels are new, of a night street with the faintest noise (0.3 levels) 6 %. A frozen picture whose
encoder starves at a constant bit rate never settles, and is not noticed.
"""

from collections import deque

import numpy as np
from numpy.typing import NDArray

from cvinspect.domain import Pixels
from cvinspect.opencv import cv2

_ROWS = 90
_LEVELS = 2
"""A pixel that differs by no more than this is the same."""

_NEW_SHARE = 0.01
"""Of the pixels must differ; a clock burned into a frozen picture changes less than that."""

_REMEMBERED = 16
"""Distinct pictures; one group of pictures of a frozen camera has fewer."""


_TILES = (16, 9)
_MOVED_LEVELS = 4.0
_MOVED_TILES = 3
"""Where so many of the tiles have changed something moves, though it may have moved just so before: footage that is
looped. Noise and coding leave a tile's mean alone; a burned-in clock changes one or two."""


class Novelty:
    """Compares pictures with those shown before, by single pixels: a mean would hide the noise."""

    def __init__(self) -> None:
        self._known: deque[Pixels] = deque(maxlen=_REMEMBERED)
        self._tiles: NDArray[np.float32] | None = None

    def is_new(self, pixels: Pixels) -> bool:
        """Whether this picture was not there before, as far as is remembered, or something moved since the last."""
        step = max(1, pixels.shape[0] // _ROWS)
        picture = np.ascontiguousarray(pixels[::step, ::step, 1])
        moves = self._moves(picture)
        for known in reversed(self._known):
            if known.shape == picture.shape and _differing_share(known, picture) <= _NEW_SHARE:
                return moves
        self._known.append(picture)
        return True

    def _moves(self, picture: Pixels) -> bool:
        before = self._tiles
        self._tiles = np.asarray(cv2.resize(picture.astype(np.float32), _TILES, interpolation=cv2.INTER_AREA))
        if before is None:
            return False
        return int(np.count_nonzero(np.abs(self._tiles - before) > _MOVED_LEVELS)) >= _MOVED_TILES


def _differing_share(a: Pixels, b: Pixels) -> float:
    _, differs = cv2.threshold(cv2.absdiff(a, b), _LEVELS, 1, cv2.THRESH_BINARY)
    return cv2.countNonZero(differs) / a.size
