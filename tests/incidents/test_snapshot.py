"""A ledger that was written down and read back goes on as one that only lost its connection."""

import base64
import json
import zlib
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cvinspect.domain import Change, Frame, Reason
from cvinspect.geometry import Box
from cvinspect.incidents import testimony
from cvinspect.incidents.ledger import PlaceLedger
from cvinspect.incidents.look import PatchMatcher
from cvinspect.incidents.snapshot import state_from_text, state_of, state_to_text
from cvinspect.opencv import cv2
from tests.fakes import BAY, NOON, Thing, detected, frame, painted, pipeline, play, seconds, violation
from tests.incidents.test_ledger_laws import RULES, SCENES, UNTIL_S

RULE = violation()


def again(ledger: PlaceLedger) -> PlaceLedger:
    """The ledger as another process finds it."""
    state = state_from_text(state_to_text(ledger.state), rules={})
    other = PlaceLedger("gate", matcher=PatchMatcher(), source="clip.mp4")
    other.resume(state)
    return other


def shots(scene: Sequence[Thing], times: Sequence[float], *, from_s: float) -> list[Frame]:
    """Pictures of the scene in a run that begins at `from_s`."""
    return [
        Frame("gate", index, at_s - from_s, NOON + timedelta(seconds=at_s), painted(scene, at_s))
        for index, at_s in enumerate(times)
    ]


def told(
    scene: Sequence[Thing], *, break_s: float, away_s: float, restarts: bool, until_s: float
) -> list[tuple[str, str, int]]:
    """What is said of a scene with a gap: over a lost connection, or over a restart of the program."""
    before = [at_s for at_s in seconds(until_s) if at_s < break_s]
    after = [at_s for at_s in seconds(until_s) if at_s >= break_s + away_s]
    script = [detected(scene, at_s) for at_s in (*before, *after)]
    line = pipeline(script, RULES)
    said: list[Change] = []
    for times, starts in ((before, 0.0), (after, break_s + away_s)):
        said += list(line.incidents(shots(scene, times, from_s=starts)))
        if restarts and times is before:
            line.ledger = again(line.ledger)  # type: ignore[arg-type, assignment]
    return [(one.kind.value, one.incident.id, one.incident.revision) for one in said]


@given(SCENES, st.integers(5, UNTIL_S - 5), st.sampled_from([0.5, 5.0, 20.0]))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_restart_changes_nothing_that_a_lost_connection_would_not(
    scene: list[Thing], break_s: int, away_s: float
) -> None:
    gap = {"break_s": break_s, "away_s": away_s, "until_s": UNTIL_S}
    assert told(scene, restarts=True, **gap) == told(scene, restarts=False, **gap)  # type: ignore[arg-type]


@pytest.mark.parametrize("away_s", [0.5, 60.0, 3600.0])
def test_a_car_parked_before_during_and_after_a_restart_is_one_incident(away_s: float) -> None:
    """Before the dwell is over, and after it."""
    for break_s in (20.0, 45.0):
        said = told([Thing()], break_s=break_s, away_s=away_s, restarts=True, until_s=break_s + away_s + 90)
        assert len({one for _, one, _ in said}) == 1
        assert [kind for kind, _, _ in said].count("opened") == 1
        assert len({(one, revision) for _, one, revision in said}) == len(said)


def test_a_car_that_left_while_nobody_looked_is_cleared_and_the_next_one_is_another_incident() -> None:
    cars = [Thing(stays=((0, 60),)), Thing(Box(200, 60, 260, 100), stays=((80, 400),), paint=2)]
    said = told(cars, break_s=50, away_s=60, restarts=True, until_s=200)
    assert [kind for kind, _, _ in said if kind in ("opened", "cleared")] == ["opened", "cleared", "opened"]


