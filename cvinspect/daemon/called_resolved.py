"""Incidents that a platform calls resolved, until the camera has said what it sees."""

import threading
from collections.abc import Collection
from dataclasses import dataclass

_ANSWERS_AFTER = 2
"""Samples: what is just being taken away is gone in the second one."""


@dataclass(slots=True)
class _Called:
    at_s: float
    """When it was called so, by our own clock."""
    samples: int = 0
    """Taken since then."""


class CalledResolved:
    """Of one camera. Safe to call from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._called: dict[str, _Called] = {}

    def add(self, incident_id: str, at_s: float) -> None:
        """It is called resolved at that second of our own clock; said again, the first time counts."""
        with self._lock:
            self._called.setdefault(incident_id, _Called(at_s))

    def wants_look(self, captured_s: float, *, standing: Collection[str]) -> bool:
        """Whether the sample captured at that second is one of those by which one of those standing is answered."""
        with self._lock:
            return any(
                one.samples < _ANSWERS_AFTER and captured_s >= one.at_s and name in standing
                for name, one in self._called.items()
            )

    def due(self, captured_s: float, *, standing: Collection[str]) -> list[str]:
        """Those of which the sample captured at that second may tell: two were taken since they were called so.

        Incidents that do not stand any more are forgotten.
        """
        with self._lock:
            self._called = {name: one for name, one in self._called.items() if name in standing}
            for one in self._called.values():
                one.samples += captured_s >= one.at_s
            return [name for name, one in self._called.items() if one.samples >= _ANSWERS_AFTER]

    def forget(self, incident_id: str) -> None:
        """The answer is on its way, or the word was taken back."""
        with self._lock:
            self._called.pop(incident_id, None)
