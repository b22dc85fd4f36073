"""How far the ledger had come when its events were sent, kept outside of it: one that comes back older is a backup."""

import json
import logging
import os
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

from cvinspect.durable import sync_folder
from cvinspect.store.generations import Reached

_LOG = logging.getLogger(__name__)

_FORMAT = "cvinspect.reached/1"


class ReachedFile:
    """One small file that only goes forward. Safe to use from many threads."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        self._noted: Reached | None = None
        self._is_failing = False

    def read(self) -> Reached | None:
        """What was noted last; None where there is nothing, or nothing that can be read."""
        try:
            found: Any = json.loads(self.path.read_bytes())
            if found["format"] != _FORMAT:
                return None
            return Reached(int(found["generation"]), int(found["sequence"]))
        except (OSError, ValueError, LookupError, TypeError, RecursionError):
            return None

    def note(self, reached: Reached) -> None:
        """The ledger has come so far, and an event of that is about to be sent; on disk when this returns.

        Where it cannot be written that is told, once, and events go out all the same.
        """
        with self._lock:
            if self._noted is None:
                self._noted = self.read()
            if self._noted is not None and reached <= self._noted:
                return
            try:
                self._write(reached)
            except OSError as error:
                if not self._is_failing:
                    _LOG.warning(
                        "%s: cannot be written: %s; a restored backup would not be noticed",
                        self.path, error.strerror or error,
                    )  # fmt: skip
                self._is_failing = True
                return
            self._noted, self._is_failing = reached, False

    def _write(self, reached: Reached) -> None:
        body = {"format": _FORMAT, "generation": reached.generation, "sequence": reached.sequence}
        part = self.path.with_name(f".{self.path.name}.part")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with part.open("wb") as file:
                file.write(json.dumps(body).encode() + b"\n")
                file.flush()
                os.fsync(file.fileno())
            part.replace(self.path)
            sync_folder(self.path.parent)
        except OSError:
            with suppress(OSError):
                part.unlink(missing_ok=True)
            raise
