"""No violation says something only of what could have been raised: each reason, its borders, and what is none."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from cvinspect.domain import Camera
from cvinspect.rules.day import longest_s
from cvinspect.rules.obstacles import NotRaised, obstacles_configured, obstacles_in
from cvinspect.rules.sample_times import SampleTimes
from cvinspect.taxonomy import Hours, Obstacle, Violation
from tests.fakes import NOON, SHANGHAI, camera, square, violation, zone

HALVES = (square(0, 0, 0.5, 1), square(0.5, 0, 1, 1))
IN_ZONE = violation(zones=("no_parking",))
IN_HOURS = violation(dwell_s=60.0, hours=(Hours(time(7), time(22)),))


def seen(
    until_s: float, *, apart_s: float = 0.5, start: datetime = NOON, pauses: Sequence[tuple[float, float]] = ()
) -> SampleTimes:
    """Samples from second 0 to `until_s`, both included, but for pauses."""
    times = SampleTimes(SHANGHAI)
    for number in range(round(until_s / apart_s) + 1):
        media_s = number * apart_s
        if not any(begin < media_s < end for begin, end in pauses):
            times.note(media_s, start + timedelta(seconds=media_s))
    return times


def said(
    rule: Violation, times: SampleTimes, where: Camera | None = None, *, is_backed: bool = True
) -> list[NotRaised]:
    return list(obstacles_in(rule, where or camera(), times, is_backed=is_backed))


def reasons(rule: Violation, times: SampleTimes, where: Camera | None = None) -> list[Obstacle]:
    return [one.obstacle for one in said(rule, times, where)]


def test_a_recording_as_long_as_the_dwell_could_have_raised_it() -> None:
    assert said(violation(), seen(30.0)) == []


def test_what_was_really_inspected_counts_and_not_what_the_file_states() -> None:
    assert said(violation(), seen(29.5)) == [NotRaised(Obstacle.TOO_SHORT, 29.5, 30.0)]


def test_of_what_was_never_inspected_nothing_could_have_been_raised() -> None:
    assert reasons(violation(), SampleTimes(SHANGHAI)) == [Obstacle.NO_PICTURE]


@pytest.mark.parametrize(("dwell_s", "expected"), [(30.0, [Obstacle.SINGLE_PICTURE]), (0.0, [])])
def test_a_single_picture_raises_only_what_needs_no_dwell(dwell_s: float, expected: list[Obstacle]) -> None:
    times = SampleTimes(SHANGHAI, is_single=True)
    times.note(0.0, NOON)
    assert reasons(violation(dwell_s=dwell_s), times) == expected


def test_a_pause_longer_than_the_grace_breaks_the_dwell() -> None:
    rule = violation(dwell_s=60.0, gap_s=30.0)
    assert said(rule, seen(110.0, pauses=[(50.0, 80.0)])) == []
    assert said(rule, seen(110.0, pauses=[(50.0, 81.0)])) == [NotRaised(Obstacle.INTERRUPTED, 50.0, 60.0)]


@pytest.mark.parametrize(
    ("apart_s", "gap_s", "expected"),
    [
        (150.0, 300.0, []),
        (151.0, 300.0, [NotRaised(Obstacle.SPARSE, 151.0, 150.0)]),
        (31.0, 30.0, [NotRaised(Obstacle.SPARSE, 31.0, 30.0)]),
    ],
)
def test_samples_farther_apart_than_half_the_dwell_or_the_grace_raise_nothing(
    apart_s: float, gap_s: float, expected: list[NotRaised]
) -> None:
    assert said(violation(dwell_s=300.0, gap_s=gap_s), seen(4 * apart_s * 3, apart_s=apart_s)) == expected


def test_pictures_that_are_planned_to_be_far_apart_raise_what_stays_for_two_of_them() -> None:
    planned = SampleTimes(SHANGHAI, interval_s=300.0)
    for number in (0, 1, 2, 4, 5, 9):
        planned.note(300.0 * number, NOON + timedelta(seconds=300.0 * number))
    assert said(violation(dwell_s=1500.0, gap_s=30.0), planned) == []
    assert said(violation(dwell_s=1800.0, gap_s=30.0), planned) == [NotRaised(Obstacle.INTERRUPTED, 1500.0, 1800.0)]
    assert said(violation(dwell_s=500.0, gap_s=30.0), planned) == [NotRaised(Obstacle.SPARSE, 300.0, 250.0)]


@pytest.mark.parametrize(
    ("local", "minutes", "found_s"),
    [
        (datetime(2026, 5, 1, 12, 0, tzinfo=SHANGHAI), 5, None),
        (datetime(2026, 5, 1, 23, 0, tzinfo=SHANGHAI), 5, 0.0),
        (datetime(2026, 5, 1, 21, 59, 30, tzinfo=SHANGHAI), 5, 29.5),
        (datetime(2026, 5, 1, 6, 55, tzinfo=SHANGHAI), 7, None),  # two minutes of it within the hours
        (datetime(2026, 5, 1, 6, 56, tzinfo=SHANGHAI), 4.5, 30.0),
    ],
)
def test_only_what_was_captured_within_the_rules_hours_counts_in_the_sites_time(
    local: datetime, minutes: float, found_s: float | None
) -> None:
    times = seen(60 * minutes, start=local)
    assert said(IN_HOURS, times) == ([] if found_s is None else [NotRaised(Obstacle.OUT_OF_HOURS, found_s, 60.0)])


def test_hours_are_those_of_the_sites_zone_whatever_the_times_are_written_in() -> None:
    times = SampleTimes(ZoneInfo("Europe/Berlin"))
    for number in range(200):
        times.note(number, NOON + timedelta(seconds=number))  # noon in Shanghai is six in the morning in Berlin
    assert reasons(IN_HOURS, times) == [Obstacle.OUT_OF_HOURS]


def test_hours_over_midnight_and_spans_that_touch_are_one_stretch() -> None:
    night = violation(dwell_s=7200.0, hours=(Hours(time(22), time.max), Hours(time(0), time(6))))
    late = datetime(2026, 5, 1, 22, 30, tzinfo=SHANGHAI)
    assert said(night, seen(3 * 3600.0, apart_s=10.0, start=late)) == []


def test_a_recording_that_is_too_short_and_out_of_hours_is_told_as_both() -> None:
    times = seen(20.0, start=datetime(2026, 5, 1, 23, 0, tzinfo=SHANGHAI))
    assert reasons(IN_HOURS, times) == [Obstacle.TOO_SHORT, Obstacle.OUT_OF_HOURS]


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        (camera(), []),
        (camera(zone("no_parking")), []),
        (camera(zone("no_parking", name="kerb"), zone("waste_point")), []),
        (camera(zone("waste_point")), [Obstacle.NO_ZONE]),
    ],
)
def test_where_zones_are_drawn_a_rule_needs_one_of_its_own(where: Camera, expected: list[Obstacle]) -> None:
    assert reasons(IN_ZONE, seen(60.0), where) == expected


def test_a_rule_that_names_a_zone_by_its_id_needs_that_zone() -> None:
    by_name = violation(zones=("kerb",))
    assert reasons(by_name, seen(60.0), camera(zone("no_parking", name="kerb"))) == []
    assert reasons(by_name, seen(60.0), camera(zone("no_parking", name="bay"))) == [Obstacle.NO_ZONE]


@pytest.mark.parametrize(
    ("exempt", "expected"),
    [(HALVES[:1], []), (HALVES, [Obstacle.EXEMPT]), ((square(0, 0, 1, 1),), [Obstacle.EXEMPT])],
)
def test_a_class_that_is_allowed_everywhere_is_never_raised(
    exempt: Sequence[tuple[tuple[float, float], ...]], expected: list[Obstacle]
) -> None:
    rule = violation(exempt_zones=("waste_point",))
    drawn = [zone("waste_point", polygon, name=f"w{number}") for number, polygon in enumerate(exempt)]
    assert reasons(rule, seen(60.0), camera(*drawn)) == expected


def test_a_bay_over_the_whole_picture_leaves_no_place_outside_of_it() -> None:
    rule = violation(zones=("no_parking_nonmotor",), outside_zones=("bike_bay",))
    assert reasons(rule, seen(60.0), camera(zone("bike_bay"))) == [Obstacle.NO_ZONE]
    assert reasons(rule, seen(60.0), camera(zone("bike_bay", HALVES[0]))) == []
    assert reasons(rule, seen(60.0), camera(zone("bike_bay"), zone("no_parking_nonmotor", HALVES[0]))) == []


def test_where_every_place_is_exempt_at_some_hours_the_other_hours_count() -> None:
    rule = violation(exempt_zones=("waste_point",), exempt_hours=(Hours(time(11), time(13)),))
    point, corner = zone("waste_point"), zone("waste_point", HALVES[0])
    assert reasons(rule, seen(60.0), camera(point)) == [Obstacle.OUT_OF_HOURS]
    assert reasons(rule, seen(60.0, start=NOON + timedelta(hours=2)), camera(point)) == []
    assert reasons(rule, seen(60.0), camera(corner)) == []


def test_a_class_that_no_label_backs_or_that_nothing_is_large_enough_for_is_told() -> None:
    assert [one.obstacle for one in said(violation(), seen(60.0), is_backed=False)] == [Obstacle.NOT_BACKED]
    assert reasons(violation(min_size_share=1.0), seen(60.0)) == [Obstacle.MIN_SIZE]


def test_a_camera_that_looks_day_and_night_raises_what_its_hours_are_long_enough_for() -> None:
    def configured(rule: Violation, apart_s: float | None = None) -> list[Obstacle]:
        return [one.obstacle for one in obstacles_configured(rule, camera(), is_backed=True, apart_s=apart_s)]

    assert configured(violation(dwell_s=300.0, hours=(Hours(time(7), time(7, 5)),))) == []
    assert configured(violation(dwell_s=300.0, hours=(Hours(time(7), time(7, 4)),))) == [Obstacle.OUT_OF_HOURS]
    assert configured(violation(dwell_s=300.0), 65.0) == [Obstacle.SPARSE]
    assert configured(violation(dwell_s=300.0), 10.0) == []


@pytest.mark.parametrize(
    ("hours", "but_for", "gap_s", "expected_s"),
    [
        ([], [], 30.0, float("inf")),
        ([Hours(time(7), time(22))], [], 30.0, 15 * 3600.0),
        ([Hours(time(22), time(6))], [], 30.0, 8 * 3600.0),
        ([Hours(time(0), time.max)], [], 0.0, float("inf")),
        ([], [Hours(time(6), time(9))], 30.0, 21 * 3600.0),
        ([Hours(time(7), time(12)), Hours(time(12), time(13))], [Hours(time(10), time(10, 1))], 30.0, 10_800.0),
        ([Hours(time(7), time(12))], [Hours(time(10), time(10, 1))], 60.0, 5 * 3600.0),
    ],
)
def test_the_longest_stretch_of_a_day(
    hours: list[Hours], but_for: list[Hours], gap_s: float, expected_s: float
) -> None:
    assert longest_s(hours, but_for=but_for, gap_s=gap_s) == expected_s
