"""The incidents in the database: recorded with what has to be sent, read back after a restart."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from pydantic import ValidationError
from sqlalchemy import Connection, delete, insert, select, update

from cvinspect.domain import Incident, Status
from cvinspect.errors import DeliveryError, DeliveryRejected
from cvinspect.records.incident import IncidentRecord
from cvinspect.records.parts import EvidencePart
from cvinspect.store import Entry, Snapshot
from cvinspect.store.database import Database
from cvinspect.store.incident_json import incident_from_json, incident_to_json
from cvinspect.store.tables import EVIDENCE, INCIDENTS, LEDGERS, LEDGERS_SET_ASIDE, OUTBOX, REVISIONS
from cvinspect.taxonomy import Violation

_KEPT_ASIDE = 10


class LedgerStore:
    """What was found, on disk. Safe to use from many threads."""

    def __init__(self, database: Database, *, now: Callable[[], datetime]) -> None:
        """`now` is the wall clock, aware."""
        self._database = database
        self._now = now

    def record(self, camera: str, entries: Sequence[Entry], *, snapshot: Snapshot | None = None) -> int:
        """Record revisions, their place in the outbox and the ledger's snapshot: all of it or nothing.

        Returns how many revisions were new. One that is recorded already is passed over, so that whoever does not
        know whether a recording succeeded records again. Raises DeliveryDelayed when the database cannot be written
        to now, DeliveryError when somebody must mend it first, DeliveryRejected for a revision that contradicts what is
        recorded.
        """
        with self._database.writing() as connection:
            new = sum(self._record(connection, camera, entry) for entry in entries)
            if snapshot is not None:
                self._save(connection, camera, snapshot)
            return new

    def snapshot(self, camera: str) -> Snapshot | None:
        """What was last saved for a camera's ledger; None where nothing was."""
        with self._database.reading() as connection:
            query = select(LEDGERS.c.version, LEDGERS.c.document).where(LEDGERS.c.camera_id == camera)
            row = connection.execute(query).first()
        return None if row is None else Snapshot(row.version, row.document)

    def set_aside(self, camera: str, snapshot: Snapshot, *, reason: str) -> int:
        """Keep a snapshot that nobody can go on from, for somebody to look at; returns its number.

        The last ten of each camera are kept: a fault that comes back with every start must not fill the disk.
        """
        row = {"version": snapshot.version, "document": snapshot.document, "reason": reason, "found_at": self._now()}
        own = LEDGERS_SET_ASIDE.c.camera_id == camera
        number = LEDGERS_SET_ASIDE.c.number
        with self._database.writing() as connection:
            added = insert(LEDGERS_SET_ASIDE).values(camera_id=camera, **row).returning(number)
            found: int = connection.execute(added).scalar_one()
            kept = connection.execute(select(number).where(own).order_by(number.desc()).limit(_KEPT_ASIDE)).scalars()
            connection.execute(delete(LEDGERS_SET_ASIDE).where(own, number.not_in(kept.all())))
        return found

    def standing(self, camera: str, *, rules: Mapping[str, Violation] | None = None) -> tuple[Incident, ...]:
        """The camera's open incidents and pre-alarms, in order of first sight.

        Where `rules` hold an incident's class, it goes on under the rule as it is now.
        """
        return self._nouns(camera, rules, INCIDENTS.c.status == Status.OPEN.value)

    def cameras_with_standing(self) -> tuple[str, ...]:
        """Ids of the cameras of which incidents or pre-alarms stand open, sorted."""
        own = INCIDENTS.c.camera_id
        query = select(own).where(INCIDENTS.c.status == Status.OPEN.value).distinct().order_by(own)
        with self._database.reading() as connection:
            return tuple(connection.execute(query).scalars())

    def history(self, incident_id: str) -> tuple[IncidentRecord, ...]:
        """Every recorded revision of an incident, the first one first; empty where there is no such incident.

        Raises DeliveryError, also where what is stored of it is damaged.
        """
        query = select(REVISIONS.c.body).where(REVISIONS.c.incident_id == incident_id).order_by(REVISIONS.c.revision)
        with self._database.reading() as connection:
            bodies = connection.execute(query).scalars().all()
        try:
            return tuple(IncidentRecord.model_validate_json(body) for body in bodies)
        except ValidationError as error:
            raise DeliveryError(f"incident {incident_id}: a revision that is stored of it cannot be read") from error

    def _nouns(
        self,
        camera: str,
        rules: Mapping[str, Violation] | None,
        *conditions: Any,  # noqa: ANN401
    ) -> tuple[Incident, ...]:
        query = (
            select(INCIDENTS.c.incident_id, INCIDENTS.c.noun)
            .where(INCIDENTS.c.camera_id == camera, *conditions)
            .order_by(INCIDENTS.c.first_seen_at, INCIDENTS.c.incident_id)
        )
        with self._database.reading() as connection:
            rows = connection.execute(query).all()
        return tuple(incident_from_json(row.noun, name=row.incident_id, rules=rules) for row in rows)

    def _record(self, connection: Connection, camera: str, entry: Entry) -> bool:
        record, body = entry.record, entry.record.to_json()
        _check(camera, entry)
        known = connection.execute(
            select(REVISIONS.c.body).where(
                REVISIONS.c.incident_id == record.incident_id, REVISIONS.c.revision == record.revision
            )
        ).scalar_one_or_none()
        if known is not None:
            return _is_again(known, body, record)
        self._put(connection, entry)
        key = {"incident_id": record.incident_id, "revision": record.revision}
        connection.execute(
            insert(REVISIONS).values(**key, event=record.event.value, recorded_at=self._now(), body=body)
        )
        _add_evidence(connection, record.incident_id, record.evidence)
        connection.execute(insert(OUTBOX).values(**key))
        return True

    def _put(self, connection: Connection, entry: Entry) -> None:
        """The incident as it stands now, in place of what it was."""
        values = _columns(entry)
        latest = connection.execute(
            select(INCIDENTS.c.revision).where(INCIDENTS.c.incident_id == entry.incident.id)
        ).scalar_one_or_none()
        if latest is None:
            connection.execute(insert(INCIDENTS).values(**values))
        elif latest < entry.incident.revision:
            connection.execute(update(INCIDENTS).where(INCIDENTS.c.incident_id == entry.incident.id).values(**values))
        else:
            raise DeliveryRejected(
                f"incident {entry.incident.id}: revision {entry.incident.revision} comes after revision {latest}; "
                "revisions are recorded in order"
            )

    def _save(self, connection: Connection, camera: str, snapshot: Snapshot) -> None:
        values = {"version": snapshot.version, "document": snapshot.document, "saved_at": self._now()}
        done = connection.execute(update(LEDGERS).where(LEDGERS.c.camera_id == camera).values(**values))
        if done.rowcount == 0:
            connection.execute(insert(LEDGERS).values(camera_id=camera, **values))


