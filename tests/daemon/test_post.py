"""One camera's inspection over connections, restarts and a platform's word, with a real database."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from cvinspect.daemon.post import CameraPost, Desk
from cvinspect.daemon.resuming import SteadyClock
from cvinspect.daemon.scribe import Scribe
from cvinspect.dispatch.back_off import BackOff
from cvinspect.domain import Detection, Frame, Pixels
from cvinspect.evidence.snapshots import Snapshots
from cvinspect.incidents.ledger import PlaceLedger
from cvinspect.incidents.look import PatchEye
from cvinspect.pipeline import Pipeline
from cvinspect.records.incident import IncidentRecord, RecordContext
from cvinspect.rules.judge import RuleJudge
from cvinspect.store import Snapshot
from cvinspect.store.database import Database
from cvinspect.store.ledger_store import LedgerStore
from cvinspect.track.tracker import OverlapTracker
from tests.fakes import NOON, SHANGHAI, Thing, camera, detected, painted, seconds, violation
from tests.store.ledger_makers import sqlite_at

RULE = violation(dwell_s=10.0, pre_alarm_s=4.0, clear_s=5.0, gap_s=10.0, second_picture_s=5.0)
CONTEXT = RecordContext(SHANGHAI, "live", "gate", "m", "a" * 64, "b" * 64, live=True)


@dataclass(frozen=True)
class Shot:
    """A sample as a live camera hands it out."""

    frame: Frame
    run: int
    captured_s: float


class Daemon:
    """A camera's post in a process that can be started again on the same files; the clock is what a test says."""

    def __init__(
        self, folder: Path, things: list[Thing], *, boot: str = "first", jump: timedelta = timedelta()
    ) -> None:
        self.at_s = 0.0
        self.things = things
        self.room = True
        self._jump = jump
        self._database = Database(sqlite_at(folder / "ledger.db"))
        self.store = LedgerStore(self._database, now=lambda: NOON)
        self.scribe = Scribe(self.store, back_off=BackOff(lambda: 0.0, first_s=0.01), recorded=lambda: None)
        self.scribe.start()
        desk = Desk(
            scribe=self.scribe,
            store=self.store,
            pictures=Snapshots(folder, timezone=SHANGHAI),
            backing=lambda label: "real",
            clock=SteadyClock(boot),
            seconds=lambda: self.at_s,
            may_keep_pictures=lambda: self.room,
        )
        place, sure = camera(), {"motor_vehicle": 0.5}
        ledger = PlaceLedger(place.id, eye=PatchEye())
        pipeline = Pipeline(
            detector=self,
            new_tracker=lambda: OverlapTracker(thresholds=sure, lost_s=2.0),
            judge=RuleJudge(place, [RULE], thresholds=sure, timezone=SHANGHAI),
            ledger=ledger,
        )
        self.post = CameraPost(place, pipeline, ledger, CONTEXT, desk)
        self.post.resume({RULE.id: RULE})

    def detect(self, pixels: Pixels) -> list[Detection]:
        """What stands there now."""
        return detected(self.things, self.at_s)

    def sees(self, from_s: float, until_s: float, *, run: int = 1) -> None:
        """One connection, from one second of the steady clock to another."""
        for offset_s in seconds(until_s - from_s):
            self.at_s = from_s + offset_s
            at = NOON + self._jump + timedelta(seconds=self.at_s)
            frame = Frame("gate", 0, offset_s, at, painted(self.things, self.at_s))
            self.post.inspect(Shot(frame, run, self.at_s), self)

    def crash(self) -> None:
        """Only what is in the database is left."""
        assert self.scribe.flush(timeout_s=20)
        self.scribe.stop(timeout_s=1)
        self._database.close()

    def told(self) -> list[str]:
        """Every revision of every incident, in order of incidents."""
        return [f"{one.event.value}" for one in self.records()]

    def records(self) -> list[IncidentRecord]:
        assert self.scribe.flush(timeout_s=20)
        latest = reversed(self.store.latest())
        return [record for one in latest for record in self.store.history(one.incident_id)]


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


def test_a_state_of_another_version_costs_looks_and_dwells_but_no_incident_is_raised_twice(folder: Path) -> None:
    first = Daemon(folder, [Thing()])
    first.sees(0, 20)
    first.crash()
    database = Database(sqlite_at(folder / "ledger.db"))
    LedgerStore(database, now=lambda: NOON).record("gate", [], snapshot=Snapshot(99, "of a later program"))
    database.close()
    second = Daemon(folder, [Thing(stays=((0, 40),))])
    second.sees(21, 80)
    assert len({one.incident_id for one in second.records()}) == 1
    assert (second.told().count("opened"), second.told()[-1]) == (1, "cleared")
    second.crash()


def test_a_platform_that_calls_it_resolved_is_told_once_that_it_still_stands(folder: Path) -> None:
    daemon = Daemon(folder, [Thing()])
    daemon.sees(0, 20)
    daemon.post.resolved(daemon.records()[0].incident_id)
    daemon.sees(20.5, 60, run=2)
    last = daemon.records()[-1]
    assert (daemon.told().count("not_cleared"), last.status.value) == (1, "open")
    contradiction = next(one for one in daemon.records() if one.event.value == "not_cleared")
    assert [picture.role for picture in contradiction.evidence][-1] == "panorama"
    daemon.crash()


def test_a_platform_that_calls_it_resolved_rightly_is_not_contradicted(folder: Path) -> None:
    daemon = Daemon(folder, [Thing(stays=((0, 22),))])
    daemon.sees(0, 20)
    daemon.post.resolved(daemon.records()[0].incident_id)
    daemon.sees(20.5, 60, run=2)
    assert (daemon.told()[-1], daemon.told().count("not_cleared")) == ("cleared", 0)
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
    daemon.post.look_away()
    daemon.sees(906, 912)
    assert "opened" not in daemon.told()
    daemon.sees(912.5, 930, run=3)
    assert daemon.told().count("opened") == 1
    daemon.crash()
