"""Pictures go by age and budget, never those of an incident that stands; none are taken where the disk runs out."""

import json
import logging
import os
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cvinspect.config.site import load_site
from cvinspect.daemon.disk_watch import DiskWatch, disk_watch_of, free_bytes_of
from cvinspect.daemon.holds import Holds
from cvinspect.daemon.retention import Doomed, Plan, Reason, Retention, retention_of
from cvinspect.domain import ChangeKind, Moment
from cvinspect.errors import DeliveryError
from cvinspect.records.parts import EvidencePart, OriginalPart
from cvinspect.store.database import Database
from cvinspect.store.evidence_index import EvidenceIndex
from cvinspect.store.ledger_store import LedgerStore
from tests.dispatch.sink_fakes import Clock
from tests.incident_makers import CAMERA, START
from tests.store.databases import KINDS, new_address
from tests.store.ledger_makers import entry, picture, stores

NOW = START + timedelta(days=200)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with closing(Database(new_address("sqlite", tmp_path))) as opened:
        yield opened


def put(folder: Path, uri: str, *, size_bytes: int = 100, age_days: float = 0.0) -> str:
    """A file of that size, last changed that long before NOW."""
    path = folder / uri
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x" * size_bytes)
    moment = (NOW - timedelta(days=age_days)).timestamp()
    os.utime(path, (moment, moment))
    return uri


def with_original(uri: str, original: str) -> EvidencePart:
    untouched = OriginalPart(uri=original, sha256="d" * 64, width=640, height=360, bytes=9_999)
    return picture(uri).model_copy(update={"original": untouched})


def ended(database: Database, incident_id: str, *pictures: EvidencePart, days_ago: float) -> None:
    """Record an incident that was opened, and cleared so long before NOW."""
    ledger, _ = stores(database)
    moment = Moment(9.0, NOW - timedelta(days=days_ago))
    ledger.record(CAMERA.id, [entry(incident_id, 1, evidence=pictures)])
    ledger.record(CAMERA.id, [entry(incident_id, 2, ChangeKind.CLEARED, cleared=moment, evidence=pictures)])


def standing(database: Database, incident_id: str, *pictures: EvidencePart) -> None:
    ledger, _ = stores(database)
    ledger.record(CAMERA.id, [entry(incident_id, evidence=pictures)])


def a_retention(database: Database, folder: Path, *, budget: int | None = None, now: datetime = NOW) -> Retention:
    return Retention(folder, EvidenceIndex(database), evidence_days=90, disk_budget_bytes=budget, now=lambda: now)


def left(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in (folder / "evidence").rglob("*") if path.is_file()}


@pytest.mark.parametrize("kind", KINDS)
def test_pictures_of_incidents_that_ended_long_ago_go_and_all_records_stay(kind: str, tmp_path: Path) -> None:
    old = put(tmp_path, "evidence/a_panorama_1.jpg")
    old_original = put(tmp_path, "evidence/original/frame_a_1.jpg")
    young = put(tmp_path, "evidence/b_panorama_1.jpg")
    with closing(Database(new_address(kind, tmp_path))) as database:
        ended(database, "a", with_original(old, old_original), days_ago=90.1)
        ended(database, "b", picture(young), days_ago=89.9)
        plan = a_retention(database, tmp_path).plan()
        at = NOW - timedelta(days=90.1)
        assert plan == Plan(
            (Doomed(old, 100, Reason.AGE, at), Doomed(old_original, 100, Reason.AGE, at)), kept_bytes=100
        )
        assert left(tmp_path) == {old, old_original, young}
        assert a_retention(database, tmp_path).prune() == plan.files
        ledger, _ = stores(database)
        assert [record.evidence[0].uri for record in ledger.history("a")] == [old, old]
    assert left(tmp_path) == {young}


def test_clips_go_and_stay_like_pictures(database: Database, tmp_path: Path) -> None:
    old, standing_one, nobodys = (put(tmp_path, f"evidence/{name}_clip_1.mp4", age_days=99) for name in "abc")
    half = put(tmp_path, "evidence/.d_clip_1.mp4.part", age_days=2)
    others = put(tmp_path, "evidence/holiday.mp4", age_days=500)
    ended(database, "a", picture(old), days_ago=91)
    standing(database, "b", picture(standing_one))
    gone = a_retention(database, tmp_path).prune()
    assert [(one.uri, one.reason) for one in gone] == [
        (old, Reason.AGE), (half, Reason.UNCLAIMED), (nobodys, Reason.UNCLAIMED),
    ]  # fmt: skip
    assert left(tmp_path) == {standing_one, others}


