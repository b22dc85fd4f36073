"""What the careful network says of what the quick one sees, and what only it sees."""

from collections.abc import Iterator, Sequence

import pytest

from cvinspect.domain import Change, Detection, Frame, Pixels, Stage, Status
from cvinspect.incidents.ledger import PlaceLedger
from cvinspect.incidents.look import PatchMatcher
from cvinspect.incidents.snapshot import state_from_text, state_to_text
from cvinspect.pipeline import Pipeline
from cvinspect.rules.judge import RuleJudge
from cvinspect.second_look import SecondLook
from cvinspect.taxonomy import Violation
from cvinspect.track.tracker import OverlapTracker
from tests.fakes import (
    BAY,
    FPS,
    SHANGHAI,
    Thing,
    camera,
    detected,
    frame,
    kinds,
    moving,
    opened,
    painted,
    seconds,
    shifted,
    violation,
)

PERSON = "person"
LABELS = ("motor_vehicle", "two_wheeler", PERSON, "vendor_stall", "umbrella", "exposed_garbage")
SURE = dict.fromkeys(LABELS, 0.5)
AGREES = dict.fromkeys(LABELS, 0.25)
PATROL_S = 5.0
SLOW = violation(dwell_s=30.0, pre_alarm_s=6.0, clear_s=6.0, gap_s=30.0)


class Eyes:
    """Both networks: each sees the things that it is told of, at the time at which the street is."""

    def __init__(self, quick: Sequence[Thing], careful: Sequence[Thing]) -> None:
        self._quick = quick
        self._careful = careful
        self.now_s = 0.0
        self.looks: list[float] = []

    def detect(self, pixels: Pixels) -> list[Detection]:
        """The quick network."""
        return detected(self._quick, self.now_s)

    def look(self) -> "CarefulEye":
        """The careful network."""
        return CarefulEye(self)

    def seen_carefully(self) -> list[Detection]:
        """At this moment."""
        self.looks.append(self.now_s)
        return detected(self._careful, self.now_s)

    def frames(self, things: Sequence[Thing], times: Sequence[float]) -> Iterator[Frame]:
        """The street, with the clock set."""
        for at_s in times:
            self.now_s = at_s
            yield frame(at_s, painted(things, at_s))


class CarefulEye:
    """As a detector."""

    def __init__(self, eyes: Eyes) -> None:
        self._eyes = eyes

    def detect(self, pixels: Pixels) -> list[Detection]:
        """What is seen with care."""
        return self._eyes.seen_carefully()


def line(eyes: Eyes, *violations: Violation, patrol_s: float = PATROL_S, ledger: PlaceLedger | None = None) -> Pipeline:
    """The real stages behind both."""
    place = camera()
    judge = RuleJudge(place, violations, thresholds=SURE, timezone=SHANGHAI)
    return Pipeline(
        detector=eyes,
        new_tracker=lambda: OverlapTracker(thresholds=SURE, lost_s=2.5 / FPS),
        judge=judge,
        ledger=ledger or PlaceLedger(place.id, matcher=PatchMatcher(), source="clip.mp4", second_look=True),
        second_look=SecondLook(
            detector=eyes.look(),
            new_tracker=lambda: OverlapTracker(thresholds=SURE, pause_s=3 * patrol_s),
            judge=RuleJudge(place, violations, thresholds=SURE, timezone=SHANGHAI),
            view=None,
            agrees_from=AGREES,
            sure_from=SURE,
            patrol_s=patrol_s,
        ),
    )


def watched(
    street: Sequence[Thing],
    careful: Sequence[Thing],
    *violations: Violation,
    until_s: float,
    quick: Sequence[Thing] | None = None,
    patrol_s: float = PATROL_S,
) -> list[Change]:
    """What is said of a street of which the quick network sees everything, unless said otherwise."""
    eyes = Eyes(street if quick is None else quick, careful)
    return list(
        line(eyes, *(violations or (SLOW,)), patrol_s=patrol_s).incidents(eyes.frames(street, seconds(until_s)))
    )


