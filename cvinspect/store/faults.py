"""What goes wrong with a database, in this program's words: one line, what to do, and never a password."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, TimeoutError

from cvinspect.errors import DeliveryDelayed, DeliveryError

_LONGEST = 300
"""Letters of another program's words that still help."""

_PASSING_SQLITE = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR)

_PASSING_SQLSTATES = ("08", "40", "53", "55", "57")
"""Classes of PostgreSQL's codes that pass: connection, conflict, resources, a lock, an operator's intervention."""


@contextmanager
def told(place: str) -> Iterator[None]:
    """Every error of the database as DeliveryDelayed, where trying again may help, or as DeliveryError."""
    try:
        yield
    except DBAPIError as error:
        message = f"{place}: {_words(error.orig)}"
        raise (DeliveryDelayed(message) if _passes(error.orig) else DeliveryError(message)) from error
    except sqlite3.Error as error:  # as a connection was prepared
        message = f"{place}: {_words(error)}"
        raise (DeliveryDelayed(message) if _passes(error) else DeliveryError(message)) from error
    except TimeoutError as error:
        raise DeliveryDelayed(f"{place}: all its connections are busy") from error


def _passes(cause: BaseException | None) -> bool:
    if isinstance(cause, sqlite3.Error):
        code = getattr(cause, "sqlite_errorcode", None)
        return code is not None and code & 0xFF in _PASSING_SQLITE
    sqlstate = getattr(cause, "sqlstate", None)
    if sqlstate is None:  # it never got an answer: the server is away
        return any(kind.__name__ == "OperationalError" for kind in type(cause).__mro__)
    return str(sqlstate)[:2] in _PASSING_SQLSTATES


def _words(error: BaseException | None) -> str:
    line = " ".join(str(error).split())
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]}…"
