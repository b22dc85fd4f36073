"""What a case has to do with others at the same place: who takes precedence, and what came back."""

from collections.abc import Sequence
from datetime import timedelta

from cvinspect.incidents.case import Case
from cvinspect.incidents.merge import is_near


def rival_of(case: Case, cases: Sequence[Case]) -> Case | None:
    """The case that takes precedence over this one, or takes it in, at the same place."""
    violation = case.incident.violation
    stronger = {*violation.yields_to, *violation.joins}
    for other in cases:
        if (
            other.incident.violation.id in stronger
            and other.is_credible
            and is_near(case.place, other.place, violation.yield_reach)
        ):
            return other
    return None


def recurrence_of(case: Case, past: Sequence[Case]) -> str | None:
    """The id of the cleared incident of which this one is a recurrence."""
    violation = case.incident.violation
    span = timedelta(days=violation.recurrence_days)
    for one in reversed(past):
        cleared = one.incident.cleared
        if one.incident.violation.id != violation.id or cleared is None:
            continue
        if one.fits(case.place) > 0 and case.incident.first_seen.at - cleared.at <= span:
            return one.incident.id
    return None
