"""A daemon to ask: its cameras is a fake, its database and its server are real."""

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import httpx
from fastapi import FastAPI

from cvinspect.api.app import create_app
from cvinspect.api.connection import Limits
from cvinspect.api.server import ApiServer
from cvinspect.daemon import CameraStatus, CarefulLooks, Durations
from cvinspect.dispatch.dispatcher import Dispatcher
from cvinspect.store.database import Database
from cvinspect.store.ledger_store import LedgerStore
from cvinspect.store.outbox import SqlOutbox
from cvinspect.store.queries import IncidentQueries
from cvinspect.store.site_store import CameraState, SiteStore
from tests.incident_makers import START
from tests.store.ledger_makers import sqlite_at

TOKEN = "a-token-of-the-tests-0123456789"
BEARER = {"authorization": f"Bearer {TOKEN}"}


def a_view(camera: str = "kerb-01", **given: object) -> CameraStatus:
    """A camera that delivers."""
    values: dict[str, object] = {
        "states": (CameraState("up", START),),
        "frames_read": 1000,
        "frames_sampled": 80,
        "frames_inspected": 78,
        "drops": {"overtaken": 2},
        "connections": 3,
        "failures": {"stalled": 2},
        "lag_s": 0.25,
        "drift": 0.0001,
        "sampling": "all frames decoded: as configured",
        "gate": {"left_out": 40, "audited": 2, "missed": 0},
        "last_frame_at": START,
        "inference": Durations(78, 3.9, 0.2),
        "careful": CarefulLooks(Durations(12, 4.5, 0.6), 9, 50.0, 70.5),
        "incidents": {"illegal_parking_motor": 4},
        "doubted": {"road_damage": 2},
        "standing": 1,
        "unrecorded": 0,
    }
    return CameraStatus(camera, **{**values, **given})  # type: ignore[arg-type]


@dataclass
class FakeCameras:
    """Tells what it is given."""

    views: tuple[CameraStatus, ...] = (a_view(),)
    started_at: datetime = START
    trouble: str | None = None
    config_sha256: str = "b" * 64
    reload_error: str | None = None
    not_begun: tuple[str, ...] = ()
    classes: tuple[str, ...] = ("illegal_parking_motor", "illegal_advertising", "street_vendor")
    looked_at: list[str] = field(default_factory=list)

    @property
    def configured(self) -> tuple[str, ...]:
        return (*(one.id for one in self.views), *self.not_begun)

    def statuses(self) -> tuple[CameraStatus, ...]:
        return self.views

    def heard(self, incident_id: str) -> None:
        self.looked_at.append(incident_id)


def backwards(clip: Path, target: Path) -> None:
    """What stands for masking where no video is needed."""
    target.write_bytes(clip.read_bytes()[::-1])


@dataclass
class Daemon:
    """Everything behind the API, in one folder."""

    folder: Path
    database: Database
    cameras: FakeCameras

    @property
    def ledger(self) -> LedgerStore:
        return LedgerStore(self.database, now=lambda: START)

    @property
    def outbox(self) -> SqlOutbox:
        return SqlOutbox(self.database, now=lambda: START)

    @property
    def sites(self) -> SiteStore:
        return SiteStore(self.database, now=lambda: START)

    def picture(self, name: str, data: bytes) -> Path:
        """A file below the evidence folder."""
        path = self.folder / "evidence" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        return path

    def app(
        self,
        *,
        token: str | None = None,
        dispatcher: Dispatcher | None = None,
        mask: Callable[[Path, Path], None] | None = backwards,
        originals: bool = False,
    ) -> FastAPI:
        """An hour after the daemon began; a masked clip is the clip's bytes backwards."""
        return create_app(
            cameras=self.cameras,
            queries=IncidentQueries(self.database),
            outbox=self.outbox,
            sites=self.sites,
            dispatcher=dispatcher,
            evidence=self.folder,
            token=token,
            now=lambda: START + timedelta(hours=1),
            mask=mask,
            originals=originals,
        )


@contextmanager
def a_daemon(folder: Path, *, address: str | None = None, lock_timeout_s: float = 5.0) -> Iterator[Daemon]:
    """With a database of its own, in SQLite unless an address says otherwise."""
    database = Database(address or sqlite_at(folder / "ledger.db"), lock_timeout_s=lock_timeout_s)
    try:
        yield Daemon(folder, database, FakeCameras())
    finally:
        database.close()


@contextmanager
def serving(app: FastAPI, *, limits: Limits | None = None) -> Iterator[ApiServer]:
    """On a free port of this machine."""
    server = ApiServer(app, port=0, limits=limits)
    server.start()
    try:
        yield server
    finally:
        assert server.stop(timeout_s=10)


@contextmanager
def client_of(server: ApiServer, **headers: str) -> Iterator[httpx.Client]:
    """Sends these headers with everything; follows nothing, takes no proxy, and reads no certificates in vain."""
    address = f"http://127.0.0.1:{server.port}"
    with httpx.Client(base_url=address, headers=headers, trust_env=False, verify=False, timeout=20) as client:
        yield client


def raw_answer(server: ApiServer, request: bytes, *, timeout_s: float = 10.0) -> bytes:
    """What comes back for these very bytes until the server hangs up; empty where it hangs up without a word."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=timeout_s) as connection:
        connection.sendall(request)
        found = b""
        while chunk := connection.recv(65_536):
            found += chunk
        return found


def detail(answer: httpx.Response, status: int) -> str:
    """Of a problem of that status, which is one line."""
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    found = answer.json()
    assert (found["type"], found["status"], "\n" in found["detail"]) == ("about:blank", status, False)
    return str(found["detail"])
