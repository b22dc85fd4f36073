"""One site under test: a folder with a configuration, its daemon, what that tells, and what it leaves behind."""

import json
import os
import signal
import socket
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx
import psycopg
import yaml

from tests.dispatch.http_server import Answer, Server, says, serving
from tests.faults.nursery import Nursery
from tests.faults.relay import free_port
from tests.faults.view import View, view_of

DWELL_S = 3.0
LONG_DWELL_S = 9.0
"""Of cars and of bicycles: something can happen in the middle of the latter."""
GAP_S = 30.0
LONG_GAP_S = 120.0
"""The grace of cars and of bicycles: a camera that is away for less breaks no dwell."""

ACCEPTS = says("202 Accepted")

_POLL_S = 0.5
_PATIENCE_S = 60.0
_LATE_S = 0.7


@dataclass
class House:
    """A daemon with its cameras and two sinks, of which one writes lines and the other posts to `hook`."""

    nursery: Nursery
    folder: Path
    hook: Server
    cameras: dict[str, dict[str, object]]
    """What the configuration says of each camera, by id."""
    environ: dict[str, str] = field(default_factory=dict)
    fps: float = 2.0
    """Samples a second of each camera."""
    clocks_s: list[float] = field(default_factory=lambda: [0.0])
    """By how much the daemon's wall clock was ahead of the machine's, one after the other."""
    address: str | None = None
    """Of the ledger's database; None: a file in the folder."""
    more_sinks: list[dict[str, object]] = field(default_factory=list)
    """What the configuration says of sinks beside those two."""
    pid: int | None = None
    views: dict[str, list[View]] = field(default_factory=dict)
    taken: list[str] = field(default_factory=list)
    """The ids of the events that the other sink's receiver took, in order."""

    def __post_init__(self) -> None:
        self._port = free_port()
        self.receive()
        self._stopping = threading.Event()
        self._poller = threading.Thread(target=self._poll, daemon=True)
        self.folder.mkdir(parents=True, exist_ok=True)
        os.mkfifo(self.folder / "control")
        self._control = os.open(self.folder / "control", os.O_RDWR)
        self._client = httpx.Client(base_url=f"http://127.0.0.1:{self._port}", timeout=5.0)
        self.write_config()

    @property
    def database(self) -> Path:
        return self.folder / "data" / "ledger.db"

    @property
    def lines(self) -> list[str]:
        """The ids of the events in the file of the one sink, in order."""
        path = self.folder / "data" / "lines.jsonl"
        return [json.loads(line)["id"] for line in path.read_text().splitlines()] if path.exists() else []

    def takes(self, answer: Answer) -> Answer:
        """An answer by which the receiver takes an event, once it is said."""

        def take(connection: socket.socket) -> None:
            body = self.hook.requests[-1].body  # it answers one request after the other
            answer(connection)
            self.taken.append(json.loads(body)["id"])

        return take

    def receive(self, answer: Answer | None = None) -> None:
        """How the receiver answers from now on; by default it takes every event."""
        self.hook.answers[:] = [answer or self.takes(ACCEPTS)]

    @property
    def log(self) -> str:
        return (self.folder / "daemon.log").read_text()

    def write_config(self) -> None:
        """As the cameras and the environment are now."""
        document = {
            "cameras": [{"id": name, **given} for name, given in self.cameras.items()],
            "violations": {
                "illegal_parking_motor": {"dwell_s": DWELL_S, "gap_s": GAP_S},
                "illegal_parking_nonmotor": {"dwell_s": LONG_DWELL_S, "gap_s": LONG_GAP_S, "pre_alarm_s": 1.0},
            },
            "watch": {
                "fps": self.fps,
                "workers": 1,
                "database": self.address or "sqlite:///data/ledger.db",
                "evidence": "data",
                "api": {"port": self._port},
                "retention": {"min_free_gb": 0},
            },
            "sinks": [
                {"type": "jsonl", "name": "lines", "path": "data/lines.jsonl", "sync": "system"},
                {"type": "webhook", "name": "hook", "url": f"{self.hook.url}/", "read_s": 2},
                *self.more_sinks,
            ],
        }
        (self.folder / "environ.json").write_text(json.dumps(self.environ))
        part = self.folder / "site.part"
        part.write_text(yaml.safe_dump(document))
        part.replace(self.folder / "site.yaml")

    def start(self) -> None:
        """Start the daemon, as after a power cut; does not wait for it."""
        self.pid = self.nursery.start(self.folder)
        if self._poller.ident is None:
            self._poller.start()

    def kill(self) -> None:
        """kill -9."""
        assert self.pid is not None
        os.kill(self.pid, signal.SIGKILL)
        assert self._ended(10) == -signal.SIGKILL, self.log[-2000:]

    def terminate(self) -> tuple[float, int | None]:
        """SIGTERM; seconds until it ended, and its exit code (None where it did not end)."""
        assert self.pid is not None
        began_s = time.monotonic()
        os.kill(self.pid, signal.SIGTERM)
        code = self._ended(30)
        return time.monotonic() - began_s, code

    def reload(self) -> None:
        """SIGHUP."""
        assert self.pid is not None
        os.kill(self.pid, signal.SIGHUP)

    def order(self, words: str) -> None:
        """A word for the daemon's control pipe."""
        os.write(self._control, f"{words}\n".encode())

    def step_clock(self, ahead_s: float) -> None:
        """From now on the daemon's wall clock is so many seconds ahead of the machine's."""
        self.clocks_s.append(ahead_s)
        self.order(f"clock {ahead_s}")

    def ask(self, path: str) -> dict[str, Any]:
        """GET from its API."""
        return dict(self._client.get(path).json())

    def view(self, camera: str) -> View | None:
        """The newest of a camera."""
        views = self.views.get(camera)
        return views[-1] if views else None

    def until(self, true: Callable[[], bool], *, within_s: float = _PATIENCE_S, what: str = "") -> float:
        """Wait; seconds it took."""
        began_s = time.monotonic()
        while not true():
            took_s = time.monotonic() - began_s
            assert took_s < within_s, f"{self.folder.name}: {what} not within {within_s:g} s\n{self.log[-3000:]}"
            assert self.pid is None or self.nursery.code(self.pid) is None, self.log[-3000:]
            threading.Event().wait(0.1)
        return time.monotonic() - began_s

    def until_inspected(self, cameras: Sequence[str] | None = None, *, within_s: float = _PATIENCE_S) -> float:
        """Wait until a frame that is captured from now on was inspected of each camera; seconds it took."""
        began_s = time.time()
        names = list(self.cameras) if cameras is None else cameras
        return self.until(
            lambda: all(self.seen_again_s(name, began_s) is not None for name in names),
            within_s=within_s,
            what=f"{names} seen",
        )

    def seen_again_s(self, camera: str, since_s: float) -> float | None:
        """By when a frame was inspected that was captured at that moment or later; None: not yet."""
        return next((view.at_s for view in list(self.views.get(camera, ())) if self._shows(view, since_s)), None)

    def _shows(self, view: View, since_s: float) -> bool:
        return view.at_s >= since_s and view.last_frame_s is not None and self.true_s(view.last_frame_s) >= since_s

    def starved(self, camera: str, until_s: float) -> list[tuple[float, float]]:
        """From when to when, until that moment, a camera may not have been looked at for two samples and more.

        Where nothing was done to the camera, the machine had no time for it.
        """
        told = [view for view in list(self.views.get(camera, ())) if view.last_frame_s is not None]
        news = [told[0], *(b for a, b in pairwise(told) if b.last_frame_s != a.last_frame_s)] if told else []
        moments = [(self.true_s(view.last_frame_s or 0.0), view.inspected) for view in news]
        if moments and moments[-1][0] < until_s:
            moments.append((until_s, moments[-1][1] + 1))
        return [(a, b) for (a, before), (b, after) in pairwise(moments) if self._hole_s(b - a, after - before) > 0]

    def _hole_s(self, passed_s: float, inspected: int) -> float:
        """By how much the longest time without a look may be too long, of so many looks in that time."""
        return passed_s - (max(1, inspected) - 1) / self.fps - (2.0 / self.fps + _LATE_S)

    def until_delivered(self, *, within_s: float = _PATIENCE_S) -> float:
        """Wait until all that is found by now is recorded and sent to both sinks; seconds it took."""
        began_s, began = time.time(), time.monotonic()
        self.until(lambda: self._is_recorded(began_s), within_s=within_s, what="recorded")
        last = self._last_event()
        self.until(lambda: self._least_cursor() >= last, within_s=within_s, what=f"event {last} sent")
        return time.monotonic() - began

    def true_s(self, wall_s: float) -> float:
        """What the machine's clock said when the daemon's said that: clocks are stepped by more than a test lasts."""
        return min((wall_s - ahead_s for ahead_s in self.clocks_s), key=lambda one: abs(one - time.time()))

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Of the ledger."""
        if self.address is not None:
            with closing(psycopg.connect(self.address)) as server:
                return server.execute(query.encode()).fetchall()
        with closing(sqlite3.connect(self.database, timeout=10)) as connection:
            return connection.execute(query).fetchall()

    def write(self, statement: str, *values: object) -> None:
        """Into the ledger's file, behind the daemon's back."""
        with closing(sqlite3.connect(self.database, timeout=10)) as connection, connection:
            connection.execute(statement, values)

    def close(self) -> None:
        """End everything."""
        self._stopping.set()
        if self._poller.ident is not None:
            self._poller.join(10)
        if self.pid is not None and self.nursery.code(self.pid) is None:
            os.kill(self.pid, signal.SIGKILL)
        self._client.close()
        os.close(self._control)

    def _ended(self, within_s: float) -> int | None:
        assert self.pid is not None
        ends_s = time.monotonic() + within_s
        while (code := self.nursery.code(self.pid)) is None and time.monotonic() < ends_s:
            threading.Event().wait(0.02)
        if code is not None:
            self.pid = None
        return code

    def _is_recorded(self, since_s: float) -> bool:
        """Whether at some moment since then nothing waited for the database."""
        newest = [views[-1] for views in self.views.values() if views]
        return bool(newest) and all(view.at_s >= since_s and view.unrecorded == 0 for view in newest)

    def _last_event(self) -> int:
        return int(self.rows("SELECT coalesce(max(sequence), 0) FROM outbox")[0][0])

    def _least_cursor(self) -> int:
        return int(self.rows("SELECT min(cursor) FROM sinks")[0][0])

    def _poll(self) -> None:
        with httpx.Client(base_url=f"http://127.0.0.1:{self._port}", timeout=5.0) as client:
            while not self._stopping.wait(_POLL_S):
                began_s = time.time()
                try:
                    cameras = client.get("/cameras").json()["cameras"]
                except (httpx.HTTPError, ValueError, KeyError):
                    continue
                for one in cameras:
                    self.views.setdefault(one["id"], []).append(view_of(one, began_s))


@contextmanager
def a_house(
    nursery: Nursery,
    folder: Path,
    cameras: Mapping[str, Mapping[str, object]],
    *,
    environ: Mapping[str, str] | None = None,
    fps: float = 2.0,
    address: str | None = None,
    more_sinks: Sequence[Mapping[str, object]] = (),
) -> Iterator[House]:
    """A site with its webhook receiver while the block runs; the daemon is not started yet."""
    with serving(ACCEPTS) as hook:
        house = House(
            nursery,
            folder,
            hook,
            {name: dict(one) for name, one in cameras.items()},
            dict(environ or {}),
            fps,
            address=address,
            more_sinks=[dict(one) for one in more_sinks],
        )
        try:
            yield house
        finally:
            house.close()
