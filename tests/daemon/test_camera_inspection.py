"""One camera's inspection over connections, restarts and a platform's word, with a real database."""

from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from cvinspect.records.incident import IncidentRecord
from cvinspect.store import Snapshot
from cvinspect.store.database import Database
from cvinspect.store.ledger_store import LedgerStore
from tests.daemon.inspection_makers import Daemon
from tests.fakes import BAY, NOON, Thing, shifted
from tests.store.ledger_makers import sqlite_at


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    return tmp_path


@pytest.mark.parametrize(("away_s", "boot"), [(0.5, "first"), (60.0, "first"), (3600.0, "second")])
@pytest.mark.parametrize("crash_s", [6.0, 30.0])
def test_a_car_before_during_and_after_a_restart_is_one_incident(
    folder: Path, away_s: float, boot: str, crash_s: float
) -> None:
    first = Daemon(folder, [Thing()])
    first.sees(0, crash_s)
    first.crash()
    second = Daemon(folder, [Thing()], boot=boot)
    second.sees(crash_s + away_s, crash_s + away_s + 40)
    assert len({one.incident_id for one in second.records()}) == 1
    assert second.told().count("opened") == 1
    second.crash()


def test_its_pictures_are_counted_on_after_a_restart(folder: Path) -> None:
    first = Daemon(folder, [Thing(stays=((0, 30),))])
    first.sees(0, 12)
    first.crash()
    second = Daemon(folder, [Thing(stays=((0, 30),))])
    second.sees(13, 60)
    cleared = second.records()[-1]
    assert cleared.event.value == "cleared"
    assert [picture.role for picture in cleared.evidence] == ["panorama", "closeup", "panorama", "after"]
    assert all((folder / picture.uri).exists() for picture in cleared.evidence)
    second.crash()


@pytest.mark.parametrize("jump", [timedelta(days=-3), timedelta(hours=5)])
def test_the_wall_clock_may_be_set_over_a_restart(folder: Path, jump: timedelta) -> None:
    first = Daemon(folder, [Thing()])
    first.sees(0, 8)
    first.crash()
    second = Daemon(folder, [Thing()], jump=jump)
    second.sees(9, 14)
    assert second.told() == ["pre_alarm", "opened"]
    assert second.records()[-1].dwell_s == pytest.approx(10, abs=1)
    second.crash()


@pytest.mark.parametrize(
    ("version", "document", "why"),
    [
        (99, "of a later program", "the ledger's state is of version 99; allowed: 1, 2"),
        (1, "\x07 no JSON", "what is stored of the ledger cannot be read: no JSON of this program"),
        (
            1,
            '{"boot": "first", "captured_s": 20.0, "ledger": "c$@(#"}',
            "what is stored of the ledger cannot be read: error",
        ),
    ],
)
def test_a_state_that_cannot_be_read_is_set_aside_and_costs_looks_and_dwells_but_no_incident_is_raised_twice(
    folder: Path, caplog: pytest.LogCaptureFixture, version: int, document: str, why: str
) -> None:
    first = Daemon(folder, [Thing()])
    first.sees(0, 20)
    first.crash()
    with closing(Database(sqlite_at(folder / "ledger.db"))) as database:
        LedgerStore(database, now=lambda: NOON).record("gate", [], snapshot=Snapshot(version, document))
    second = Daemon(folder, [Thing(stays=((0, 40),))])
    assert second.inspection.set_aside == 1
    assert [line for line in caplog.messages if "gate" in line] == [
        f"camera gate: {why}; it is kept as number 1 of ledgers_set_aside; going on from the incidents, "
        "dwells begin anew"
    ]
    second.sees(21, 80)
    assert len({one.incident_id for one in second.records()}) == 1
    assert (second.told().count("opened"), second.told()[-1]) == (1, "cleared")
    second.crash()
    with closing(Database(sqlite_at(folder / "ledger.db"))) as database, database.reading() as connection:
        kept = connection.execute(text("SELECT camera_id, version, document, reason FROM ledgers_set_aside"))
        assert kept.all() == [("gate", version, document, why)]


def test_a_revision_that_cannot_be_read_costs_its_pictures_not_the_camera(folder: Path) -> None:
    first = Daemon(folder, [Thing(stays=((0, 30),))])
    first.sees(0, 20)
    first.crash()
    with closing(Database(sqlite_at(folder / "ledger.db"))) as database, database.writing() as connection:
        connection.execute(text("UPDATE revisions SET body = '{}' WHERE revision = 1"))
    second = Daemon(folder, [Thing(stays=((0, 30),))])
    second.sees(21, 60)
    assert second.writer.flush(timeout_s=20)
    assert second.inspection.standing == 0
    second.crash()


def test_a_platform_that_calls_it_resolved_is_told_once_that_it_still_stands(folder: Path) -> None:
    daemon = Daemon(folder, [Thing()])
    daemon.sees(0, 20)
    daemon.inspection.resolved(daemon.records()[0].incident_id)
    daemon.sees(20.5, 60, run=2)
    last = daemon.records()[-1]
    assert (daemon.told().count("not_cleared"), last.status.value) == (1, "open")
    contradiction = next(one for one in daemon.records() if one.event.value == "not_cleared")
    assert [picture.role for picture in contradiction.evidence][-1] == "panorama"
    daemon.crash()


