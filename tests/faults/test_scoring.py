"""The comparison itself: what it calls lost, duplicated, false, and what it forgives."""

from dataclasses import replace

import numpy as np
import pytest

from cvinspect.detect import Detector
from tests.faults.house import DWELL_S, GAP_S
from tests.faults.painted import BIKE, CAR, SIZE, PaintDetector, Scene, Thing, scene_of, slot_of
from tests.faults.scoring import Found, Score, Span, Stay, is_owed, score, stays

STAY = Stay("gate", CAR, 3, Span(100.0, 120.0))
FOUND = Found("a", "gate", "illegal_parking_motor", 3, Span(100.4, 119.8), 19.4, "cleared")
PASSER = Stay("gate", CAR, 5, Span(104.0, 105.0))
LATER = Stay("gate", CAR, 1, Span(139.0, 140.0))


def test_what_is_found_once_is_well() -> None:
    assert score([STAY, PASSER], [FOUND], {}) == Score(1, 1, (), (), (), ())


def test_a_stay_of_its_dwell_that_is_not_found_is_lost() -> None:
    assert score([STAY, PASSER], [], {}).lost == (STAY,)


@pytest.mark.parametrize("found", [replace(FOUND, slot=4), replace(FOUND, camera="yard"), replace(FOUND, class_id="x")])
def test_what_is_found_elsewhere_is_false_and_finds_nothing(found: Found) -> None:
    assert score([STAY], [found], {}) == Score(1, 1, (STAY,), (), (found,), ())


def test_what_was_found_at_another_time_is_false() -> None:
    late = replace(FOUND, span=Span(125.0, 131.0))

    assert score([STAY], [late], {}) == Score(1, 1, (STAY,), (), (late,), ())


def test_a_second_violation_for_one_stay_is_a_duplicate() -> None:
    again = replace(FOUND, incident_id="b", span=Span(110.0, 119.8))

    assert score([STAY], [FOUND, again], {}).duplicated == (again,)


def test_what_stopped_for_a_moment_is_no_violation() -> None:
    found = replace(FOUND, slot=5, span=Span(104.0, 105.0))

    assert score([PASSER], [found], {}).false == (found,)


def test_what_is_still_open_though_its_place_was_seen_empty_is_told() -> None:
    found = replace(FOUND, status="open")

    assert score([STAY, LATER], [found], {}).standing == (found,)
    assert score([STAY, LATER], [found], {"gate": [Span(118.0, 139.0)]}).standing == ()


def test_two_breaks_leave_a_dwell_that_its_grace_bridges_and_one_that_is_longer_does_not() -> None:
    stay = replace(STAY, span=Span(0.0, 2 * GAP_S))

    assert is_owed(stay, [Span(4.0, 8.0), Span(12.0, 2 * GAP_S)])
    assert is_owed(stay, [Span(4.0, 20.0), Span(24.0, 2 * GAP_S)])
    assert not is_owed(stay, [Span(4.0, 4.0 + GAP_S), Span(8.0 + GAP_S, 2 * GAP_S)])
    assert not is_owed(stay, [Span(1.0, 2 * GAP_S)])


def test_a_scene_that_is_repeated_gives_each_stay_again() -> None:
    scene = Scene((Thing(CAR, 2, 4.0, 9.0, 0),), period_s=20.0)

    assert stays("gate", scene, began_s=1000.0, seen=Span(1006.0, 1027.0)) == [
        Stay("gate", CAR, 2, Span(1004.0, 1009.0)),
        Stay("gate", CAR, 2, Span(1024.0, 1029.0)),
    ]


@pytest.mark.parametrize("size", [SIZE, (2 * SIZE[0], 2 * SIZE[1])])
def test_the_detector_finds_what_is_painted_and_nothing_else(size: tuple[int, int]) -> None:
    things = tuple(Thing(BIKE if slot % 3 == 0 else CAR, slot, 0.0, 1.0, slot * 7) for slot in range(8))
    detector: Detector = PaintDetector()
    picture = Scene(things, period_s=2.0).picture(size)

    found = {slot_of(one.box.xyxy, size): one.label for one in detector.detect(picture(0))}

    assert found == {thing.slot: thing.label for thing in things}
    assert detector.detect(picture(9)) == []


def test_no_two_things_that_stand_in_one_place_within_ten_minutes_look_alike() -> None:
    scene = scene_of(1, period_s=720.0)
    looks = [(thing.slot, thing.look) for thing in scene.things]
    cars = [thing for thing in scene.things if thing.goes_s - thing.comes_s > DWELL_S]

    assert len(set(looks)) == len(looks)
    assert len(cars) > 60
    assert len({thing.slot for thing in cars}) == 8
    assert np.all([thing.goes_s < scene.period_s for thing in scene.things])
