"""Something is so once it has been so for a while, and is over once it has not been for a while."""

from collections.abc import Mapping

from cvinspect.health import HealthState


class Lasting:
    """One state with its hysteresis. Seconds are of a steady clock and never go back."""

    def __init__(self, *, begins_s: float, ends_s: float) -> None:
        """`begins_s`: how long it must be so to count; `ends_s`: how long it must not be to be over."""
        self._begins_s = begins_s
        self._ends_s = ends_s
        self._turned_s: float | None = None
        """Since when it has been the other way than it counts as."""
        self.since_s: float | None = None
        """Since when it has been so; None while it does not count as so."""

    def see(self, *, is_so: bool, at_s: float) -> None:
        """Take in how it is at this moment.

        >>> state = Lasting(begins_s=5.0, ends_s=2.0)
        >>> for at_s in range(8):
        ...     state.see(is_so=at_s >= 1, at_s=at_s)
        >>> state.since_s
        1
        """
        if is_so == (self.since_s is not None):
            self._turned_s = None
            return
        if self._turned_s is None:
            self._turned_s = at_s
        if at_s - self._turned_s >= (self._begins_s if is_so else self._ends_s):
            self.since_s = self._turned_s if is_so else None
            self._turned_s = None


def lasting_states(states: Mapping[HealthState, Lasting]) -> dict[HealthState, float]:
    """What is so, and since which second of the clock."""
    return {state: lasting.since_s for state, lasting in states.items() if lasting.since_s is not None}
