"""One daemon a ledger: two would each raise what they see, and contradict one another's revisions."""

import fcntl
import os
import threading
import time
from collections.abc import Callable
from io import TextIOWrapper
from pathlib import Path
from typing import Protocol

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from cvinspect.errors import DeliveryDelayed, DeliveryError

_DAEMON_LOCK = 7_227_002
"""Any number but that of the writers, the same in all copies of this program."""

_LOOK_EVERY_S = 0.2
_OWN_CONNECTION = (
    "SET tcp_keepalives_idle = 10",
    "SET tcp_keepalives_interval = 5",
    "SET tcp_keepalives_count = 3",
    "SELECT set_config('idle_session_timeout', '0', false)"
    " WHERE current_setting('idle_session_timeout', true) IS NOT NULL",
)
"""The server notices within half a minute that the machine of a daemon is gone, not within hours, and hangs up on no
daemon that has nothing to ask."""


class Claim(Protocol):
    """Held until it is closed or the process ends, however it ends."""

    def keep(self) -> None:
        """Make sure that it is held, anew where it was lost; raises DeliveryError when another has it now."""
        ...

    def close(self) -> None:
        """Let it go."""
        ...


def real_ledger(file: Path) -> Path:
    """The file of an SQLite ledger, by whatever name it is opened; raises DeliveryError where that leads nowhere."""
    try:
        return file.resolve()
    except (OSError, RuntimeError) as error:  # a circle of links
        raise DeliveryError(f"{file}: cannot be opened: {error}") from error


def lock_beside(real: Path) -> Path:
    """The file whose lock is the claim of the ledger in that real file; it stays there."""
    return real.with_name(f"{real.name}.lock")


class FileClaim:
    """An SQLite ledger's."""

    def __init__(self, file: Path, *, timeout_s: float) -> None:
        """Waits so long for a daemon that is just ending.

        Raises DeliveryError when another has it or no file can be made.
        """
        self._name = str(file)
        self._lock = lock_beside(real_ledger(file))
        self._file: TextIOWrapper | None = None
        _wait(self._is_ours, self.close, self._name, timeout_s=timeout_s)

    def keep(self) -> None:
        """Somebody may have removed the file: nobody else would see that lock."""
        if not self._is_ours():
            raise _taken(self._name)

    def close(self) -> None:
        """Let it go."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _is_ours(self) -> bool:
        if self._file is None or not self._is_there(self._file):
            self.close()
            self._file = self._opened()
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError:  # a file system without locks: better watched unguarded than not at all
            return True
        return self._is_there(self._file)

    def _opened(self) -> TextIOWrapper:
        try:
            return self._lock.open("a", encoding="ascii")
        except OSError as error:
            raise DeliveryError(f"{self._name}: no lock can be made beside it: {error.strerror or error}") from error

    def _is_there(self, file: TextIOWrapper) -> bool:
        try:
            return os.path.samestat(os.fstat(file.fileno()), self._lock.stat())
        except OSError:
            return False


class ServerClaim:
    """A PostgreSQL ledger's: a lock of a connection of its own, which a server that is restarted forgets."""

    def __init__(self, engine: Engine, name: str, *, timeout_s: float) -> None:
        """Waits so long for a daemon that is just ending; `name` is what to call the ledger.

        Raises DeliveryError when another has it, and SQLAlchemy's errors.
        """
        self._engine = engine
        self._name = name
        self._connection: Connection | None = None
        self._refused = False
        _wait(self._is_ours, self.close, name, timeout_s=timeout_s)

    def keep(self) -> None:
        """Ask the server whether the connection lives; raises SQLAlchemy's errors and DeliveryDelayed too."""
        if self._connection is not None:
            try:
                self._connection.execute(text("SELECT 1"))
            except DBAPIError:
                self.close()
            else:
                return
        try:
            is_ours = self._is_ours()
        except BaseException:
            self.close()  # a connection that is kept is one that has the lock
            raise
        if is_ours:
            self._refused = False
            return
        self.close()
        if not self._refused:  # the server may not know yet that the connection before is gone
            self._refused = True
            raise DeliveryDelayed(f"{self._name}: the claim of this ledger was lost with its connection")
        raise _taken(self._name)

    def close(self) -> None:
        """Let it go."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _is_ours(self) -> bool:
        if self._connection is None:
            self._connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
            self._connection.detach()  # a pool would keep it, and the lock with it
            for setting in _OWN_CONNECTION:
                self._connection.execute(text(setting))
        return bool(self._connection.scalar(text("SELECT pg_try_advisory_lock(:key)"), {"key": _DAEMON_LOCK}))


def _wait(is_ours: Callable[[], bool], close: Callable[[], None], name: str, *, timeout_s: float) -> None:
    """Until it is ours; nothing is left open where it is not."""
    until_s = time.monotonic() + timeout_s
    try:
        while not is_ours():
            if time.monotonic() > until_s:
                raise _taken(name)
            threading.Event().wait(_LOOK_EVERY_S)
    except BaseException:
        close()
        raise


def _taken(name: str) -> DeliveryError:
    return DeliveryError(f"{name}: another `cvinspect watch` uses this ledger; two daemons need two ledgers")
