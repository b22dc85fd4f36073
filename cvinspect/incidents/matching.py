"""Which standing a sighting belongs to, and which standings have turned out to be one."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from cvinspect.assignment import best_pairs
from cvinspect.domain import Frame, Sighting
from cvinspect.geometry import iou
from cvinspect.incidents.look import SIMILAR_LOOK
from cvinspect.incidents.merge import is_near, place_fit
from cvinspect.incidents.standing import Standing
from cvinspect.incidents.watch import PlaceWatch, is_another

_SQUARE_FIT = 0.5
"""A box that fits the place less well must at least find it looking as before."""

_ANY_FIT = 1e-9
_KNOWN_TRACK = 1.0
"""Added to the fit of a thing that carries on under its track."""

_LONG_REST_S = 5.0
"""What has rested this long under its track is itself, however the light or somebody in front changes its look; the
track of a rolling queue passes from one car to the next."""

_SAME_CASE_IOU = 0.5


def match(
    sightings: Sequence[Sighting], standings: Sequence[Standing], frame: Frame, places: PlaceWatch
) -> tuple[dict[Standing, list[Sighting]], list[Sighting]]:
    """The sightings of each standing that was seen, and the sightings that belong to none."""
    by_class: dict[str, list[Sighting]] = defaultdict(list)
    for sighting in _once(sightings):
        by_class[sighting.violation.id].append(sighting)
    seen: dict[Standing, list[Sighting]] = {}
    homeless = []
    for name, group in by_class.items():
        known = [standing for standing in standings if standing.incident.violation.id == name]
        pairs = (
            _near_ones(group, known, frame, places)
            if group[0].violation.reach > 0
            else _one_to_one(group, known, frame, places)
        )
        for standing, sighting in pairs:
            seen.setdefault(standing, []).append(sighting)
        placed = [sighting for _, sighting in pairs]
        homeless += [sighting for sighting in group if sighting not in placed]
    return seen, homeless


def _once(sightings: Sequence[Sighting]) -> list[Sighting]:
    """Without what the careful network calls by another name of the same class: that is one thing."""
    kept: list[Sighting] = []
    for one in sorted(sightings, key=lambda one: one.by_careful):
        if not (one.by_careful and any(_is_under_another_name(one, other) for other in kept)):
            kept.append(one)
    return kept


def _is_under_another_name(one: Sighting, other: Sighting) -> bool:
    is_other_label = one.violation.id == other.violation.id and one.label != other.label
    return is_other_label and iou(one.box, other.box) >= _SAME_CASE_IOU


def joined(sighting: Sighting, seen: Mapping[Standing, Sequence[Sighting]]) -> Standing | None:
    """The standing seen in this very frame whose things are near enough to be one violation with this one."""
    reach = sighting.violation.reach
    for standing, others in seen.items():
        if reach == 0 or standing.incident.violation.id != sighting.violation.id:
            continue
        if any(is_near(sighting.box, other.box, reach) for other in others):
            return standing
    return None


def seniority(standing: Standing) -> tuple[bool, float]:
    """Smaller is older; what has been reported comes before what has not."""
    return not standing.is_confirmed, standing.incident.first_seen.media_s


def is_same(senior: Standing, junior: Standing, *, both_seen: bool) -> bool:
    """Whether two standings are one violation, of which `senior` is to stay.

    Things that are each a violation of their own and are seen side by side are two.
    """
    violation = senior.incident.violation
    if senior is junior or violation.id != junior.incident.violation.id or seniority(senior) > seniority(junior):
        return False
    if violation.reach > 0:
        one, other = (standing.members.present.values() for standing in (senior, junior))
        return not _is_left(senior) and any(is_near(a.place, b.place, violation.reach) for a in one for b in other)
    if senior.presence.empty_frames > 0:  # its place was seen without it: what is there now is another thing
        return False
    return not both_seen and iou(senior.place, junior.place) >= _SAME_CASE_IOU


def _one_to_one(
    sightings: Sequence[Sighting], standings: Sequence[Standing], frame: Frame, places: PlaceWatch
) -> list[tuple[Standing, Sighting]]:
    """Each thing is a violation of its own."""
    likeness = [places.likeness(standing, frame) for standing in standings]
    at = frame.captured_at
    fits = [
        [_fit(standing, one, alike, at) for one in sightings]
        for standing, alike in zip(standings, likeness, strict=True)
    ]
    return [(standings[row], sightings[column]) for row, column in best_pairs(fits, least=_ANY_FIT)]


def _near_ones(
    sightings: Sequence[Sighting], standings: Sequence[Standing], frame: Frame, places: PlaceWatch
) -> list[tuple[Standing, Sighting]]:
    """Things near each other are one violation."""
    pairs = []
    for sighting in sightings:
        near = [standing for standing in standings if _belongs(standing, sighting, frame, places)]
        if near:
            pairs.append((min(near, key=seniority), sighting))
    return pairs


def _fit(standing: Standing, sighting: Sighting, likeness: float | None, at: datetime) -> float:
    """How well a sighting carries a standing on; 0: it is another thing, or the same one on its way out."""
    known = sighting.track in standing.tracks
    has_rested = known and (at - sighting.rest_since.at).total_seconds() >= _LONG_REST_S
    fit = standing.fits(sighting.box)
    if likeness is not None:
        is_other = is_another(standing, likeness) and not has_rested
        is_off = likeness < SIMILAR_LOOK and fit < _SQUARE_FIT
        if is_other or is_off:
            return 0.0
    return fit + _KNOWN_TRACK if known and fit > 0 else fit


def _belongs(standing: Standing, sighting: Sighting, frame: Frame, places: PlaceWatch) -> bool:
    """Whether it lies near one of its things, or is one that was thought to have gone and looks as it did."""
    reach = sighting.violation.reach
    members = standing.members.by_track.values()
    if any(is_near(sighting.box, one.place, reach) for one in members if not one.is_vacant):
        return True
    return any(
        place_fit(sighting.box, one.place) > 0 and places.is_back(one, frame) for one in members if one.is_vacant
    )


def _is_left(standing: Standing) -> bool:
    """Whether all its things have gone from their places."""
    return all(one.is_vacant for one in standing.members.by_track.values())
