"""One database behind an address: SQLite in WAL mode, or PostgreSQL; opened, and its tables kept up to date."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import URL, Connection, make_url, text
from sqlalchemy.exc import ArgumentError

from cvinspect.errors import ConfigError, DeliveryDelayed, DeliveryError
from cvinspect.store.claim import Claim, FileClaim, ServerClaim
from cvinspect.store.engines import READING, postgresql, sqlite
from cvinspect.store.faults import told
from cvinspect.store.migration import prove_current, upgrade
from cvinspect.store.readable_file import ReadableFile

_CLOSE_S = 1.0
_WRITERS_LOCK = 7_227_001
"""Any number, the same in all copies of this program."""


class Database:
    """A database whose tables are as this program needs them.

    The address is a SQLAlchemy URL: `sqlite:///folder/ledger.db` (three slashes: relative to the working folder) or
    `postgresql://user@host/name`. PostgreSQL's password comes from `PGPASSWORD` or the user's `.pgpass`.
    """

    def __init__(
        self, address: str, *, lock_timeout_s: float = 5.0, reads_only: bool = False, claims: bool = False
    ) -> None:
        """Open it, make it if it is a file that is not there, and bring its tables up to date.

        With `claims` one daemon has it, until `close` or the end of the process: where another has it, DeliveryError
        is raised, and its tables are left alone.

        With `reads_only` nothing is made or brought up to date, nobody is waited for who writes, and whoever may read
        the file, or select from the tables, may open it. Raises ConfigError for an address that is none or holds a
        password, DeliveryError when it cannot be opened, or was made by a newer program (or by an older one, where it
        is only read), DeliveryDelayed when it cannot be opened now.
        """
        url = _checked(address)
        self._threads = threading.Lock()
        self._lock_timeout_s = lock_timeout_s
        self._is_sqlite = url.get_backend_name() == "sqlite"
        self.name = str(url.database) if self._is_sqlite else _shown(url)
        """What to call it in messages: the file, or the server without user."""
        self._file = ReadableFile(Path(self.name)) if self._is_sqlite and reads_only else None
        self._engine = (
            sqlite(url, lock_timeout_s, self._file)
            if self._is_sqlite
            else postgresql(url, self.name, lock_timeout_s, reads_only=reads_only)
        )
        self._reading = self._engine.execution_options(**{READING: True})
        self._claim: Claim | None = None
        self._claiming = threading.Lock()
        try:
            if reads_only:
                self._check()
            else:
                self._make_folder(url)
                if claims:
                    self._claim = self._new_claim()
                self._bring_up_to_date()
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
        if self._file is not None:
            self._file.prove_unchanged()

    def keep_claim(self) -> None:
        """Make sure that this ledger is still claimed, anew where that was lost.

        Raises DeliveryError when another daemon has it now, DeliveryDelayed when the database cannot be reached now.
        """
        with self._claiming, told(self.name):
            if self._claim is not None:
                self._claim.keep()

    def close(self) -> None:
        """Release every connection, and the claim; safe to call twice."""
        self._engine.dispose()
        if not self._claiming.acquire(timeout=_CLOSE_S):
            return  # a server that does not answer is being asked; the end of the process lets go of the claim
        try:
            if self._claim is not None:
                self._claim.close()
                self._claim = None
        finally:
            self._claiming.release()

    def _check(self) -> None:
        with self.reading() as connection:
            prove_current(connection, self.name)

    def _new_claim(self) -> Claim:
        with told(self.name):
            if self._is_sqlite:
                return FileClaim(Path(self.name), timeout_s=self._lock_timeout_s)
            return ServerClaim(self._engine, self.name, timeout_s=self._lock_timeout_s)

    def _bring_up_to_date(self) -> None:
        with self.writing() as connection:
            upgrade(connection, self.name)

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
