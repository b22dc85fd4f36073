"""Which seconds count towards a dwell: those that were seen, and of those that nobody saw only some."""

from collections.abc import Sequence

import pytest

from cvinspect.domain import Change, Incident
from cvinspect.geometry import Box
from cvinspect.incidents.ledger import PlaceLedger
from cvinspect.incidents.look import PatchMatcher
from cvinspect.incidents.snapshot import state_from_text, state_to_text
from cvinspect.taxonomy import Violation
from tests.fakes import Thing, detected, frame, kinds, opened, painted, pipeline, play, seconds, violation

RULE = violation(dwell_s=60.0)
"""Its grace is 30 s."""

PARKED = [Thing(stays=((5, 900),))]


def watched(
    things: Sequence[Thing], times: Sequence[float], *, interval_s: float = 0.5, restart_s: float | None = None
) -> list[Change]:
    """One run over these seconds; from `restart_s` on another one, of a process that was started anew."""
    line = pipeline([detected(things, at_s) for at_s in times], [RULE])
    line.ledger = PlaceLedger("gate", matcher=PatchMatcher(), source="clip.mp4", interval_s=interval_s)
    runs = [[at_s for at_s in times if restart_s is None or at_s < restart_s]]
    runs += [] if restart_s is None else [[at_s for at_s in times if at_s >= restart_s]]
    changes: list[Change] = []
    for number, run in enumerate(runs):
        if number:
            text = state_to_text(line.ledger.state)  # type: ignore[attr-defined]
            line.ledger = PlaceLedger("gate", matcher=PatchMatcher(), source="clip.mp4", interval_s=interval_s)
            line.ledger.resume(state_from_text(text, rules={}))
        changes += line.incidents(frame(at_s, painted(things, at_s)) for at_s in run)
    return changes


def without(times: Sequence[float], from_s: float, until_s: float) -> list[float]:
    """Nothing comes in between."""
    return [at_s for at_s in times if not from_s <= at_s < until_s]


def first_violation(changes: Sequence[Change]) -> Incident:
    return opened(changes)[0].incident


@pytest.mark.parametrize("restart", [False, True])
@pytest.mark.parametrize("pause_s", [12, 20, 29])
def test_what_nobody_saw_for_no_longer_than_the_grace_counts_and_is_told_apart(
    pause_s: float, *, restart: bool
) -> None:
    times = without(seconds(120), 20, 20 + pause_s)
    changes = watched(PARKED, times, restart_s=20 + pause_s if restart else None)
    one = first_violation(changes)

    assert one.first_seen.media_s == pytest.approx(5, abs=1)
    assert one.dwell_s == pytest.approx(60, abs=2.5)
    assert one.unseen_s == pytest.approx(pause_s, abs=1)
    assert one.uncounted_s == 0


@pytest.mark.parametrize("restart", [False, True])
@pytest.mark.parametrize("pause_s", [32, 120, 3600])
def test_after_a_longer_pause_what_was_not_reported_begins_anew(pause_s: float, *, restart: bool) -> None:
    ends_s = 50 + pause_s
    things = [Thing(stays=((5, ends_s + 500),))]
    times = without(seconds(ends_s + 100), 50, ends_s)
    one = first_violation(watched(things, times, restart_s=ends_s if restart else None))

    assert one.first_seen.media_s == pytest.approx(ends_s, abs=1)
    assert one.confirmed is not None
    assert one.confirmed.media_s == pytest.approx(ends_s + 60, abs=3)
    assert (one.unseen_s, one.uncounted_s) == (0, 0)


@pytest.mark.parametrize("restart", [False, True])
def test_what_was_reported_stays_open_over_a_pause_whose_seconds_are_no_dwell(*, restart: bool) -> None:
    times = without(seconds(300), 100, 200)
    changes = watched(PARKED, times, restart_s=200 if restart else None)
    last = changes[-1].incident

    assert set(kinds(changes)[2:]) == {"updated"}
    assert len({change.incident.id for change in changes}) == 1
    assert last.uncounted_s == pytest.approx(100, abs=1)
    assert last.dwell_s + last.uncounted_s == last.last_seen.media_s - last.first_seen.media_s


