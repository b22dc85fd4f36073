"""How fast a camera's clock runs beside ours, told from when its packets come."""

from collections import deque

import numpy as np

OFF_SHARE = 0.03
"""A clock that is off by more than this over a minute is wrong; by less, it drifts."""

_OFF_S = 1.5
"""So far a clock may be off before it is called wrong at once: more than reordering or jitter,
less than the 3 s from which a reader takes itself to have fallen behind."""

_USUAL_GAPS = 2.0
_USUAL_S = 1.0
"""A gap of so many usual ones and this much more is a stall: what comes after it is late, whatever the clock."""

_SECOND_S = 1.0
_MINUTE_S = 60.0
_LEAST_POINTS = 5
_STRAIGHT_SHARE = 0.1
_STRAIGHT_S = 0.05
"""A clock that runs evenly wrong bends the delays of a minute by no more than this; stalls and bursts do."""

_WINDOWS = 60
_LEAST_WINDOWS = 10
"""Drift is the slope of the least delay of each minute, over up to an hour, and not told before ten minutes."""


class Gait:
    """Whether the camera's clock gains or loses on ours faster than it may: two sums (CUSUM), each with a leak.

    Counted are packets that were waited for, as they came at their usual pace: what had piled up, here or on the way,
    tells nothing of the clock.
    """

    def __init__(self) -> None:
        self._gains = _Sum()
        self._loses = _Sum()
        self._usual_s = 0.0
        self._steps = 0

    def step(self, *, shown_s: float, gap_s: float, lag_s: float, ahead_s: float) -> float | None:
        """How fast the camera's clock runs, 1 being right, once it is off by too much; else None.

        The next packet shows `shown_s` more on the camera's clock and came `gap_s` after the one before, `lag_s` later
        than the quickest, or was itself the quickest by `ahead_s`.
        """
        is_usual = self._steps < 2 or gap_s <= _USUAL_S + _USUAL_GAPS * self._usual_s
        self._usual_s += (gap_s - self._usual_s) / min(self._steps + 1, 30)
        self._steps += 1
        if not is_usual:
            return None
        leak_s = OFF_SHARE * gap_s
        self._loses.add(gap_s - shown_s - leak_s, shown_s, gap_s, most_s=lag_s)
        self._gains.add(ahead_s - leak_s, shown_s, gap_s, most_s=float("inf"))
        for one in (self._gains, self._loses):
            if one.sum_s > _OFF_S:
                return one.rate
        return None


class _Sum:
    """What piled up since it was last nothing."""

    def __init__(self) -> None:
        self.sum_s = 0.0
        self._shown_s = 0.0
        self._passed_s = 0.0

    def add(self, by_s: float, shown_s: float, gap_s: float, *, most_s: float) -> None:
        self.sum_s = min(max(0.0, self.sum_s + by_s), max(0.0, most_s), 2 * _OFF_S)
        self._shown_s += shown_s
        self._passed_s += gap_s
        if self.sum_s == 0.0:
            self._shown_s = self._passed_s = 0.0

    @property
    def rate(self) -> float | None:
        return self._shown_s / self._passed_s if self._passed_s > 0 else None


class MinuteRate:
    """The slope of the least delay of each second, over the last minute, or the half of it that has passed."""

    def __init__(self) -> None:
        self.is_whole = False
        """Whether a minute has passed."""
        self.slope: float | None = None
        """Seconds a second by which packets come later and later; None where they do not lie on a line, or are few."""
        self._points: deque[tuple[float, float]] = deque()
        self._now: tuple[float, float] | None = None
        self._until_s = 0.0

    def note(self, arrived_s: float, delay_s: float) -> None:
        """Take in one packet that was waited for."""
        if self._now is not None and arrived_s >= self._until_s:
            self._points.append(self._now)
            self._now = None
            self._measure(arrived_s)
        if self._now is None:
            self._until_s = arrived_s + _SECOND_S
        if self._now is None or delay_s < self._now[1]:
            self._now = arrived_s, delay_s

    def _measure(self, now_s: float) -> None:
        while self._points and self._points[0][0] < now_s - _MINUTE_S - _SECOND_S:
            self._points.popleft()
        self.slope = None
        if len(self._points) < _LEAST_POINTS or now_s - self._points[0][0] < _MINUTE_S / 2:
            return
        self.is_whole = now_s - self._points[0][0] >= _MINUTE_S - _SECOND_S
        at_s, delay_s = np.array(self._points).T
        slope, level = np.polyfit(at_s - at_s.mean(), delay_s, 1)
        bent_s = float(np.abs(delay_s - (slope * (at_s - at_s.mean()) + level)).max())
        if bent_s <= _STRAIGHT_SHARE * abs(slope) * _MINUTE_S + _STRAIGHT_S:
            self.slope = float(slope)


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
        """Take in one packet's delay."""
        if self._now is not None and arrived_s >= self._until_s:
            self._least.append(self._now)
            self._now = None
            self._measure()
        if self._now is None:
            self._until_s = arrived_s + _MINUTE_S
        if self._now is None or delay_s < self._now[1]:
            self._now = arrived_s, delay_s

    def _measure(self) -> None:
        if len(self._least) < _LEAST_WINDOWS:
            return
        at_s, delay_s = np.array(self._least).T
        at_s -= at_s.mean()
        self.share = -float(at_s @ delay_s / (at_s @ at_s))
