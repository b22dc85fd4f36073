"""A new database of each kind."""

from pathlib import Path

from tests.store import postgres
from tests.store.ledger_makers import sqlite_at

KINDS = ("sqlite", "postgresql")


def new_address(kind: str, folder: Path) -> str:
    """The address of a database that is new; skips the test where there is no PostgreSQL."""
    return sqlite_at(folder / "ledger.db") if kind == "sqlite" else postgres.new_database()
