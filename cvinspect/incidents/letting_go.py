"""Things that leave a violation of several."""

from dataclasses import replace
from datetime import timedelta

from cvinspect.domain import Moment
from cvinspect.incidents.standing import Standing

_GONE_S = 4.0
"""What is no violation yet, and has gone from a group, is let go this soon: whoever was in front has passed by then."""


def let_go(standing: Standing, moment: Moment) -> None:
    """What has gone from a group takes its age and its box with it.

    A violation of which nothing is left that has been there for its dwell is over, whatever has come since.
    """
    rule, all_of_them = standing.incident.violation, standing.members.by_track
    gone_s = rule.clear_s if standing.is_confirmed else min(rule.clear_s, _GONE_S)
    left = [track for track, one in all_of_them.items() if not (one.is_vacant and one.empty_s >= gone_s)]
    if not left or len(left) == len(all_of_them):
        return
    last = max((one.seen for track, one in all_of_them.items() if track not in left), key=lambda seen: seen.media_s)
    standing.members.keep(left)
    objects = tuple(one for one in standing.incident.objects if one.track in left) or standing.incident.objects
    oldest = standing.members.oldest
    if oldest.media_s <= standing.incident.first_seen.media_s:
        standing.incident = replace(standing.incident, objects=objects)
    elif not standing.is_confirmed:
        standing.incident = replace(standing.incident, objects=objects)
        standing.rest_from(oldest)
    elif moment.media_s - oldest.media_s >= rule.dwell_s:
        due = Moment(oldest.media_s + rule.dwell_s, oldest.at + timedelta(seconds=rule.dwell_s))
        confirmed = max(standing.incident.confirmed or due, due, key=lambda one: one.media_s)
        standing.incident = replace(
            standing.incident, objects=objects, first_seen=oldest, confirmed=confirmed, unseen_s=0.0, uncounted_s=0.0
        )
    else:
        standing.is_over = True
        until = last if last.media_s >= standing.told_until_s else standing.incident.last_seen
        standing.incident = replace(standing.incident, last_seen=until)
