"""Heads made unrecognisable, from the detector's person boxes: best effort, not a face detector."""

from collections.abc import Callable, Iterable
from datetime import datetime

from cvinspect.domain import Detection, Frame, Pixels
from cvinspect.geometry import Box
from cvinspect.opencv import cv2

HEAD_SHARE = 0.22
"""Of a standing person's box, from the top: a head is an eighth of the body; the rest is for loose boxes."""
CROUCHED_SHARE = 0.45
"""Of the box's width: the head of a crouching or cut-off person takes more of the height."""
SIDE_SHARE = 0.08
"""Added on three sides, for boxes that cut the hair."""
MASKED_LABEL = "person"
BLOCKS = 5
"""Blocks across a masked head: too few to know a face by."""


def persons_in(detections: Iterable[Detection]) -> list[Box]:
    """The boxes whose heads are to be masked."""
    return [one.box for one in detections if one.label == MASKED_LABEL]


class PersonsSeen:
    """Whose heads are to be masked in a camera's pictures; each picture is searched once, when it is asked about."""

    def __init__(self, detections: Callable[[Frame], Iterable[Detection]]) -> None:
        """`detections` tells what the whole of a picture shows."""
        self._detections = detections
        self._known: dict[datetime, list[Box]] = {}

    def __call__(self, picture: Frame) -> list[Box]:
        """Their boxes."""
        at = picture.captured_at
        if at not in self._known:
            self._known[at] = persons_in(self._detections(picture))
        return self._known[at]


def head(person: Box) -> Box:
    """Where the person's head must be.

    >>> round(head(Box(100, 100, 140, 200)).height, 2)
    23.76
    """
    height = min(max(HEAD_SHARE * person.height, CROUCHED_SHARE * person.width), person.height)
    side = SIDE_SHARE * person.width
    top = SIDE_SHARE * height
    return Box(person.x0 - side, person.y0 - top, person.x1 + side, person.y0 + height)


def masked(pixels: Pixels, persons: Iterable[Box]) -> Pixels:
    """A copy of the picture with every person's head pixelated; `pixels` stays as it is."""
    copy = pixels.copy()
    height, width = copy.shape[:2]
    for person in persons:
        region = head(person).clipped(width, height)
        x0, y0, x1, y1 = int(region.x0), int(region.y0), round(region.x1), round(region.y1)
        if x1 - x0 >= 1 and y1 - y0 >= 1:
            _pixelate(copy[y0:y1, x0:x1])
    return copy


def _pixelate(region: Pixels) -> None:
    height, width = region.shape[:2]
    rows = max(1, min(BLOCKS, round(BLOCKS * height / width)))
    blocks = cv2.resize(region, (min(BLOCKS, width), rows), interpolation=cv2.INTER_AREA)
    region[:] = cv2.resize(blocks, (width, height), interpolation=cv2.INTER_NEAREST)
