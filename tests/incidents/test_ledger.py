from dataclasses import replace

import pytest

from cvinspect.domain import Change, ChangeKind, Incident, SeenObject, Stage, Status
from cvinspect.geometry import Box
from cvinspect.incidents import LookMatcher
from cvinspect.incidents.ledger import PlaceLedger
from cvinspect.incidents.look import PatchMatcher
from tests.fakes import (
    BAY,
    NEVER,
    BlindMatcher,
    Thing,
    at,
    camera,
    detected,
    frame,
    kinds,
    moving,
    opened,
    painted,
    pipeline,
    play,
    seconds,
    shifted,
    sighting,
    story,
    track,
    violation,
    without_picture,
    zone,
)

PARKED = [("pre_alarm", 11.0), ("opened", 35.0), ("updated", 50.0), ("cleared", 66.0)]
"""A car that comes at 5 s and goes at 60 s, where the dwell is 30 s."""

MATCHERS = pytest.mark.parametrize("matcher", [PatchMatcher(), BlindMatcher()], ids=["seeing", "blind"])


@MATCHERS
def test_a_violation_that_lasts_is_reported_once(matcher: LookMatcher) -> None:
    changes = play([Thing(stays=((5, 60),))], until_s=120, matcher=matcher)

    assert story(changes) == PARKED
    assert len({change.incident.id for change in changes}) == 1
    assert [change.incident.revision for change in changes] == [0, 1, 2, 3]


def test_what_is_reported_says_where_since_when_and_what() -> None:
    kerb, rule = zone("no_parking"), violation(zones=("no_parking",))
    [_, change] = play([Thing(stays=((5, 60),))], rule, until_s=35, where=camera(kerb))[:2]

    expected = Incident(
        id=change.incident.id,
        revision=1,
        camera="gate",
        violation=rule,
        zone=kerb,
        stage=Stage.VIOLATION,
        status=Status.OPEN,
        objects=(SeenObject("motor_vehicle", 0.8, BAY, 1),),
        confidence=0.8,
        first_seen=at(5),
        last_seen=at(35),
        confirmed=at(35),
        quick=0.8,
    )
    assert (change.kind, change.incident) == (ChangeKind.OPENED, expected)
    assert change.incident.dwell_s == 30


def test_what_is_cleared_says_when_it_was_last_seen_and_when_its_place_was_seen_empty() -> None:
    cleared = play([Thing(stays=((5, 60),))], until_s=120)[-1].incident

    assert (cleared.status, cleared.last_seen, cleared.cleared) == (Status.CLEARED, at(59.5), at(66))


@MATCHERS
@pytest.mark.parametrize("stays_s", [3, 10, 20, 29])
def test_a_thing_that_leaves_before_the_dwell_is_no_violation(matcher: LookMatcher, stays_s: float) -> None:
    changes = play([Thing(stays=((5, 5 + stays_s),))], until_s=120, matcher=matcher)

    assert opened(changes) == []


@MATCHERS
@pytest.mark.parametrize("stays_s", [31, 33])
def test_a_thing_that_leaves_after_the_dwell_is_one_violation(matcher: LookMatcher, stays_s: float) -> None:
    changes = play([Thing(stays=((5, 5 + stays_s),))], until_s=120, matcher=matcher)

    assert kinds(changes) == ["pre_alarm", "opened", "cleared"]


def test_a_pre_alarm_that_lapses_is_withdrawn() -> None:
    changes = play([Thing(stays=((5, 20),))], until_s=60)

    assert [(c.kind.value, c.incident.revision, c.incident.status, c.incident.stage) for c in changes] == [
        ("pre_alarm", 0, Status.OPEN, Stage.PRE_ALARM),
        ("closed", 1, Status.CLOSED, Stage.PRE_ALARM),
    ]


def test_without_a_stage_before_it_a_violation_is_only_opened() -> None:
    changes = play([Thing(stays=((5, 60),))], violation(pre_alarm_s=30.0), until_s=40)

    assert [(c.kind.value, c.incident.revision) for c in changes] == [("opened", 1), ("updated", 2)]


def test_what_moves_is_no_violation_however_long_it_is_in_sight() -> None:
    crawls = Thing(moving(Box(0, 60, 60, 100), px_s=4))

    assert play([crawls], until_s=60) == []