CAR = Thing(BAY)
SEEN = Thing(BAY, confidence=0.4)


def test_what_both_see_is_opened_at_its_dwell() -> None:
    (change,) = opened(watched([CAR], [SEEN], until_s=40))
    assert 30 <= change.incident.dwell_s <= 32
    assert (change.incident.quick, change.incident.careful) == (0.8, 0.4)


def test_what_the_careful_network_never_sees_is_doubted_once_and_stays_a_pre_alarm() -> None:
    changes = watched([CAR], [], until_s=200)
    assert kinds(changes) == ["pre_alarm", "doubted"]
    assert changes[1].incident.stage is Stage.PRE_ALARM
    assert changes[1].incident.dwell_s >= 30
    assert (changes[1].incident.quick, changes[1].incident.careful) == (0.8, 0.0)
    assert changes[1].incident.reason == "not_borne_out"


def test_a_confidence_below_agreement_is_told_of_and_no_agreement() -> None:
    changes = watched([CAR], [Thing(BAY, confidence=0.2)], until_s=60)
    assert kinds(changes) == ["pre_alarm", "doubted"]
    assert changes[1].incident.careful == 0.2


def test_what_is_seen_in_most_looks_opens_late_after_a_doubt() -> None:
    late = Thing(BAY, confidence=0.9, stays=((40.0, 1e9),))
    changes = watched([CAR], [late], until_s=140)
    assert kinds(changes)[:3] == ["pre_alarm", "doubted", "opened"]
    assert changes[2].incident.reason is None
    assert changes[2].incident.revision == 2


@pytest.mark.parametrize("beside", [shifted(BAY, 60), shifted(BAY, 0, -70)])
def test_a_thing_elsewhere_bears_nothing_out(beside: object) -> None:
    changes = watched([CAR], [Thing(beside, confidence=0.3)], until_s=40)  # type: ignore[arg-type]
    assert not opened(changes)


def test_a_look_at_which_a_bus_stood_in_front_counts_neither_way() -> None:
    # The bus hides the car from second 4 to 26: of six looks, the first and the last see it.
    bus = Thing(shifted(BAY, -10, -10), "person", stays=((4.0, 26.0),), paint=7)
    hidden = Thing(BAY, confidence=0.9, missed=((4.0, 26.0),))
    (change,) = opened(watched([Thing(BAY, missed=((4.0, 26.0),)), bus], [hidden], until_s=60))
    assert change.incident.careful == 0.9


def test_a_two_wheeler_whose_rider_only_the_careful_network_sees_is_not_parked() -> None:
    rule = violation(id="illegal_parking_nonmotor", labels=("two_wheeler",), dwell_s=30.0, unless_with=(PERSON,))
    bike = Thing(BAY, "two_wheeler")
    rider = Thing(BAY, PERSON, confidence=0.9)
    assert opened(watched([bike], [bike], rule, until_s=45))
    assert not opened(watched([bike], [bike, rider], rule, until_s=45))


def test_what_only_the_careful_network_sees_is_opened_and_cleared() -> None:
    there = Thing(BAY, stays=((0.0, 60.0),))
    changes = watched([there], [there], until_s=90, quick=[])
    assert kinds(changes) == ["pre_alarm", "opened", "updated", "cleared"]
    assert (changes[1].incident.quick, changes[1].incident.careful) == (0.0, 0.8)
    assert 30 <= changes[1].incident.dwell_s <= 36
    assert changes[1].incident.unseen_s == 0
    assert changes[3].incident.status is Status.CLEARED


def test_it_is_not_given_up_between_patrols_that_are_far_apart() -> None:
    long = violation(dwell_s=400.0, pre_alarm_s=60.0, gap_s=10.0)
    (change,) = opened(watched([CAR], [CAR], long, until_s=600, quick=[], patrol_s=60.0))
    assert change.incident.careful == 0.8


