"""A file of structured CloudEvents, one a line."""

import fcntl
import json
import os
from contextlib import suppress
from pathlib import Path
from stat import S_ISREG
from typing import Literal

from cvinspect.dispatch import Answer
from cvinspect.dispatch.cloudevents import CloudEvent
from cvinspect.durable import sync_folder
from cvinspect.errors import DeliveryDelayed

Sync = Literal["always", "system"]
"""When a line must be on disk: before the event counts as delivered, or whenever the system writes it."""

_BLOCK_BYTES = 65_536


class JsonLines:
    """A sink that appends. It holds whole lines only, also after a power cut, and may be rotated at any time."""

    def __init__(self, name: str, path: Path, *, sync: Sync = "always") -> None:
        self.name = name
        self.path = path
        self._sync = sync
        self._file: int | None = None

    def deliver(self, event: CloudEvent, *, receipt: str | None) -> Answer:  # noqa: ARG002  nothing to go on from
        """Append one line; what a failing write left of it is cut off again. Raises DeliveryDelayed."""
        line = event.structured() + b"\n"
        try:
            file = self._opened()
            self._append(file, line)
        except OSError as error:
            self.close()  # after a failed sync the system forgets what was not written: begin anew
            raise DeliveryDelayed(f"{self.path}: cannot be written: {error.strerror or error}") from error
        return Answer()

    def last_line(self) -> bytes | None:
        """The last whole line, as the file is now; None where there is none, or it cannot be read."""
        try:
            file = os.open(self.path, os.O_RDONLY | os.O_NONBLOCK)  # a pipe would keep the start waiting
        except OSError:
            return None
        try:
            return _last_whole_line(file)
        except OSError:
            return None
        finally:
            os.close(file)

    def close(self) -> None:
        """Release the file; safe to call twice."""
        if self._file is not None:
            file, self._file = self._file, None
            with suppress(OSError):
                os.close(file)

    def _opened(self) -> int:
        """The file of that name as it is now; opened anew, and mended, where it is another than before."""
        if self._file is not None and not _is_same(self._file, self.path):
            self.close()
        if self._file is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._file = _open_own(self.path)
            if self._sync == "always":
                sync_folder(self.path.parent)
        return self._file

    def _append(self, file: int, line: bytes) -> None:
        before_bytes = os.fstat(file).st_size
        try:
            rest = memoryview(line)
            while rest:
                rest = rest[os.write(file, rest) :]
            if self._sync == "always":
                os.fsync(file)
        except OSError:
            with suppress(OSError):
                os.ftruncate(file, before_bytes)
            raise


def _is_same(file: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(file), path.stat())
    except OSError:
        return False


def _open_own(path: Path) -> int:
    """The file, opened for appending, ours alone, and ending with a whole line."""
    file = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NONBLOCK, 0o644)
    try:
        _own(file, path)
        _mend(file)
    except BaseException:
        os.close(file)
        raise
    return file


def _own(file: int, path: Path) -> None:
    """Make sure that nobody else appends: half a line of theirs would be taken for ours."""
    if not S_ISREG(os.fstat(file).st_mode):
        raise DeliveryDelayed(f"{path}: is no ordinary file")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise DeliveryDelayed(f"{path}: another program writes to it") from error


def _mend(file: int) -> None:
    """End the file with a whole line: a last one that is torn, or the zeros of a power cut, are cut off."""
    size_bytes = os.fstat(file).st_size
    if size_bytes == 0 or os.pread(file, 1, size_bytes - 1) == b"\n":
        return
    start = _last_line(file, size_bytes)
    if _is_json(os.pread(file, size_bytes - start, start)):
        os.write(file, b"\n")
    else:
        os.ftruncate(file, start)
    os.fsync(file)


def _last_whole_line(file: int) -> bytes | None:
    if not S_ISREG(os.fstat(file).st_mode):
        return None
    end = _last_line(file, os.fstat(file).st_size)
    start = _last_line(file, end - 1) if end > 0 else 0
    return os.pread(file, end - 1 - start, start) if end > 0 else None


def _last_line(file: int, end: int) -> int:
    """Where what follows the last line end begins."""
    while end > 0:
        begin = max(0, end - _BLOCK_BYTES)
        found = os.pread(file, end - begin, begin).rfind(b"\n")
        if found >= 0:
            return begin + found + 1
        end = begin
    return 0


def _is_json(data: bytes) -> bool:
    try:
        return isinstance(json.loads(data), dict)
    except ValueError:
        return False
