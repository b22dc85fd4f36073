"""A violation opens where the careful network bears it out, or sees it by itself; what it doubts stays a pre-alarm."""

import math

import pytest

from cvinspect.domain import Change, Reason, Stage
from cvinspect.geometry import Box
from cvinspect.incidents.ledger import PlaceLedger
from cvinspect.incidents.snapshot import state_from_text, state_to_text
from tests.fakes import BAY, BlindMatcher, Thing, kinds, opened, shifted, story, violation
from tests.two_eyes import look_twice, new_ledger

RULE = violation()
CAR = Thing()
UNSURE = Thing(confidence=0.3)
"""Enough to agree, not to be raised alone."""
BUS = Box(80, 30, 200, 120)
SACK = Box(100, 60, 120, 80)
BIKES = violation(id="illegal_parking_nonmotor", labels=("two_wheeler",), unless_with=("person",))
SHOP = violation(id="out_of_store_operation", labels=("vendor_stall", "umbrella"))


def said_of(changes: list[Change], kind: str) -> list[Change]:
    return [one for one in changes if one.kind.value == kind]


def again(ledger: PlaceLedger) -> PlaceLedger:
    """The ledger as another process finds it."""
    other = new_ledger()
    other.resume(state_from_text(state_to_text(ledger.state), rules={}))
    return other


# What the quick network sees


def test_what_the_careful_network_sees_too_opens_when_its_dwell_is_over() -> None:
    seen = look_twice(RULE, until_s=60, quick=[CAR], careful=[UNSURE])
    assert story(seen.changes)[:2] == [("pre_alarm", 6.0), ("opened", 30.0)]
    [one] = opened(seen.changes)
    assert (one.incident.quick, one.incident.careful, one.incident.reason) == (0.8, 0.3, None)


def test_a_look_or_two_in_which_it_is_missed_delay_nothing() -> None:
    sees = Thing(confidence=0.3, missed=((9, 11), (19, 21)))
    seen = look_twice(RULE, until_s=60, quick=[CAR], careful=[sees])
    assert story(opened(seen.changes)) == [("opened", 30.0)]


def test_what_the_careful_network_never_sees_is_doubted_once() -> None:
    seen = look_twice(RULE, until_s=150, quick=[CAR], careful=[])
    assert story(seen.changes) == [("pre_alarm", 6.0), ("doubted", 30.0)]
    doubted = seen.changes[-1].incident
    assert (doubted.stage, doubted.reason, doubted.careful) == (Stage.PRE_ALARM, Reason.NOT_BORNE_OUT, 0.0)


def test_what_it_sees_less_surely_than_it_must_is_doubted_with_that_confidence() -> None:
    seen = look_twice(RULE, until_s=60, quick=[CAR], careful=[Thing(confidence=0.2)])
    assert kinds(seen.changes) == ["pre_alarm", "doubted"]
    assert seen.changes[-1].incident.careful == 0.2


def test_what_was_doubted_opens_when_most_of_the_last_looks_agree() -> None:
    sees = Thing(confidence=0.3, stays=((100, math.inf),))
    seen = look_twice(RULE, until_s=300, quick=[CAR], careful=[sees], street=[CAR])
    assert kinds(seen.changes)[:3] == ["pre_alarm", "doubted", "opened"]
    [one] = opened(seen.changes)
    assert 140 <= one.frame.media_s <= 180
    assert (one.incident.reason, one.incident.first_seen.media_s) == (None, 0.0)


def test_what_is_doubted_is_looked_at_no_more_often_than_patrols_go() -> None:
    quiet = look_twice(RULE, until_s=190, quick=[CAR], careful=[], patrol_s=1000.0)
    late = [one for one in quiet.eye.looked_s if one > 40]
    assert 4 <= len(late) <= 5


@pytest.mark.parametrize("dwell_s", [0.0, 1.0, 5.0])
def test_a_short_dwell_that_is_doubted_does_not_have_every_frame_looked_at(dwell_s: float) -> None:
    rule = violation(dwell_s=dwell_s, pre_alarm_s=0.0)
    seen = look_twice(rule, until_s=100, quick=[CAR], careful=[], patrol_s=1000.0)
    assert kinds(seen.changes) == ["pre_alarm", "doubted"]
    assert len([one for one in seen.eye.looked_s if one > 20]) <= 8


@pytest.mark.parametrize("dwell_s", [0.0, 1.0])
def test_a_short_dwell_opens_at_the_first_looks(dwell_s: float) -> None:
    rule = violation(dwell_s=dwell_s, pre_alarm_s=0.0)
    seen = look_twice(rule, until_s=20, quick=[CAR], careful=[UNSURE], patrol_s=1000.0)
    [one] = opened(seen.changes)
    assert one.frame.media_s <= dwell_s + 1.5
    assert "doubted" not in kinds(seen.changes)


