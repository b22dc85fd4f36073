"""How places looked before anything stood in them, as far as the last seconds tell: what a place looks like empty."""

from collections import deque

import numpy as np

from cvinspect.domain import Frame, Pixels
from cvinspect.geometry import Box
from cvinspect.incidents import Look, LookMatcher
from cvinspect.opencv import cv2

_EVERY_S = 3.0
_PICTURES = 5
"""So much later a thing that drove up is at rest and was sighted, however slowly."""

_ROWS = 180
"""Of a small picture: a car in a street of 1080 rows still has some ten of them."""

_BEFORE_S = 1.5
"""What comes to rest may be in its place in part this long before."""


class Backdrop:
    """Small pictures of the last seconds. Nothing of it outlives the process."""

    def __init__(self, matcher: LookMatcher) -> None:
        self._matcher = matcher
        self._pictures: deque[tuple[float, float, Pixels]] = deque(maxlen=_PICTURES)
        """Media second, how many times smaller, and the picture, the oldest first."""

    def forget(self) -> None:
        """What the camera shows next has nothing to do with what it showed before."""
        self._pictures.clear()

    def keep(self, frame: Frame) -> None:
        """The next frame, in the ledger's own time."""
        if self._pictures and frame.media_s - self._pictures[-1][0] < _EVERY_S:
            return
        rows = frame.pixels.shape[0]
        small = frame.pixels[:: max(1, rows // (2 * _ROWS)), :: max(1, rows // (2 * _ROWS))]
        height, width = small.shape[:2]
        times = max(1.0, height / _ROWS)
        size = max(1, round(width / times)), max(1, round(height / times))
        picture = np.asarray(cv2.resize(np.asarray(small), size, interpolation=cv2.INTER_AREA), np.uint8)
        self._pictures.append((frame.media_s, rows / picture.shape[0], picture))

    def before(self, place: Box, since_s: float) -> Look | None:
        """The look of a place before what is in it came at media second `since_s`; None where nobody knows."""
        known = [(times, picture) for at_s, times, picture in self._pictures if at_s <= since_s - _BEFORE_S]
        if not known:
            return None
        times, picture = known[-1]
        return self._matcher.look(picture, place.scaled(1 / times, 1 / times))