def test_what_the_careful_network_sees_now_and_then_is_no_incident() -> None:
    flickers = Thing(BAY, missed=((8.0, 12.0), (18.0, 22.0), (28.0, 32.0), (38.0, 42.0), (48.0, 52.0)))
    assert not opened(watched([CAR], [flickers], until_s=60, quick=[]))


def test_the_same_thing_seen_by_one_then_by_the_other_is_one_incident() -> None:
    by_turns = [Thing(BAY, missed=((10.0, 25.0), (40.0, 55.0)))]
    changes = watched([CAR], [CAR], until_s=90, quick=by_turns)
    assert len(opened(changes)) == 1
    late = [Thing(BAY, stays=((50.0, 1e9),))]
    changes = watched([CAR], [CAR], until_s=90, quick=late)
    assert len(opened(changes)) == 1
    assert changes[-1].incident.quick == 0.8


def test_two_labels_of_one_class_at_one_place_are_one_incident() -> None:
    rule = violation(id="out_of_store", labels=("vendor_stall", "umbrella"), dwell_s=30.0, reach=1.0)
    changes = watched([Thing(BAY, "umbrella")], [Thing(BAY, "vendor_stall")], rule, until_s=60)
    assert len(opened(changes)) == 1


def test_a_car_that_passes_while_the_careful_network_looks_is_nothing() -> None:
    passing = Thing(moving(shifted(BAY, -200), px_s=20.0))
    assert watched([passing], [passing], until_s=40) == []


@pytest.mark.parametrize("dwell_s", [0.0, 1.0, 2.0])
def test_a_dwell_of_no_time_is_borne_out_by_the_look_at_hand(dwell_s: float) -> None:
    rule = violation(dwell_s=dwell_s)
    assert len(opened(watched([CAR], [SEEN], rule, until_s=10, patrol_s=max(dwell_s / 6, 0.1)))) == 1
    assert not opened(watched([CAR], [], rule, until_s=10, patrol_s=max(dwell_s / 6, 0.1)))


def test_it_looks_when_a_verdict_is_near_though_no_patrol_is_due() -> None:
    eyes = Eyes([CAR], [SEEN])
    changes = list(line(eyes, SLOW, patrol_s=1000.0).incidents(eyes.frames([CAR], seconds(40))))
    assert len(opened(changes)) == 1
    assert 5 <= len(eyes.looks) <= 8


def test_what_is_doubted_is_looked_at_less_often() -> None:
    eyes = Eyes([CAR], [])
    list(line(eyes, SLOW, patrol_s=1000.0).incidents(eyes.frames([CAR], seconds(330))))
    assert len(eyes.looks) <= 18


def test_looks_outlive_a_restart() -> None:
    eyes = Eyes([CAR], [SEEN])
    before = PlaceLedger("gate", matcher=PatchMatcher(), source="clip.mp4", second_look=True)
    list(line(eyes, SLOW, patrol_s=1000.0, ledger=before).incidents(eyes.frames([CAR], seconds(25))))
    (standing,) = before.state.standings
    assert sum(standing.testimony.agreed) >= 4
    after = state_from_text(state_to_text(before.state), rules={SLOW.id: SLOW})
    assert after.standings[0].testimony.agreed == standing.testimony.agreed
    assert after.standings[0].testimony.looked_s == standing.testimony.looked_s
    assert after.standings[0].incident.careful == 0.4


def test_without_a_careful_network_a_violation_opens_as_before() -> None:
    eyes = Eyes([CAR], [])
    pipeline = line(eyes, SLOW, ledger=PlaceLedger("gate", matcher=PatchMatcher(), source="clip.mp4"))
    pipeline.second_look = None
    assert len(opened(pipeline.incidents(eyes.frames([CAR], seconds(40))))) == 1
