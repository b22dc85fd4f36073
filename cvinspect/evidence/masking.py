"""Heads, faces and number plates made unrecognisable: which parts of a picture are hidden, and how."""

import math
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from cvinspect.domain import Detection, Frame, Pixels
from cvinspect.geometry import Box, covered_share
from cvinspect.opencv import cv2

HEAD_SHARE = 0.22
"""Of a standing person's box, from the top: a head is an eighth of the body; the rest is for loose boxes."""
CROUCHED_SHARE = 0.45
"""Of the box's width: the head of a crouching or cut-off person takes more of the height."""
SIDE_SHARE = 0.08
"""Added on three sides, for boxes that cut the hair."""
MASKED_LABEL = "person"
VEHICLE_LABELS = frozenset({"motor_vehicle", "two_wheeler"})
"""What may carry a number plate."""
_BANNER = "banner"
_SAME_SHARE = 0.6
"""Of a vehicle's box: that much on a banner, it is the banner."""

LONE_CONFIDENCE, LONE_PX = 0.6, 12.0
"""A face where no person is seen must be so sure and so large: else shop signs are taken for faces."""
NEARBY_SHARE = 0.25
"""Of a person's size: a face so far outside of the box may be that person's, or that of somebody beside."""
FACE_SHARE = 0.2
"""Of a face's size, added on every side: hair, ears and chin are known too."""
PLATE_SHARE = 0.12
"""The same for plates, whose edges are found to some pixels."""

BLOCKS = 5
"""Blocks across a masked part: too few to know a face by."""
_LEAST_BLOCK_PX = 4
"""A small part has fewer blocks: one a pixel would hide nothing."""

Hiding = Callable[[Pixels, Sequence[Detection]], Sequence[Box]]
"""Says which parts of a picture are hidden, given what was detected in it; boxes in its pixels."""


def persons_in(detections: Iterable[Detection]) -> list[Box]:
    """The boxes whose heads are to be masked."""
    return [one.box for one in detections if one.label == MASKED_LABEL]


def vehicles_in(detections: Sequence[Detection]) -> list[Box]:
    """The boxes in which number plates are looked for; what is more surely a banner is no vehicle."""
    banners = [one for one in detections if one.label == _BANNER]
    return [one.box for one in detections if one.label in VEHICLE_LABELS and not _is_one_of(one, banners)]


def _is_one_of(vehicle: Detection, banners: Iterable[Detection]) -> bool:
    surer = (one.box for one in banners if one.confidence > vehicle.confidence)
    return any(covered_share(vehicle.box, box) > _SAME_SHARE for box in surer)


def heads(pixels: Pixels, detections: Sequence[Detection]) -> list[Box]:  # noqa: ARG001
    """The least that is hidden: where the head of each person must be."""
    return hidden(persons_in(detections), (), ())


def hidden(persons: Sequence[Box], faces: Iterable[Detection], plates: Iterable[Detection]) -> list[Box]:
    """The parts of a picture that are hidden; `plates` are those found in vehicles.

    The head of each person, whether a face is seen there or not; every face at a person, and another one where it is
    sure and large.

    >>> hidden([], [Detection("face", 0.5, Box(10, 10, 40, 50))], [])
    []
    """
    near = [person.grown(NEARBY_SHARE) for person in persons]
    shown = (one for one in faces if _is_lone(one) or any(_holds(person, one.box) for person in near))
    return [
        *map(head, persons),
        *(one.box.grown(FACE_SHARE) for one in shown),
        *(one.box.grown(PLATE_SHARE) for one in plates),
    ]


def _is_lone(face: Detection) -> bool:
    return face.confidence >= LONE_CONFIDENCE and min(face.box.width, face.box.height) >= LONE_PX


def _holds(person: Box, face: Box) -> bool:
    x, y = face.centre
    return person.x0 <= x <= person.x1 and person.y0 <= y <= person.y1


class HiddenParts:
    """What is hidden in a camera's pictures; each picture is searched once, when it is asked about."""

    def __init__(self, detections: Callable[[Frame], Sequence[Detection]], hide: Hiding = heads) -> None:
        """`detections` tells what the whole of a picture shows."""
        self._detections = detections
        self._hide = hide
        self._known: dict[datetime, Sequence[Box]] = {}

    def __call__(self, picture: Frame) -> Sequence[Box]:
        """The parts, in pixels of the picture."""
        at = picture.captured_at
        if at not in self._known:
            self._known[at] = self._hide(picture.pixels, self._detections(picture))
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


def masked(pixels: Pixels, regions: Iterable[Box]) -> Pixels:
    """A copy of the picture with every region made a mosaic; `pixels` stays as it is."""
    copy = pixels.copy()
    height, width = copy.shape[:2]
    for region in regions:
        inside = region.clipped(width, height)
        x0, y0, x1, y1 = int(inside.x0), int(inside.y0), math.ceil(inside.x1), math.ceil(inside.y1)
        if x1 > x0 and y1 > y0:
            _hide(copy[y0:y1, x0:x1])
    return copy


def _hide(region: Pixels) -> None:
    """A few blocks, each half its own colour and half the region's: a pattern of seven letters would be guessed."""
    height, width = region.shape[:2]
    across = max(1, min(BLOCKS, width // _LEAST_BLOCK_PX))
    down = max(1, min(BLOCKS, height // _LEAST_BLOCK_PX, round(across * height / width)))
    blocks = cv2.resize(region, (across, down), interpolation=cv2.INTER_AREA)
    even = cv2.resize(blocks, (1, 1), interpolation=cv2.INTER_AREA)
    mixed = cv2.addWeighted(blocks, 0.5, cv2.resize(even, (across, down), interpolation=cv2.INTER_NEAREST), 0.5, 0)
    region[:] = cv2.resize(mixed, (width, height), interpolation=cv2.INTER_NEAREST)
