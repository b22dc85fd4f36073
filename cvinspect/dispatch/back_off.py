"""How long to wait before trying again."""

from collections.abc import Callable
from dataclasses import dataclass

LONGEST_ASKED_S = 3600.0
"""A receiver that asks for more waiting than this is asked again all the same."""


@dataclass(frozen=True, slots=True)
class BackOff:
    """Pauses that double with every failure and differ by chance, so that what failed together comes back spread."""

    random: Callable[[], float]
    """Numbers in [0, 1)."""
    first_s: float = 1.0
    longest_s: float = 20.0
    """What was away for days is found to be back within this."""

    def pause_s(self, failures: int, *, asked_s: float | None = None) -> float:
        """Seconds to wait after so many failures in a row, at least as long as the receiver asked for.

        >>> [BackOff(lambda: 0.5).pause_s(failures) for failures in (1, 2, 3, 1000)]
        [0.75, 1.5, 3.0, 15.0]
        >>> BackOff(lambda: 0.5).pause_s(1, asked_s=120.0)
        120.0
        """
        top_s = min(self.longest_s, self.first_s * 2.0 ** min(failures - 1, 60))
        asked_s = min(asked_s or 0.0, LONGEST_ASKED_S)
        return max(top_s * (0.5 + 0.5 * self.random()), asked_s)
