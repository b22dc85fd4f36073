"""An SQLite file that is only read, also by somebody who may not write where it lies."""

import sqlite3
from pathlib import Path

from cvinspect.errors import DeliveryDelayed

_NOTHING_BESIDE = (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY)
"""What SQLite says where the files beside it can neither be found nor made; which, depends on its version."""


class ReadableFile:
    """Opens the file without changing it. Safe to use from many threads."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._journal = path.with_name(f"{path.name}-wal")
        self._is_still = False
        """Whether it was opened as a file that nobody writes to."""

    def connect(self, lock_timeout_s: float) -> sqlite3.Connection:
        """A connection that cannot write; raises sqlite3.Error.

        Readers of a file in WAL mode need the two files beside it, which are there while somebody has the ledger open.
        Where they are not, and this user may not make them, all that was written stands in the file itself
        (https://www.sqlite.org/wal.html, "Read-Only Databases").
        """
        try:
            return self._opened("mode=ro", lock_timeout_s)
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF not in _NOTHING_BESIDE or self._journal.exists():
                raise
        connection = self._opened("mode=ro&immutable=1", lock_timeout_s)
        self._is_still = True
        return connection

    def prove_unchanged(self) -> None:
        """Raise DeliveryDelayed where somebody may have begun to write under the hands of a reader."""
        if self._is_still and self._journal.exists():
            raise DeliveryDelayed(f"{self._path}: somebody has just begun to write to it; ask again")

    def _opened(self, how: str, lock_timeout_s: float) -> sqlite3.Connection:
        address = f"{self._path.absolute().as_uri()}?{how}"
        connection = sqlite3.connect(address, uri=True, timeout=lock_timeout_s, check_same_thread=False)
        try:
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        except BaseException:
            connection.close()
            raise
        return connection