def test_a_masked_clip_goes_with_its_clip_and_alone_by_its_age(database: Database, tmp_path: Path) -> None:
    old, young = (put(tmp_path, f"evidence/{name}_clip_1.mp4") for name in "ab")
    made = [
        put(tmp_path, f"evidence/masked/{name}_clip_1.mp4", age_days=days)
        for name, days in zip("abc", (1, 1, 91), strict=True)
    ]
    ended(database, "a", picture(old), days_ago=91)
    standing(database, "b", picture(young))
    gone = a_retention(database, tmp_path).prune()
    assert [(one.uri, one.reason) for one in gone] == [(old, Reason.AGE), (made[2], Reason.UNCLAIMED)]
    assert left(tmp_path) == {young, made[1]}


def test_untouched_pictures_may_go_earlier(database: Database, tmp_path: Path) -> None:
    burned, own = put(tmp_path, "evidence/a_closeup_1.jpg"), put(tmp_path, "evidence/original/a_closeup_1.jpg")
    ended(database, "a", with_original(burned, own), days_ago=8)
    retention = Retention(
        tmp_path,
        EvidenceIndex(database),
        evidence_days=90,
        disk_budget_bytes=None,
        now=lambda: NOW,
        originals_days=7,
    )
    assert [one.uri for one in retention.prune()] == [own]
    assert left(tmp_path) == {burned}


def test_what_is_held_stays_until_it_is_released(database: Database, tmp_path: Path) -> None:
    burned, own = put(tmp_path, "evidence/a_closeup_1.jpg"), put(tmp_path, "evidence/original/frame_a_1.jpg")
    ended(database, "a", with_original(burned, own), days_ago=999)
    ended(database, "b", picture(put(tmp_path, "evidence/b_closeup_1.jpg", size_bytes=5000)), days_ago=1)
    holds = Holds(tmp_path, now=lambda: NOW)
    assert (holds.say("a", held=True, why="case 7"), holds.say("a", held=True)) == (True, False)
    assert a_retention(database, tmp_path).prune() == ()
    assert [one.uri for one in a_retention(database, tmp_path, budget=10).prune()] == ["evidence/b_closeup_1.jpg"]
    assert left(tmp_path) == {burned, own}
    assert holds.say("a", held=False)
    assert {one.uri for one in a_retention(database, tmp_path).prune()} == {burned, own}


def test_of_a_picture_of_two_incidents_it_is_enough_that_one_is_held(database: Database, tmp_path: Path) -> None:
    own = put(tmp_path, "evidence/original/frame_a_1.jpg")
    for name in ("a", "b"):
        burned = put(tmp_path, f"evidence/{name}_panorama_1.jpg")
        ended(database, name, with_original(burned, own), days_ago=999)
    Holds(tmp_path, now=lambda: NOW).say("b", held=True)
    assert [one.uri for one in a_retention(database, tmp_path).prune()] == ["evidence/a_panorama_1.jpg"]


@pytest.mark.parametrize(
    "line", ["", "{}", "no json", '{"at": "2026-01-01", "incident_id": "a", "held": true, "why": null}']
)
def test_while_holds_cannot_be_read_nothing_goes(line: str, database: Database, tmp_path: Path) -> None:
    old = put(tmp_path, "evidence/a_panorama_1.jpg")
    ended(database, "a", picture(old), days_ago=999)
    (tmp_path / "holds.jsonl").write_text(f"\xff{line}\n", "latin-1")
    with pytest.raises(DeliveryError, match=r"holds\.jsonl.*; nothing is thrown away until"):
        a_retention(database, tmp_path).prune()
    assert left(tmp_path) == {old}


def test_a_hold_that_a_power_cut_tore_was_never_said(tmp_path: Path) -> None:
    holds = Holds(tmp_path, now=lambda: NOW)
    holds.say("a", held=True)
    with (tmp_path / "holds.jsonl").open("a") as file:
        file.write('{"at": "2026')
    assert list(holds.held()) == ["a"]
    holds.say("b", held=True)
    assert list(holds.held()) == ["a", "b"]


