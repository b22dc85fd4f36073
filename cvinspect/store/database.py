"""One database behind an address: SQLite in WAL mode, or PostgreSQL; opened, and its tables kept up to date."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError

from cvinspect.errors import ConfigError, DeliveryDelayed, DeliveryError
from cvinspect.store.faults import told
from cvinspect.store.migration import upgrade

_WRITERS_LOCK = 7_227_001
"""Any number, the same in all copies of this program."""

_CONNECT_S = 5

_POOL: dict[str, Any] = {"pool_size": 5, "max_overflow": 40, "hide_parameters": True}
"""A connection for each camera and each sink at work at the same moment; no parameters in messages."""

_READING = "cvinspect_reading"


class Database:
    """A database whose tables are as this program needs them.

    The address is a SQLAlchemy URL: `sqlite:///folder/ledger.db` (three slashes: relative to the working folder) or
    `postgresql://user@host/name`. PostgreSQL's password comes from `PGPASSWORD` or the user's `.pgpass`.
    """

    def __init__(self, address: str, *, lock_timeout_s: float = 5.0) -> None:
        """Open it, make it if it is a file that is not there, and bring its tables up to date.

        Raises ConfigError for an address that is none or holds a password, DeliveryError when it cannot be opened or
        was made by a newer program, DeliveryDelayed when it cannot be opened now.
        """
        url = _checked(address)
        self._threads = threading.Lock()
        self._lock_timeout_s = lock_timeout_s
        self._is_sqlite = url.get_backend_name() == "sqlite"
        self.name = str(url.database) if self._is_sqlite else _shown(url)
        """What to call it in messages: the file, or the server without user."""
        self._engine = _sqlite(url, lock_timeout_s) if self._is_sqlite else _postgresql(url, lock_timeout_s)
        self._reading = self._engine.execution_options(**{_READING: True})
        try:
            self._make_folder(url)
            with self.writing() as connection:
                upgrade(connection, self.name)
        except BaseException:
            self.close()
            raise

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction, alone: what is written in it is on disk when this ends, or none of it.

        Writers go one after another, so that the outbox is numbered in the order in which it becomes visible: a
        cursor that has passed a number never misses a smaller one.
        """
        with self._turn(), told(self.name), self._engine.begin() as connection:
            if not self._is_sqlite:
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _WRITERS_LOCK})
            yield connection

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """This program's threads queue here: SQLite has them poll, and whoever writes much keeps the rest out."""
        if not self._threads.acquire(timeout=self._lock_timeout_s):
            raise DeliveryDelayed(f"{self.name}: others have been writing for {self._lock_timeout_s:g} s")
        try:
            yield
        finally:
            self._threads.release()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A view of the database as it is at one moment; holds nobody up."""
        with told(self.name), self._reading.begin() as connection:
            yield connection

    def close(self) -> None:
        """Release every connection; safe to call twice."""
        self._engine.dispose()

    def _make_folder(self, url: URL) -> None:
        if not self._is_sqlite or not url.database or url.database == ":memory:":
            return
        try:
            Path(url.database).parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise DeliveryError(f"{url.database}: its folder cannot be made: {error.strerror}") from error


def _checked(address: str) -> URL:
    try:
        url = make_url(address)
        backend = url.get_backend_name()
    except ArgumentError as error:
        raise ConfigError("database: no address of a database; allowed: sqlite:///FILE, postgresql://…") from error
    if url.password is not None or any("password" in key for key in url.query):
        raise ConfigError(
            "database: holds a password; put it into PGPASSWORD or .pgpass and leave it out of the address"
        )
    match backend:
        case "sqlite":
            if not url.database or url.database == ":memory:":
                raise ConfigError("database: an SQLite database needs a file: sqlite:///folder/ledger.db")
            return url.set(drivername="sqlite+pysqlite")
        case "postgresql" | "postgres":
            return url.set(drivername="postgresql+psycopg")
        case _:
            raise ConfigError(f"database: {backend} is none that this program knows; allowed: sqlite, postgresql")


def _shown(url: URL) -> str:
    port = f":{url.port}" if url.port else ""
    return f"{url.get_backend_name()}://{url.host or 'local'}{port}/{url.database or ''}"


def _sqlite(url: URL, lock_timeout_s: float) -> Engine:
    engine = create_engine(url, connect_args={"timeout": lock_timeout_s}, **_POOL)

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _: Any) -> None:  # noqa: ANN401
        connection.isolation_level = None  # the driver would begin transactions late, and not before tables are made
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")  # less, and a power cut takes back what was promised
        connection.execute("PRAGMA foreign_keys = ON")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        reads = connection.get_execution_options().get(_READING, False)
        connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")

    return engine


def _postgresql(url: URL, lock_timeout_s: float) -> Engine:
    waiting_ms = max(1, round(lock_timeout_s * 1000))
    options = f"-c lock_timeout={waiting_ms} -c statement_timeout={waiting_ms * 6} -c synchronous_commit=on"
    return create_engine(
        url,
        connect_args={"connect_timeout": _CONNECT_S, "options": options},
        pool_pre_ping=True,  # the server may have been restarted since
        **_POOL,
    )
