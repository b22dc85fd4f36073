"""A ledger that was restored from a backup and goes on is another one to those who have had its events."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_WIDE = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Make the table; instants are ISO 8601 text, UTC, 27 letters."""
    op.create_table(
        "generations",
        sa.Column("number", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("after_sequence", _WIDE, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("found_at", sa.String(27), nullable=False),
        sa.Column("adopted_at", sa.String(27)),
        sa.PrimaryKeyConstraint("number", name="pk_generations"),
    )
