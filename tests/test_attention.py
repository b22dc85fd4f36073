"""When a source is asked for less: nothing is pending."""

from cvinspect.attention import Attention
from cvinspect.domain import Incident, Pace, Stage
from tests.fakes import at, frame, violation
from tests.incident_makers import an_incident

RULE = violation(dwell_s=600.0)


def paces(*seconds: float, standing: tuple[Incident, ...] = ()) -> list[Pace]:
    attention = Attention()
    return [attention.pace(frame(at_s), standing) for at_s in seconds]


def test_a_street_in_which_nothing_begins_is_looked_at_seldom() -> None:
    assert paces(0.0, 2.0, 4.0, 8.0) == [Pace.USUAL, *[Pace.SPARSE] * 3]


def test_while_a_verdict_is_pending_it_is_looked_at_as_usual() -> None:
    pending = an_incident(stage=Stage.PRE_ALARM, first_seen=at(0.0), violation=RULE)

    assert paces(0.0, 2.0, 4.0, standing=(pending,)) == [Pace.USUAL] * 3


def test_what_is_a_violation_already_is_not_waited_for() -> None:
    stands = an_incident(stage=Stage.VIOLATION, first_seen=at(0.0), violation=RULE)

    assert paces(0.0, 2.0, 4.0, standing=(stands,)) == [Pace.USUAL, Pace.SPARSE, Pace.SPARSE]


def test_a_new_run_is_looked_at_as_usual_first() -> None:
    assert paces(0.0, 2.0, 4.0, 0.0, 2.0) == [Pace.USUAL, Pace.SPARSE, Pace.SPARSE, Pace.USUAL, Pace.SPARSE]
