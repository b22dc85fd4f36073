"""When a source is asked for more: a dwell is about to end. When for less: nothing is pending."""

from datetime import timedelta

from cvinspect.attention import Attention
from cvinspect.domain import Incident, Pace, Stage
from tests.fakes import NOON, at, detection, frame, pipeline, violation
from tests.incident_makers import an_incident

SHORT, LONG = violation(dwell_s=10.0), violation(dwell_s=600.0)


def paces(*seconds: float, standing: tuple[Incident, ...] = ()) -> list[Pace]:
    attention = Attention()
    return [attention.pace(frame(at_s), standing, ledger_s=at_s) for at_s in seconds]


def close(*seconds: float, standing: tuple[Incident, ...] = ()) -> list[float]:
    """The seconds at which a closer look was wanted."""
    return [at_s for at_s, pace in zip(seconds, paces(*seconds, standing=standing), strict=True) if pace is Pace.DENSE]


def pre_alarm(first_s: float, rule: object = SHORT) -> Incident:
    return an_incident(stage=Stage.PRE_ALARM, first_seen=at(first_s), violation=rule)


EVEN = tuple(2.0 * i for i in range(12))


def test_the_time_around_the_end_of_a_dwell_is_looked_at_closely() -> None:
    assert close(*EVEN, standing=(pre_alarm(1.0),)) == [10.0, 12.0]
    assert close(*EVEN, standing=(pre_alarm(1.9),)) == [10.0, 12.0]


def test_a_dwell_that_ended_unseen_is_looked_at_closely_for_one_sample_more() -> None:
    assert close(*EVEN, standing=(pre_alarm(2.0),)) == [12.0]


def test_what_is_a_violation_already_is_not_waited_for() -> None:
    violation_stands = (an_incident(stage=Stage.VIOLATION, first_seen=at(1.0), violation=SHORT),)

    assert paces(*EVEN, standing=violation_stands) == [Pace.USUAL, *[Pace.SPARSE] * 11]


def test_a_street_in_which_nothing_begins_is_looked_at_seldom() -> None:
    assert paces(0.0, 2.0, 4.0, 8.0) == [Pace.USUAL, *[Pace.SPARSE] * 3]


def test_while_a_verdict_is_pending_it_is_looked_at_as_usual() -> None:
    assert paces(0.0, 2.0, 4.0, standing=(pre_alarm(0.0, LONG),)) == [Pace.USUAL] * 3


def test_a_new_run_is_looked_at_as_usual_first() -> None:
    assert paces(0.0, 2.0, 4.0, 0.0, 2.0) == [Pace.USUAL, Pace.SPARSE, Pace.SPARSE, Pace.USUAL, Pace.SPARSE]


def test_a_dwell_that_ends_is_looked_at_closely_after_a_lost_connection_too() -> None:
    rule = violation(dwell_s=101.0, pre_alarm_s=20.0, zones=())
    line = pipeline([], [rule])
    line.attention = Attention()
    car = [detection()]
    for number in range(50):
        line.step(frame(2.0 * number), [])
    line.begin_run(3.0)
    asked: list[float] = []
    for number in range(60):
        at_s = 2.0 * number
        line.set_pace = lambda pace, at_s=at_s: asked.append(at_s) if pace is Pace.DENSE else None  # type: ignore[misc]
        line.step(frame(at_s, start=NOON + timedelta(seconds=103)), car)
    assert [at_s for at_s in asked if at_s > 20] == [100.0]
