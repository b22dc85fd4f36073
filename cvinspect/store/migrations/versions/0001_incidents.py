"""Incidents, their revisions and evidence; the outbox and each sink's way through it."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_WIDE = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Make the tables; instants are ISO 8601 text, UTC, 27 letters."""
    _incidents()
    _outbox()
    _sinks()


def _incidents() -> None:
    op.create_table(
        "incidents",
        sa.Column("incident_id", sa.String(200), nullable=False),
        sa.Column("camera_id", sa.String(200), nullable=False),
        sa.Column("class_id", sa.String(200), nullable=False),
        sa.Column("stage", sa.String(20), nullable=False),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("first_seen_at", sa.String(27), nullable=False),
        sa.Column("last_seen_at", sa.String(27), nullable=False),
        sa.Column("cleared_at", sa.String(27)),
        sa.Column("noun", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("incident_id", name="pk_incidents"),
    )
    op.create_index("ix_incidents_camera_id", "incidents", ["camera_id", "status"])
    op.create_index("ix_incidents_first_seen_at", "incidents", ["first_seen_at", "incident_id"])
    op.create_table(
        "revisions",
        sa.Column("incident_id", sa.String(200), nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("event", sa.String(20), nullable=False),
        sa.Column("recorded_at", sa.String(27), nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("incident_id", "revision", name="pk_revisions"),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.incident_id"], name="fk_revisions_incident_id"),
    )
    op.create_table(
        "evidence",
        sa.Column("incident_id", sa.String(200), nullable=False),
        sa.Column("uri", sa.String(500), nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("captured_at", sa.String(27), nullable=False),
        sa.Column("size_bytes", _WIDE, nullable=False),
        sa.Column("original_uri", sa.String(500)),
        sa.Column("original_sha256", sa.String(64)),
        sa.PrimaryKeyConstraint("incident_id", "uri", name="pk_evidence"),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.incident_id"], name="fk_evidence_incident_id"),
    )


def _outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("sequence", _WIDE, autoincrement=True, nullable=False),
        sa.Column("incident_id", sa.String(200), nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("sequence", name="pk_outbox"),
        sa.ForeignKeyConstraint(
            ["incident_id", "revision"], ["revisions.incident_id", "revisions.revision"], name="fk_outbox_incident_id"
        ),
        sa.UniqueConstraint("incident_id", "revision", name="uq_outbox_incident_id"),
        sqlite_autoincrement=True,
    )


def _sinks() -> None:
    op.create_table(
        "sinks",
        sa.Column("sink", sa.String(200), nullable=False),
        sa.Column("cursor", _WIDE, nullable=False),
        sa.Column("registered_at", sa.String(27), nullable=False),
        sa.PrimaryKeyConstraint("sink", name="pk_sinks"),
    )
    op.create_table(
        "attempts",
        sa.Column("sink", sa.String(200), nullable=False),
        sa.Column("sequence", _WIDE, nullable=False),
        sa.Column("incident_id", sa.String(200), nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("sink", "sequence", name="pk_attempts"),
        sa.ForeignKeyConstraint(["sink"], ["sinks.sink"], name="fk_attempts_sink"),
        sa.ForeignKeyConstraint(["sequence"], ["outbox.sequence"], name="fk_attempts_sequence"),
    )
    op.create_index("ix_attempts_incident_id", "attempts", ["sink", "incident_id"])
    op.create_table(
        "dead_letters",
        sa.Column("sink", sa.String(200), nullable=False),
        sa.Column("sequence", _WIDE, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("at", sa.String(27), nullable=False),
        sa.PrimaryKeyConstraint("sink", "sequence", name="pk_dead_letters"),
        sa.ForeignKeyConstraint(["sink"], ["sinks.sink"], name="fk_dead_letters_sink"),
        sa.ForeignKeyConstraint(["sequence"], ["outbox.sequence"], name="fk_dead_letters_sequence"),
    )
    op.create_table(
        "receipts",
        sa.Column("sink", sa.String(200), nullable=False),
        sa.Column("incident_id", sa.String(200), nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("receipt", sa.Text),
        sa.PrimaryKeyConstraint("sink", "incident_id", name="pk_receipts"),
        sa.ForeignKeyConstraint(["sink"], ["sinks.sink"], name="fk_receipts_sink"),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.incident_id"], name="fk_receipts_incident_id"),
    )
