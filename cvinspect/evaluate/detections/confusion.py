"""Which label was taken for which, background included. Pure."""

import numpy as np
from numpy.typing import NDArray

from cvinspect.evaluate.detections.disjoint_groups import Judged
from cvinspect.evaluate.detections.pairing import MATCH_IOU, ious


class Confusion:
    """Counts by label drawn (row) and label detected (column); the last row and column are background.

    The diagonal holds the hits, a row sums to the things drawn, a column to the detections raised, each only where
    the source labels that label. What nobody drew is never a miss, and what nobody could judge never an alarm.
    """

    def __init__(self, labels: int) -> None:
        self.counts: NDArray[np.int64] = np.zeros((labels + 1, labels + 1), np.int64)

    def add(self, judged: Judged) -> None:
        """One picture, each group a label.

        A false alarm on a missed thing of another label, IoU at least 0.5, is a confusion of the two: the surest
        alarm first, with the missed thing that it overlaps most.
        """
        labels, places, found = judged.things.groups, judged.things.boxes_xyxy, judged.found
        seen, hits = judged.raised, judged.hits
        background = len(self.counts) - 1
        np.add.at(self.counts, (labels[found], labels[found]), 1)
        missed, alarms = np.flatnonzero(~found), np.flatnonzero(~hits)
        overlap = ious(seen.boxes_xyxy[alarms], places[missed])
        overlap[seen.labels[alarms][:, None] == labels[missed][None, :]] = 0.0
        for row, alarm in enumerate(alarms):
            best = int(np.argmax(overlap[row])) if len(missed) else 0
            if len(missed) and overlap[row, best] >= MATCH_IOU:
                self.counts[labels[missed[best]], seen.labels[alarm]] += 1
                overlap[:, best] = -1.0
            else:
                self.counts[background, seen.labels[alarm]] += 1
        lost = missed if not len(alarms) else missed[(overlap >= 0).all(axis=0)]
        np.add.at(self.counts, (labels[lost], np.full(len(lost), background)), 1)