@pytest.mark.parametrize(("every_s", "is_raised"), [(20, True), (80, True), (100, False)])
def test_samples_that_are_planned_far_apart_count_up_to_three_intervals(every_s: float, *, is_raised: bool) -> None:
    """One a half minute is planned; every 80 s two in a row fail, which may happen; every 100 s three do."""
    times = [every_s * number for number in range(10)]
    things = [Thing(stays=((0, 2000),))]
    changes = watched(things, times, interval_s=30.0)

    assert bool(opened(changes)) is is_raised
    if is_raised:
        assert first_violation(changes).unseen_s > 0


PICTURE_S = 600.0
"""Ten minutes from one picture to the next."""


def pictures(seen: str, rule: Violation) -> list[Change]:
    """Pictures ten minutes apart, each of a car in its place or of the `e`mpty place, after one of the empty street."""
    stays = tuple(
        (number * PICTURE_S - 1, number * PICTURE_S + 1) for number, what in enumerate(seen, start=1) if what == "P"
    )
    times = [number * PICTURE_S for number in range(len(seen) + 1)]
    line = pipeline([detected([Thing(stays=stays)], at_s) for at_s in times], [rule], fps=1 / PICTURE_S)
    line.ledger = PlaceLedger("gate", matcher=PatchMatcher(), source="clip.mp4", interval_s=PICTURE_S)
    return list(line.incidents(frame(at_s, painted([Thing(stays=stays)], at_s)) for at_s in times))


FOR_SNAPSHOTS = {"pre_alarm_s": 600.0, "gap_s": 1200.0, "clear_s": 1800.0}


def test_between_pictures_of_the_empty_place_nothing_counts_towards_a_dwell() -> None:
    """The longest stay is of four pictures, half an hour."""
    rule = violation(dwell_s=2400.0, **FOR_SNAPSHOTS)

    assert opened(pictures("PPPPeePeePeePP", rule)) == []
    assert len(opened(pictures("PPPPPP", rule))) == 1


def test_between_the_first_two_pictures_nobody_saw_it_either() -> None:
    """Nothing between two pictures was seen, be it at the beginning of a dwell or after it began anew."""
    rule = violation(dwell_s=1800.0, **FOR_SNAPSHOTS)
    stayed, returned = first_violation(pictures("PPPPP", rule)), first_violation(pictures("PPePPPPP", rule))

    assert stayed.first_seen.media_s == PICTURE_S
    assert returned.first_seen.media_s == 4 * PICTURE_S
    assert [(one.dwell_s, one.unseen_s, one.uncounted_s) for one in (stayed, returned)] == [(1800, 1800, 0)] * 2


def test_what_comes_back_to_a_place_pictured_empty_begins_its_dwell_when_it_is_seen_again() -> None:
    one = first_violation(pictures("PPPeePPPPP", violation(dwell_s=2400.0, **FOR_SNAPSHOTS)))

    assert one.first_seen.media_s == 6 * PICTURE_S
    assert (one.dwell_s, one.uncounted_s) == (2400, 0)


def test_of_what_was_reported_the_seconds_around_a_picture_of_the_empty_place_are_no_dwell() -> None:
    last = pictures("PPPPePPP", violation(dwell_s=1200.0, **FOR_SNAPSHOTS))[-1].incident

    assert last.uncounted_s == 2 * PICTURE_S
    assert last.dwell_s + last.uncounted_s == last.last_seen.media_s - last.first_seen.media_s


def test_another_car_after_a_pause_has_no_part_in_the_dwell_of_the_one_before() -> None:
    """The pause is within the grace, but its look says that it is another one."""
    others = [Thing(stays=((5, 45),)), Thing(stays=((45, 300),), paint=2)]
    one = first_violation(watched(others, without(seconds(200), 40, 60)))

    assert one.first_seen.media_s >= 60
    assert one.confirmed is not None
    assert one.confirmed.media_s >= 118


def test_seconds_behind_something_else_count_as_unseen() -> None:
    bus = Thing(Box(70, 30, 190, 130), "person", stays=((20, 40),), paint=7)
    parked = Thing(stays=((5, 200),), missed=((20, 40),))
    one = first_violation(play([parked, bus], RULE, until_s=120))

    assert one.dwell_s == pytest.approx(60, abs=1)
    assert one.unseen_s == pytest.approx(20, abs=1.5)


