"""Whether a thing is at rest: judged on smoothed boxes, since a detector's boxes jitter around a still thing."""

import math
from collections import deque
from statistics import median

from cvinspect.geometry import DRIFT_SHARE, Box, centre_distance, covered_share, has_drifted

_WINDOW_SAMPLES = 5
_WINDOW_S = 4.0
"""The median of five boxes lets two outliers pass by; four seconds keep it short when samples are far apart."""

_SETTLED_SHARE = 0.1
_SETTLING_S = 4.0
"""A car's last metre of braking is within the drift that a still thing is allowed, yet not rest: for the first
seconds the arrival is put where the boxes came within this much of the place. Bounded, since boxes may never stop
jittering."""

_FIRST_SHARE = 0.05
"""What is first seen at the end of its braking shows no motion before: if its first box is this much off the place, it
was not yet at rest. Boxes that jitter as much cost one sample of rest."""

_GROWTH = 1.6
"""A box that grows by more than this (in size) while its centre stays is nearing, or another thing."""

_HIDDEN_SHARE = 0.9
_SHRUNK_AREA = 0.35
"""What a passer-by hides of a still thing leaves a smaller box within the old one: not motion."""


class Stillness:
    """The resting state of one thing, fed with its boxes in order of time."""

    def __init__(self) -> None:
        self._recent: deque[tuple[float, Box]] = deque(maxlen=_WINDOW_SAMPLES)
        self._first_s: float | None = None
        self._anchor: Box | None = None
        self._anchor_s = 0.0
        self._arrival_s = 0.0
        self.smoothed = Box(0, 0, 0, 0)
        self.rest_since_s: float | None = None

    def see(self, box: Box, *, at_s: float) -> None:
        """Take the next box in, seen at media second `at_s`."""
        self._first_s = at_s if self._first_s is None else self._first_s
        self._recent.append((at_s, box))
        while at_s - self._recent[0][0] > _WINDOW_S:
            self._recent.popleft()
        self.smoothed = _median([recent for _, recent in self._recent])
        if self._anchor is None or not _has_stayed(self.smoothed, self._anchor):
            self._anchor, self._anchor_s = self.smoothed, at_s
            self._arrival_s = self._since(DRIFT_SHARE)
            self.rest_since_s = None
            return
        if at_s - self._anchor_s <= _SETTLING_S and not self._has_settled():
            self._arrival_s = max(self._arrival_s, self._since(_SETTLED_SHARE))
        self.rest_since_s = self._arrival_s

    def _has_settled(self) -> bool:
        return all(
            _has_stayed(box, self.smoothed, _SETTLED_SHARE) and not self._came_late(box, seen_s)
            for seen_s, box in self._recent
        )

    def _came_late(self, box: Box, seen_s: float) -> bool:
        """Whether this is the first box of all, and a little off the place: it came to rest after that."""
        return seen_s == self._first_s and has_drifted(box, self.smoothed, _FIRST_SHARE)

    def _since(self, tolerance: float) -> float:
        """Since when all recent boxes have been within `tolerance` (a share of the size) of where it is now.

        Where the last one that was not is known, what was left of the braking then is added.
        """
        since_s, near = self._recent[-1]
        for seen_s, box in reversed(self._recent):
            if not _has_stayed(box, self.smoothed, tolerance):
                still_braking_s = _braking_s(box, near, self.smoothed, since_s - seen_s)
                return min(since_s + still_braking_s, self._recent[-1][0])
            if self._came_late(box, seen_s):
                return since_s
            since_s, near = seen_s, box
        return since_s


def _braking_s(far: Box, near: Box, rest: Box, passed_s: float) -> float:
    """Seconds from `near` until rest for what was `far` off `passed_s` before, at an even deceleration.

    The distance is then as the square of the time that is left. At most `passed_s`: it nearly rests already.
    """
    gone, left = centre_distance(far, rest), centre_distance(near, rest)
    if left >= gone:
        return 0.0
    ratio = math.sqrt(left / gone)
    return min(passed_s * ratio / (1 - ratio), passed_s)


def _median(boxes: list[Box]) -> Box:
    """Edge by edge; of few numbers, Python's is several times as quick as numpy's."""
    x0, y0, x1, y1 = (median(edges) for edges in zip(*(box.xyxy for box in boxes), strict=True))
    return Box(x0, y0, x1, y1)


def _has_stayed(box: Box, anchor: Box, tolerance: float = DRIFT_SHARE) -> bool:
    if covered_share(box, anchor) >= _HIDDEN_SHARE and box.area >= _SHRUNK_AREA * anchor.area:
        return True
    is_as_large = anchor.size / _GROWTH <= box.size <= anchor.size * _GROWTH
    return is_as_large and not has_drifted(box, anchor, tolerance)
