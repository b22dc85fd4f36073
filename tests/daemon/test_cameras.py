"""A camera that is changed goes on from what the one before it found, and not before that is recorded."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest

from cvinspect.daemon.camera_queue import CameraQueue
from cvinspect.daemon.cameras import CameraSet
from cvinspect.daemon.inference_threads import InferenceThreads
from cvinspect.daemon.ledger_writer import LedgerWriter
from cvinspect.daemon.watched_camera import WatchedCamera
from cvinspect.dispatch.back_off import BackOff
from cvinspect.errors import DeliveryError
from cvinspect.store import Snapshot
from cvinspect.store.database import Database
from cvinspect.store.site_store import SiteStore
from tests.fakes import NOON
from tests.incident_makers import CAMERA
from tests.store.ledger_makers import LockedJournal, sqlite_at, stores, story

GATE = CAMERA.id


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(sqlite_at(tmp_path / "ledger.db"))
    yield database
    database.close()


def test_a_camera_is_not_begun_anew_before_what_it_found_is_recorded(database: Database) -> None:
    journal = LockedJournal(stores(database)[0])
    writer = LedgerWriter(journal, back_off=BackOff(lambda: 0.0, first_s=0.01, longest_s=0.01), recorded=lambda: None)
    begun: list[str] = []

    def new_camera() -> WatchedCamera:
        begun.append(GATE)
        return cast("Any", Idle())

    turns, watched_cameras = CameraQueue(), dict[str, WatchedCamera]()
    cameras = CameraSet(
        writer=writer,
        sites=SiteStore(database, now=lambda: NOON),
        queue=turns,
        threads=InferenceThreads([], queue=turns, watched_cameras=watched_cameras),
        watched_cameras=watched_cameras,
        now=lambda: NOON,
    )
    writer.start()
    writer.put(GATE, story("inc-1", 1), Snapshot(1, "state"))

    with pytest.raises(DeliveryError, match=f"camera {GATE}: what it found before it was changed is not recorded yet"):
        cameras.change([GATE], gone=(), new_stations={GATE: new_camera}, config_sha256="")
    assert begun == []

    journal.is_locked = False
    assert writer.flush(timeout_s=20.0)
    cameras.change([GATE], gone=(), new_stations={GATE: new_camera}, config_sha256="")
    assert begun == [GATE]
    writer.stop(timeout_s=20.0)


class Idle:
    """A watched camera that does nothing."""

    class inspection:  # noqa: N801
        """Knows of no incident."""

        standing_ids: frozenset[str] = frozenset()

    def start(self) -> None:
        """Nothing to begin."""
