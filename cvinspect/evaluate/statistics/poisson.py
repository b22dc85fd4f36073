"""How often something happens in a time, with its interval."""

import math
from dataclasses import dataclass

_TAIL = 0.025
"""On each side of a 95 % interval."""

_STEPS = 60
"""Halvings of the search: more than a float has digits."""

_REACH = 12.0
"""What is this many deviations below the mean weighs less than a float's last digit."""


@dataclass(frozen=True, slots=True)
class Frequency:
    """`count` happenings in `days`, with the exact interval of F. Garwood (1936), Biometrika 28, p. 437-442.

    >>> round(Frequency(0, 1.0).high, 3)
    3.689
    """

    count: int
    days: float
    """Watched by one camera."""

    @property
    def per_day(self) -> float | None:
        """None where nothing was watched."""
        return self.count / self.days if self.days > 0 else None

    @property
    def low(self) -> float:
        """Lower end of the 95 % interval, a day; 0 without a happening."""
        if self.count == 0 or self.days <= 0:
            return 0.0
        return _mean_at(self.count - 1, 1 - _TAIL) / self.days

    @property
    def high(self) -> float:
        """Upper end of the 95 % interval, a day; infinite where nothing was watched."""
        return _mean_at(self.count, _TAIL) / self.days if self.days > 0 else math.inf


def in_words(found: Frequency) -> str:
    """One line.

    >>> in_words(Frequency(2, 0.5))
    '4 a day (0.484 to 14.4): 2 in 12 h'
    """
    if found.per_day is None:
        return "no footage"
    hours = 24 * found.days
    span = f"{_written(found.low)} to {_written(found.high)}"
    return f"{_written(found.per_day)} a day ({span}): {found.count} in {hours:.3g} h"


def _written(value: float) -> str:
    """Three digits, never as a power of ten."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _mean_at(count: int, chance: float) -> float:
    """The mean at which `count` or fewer happenings have that chance."""
    low, high = 0.0, count + 10 * math.sqrt(count + 1) + 10
    for _ in range(_STEPS):
        middle = (low + high) / 2
        low, high = (middle, high) if _chance_of_at_most(count, middle) > chance else (low, middle)
    return (low + high) / 2


def _chance_of_at_most(count: int, mean: float) -> float:
    if mean <= 0:
        return 1.0
    first = max(0, int(mean - _REACH * math.sqrt(mean + 1) - _REACH))
    logs = (i * math.log(mean) - mean - math.lgamma(i + 1) for i in range(first, count + 1))
    return math.fsum(math.exp(value) for value in logs)