def test_the_dwell_counts_from_the_stop_not_from_the_first_sight() -> None:
    drives_in = Thing(moving(shifted(BAY, -80), px_s=20, until_s=4))

    [first] = opened(play([drives_in], until_s=60))
    assert first.frame.media_s == pytest.approx(34, abs=2.0)


def test_a_thing_that_went_still_before_its_dwell_still_alerts() -> None:
    seen_late = Thing(stays=((0, 200),), confidence=0.6)

    assert story(play([seen_late], until_s=45))[:2] == [("pre_alarm", 6.0), ("opened", 30.0)]


@MATCHERS
@pytest.mark.parametrize("gap_s", [2, 10, 25])
def test_a_gap_of_the_detector_after_the_report_changes_nothing(matcher: LookMatcher, gap_s: float) -> None:
    rule = violation(clear_s=60.0)  # the blind cannot tell a gap from an empty place
    parked = Thing(stays=((5, 90),), missed=((45, 45 + gap_s),))
    changes = play([parked], rule, until_s=155, matcher=matcher)

    assert kinds(changes) == ["pre_alarm", "opened", "updated", "cleared"]
    assert len({change.incident.id for change in changes}) == 1


@pytest.mark.parametrize("gap_s", [10, 25])
def test_a_gap_of_the_detector_before_the_report_keeps_the_incident(gap_s: float) -> None:
    changes = play([Thing(stays=((5, 90),), missed=((15, 15 + gap_s),))], until_s=120)

    assert kinds(changes) == ["pre_alarm", "opened", "updated", "cleared"]
    assert len({change.incident.id for change in changes}) == 1


@pytest.mark.parametrize("gap_s", [3, 5, 10, 20])
def test_a_gap_of_the_detector_does_not_start_the_dwell_again(gap_s: float) -> None:
    parked = Thing(stays=((5, 90),), missed=((10, 10 + gap_s),))

    [first] = opened(play([parked], until_s=120))
    assert first.frame.media_s == 35


def test_a_detector_that_sees_it_now_and_then_is_believed() -> None:
    often_missed = Thing(stays=((0, 100),), missed=tuple((s, s + 1.5) for s in range(0, 100, 2)))

    assert len(opened(play([often_missed], until_s=100))) == 1


def test_a_detector_that_hardly_ever_sees_it_is_not() -> None:
    changes = play([Thing(missed=tuple((s + 0.5, s + 8) for s in range(0, 200, 8)))], until_s=200)

    assert opened(changes) == []


BUS = Box(70, 30, 190, 130)


@pytest.mark.parametrize("hidden_s", [5, 20, 60])
def test_an_occluder_in_front_is_no_clearance(hidden_s: float) -> None:
    bus = Thing(BUS, "person", stays=((40, 40 + hidden_s),), paint=7)
    parked = Thing(stays=((5, 140),), missed=((40, 40 + hidden_s),))
    changes = play([parked, bus], until_s=160)

    assert kinds(changes) == ["pre_alarm", "opened", "updated", "cleared"]
    assert changes[-1].frame.media_s == 146


def test_a_car_that_leaves_behind_a_bus_is_cleared_once_its_place_is_seen() -> None:
    bus = Thing(BUS, "person", stays=((40, 80),), paint=7)
    parked = Thing(stays=((5, 60),), missed=((40, 60),))
    changes = play([parked, bus], until_s=120)

    assert story(changes) == [("pre_alarm", 11.0), ("opened", 35.0), ("cleared", 86.0)]


def test_a_place_must_be_seen_empty_for_long_enough() -> None:
    rule = violation(clear_s=20.0)

    assert story(play([Thing(stays=((5, 60),))], rule, until_s=120))[-1] == ("cleared", 80.0)


def test_something_undetected_that_hides_it_reopens_it_rather_than_raising_it_anew() -> None:
    tarpaulin = Thing(BUS, stays=((60, 80),), missed=((60, 80),), paint=7)
    parked = Thing(stays=((5, 150),), missed=((60, 80),))
    changes = play([parked, tarpaulin], until_s=120)

    assert len({change.incident.id for change in changes}) == 1
    assert kinds(changes).count("opened") == 1
    assert [c.incident.status for c in changes if c.frame.media_s > 60][:2] == [Status.CLEARED, Status.OPEN]
    assert changes[-1].incident.cleared is None


