"""The daemon of the fault suite: the real one, but that its detector finds painted things and its clock can be set.

`python -m tests.faults.daemon_program` loads the program once and then forks a daemon for each order on stdin, so that
one that was killed is back after a moment. Orders and answers are JSON, one a line:

    {"do": "start", "folder": "..."}   -> {"pid": 1234}       site.yaml lies in the folder; stderr goes to daemon.log
    {"do": "poll", "pid": 1234}        -> {"code": null}      still runs; else its exit code, negative for a signal

A daemon reads words from the named pipe `control` in its folder, one a line: `clock 7200` sets its wall clock so many
seconds ahead of the machine's, `readonly 1` makes every connection to SQLite refuse to write, `readonly 0` no more.
"""

# ruff: noqa: BLE001, T201  it answers on stdout, and whatever kills a daemon goes to that daemon's log
import json
import os
import random
import signal
import sys
import threading
import time
import traceback
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import alembic.command  # noqa: F401  loaded before the fork
import prometheus_client  # noqa: F401
import uvicorn.lifespan.on
import uvicorn.protocols.http.auto  # noqa: F401
from sqlalchemy import Connection, Engine, event

import cvinspect.commands.watch  # noqa: F401
from cvinspect.assembly.models import Model, load_model
from cvinspect.cli.watch import Signals, keep_watching, since_boot_s
from cvinspect.config.site import Site, load_site
from cvinspect.daemon.camera_builder import Surroundings
from cvinspect.errors import CvinspectError
from tests.faults.painted import PaintDetector


class PaintedModel(Model):
    """The shipped card, and a detector that needs no network."""

    def detectors(self, count: int, **given: object) -> Any:  # noqa: ANN401  the network's own type is promised
        return [PaintDetector() for _ in range(count)]


@dataclass
class Controls:
    """What the tests have set."""

    clock_s: float = 0.0
    is_readonly: bool = False

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self.clock_s)

    def obey(self, pipe: Path) -> None:
        """For ever."""
        with os.fdopen(os.open(pipe, os.O_RDWR), encoding="ascii") as orders:
            for line in orders:
                word, value = line.split()
                match word:
                    case "clock":
                        self.clock_s = float(value)
                    case "readonly":
                        self.is_readonly = value == "1"

    def prepare(self, connection: Connection) -> None:
        """Before every transaction."""
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql(f"PRAGMA query_only = {int(self.is_readonly)}")


def run(folder: Path) -> int:
    """One daemon, until it ends; its exit code."""
    controls = Controls()
    threading.Thread(target=controls.obey, args=(folder / "control",), daemon=True).start()
    event.listen(Engine, "begin", controls.prepare)
    environ = {**os.environ, **json.loads((folder / "environ.json").read_text())}
    around = Surroundings(controls.now, since_boot_s, random.random, environ)

    def load() -> tuple[Site, Model]:
        site = load_site(folder / "site.yaml")
        model = load_model(site, None)
        return site, PaintedModel(model.card, model.path)

    try:
        return 0 if keep_watching(load, around, Signals()) else 1
    except CvinspectError as error:
        print(f"error: {error}", file=sys.stderr)
        return error.exit_code


def _start(folder: Path) -> int:
    pid = os.fork()
    if pid:
        return pid
    code = 70
    try:
        log = os.open(folder / "daemon.log", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.dup2(log, 1)
        os.dup2(log, 2)
        random.seed()
        code = run(folder)
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)


def _poll(pid: int) -> int | None:
    found, status = os.waitpid(pid, os.WNOHANG)
    return None if found == 0 else os.waitstatus_to_exitcode(status)


def nurse() -> None:
    """Obey orders until stdin closes, then end what still runs."""
    running: set[int] = set()
    for line in sys.stdin:
        order = json.loads(line)
        if order["do"] == "start":
            pid = _start(Path(order["folder"]))
            running.add(pid)
            answer: dict[str, int | None] = {"pid": pid}
        else:
            answer = {"code": _poll(order["pid"])}
            if answer["code"] is not None:
                running.discard(order["pid"])
        print(json.dumps(answer), flush=True)
    for pid in running:
        os.kill(pid, signal.SIGKILL)


if __name__ == "__main__":
    time.tzset()
    print(json.dumps({"ready": True}), flush=True)
    nurse()
