"""Records that are too many for the memory: a part of them waits there, the rest in a file without a name."""

import os
import tempfile
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cvinspect.errors import DeliveryError

Records = NDArray[Any]
"""(n,) of a structured dtype."""

_HELD_BYTES = 1 << 20
"""What waits in memory: a small set needs no file at all."""

_BLOCK_RECORDS = 1 << 16


class SpillFile:
    """Records of one kind in the order in which they came; memory does not follow their number.

    The file lies in the folder for temporary files (TMPDIR) and is gone with the process, however that ends.
    """

    def __init__(self, kind: np.dtype[Any]) -> None:
        """`kind` is what a record holds."""
        self._kind = kind
        self._held = bytearray()
        self._file: int | None = None
        self._written_bytes = 0

    def __len__(self) -> int:
        return (self._written_bytes + len(self._held)) // self._kind.itemsize

    def add(self, records: Records) -> None:
        """More of them, at the end. Raises DeliveryError where the disk is full."""
        self._held += records.tobytes()
        if len(self._held) >= _HELD_BYTES:
            self._write()

    def part(self, first: int, count: int) -> Records:
        """`count` records from number `first` on, from 0. Raises DeliveryError."""
        size = self._kind.itemsize
        start, stop = first * size, (first + count) * size
        written = self._read(start, max(start, min(stop, self._written_bytes)))
        held = self._held[max(0, start - self._written_bytes) : max(0, stop - self._written_bytes)]
        return np.frombuffer(written + held, self._kind)

    def blocks(self) -> Iterator[Records]:
        """All of them, some thousands at a time. Raises DeliveryError."""
        for first in range(0, len(self), _BLOCK_RECORDS):
            yield self.part(first, min(_BLOCK_RECORDS, len(self) - first))

    def _write(self) -> None:
        try:
            if self._file is None:
                self._file, name = tempfile.mkstemp(prefix="cvinspect-")
                weakref.finalize(self, os.close, self._file)
                Path(name).unlink()
            rest = memoryview(bytes(self._held))
            while rest:
                rest = rest[os.write(self._file, rest) :]
        except OSError as error:
            raise _fault("written", error) from error
        self._written_bytes += len(self._held)
        self._held.clear()

    def _read(self, start: int, stop: int) -> bytes:
        if self._file is None or stop <= start:
            return b""
        try:
            return os.pread(self._file, stop - start, start)
        except OSError as error:
            raise _fault("read", error) from error


def _fault(what: str, error: OSError) -> DeliveryError:
    hint = "name a folder with room for temporary files in TMPDIR"
    return DeliveryError(f"{tempfile.gettempdir()}: cannot be {what}: {error.strerror or error}; {hint}")