def test_another_car_at_a_cleared_place_is_a_recurrence() -> None:
    changes = play([Thing(stays=((5, 60),)), Thing(stays=((80, 140),), paint=2)], until_s=120)

    first, second = opened(changes)
    assert first.incident.id != second.incident.id
    assert [first.incident.recurrence_of, second.incident.recurrence_of] == [None, first.incident.id]


def test_after_the_days_of_recurrence_it_is_no_recurrence() -> None:
    rule = violation(recurrence_days=10 / 86400)
    changes = play([Thing(stays=((5, 60),)), Thing(stays=((80, 140),), paint=2)], rule, until_s=120)

    assert [change.incident.recurrence_of for change in opened(changes)] == [None, None]


def test_a_car_elsewhere_is_no_recurrence() -> None:
    changes = play([Thing(stays=((5, 60),)), Thing(shifted(BAY, 90), stays=((80, 140),), paint=2)], until_s=120)

    assert [change.incident.recurrence_of for change in opened(changes)] == [None, None]


def test_two_cars_taking_turns_before_the_dwell_are_not_one_stay() -> None:
    turns = [Thing(stays=((5, 25),)), Thing(stays=((27, 52),), paint=2)]

    assert opened(play(turns, until_s=120)) == []


def test_the_second_of_two_cars_has_its_own_dwell() -> None:
    turns = [Thing(stays=((5, 25),)), Thing(stays=((27, 100),), paint=2)]

    [only] = opened(play(turns, until_s=120))
    assert only.frame.media_s == pytest.approx(57, abs=1.5)


@pytest.mark.parametrize("each_s", [0.5, 1, 2, 5])
def test_passing_traffic_raises_nothing(each_s: float) -> None:
    count = round(90 / each_s)
    cars = [Thing(stays=((i * each_s, (i + 1) * each_s),), paint=i + 2) for i in range(count)]

    assert play(cars, until_s=90) == []