def test_a_look_at_which_a_bus_is_in_front_is_no_vote() -> None:
    """Seen before and after; the bus is in front while most looks are taken."""
    bus = Thing(BUS, "motor_vehicle", stays=((8, 25),), paint=5)
    hidden = Thing(missed=((8, 25),))
    sees = Thing(confidence=0.3, missed=((8, 25),))
    seen = look_twice(RULE, until_s=60, quick=[hidden, bus], careful=[sees, bus], street=[CAR, bus])
    mine = [one for one in seen.changes if one.incident.objects[0].box == BAY]
    assert "doubted" not in kinds(mine)
    assert story(opened(mine)) == [("opened", 30.0)]


def test_while_it_is_hidden_nobody_looks_again_and_again() -> None:
    bus = Thing(BUS, "person", stays=((11, 80),), paint=5)
    hidden = Thing(missed=((11, 80),))
    seen = look_twice(
        violation(gap_s=200.0), until_s=79, quick=[hidden, bus], careful=[], street=[CAR, bus], patrol_s=1000.0
    )
    assert len([one for one in seen.eye.looked_s if one >= 12]) <= 2


def test_a_two_wheeler_whose_rider_only_the_careful_network_sees_is_not_opened() -> None:
    bike = Thing(label="two_wheeler")
    rider = Thing(Box(110, 55, 150, 95), "person", paint=None)
    seen = look_twice(BIKES, until_s=60, quick=[bike], careful=[bike, rider])
    assert kinds(seen.changes) == ["pre_alarm", "doubted"]


def test_a_two_wheeler_that_only_the_careful_network_sees_is_not_opened_while_the_quick_one_sees_its_rider() -> None:
    bike = Thing(label="two_wheeler")
    rider = Thing(Box(110, 55, 150, 95), "person", paint=None)
    assert look_twice(BIKES, until_s=100, quick=[rider], careful=[bike]).changes == []


def test_an_unsure_rider_does_not_stand_in_the_way() -> None:
    bike = Thing(label="two_wheeler")
    rider = Thing(Box(110, 55, 150, 95), "person", paint=None, confidence=0.4)
    assert len(opened(look_twice(BIKES, until_s=60, quick=[bike], careful=[bike, rider]).changes)) == 1


def test_a_dwell_that_begins_anew_begins_its_votes_anew() -> None:
    """The first car is borne out, and gives way to another one that is not; neither lends the other its votes."""
    first, second = Thing(stays=((0, 25),)), Thing(stays=((25, 200),), paint=2)
    seen = look_twice(RULE, until_s=120, quick=[first, second], careful=[first])
    assert opened(seen.changes) == []
    turned = look_twice(RULE, until_s=120, quick=[first, second], careful=[second])
    assert [one.frame.media_s >= 55 for one in opened(turned.changes)] == [True]


def test_what_comes_to_the_place_of_what_was_doubted_is_looked_at_as_often_as_anything() -> None:
    """A look that stays otherwise: another thing, whose dwell begins anew."""
    first, second = Thing(stays=((0, 60),)), Thing(stays=((60, 400),), paint=2)
    seen = look_twice(RULE, until_s=140, quick=[first, second], careful=[], patrol_s=1000.0)
    since = max(one.incident.first_seen.media_s for one in seen.ledger.state.standings)
    assert since >= 59
    assert len([one for one in seen.eye.looked_s if since + 10 <= one <= since + 32]) >= 3


# What only the careful network sees


def test_what_only_the_careful_network_sees_opens_after_its_dwell() -> None:
    seen = look_twice(RULE, until_s=100, careful=[CAR])
    assert kinds(seen.changes)[:2] == ["pre_alarm", "opened"]
    [one] = opened(seen.changes)
    assert (one.incident.quick, one.incident.careful) == (0.0, 0.8)
    assert 30 <= one.frame.media_s <= 50


def test_what_it_is_not_sure_of_it_does_not_raise_alone() -> None:
    assert look_twice(RULE, until_s=100, careful=[UNSURE]).changes == []


def test_what_it_sees_alone_in_half_of_its_looks_is_not_opened() -> None:
    flickers = Thing(missed=tuple((10.0 * i - 1, 10.0 * i + 1) for i in range(1, 40, 2)))
    assert opened(look_twice(RULE, until_s=150, careful=[flickers]).changes) == []


