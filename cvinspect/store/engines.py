"""Connections to either kind of database, set up as this program needs them."""

import sqlite3
from typing import TYPE_CHECKING, Any

from sqlalchemy import URL, Connection, Engine, create_engine, event

from cvinspect.errors import DeliveryError
from cvinspect.store.readable_file import ReadableFile

if TYPE_CHECKING:
    from psycopg import Connection as ServerConnection

READING = "cvinspect_reading"
"""The execution option of a connection that changes nothing."""

_CONNECT_S = 5

_GONE = {
    "tcp_user_timeout": 20_000,  # milliseconds
    "keepalives": 1,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
}
"""A server that is gone without a word is noticed within half a minute: its own time limits tell us nothing then."""

_GRACE_S = 5.0
"""How much later than its own time limit a server's answer may come."""

_ENCODING = "UTF8"

_POOL: dict[str, Any] = {"pool_size": 5, "max_overflow": 40, "hide_parameters": True}
"""A connection for each camera and each sink at work at the same moment; no parameters in messages."""


def sqlite(url: URL, lock_timeout_s: float, file: ReadableFile | None) -> Engine:
    """A file in WAL mode; where it is a `file` that is only read, its mode is left as it is."""
    if file is None:
        engine = create_engine(url, connect_args={"timeout": lock_timeout_s}, **_POOL)
    else:
        engine = create_engine(url, creator=lambda: file.connect(lock_timeout_s), **_POOL)

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _: Any) -> None:  # noqa: ANN401
        connection.isolation_level = None  # the driver would begin transactions late, and not before tables are made
        if file is None:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")  # less, and a power cut takes back what was promised
            connection.execute("PRAGMA foreign_keys = ON")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        reads = connection.get_execution_options().get(READING, False)
        connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")

    return engine


def postgresql(url: URL, name: str, lock_timeout_s: float, *, reads_only: bool) -> Engine:
    """A server; a transaction that would change something is refused there where `reads_only`.

    Connecting raises DeliveryError where the database, in messages `name`, cannot hold every letter.
    """
    waiting_ms = max(1, round(lock_timeout_s * 1000))
    statement_ms = waiting_ms * 6
    options = f"-c lock_timeout={waiting_ms} -c statement_timeout={statement_ms} -c synchronous_commit=on"
    if reads_only:
        options += " -c default_transaction_read_only=on"
    engine = create_engine(
        url,
        connect_args={"connect_timeout": _CONNECT_S, "options": options, **_GONE},
        pool_pre_ping=True,  # the server may have been restarted since
        **_POOL,
    )

    @event.listens_for(engine, "do_connect")
    def connect(_dialect: Any, _record: Any, address: Any, options: Any) -> "ServerConnection[Any]":  # noqa: ANN401
        from cvinspect.store.impatient import ImpatientConnection  # noqa: PLC0415  # SQLite needs no psycopg

        return ImpatientConnection.within(statement_ms / 1000 + _GRACE_S, *address, **options)

    @event.listens_for(engine, "connect", insert=True)  # first: SQLAlchemy's own questions fail with SQL_ASCII
    def check(connection: "ServerConnection[Any]", _: Any) -> None:  # noqa: ANN401
        encoding = connection.info.parameter_status("server_encoding")
        if encoding != _ENCODING:
            connection.close()
            raise DeliveryError(f"{name}: its encoding is {encoding}; allowed: {_ENCODING}")

    return engine
