"""When a camera's pictures were taken, as far as they were inspected."""

from array import array
from collections.abc import Callable, Iterator
from datetime import datetime, tzinfo
from itertools import pairwise
from statistics import median


class SampleTimes:
    """Grows with each inspected picture of one recording; 16 bytes each."""

    def __init__(self, timezone: tzinfo, *, is_single: bool = False, interval_s: float = 0.0) -> None:
        """`timezone` is the site's, in which rules have their hours; `is_single`: the recording is one picture.

        `interval_s`: how far apart its pictures are planned to be.
        """
        self.is_single = is_single
        self.interval_s = interval_s
        self._timezone = timezone
        self._media_s = array("d")
        self._day_s = array("d")

    def note(self, media_s: float, captured_at: datetime) -> None:
        """Another picture was inspected, `media_s` on the recording's clock, captured at that moment (aware)."""
        local = captured_at.astimezone(self._timezone)
        self._media_s.append(media_s)
        self._day_s.append(local.hour * 3600 + local.minute * 60 + local.second + local.microsecond / 1e6)

    def __len__(self) -> int:
        return len(self._media_s)

    @property
    def whole_s(self) -> float:
        """Seconds from the first picture to the last, breaks included; 0 where there are none."""
        return self._media_s[-1] - self._media_s[0] if self._media_s else 0.0

    @property
    def apart_s(self) -> float:
        """Seconds from one picture to the next, as the median; 0 where there is no next one."""
        return median(after - before for before, after in pairwise(self._media_s)) if len(self) > 1 else 0.0

    def longest_s(self, *, gap_s: float, holds: Callable[[float], bool] = lambda _: True) -> float | None:
        """The longest stretch of pictures in which none is missing for longer than `gap_s`; None: no picture.

        Only pictures count of whose second of the local day `holds` is true.
        """
        stretches = [end_s - begin_s for begin_s, end_s in self._stretches(gap_s, holds)]
        return max(stretches, default=None)

    def _stretches(self, gap_s: float, holds: Callable[[float], bool]) -> Iterator[tuple[float, float]]:
        begin_s = end_s = None
        for media_s, day_s in zip(self._media_s, self._day_s, strict=True):
            if not holds(day_s):
                continue
            if begin_s is None or end_s is None:
                begin_s = media_s
            elif not 0 <= media_s - end_s <= gap_s:
                yield begin_s, end_s
                begin_s = media_s
            end_s = media_s
        if begin_s is not None and end_s is not None:
            yield begin_s, end_s
