"""Whether the times that a camera stamps its pictures with can be believed, measured by when the pictures come."""

from dataclasses import dataclass
from math import remainder

from cvinspect.sources.live.stamp_rate import OFF_SHARE, Drift, Gait, MinuteRate

_REORDERED_S = 1.0
"""Packets come in the order of decoding, so a time may fall back by this much; more is a leap."""

_LEAP_S = 1.0
"""A time that is this much, and once more the gap before it, ahead of what has gone by here is a leap too: a clock that
runs half as fast again shows that at each picture, which may be seconds apart."""

_STAYS_S = 1.0
_STAYS_PACKETS = 3
"""A leap that was kept up for so long is the camera's new time of day."""

_STILL_S = 0.5
_STILL_LONG_S = 2.0
_STILL_PACKETS = 3
_STILL_MANY = 8
"""So many packets, in so much time, none of which moves the time on: no order of decoding does that."""
_STILL = "its time stamps stand still or run backwards"
_STILL_RATE = 0.01

_RESAID = 0.05
"""A rate that was told is told anew when it has changed by more than this."""

_MINDED_S = 60.0
"""Stamps that were wrong are believed again after this long without a fault."""

_CREEP = 0.0002
"""Seconds a second by which the least delay is let rise: twice what quartz clocks differ, so that a slow camera clock
does not pass for a lag; a lag of 5 s is still seen for seven hours. A clock that was measured slower gets more."""

RTP_WRAP_S = 2**32 / 90_000
_WRAPS_S = (RTP_WRAP_S, 2**33 / 90_000)
"""RTP and MPEG-TS count so far and begin again: no fault of the clock."""
_WRAP_SLACK_S = 2.0


@dataclass(slots=True)
class _Leap:
    """A leap that may stay."""

    shift_s: float
    since_s: float
    packets: int = 1


