"""A camera's inspection in a process that can be started again, and that can be made to stumble."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from cvinspect.daemon.camera_inspection import CameraInspection
from cvinspect.daemon.careful_share import CarefulShare, LiveCareful
from cvinspect.daemon.clips import ClipTaker
from cvinspect.daemon.ledger_writer import LedgerWriter
from cvinspect.daemon.resuming import SteadyClock
from cvinspect.daemon.shared_parts import SharedParts
from cvinspect.dispatch.back_off import BackOff
from cvinspect.domain import FIRST_VIEW, Camera, CarefulLook, Change, Detection, Frame, Pixels, Sighting, Track
from cvinspect.evidence import Picture
from cvinspect.evidence.snapshots import Snapshots
from cvinspect.incidents.ledger import PlaceLedger
from cvinspect.incidents.look import PatchMatcher
from cvinspect.incidents.snapshot import TourState
from cvinspect.pipeline import Pipeline
from cvinspect.records.incident import IncidentRecord, RecordContext
from cvinspect.rules.judge import RuleJudge
from cvinspect.second_look import SecondLook
from cvinspect.sources.decoding.packet_ring import PacketRing
from cvinspect.store import Entry, Snapshot
from cvinspect.store.database import Database
from cvinspect.store.ledger_store import LedgerStore
from cvinspect.store.queries import IncidentFilter, IncidentQueries
from cvinspect.taxonomy import Violation
from cvinspect.tour import Tour
from cvinspect.track.tracker import OverlapTracker
from cvinspect.views.watch import ViewWatch
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


class OddError(BaseException):
    """Something that nobody expects."""


class Faults:
    """Where something odd is to happen, once each, and from which second on."""

    def __init__(self, at_s: dict[str, float]) -> None:
        self.at_s = dict(at_s)
        self.now_s = 0.0
        self.happened: list[str] = []

    def stumble(self, where: str) -> None:
        if self.now_s >= self.at_s.get(where, float("inf")):
            del self.at_s[where]
            self.happened.append(where)
            raise OddError(where)


class StumblingLedger(PlaceLedger):
    faults: Faults

    def absorb(
        self, sightings: Sequence[Sighting], tracks: Sequence[Track], frame: Frame, look: CarefulLook | None = None
    ) -> Iterator[Change]:
        changes = list(super().absorb(sightings, tracks, frame, look))
        yield from changes
        if changes:
            self.faults.stumble("ledger")


class StumblingPictures(Snapshots):
    faults: Faults

    def take(self, change: Change, camera: Camera, **how: Any) -> tuple[Picture, ...]:  # noqa: ANN401
        found = super().take(change, camera, **how)
        self.faults.stumble("pictures")
        return found


@dataclass(frozen=True, slots=True)
class StumblingClock(SteadyClock):
    faults: Faults

    def written(self, state: TourState, captured_s: float) -> Snapshot:
        self.faults.stumble("clock")
        return SteadyClock.written(self, state, captured_s)


class StumblingStore(LedgerStore):
    faults: Faults

    def record(self, camera: str, entries: Sequence[Entry], *, snapshot: Snapshot | None = None) -> int:
        if entries:
            self.faults.stumble("store")
        found = super().record(camera, entries, snapshot=snapshot)
        if entries:
            self.faults.stumble("store afterwards")
        return found


class CarefulEye:
    """A careful network that sees what it is told, and notes when it looked."""

    def __init__(self, daemon: "Daemon", things: list[Thing]) -> None:
        self._daemon = daemon
        self.things = things
        self.looked_s: list[float] = []

    def detect(self, pixels: Pixels) -> list[Detection]:
        self.looked_s.append(self._daemon.at_s)
        return detected(self.things, self._daemon.at_s)


class Daemon:
    """A camera's inspection in a process that can be started again on the same files; the clock is what a test says."""

    def __init__(
        self,
        folder: Path,
        things: list[Thing],
        *,
        boot: str = "first",
        jump: timedelta = timedelta(),
        faults_s: dict[str, float] | None = None,
        ring: PacketRing | None = None,
        place: Camera | None = None,
        rules: Sequence[Violation] = (RULE,),
        careful: list[Thing] | None = None,
        cores: float = 1.0,
    ) -> None:
        """`ring`: what clips are cut from; the thread that takes them is the test's to start.

        `careful`: what the careful network sees, on patrol every 5 s as far as so many `cores` go; None: there is none.
        """
        self.faults = Faults(faults_s or {})
        self.at_s = 0.0
        self.things = things
        self.room = True
        self._jump = jump
        self._database = Database(sqlite_at(folder / "ledger.db"))
        self.store = StumblingStore(self._database, now=lambda: NOON)
        back_off = BackOff(lambda: 0.0, first_s=0.01)
        self.writer = LedgerWriter(self.store, back_off=back_off, recorded=lambda: self.faults.stumble("news"))
        pictures = StumblingPictures(folder, timezone=SHANGHAI)
        self.writer.start()
        self.clips = ClipTaker(folder, seconds=lambda: self.at_s, may_keep=lambda: self.room)
        share = CarefulShare(cores=cores, seconds=lambda: self.at_s)
        self.eye = None if careful is None else CarefulEye(self, careful)
        self.shared = shared = SharedParts(
            writer=self.writer,
            store=self.store,
            pictures=pictures,
            backing=self.backing,
            clock=StumblingClock(boot, self.faults),
            seconds=lambda: self.at_s,
            may_keep_pictures=lambda: self.room,
            clips=self.clips,
            careful=None if self.eye is None else LiveCareful(self.eye, share),  # type: ignore[arg-type]
        )
        place, sure = place or camera(), {"motor_vehicle": 0.5}
        ledger = StumblingLedger(place.id, matcher=PatchMatcher(), second_look=careful is not None)
        for one in (self.store, pictures, ledger):
            one.faults = self.faults
        pipeline = Pipeline(
            detector=self,
            new_tracker=lambda: OverlapTracker(thresholds=sure, lost_s=2.0),
            judge=RuleJudge(place, rules, thresholds=sure, timezone=SHANGHAI),
            ledger=ledger,
            second_look=None
            if self.eye is None
            else SecondLook(
                camera=place.id,
                detector=self.eye,
                new_tracker=lambda: OverlapTracker(thresholds=sure, lost_s=15.0),
                judge=RuleJudge(place, rules, thresholds=sure, timezone=SHANGHAI),
                view=None,
                agrees_from={"motor_vehicle": 0.25},
                sure_from=sure,
                patrol_s=5.0,
                allowance=share,
            ),
        )
        watch = ViewWatch(acknowledges_after_s=60.0)
        tour = Tour(watch, lambda view: (pipeline, ledger) if view == FIRST_VIEW else None, detector=self)
        self.inspection = CameraInspection(place, tour, CONTEXT, shared, ring)
        self.inspection.resume({one.id: one for one in rules})

    def backing(self, label: str) -> str:
        """What a label rests on."""
        self.faults.stumble("backing")
        return "real"

    def detect(self, pixels: Pixels) -> list[Detection]:
        """What stands there now."""
        return detected(self.things, self.at_s)

    def sees(self, from_s: float, until_s: float, *, run: int = 1) -> None:
        """One connection, from one second of the steady clock to another."""
        for offset_s in seconds(until_s - from_s):
            self.at_s = self.faults.now_s = from_s + offset_s
            at = NOON + self._jump + timedelta(seconds=self.at_s)
            frame = Frame("gate", 0, offset_s, at, painted(self.things, self.at_s))
            try:
                self.inspection.inspect(Shot(frame, run, self.at_s), self)
            except OddError:
                self.inspection.look_away()  # as a watched camera does

    def crash(self) -> None:
        """Only what is in the database is left."""
        assert self.writer.flush(timeout_s=20)
        self.writer.stop(timeout_s=1)
        self._database.close()

    def told(self) -> list[str]:
        """Every revision of every incident, in order of incidents."""
        return [f"{one.event.value}" for one in self.records()]

    def records(self) -> list[IncidentRecord]:
        assert self.writer.flush(timeout_s=20)
        latest = IncidentQueries(self._database).page(IncidentFilter()).records[::-1]
        return [record for one in latest for record in self.store.history(one.incident_id)]
