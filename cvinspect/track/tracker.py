"""Matching by overlap and motion, in seconds.

The two rounds follow ByteTrack (Zhang et al., 2022, "ByteTrack: Multi-Object Tracking by Associating Every
Detection Box", section 3): sure detections are matched first and may begin a track; unsure ones only carry on a
track that nothing sure was found for. Identity over longer gaps is the ledger's, by place, not the tracker's.
"""

from collections import deque
from collections.abc import Mapping, Sequence
from itertools import pairwise
from statistics import median

import numpy as np

from cvinspect.assignment import best_pairs
from cvinspect.domain import Detection, Track
from cvinspect.geometry import Box, iou
from cvinspect.track.stillness import Stillness

_SURE_IOU = 0.3
_UNSURE_IOU = 0.5
"""An unsure detection must lie closer to where the thing was."""

_LOST_PERIODS = 2.5
_PERIODS = 5
"""Samples may be key frames now and all frames then: how far apart they are is measured."""

_FASTEST_SIZES_PER_S = 8.0
"""A prediction further than this (in sizes of the thing a second) is a mismatch, not motion."""


class _Followed:
    """One thing being followed."""

    def __init__(self, number: int, detection: Detection, at_s: float) -> None:
        self.number = number
        self.label = detection.label
        self.first_seen_s = at_s
        self.peak_confidence = 0.0
        self.stillness = Stillness()
        self.velocity = (0.0, 0.0)
        self.last = detection
        self.last_seen_s = at_s
        self.see(detection, at_s)

    def see(self, detection: Detection, at_s: float) -> None:
        """Carry on with what was matched."""
        passed = at_s - self.last_seen_s
        if passed > 0:
            self.velocity = _velocity(self.last.box, detection.box, passed)
        self.last, self.last_seen_s = detection, at_s
        self.peak_confidence = max(self.peak_confidence, detection.confidence)
        self.stillness.see(detection.box, at_s=at_s)

    def expected(self, at_s: float) -> Box:
        """Where its box should be: where it rests, else moved on as before."""
        if self.stillness.rest_since_s is not None:
            return self.stillness.smoothed
        passed = at_s - self.last_seen_s
        dx, dy = self.velocity[0] * passed, self.velocity[1] * passed
        box = self.last.box
        return Box(box.x0 + dx, box.y0 + dy, box.x1 + dx, box.y1 + dy)

    def fit(self, box: Box, at_s: float) -> float:
        """How well a box carries this on, in [0, 1]; one that did not move fits too."""
        return max(iou(self.expected(at_s), box), iou(self.last.box, box))

    def track(self) -> Track:
        """The noun for the stages that follow."""
        return Track(
            id=self.number,
            label=self.label,
            box=self.last.box,
            smoothed=self.stillness.smoothed,
            confidence=self.last.confidence,
            peak_confidence=self.peak_confidence,
            first_seen_s=self.first_seen_s,
            last_seen_s=self.last_seen_s,
            rest_since_s=self.stillness.rest_since_s,
        )


def _velocity(before: Box, after: Box, passed_s: float) -> tuple[float, float]:
    fastest = _FASTEST_SIZES_PER_S * before.size
    dx = (after.centre[0] - before.centre[0]) / passed_s
    dy = (after.centre[1] - before.centre[1]) / passed_s
    return float(np.clip(dx, -fastest, fastest)), float(np.clip(dy, -fastest, fastest))


class OverlapTracker:
    """Follows things of the same label by the overlap of their boxes."""

    def __init__(
        self, *, thresholds: Mapping[str, float], lost_s: float = 2.5, pause_s: float = 30.0, budget: int = 200
    ) -> None:
        """Begin tracks at `thresholds[label]`; forget them unseen for `lost_s` seconds, but not before two misses.

        Nothing is missed where nobody looked: what was seen last before a pause of up to `pause_s` may go on after it.

        Longer gaps are the ledger's to bridge: it looks at the place, so that one car of a queue is not taken for
        the next.

        At most `budget` tracks at once: a scene that makes more is broken, and what is cut is counted in `cut`.
        """
        self._thresholds = thresholds
        self._lost_s = lost_s
        self._pause_s = pause_s
        self._budget = budget
        self._updates_s: deque[float] = deque(maxlen=_PERIODS + 1)
        self._followed: list[_Followed] = []
        self._next = 1
        self.cut = 0

    def update(self, detections: Sequence[Detection], *, at_s: float) -> list[Track]:
        """The tracks that are seen at media second `at_s`, later than all before."""
        lost_s = max(self._lost_s, _LOST_PERIODS * self._period_s)
        before_s = self._updates_s[-1] if self._updates_s else at_s
        paused_since_s = before_s if at_s - before_s <= self._pause_s else at_s
        self._updates_s.append(at_s)
        self._followed = [
            one for one in self._followed if at_s - one.last_seen_s <= lost_s or one.last_seen_s >= paused_since_s
        ]
        sure = [d for d in detections if d.confidence >= self._thresholds.get(d.label, 1.0)]
        unsure = [d for d in detections if d.confidence < self._thresholds.get(d.label, 1.0)]
        seen, new = self._match(self._followed, sure, _SURE_IOU, at_s)
        rest = [one for one in self._followed if one not in seen]
        also, _ = self._match(rest, unsure, _UNSURE_IOU, at_s)
        return [one.track() for one in seen + also + self._begin(new, at_s)]

    @property
    def _period_s(self) -> float:
        """The usual time between two samples so far; 0 while there was but one."""
        steps_s = [after - before for before, after in pairwise(self._updates_s)]
        return median(steps_s) if steps_s else 0.0

    def _match(
        self, followed: Sequence[_Followed], detections: Sequence[Detection], least: float, at_s: float
    ) -> tuple[list[_Followed], list[Detection]]:
        """Those that were seen again, and the detections that fit none."""
        if not followed or not detections:
            return [], list(detections)
        fits = [[one.fit(d.box, at_s) if d.label == one.label else 0.0 for d in detections] for one in followed]
        pairs = best_pairs(fits, least=least)
        for row, column in pairs:
            followed[row].see(detections[column], at_s)
        taken = {column for _, column in pairs}
        return [followed[row] for row, _ in pairs], [d for i, d in enumerate(detections) if i not in taken]

    def _begin(self, detections: Sequence[Detection], at_s: float) -> list[_Followed]:
        room = max(0, self._budget - len(self._followed))
        self.cut += max(0, len(detections) - room)
        begun = [_Followed(self._next + i, d, at_s) for i, d in enumerate(detections[:room])]
        self._next += len(begun)
        self._followed += begun
        return begun
