"""The process that starts daemons, one after the other, without loading the program each time."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any


class Nursery:
    """Starts daemons without loading the program each time."""

    def __init__(self) -> None:
        single = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.daemon_program"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, **single},
            text=True,
        )
        self._lock = threading.Lock()
        self._read()

    def start(self, folder: Path) -> int:
        """The process of a new daemon on that folder."""
        return int(self._ask({"do": "start", "folder": str(folder)})["pid"])

    def code(self, pid: int) -> int | None:
        """How it ended; None while it runs."""
        code = self._ask({"do": "poll", "pid": pid})["code"]
        return None if code is None else int(code)

    def close(self) -> None:
        """Whatever daemon still runs is killed."""
        with self._process:
            assert self._process.stdin is not None
            self._process.stdin.close()
            self._process.wait(10)

    def _ask(self, order: Mapping[str, object]) -> dict[str, Any]:
        with self._lock:
            assert self._process.stdin is not None
            self._process.stdin.write(json.dumps(order) + "\n")
            self._process.stdin.flush()
            return self._read()

    def _read(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, "the nursery has ended"
        return dict(json.loads(line))


@contextmanager
def a_nursery() -> Iterator[Nursery]:
    """One while the block runs."""
    nursery = Nursery()
    try:
        yield nursery
    finally:
        nursery.close()
