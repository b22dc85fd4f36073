"""Ledgers' states that could not be gone on from, kept for somebody to look at."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_WIDE = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Make the table; instants are ISO 8601 text, UTC, 27 letters."""
    op.create_table(
        "ledgers_set_aside",
        sa.Column("number", _WIDE, autoincrement=True, nullable=False),
        sa.Column("camera_id", sa.String(200), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("document", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("found_at", sa.String(27), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_ledgers_set_aside"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_ledgers_set_aside_camera_id", "ledgers_set_aside", ["camera_id", "number"])