def test_what_was_cleared_before_the_restart_makes_the_next_one_there_a_recurrence() -> None:
    cars = [Thing(stays=((0, 60),)), Thing(stays=((150, 300),), paint=2)]
    line = pipeline([detected(cars, at_s) for at_s in seconds(300)], [RULE])
    first = list(line.incidents(shots(cars, [at_s for at_s in seconds(300) if at_s < 100], from_s=0.0)))
    line.ledger = again(line.ledger)  # type: ignore[arg-type]
    later = [at_s for at_s in seconds(300) if at_s >= 100]
    second = list(line.incidents(shots(cars, later, from_s=100.0)))
    back = next(one.incident for one in second if one.kind.value == "opened")
    assert back.recurrence_of == first[0].incident.id


def test_of_what_was_cleared_the_look_is_kept_for_ten_minutes_and_the_place_for_longer() -> None:
    cover = Thing(Box(60, 30, 230, 130), stays=((60, 900),), missed=((60, 900),), paint=7)
    car = [Thing(stays=((5, 900),), missed=((60, 900),)), cover]
    line = pipeline([detected(car, at_s) for at_s in seconds(900)], [RULE])
    ledger: PlaceLedger = line.ledger  # type: ignore[assignment]
    kept: dict[float, bool] = {}
    for shot in shots(car, seconds(900), from_s=0.0):
        list(line.step(shot, line.detections(shot, line.detector)))
        for standing in ledger._past:
            kept[shot.media_s] = standing.appearance.look is not None

    cleared_s = min(kept)
    assert max(kept) == 900
    assert {at_s for at_s, has_look in kept.items() if has_look} == {at_s for at_s in kept if at_s <= cleared_s + 600}


def test_what_another_car_stood_in_the_place_of_is_remembered_without_its_look() -> None:
    cover = Thing(Box(60, 30, 230, 130), stays=((60, 90),), missed=((60, 90),), paint=7)
    both = [Thing(stays=((5, 60),)), cover, Thing(stays=((90, 150),), paint=2)]
    line = pipeline([detected(both, at_s) for at_s in seconds(200)], [RULE])
    list(line.incidents(shots(both, seconds(200), from_s=0.0)))
    first, second = line.ledger._past  # type: ignore[attr-defined]
    assert first.appearance.look is None
    assert second.appearance.look is not None
    assert second.incident.recurrence_of == first.incident.id


@pytest.mark.parametrize("apart_px", [25, 30])
def test_two_that_stood_side_by_side_and_were_covered_together_both_come_back(apart_px: float) -> None:
    """A tarpaulin hides both for 20 s: neither has gone since, whichever was cleared first."""
    beside = Box(BAY.x0 + apart_px, BAY.y0, BAY.x1 + apart_px, BAY.y1)
    since = ((5.0, 300.0),)
    cars = [Thing(stays=since, missed=((60, 80),)), Thing(beside, stays=since, missed=((60, 80),), paint=2)]
    cover = Thing(Box(60, 30, 230, 130), stays=((60, 80),), missed=((60, 80),), paint=7)
    changes = play([*cars, cover], until_s=200)
    assert [one.kind.value for one in changes].count("cleared") == 2
    assert len({one.incident.id for one in changes}) == 2


def test_what_the_careful_network_said_outlives_a_restart() -> None:
    line = pipeline([detected([Thing()], at_s) for at_s in seconds(10)], [RULE])
    list(line.incidents(shots([Thing()], seconds(10), from_s=0.0)))
    [standing] = line.ledger.state.standings  # type: ignore[attr-defined]
    standing.testimony = testimony.Testimony([True, False], [False, False], 8.0, is_doubt_told=True, carries=True)
    standing.incident = replace(standing.incident, careful=0.4, reason=Reason.NOT_BORNE_OUT)
    [back] = state_from_text(state_to_text(line.ledger.state), rules={}).standings  # type: ignore[attr-defined]
    assert (back.incident, asdict(back.testimony)) == (standing.incident, asdict(standing.testimony))