def _check(camera: str, entry: Entry) -> None:
    """Noun and record must tell of the same thing, or a restart would go on from something else than was sent."""
    incident, record = entry.incident, entry.record
    told = (record.incident_id, record.revision, record.camera.id, record.status)
    if told != (incident.id, incident.revision, camera, incident.status):
        raise DeliveryRejected(
            f"incident {incident.id}: its record tells of {record.incident_id}, camera {record.camera.id}"
        )


def _is_again(known: str, body: str, record: IncidentRecord) -> bool:
    """False, a revision recorded again being none; raises DeliveryRejected when it says something else now."""
    if known != body:
        raise DeliveryRejected(
            f"incident {record.incident_id}: revision {record.revision} is recorded already and says something else"
        )
    return False


def _columns(entry: Entry) -> dict[str, Any]:
    incident, record = entry.incident, entry.record
    return {
        "incident_id": incident.id,
        "camera_id": incident.camera,
        "class_id": record.class_id,
        "stage": record.stage.value,
        "status": record.status.value,
        "revision": record.revision,
        "first_seen_at": record.first_seen_at,
        "last_seen_at": record.last_seen_at,
        "cleared_at": record.cleared_at,
        "noun": incident_to_json(incident),
    }


def _add_evidence(connection: Connection, incident_id: str, pictures: Iterable[EvidencePart]) -> None:
    query = select(EVIDENCE.c.uri).where(EVIDENCE.c.incident_id == incident_id)
    known = set(connection.execute(query).scalars())
    for picture in pictures:
        if picture.uri not in known:
            known.add(picture.uri)
            connection.execute(insert(EVIDENCE).values(incident_id=incident_id, **_picture(picture)))


def _picture(picture: EvidencePart) -> dict[str, Any]:
    original = picture.original
    return {
        "uri": picture.uri,
        "role": picture.role,
        "sha256": picture.sha256,
        "captured_at": picture.captured_at,
        "size_bytes": picture.bytes,
        "original_uri": original and original.uri,
        "original_sha256": original and original.sha256,
    }
