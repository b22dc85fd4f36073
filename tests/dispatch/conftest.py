"""A database file, new for every test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from cvinspect.store.database import Database
from tests.store.ledger_makers import sqlite_at


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = Database(sqlite_at(tmp_path / "ledger.db"))
    yield opened
    opened.close()