def test_each_file_that_goes_is_written_down_with_its_reason(database: Database, tmp_path: Path) -> None:
    old = put(tmp_path, "evidence/a_panorama_1.jpg")
    ended(database, "a", picture(old), days_ago=100)
    a_retention(database, tmp_path).prune()
    put(tmp_path, "evidence/b_panorama_1.jpg", age_days=91)
    a_retention(database, tmp_path).prune()
    rows = [json.loads(line) for line in (tmp_path / "deletions.jsonl").read_text().splitlines()]
    assert [(row["uri"], row["reason"], row["bytes"]) for row in rows] == [
        (old, "age", 100), ("evidence/b_panorama_1.jpg", "unclaimed", 100),
    ]  # fmt: skip
    assert {row["at"] for row in rows} == {NOW.isoformat()}
    assert datetime.fromisoformat(rows[0]["ended_at"]) == NOW - timedelta(days=100)


def test_where_deletions_cannot_be_written_down_the_log_tells_them(
    database: Database, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    old = put(tmp_path, "evidence/a_panorama_1.jpg")
    ended(database, "a", picture(old), days_ago=100)
    (tmp_path / "deletions.jsonl").mkdir()
    assert [one.uri for one in a_retention(database, tmp_path).prune()] == [old]
    assert f"removed: {old}" in caplog.text


def test_pictures_of_an_incident_that_stands_stay_however_old_and_large(database: Database, tmp_path: Path) -> None:
    uri = put(tmp_path, "evidence/a_panorama_1.jpg", size_bytes=5000, age_days=199)
    standing(database, "a", picture(uri))
    plan = a_retention(database, tmp_path, budget=1000).plan()
    assert plan == Plan((), kept_bytes=5000, over_budget_bytes=4000)


def test_an_untouched_picture_stays_as_long_as_one_of_its_incidents_needs_it(
    database: Database, tmp_path: Path
) -> None:
    shared = put(tmp_path, "evidence/original/frame_shared.jpg")
    first = put(tmp_path, "evidence/a_panorama_1.jpg")
    second = put(tmp_path, "evidence/b_panorama_1.jpg")
    ended(database, "a", with_original(first, shared), days_ago=150)
    standing(database, "b", with_original(second, shared))
    assert [one.uri for one in a_retention(database, tmp_path, budget=0).plan().files] == [first]
    ended(database, "c", with_original("evidence/c_panorama_1.jpg", shared), days_ago=120)
    assert [one.uri for one in a_retention(database, tmp_path, budget=0).plan().files] == [first]


def test_an_untouched_picture_is_as_old_as_the_last_of_its_incidents(database: Database, tmp_path: Path) -> None:
    shared = put(tmp_path, "evidence/original/frame_shared.jpg")
    for name, days_ago in (("a", 150), ("b", 10), ("c", 120)):
        ended(database, name, with_original(f"evidence/{name}_panorama_1.jpg", shared), days_ago=days_ago)
    assert a_retention(database, tmp_path).plan() == Plan((), kept_bytes=100)
    [doomed] = a_retention(database, tmp_path, budget=0).plan().files
    assert doomed.ended_at == NOW - timedelta(days=10)


def test_a_withdrawn_incident_ended_when_its_thing_was_last_seen(database: Database, tmp_path: Path) -> None:
    uri = put(tmp_path, "evidence/a_panorama_1.jpg")
    ledger, _ = stores(database)
    seen = Moment(10.0, NOW - timedelta(days=91))
    ledger.record(CAMERA.id, [entry("a", 1, evidence=(picture(uri),))])
    ledger.record(CAMERA.id, [entry("a", 2, ChangeKind.CLOSED, last_seen=seen, evidence=(picture(uri),))])
    assert a_retention(database, tmp_path).plan().files == (Doomed(uri, 100, Reason.AGE, seen.at),)


def test_over_the_budget_what_ended_first_goes_first_and_no_more_than_must(database: Database, tmp_path: Path) -> None:
    uris = [put(tmp_path, f"evidence/{name}_panorama_1.jpg", size_bytes=400) for name in "cab"]
    for name, days_ago in (("c", 3), ("a", 2), ("b", 1)):
        ended(database, name, picture(f"evidence/{name}_panorama_1.jpg"), days_ago=days_ago)
    plan = a_retention(database, tmp_path, budget=800).plan()
    assert [(one.uri, one.reason) for one in plan.files] == [(uris[0], Reason.BUDGET)]
    assert (plan.kept_bytes, plan.size_bytes, plan.over_budget_bytes) == (800, 400, 0)
    assert [one.uri for one in a_retention(database, tmp_path, budget=799).plan().files] == uris[:2]
    assert a_retention(database, tmp_path, budget=1200).plan().files == ()


def test_what_a_crash_left_goes_when_it_is_old_and_what_others_put_there_never(
    database: Database, tmp_path: Path
) -> None:
    lost = put(tmp_path, "evidence/lost_closeup_1.jpg", age_days=91)
    part = put(tmp_path, "evidence/.half_panorama_1.jpg.part", age_days=1.1)
    kept = [
        put(tmp_path, "evidence/new_closeup_1.jpg", age_days=1),
        put(tmp_path, "evidence/.now_panorama_1.jpg.part", age_days=0.1),
        put(tmp_path, "evidence/notes.txt", age_days=199),
        put(tmp_path, "evidence/holiday.jpg", age_days=199),
        put(tmp_path, "evidence/more/a_panorama_1.jpg", age_days=199),
    ]
    assert a_retention(database, tmp_path).prune() == (
        Doomed(part, 100, Reason.UNCLAIMED, None), Doomed(lost, 100, Reason.UNCLAIMED, None),
    )  # fmt: skip
    assert left(tmp_path) == set(kept)


def test_nothing_outside_the_folder_is_ever_touched(database: Database, tmp_path: Path) -> None:
    outside = put(tmp_path, "outside_panorama_1.jpg", age_days=199)
    folder = tmp_path / "data"
    (folder / "evidence").mkdir(parents=True)
    (folder / "evidence" / "link_panorama_1.jpg").symlink_to(tmp_path / outside)
    ended(database, "a", picture("evidence/../../outside_panorama_1.jpg"), days_ago=150)
    ended(database, "b", picture("evidence/link_panorama_1.jpg"), days_ago=150)
    assert a_retention(database, folder, budget=0).prune() == ()
    assert (tmp_path / outside).exists()


def test_a_folder_that_is_not_there_yet_holds_nothing(database: Database, tmp_path: Path) -> None:
    assert a_retention(database, tmp_path / "data").plan() == Plan((), kept_bytes=0)


def test_a_folder_that_cannot_be_read_is_told(database: Database, tmp_path: Path) -> None:
    (tmp_path / "evidence").write_text("a file")
    with pytest.raises(DeliveryError, match=r"evidence: cannot be read: Not a directory"):
        a_retention(database, tmp_path).plan()


def test_a_file_that_cannot_be_removed_is_told_and_the_others_go(
    database: Database, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    stuck = put(tmp_path, "evidence/a_panorama_1.jpg")
    goes = put(tmp_path, "evidence/b_panorama_1.jpg")
    ended(database, "a", picture(stuck), days_ago=150)
    ended(database, "b", picture(goes), days_ago=149)
    retention = a_retention(database, tmp_path)
    plan = retention.plan()
    (tmp_path / stuck).unlink()
    (tmp_path / stuck).mkdir()
    with caplog.at_level(logging.WARNING):
        gone = retention.carry_out(replace(plan, over_budget_bytes=2 * 10**9))
    assert [one.uri for one in gone] == [goes]
    assert caplog.messages == [
        f"{tmp_path / stuck}: cannot be removed: Is a directory",
        f"{tmp_path}: 2.0 GB over watch.retention.disk_budget_gb, and nothing more of ended incidents to remove",
    ]


def test_a_file_that_somebody_else_removed_meanwhile_is_gone_all_the_same(database: Database, tmp_path: Path) -> None:
    uri = put(tmp_path, "evidence/a_panorama_1.jpg")
    ended(database, "a", picture(uri), days_ago=150)
    plan = a_retention(database, tmp_path).plan()
    (tmp_path / uri).unlink()
    assert a_retention(database, tmp_path).carry_out(plan) == plan.files


AGES = st.lists(st.tuples(st.none() | st.floats(0, 190), st.integers(1, 500), st.integers(0, 3)), max_size=8)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(incidents=AGES, budget=st.none() | st.integers(0, 2000))
def test_whatever_is_recorded_the_plan_adds_up_and_spares_what_stands(
    tmp_path_factory: pytest.TempPathFactory, incidents: list[tuple[float | None, int, int]], budget: int | None
) -> None:
    folder = tmp_path_factory.mktemp("site")
    with closing(Database(new_address("sqlite", folder))) as database:
        needed: set[str] = set()
        for number, (days_ago, size_bytes, frame) in enumerate(incidents):
            shared = put(folder, f"evidence/original/frame_{frame}.jpg", size_bytes=frame + 1)
            uri = put(folder, f"evidence/i{number}_panorama_1.jpg", size_bytes=size_bytes)
            if days_ago is None:
                standing(database, f"i{number}", with_original(uri, shared))
                needed |= {uri, shared}
            else:
                ended(database, f"i{number}", with_original(uri, shared), days_ago=days_ago)
        before = left(folder)
        whole_bytes = sum((folder / uri).stat().st_size for uri in before)
        plan = a_retention(database, folder, budget=budget).plan()
        gone = {one.uri for one in plan.files}
        assert len(gone) == len(plan.files)
        assert not gone & needed
        assert plan.size_bytes + plan.kept_bytes == whole_bytes
        if budget is not None:
            assert plan.over_budget_bytes == max(0, plan.kept_bytes - budget)
            assert gone >= before - needed or plan.over_budget_bytes == 0
        a_retention(database, folder, budget=budget).prune()
        assert left(folder) == before - gone
        assert a_retention(database, folder, budget=budget).plan().files == ()


class Disk:
    """Room that is set by hand; counts how often it was asked."""

    def __init__(self, free_bytes: int | OSError) -> None:
        self.free_bytes = free_bytes
        self.asked = 0

    def __call__(self, folder: Path) -> int:
        self.asked += 1
        if isinstance(self.free_bytes, OSError):
            raise self.free_bytes
        return self.free_bytes


def test_pictures_stop_where_room_runs_out_and_go_on_when_there_is_some_again(
    caplog: pytest.LogCaptureFixture,
) -> None:
    clock, disk = Clock(), Disk(2 * 10**9)
    watch = DiskWatch(Path("/data"), min_free_bytes=10**9, seconds=clock, free_bytes=disk)
    said = []
    with caplog.at_level(logging.INFO):
        for free_bytes in (10**9, 10**9 - 1, 0, 10**9, 1_099_999_999, 1_100_000_000, 10**9):
            disk.free_bytes = free_bytes
            clock.seconds += 1
            said.append(watch.may_keep_pictures())
    assert said == [True, False, False, False, False, True, True]
    assert caplog.messages == [
        "/data: less than watch.retention.min_free_gb, 1 GB, is free; no pictures are taken",
        "/data: there is room for pictures again",
    ]


def test_the_disk_is_asked_once_a_second_at_most() -> None:
    clock, disk = Clock(), Disk(0)
    watch = DiskWatch(Path("/data"), min_free_bytes=1, seconds=clock, free_bytes=disk)
    for _ in range(100):
        clock.seconds += 0.04
        assert not watch.may_keep_pictures()
    assert disk.asked == 4


def test_a_disk_that_does_not_tell_takes_no_pictures_and_the_reason_is_told() -> None:
    disk = Disk(OSError(5, "Input/output error"))
    watch = DiskWatch(Path("/data"), min_free_bytes=0, seconds=Clock(), free_bytes=disk)
    assert not watch.may_keep_pictures()
    assert watch.trouble == "/data: its free room cannot be told: Input/output error; no pictures are taken"


def test_without_a_least_room_a_full_disk_stops_no_pictures() -> None:
    assert DiskWatch(Path("/data"), min_free_bytes=0, seconds=Clock(), free_bytes=Disk(0)).may_keep_pictures()


def test_the_room_of_a_folder_that_is_not_made_yet_is_that_of_its_disk(tmp_path: Path) -> None:
    found = free_bytes_of(tmp_path / "data" / "evidence")
    assert abs(found - free_bytes_of(tmp_path)) < 10**9
    assert found > 0


def test_both_are_made_as_the_configuration_says(database: Database, tmp_path: Path) -> None:
    path = tmp_path / "site.yaml"
    path.write_text(
        "watch: {evidence: pictures, retention: {evidence_days: 7, disk_budget_gb: 0.0000001, min_free_gb: 1000000}}"
    )
    site = load_site(path)
    old = put(tmp_path / "pictures", "evidence/a_panorama_1.jpg")
    large = put(tmp_path / "pictures", "evidence/b_panorama_1.jpg", size_bytes=101)
    ended(database, "a", picture(old), days_ago=8)
    ended(database, "b", picture(large), days_ago=6)
    plan = retention_of(site, EvidenceIndex(database), now=lambda: NOW).plan()
    assert [(one.uri, one.reason) for one in plan.files] == [(old, Reason.AGE), (large, Reason.BUDGET)]
    watch = disk_watch_of(site, seconds=Clock())
    assert not watch.may_keep_pictures()
    assert watch.trouble == (
        f"{tmp_path / 'pictures'}: less than watch.retention.min_free_gb, 1e+06 GB, is free; no pictures are taken"
    )


def test_where_no_picture_can_be_written_the_reason_is_told(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("", encoding="ascii")
    watch = DiskWatch(tmp_path / "taken", min_free_bytes=1, seconds=lambda: 0.0)
    assert not watch.may_keep_pictures()
    said = f"{tmp_path}/taken/evidence: no folder can be made there: {tmp_path}/taken is none; no pictures are taken"
    assert watch.trouble == said


def test_each_folder_of_pictures_is_tried(tmp_path: Path) -> None:
    (tmp_path / "evidence").mkdir()
    (tmp_path / "evidence" / "original").write_text("", encoding="ascii")
    watch = DiskWatch(tmp_path, min_free_bytes=1, seconds=lambda: 0.0)
    assert not watch.may_keep_pictures()
    assert "/evidence/original: no folder can be made there: " in (watch.trouble or "")


def test_a_folder_whose_disk_is_not_there_is_told(tmp_path: Path) -> None:
    (tmp_path / "evidence").symlink_to(tmp_path / "disk" / "evidence")
    watch = DiskWatch(tmp_path, min_free_bytes=1, seconds=lambda: 0.0)
    assert not watch.may_keep_pictures()
    assert f"{tmp_path}/evidence is none; no pictures are taken" in (watch.trouble or "")


def test_a_folder_that_cannot_even_be_looked_at_costs_pictures_and_nothing_else(tmp_path: Path) -> None:
    """Its disk is gone, or a folder above is locked: asking then fails, here since the name is too long."""
    watch = DiskWatch(tmp_path / ("x" * 300), min_free_bytes=1, seconds=lambda: 0.0)
    assert not watch.may_keep_pictures()
    assert (watch.trouble or "").endswith(": File name too long; no pictures are taken")


def an_old_picture(folder: Path, database: Database) -> None:
    """And one of nobody; the ledger's last record is of START."""
    put(folder, "evidence/lost_closeup_1.jpg", age_days=199)
    ended(database, "a", picture(put(folder, "evidence/a_panorama_1.jpg")), days_ago=150)


@pytest.mark.parametrize("years", [-30, -5, 2, 12, 70])
def test_a_clock_far_from_the_last_record_throws_nothing_away(years: int, tmp_path: Path, database: Database) -> None:
    an_old_picture(tmp_path, database)
    wrong = NOW + timedelta(days=365 * years)
    plan = a_retention(database, tmp_path, now=wrong).plan()

    assert plan.files == ()
    assert plan.doubt is not None
    assert plan.doubt.startswith(f"the clock says {wrong:%Y-%m-%d}")


def test_what_a_wrong_clock_has_recorded_says_nothing_for_it(tmp_path: Path, database: Database) -> None:
    an_old_picture(tmp_path, database)
    wrong = NOW + timedelta(days=4000)
    LedgerStore(database, now=lambda: wrong - timedelta(hours=1)).record(CAMERA.id, [entry("new")])

    assert a_retention(database, tmp_path, now=wrong).plan().files == ()


def test_by_the_budget_pictures_go_whatever_the_clock_says(tmp_path: Path, database: Database) -> None:
    an_old_picture(tmp_path, database)
    plan = a_retention(database, tmp_path, budget=150, now=NOW + timedelta(days=9999)).plan()

    assert [one.reason for one in plan.files] == [Reason.BUDGET]


@pytest.mark.parametrize("days", [-2, 2, 30])
def test_a_clock_that_is_set_while_the_program_runs_is_not_believed(
    days: int, tmp_path: Path, database: Database
) -> None:
    an_old_picture(tmp_path, database)
    wall, steady = [NOW], [100.0]
    retention = Retention(
        tmp_path, EvidenceIndex(database), evidence_days=90, disk_budget_bytes=None,
        now=lambda: wall[0], seconds=lambda: steady[0],
    )  # fmt: skip
    assert len(retention.plan().files) == 2
    wall[0] = NOW + timedelta(days=days)

    assert retention.plan().files == ()
    assert "was set since the start" in str(retention.plan().doubt)
    wall[0] = NOW + timedelta(hours=2)
    assert len(retention.plan().files) == 2
    wall[0] = NOW + timedelta(days=days)
    assert retention.plan().files == ()
    wall[0], steady[0] = wall[0] + timedelta(days=8), steady[0] + 8 * 86400
    assert retention.plan().doubt is None  # it has been left so for a week
