"""How each camera is, and what the platforms say of incidents."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, delete, insert, select

from cvinspect.errors import DeliveryError
from cvinspect.store.database import Database
from cvinspect.store.tables import CAMERA_STATES, INCIDENTS, PLATFORM_STATUSES


@dataclass(frozen=True, slots=True)
class CameraState:
    """One thing that is so with a camera, such as up, lagging or frozen, and since when."""

    state: str
    since: datetime
    """Aware UTC."""
    detail: str | None = None
    """One line, without secrets."""


class PlatformStatus(StrEnum):
    """What a dispatch platform has done with an incident."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    DISPATCHED = "dispatched"
    RESOLVED = "resolved"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class PlatformNote:
    """One word of a platform on an incident."""

    status: PlatformStatus
    by_whom: str
    why: str | None
    at: datetime
    """Aware UTC: when it was received."""


class SiteStore:
    """Camera states and platform statuses of one database. Safe to use from many threads."""

    def __init__(self, database: Database, *, now: Callable[[], datetime]) -> None:
        """`now` is the wall clock, aware."""
        self._database = database
        self._now = now

    def set_camera(self, camera: str, states: Sequence[CameraState]) -> None:
        """Replace what is so with a camera; each state once."""
        with self._database.writing() as connection:
            connection.execute(delete(CAMERA_STATES).where(CAMERA_STATES.c.camera_id == camera))
            for one in states:
                row = {"camera_id": camera, "state": one.state, "since": one.since, "detail": one.detail}
                connection.execute(insert(CAMERA_STATES).values(**row))

    def cameras(self) -> dict[str, tuple[CameraState, ...]]:
        """What is so with each camera, the oldest state first."""
        query = select(CAMERA_STATES).order_by(CAMERA_STATES.c.camera_id, CAMERA_STATES.c.since, CAMERA_STATES.c.state)
        found: dict[str, tuple[CameraState, ...]] = {}
        with self._database.reading() as connection:
            for row in connection.execute(query):
                state = CameraState(row.state, row.since, row.detail)
                found[row.camera_id] = (*found.get(row.camera_id, ()), state)
        return found

    def note(self, incident_id: str, status: PlatformStatus, *, by_whom: str, why: str | None = None) -> bool:
        """Keep what a platform says of an incident; whether it was news.

        The very word that was kept last is passed over: a platform that does not know whether it was heard repeats
        itself. Raises DeliveryError where there is no such incident.
        """
        word = {"status": status.value, "by_whom": by_whom, "why": why}
        with self._database.writing() as connection:
            known = select(INCIDENTS.c.incident_id).where(INCIDENTS.c.incident_id == incident_id)
            if connection.execute(known).first() is None:
                raise DeliveryError(f"incident {incident_id}: is not known")
            said = connection.execute(_notes(incident_id, PLATFORM_STATUSES.c.number.desc()).limit(1)).first()
            if said is not None and word == {"status": said.status, "by_whom": said.by_whom, "why": said.why}:
                return False
            connection.execute(insert(PLATFORM_STATUSES).values(incident_id=incident_id, **word, at=self._now()))
            return True

    def notes(self, incident_id: str) -> tuple[PlatformNote, ...]:
        """What the platforms have said of an incident, in order of receipt."""
        with self._database.reading() as connection:
            return tuple(
                PlatformNote(PlatformStatus(row.status), row.by_whom, row.why, row.at)
                for row in connection.execute(_notes(incident_id, PLATFORM_STATUSES.c.number))
            )


def _notes(incident_id: str, order: ColumnElement[int]) -> Select[Any]:
    return select(PLATFORM_STATUSES).where(PLATFORM_STATUSES.c.incident_id == incident_id).order_by(order)
