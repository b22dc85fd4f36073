"""The hours of a local day at which a rule holds."""

from collections.abc import Callable, Sequence
from datetime import time

from cvinspect.taxonomy import Hours

_DAY_S = 86_400.0

Holds = Callable[[float], bool]
"""Whether something is so at a second of the local day."""


def holds_in(hours: Sequence[Hours], *, but_for: Sequence[Hours] = ()) -> Holds | None:
    """Whether a rule holds at a second of the day: within `hours` (none: always) and outside `but_for`.

    None: it holds at every second.
    """
    if not hours and not but_for:
        return None
    inside, outside = [_seconds(one) for one in hours], [_seconds(one) for one in but_for]
    return lambda day_s: (not inside or _is_in(day_s, inside)) and not _is_in(day_s, outside)


def longest_s(hours: Sequence[Hours], *, but_for: Sequence[Hours] = (), gap_s: float) -> float:
    """How long at a stretch a rule holds, pauses of up to `gap_s` included; infinite where it always does."""
    holds = holds_in(hours, but_for=but_for)
    if holds is None:
        return float("inf")
    ends_s = {0.0, *(end for one in (*hours, *but_for) for end in _seconds(one))}
    borders_s = sorted(one for one in ends_s if one < _DAY_S)
    pieces = list(zip(borders_s, [*borders_s[1:], _DAY_S], strict=True))
    held = [(begin + day * _DAY_S, end + day * _DAY_S) for day in range(3) for begin, end in pieces if holds(begin)]
    longest, since, until = 0.0, 0.0, float("-inf")
    for begin, end in held:
        since = since if begin - until <= gap_s else begin
        until = end
        longest = max(longest, until - since)
    return float("inf") if longest > 2 * _DAY_S else longest


def _seconds(hours: Hours) -> tuple[float, float]:
    """Begin and end; the end of the day is its last second's end."""
    return _second(hours.start), _DAY_S if hours.end == time.max else _second(hours.end)


def _second(moment: time) -> float:
    return moment.hour * 3600 + moment.minute * 60 + moment.second + moment.microsecond / 1e6


def _is_in(day_s: float, spans_s: Sequence[tuple[float, float]]) -> bool:
    return any(begin <= day_s < end if begin <= end else day_s >= begin or day_s < end for begin, end in spans_s)
