"""The tables as they are now; how they came to be is told by `migrations/`, and a test holds the two together."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.types import TypeDecorator

WIDE = BigInteger().with_variant(Integer, "sqlite")
"""64 bits on both: SQLite counts up only what it calls INTEGER."""


class Instant(TypeDecorator[datetime]):
    """Aware UTC as ISO 8601 text of one width: the same on every database, sortable, and legible to people."""

    impl = String(27)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> str | None:  # noqa: ANN401, ARG002
        """From the program to the database."""
        return None if value is None else f"{value.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}Z".rjust(27, "0")

    def process_result_value(self, value: str | None, dialect: Any) -> datetime | None:  # noqa: ANN401, ARG002
        """From the database to the program."""
        return None if value is None else datetime.fromisoformat(value)


METADATA = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_name)s",
    }
)

INCIDENTS = Table(
    "incidents",
    METADATA,
    Column("incident_id", String(200), primary_key=True),
    Column("camera_id", String(200), nullable=False),
    Column("class_id", String(200), nullable=False),
    Column("stage", String(20), nullable=False),
    Column("status", String(20), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("first_seen_at", Instant, nullable=False),
    Column("last_seen_at", Instant, nullable=False),
    Column("cleared_at", Instant),
    Column("noun", Text, nullable=False),  # the domain's Incident as JSON: what the ledger goes on from
    Index("ix_incidents_camera_id", "camera_id", "status"),
    Index("ix_incidents_first_seen_at", "first_seen_at", "incident_id"),
)

REVISIONS = Table(
    "revisions",
    METADATA,
    Column("incident_id", ForeignKey("incidents.incident_id"), primary_key=True),
    Column("revision", Integer, primary_key=True),
    Column("event", String(20), nullable=False),
    Column("recorded_at", Instant, nullable=False),
    Column("body", Text, nullable=False),  # the record as it leaves the house
)

EVIDENCE = Table(
    "evidence",
    METADATA,
    Column("incident_id", ForeignKey("incidents.incident_id"), primary_key=True),
    Column("uri", String(500), primary_key=True),
    Column("role", String(20), nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("captured_at", Instant, nullable=False),
    Column("size_bytes", WIDE, nullable=False),
    Column("original_uri", String(500)),
    Column("original_sha256", String(64)),
)

OUTBOX = Table(
    "outbox",
    METADATA,
    Column("sequence", WIDE, primary_key=True, autoincrement=True),
    Column("incident_id", String(200), nullable=False),
    Column("revision", Integer, nullable=False),
    ForeignKeyConstraint(["incident_id", "revision"], ["revisions.incident_id", "revisions.revision"]),
    UniqueConstraint("incident_id", "revision"),
    sqlite_autoincrement=True,  # a number is never given twice, whatever is deleted
)

GENERATIONS = Table(
    "generations",
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("after_sequence", WIDE, nullable=False),  # of the outbox: what follows belongs to it
    Column("reason", Text, nullable=False),
    Column("found_at", Instant, nullable=False),
    Column("adopted_at", Instant),  # until then nothing is sent
)

SINKS = Table(
    "sinks",
    METADATA,
    Column("sink", String(200), primary_key=True),
    Column("cursor", WIDE, nullable=False),
    Column("registered_at", Instant, nullable=False),
)

ATTEMPTS = Table(
    "attempts",
    METADATA,
    Column("sink", ForeignKey("sinks.sink"), primary_key=True),
    Column("sequence", ForeignKey("outbox.sequence"), primary_key=True),
    Column("incident_id", String(200), nullable=False),
    Column("attempts", Integer, nullable=False),  # 0: waits behind an earlier revision
    Index("ix_attempts_incident_id", "sink", "incident_id"),
)

DEAD_LETTERS = Table(
    "dead_letters",
    METADATA,
    Column("sink", ForeignKey("sinks.sink"), primary_key=True),
    Column("sequence", ForeignKey("outbox.sequence"), primary_key=True),
    Column("reason", Text, nullable=False),
    Column("at", Instant, nullable=False),
)

RECEIPTS = Table(
    "receipts",
    METADATA,
    Column("sink", ForeignKey("sinks.sink"), primary_key=True),
    Column("incident_id", ForeignKey("incidents.incident_id"), primary_key=True),
    Column("revision", Integer, nullable=False),  # the latest that the sink has taken
    Column("receipt", Text),
)

LEDGERS = Table(
    "ledgers",
    METADATA,
    Column("camera_id", String(200), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("document", Text, nullable=False),
    Column("saved_at", Instant, nullable=False),
)

LEDGERS_SET_ASIDE = Table(
    "ledgers_set_aside",
    METADATA,
    Column("number", WIDE, primary_key=True, autoincrement=True),
    Column("camera_id", String(200), nullable=False),
    Column("version", Integer, nullable=False),
    Column("document", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("found_at", Instant, nullable=False),
    Index("ix_ledgers_set_aside_camera_id", "camera_id", "number"),
    sqlite_autoincrement=True,
)

CAMERA_STATES = Table(
    "camera_states",
    METADATA,
    Column("camera_id", String(200), primary_key=True),
    Column("state", String(40), primary_key=True),
    Column("since", Instant, nullable=False),
    Column("detail", Text),
)

PLATFORM_STATUSES = Table(
    "platform_statuses",
    METADATA,
    Column("number", WIDE, primary_key=True, autoincrement=True),
    Column("incident_id", ForeignKey("incidents.incident_id"), nullable=False),
    Column("status", String(20), nullable=False),
    Column("by_whom", String(200), nullable=False),
    Column("why", Text),
    Column("at", Instant, nullable=False),
    Index("ix_platform_statuses_incident_id", "incident_id", "number"),
    sqlite_autoincrement=True,
)
