"""Runs the command line inside the test process and hands back what a shell would see."""

import io
import json
import signal
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cvinspect.cli.app import main


@dataclass(frozen=True, slots=True)
class Outcome:
    """Exit code and what was printed."""

    code: int
    out: str
    err: str

    @property
    def errors(self) -> list[str]:
        """The error lines, without their prefix."""
        return [line.removeprefix("error: ") for line in self.err.splitlines() if line.startswith("error: ")]


def cvinspect(*words: object) -> Outcome:
    """The program with these words on its command line."""
    out, err = io.StringIO(), io.StringIO()
    before = sys.argv
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    sys.argv = ["cvinspect", *map(str, words)]
    try:
        with redirect_stdout(out), redirect_stderr(err):
            main()
        code = 0
    except SystemExit as stop:
        code = int(stop.code or 0)
    finally:
        sys.argv = before
        for number, handler in handlers.items():
            signal.signal(number, handler)
    return Outcome(code, out.getvalue(), err.getvalue())


def records(folder: Path, name: str = "incidents.jsonl") -> list[dict[str, Any]]:
    """Every line of a record file."""
    return [json.loads(line) for line in (folder / name).read_text(encoding="utf-8").splitlines()]


def latest(folder: Path) -> list[dict[str, Any]]:
    """The latest revision of each incident, in order of first sight."""
    by_id = {record["incident_id"]: record for record in records(folder)}
    return sorted(by_id.values(), key=lambda record: str(record["first_seen_at"]))
