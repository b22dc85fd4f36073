"""Whether a standing is over, and what it has to do with others at the same place."""

from collections.abc import Sequence

from cvinspect.incidents.absence import EMPTY_FRAMES
from cvinspect.incidents.merge import is_near
from cvinspect.incidents.standing import Standing

_CANDIDATE_EMPTY_S = 10.0
"""What has not become a violation is given up this soon after its place was seen empty: the next one to stop
there begins anew."""

_GHOST_GAPS = 20.0
"""A place that looks the same but in which nothing is detected for this many gaps is cleared in the end: what
keeps it looking so is no longer what was reported."""

_UNCHANGED_GAPS = 4.0
"""The same for what is no violation yet: a detector may lose sight of a thing for a minute or two, while the place
shows that it is there."""

_EMPTY_AS_SAID_FRAMES = 2
"""Looks that bear out somebody who says that it is gone; without a word it takes more of them, and `clear_s`."""


def rival_of(standing: Standing, standings: Sequence[Standing]) -> Standing | None:
    """The standing that takes precedence over this one, or takes it in, at the same place."""
    violation = standing.incident.violation
    stronger = {*violation.yields_to, *violation.joins}
    for other in standings:
        if (
            other.incident.violation.id in stronger
            and other.is_credible
            and (other.is_confirmed or not other.testimony.is_doubt_told)
            and is_near(standing.place, other.place, violation.yield_reach)
        ):
            return other
    return None


def is_gone(standing: Standing, at_s: float) -> bool:
    """Whether its place has been seen without it for long enough by media second `at_s`, or it for too long not at all.

    What was called so too often, and had never left, must have been seen to leave.
    """
    violation = standing.incident.violation
    seen_empty = standing.presence.empty_frames >= EMPTY_FRAMES
    if standing.is_confirmed:
        is_ghost = standing.presence.unseen_s > max(_GHOST_GAPS * violation.gap_s, violation.clear_s)
        is_cleared = is_ghost or is_seen_empty(standing)
        return is_cleared and (standing.is_over or standing.absence.was_empty or not standing.is_restless(at_s))
    given_up_s = min(violation.clear_s, _CANDIDATE_EMPTY_S)
    is_lost = standing.presence.unseen_s > _UNCHANGED_GAPS * violation.gap_s
    return is_lost or (seen_empty and standing.presence.empty_s >= given_up_s)


def is_seen_empty(standing: Standing) -> bool:
    """Whether its place has been seen without it for long enough."""
    there, clear_s = standing.presence, standing.incident.violation.clear_s
    return standing.is_over or (there.empty_frames >= EMPTY_FRAMES and there.empty_s >= clear_s)


def is_empty_as_said(standing: Standing) -> bool:
    """Whether the last looks at its place bear out that it is gone."""
    return standing.presence.empty_frames >= _EMPTY_AS_SAID_FRAMES


def wants_second_picture(standing: Standing, at_s: float) -> bool:
    """Whether the second picture of a violation is due at media second `at_s`, and was not asked for yet."""
    incident = standing.incident
    confirmed = incident.confirmed if incident.confirmed is not None else incident.first_seen
    return not standing.pictured_again and at_s >= confirmed.media_s + incident.violation.second_picture_s
