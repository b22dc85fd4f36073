from collections.abc import Iterator, Sequence

import pytest

from cvinspect.detect.burned_in import BurnedInText
from cvinspect.detect.gate import ChangeGate
from cvinspect.domain import Change, ChangeKind, Detection, Frame, Incident, Pixels, Sighting, Stage, Track
from cvinspect.modes import Gate
from cvinspect.pipeline import Pipeline
from tests.camera_text import clock_box, clouds, pictures, plain
from tests.fakes import ScriptedDetector, at, detection, frame, pipeline, sighting, texture, track, violation
from tests.incident_makers import an_incident

FRAMES = [frame(s) for s in (0.0, 0.5, 1.0)]


class FakeTracker:
    """One track a detection; remembers when it was asked."""

    def __init__(self) -> None:
        self.asked: list[float] = []

    def update(self, detections: Sequence[Detection], *, at_s: float) -> list[Track]:
        self.asked.append(at_s)
        return [track(id=i, box=seen.box, last_seen_s=at_s) for i, seen in enumerate(detections, 1)]


class FakeJudge:
    """Condemns every track."""

    def begin_run(self) -> None:
        pass

    def judge(self, tracks: Sequence[Track], frame: Frame) -> list[Sighting]:
        return [sighting(track=one.id) for one in tracks]


class FakeLedger:
    """Opens an incident a frame in which something was sighted, and says one thing at the end."""

    def __init__(self) -> None:
        self.standing: tuple[Incident, ...] = ()
        self.settled = 0
        self.runs = 0
        self.latest_s = 0.0

    def begin_run(self, away_s: float | None = None) -> None:
        self.runs += 1

    def absorb(self, sightings: Sequence[Sighting], tracks: Sequence[Track], frame: Frame) -> Iterator[Change]:
        self.latest_s = frame.media_s
        assert [one.track for one in sightings] == [one.id for one in tracks]
        for _ in sightings:
            self.standing = (*self.standing, an_incident(id=f"inc-{len(self.standing)}"))
            yield Change(ChangeKind.OPENED, self.standing[-1], frame)

    def settle(self) -> Iterator[Change]:
        self.settled += 1
        yield Change(ChangeKind.UPDATED, an_incident(id="last"), FRAMES[-1])


def line(*script: list[Detection]) -> tuple[Pipeline, list[FakeTracker], FakeLedger]:
    """A pipeline of fakes, the trackers it makes, and its ledger."""
    trackers: list[FakeTracker] = []
    ledger = FakeLedger()

    def new_tracker() -> FakeTracker:
        trackers.append(FakeTracker())
        return trackers[-1]

    detector = ScriptedDetector(script)
    return Pipeline(detector=detector, new_tracker=new_tracker, judge=FakeJudge(), ledger=ledger), trackers, ledger


def told(changes: list[Change]) -> list[tuple[str, str, float]]:
    return [(change.kind.value, change.incident.id, change.frame.media_s) for change in changes]


def test_every_frame_goes_through_every_stage_and_the_end_is_settled() -> None:
    run, trackers, ledger = line([detection()], [], [detection()])

    assert told(list(run.incidents(FRAMES))) == [
        ("opened", "inc-0", 0.0),
        ("opened", "inc-1", 1.0),
        ("updated", "last", 1.0),
    ]
    assert [one.asked for one in trackers] == [[0.0, 0.5, 1.0]]
    assert ledger.settled == 1


def test_a_new_run_gets_a_new_tracker_and_keeps_its_ledger() -> None:
    run, trackers, ledger = line(*[[detection()]] * 6)

    for _ in range(2):
        list(run.incidents(FRAMES))
    assert (len(trackers), len(ledger.standing), ledger.runs, ledger.settled) == (2, 6, 2, 2)


def test_an_onlooker_sees_every_frame_before_its_changes_are_handed_on() -> None:
    run, _, _ = line([detection()], [], [detection()])
    seen: list[tuple[float, int, int, int]] = []
    order: list[str] = []

    def onlooker(at: Frame, found: Sequence[Detection], tracks: Sequence[Track], now: Sequence[Incident]) -> None:
        seen.append((at.media_s, len(found), len(tracks), len(now)))
        order.append(f"seen {at.media_s}")

    for change in run.incidents(FRAMES, onlooker):
        order.append(f"told {change.incident.id}")
    assert seen == [(0.0, 1, 1, 1), (0.5, 0, 0, 1), (1.0, 1, 1, 2)]
    assert order == ["seen 0.0", "told inc-0", "seen 0.5", "seen 1.0", "told inc-1", "told last"]


def test_changes_are_told_while_the_footage_runs() -> None:
    run, trackers, _ = line(*[[detection()]] * 3)
    changes = run.incidents(FRAMES)

    assert next(changes).incident.id == "inc-0"
    assert trackers[0].asked == [0.0]


def test_without_frames_only_the_end_is_told() -> None:
    run, _, _ = line()

    assert told(list(run.incidents([]))) == [("updated", "last", 1.0)]


def test_footage_that_breaks_off_is_not_settled() -> None:
    run, _, ledger = line(*[[detection()]] * 3)

    def broken() -> Iterator[Frame]:
        yield FRAMES[0]
        raise OSError("the cable")

    with pytest.raises(OSError, match="the cable"):
        list(run.incidents(broken()))
    assert ledger.settled == 0


def looks(standing: tuple[Incident, ...]) -> int:
    """How often the network looks at three pictures without a change, with these incidents in the ledger."""
    pipeline, _, ledger = line([], [], [])
    detector = pipeline.detector = CountingDetector()
    pipeline.gate = ChangeGate(Gate.UNCHANGED, thresholds={})
    ledger.standing = standing
    list(pipeline.incidents(FRAMES))
    return detector.looks


class CountingDetector:
    """Sees nothing."""

    def __init__(self) -> None:
        self.looks = 0

    def detect(self, pixels: Pixels) -> list[Detection]:
        self.looks += 1
        return []


def test_unchanged_pictures_are_spared_unless_something_is_pending() -> None:
    seen, unseen = an_incident(last_seen=at(9.0)), an_incident(last_seen=at(0.0))

    assert looks(()) == 1
    assert looks((seen,)) == 1
    assert looks((seen, an_incident(stage=Stage.PRE_ALARM, last_seen=at(9.0)))) == 3
    # In the third picture it is known that the second did not show it.
    assert looks((unseen,)) == 2


def test_a_picture_from_before_the_sample_is_searched_by_itself() -> None:
    """Whose head is to be masked in it, its own pixels tell."""
    line = pipeline([[detection(label="person")]], [violation()])
    sample, before = frame(8.0), frame(7.4)

    assert line.everywhere(sample, line.detector, sample, []) == []
    assert line.everywhere(before, line.detector, sample, []) == [detection(label="person")]


@pytest.mark.parametrize("gate", [None, ChangeGate(Gate.UNCHANGED, thresholds={})])
def test_what_is_detected_on_the_cameras_own_clock_goes_no_further_once_that_is_known(gate: ChangeGate | None) -> None:
    dim = texture(5, 960, 540) // 2 + 20
    clock, car = detection(clock_box(dim), label="banner"), detection()
    line = pipeline([[clock, car]] * 40, [violation()]).front
    line.gate, line.burned_in = gate, BurnedInText()

    samples = [frame(at_s, pixels) for pixels, at_s in pictures(dim, clouds, plain, seconds=40)]
    found = [line.detections(sample, line.detector) for sample in samples]
    assert found[0] == [clock, car]
    assert found[-1] == [car]
    assert line.burned_in.dropped == found.count([car])