class StampJudge:
    """Judges the stamps of one connection.

    A delay is the arrival less the stamp. The least one is taken for none at all; what a packet's is above that is its
    lag.
    """

    def __init__(self, *, doubt: str | None = None, wraps_s: float | None = None) -> None:
        """`doubt`: what was wrong with the stamps in the connection before.

        `wraps_s`: the stamps count up to this and begin again, so that far ahead may be a little back.
        """
        self._wraps_s = wraps_s
        self.drift = Drift()
        self.least_s = 0.0
        """The least delay of a stamp, as `see` returns it."""
        self._says = doubt
        self._bad_s: float | None = None
        self._now_s = self._before_s = 0.0
        """When the present packet came, and the one before."""
        self._shift_s: float | None = None
        """To be added to a stamp; changes where the camera's clock leaps for good."""
        self._last: tuple[float, float] = (0.0, 0.0)
        """The last stamp that fitted, shifted, and when it came."""
        self._front_s = 0.0
        self._leap: _Leap | None = None
        self._still: tuple[float, float, int] | None = None
        """The last stamp, since when they have not moved on, and how many."""
        self._said_rate: float | None = None
        self._gait = Gait()
        self._minute = MinuteRate()

    @property
    def trouble(self) -> str | None:
        """What is wrong with the stamps, in words; None while they can be believed."""
        return self._says

    def see(self, presented_s: float, *, arrived_s: float, is_waited_for: bool = True) -> float | None:
        """The stamp of the next packet, shifted onto our clock so that leaps are taken out; None where it does not fit.

        `is_waited_for`: it came just now, and had not piled up before.
        """
        self._before_s, self._now_s = self._now_s, arrived_s
        if self._says is not None and self._bad_s is None:
            self._bad_s = arrived_s
        found_s = self._placed(presented_s, arrived_s)
        if found_s is not None:
            self._measure(found_s, arrived_s, is_waited_for=is_waited_for)
            self._last, self._front_s = (found_s, arrived_s), max(self._front_s, found_s)
        self._see_still(presented_s, arrived_s)
        if self._bad_s is not None and arrived_s - self._bad_s >= _MINDED_S:
            self._says = self._bad_s = None
        return found_s

    def _placed(self, presented_s: float, arrived_s: float) -> float | None:
        if self._shift_s is None:
            self._shift_s = arrived_s - presented_s
            self._last, self._front_s = (arrived_s, arrived_s), arrived_s
            return arrived_s
        found_s = presented_s + self._shift_s
        if not self._is_leap(found_s, arrived_s):
            if self._leap is not None:
                self._leap = None
                self._blame("its time stamps leap and come back")
            return found_s
        return self._after_leap(presented_s, arrived_s)

    def _is_leap(self, found_s: float, arrived_s: float) -> bool:
        if found_s < self._front_s - _REORDERED_S:
            return True
        step_s, gap_s = found_s - self._last[0], arrived_s - self._last[1]
        ahead_s = self.least_s - (arrived_s - found_s)
        return ahead_s > _LEAP_S and step_s - gap_s > _LEAP_S + arrived_s - self._before_s

    def _after_leap(self, presented_s: float, arrived_s: float) -> float | None:
        expected_s = self._last[0] + arrived_s - self._last[1]
        leap = self._leap
        if leap is None or abs(presented_s + leap.shift_s - expected_s) > _LEAP_S:
            if leap is not None:
                self._blame("its time stamps leap about")
            self._leap = _Leap(expected_s - presented_s, arrived_s)
            return None
        leap.packets += 1
        if leap.packets < _STAYS_PACKETS or arrived_s - leap.since_s < _STAYS_S:
            return None
        by_s = (self._shift_s or 0.0) - leap.shift_s
        if not any(abs(abs(by_s) - wrap_s) < _WRAP_SLACK_S for wrap_s in _WRAPS_S):
            told_s = by_s if self._wraps_s is None else remainder(by_s, self._wraps_s)
            self._blame(f"its clock leapt by {told_s:+.0f} s")
        self._shift_s, self._leap = leap.shift_s, None
        self._front_s = presented_s + leap.shift_s
        return self._front_s

    def _see_still(self, presented_s: float, arrived_s: float) -> None:
        before = self._still
        if before is None or presented_s > before[0]:
            self._still = presented_s, arrived_s, 1
            return
        _, since_s, packets = before
        self._still = presented_s, since_s, packets + 1
        still_s = arrived_s - since_s
        is_many = packets + 1 >= _STILL_MANY or still_s >= _STILL_LONG_S
        if packets + 1 >= _STILL_PACKETS and still_s >= _STILL_S and is_many:
            self._blame(_STILL)

    def _measure(self, found_s: float, arrived_s: float, *, is_waited_for: bool) -> None:
        delay_s, gap_s = arrived_s - found_s, arrived_s - self._last[1]
        self.drift.note(arrived_s, delay_s)
        slope = self._minute.slope or 0.0
        least_s = self.least_s + max(_CREEP, min(slope, OFF_SHARE)) * gap_s
        self.least_s = min(least_s, delay_s)
        if not is_waited_for:
            return
        self._minute.note(arrived_s, delay_s)
        rate = self._gait.step(
            shown_s=found_s - self._last[0], gap_s=gap_s, lag_s=delay_s - self.least_s,
            ahead_s=max(0.0, least_s - delay_s),
        )  # fmt: skip
        if rate is None and abs(slope) > OFF_SHARE and self._minute.is_whole:
            rate = 1.0 - slope
        if rate is not None:
            self._blame_rate(rate)

    def _blame_rate(self, rate: float) -> None:
        if self._said_rate is None or abs(rate - self._said_rate) > _RESAID:
            self._said_rate = rate
        said = self._said_rate
        self._blame(_STILL if said < _STILL_RATE else f"its clock runs {said:.2f} times as fast as ours")

    def _blame(self, says: str) -> None:
        self._says, self._bad_s = says, self._now_s