def test_a_lost_track_is_the_same_incident() -> None:
    rule = violation()
    ledger = PlaceLedger("gate", matcher=BlindMatcher(), source="clip.mp4")
    changes: list[Change] = []
    for media_s in seconds(60):
        number = 1 + int(media_s // 7)  # the tracker loses it every seven seconds
        seen = sighting(0.0, violation=rule, track=number)
        changes += ledger.absorb([seen], [track(id=number)], frame(media_s))

    assert kinds(changes) == ["pre_alarm", "opened", "updated"]
    assert len({change.incident.id for change in changes}) == 1


def test_things_side_by_side_are_each_a_violation() -> None:
    cars = [Thing(shifted(BAY, 65 * i), stays=((5, 60),), paint=i + 1) for i in range(-1, 3)]

    changes = play(cars, until_s=120)
    assert [kinds(c for c in changes if c.incident.id == name) for name in {c.incident.id for c in changes}] == [
        ["pre_alarm", "opened", "updated", "cleared"]
    ] * 4


def test_one_of_two_neighbours_that_leaves_is_cleared_alone() -> None:
    stays, goes = Thing(stays=((5, 120),)), Thing(shifted(BAY, 65), stays=((5, 60),), paint=2)
    changes = play([stays, goes], until_s=100)

    [cleared] = [change for change in changes if change.kind is ChangeKind.CLEARED]
    assert cleared.incident.objects[0].box == goes.box(0)


def test_the_second_picture_is_due_some_seconds_after_the_first_and_only_in_sight() -> None:
    rule = violation(second_picture_s=10.0)
    parked = Thing(stays=((5, 90),), missed=((44, 52),))

    assert story(play([parked], rule, until_s=80))[1:3] == [("opened", 35.0), ("updated", 52.5)]


def test_the_end_of_footage_clears_nothing_and_tells_what_was_last_seen() -> None:
    changes = play([Thing(stays=((5, 60),))], until_s=55)

    assert story(changes)[-1] == ("updated", 55.0)
    assert (changes[-1].incident.status, changes[-1].incident.last_seen) == (Status.OPEN, at(55))


def test_what_was_told_already_is_not_told_again_at_the_end() -> None:
    assert story(play([Thing(stays=((5, 60),))], until_s=50)) == [
        ("pre_alarm", 11.0),
        ("opened", 35.0),
        ("updated", 50.0),
    ]


def test_settling_twice_says_it_once() -> None:
    times = seconds(45)
    line = pipeline([detected([Thing()], s) for s in times], [violation()])
    list(line.incidents(frame(s, painted([Thing()], s)) for s in times))

    assert list(line.ledger.settle()) == []


def test_a_ledger_without_footage_has_nothing_to_settle() -> None:
    assert list(PlaceLedger("gate", matcher=BlindMatcher()).settle()) == []


GARBAGE = violation(id="exposed_garbage", labels=("exposed_garbage",), reach=1.0, yields_to=("overflowing_bin",), yield_reach=1.0)  # fmt: skip # noqa: E501
BAGS = replace(GARBAGE, id="bagged_garbage", labels=("garbage_bag",), yields_to=("overflowing_bin", "exposed_garbage"))
FULL_BIN = violation(id="overflowing_bin", labels=("overflowing_bin",), reach=0.25)
STALL = violation(id="street_vendor", labels=("vendor_stall",), reach=0.5)
UMBRELLA = violation(id="illegal_umbrella", labels=("umbrella",), joins=("street_vendor",), yield_reach=0.5)

BIN = Thing(Box(100, 60, 130, 100), "overflowing_bin", paint=11)
LITTER = Thing(Box(135, 85, 155, 100), "exposed_garbage", paint=12)
BAG = Thing(Box(80, 85, 97, 100), "garbage_bag", paint=13)


def told(changes: list[Change]) -> list[str]:
    return sorted({change.incident.violation.id for change in opened(changes)})


def test_an_overflowing_bin_stands_for_the_rubbish_near_it() -> None:
    assert told(play([BIN, LITTER, BAG], GARBAGE, BAGS, FULL_BIN, until_s=60)) == ["overflowing_bin"]


def test_rubbish_far_from_the_bin_is_its_own_violation() -> None:
    far = replace(LITTER, where=Box(250, 140, 270, 155))

    assert told(play([BIN, far], GARBAGE, BAGS, FULL_BIN, until_s=60)) == ["exposed_garbage", "overflowing_bin"]


def test_loose_rubbish_stands_for_the_bags_beside_it() -> None:
    bag = replace(BAG, where=Box(158, 85, 175, 100))

    assert told(play([LITTER, bag], GARBAGE, BAGS, FULL_BIN, until_s=60)) == ["exposed_garbage"]
    assert told(play([bag], GARBAGE, BAGS, FULL_BIN, until_s=60)) == ["bagged_garbage"]


def test_rubbish_is_reported_once_the_bin_is_emptied() -> None:
    emptied = replace(BIN, stays=((0, 40),))

    assert told(play([emptied, LITTER], GARBAGE, FULL_BIN, until_s=100)) == ["exposed_garbage", "overflowing_bin"]


@pytest.mark.parametrize("first", ["umbrella", "stall", "both"])
def test_an_umbrella_over_a_stall_is_part_of_it(first: str) -> None:
    stall = Thing(Box(100, 60, 160, 110), "vendor_stall", stays=((10 if first == "umbrella" else 0, 200),), paint=21)
    umbrella = Thing(Box(105, 25, 155, 62), "umbrella", stays=((10 if first == "stall" else 0, 200),), paint=22)
    changes = play([stall, umbrella], STALL, UMBRELLA, until_s=80)

    assert told(changes) == ["street_vendor"]
    assert changes[-1].incident.related == ("illegal_umbrella",)


def test_an_umbrella_alone_is_its_own_violation() -> None:
    umbrella = Thing(Box(105, 25, 155, 62), "umbrella")

    assert told(play([umbrella], STALL, UMBRELLA, until_s=60)) == ["illegal_umbrella"]


def test_pieces_near_each_other_are_one_violation() -> None:
    pieces = [replace(LITTER, where=Box(100 + 25 * i, 80, 115 + 25 * i, 95), paint=30 + i) for i in range(4)]
    changes = play(pieces, GARBAGE, until_s=60)

    assert kinds(changes) == ["pre_alarm", "opened", "updated", "updated"]
    assert len(changes[-1].incident.objects) == 4


def test_heaps_far_from_each_other_are_two() -> None:
    heaps = [replace(LITTER, where=Box(20 + 200 * i, 80, 40 + 200 * i, 95), paint=30 + i) for i in range(2)]

    assert len(opened(play(heaps, GARBAGE, until_s=60))) == 2


def test_a_piece_between_two_heaps_makes_them_one() -> None:
    heaps = [
        replace(LITTER, where=Box(100, 80, 120, 100), paint=31),
        replace(LITTER, where=Box(150, 80, 170, 100), paint=32),
        replace(LITTER, where=Box(125, 80, 145, 100), stays=((20, 200),), paint=33),
    ]
    changes = play(heaps, GARBAGE, until_s=60)

    [only] = opened(changes)
    [duplicate] = [change.incident for change in changes if change.kind is ChangeKind.CLOSED]
    assert (duplicate.duplicate_of, duplicate.status) == (only.incident.id, Status.CLOSED)
    assert {item.box for item in changes[-1].incident.objects} == {heap.box(0) for heap in heaps}


def test_a_heap_is_cleared_when_its_last_piece_is_gone() -> None:
    pieces = [
        replace(LITTER, where=Box(100, 80, 120, 100), stays=((0, 60),), paint=31),
        replace(LITTER, where=Box(125, 80, 145, 100), stays=((0, 90),), paint=32),
    ]

    assert story(play(pieces, GARBAGE, until_s=120))[-1] == ("cleared", 96.0)


def test_the_same_footage_gives_the_same_incidents() -> None:
    things = [Thing(stays=((5, 60), (80, 130))), BIN, LITTER, BAG]
    rules = (violation(), GARBAGE, BAGS, FULL_BIN)

    first, second = ([without_picture(c) for c in play(things, *rules, until_s=120)] for _ in range(2))
    assert [(c.kind, c.incident) for c in first] == [(c.kind, c.incident) for c in second]


def ids_of(*, source: str | None, start_s: float = 0.0, label: str = "motor_vehicle") -> set[str]:
    times = seconds(20)
    things = [Thing(label=label)]
    line = pipeline([detected(things, s) for s in times], [violation(labels=(label,))], source=source)
    frames = (frame(s, painted(things, s), start=at(start_s).at) for s in times)
    return {change.incident.id for change in line.incidents(frames)}


def test_an_incident_of_a_recording_is_known_again_whatever_its_clock_said() -> None:
    assert ids_of(source="a.mp4") == ids_of(source="a.mp4", start_s=3600)
    assert ids_of(source="a.mp4") != ids_of(source="b.mp4")


def test_an_incident_of_a_live_camera_is_known_by_its_time() -> None:
    assert ids_of(source=None) == ids_of(source=None)
    assert ids_of(source=None) != ids_of(source=None, start_s=3600)


def test_what_is_over_the_budget_is_counted() -> None:
    cars = [Thing(Box(20 + 75 * i, 60, 80 + 75 * i, 100), paint=i + 1) for i in range(4)]
    times = seconds(40)
    line = pipeline([detected(cars, s) for s in times], [violation()], budget=2)
    changes = list(line.incidents(frame(s, painted(cars, s)) for s in times))

    assert len(opened(changes)) == 2
    assert isinstance(line.ledger, PlaceLedger)
    assert line.ledger.cut > 0


def test_what_stands_is_what_was_announced_and_not_yet_over() -> None:
    things = [Thing(stays=((5, 60),)), Thing(shifted(BAY, 90), stays=((30, 50),), paint=2)]
    times = seconds(70)
    line = pipeline([detected(things, s) for s in times], [violation()])
    standing: list[list[str]] = []
    frames = (frame(s, painted(things, s)) for s in times)
    list(line.incidents(frames, lambda _f, _d, _t, open_now: standing.append([i.stage.value for i in open_now])))

    assert [standing[2 * s] for s in (10, 12, 36, 40, 65, 70)] == [
        [], ["pre_alarm"], ["violation", "pre_alarm"], ["violation", "pre_alarm"], ["violation"], [],
    ]  # fmt: skip


def test_nothing_in_sight_says_nothing() -> None:
    assert play([Thing(stays=NEVER)], until_s=30) == []


def test_without_a_dwell_two_sure_looks_at_a_still_thing_are_a_violation() -> None:
    rule = violation(dwell_s=0.0, pre_alarm_s=0.0)

    assert story(play([Thing(stays=((5, 60),))], rule, until_s=10))[0] == ("opened", 6.0)
