"""People who walk through stills: cut out of photographs, or drawn where none can be cut out."""

from collections.abc import Iterator, Sequence

import numpy as np

from cvinspect.domain import Pixels
from cvinspect.evaluate.labelled.yolo_dataset import LabelledPicture
from cvinspect.geometry import Box, iou
from cvinspect.opencv import cv2
from cvinspect.sources.recorded.pictures import read_picture
from tools.cut_out import cut

_LEAST_PX = 105
"""Of a person's height in the photograph: what is lower is blurred when it is enlarged."""

_SHAPE = 0.25, 0.58
"""Width by height of somebody who stands or walks and is seen whole."""

_EDGE = 0.006
"""Who is this near to the picture's edge may be cut off by it."""

_ALONE_IOU = 0.1

_FILLED = 0.37, 0.57
"""Share of the box that a person fills: where the cut has less or more, it went wrong."""

_ONE_PIECE = 0.99
"""Share of what was cut out that hangs together."""

_FROM_HEAD_TO_FOOT = 0.88
"""Of the box's height: where less is left, a head or legs were lost."""


def passers_of(pictures: Sequence[LabelledPicture], names: tuple[str, ...], *, most: int) -> list[Pixels]:
    """At most so many people as BGRA, (h, w, 4) uint8: whole, alone, and cut out cleanly. Raises SourceOpenError."""
    if "person" not in names:
        return []
    person = names.index("person")
    found: list[Pixels] = []
    for picture in pictures:
        if len(found) >= most:
            break
        if person in picture.complete:
            found += _cut_out(picture, person)
    return found[:most]


def silhouette(height: int = 240) -> Pixels:
    """Somebody in dark clothes, drawn: BGRA, (h, w, 4) uint8."""
    width = height * 2 // 5
    figure = np.zeros((height, width, 4), np.uint8)
    middle, skin, coat, trousers = width // 2, (120, 150, 190, 255), (60, 62, 70, 255), (48, 40, 38, 255)
    for side in (-1, 1):
        foot = middle + side * width // 5, height - 1
        cv2.line(figure, (middle, height // 2), foot, trousers, max(2, width // 6))
    cv2.ellipse(figure, (middle, height * 36 // 100), (width // 4, height // 5), 0, 0, 360, coat, -1)
    cv2.circle(figure, (middle, height // 10), max(2, height // 13), skin, -1)
    return figure


def _cut_out(picture: LabelledPicture, person: int) -> Iterator[Pixels]:
    pixels = read_picture(picture.path)
    height, width = pixels.shape[:2]
    for one in picture.boxes:
        others = [other.box for other in picture.boxes if other != one]
        if one.label != person or not _is_whole(one.box, width, height) or not _is_alone(one.box, others):
            continue
        cv2.setRNGSeed(0)  # the cut begins with colours drawn by chance
        piece = cut(pixels, one.box)
        if piece is not None and _is_clean(piece[..., 3]):
            rows, columns = np.nonzero(piece[..., 3])
            yield piece[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]


def _is_whole(box: Box, width: int, height: int) -> bool:
    if box.height * height < _LEAST_PX or min(box.xyxy) < _EDGE or max(box.xyxy) > 1 - _EDGE:
        return False
    return _SHAPE[0] <= box.width * width / (box.height * height) <= _SHAPE[1]


def _is_alone(box: Box, others: Sequence[Box]) -> bool:
    return all(iou(box, other) <= _ALONE_IOU for other in others)


def _is_clean(alpha: Pixels) -> bool:
    """Whether what was cut out is as full as a person, and one piece from head to foot."""
    own = (alpha > 0).astype(np.uint8)
    if not _FILLED[0] <= own.mean() <= _FILLED[1]:
        return False
    _, _, pieces, _ = cv2.connectedComponentsWithStats(own)
    largest = max(pieces[1:], key=lambda piece: piece[cv2.CC_STAT_AREA])
    return bool(
        largest[cv2.CC_STAT_AREA] >= _ONE_PIECE * own.sum()
        and largest[cv2.CC_STAT_HEIGHT] >= _FROM_HEAD_TO_FOOT * own.shape[0]
    )