def test_what_nobody_saw_is_unseen_once_though_something_is_in_front_after_it() -> None:
    """A pause of 20 s, after which a bus stands in front for 20 s."""
    bus = Thing(Box(70, 30, 190, 130), "person", stays=((40, 60),), paint=7)
    parked = Thing(stays=((5, 300),), missed=((40, 60),))
    changes = watched([parked, bus], without(seconds(200), 20, 40))
    seen_s = [change.incident.dwell_s - change.incident.unseen_s for change in changes]

    assert first_violation(changes).unseen_s == pytest.approx(40, abs=1.5)
    assert seen_s == sorted(seen_s)


def test_pictures_with_something_in_front_make_no_dwell_longer_than_the_time_between_them() -> None:
    """Ten seconds of each were counted twice."""
    bus = Thing(Box(70, 30, 190, 130), "person", stays=((50, 110),), paint=7)
    parked = Thing(stays=((0, 300),), missed=((50, 110),))
    one = first_violation(watched([parked, bus], [20.0 * number for number in range(12)], interval_s=20.0))

    assert one.unseen_s <= one.dwell_s
    assert one.uncounted_s == 0


def test_a_car_that_stands_for_six_seconds_of_every_minute_has_dwelt_six_seconds_each_time() -> None:
    """Each stay is a dwell of its own, that of the next one a recurrence."""
    comes_and_goes = Thing(stays=tuple((at_s, at_s + 6) for at_s in range(5, 1205, 60)))
    changes = play([comes_and_goes], violation(dwell_s=4.0, pre_alarm_s=4.0, clear_s=6.0), until_s=1200)
    stays = [change.incident for change in opened(changes)]

    assert len(stays) == 20
    assert max(change.incident.dwell_s for change in changes) < 7
    assert [one.recurrence_of for one in stays] == [None, *(one.id for one in stays[:-1])]
    assert "reopened" not in kinds(changes)


def test_where_its_stays_are_too_short_it_is_no_violation_however_often_it_comes() -> None:
    comes_and_goes = Thing(stays=tuple((at_s, at_s + 6) for at_s in range(5, 1205, 60)))

    assert opened(play([comes_and_goes], violation(dwell_s=30.0), until_s=1200)) == []


def test_seconds_in_which_its_place_was_seen_empty_are_no_dwell_though_it_is_not_cleared_yet() -> None:
    """It is away for 12 s, and would be cleared after 20."""
    parked = Thing(stays=((5, 60), (72, 200)))
    last = play([parked], violation(clear_s=20.0), until_s=150)[-1].incident

    assert last.uncounted_s == pytest.approx(12, abs=1)
    assert last.dwell_s + last.uncounted_s == last.last_seen.media_s - last.first_seen.media_s


def lost_from_sight(times: int) -> list[Thing]:
    """The detector loses it for so long that it is called cleared, again and again; it stands there all the while."""
    missed = tuple((60 + number * 220, 260 + number * 220) for number in range(times))
    return [Thing(stays=((5, 5000),), missed=missed)]


def test_a_clearing_is_proved_wrong_by_a_look_that_never_changed() -> None:
    rule = violation(gap_s=5.0, clear_s=6.0)
    changes = play(lost_from_sight(1), rule, until_s=300)
    told = {change.kind.value: change.incident for change in changes}

    assert kinds(changes) == ["pre_alarm", "opened", "updated", "cleared", "reopened", "updated"]
    assert len({change.incident.id for change in changes}) == 1
    assert (told["cleared"].reason, told["reopened"].reason) == ("not_detected", "never_left")
    assert (told["reopened"].reopenings, told["reopened"].cleared) == (1, None)


def test_after_three_reopenings_within_an_hour_it_stands_and_says_how_often() -> None:
    rule = violation(gap_s=5.0, clear_s=6.0)
    changes = play(lost_from_sight(6), rule, until_s=1500)

    assert kinds(changes).count("cleared") == kinds(changes).count("reopened") == 3
    assert len({change.incident.id for change in changes}) == 1
    assert (changes[-1].incident.reopenings, changes[-1].incident.status) == (3, "open")


def test_what_was_reopened_often_is_cleared_all_the_same_once_its_place_is_seen_empty() -> None:
    rule = violation(gap_s=5.0, clear_s=6.0)
    [once] = lost_from_sight(4)
    leaves = Thing(stays=((5, 1000),), missed=once.missed)
    last = play([leaves], rule, until_s=1100)[-1].incident

    assert (last.status, last.reason) == ("cleared", "place_empty")
