"""Looking through the recorded incidents: pages, one incident's history, any revision as it was recorded."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from operator import eq, ge, lt
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Select, and_, false, func, or_, select, update

from cvinspect.domain import ChangeKind, Stage, Status
from cvinspect.errors import ConfigError
from cvinspect.records.incident import IncidentRecord
from cvinspect.store.database import Database
from cvinspect.store.tables import INCIDENTS, REVISIONS


@dataclass(frozen=True, slots=True)
class IncidentFilter:
    """Which incidents; None asks for nothing."""

    status: Status | None = None
    stage: Stage | None = None
    class_id: str | None = None
    camera_id: str | None = None
    since: datetime | None = None
    """Aware: first seen then or later."""
    until: datetime | None = None
    """Aware: first seen before."""


@dataclass(frozen=True, slots=True)
class IncidentPage:
    """Some of the incidents that were asked for, the one that was first seen last first."""

    total: int
    """All that were asked for, on this page or not."""
    bodies: tuple[str, ...]
    """The latest revisions, `cvinspect.incident/v1`, letter by letter as they were recorded."""
    after: str | None
    """Id of the last one, to ask for the next page with; None where this is the last page."""

    @property
    def records(self) -> tuple[IncidentRecord, ...]:
        """The latest revisions."""
        return tuple(IncidentRecord.model_validate_json(body) for body in self.bodies)


@dataclass(frozen=True, slots=True)
class RevisionNote:
    """One line of an incident's history."""

    revision: int
    event: ChangeKind
    recorded_at: datetime
    """Aware UTC."""


@dataclass(frozen=True, slots=True)
class Dossier:
    """One incident: what it is now, and how it came to that."""

    body: str
    """The latest revision, letter by letter as it was recorded."""
    history: tuple[RevisionNote, ...]
    """Every revision, the first one first."""


class IncidentQueries:
    """Reads the incidents of one database. Safe to use from many threads.

    Every method raises DeliveryDelayed or DeliveryError when the database cannot be used.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def page(self, wanted: IncidentFilter, *, limit: int = 100, after: str | None = None) -> IncidentPage:
        """At most `limit` incidents, those that follow the incident `after`.

        Pages keep together while new incidents come in: the place to go on from is an incident, not a number.
        Raises ConfigError where there is no incident `after`.
        """
        conditions = _conditions(wanted)
        with self._database.reading() as connection:
            total = connection.execute(select(func.count()).select_from(INCIDENTS).where(*conditions)).scalar_one()
            if after is not None:
                conditions = (*conditions, _following(connection, after))
            rows = connection.execute(_latest().where(*conditions).limit(limit + 1)).all()
        shown = rows[:limit]
        more = len(rows) > limit
        return IncidentPage(total, tuple(row.body for row in shown), shown[-1].incident_id if more else None)

    def dossier(self, incident_id: str) -> Dossier | None:
        """One incident with its history; None where there is no such incident."""
        history = (
            select(REVISIONS.c.revision, REVISIONS.c.event, REVISIONS.c.recorded_at)
            .where(REVISIONS.c.incident_id == incident_id)
            .order_by(REVISIONS.c.revision)
        )
        with self._database.reading() as connection:
            row = connection.execute(_latest().where(INCIDENTS.c.incident_id == incident_id)).first()
            if row is None:
                return None
            notes = connection.execute(history).all()
        return Dossier(
            row.body, tuple(RevisionNote(one.revision, ChangeKind(one.event), one.recorded_at) for one in notes)
        )

    def revision(self, incident_id: str, number: int) -> str | None:
        """One revision's record, letter by letter as it was recorded; None where there is no such revision."""
        query = select(REVISIONS.c.body).where(REVISIONS.c.incident_id == incident_id, REVISIONS.c.revision == number)
        with self._database.reading() as connection:
            return connection.execute(query).scalar_one_or_none()

    def is_known(self, incident_id: str) -> bool:
        """Whether there is such an incident."""
        return self._is_there(INCIDENTS.c.incident_id == incident_id)

    def has_class(self, class_id: str) -> bool:
        """Whether there is an incident of this class."""
        return self._is_there(INCIDENTS.c.class_id == class_id)

    def has_camera(self, camera: str) -> bool:
        """Whether there is an incident of this camera."""
        return self._is_there(INCIDENTS.c.camera_id == camera)

    def _is_there(self, condition: ColumnElement[bool]) -> bool:
        with self._database.reading() as connection:
            return connection.execute(select(INCIDENTS.c.incident_id).where(condition).limit(1)).first() is not None

    def prove_writable(self) -> None:
        """Take the writers' turn and change nothing; raises as every recording would now."""
        with self._database.writing() as connection:
            connection.execute(update(INCIDENTS).where(false()).values(revision=INCIDENTS.c.revision))


def _latest() -> Select[Any]:
    latest = (REVISIONS.c.incident_id == INCIDENTS.c.incident_id) & (REVISIONS.c.revision == INCIDENTS.c.revision)
    return (
        select(INCIDENTS.c.incident_id, REVISIONS.c.body)
        .join(REVISIONS, latest)
        .order_by(INCIDENTS.c.first_seen_at.desc(), INCIDENTS.c.incident_id.desc())
    )


def _conditions(wanted: IncidentFilter) -> tuple[ColumnElement[bool], ...]:
    asked: tuple[tuple[Callable[[Any, Any], ColumnElement[bool]], Column[Any], object], ...] = (
        (eq, INCIDENTS.c.status, wanted.status and wanted.status.value),
        (eq, INCIDENTS.c.stage, wanted.stage and wanted.stage.value),
        (eq, INCIDENTS.c.class_id, wanted.class_id),
        (eq, INCIDENTS.c.camera_id, wanted.camera_id),
        (ge, INCIDENTS.c.first_seen_at, wanted.since),
        (lt, INCIDENTS.c.first_seen_at, wanted.until),
    )
    return tuple(compare(column, value) for compare, column, value in asked if value is not None)


def _following(connection: Connection, after: str) -> ColumnElement[bool]:
    place = connection.execute(select(INCIDENTS.c.first_seen_at).where(INCIDENTS.c.incident_id == after)).first()
    if place is None:
        raise ConfigError(f"after: there is no incident {after!r}; allowed: `next` of the page before")
    seen_at = INCIDENTS.c.first_seen_at
    beside = or_(seen_at < place.first_seen_at, INCIDENTS.c.incident_id < after)
    return and_(seen_at <= place.first_seen_at, beside)  # the first half alone lets the index find the place