@pytest.mark.parametrize("gap_s", [1.0, 2.0, 30.0])
def test_between_patrols_it_is_not_given_up_because_the_quick_network_does_not_see_it(gap_s: float) -> None:
    seen = look_twice(violation(gap_s=gap_s), until_s=100, careful=[CAR])
    assert len({one.incident.id for one in seen.changes}) == 1
    assert kinds(seen.changes)[:2] == ["pre_alarm", "opened"]


def test_nor_where_nothing_can_be_told_of_its_look() -> None:
    seen = look_twice(RULE, until_s=100, careful=[CAR], matcher=BlindMatcher())
    assert len(opened(seen.changes)) == 1
    assert "cleared" not in kinds(seen.changes)


def test_and_it_clears_there_when_the_careful_network_sees_it_no_more() -> None:
    seen = look_twice(RULE, until_s=300, careful=[Thing(stays=((0, 100),))], matcher=BlindMatcher())
    assert kinds(seen.changes)[-1] == "cleared"


def test_a_candidate_that_the_careful_network_sees_no_more_is_given_up_though_its_place_looks_the_same() -> None:
    sees = Thing(stays=((0, 25),))
    seen = look_twice(RULE, until_s=300, careful=[sees], street=[CAR])
    assert kinds(seen.changes)[-1:] in ([], ["closed"])
    assert seen.ledger.state.standings == []


def test_it_clears_when_its_place_looks_otherwise() -> None:
    seen = look_twice(RULE, until_s=150, careful=[Thing(stays=((0, 80),))])
    assert story(seen.changes)[-1][0] == "cleared"
    assert 80 + RULE.clear_s <= story(seen.changes)[-1][1] <= 80 + RULE.clear_s + 3


@pytest.mark.parametrize("comes_s", [15, 28, 45])
def test_it_is_one_incident_when_the_quick_network_sees_it_later(comes_s: float) -> None:
    later = Thing(stays=((comes_s, math.inf),))
    seen = look_twice(RULE, until_s=150, quick=[later], careful=[CAR], street=[CAR])
    assert len({one.incident.id for one in seen.changes}) == 1
    assert kinds(seen.changes)[:2] == ["pre_alarm", "opened"]
    assert "doubted" not in kinds(seen.changes)


def test_it_is_one_incident_when_they_see_it_in_turns() -> None:
    mine = tuple((20.0 * i, 20.0 * i + 10) for i in range(20))
    other = tuple((20.0 * i + 10, 20.0 * i + 20) for i in range(20))
    quick, careful = Thing(missed=other), Thing(missed=mine)
    seen = look_twice(violation(dwell_s=60.0), until_s=300, quick=[quick], careful=[careful], street=[CAR], patrol_s=4)
    assert len({one.incident.id for one in seen.changes}) == 1


@pytest.mark.parametrize("dwell_s", [0.0, 1.0])
def test_a_short_dwell_needs_more_than_one_look_of_the_careful_network_alone(dwell_s: float) -> None:
    rule = violation(dwell_s=dwell_s, pre_alarm_s=0.0)
    [one] = opened(look_twice(rule, until_s=60, careful=[CAR]).changes)
    assert 10 <= one.frame.media_s <= 40
    once = Thing(stays=((0, 11),))
    assert opened(look_twice(violation(dwell_s=1.0, pre_alarm_s=0.0), until_s=60, careful=[once]).changes) == []


# Two names of one thing, several things, one picture, another process


@pytest.mark.parametrize("reach", [0.0, 1.0])
@pytest.mark.parametrize("patrol_s", [0.5, 10.0])
def test_two_labels_of_one_class_are_one_incident(reach: float, patrol_s: float) -> None:
    rule = violation(id=SHOP.id, labels=SHOP.labels, reach=reach)
    stall, umbrella = Thing(label="vendor_stall"), Thing(label="umbrella")
    seen = look_twice(rule, until_s=100, quick=[stall], careful=[umbrella], patrol_s=patrol_s, street=[stall])
    assert len({one.incident.id for one in seen.changes}) == 1
    [one] = opened(seen.changes)
    assert (one.incident.quick, one.incident.careful) == (0.8, 0.8)
    assert len(seen.changes[-1].incident.objects) == 1


def test_boxes_that_differ_a_good_deal_are_one_incident() -> None:
    """Two networks draw one thing differently; here they overlap by 0.43."""
    other = Thing(shifted(BAY, 24))
    seen = look_twice(RULE, until_s=100, quick=[CAR], careful=[other], street=[CAR])
    assert len({one.incident.id for one in seen.changes}) == 1
    assert len(opened(seen.changes)) == 1


