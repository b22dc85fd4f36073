"""Which detection found which thing: one label, or a family of labels taken as one, picture by picture."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cvinspect.domain import Detection
from cvinspect.evaluate.detections.pairing import IOU_THRESHOLDS, Flags, Floats, Integers, Places, ious, overlaps, pair
from cvinspect.evaluate.labelled.label_file import LabelledBox
from cvinspect.evaluate.labelled.yolo_dataset import LabelledPicture
from cvinspect.evaluate.statistics.rates import Tally

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
class Seen:
    """Detections of one picture, the surest first; of equally sure ones the place decides."""

    labels: Integers
    """(n,) positions among the data set's names."""
    confidences: Floats
    """(n,) in [0, 1], descending."""
    boxes_xyxy: Floats
    """(n, 4) shares of width and height."""

    def only(self, chosen: Flags | Integers) -> "Seen":
        """Some of them, in the same order."""
        return Seen(self.labels[chosen], self.confidences[chosen], self.boxes_xyxy[chosen])


@dataclass(frozen=True, slots=True, eq=False)
class MatchedPicture:
    """One picture's things and detections of one label or family; boxes are shares of width and height."""

    path: Path
    source: str
    places: Places
    boxes_xyxy: Floats
    """(n, 4), the surest detection first."""
    confidences: Floats
    """(n,) in [0, 1], descending."""
    hits: Flags
    """(n,) whether the detection found a thing that no surer one found."""
    ignored: Flags
    """(n,) whether it counts neither as right nor as wrong."""

    @property
    def things_xyxy(self) -> Floats:
        """(m, 4) what people drew."""
        return self.places.things_xyxy


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
        kept = [(picture.confidences >= threshold) & ~picture.ignored for picture in self.pictures]
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


def places_of(picture: LabelledPicture, wanted: frozenset[int]) -> Places:
    """What people drew there of these labels; one thing under two of their names once."""
    drawn = _drawn(picture.boxes, wanted)
    things = np.array([labelled.box.xyxy for labelled in drawn], np.float64).reshape(-1, 4)
    labels = np.array([labelled.label for labelled in drawn], np.int64)
    things = things[distinct(things, labels, np.zeros_like(labels))]
    doubtful = [labelled.box.xyxy for labelled in _drawn(picture.doubtful, wanted)]
    return Places(things, np.array(doubtful, np.float64).reshape(-1, 4))


def seen_of(predictions: Predictions) -> Seen:
    """The detections in order; ties by place: never by the order of arrival."""
    width, height = predictions.width_px, predictions.height_px
    boxes = predictions.boxes_xyxy / np.array([width, height, width, height], np.float64)
    order = np.lexsort((predictions.labels, *boxes.T[::-1], -predictions.confidences))
    return Seen(predictions.labels[order], predictions.confidences[order], boxes[order])


def only_labels(seen: Seen, wanted: frozenset[int]) -> Seen:
    """Those of these labels; one thing under two of their names once, as its surest box."""
    chosen = seen.only(np.isin(seen.labels, list(wanted)))
    return chosen.only(distinct(chosen.boxes_xyxy, chosen.labels, np.zeros_like(chosen.labels)))


def _drawn(boxes: Iterable[LabelledBox], wanted: frozenset[int]) -> list[LabelledBox]:
    drawn = (labelled for labelled in boxes if labelled.label in wanted)
    return sorted(drawn, key=lambda labelled: (labelled.box.xyxy, labelled.label))


def _matched(picture: LabelledPicture, predictions: Predictions, wanted: frozenset[int]) -> MatchedPicture:
    places = places_of(picture, wanted)
    seen = only_labels(seen_of(predictions), wanted)
    all_count = np.ones(len(places.things_xyxy), np.bool_)
    pairs = pair(overlaps(places, seen.boxes_xyxy), all_count, thresholds=IOU_THRESHOLDS[:1])
    hits, ignored = pairs.hits[0], pairs.ignored[0]
    return MatchedPicture(picture.path, picture.source, places, seen.boxes_xyxy, seen.confidences, hits, ignored)


def distinct(boxes: Floats, labels: Integers, groups: Integers) -> Integers:
    """Positions of the boxes without those that an earlier one of another label of the same group covers."""
    if len(set(labels.tolist())) == len(set(groups.tolist())):  # no group has two labels here
        return np.arange(len(labels))
    rivals = (groups[:, None] == groups) & (labels[:, None] != labels) & (ious(boxes, boxes) >= _SAME_THING_IOU)
    kept: list[int] = []
    for i in range(len(boxes)):
        if not rivals[i, kept].any():
            kept.append(i)
    return np.array(kept, np.int64)
