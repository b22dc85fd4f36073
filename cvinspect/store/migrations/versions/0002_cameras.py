"""What a camera's ledger goes on from, how each camera is, and what the platforms say of incidents."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_WIDE = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Make the tables; instants are ISO 8601 text, UTC, 27 letters."""
    op.create_table(
        "ledgers",
        sa.Column("camera_id", sa.String(200), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("document", sa.Text, nullable=False),
        sa.Column("saved_at", sa.String(27), nullable=False),
        sa.PrimaryKeyConstraint("camera_id", name="pk_ledgers"),
    )
    op.create_table(
        "camera_states",
        sa.Column("camera_id", sa.String(200), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("since", sa.String(27), nullable=False),
        sa.Column("detail", sa.Text),
        sa.PrimaryKeyConstraint("camera_id", "state", name="pk_camera_states"),
    )
    op.create_table(
        "platform_statuses",
        sa.Column("number", _WIDE, autoincrement=True, nullable=False),
        sa.Column("incident_id", sa.String(200), nullable=False),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("by_whom", sa.String(200), nullable=False),
        sa.Column("why", sa.Text),
        sa.Column("at", sa.String(27), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_platform_statuses"),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.incident_id"], name="fk_platform_statuses_incident_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_platform_statuses_incident_id", "platform_statuses", ["incident_id", "number"])
