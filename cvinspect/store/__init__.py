"""The ledger's database: every revision of every incident, and what has still to be sent to whom.

Nothing is sent from here (`dispatch` does that), and no incident is judged.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from cvinspect.domain import Incident
from cvinspect.records.incident import IncidentRecord


@dataclass(frozen=True, slots=True)
class Entry:
    """One revision of an incident to be recorded: the noun to go on from, and the record to send."""

    incident: Incident
    record: IncidentRecord


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a camera's ledger must know after a restart; only the ledger reads the document."""

    version: int
    """Of the document's format, from 1."""
    document: str
    """JSON."""


@dataclass(frozen=True, slots=True)
class OutboxEvent:
    """One recorded revision on its way to one sink."""

    sequence: int
    """Position in the outbox: the order of recording."""
    incident_id: str
    revision: int
    body: str
    """The record, `cvinspect.incident/v1`, as it was recorded."""
    attempts: int
    """How often it was tried before this one stepped aside for others; 0 for an event that never did."""
    receipt: str | None
    """What the sink answered to an earlier revision of the incident."""
    taken: int | None = None
    """The latest revision of the incident that the sink has taken."""
    waits: bool = False
    """Whether it has stepped aside, or waits behind one that has."""
    ledger: int = 1
    """The ledger's generation when it was recorded: 1 until it was restored from a backup and adopted."""

    @property
    def is_superseded(self) -> bool:
        """Whether the sink has a later revision of the incident already."""
        return self.taken is not None and self.taken > self.revision


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """An event that a sink will not have; it stays until it is replayed or thrown away."""

    sink: str
    sequence: int
    incident_id: str
    revision: int
    reason: str
    """One line, without secrets."""
    at: datetime
    """Aware UTC."""
    is_superseded: bool
    """Whether the sink has since taken a later revision of the incident, which holds all that this one says."""


@dataclass(frozen=True, slots=True)
class SinkState:
    """How far a sink has come."""

    name: str
    cursor: int
    """Everything up to here was delivered, skipped, set aside or given up."""
    pending: int
    """Events that are still to be delivered, those set aside included."""
    set_aside: int
    """Events at which the sink failed while others went through, and what waits behind them."""
    dead: int


class Outbox(Protocol):
    """What a deliverer needs: each sink's own way through the recorded events, in order within each incident.

    Every method may raise DeliveryError or DeliveryDelayed when the database cannot be used; nothing is half done.
    """

    def register(self, sink: str, *, from_start: bool = False) -> None:
        """Begin a cursor for a sink that has none: at the end of what is recorded, or at its start."""
        ...

    def next_event(self, sink: str) -> OutboxEvent | None:
        """The first event past the cursor that does not wait behind an earlier one of its incident.

        Those that do are set aside on the way.
        """
        ...

    def waiting(self, sink: str) -> Sequence[int]:
        """The first waiting event of each incident, in order of recording: their sequences, all of them."""
        ...

    def waiting_event(self, sink: str, sequence: int) -> OutboxEvent | None:
        """One of them; None where it waits no more."""
        ...

    def delivered(self, sink: str, event: OutboxEvent, *, receipt: str | None) -> None:
        """The sink has the event; a receipt is kept for the incident's later revisions."""
        ...

    def skipped(self, sink: str, event: OutboxEvent) -> None:
        """The sink has no use for the event."""
        ...

    def postponed(self, sink: str, event: OutboxEvent, *, counts: bool = True) -> None:
        """The sink failed at this event: it steps aside, and later revisions of its incident behind it.

        With `counts` it is one of the attempts after which the event is given up.
        """
        ...

    def rejected(self, sink: str, event: OutboxEvent, *, reason: str) -> None:
        """The sink will not have the event: into its dead letters."""
        ...
