"""A violation of several things is what is there now: what has gone takes its age and its box with it."""

import pytest

from cvinspect.geometry import Box
from cvinspect.taxonomy import Violation
from tests.fakes import Thing, opened, play, shifted, story, violation

SACK = Box(100, 60, 120, 80)
BESIDE = shifted(SACK, 24)
LORRY = Box(60, 30, 170, 110)


def heap(**given: object) -> Violation:
    """Things within a size of each other are one violation."""
    return violation(**{"labels": ("garbage_bag",), "reach": 1.0, **given})


def sack(where: Box, from_s: float, until_s: float, paint: int) -> Thing:
    return Thing(where, "garbage_bag", stays=((from_s, until_s),), paint=paint)


@pytest.mark.parametrize("dwell_s", [20.0, 30.0])
@pytest.mark.parametrize("pause_s", [0, 2, 4, 8])
def test_what_was_seen_on_a_lorry_lends_no_age_to_what_lies_there_after(dwell_s: float, pause_s: float) -> None:
    lorry = Thing(LORRY, "person", stays=((0, 20),), paint=5)
    on_it, later = sack(SACK, 2, 20, 1), sack(BESIDE, 20 + pause_s, 200, 2)
    [first] = opened(play([lorry, on_it, later], heap(dwell_s=dwell_s), until_s=100))

    assert first.incident.first_seen.media_s == pytest.approx(20 + pause_s, abs=1.5)
    assert first.frame.media_s == pytest.approx(20 + pause_s + dwell_s, abs=4)
    assert [one.box for one in first.incident.objects] == [BESIDE]


@pytest.mark.parametrize("comes_s", [8, 15])
def test_what_lay_there_beside_it_has_its_own_age(comes_s: float) -> None:
    """The first sack is taken away before its dwell, the second one has lain there for less."""
    changes = play([sack(SACK, 2, 24, 1), sack(BESIDE, comes_s, 200, 2)], heap(), until_s=100)
    [first] = opened(changes)

    assert first.incident.first_seen.media_s == pytest.approx(comes_s, abs=1.5)
    assert first.frame.media_s == pytest.approx(comes_s + 30, abs=3)
    assert [one.box for one in first.incident.objects] == [BESIDE]


def test_a_violation_of_which_only_newcomers_are_left_is_cleared_and_they_have_their_own_dwell() -> None:
    """The first sack is reported and taken away; another one has come 10 s before."""
    changes = play([sack(SACK, 2, 60, 1), sack(BESIDE, 50, 300, 2)], heap(), until_s=150)
    first, second = opened(changes)

    cleared = next(change for change in changes if change.kind.value == "cleared")
    assert (cleared.incident.id, cleared.incident.reason) == (first.incident.id, "place_empty")
    assert cleared.frame.media_s == pytest.approx(67, abs=3)
    assert second.incident.first_seen.media_s >= 50
    assert second.frame.media_s == pytest.approx(95, abs=5)


def test_a_violation_of_which_something_old_enough_is_left_stands_with_the_age_of_that() -> None:
    changes = play([sack(SACK, 2, 100, 1), sack(BESIDE, 20, 300, 2)], heap(), until_s=150)
    last = changes[-1].incident

    assert len({change.incident.id for change in opened(changes)}) == 1
    assert (last.status, [one.box for one in last.objects]) == ("open", [BESIDE])
    assert last.first_seen.media_s == pytest.approx(20, abs=1.5)
    assert last.confirmed is not None
    assert last.confirmed.media_s - last.first_seen.media_s >= 30


def test_a_piece_that_the_detector_misses_stays_a_part_of_the_heap() -> None:
    missed = Thing(SACK, "garbage_bag", stays=((2, 300),), missed=((15, 45), (60, 140)), paint=1)
    changes = play([missed, sack(BESIDE, 2, 300, 2)], heap(gap_s=100.0), until_s=150)

    assert [kind for kind, _ in story(changes)].count("opened") == 1
    assert changes[-1].incident.first_seen.media_s == pytest.approx(2, abs=1)
    assert len(changes[-1].incident.objects) == 2


def test_a_stall_on_a_tail_board_is_cleared_soon_after_the_lorry_has_left() -> None:
    lorry = Thing(LORRY, "person", stays=((0, 60),), paint=5)
    changes = play([lorry, sack(SACK, 2, 60, 1)], heap(), until_s=100)

    assert [kind for kind, _ in story(changes)] == ["pre_alarm", "opened", "updated", "cleared"]
    assert changes[-1].frame.media_s == pytest.approx(66, abs=2)


def test_somebody_who_passes_unnoticed_before_one_of_them_costs_no_dwell() -> None:
    passes = Thing(Box(96, 40, 122, 90), "person", stays=((20, 22),), missed=((20, 22),), paint=9)
    hidden = Thing(SACK, "garbage_bag", stays=((2, 300),), missed=((20, 22),), paint=1)
    [first] = opened(play([hidden, sack(BESIDE, 10, 300, 2), passes], heap(), until_s=60))

    assert first.incident.first_seen.media_s == pytest.approx(2, abs=1)
    assert first.frame.media_s == pytest.approx(32, abs=2)