def test_a_state_of_before_there_was_a_careful_network_is_gone_on_from() -> None:
    line = pipeline([detected([Thing()], at_s) for at_s in seconds(10)], [RULE])
    list(line.incidents(shots([Thing()], seconds(10), from_s=0.0)))
    text = state_to_text(line.ledger.state)  # type: ignore[attr-defined]
    data = json.loads(zlib.decompress(base64.b85decode(text)))
    [written] = data["standings"]
    del written["testimony"], written["incident"]["quick"], written["incident"]["careful"]
    older = base64.b85encode(zlib.compress(json.dumps(data).encode())).decode()
    [back] = state_from_text(older, rules={}).standings
    assert (back.incident.quick, back.incident.careful, back.incident.confidence) == (0.0, 0.0, 0.8)
    assert asdict(back.testimony) == asdict(testimony.Testimony())


def test_of_a_doubted_incident_alone_it_is_known_that_the_doubt_was_told() -> None:
    line = pipeline([detected([Thing()], at_s) for at_s in seconds(10)], [RULE])
    list(line.incidents(shots([Thing()], seconds(10), from_s=0.0)))
    [incident] = line.ledger.standing
    doubted = replace(incident, reason=Reason.NOT_BORNE_OUT)
    assert [one.testimony.is_doubt_told for one in state_of([incident, doubted]).standings] == [False, True]


def test_a_case_goes_on_under_the_rule_as_it_is_now() -> None:
    line = pipeline([detected([Thing()], at_s) for at_s in seconds(10)], [RULE])
    list(line.incidents(shots([Thing()], seconds(10), from_s=0.0)))
    stricter = violation(dwell_s=300.0)
    text = state_to_text(line.ledger.state)  # type: ignore[attr-defined]
    assert [standing.incident.violation for standing in state_from_text(text, rules={RULE.id: stricter}).standings] == [
        stricter
    ]


def test_a_picture_of_another_size_goes_on_with_the_same_incident() -> None:
    """A camera that is switched to its small stream, and back."""
    times = seconds(180)
    scene = [Thing()]

    def at_scale(at_s: float) -> float:
        return 0.5 if 60 <= at_s < 120 else 1.0

    script = [
        [type(one)(one.label, one.confidence, one.box.scaled(at_scale(at_s), at_scale(at_s))) for one in seen]
        for at_s in times
        for seen in [detected(scene, at_s)]
    ]
    line = pipeline(script, [RULE])
    said: list[Change] = []
    for low, high in ((0, 60), (60, 120), (120, 181)):
        part = [at_s for at_s in times if low <= at_s < high]
        run = [
            Frame(
                "gate",
                0,
                at_s - low,
                NOON + timedelta(seconds=at_s),
                cv2.resize(painted(scene, at_s), None, fx=at_scale(at_s), fy=at_scale(at_s)),
            )  # type: ignore[arg-type]
            for at_s in part
        ]
        said += list(line.incidents(run))
    assert [one.kind.value for one in said if one.kind.value != "updated"] == ["pre_alarm", "opened"]
    assert said[-1].incident.objects[0].box == BAY


@pytest.mark.parametrize("jump", [timedelta(days=-3), timedelta(days=3)])
def test_the_wall_clock_may_be_set_while_nothing_is_seen(jump: timedelta) -> None:
    """By the clock that nobody sets one second has passed: the dwell goes on."""
    scene = [Thing()]
    line = pipeline([detected(scene, at_s) for at_s in (*seconds(20), *seconds(20))], [RULE])
    first = list(line.incidents(frame(at_s, painted(scene, at_s)) for at_s in seconds(20)))
    second = list(
        line.incidents((frame(at_s, painted(scene, at_s), start=NOON + jump) for at_s in seconds(20)), away_s=1.0)
    )
    told_of = [(one.kind.value, one.incident.id) for one in (*first, *second) if one.kind.value != "updated"]
    assert told_of == [("pre_alarm", first[0].incident.id), ("opened", first[0].incident.id)]
    assert second[0].incident.dwell_s == pytest.approx(30, abs=0.5)


def test_text_that_is_no_state_is_refused_in_one_line() -> None:
    for text in ("", "nonsense", state_to_text(PlaceLedger("gate", matcher=PatchMatcher()).state)[:-9]):
        with pytest.raises(ValueError, match="what is stored of the ledger cannot be read"):
            state_from_text(text, rules={})