def test_one_car_that_the_careful_network_sees_does_not_bear_out_two() -> None:
    """The quick network draws it twice, the second time over two thirds of it and what is beside it."""
    double = Thing(shifted(BAY, 20))
    seen = look_twice(RULE, until_s=200, quick=[CAR, double], careful=[CAR], street=[CAR])
    [one] = opened(seen.changes)
    assert one.incident.objects[0].box == pytest.approx(BAY)
    assert len(said_of(seen.changes, "doubted")) == 1


def test_two_cars_that_both_see_side_by_side_are_two() -> None:
    beside = Thing(shifted(BAY, 20))
    seen = look_twice(RULE, until_s=200, quick=[CAR, beside], careful=[CAR, beside], street=[CAR])
    assert len(opened(seen.changes)) == 2


def test_a_thing_that_each_takes_for_another_class_is_opened_once() -> None:
    stall, sack = Thing(label="vendor_stall"), Thing(label="garbage_bag")
    bags = violation(id="bagged_garbage", labels=("garbage_bag",))
    seen = look_twice(SHOP, bags, until_s=200, quick=[stall], careful=[sack], street=[stall])
    assert [one.incident.violation.id for one in opened(seen.changes)] == ["bagged_garbage"]
    assert [one.incident.violation.id for one in said_of(seen.changes, "doubted")] == [SHOP.id]


def test_what_is_seen_by_each_and_merged_keeps_both_confidences() -> None:
    """The quick network sees it only where the careful one did not look before: two standings become one."""
    heap = violation(labels=("garbage_bag",), reach=1.0)
    left, right = Thing(SACK, "garbage_bag", confidence=0.7), Thing(shifted(SACK, 24), "garbage_bag", paint=2)
    seen = look_twice(heap, until_s=120, quick=[left], careful=[right])
    assert len({one.incident.id for one in opened(seen.changes)}) == 1
    last = seen.changes[-1].incident
    assert (last.quick, last.careful) == (0.7, 0.8)


@pytest.mark.parametrize("gap_s", [6.0, 30.0])
def test_a_heap_of_which_each_network_sees_a_piece_stays_whole_between_patrols(gap_s: float) -> None:
    heap = violation(labels=("garbage_bag",), reach=1.0, gap_s=gap_s)
    left, right = Thing(SACK, "garbage_bag"), Thing(shifted(SACK, 24), "garbage_bag", paint=2)
    both = Thing(SACK, "garbage_bag", confidence=0.3)
    seen = look_twice(heap, until_s=58, quick=[left], careful=[both, right])
    assert len({one.incident.id for one in seen.changes}) == 1
    assert len(seen.ledger.standing[0].objects) == 2


@pytest.mark.parametrize(("quick", "careful"), [([CAR], []), ([], [CAR]), ([CAR], [CAR])])
def test_one_picture_makes_a_pre_alarm_whoever_sees_it(quick: list[Thing], careful: list[Thing]) -> None:
    seen = look_twice(violation(pre_alarm_s=0.0), until_s=0, quick=quick, careful=careful, snapshot=True)
    assert kinds(seen.changes) == ["pre_alarm"]


def test_one_picture_with_two_labels_of_a_class_makes_one_pre_alarm() -> None:
    rule = violation(id=SHOP.id, labels=SHOP.labels, pre_alarm_s=0.0)
    stall, umbrella = Thing(label="vendor_stall"), Thing(label="umbrella")
    seen = look_twice(rule, until_s=0, quick=[stall], careful=[umbrella], street=[stall], snapshot=True)
    assert kinds(seen.changes) == ["pre_alarm"]


@pytest.mark.parametrize("restart_s", [10.0, 22.0, 27.0])
@pytest.mark.parametrize(("quick", "careful"), [([CAR], [UNSURE]), ([CAR], []), ([], [CAR])])
def test_votes_outlive_a_restart(quick: list[Thing], careful: list[Thing], restart_s: float) -> None:
    seen = look_twice(RULE, until_s=100, quick=quick, careful=careful, street=[CAR], restart_s=restart_s, again=again)
    unbroken = look_twice(RULE, until_s=100, quick=quick, careful=careful, street=[CAR])
    verdicts = [[kind for kind in kinds(one.changes) if kind in ("opened", "doubted")] for one in (seen, unbroken)]
    assert verdicts[0] == verdicts[1]  # a look right after the restart may spare the pre-alarm
    assert len({one.incident.id for one in seen.changes}) == 1
    assert [one.incident.careful for one in opened(seen.changes)] == [
        one.incident.careful for one in opened(unbroken.changes)
    ]


def test_a_restart_does_not_doubt_once_more() -> None:
    seen = look_twice(RULE, until_s=200, quick=[CAR], careful=[], restart_s=50, again=again)
    assert kinds(seen.changes).count("doubted") == 1
