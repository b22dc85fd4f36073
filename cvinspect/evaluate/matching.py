"""Which detection found which thing: one label, or a family of labels taken as one, picture by picture."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cvinspect.domain import Detection
from cvinspect.evaluate.dataset import LabelledPicture
from cvinspect.evaluate.rates import Tally

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

MATCH_IOU = 0.5
"""From here on a detection has found a thing, as with PASCAL VOC and COCO's AP50."""

_IOU_DIGITS = 12
"""Shares are pixels divided: what overlaps by exactly a half must not come out at 0.49999999999999994."""

_SAME_THING_IOU = 0.7
"""Boxes of two labels of a family that overlap this much are one thing under two names."""


@dataclass(frozen=True, slots=True, eq=False)
class Predictions:
    """What a detector says of one picture, from its lowest confidence on; ValueError for arrays that do not fit."""

    path: Path
    """As in the data set."""
    width_px: int
    height_px: int
    labels: Integers
    """(n,) positions among the data set's names; others are left out of every score."""
    confidences: Floats
    """(n,) in [0, 1]."""
    boxes_xyxy: Floats
    """(n, 4) left, top, right, bottom in pixels of the picture."""

    def __post_init__(self) -> None:
        count = len(self.confidences)
        if self.labels.shape != (count,) or self.confidences.shape != (count,) or self.boxes_xyxy.shape != (count, 4):
            shapes = f"{self.labels.shape}, {self.confidences.shape}, {self.boxes_xyxy.shape}"
            raise ValueError(f"{self.path}: shapes {shapes}; needed: (n,), (n,), (n, 4)")
        if not np.isfinite(self.boxes_xyxy).all() or not ((self.confidences >= 0) & (self.confidences <= 1)).all():
            raise ValueError(f"{self.path}: boxes must be finite and confidences within 0 to 1")
        if self.width_px <= 0 or self.height_px <= 0:
            raise ValueError(f"{self.path}: a picture of {self.width_px} x {self.height_px} pixels")

    @classmethod
    def of_detections(
        cls, path: Path, detections: Iterable[Detection], *, names: Sequence[str], width_px: int, height_px: int
    ) -> "Predictions":
        """What our own detectors return; labels that `names` lacks are left out, since nothing could judge them."""
        known = [detection for detection in detections if detection.label in names]
        return cls(
            path,
            width_px,
            height_px,
            np.array([names.index(detection.label) for detection in known], np.int64),
            np.array([detection.confidence for detection in known], np.float64),
            np.array([detection.box.xyxy for detection in known], np.float64).reshape(-1, 4),
        )


@dataclass(frozen=True, slots=True, eq=False)
class MatchedPicture:
    """One picture's things and detections of one label or family; boxes are shares of width and height."""

    path: Path
    source: str
    things_xyxy: Floats
    """(m, 4)."""
    boxes_xyxy: Floats
    """(n, 4), the surest detection first."""
    confidences: Floats
    """(n,) in [0, 1], descending."""
    hits: NDArray[np.bool_]
    """(n,) whether the detection found a thing that no surer one found."""


@dataclass(frozen=True, slots=True)
class Matches:
    """The pictures on which one label or family may be scored, detections and things paired."""

    name: str
    pictures: tuple[MatchedPicture, ...]

    @property
    def things(self) -> int:
        """How many things people drew there."""
        return sum(len(picture.things_xyxy) for picture in self.pictures)

    def tally(self, threshold: float) -> Tally:
        """Right and wrong when a detection counts from this confidence on.

        A lower threshold only adds weaker detections, and those take no thing away from a surer one: so one
        matching serves for every threshold.
        """
        kept = [picture.confidences >= threshold for picture in self.pictures]
        found = sum(int(mask.sum()) for mask in kept)
        hits = sum(int(picture.hits[mask].sum()) for picture, mask in zip(self.pictures, kept, strict=True))
        return Tally(hits, found - hits, self.things - hits)


