"""Entries for the ledger's database, filled with plain values; name only what the test is about."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from cvinspect.domain import Camera, ChangeKind, Incident, Location, Stage, Status
from cvinspect.errors import DeliveryDelayed
from cvinspect.records.incident import IncidentRecord, RecordContext
from cvinspect.records.parts import EvidencePart
from cvinspect.store import Entry, Snapshot
from cvinspect.store.database import Database
from cvinspect.store.ledger_store import LedgerStore
from cvinspect.store.outbox import SqlOutbox
from tests.incident_makers import CAMERA, SHANGHAI, START, an_incident, at

CONTEXT = RecordContext(SHANGHAI, "given", "gate", "street-26n", "a" * 64, "b" * 64, live=True)

_STATES = {
    ChangeKind.PRE_ALARM: {"stage": Stage.PRE_ALARM, "confirmed": None},
    ChangeKind.CLEARED: {"status": Status.CLEARED, "cleared": at(20)},
    ChangeKind.CLOSED: {"status": Status.CLOSED},
}


def picture(uri: str) -> EvidencePart:
    """A panorama without its original."""
    return EvidencePart(
        role="panorama",
        uri=uri,
        sha256="c" * 64,
        captured_at=START,
        media_s=None,
        width=640,
        height=400,
        bytes=12_345,
        original=None,
    )


def entry(
    incident_id: str = "inc-1",
    revision: int = 1,
    kind: ChangeKind = ChangeKind.OPENED,
    *,
    camera: str = CAMERA.id,
    location: Location = CAMERA.location,
    evidence: tuple[EvidencePart, ...] = (),
    **given: object,
) -> Entry:
    """One revision of a car at a kerb, open unless `kind` says otherwise."""
    state = {**_STATES.get(kind, {}), **given}
    incident = replace(an_incident(id=incident_id, revision=revision, camera=camera), **state)  # type: ignore[arg-type]
    return Entry(incident, record_of(incident, kind, replace(CAMERA, id=camera, location=location), evidence))


def record_of(
    incident: Incident, kind: ChangeKind, camera: Camera, evidence: tuple[EvidencePart, ...] = ()
) -> IncidentRecord:
    """Its record, as the runner makes it."""
    return IncidentRecord.from_incident(incident, kind, camera, backing="real", evidence=evidence, context=CONTEXT)


def story(incident_id: str, revisions: int, **given: object) -> list[Entry]:
    """A pre-alarm, the opening, and updates up to that many revisions in all."""
    kinds = [ChangeKind.PRE_ALARM, ChangeKind.OPENED, *[ChangeKind.UPDATED] * (revisions - 2)][:revisions]
    return [entry(incident_id, number, kind, **given) for number, kind in enumerate(kinds)]  # type: ignore[arg-type]


def sqlite_at(path: Path) -> str:
    """The address of a database file."""
    return f"sqlite:///{path}"


def stores(database: Database) -> tuple[LedgerStore, SqlOutbox]:
    """Ledger and outbox of one database; it is always START there."""
    return LedgerStore(database, now=lambda: START), SqlOutbox(database, now=lambda: START)


class LockedJournal:
    """A database that is locked until it is let go."""

    def __init__(self, journal: LedgerStore) -> None:
        self.is_locked = True
        self._journal = journal

    def record(self, camera: str, entries: Sequence[Entry], *, snapshot: Snapshot | None = None) -> int:
        if self.is_locked:
            raise DeliveryDelayed("the database is locked")
        return self._journal.record(camera, entries, snapshot=snapshot)
