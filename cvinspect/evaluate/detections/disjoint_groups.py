"""Labels, or a family of labels taken as one, scored side by side: they do not meet, so one pass does for all."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cvinspect.evaluate.detections.columns import Columns, Grouped
from cvinspect.evaluate.detections.matching import Seen, distinct
from cvinspect.evaluate.detections.pairing import IOU_THRESHOLDS, Flags, Floats, Integers, Places, overlaps, pair
from cvinspect.evaluate.labelled.label_file import LabelledBox
from cvinspect.evaluate.labelled.yolo_dataset import LabelledPicture
from cvinspect.evaluate.statistics.rates import Tally


@dataclass(frozen=True, slots=True)
class Group:
    """A label or a family."""

    name: str
    labels: tuple[str, ...]
    numbers: frozenset[int]
    """Of its labels, among the data set's names."""


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """One picture at the thresholds, as far as it can judge."""

    things: Grouped
    found: Flags
    """(m,)."""
    raised: Seen
    """Detections at or above their thresholds, those in doubtful places left out."""
    hits: Flags
    """(n,)."""


class DisjointGroups:
    """Groups of which no label is in two."""

    def __init__(self, groups: Sequence[Group], *, labels: int) -> None:
        """`labels` is how many label names the data set has."""
        self.groups = tuple(groups)
        self.columns = Columns(len(groups))
        self.pictures: Integers = np.zeros(len(groups), np.int64)
        """On which each group may be scored."""
        self._group_of = np.full(labels, -1, np.int64)
        for number, group in enumerate(groups):
            self._group_of[list(group.numbers)] = number
        self._hits, self._alarms, self._misses = (np.zeros(len(groups), np.int64) for _ in range(3))

    def add(self, picture: LabelledPicture, seen: Seen, raised: Flags, *, sides_px: tuple[int, int]) -> Judged:
        """One picture with all that was seen in it (n,), the surest first, and which of that reaches its threshold."""
        judges = np.array([not picture.complete.isdisjoint(group.numbers) for group in self.groups])
        self.pictures += judges
        groups = np.where((self._group_of >= 0) & judges[self._group_of], self._group_of, -1)  # -1: not judged here
        things, doubtful = (self._drawn(boxes, groups) for boxes in (picture.boxes, picture.doubtful))
        own = groups[seen.labels] >= 0
        seen, raised = seen.only(own), raised[own]
        overlap = self._overlap(things, doubtful, seen)
        every, sure = (self._told_apart(seen, chosen) for chosen in (np.arange(len(raised)), np.flatnonzero(raised)))
        detections = Grouped(self._group_of[seen.labels[every]], seen.boxes_xyxy[every])
        confidences = seen.confidences[every]
        self.columns.add(things, detections, confidences, overlap=overlap[every], sides_px=sides_px)
        return self._judged(things, seen.only(sure), overlap[sure])

    def tally(self, group: int) -> Tally:
        """At the thresholds."""
        return Tally(int(self._hits[group]), int(self._alarms[group]), int(self._misses[group]))

    def _drawn(self, boxes: Sequence[LabelledBox], groups: Integers) -> Grouped:
        drawn = sorted((one for one in boxes if groups[one.label] >= 0), key=lambda one: (one.box.xyxy, one.label))
        labels = np.array([one.label for one in drawn], np.int64)
        places = np.array([one.box.xyxy for one in drawn], np.float64).reshape(-1, 4)
        kept = distinct(places, labels, self._group_of[labels])
        return Grouped(groups[labels[kept]], places[kept])

    def _told_apart(self, seen: Seen, chosen: Integers) -> Integers:
        """Those of the chosen that are not another one under another name."""
        labels = seen.labels[chosen]
        return chosen[distinct(seen.boxes_xyxy[chosen], labels, self._group_of[labels])]

    def _overlap(self, things: Grouped, doubtful: Grouped, seen: Seen) -> Floats:
        overlap = overlaps(Places(things.boxes_xyxy, doubtful.boxes_xyxy), seen.boxes_xyxy)
        others = np.concatenate([things.groups, doubtful.groups])
        overlap[self._group_of[seen.labels][:, None] != others[None, :]] = 0.0
        return overlap

    def _judged(self, things: Grouped, sure: Seen, overlap: Floats) -> Judged:
        all_count = np.ones(len(things.groups), np.bool_)
        pairs = pair(overlap, all_count, thresholds=IOU_THRESHOLDS[:1])
        counted, found = ~pairs.ignored[0], pairs.taken[0]
        raised, hits = sure.only(counted), pairs.hits[0][counted]
        groups = self._group_of[raised.labels]
        np.add.at(self._hits, groups[hits], 1)
        np.add.at(self._alarms, groups[~hits], 1)
        np.add.at(self._misses, things.groups[~found], 1)
        return Judged(things, found, raised, hits)
