"""A database file, new for every test, and a certificate."""

import subprocess
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


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 that no authority has signed, and its key."""
    folder = tmp_path_factory.mktemp("tls")
    made, key = folder / "cert.pem", folder / "key.pem"
    names = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", made, "-days", "2"]
    subprocess.run([*command, *names], check=True, capture_output=True)
    return made, key
