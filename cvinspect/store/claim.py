"""One daemon a ledger: two would each raise what they see, and contradict one another's revisions."""

import fcntl
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from sqlalchemy import Engine, text

from cvinspect.errors import DeliveryError

_DAEMON_LOCK = 7_227_002
"""Any number but that of the writers, the same in all copies of this program."""

_LOOK_EVERY_S = 0.2
_GONE = ("tcp_keepalives_idle = 10", "tcp_keepalives_interval = 5", "tcp_keepalives_count = 3")
"""The server notices within half a minute that the machine of a daemon is gone, not within hours."""


class Claim(Protocol):
    """Held until it is closed or the process ends, however it ends."""

    def close(self) -> None:
        """Let it go."""
        ...


def claim_file(path: Path, *, timeout_s: float) -> Claim:
    """Claim an SQLite ledger by a lock on a file beside it, which stays there.

    Waits so long for one that is just ending; raises DeliveryError when another has it or no file can be made.
    """
    try:
        file = path.with_name(f"{path.name}.lock").open("a")
    except OSError as error:
        raise DeliveryError(f"{path}: no lock can be made beside it: {error.strerror or error}") from error

    def is_ours() -> bool:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError:  # a file system without locks: better watched unguarded than not at all
            return True
        return True

    try:
        _wait(is_ours, str(path), timeout_s=timeout_s)
    except BaseException:
        file.close()
        raise
    return file


def claim_server(engine: Engine, name: str, *, timeout_s: float) -> Claim:
    """Claim a PostgreSQL ledger by a lock of a connection of its own; `name` is what to call it.

    Waits so long for one that is just ending; raises DeliveryError when another has it. A server that is restarted
    forgets it.
    """
    connection = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
    try:
        connection.detach()  # a pool would keep it, and the lock with it
        for setting in _GONE:
            connection.execute(text(f"SET {setting}"))
        asked = text("SELECT pg_try_advisory_lock(:key)")
        _wait(lambda: bool(connection.scalar(asked, {"key": _DAEMON_LOCK})), name, timeout_s=timeout_s)
    except BaseException:
        connection.close()
        raise
    return connection


def _wait(is_ours: Callable[[], bool], name: str, *, timeout_s: float) -> None:
    until_s = time.monotonic() + timeout_s
    while not is_ours():
        if time.monotonic() > until_s:
            raise DeliveryError(f"{name}: another `cvinspect watch` uses this ledger; two daemons need two ledgers")
        threading.Event().wait(_LOOK_EVERY_S)
