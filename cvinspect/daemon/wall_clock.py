"""Whether the wall clock may be believed where pictures are thrown away by their age: a clock once set wrong by years
would take all of them."""

from collections.abc import Callable
from datetime import datetime, timedelta

from cvinspect.store.evidence_index import EvidenceIndex

_FAR = timedelta(days=366)
"""Longer than a site is without any record, and shorter than a lost clock is wrong by."""

_SETTLED = timedelta(days=7)
"""So long people have to set a clock right. Records younger than that may be of the very clock that is wrong: they say
nothing for it."""

_LEAP = timedelta(days=1)
"""Against a clock that nobody sets; zones, summer time and NTP are less."""


class WallClock:
    """Judged by what was recorded before, and, where the program runs on, by a clock that nobody sets."""

    def __init__(
        self, index: EvidenceIndex, *, now: Callable[[], datetime], seconds: Callable[[], float] | None = None
    ) -> None:
        """`now` is the wall clock, aware; `seconds` the other one, None where nothing runs for long."""
        self._index = index
        self._now = now
        self._seconds = seconds
        self._began = now()
        self._began_s = 0.0 if seconds is None else seconds()
        self._leapt_s: float | None = None
        """When it was first seen to be set."""

    def doubt(self) -> str | None:
        """Why it is not believed, one line; None where it is. Raises DeliveryDelayed or DeliveryError."""
        now = self._now()
        leapt = None if self._seconds is None else self._leap(now, self._seconds())
        if leapt is not None:
            return leapt
        last = self._index.last_recorded()
        if last is None:
            return None
        if last - now > _LEAP:
            return f"the clock says {_shown(now)}, and the last record was made on {_shown(last)}"
        settled = self._index.last_recorded(before=now - _SETTLED) or last
        if now - settled > _FAR:
            return f"the clock says {_shown(now)}, and the last record of more than a week ago is of {_shown(settled)}"
        return None

    def _leap(self, now: datetime, now_s: float) -> str | None:
        """What is said of a clock that was set; of one that has been left so for long, nothing."""
        expected = self._began + timedelta(seconds=now_s - self._began_s)
        if abs(now - expected) <= _LEAP:
            self._leapt_s = None
            return None
        self._leapt_s = now_s if self._leapt_s is None else self._leapt_s
        if now_s - self._leapt_s > _SETTLED.total_seconds():
            self._began, self._began_s, self._leapt_s = now, now_s, None
            return None
        return f"the clock says {_shown(now)}, and was set since the start; {_shown(expected)} would be right"


def _shown(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}"
