"""Scores of a detector, picture after picture: what was scored is not kept, so memory does not follow the pictures."""

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from cvinspect.evaluate.detections.columns import Column, Size
from cvinspect.evaluate.detections.confusion import Confusion
from cvinspect.evaluate.detections.curves import PrecisionRecall, precision_recall
from cvinspect.evaluate.detections.disjoint_groups import DisjointGroups, Group, Judged
from cvinspect.evaluate.detections.matching import Predictions, seen_of
from cvinspect.evaluate.detections.pairing import IOU_THRESHOLDS, Floats, Integers
from cvinspect.evaluate.detections.worst import DrawnThing, Foremost, JudgedPicture, RaisedDetection
from cvinspect.evaluate.labelled.yolo_dataset import LabelledPicture
from cvinspect.evaluate.statistics.rates import Tally
from cvinspect.geometry import Box

WORST_SHOWN = 12
SLOWEST_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Average:
    """COCO's AP of things of one size; None where there is none."""

    things: int
    ap50: float | None
    """At IoU 0.50, in [0, 1]."""
    ap50_95: float | None
    """Mean over IoU 0.50, 0.55 ... 0.95, in [0, 1]."""


@dataclass(frozen=True, slots=True, eq=False)
class GroupScore:
    """How well one label, or a family of labels taken as one, is detected."""

    name: str
    labels: tuple[str, ...]
    """One, or the family's."""
    pictures: int
    """On which it may be scored: people drew all of it there."""
    averages: Mapping[Size, Average]
    tally: Tally
    """At the thresholds of its labels."""
    curve: PrecisionRecall | None
    """At IoU 0.50; None where there is nothing to find."""


class Scoreboard:
    """Adds up what a detector got right and wrong. Give it the pictures in order of their paths.

    Detections of equal confidence in two pictures are counted in the pictures' order, as COCO does.
    """

    def __init__(
        self, names: Sequence[str], *, thresholds: Sequence[float], families: Mapping[str, Sequence[str]] | None = None
    ) -> None:
        """Labels of the data set, each with the confidence from which on a detection counts, in [0, 1]."""
        self._names = tuple(names)
        self._thresholds = np.array(thresholds, np.float64)
        each = [Group(name, (name,), frozenset([i])) for i, name in enumerate(names)]
        self._labels = DisjointGroups(each, labels=len(names))
        self._families = [
            DisjointGroups([Group(name, tuple(labels), frozenset(map(self._names.index, labels)))], labels=len(names))
            for name, labels in (families or {}).items()
        ]
        self._confusion = Confusion(len(names))
        self._worst = Foremost(WORST_SHOWN, lambda picture: picture.errors)
        self._slowest = Foremost(SLOWEST_SHOWN, lambda picture: picture.elapsed_s or 0.0)
        self._elapsed_s = array("f")
        self.pictures = 0

    def add(self, picture: LabelledPicture, predictions: Predictions, *, elapsed_s: float | None = None) -> None:
        """One picture with everything a detector says of it; `elapsed_s` is what that took."""
        self.pictures += 1
        seen = seen_of(predictions)
        seen = seen.only((seen.labels >= 0) & (seen.labels < len(self._names)))
        raised = seen.confidences >= self._thresholds[seen.labels]
        sides_px = predictions.width_px, predictions.height_px
        for family in self._families:
            family.add(picture, seen, raised, sides_px=sides_px)
        judged = self._labels.add(picture, seen, raised, sides_px=sides_px)
        self._confusion.add(judged)
        shown = self._shown(picture, judged, elapsed_s)
        self._worst.add(shown)
        if elapsed_s is not None:
            self._elapsed_s.append(elapsed_s)
            self._slowest.add(shown)

    @property
    def labels(self) -> tuple[GroupScore, ...]:
        """Every label, in their order."""
        return _scores(self._labels)

    @property
    def families(self) -> tuple[GroupScore, ...]:
        """Every family, in their order."""
        return tuple(score for lane in self._families for score in _scores(lane))

    @property
    def confusion(self) -> Integers:
        """(labels + 1, labels + 1) drawn by detected, background last."""
        return self._confusion.counts

    @property
    def worst(self) -> tuple[JudgedPicture, ...]:
        """The pictures with the most errors."""
        return self._worst.pictures

    @property
    def slowest(self) -> tuple[JudgedPicture, ...]:
        """The pictures that took longest; none where nothing was timed."""
        return self._slowest.pictures

    @property
    def elapsed_s(self) -> Floats:
        """What each timed picture took, (n,)."""
        return np.frombuffer(self._elapsed_s, np.float32).astype(np.float64)

    def _shown(self, picture: LabelledPicture, judged: Judged, elapsed_s: float | None) -> JudgedPicture:
        drawn = zip(
            judged.things.groups.tolist(), judged.things.boxes_xyxy.tolist(), judged.found.tolist(), strict=True
        )
        raised = judged.raised
        columns = (raised.labels, raised.confidences, raised.boxes_xyxy, judged.hits)
        return JudgedPicture(
            picture.path,
            tuple(DrawnThing(self._names[label], Box(*place), found) for label, place, found in drawn),
            tuple(
                RaisedDetection(self._names[label], confidence, Box(*box), hit)
                for label, confidence, box, hit in zip(*(column.tolist() for column in columns), strict=True)
            ),
            elapsed_s,
        )


def _scores(lane: DisjointGroups) -> tuple[GroupScore, ...]:
    return tuple(_score(lane, number) for number in range(len(lane.groups)))


def _score(lane: DisjointGroups, number: int) -> GroupScore:
    group, column = lane.groups[number], lane.columns.of(number)
    whole = column.ranked(Size.ALL, 0)
    return GroupScore(
        group.name,
        group.labels,
        int(lane.pictures[number]),
        {size: _average(column, size) for size in Size},
        lane.tally(number),
        precision_recall(whole) if whole.things else None,
    )


def _average(column: Column, size: Size) -> Average:
    things = int(column.things[size])
    if not things:
        return Average(0, None, None)
    each = [precision_recall(column.ranked(size, level)).area for level in range(len(IOU_THRESHOLDS))]
    return Average(things, each[0], float(np.mean(each)))
