"""When a live picture was captured: its presentation time, laid on our clock by the packets that came quickest."""

from collections import deque
from dataclasses import dataclass

import numpy as np

from cvinspect.sources.decoding.sampler import RESET_S

_AHEAD_S = 10.0
"""A presentation time that is this much ahead of what has gone by here is a leap of the camera's clock."""

_CREEP = 0.0002
"""Seconds a second by which the least delay is let rise: twice what quartz clocks differ, so that a slow camera clock
does not pass for a lag; a lag of 5 s is still seen for seven hours."""

_WINDOW_S = 60.0
_WINDOWS = 60
_LEAST_WINDOWS = 10
"""Drift is the slope of the least delay of each minute, over up to an hour, and not told before ten minutes."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """The times of one frame."""

    media_s: float
    """Seconds since the run began; never back."""
    captured_s: float
    """On the steady clock; never back, never after the arrival."""


class RunClock:
    """The clock of one run.

    Delay is arrival less media time. Its minimum over the run is taken for no delay at all; what a frame's delay is
    above that is its lag. A reader that drains a slow network thus stamps late frames with the time they show.
    """

    def __init__(self) -> None:
        self.drift = Drift()
        self._base_s: float | None = None
        """Presentation time of media second 0."""
        self._least_s = 0.0
        self._last: tuple[Stamp, float] | None = None
        """The frame before, and when it arrived."""

    def stamp(self, presented_s: float | None, *, arrived_s: float) -> Stamp | None:
        """The times of the next frame, or None where the presentation times leap: a new run must begin.

        `presented_s` is on the camera's clock, None where unknown (the first frame's always is).
        """
        if self._last is None:
            return self._first(presented_s, arrived_s)
        before, before_s = self._last
        expected_s = before.media_s + (arrived_s - before_s)
        if self._base_s is None and presented_s is not None:
            self._base_s = presented_s - expected_s
        media_s = expected_s if presented_s is None or self._base_s is None else presented_s - self._base_s
        least_s = self._least_s + _CREEP * (arrived_s - before_s)
        if media_s < before.media_s - RESET_S or arrived_s - media_s < least_s - _AHEAD_S:
            return None
        media_s = round(max(media_s, before.media_s), 6)
        self._least_s = min(least_s, arrived_s - media_s)
        self.drift.note(arrived_s, arrived_s - media_s)
        return self._keep(Stamp(media_s, max(before.captured_s, media_s + self._least_s)), arrived_s)

    def lag_s(self, presented_s: float, *, arrived_s: float) -> float:
        """How late it is that something with this presentation time comes only now; 0 while that cannot be told."""
        if self._base_s is None:
            return 0.0
        return max(0.0, arrived_s - (presented_s - self._base_s + self._least_s))

    def _first(self, presented_s: float | None, arrived_s: float) -> Stamp:
        self._base_s, self._least_s = presented_s, arrived_s
        return self._keep(Stamp(0.0, arrived_s), arrived_s)

    def _keep(self, stamp: Stamp, arrived_s: float) -> Stamp:
        self._last = stamp, arrived_s
        return stamp


class Drift:
    """How much faster the camera's clock runs than ours."""

    def __init__(self) -> None:
        self.share: float | None = None
        """Such as 0.0001 for 8.6 s a day; None until that can be told."""
        self._least: deque[tuple[float, float]] = deque(maxlen=_WINDOWS)
        """Of each whole minute the least delay, and when that was."""
        self._now: tuple[float, float] | None = None
        self._until_s = 0.0

    def note(self, arrived_s: float, delay_s: float) -> None:
        """Take in one frame's delay."""
        if self._now is not None and arrived_s >= self._until_s:
            self._least.append(self._now)
            self._now = None
            self._measure()
        if self._now is None:
            self._until_s = arrived_s + _WINDOW_S
        if self._now is None or delay_s < self._now[1]:
            self._now = arrived_s, delay_s

    def _measure(self) -> None:
        if len(self._least) < _LEAST_WINDOWS:
            return
        at_s, delay_s = np.array(self._least).T
        at_s -= at_s.mean()
        self.share = -float(at_s @ delay_s / (at_s @ at_s))