def match(
    name: str, labels: Sequence[int], pictures: Sequence[LabelledPicture], predictions: Iterable[Predictions]
) -> Matches:
    """Detections of `labels`, taken as one, paired with the things people drew; pictures keep their order.

    Only pictures count whose source labels the label completely, of a family any of its labels: each source draws
    all of the family's things, under the one name that it knows. One thing under two of the family's names counts
    once, as its surest box. Pairs are made as COCO makes them: the surest detection first takes the free thing
    that it overlaps most, if IoU >= 0.5. Of equals the place decides, so the order in which boxes come does not matter.

    Raises ValueError for a picture that counts and has no Predictions (an empty one where nothing was seen).
    """
    wanted = frozenset(labels)
    by_path = {prediction.path: prediction for prediction in predictions}
    chosen = [picture for picture in pictures if picture.complete & wanted]
    missing = [picture.path for picture in chosen if picture.path not in by_path]
    if missing:
        raise ValueError(f"{missing[0]}: no predictions for this and {len(missing) - 1} more pictures with {name}")
    return Matches(name, tuple(_matched(picture, by_path[picture.path], wanted) for picture in chosen))


def ious(a: Floats, b: Floats) -> Floats:
    """IoU of each box of `a` (n, 4) with each of `b` (m, 4), xyxy: (n, m) in [0, 1]; 0 for empty boxes."""
    low = np.maximum(a[:, None, :2], b[None, :, :2])
    high = np.minimum(a[:, None, 2:], b[None, :, 2:])
    common = np.prod(np.clip(high - low, 0, None), axis=2)
    union = _areas(a)[:, None] + _areas(b)[None, :] - common
    overlap: Floats = np.divide(common, union, out=np.zeros_like(common), where=union > 0)
    return np.round(overlap, _IOU_DIGITS)


def _areas(boxes: Floats) -> Floats:
    sides: Floats = np.clip(boxes[:, 2:] - boxes[:, :2], 0, None)
    return sides[:, 0] * sides[:, 1]


def _matched(picture: LabelledPicture, predictions: Predictions, wanted: frozenset[int]) -> MatchedPicture:
    drawn = [labelled for labelled in picture.boxes if labelled.label in wanted]
    drawn.sort(key=lambda labelled: (labelled.box.xyxy, labelled.label))
    things = np.array([labelled.box.xyxy for labelled in drawn], np.float64).reshape(-1, 4)
    things = things[_distinct(things, np.array([labelled.label for labelled in drawn], np.int64))]
    chosen = np.isin(predictions.labels, list(wanted))
    labels, confidences = predictions.labels[chosen], predictions.confidences[chosen]
    width, height = predictions.width_px, predictions.height_px
    boxes = predictions.boxes_xyxy[chosen] / np.array([width, height, width, height], np.float64)
    order = np.lexsort((labels, *boxes.T[::-1], -confidences))  # ties by place: never by the order of arrival
    order = order[_distinct(boxes[order], labels[order])]
    boxes, confidences = boxes[order], confidences[order]
    return MatchedPicture(picture.path, picture.source, things, boxes, confidences, _hits(things, boxes))


def _distinct(boxes: Floats, labels: Integers) -> list[int]:
    """Positions of the boxes without those that an earlier one of another label covers."""
    overlap = ious(boxes, boxes) >= _SAME_THING_IOU
    kept: list[int] = []
    for i in range(len(boxes)):
        if not any(overlap[i, j] and labels[i] != labels[j] for j in kept):
            kept.append(i)
    return kept


def _hits(things: Floats, boxes: Floats) -> NDArray[np.bool_]:
    """Whether each box finds a thing. pycocotools' cocoeval.py, evaluateImg, without crowds; equal IoUs: the last."""
    hits = np.zeros(len(boxes), np.bool_)
    overlap = ious(boxes, things)
    for i in range(len(boxes) if len(things) else 0):
        best = len(things) - 1 - int(np.argmax(overlap[i, ::-1]))
        if overlap[i, best] >= MATCH_IOU:
            hits[i] = True
            overlap[:, best] = -1.0
    return hits
