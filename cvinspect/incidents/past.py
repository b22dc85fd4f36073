"""Cleared incidents, for what comes back: the same thing, which then never left, or another one at its place."""

from collections.abc import Iterator, Sequence
from datetime import timedelta

from cvinspect.domain import Frame, Sighting, Track
from cvinspect.incidents.look import SAME_LOOK
from cvinspect.incidents.standing import Standing
from cvinspect.incidents.watch import PlaceWatch

_REOPEN_S = 600.0
"""How long after clearing a place that never looked otherwise proves that the clearing was wrong."""


class Past:
    """The cleared standings of one camera, the oldest first."""

    def __init__(self, places: PlaceWatch, *, budget: int) -> None:
        """The last `budget` of them are remembered."""
        self._places = places
        self._budget = budget
        self.standings: list[Standing] = []

    def __iter__(self) -> Iterator[Standing]:
        return iter(self.standings)

    def add(self, standing: Standing) -> None:
        """One more; what had left before it came, and stood where it did, is not waited for any more."""
        standing = standing.without_looks() if standing.absence.was_empty or standing.is_over else standing
        standing.absence.missed = None
        known = [one.without_looks() if _gave_way(one, standing) else one for one in self.standings]
        self.standings = [*known, standing][-self._budget :]

    def recurrence_of(self, standing: Standing) -> str | None:
        """The id of the cleared incident of which this one is a recurrence."""
        violation = standing.incident.violation
        span = timedelta(days=violation.recurrence_days)
        for one in reversed(self.standings):
            cleared = one.incident.cleared
            if one.incident.violation.id != violation.id or cleared is None:
                continue
            if one.fits(standing.place) > 0 and standing.incident.first_seen.at - cleared.at <= span:
                return one.incident.id
        return None

    def watch(self, tracks: Sequence[Track], frame: Frame, passed_s: float) -> None:
        """Whether their places go on looking as if nothing had left, `passed_s` after the frame before."""
        for standing in self.standings:
            if standing.appearance.look is not None:
                self._places.watch(standing, tracks, frame, passed_s)
        now_s = frame.media_s
        self.standings = [one.without_looks() if _looks_in_vain(one, now_s) else one for one in self.standings]

    def take_back(self, sightings: Sequence[Sighting], frame: Frame) -> list[Standing]:
        """Those whose thing turns out never to have left: they are past no longer, and open again."""
        back = [one for one in self.standings if self._never_left(one, sightings, frame)]
        self.standings = [one for one in self.standings if one not in back]
        for one in back:
            one.reopen(frame.media_s)
        return back

    def _never_left(self, standing: Standing, sightings: Sequence[Sighting], frame: Frame) -> bool:
        cleared = standing.incident.cleared
        if cleared is None or frame.media_s - cleared.media_s > _REOPEN_S:
            return False
        fitting = any(
            one.violation.id == standing.incident.violation.id and standing.fits(one.box) > 0 for one in sightings
        )
        likeness = self._places.likeness(standing, frame) if fitting else None
        return likeness is not None and likeness >= SAME_LOOK


def _gave_way(one: Standing, standing: Standing) -> bool:
    cleared = one.incident.cleared
    if cleared is None or standing.incident.first_seen.media_s < cleared.media_s or one.appearance.look is None:
        return False
    is_same_place = one.fits(standing.place) > 0 and standing.fits(one.place) > 0
    return is_same_place and one.incident.violation.id == standing.incident.violation.id


def _looks_in_vain(standing: Standing, now_s: float) -> bool:
    """Whether nobody will compare its looks any more."""
    cleared = standing.incident.cleared
    is_too_old = cleared is None or cleared.media_s < now_s - _REOPEN_S
    return standing.appearance.look is not None and (is_too_old or standing.absence.was_empty)
