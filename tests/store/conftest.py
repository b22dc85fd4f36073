"""A database of each kind, new for every test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from cvinspect.store.database import Database
from tests.store import postgres
from tests.store.ledger_makers import sqlite_at


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return sqlite_at(tmp_path / "ledger.db") if request.param == "sqlite" else postgres.new_database()


@pytest.fixture
def database(address: str) -> Iterator[Database]:
    opened = Database(address)
    yield opened
    opened.close()