def test_a_platform_that_calls_it_resolved_rightly_is_not_contradicted(folder: Path) -> None:
    daemon = Daemon(folder, [Thing(stays=((0, 20.2),))])
    daemon.sees(0, 20)
    daemon.inspection.resolved(daemon.records()[0].incident_id)
    daemon.sees(20.5, 60, run=2)
    assert (daemon.told()[-1], daemon.told().count("not_cleared")) == ("cleared", 0)
    daemon.crash()


@pytest.mark.parametrize(("until_s", "answer"), [(90, "not_cleared"), (20.2, "cleared")])
def test_what_a_platform_calls_resolved_is_answered_within_two_samples(
    folder: Path, until_s: float, answer: str
) -> None:
    daemon = Daemon(folder, [Thing(stays=((0, until_s),))])
    daemon.sees(0, 20)
    daemon.inspection.resolved(daemon.records()[0].incident_id)
    daemon.sees(20.5, 21)
    assert daemon.told()[-1] == answer
    daemon.crash()


def test_a_platform_that_says_it_again_and_again_is_answered_all_the_same(folder: Path) -> None:
    daemon = Daemon(folder, [Thing()])
    daemon.sees(0, 20)
    for at_s in (20.5, 21.0, 21.5):
        daemon.inspection.resolved(daemon.records()[0].incident_id)
        daemon.sees(at_s, at_s)
    assert "not_cleared" in daemon.told()
    daemon.crash()


def test_a_word_that_is_taken_back_is_not_answered(folder: Path) -> None:
    daemon = Daemon(folder, [Thing()])
    daemon.sees(0, 20)
    daemon.inspection.resolved(daemon.records()[0].incident_id)
    daemon.inspection.not_resolved(daemon.records()[0].incident_id)
    daemon.sees(20.5, 40)
    assert "not_cleared" not in daemon.told()
    daemon.crash()


def test_what_was_taken_away_after_it_was_called_resolved_is_cleared_all_the_same(folder: Path) -> None:
    daemon = Daemon(folder, [Thing(stays=((0, 24),))])
    daemon.sees(0, 20)
    daemon.inspection.resolved(daemon.records()[0].incident_id)
    daemon.sees(20.5, 60)
    assert [one for one in daemon.told() if one in ("not_cleared", "cleared")] == ["not_cleared", "cleared"]
    daemon.crash()


def test_a_camera_that_cannot_see_the_place_answers_once_it_can(folder: Path) -> None:
    daemon = Daemon(folder, [Thing()])
    daemon.sees(0, 20)
    daemon.inspection.resolved(daemon.records()[0].incident_id)
    told = daemon.told()
    daemon.inspection.look_away()
    daemon.sees(80, 80)
    assert daemon.told() == told
    daemon.sees(80.5, 80.5)
    assert daemon.told()[-1] == "not_cleared"
    daemon.crash()


def test_a_full_disk_costs_the_picture_not_the_record(folder: Path) -> None:
    daemon = Daemon(folder, [Thing()])
    daemon.room = False
    daemon.sees(0, 12)
    opened = daemon.records()[-1]
    assert (opened.event.value, opened.evidence) == ("opened", ())
    daemon.crash()


def test_pictures_that_cannot_be_judged_prove_no_dwell(folder: Path) -> None:
    """A car seen before and after a black quarter of an hour has not been seen to stand that long."""
    daemon = Daemon(folder, [Thing()])
    daemon.sees(0, 6)
    daemon.inspection.look_away()
    daemon.sees(906, 912)
    assert "opened" not in daemon.told()
    daemon.sees(912.5, 930, run=3)
    assert daemon.told().count("opened") == 1
    daemon.crash()


TWO_CARS = [Thing(stays=((0, 33),)), Thing(shifted(BAY, 200.0), stays=((20, 90),), paint=2)]


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> list[IncidentRecord]:
    """What is said of two cars when nothing fails."""
    daemon = Daemon(tmp_path_factory.mktemp("calm"), TWO_CARS)
    daemon.sees(0, 50)
    found = daemon.records()
    daemon.crash()
    return found


@pytest.mark.parametrize("at_s", [9.0, 31.0])
@pytest.mark.parametrize("where", ["ledger", "backing", "pictures", "clock", "store", "store afterwards", "news"])
def test_whatever_fails_and_wherever_no_revision_is_lost_and_none_comes_twice(
    folder: Path, undisturbed: list[IncidentRecord], where: str, at_s: float
) -> None:
    daemon = Daemon(folder, TWO_CARS, faults_s={where: at_s})
    daemon.sees(0, 50)
    found = daemon.records()
    daemon.crash()
    assert daemon.faults.happened == [where]
    assert [(one.revision, one.event.value) for one in found] == [
        (one.revision, one.event.value) for one in undisturbed
    ]
    assert len({one.incident_id for one in found}) == 2
    assert [[picture.role for picture in one.evidence] for one in found] == [
        [picture.role for picture in one.evidence] for one in undisturbed
    ]
    assert all((folder / picture.uri).exists() for one in found for picture in one.evidence)
