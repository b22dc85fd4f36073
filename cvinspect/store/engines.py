"""Connections to either kind of database, set up as this program needs them."""

import sqlite3
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event

from cvinspect.store.readable_file import ReadableFile

READING = "cvinspect_reading"
"""The execution option of a connection that changes nothing."""

_CONNECT_S = 5

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


def postgresql(url: URL, lock_timeout_s: float, *, reads_only: bool) -> Engine:
    """A server; a transaction that would change something is refused there where `reads_only`."""
    waiting_ms = max(1, round(lock_timeout_s * 1000))
    options = f"-c lock_timeout={waiting_ms} -c statement_timeout={waiting_ms * 6} -c synchronous_commit=on"
    if reads_only:
        options += " -c default_transaction_read_only=on"
    return create_engine(
        url,
        connect_args={"connect_timeout": _CONNECT_S, "options": options},
        pool_pre_ping=True,  # the server may have been restarted since
        **_POOL,
    )
