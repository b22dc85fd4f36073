"""Whose turn it is among the events that a sink has failed at."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count


@dataclass(frozen=True, slots=True)
class _Place:
    number: int
    """In the order of coming and of being tried."""
    due_s: float
    tries: int = 0
    taken: int = 0
    """How many others had been taken when it was tried last."""


class Turns:
    """Of the waiting events that are due, the one that was tried longest ago; whoever is new stands at the end.

    What is forgotten with a restart is due at once.
    """

    def __init__(self) -> None:
        self._places: dict[int, _Place] = {}
        self._numbers = count()
        self._taken = 0

    def next(self, waiting: Sequence[int], now_s: float) -> int | None:
        """The sequence of the event to try now; None where none is due. `waiting`: the sequences of all that wait."""
        self._places = {one: self._places.get(one) or _Place(next(self._numbers), now_s) for one in waiting}
        due = (one for one in waiting if self._places[one].due_s <= now_s)
        return min(due, key=lambda one: self._places[one].number, default=None)

    def tried(self, sequence: int, *, again_s: float) -> None:
        """It was tried in vain, and may be tried again from `again_s` on."""
        self._places[sequence] = _Place(next(self._numbers), again_s, self.tries(sequence) + 1, self._taken)

    def taken(self) -> None:
        """The sink has taken an event."""
        self._taken += 1

    def stands_alone(self, sequence: int) -> bool:
        """Whether the sink failed at it before, and has taken others since: then it is the event that it fails at."""
        place = self._places.get(sequence)
        return place is not None and place.tries > 0 and place.taken < self._taken

    def tries(self, sequence: int) -> int:
        """How often it was tried in vain since it waits, or since this program runs."""
        return self._places[sequence].tries if sequence in self._places else 0

    def first_due_s(self) -> float:
        """When the first of those that waited is due; infinity where none waits."""
        return min((place.due_s for place in self._places.values()), default=float("inf"))
