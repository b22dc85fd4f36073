"""Clips of what a camera finds: in a record as soon as they are there, and nothing waits for them."""

import hashlib
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from cvinspect.records.incident import IncidentRecord
from cvinspect.sources.decoding.packet_ring import PacketRing
from tests import clips
from tests.daemon.inspection_makers import Daemon
from tests.fakes import BAY, NOON, Thing, shifted
from tests.sources.decoding.test_clip_cutter import STEADY, played, poured

LEAVES = [Thing(stays=((0, 30),))]


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A minute with a key frame every 2 s."""
    path = tmp_path_factory.mktemp("video") / "gate.mp4"
    return clips.encode(path, fps=10, ticks=range(600), options={"g": "20", **STEADY})


def until(true: Callable[[], object]) -> None:
    for _ in range(1200):
        if true():
            return
        threading.Event().wait(0.05)
    raise AssertionError("in vain")


def roles(record: IncidentRecord) -> list[str]:
    return [one.role for one in record.evidence]


def incident_of(daemon: Daemon) -> str:
    [found] = daemon.inspection.standing_ids
    return found


def test_a_violation_is_told_at_once_and_its_clip_once_what_follows_was_filmed(video: Path, tmp_path: Path) -> None:
    ring = PacketRing()
    daemon = Daemon(tmp_path, LEAVES, ring=ring)
    daemon.clips.start()
    daemon.sees(0, 11.5)
    assert roles(daemon.records()[-1]) == ["panorama", "closeup"]
    poured(ring, video, until_s=14)
    until(lambda: daemon.clips.done(daemon.inspection.standing_ids))
    daemon.sees(11.5, 45)
    pre_alarm, opened, clipped, updated, cleared = daemon.records()
    assert [one.event.value for one in (pre_alarm, opened, clipped, updated, cleared)] == [
        "pre_alarm", "opened", "updated", "updated", "cleared",
    ]  # fmt: skip
    assert [one.revision for one in (opened, clipped, updated, cleared)] == [1, 2, 3, 4]
    assert roles(clipped) == ["panorama", "closeup", "clip"]
    assert roles(cleared) == ["panorama", "closeup", "clip", "panorama", "after"]
    clip = clipped.evidence[-1]
    data = (tmp_path / clip.uri).read_bytes()
    assert (clip.sha256, clip.bytes) == (hashlib.sha256(data).hexdigest(), len(data))
    assert (clip.width, clip.height, clip.media_s, clip.original) == (64, 48, None, None)
    assert opened.confirmed_at is not None
    assert clip.captured_at == NOON + timedelta(seconds=6)  # the key frame before 7 = 10 - 3
    assert clip.duration_s == pytest.approx(7.1, abs=0.2)
    assert len(played(tmp_path / clip.uri)) == pytest.approx(71, abs=2)
    assert daemon.clips.done({clipped.incident_id}) == {}
    daemon.clips.stop(timeout_s=5)
    daemon.crash()


def test_what_is_cleared_before_its_clip_is_due_gets_as_much_as_there_is(video: Path, tmp_path: Path) -> None:
    ring = PacketRing()
    daemon = Daemon(tmp_path, [Thing(stays=((0, 11),))], ring=ring)
    poured(ring, video, until_s=11.5)
    daemon.sees(0, 25)
    cleared = daemon.records()[-1]
    assert (cleared.event.value, roles(cleared)) == ("cleared", ["panorama", "closeup", "clip", "after"])
    assert cleared.evidence[2].duration_s == pytest.approx(5.5, abs=0.2)
    daemon.crash()


def test_the_end_of_the_daemon_waits_for_no_clip_and_loses_none(video: Path, tmp_path: Path) -> None:
    ring = PacketRing()
    daemon = Daemon(tmp_path, LEAVES, ring=ring)
    poured(ring, video, until_s=10.5)
    daemon.sees(0, 11)
    daemon.inspection.save()
    assert (daemon.told()[-1], roles(daemon.records()[-1])) == ("updated", ["panorama", "closeup", "clip"])
    daemon.inspection.save()
    assert daemon.told() == ["pre_alarm", "opened", "updated"]
    daemon.crash()
    again = Daemon(tmp_path, LEAVES, ring=PacketRing())
    again.sees(12, 45)
    assert roles(again.records()[-1]) == ["panorama", "closeup", "clip", "panorama", "after"]
    again.crash()


@pytest.mark.parametrize("where", ["ledger", "backing", "pictures", "clock", "store", "store afterwards", "news"])
@pytest.mark.parametrize("at_s", [9.0, 13.0, 31.0])
def test_whatever_fails_neither_a_clip_nor_a_revision_is_lost(
    video: Path, tmp_path: Path, where: str, at_s: float
) -> None:
    ring = PacketRing(kept_s=1000)
    poured(ring, video)
    daemon = Daemon(tmp_path, LEAVES, faults_s={where: at_s}, ring=ring)
    daemon.sees(0, 13)
    daemon.clips.finish(incident_of(daemon))
    daemon.sees(13, 50)
    found = daemon.records()
    daemon.crash()
    assert daemon.faults.happened == [where]
    assert [(one.revision, one.event.value) for one in found] == [
        (0, "pre_alarm"), (1, "opened"), (2, "updated"), (3, "updated"), (4, "cleared"),
    ]  # fmt: skip
    assert [roles(one) for one in found[1:]] == [
        ["panorama", "closeup"],
        ["panorama", "closeup", "clip"],
        ["panorama", "closeup", "clip", "panorama"],
        ["panorama", "closeup", "clip", "panorama", "after"],
    ]
    assert all((tmp_path / one.uri).exists() for one in found[-1].evidence)


def test_two_violations_at_once_get_a_clip_each(video: Path, tmp_path: Path) -> None:
    ring = PacketRing()
    daemon = Daemon(tmp_path, [Thing(), Thing(shifted(BAY, 120.0), paint=2)], ring=ring)
    daemon.clips.start()
    daemon.sees(0, 11)
    poured(ring, video, until_s=14)
    until(lambda: len(daemon.clips.done(daemon.inspection.standing_ids)) == 2)
    daemon.sees(11, 12)
    latest = {one.incident_id: one for one in daemon.records()}
    assert [roles(one) for one in latest.values()] == [["panorama", "closeup", "clip"]] * 2
    assert len({one.evidence[-1].uri for one in latest.values()}) == 2
    daemon.clips.stop(timeout_s=5)
    daemon.crash()


@pytest.mark.parametrize("why", ["disk", "nothing held", "folder"])
def test_without_a_clip_the_incident_is_told_all_the_same(
    video: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture, why: str
) -> None:
    ring = PacketRing()
    daemon = Daemon(tmp_path, LEAVES, ring=ring)
    if why != "nothing held":
        poured(ring, video, until_s=14)
    daemon.sees(0, 11)
    incident = incident_of(daemon)
    if why == "disk":
        daemon.room = False
    if why == "folder":
        (tmp_path / "evidence" / f".{incident}_clip_1.mp4.part").mkdir()
    assert daemon.clips.finish(incident) is None
    daemon.room = True
    daemon.sees(11, 45)
    assert roles(daemon.records()[-1]) == ["panorama", "closeup", "panorama", "after"]
    told = [one.getMessage() for one in caplog.records if "clip" in one.getMessage()]
    assert len(told) == (0 if why == "disk" else 1)
    assert why != "nothing held" or told == [
        f"incident {incident} goes without a clip: camera gate: nothing is held of the camera's video of that moment"
    ]
    daemon.crash()


def test_a_camera_that_is_gone_gets_its_clip_when_patience_ends(video: Path, tmp_path: Path) -> None:
    ring = PacketRing()
    daemon = Daemon(tmp_path, LEAVES, ring=ring)
    daemon.clips.start()
    poured(ring, video, until_s=10.3)
    daemon.sees(0, 11)
    daemon.at_s = 17.9
    threading.Event().wait(0.6)
    assert daemon.clips.done(daemon.inspection.standing_ids) == {}
    daemon.at_s = 18.1
    until(lambda: daemon.clips.done(daemon.inspection.standing_ids))
    daemon.clips.stop(timeout_s=5)
    daemon.crash()
