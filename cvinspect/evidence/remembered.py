"""Which pictures were taken of the incidents that stand, and of those cleared so lately that they may be reopened."""

from collections.abc import Sequence

from cvinspect.domain import Incident
from cvinspect.evidence import Picture

CLEARED_S = 900.0
"""Longer than a ledger reopens what it cleared, by its own time."""
CLEARED_COUNT = 300
"""Of one camera; a ledger remembers no more."""


class Remembered:
    """Pictures by incident. For many threads, as long as each camera has one."""

    def __init__(self) -> None:
        self._pictures: dict[str, tuple[Picture, ...]] = {}
        self._cleared_s: dict[str, dict[str, float]] = {}
        """By camera and incident, in order of clearing: when, in its ledger's time."""

    def of(self, incident_id: str) -> tuple[Picture, ...]:
        """The incident's pictures; none where it is not known."""
        return self._pictures.get(incident_id, ())

    def add(self, incident_id: str, picture: Picture) -> None:
        """One more of an incident."""
        self._pictures[incident_id] = (*self.of(incident_id), picture)

    def stands(self, incident: Incident, pictures: Sequence[Picture]) -> None:
        """These are an incident's pictures from now on, until it is cleared or forgotten."""
        self.forget(incident)
        if pictures:
            self._pictures[incident.id] = tuple(pictures)

    def is_cleared(self, incident: Incident, pictures: Sequence[Picture], *, at_s: float) -> None:
        """These are an incident's pictures; of the camera's others, those that cannot be reopened are forgotten."""
        self.stands(incident, pictures)
        cleared_s = self._cleared_s.setdefault(incident.camera, {})
        cleared_s[incident.id] = at_s
        surplus = list(cleared_s)[:-CLEARED_COUNT]
        for gone in {*surplus, *(key for key, then_s in cleared_s.items() if at_s - then_s > CLEARED_S)}:
            del cleared_s[gone]
            self._pictures.pop(gone, None)

    def forget(self, incident: Incident) -> None:
        """Nothing more will be said of an incident."""
        self._pictures.pop(incident.id, None)
        self._cleared_s.get(incident.camera, {}).pop(incident.id, None)
