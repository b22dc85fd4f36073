"""Shares that say how sure they are: precision and recall with their intervals."""

import math
from dataclasses import dataclass
from typing import Self

_Z95 = 1.959963984540054
"""The two-sided 95 % quantile of the normal distribution."""


@dataclass(frozen=True, slots=True)
class Rate:
    """`hits` of `of` trials, with the interval of E. B. Wilson (1927), "Probable Inference", JASA 22, p. 209-212.

    >>> round(Rate(194, 200).low, 3)
    0.936
    """

    hits: int
    of: int

    @property
    def share(self) -> float | None:
        """In [0, 1]; None without a trial."""
        return self.hits / self.of if self.of else None

    @property
    def low(self) -> float:
        """Lower end of the 95 % interval, in [0, 1]; 0 without a trial."""
        return 0.0 if self.hits == 0 else max(0.0, self._centre - self._reach)

    @property
    def high(self) -> float:
        """Upper end of the 95 % interval, in [0, 1]; 1 without a trial."""
        return 1.0 if self.hits == self.of else min(1.0, self._centre + self._reach)

    @property
    def _centre(self) -> float:
        return (self.hits + _Z95**2 / 2) / (self.of + _Z95**2)

    @property
    def _reach(self) -> float:
        spread = self.hits * (self.of - self.hits) / self.of + _Z95**2 / 4
        return _Z95 * math.sqrt(spread) / (self.of + _Z95**2)


@dataclass(frozen=True, slots=True)
class Tally:
    """What a detector got right and wrong at one threshold."""

    hits: int
    """Things found."""
    false_alarms: int
    """Detections of nothing, or of a thing that a surer one found already."""
    misses: int
    """Things not found."""

    def __add__(self, other: Self) -> "Tally":
        return Tally(self.hits + other.hits, self.false_alarms + other.false_alarms, self.misses + other.misses)

    @property
    def precision(self) -> Rate:
        """Hits of detections."""
        return Rate(self.hits, self.hits + self.false_alarms)

    @property
    def recall(self) -> Rate:
        """Hits of things."""
        return Rate(self.hits, self.hits + self.misses)

    @property
    def f1(self) -> float | None:
        """Harmonic mean of precision and recall, in [0, 1]; None without things and detections."""
        total = 2 * self.hits + self.false_alarms + self.misses
        return 2 * self.hits / total if total else None
