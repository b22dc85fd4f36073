"""When a source is asked for more: something new where it matters, a dwell about to end, and not all the time."""

from datetime import timedelta

import pytest

from cvinspect.attention import Attention
from cvinspect.domain import Camera, Incident, Pace, Stage, Track
from cvinspect.geometry import Box
from tests.fakes import NOON, SHANGHAI, at, camera, detection, frame, pipeline, square, track, violation, zone
from tests.incident_makers import an_incident

SHORT = violation(dwell_s=10.0, zones=("no_parking",))
LONG = violation(dwell_s=600.0, zones=("no_parking",))
LEFT_HALF = zone(polygon=square(0, 0, 0.5, 1))
CALM: tuple[tuple[float, list[Track]], ...] = ((0.0, []), (40.0, []), (42.0, []))
"""Time enough to save up for a closer look."""
INSIDE, OUTSIDE = Box(20, 60, 60, 100), Box(240, 60, 300, 100)


def attention(rule: object = SHORT, where: Camera | None = None) -> Attention:
    return Attention(where or camera(LEFT_HALF), [rule], timezone=SHANGHAI)  # type: ignore[list-item]


def asked(attention: Attention, *frames: tuple[float, list[Track]], standing: tuple[Incident, ...] = ()) -> list[float]:
    """The seconds at which a closer look was wanted."""
    return [
        at_s for at_s, tracks in frames if attention.pace(frame(at_s), tracks, standing, ledger_s=at_s) is Pace.DENSE
    ]


def seen_from(first_s: float, box: Box = INSIDE) -> list[Track]:
    return [track(box=box, first_seen_s=first_s)]


def pre_alarm(first_s: float, rule: object = SHORT) -> Incident:
    return an_incident(stage=Stage.PRE_ALARM, first_seen=at(first_s), violation=rule)


def test_something_new_in_a_zone_is_looked_at_closely_once() -> None:
    assert asked(attention(), *CALM, (44.0, seen_from(44.0)), (46.0, seen_from(44.0))) == [44.0]


def test_what_was_there_at_the_start_tells_no_time_of_arrival() -> None:
    assert asked(attention(), (0.0, seen_from(0.0)), (2.0, seen_from(0.0))) == []


def test_something_new_where_no_rule_holds_is_not_worth_it() -> None:
    assert asked(attention(), *CALM, (44.0, seen_from(44.0, OUTSIDE))) == []


def test_a_label_of_no_rule_is_not_worth_it() -> None:
    assert asked(attention(), *CALM, (44.0, [track(label="person", box=INSIDE, first_seen_s=44.0)])) == []


def test_the_time_until_a_dwell_ends_is_looked_at_closely() -> None:
    times = [(2.0 * i, seen_from(1.0)) for i in range(1, 9)]

    assert asked(attention(), (0.0, []), *times, standing=(pre_alarm(1.0),)) == [10.0]


@pytest.mark.parametrize(("rule", "share"), [(SHORT, 0.1), (LONG, 0.01)])
def test_of_a_street_with_something_new_in_every_sample_a_small_share_is_looked_at_closely(
    rule: object, share: float
) -> None:
    times = [(2.0 * i, seen_from(2.0 * i)) for i in range(1, 1001)]

    assert len(asked(attention(rule), (0.0, []), *times)) == pytest.approx(1000 * share, abs=2)


def test_a_dwell_that_ends_is_looked_at_closely_however_busy_the_street() -> None:
    times = [(2.0 * i, seen_from(2.0 * i)) for i in range(1, 1001)]

    assert 1800.0 in asked(attention(LONG), (0.0, []), *times, standing=(pre_alarm(1201.0, LONG),))


def test_a_new_run_begins_the_count_anew() -> None:
    assert asked(attention(), *CALM, (0.0, seen_from(0.0)), (2.0, seen_from(2.0))) == [2.0]


def paces(*frames: tuple[float, list[Track]], standing: tuple[Incident, ...] = ()) -> list[Pace]:
    one = attention(LONG)
    return [one.pace(frame(at_s), tracks, standing, ledger_s=at_s) for at_s, tracks in frames]


def test_a_street_in_which_nothing_begins_is_looked_at_seldom() -> None:
    stands, passes = seen_from(0.0), [track(label="person", box=INSIDE, first_seen_s=4.0)]
    violation_stands = (an_incident(stage=Stage.VIOLATION, first_seen=at(0.0), violation=LONG),)

    assert paces((0.0, []), (2.0, []), (4.0, passes), (8.0, [])) == [Pace.USUAL, *[Pace.SPARSE] * 3]
    assert paces((0.0, stands), (2.0, stands), standing=violation_stands) == [Pace.USUAL, Pace.SPARSE]


def test_while_a_verdict_is_pending_it_is_looked_at_as_usual() -> None:
    assert paces((0.0, []), (2.0, []), standing=(pre_alarm(0.0, LONG),)) == [Pace.USUAL, Pace.USUAL]


def test_what_only_passes_is_no_reason_to_look_more_often_than_now_and_then() -> None:
    busy = paces(*[(2.0 * i, seen_from(2.0 * i)) for i in range(1, 101)])

    assert set(busy[1:]) <= {Pace.SPARSE, Pace.DENSE}
    assert busy.count(Pace.DENSE) <= 2


def test_a_dwell_that_ends_is_looked_at_closely_after_a_lost_connection_too() -> None:
    rule = violation(dwell_s=101.0, pre_alarm_s=20.0, zones=())
    line = pipeline([], [rule])
    line.attention = attention(rule, camera())
    car = [detection(box=INSIDE)]
    for number in range(50):
        line.step(frame(2.0 * number), [])
    line.begin_run(3.0)
    close: list[float] = []
    for number in range(60):
        at_s = 2.0 * number
        line.set_pace = lambda pace, at_s=at_s: close.append(at_s) if pace is Pace.DENSE else None  # type: ignore[misc]
        line.step(frame(at_s, start=NOON + timedelta(seconds=103)), car)
    assert [at_s for at_s in close if at_s > 20] == [100.0]
