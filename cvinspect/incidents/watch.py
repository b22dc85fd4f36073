"""What a frame says of a place in which nothing was sighted: still there, hidden, or empty."""

from collections.abc import Iterable, Sequence
from enum import Enum, auto

from cvinspect.domain import Frame, Moment, Sighting, Track
from cvinspect.geometry import Box, covered_share, iou
from cvinspect.incidents import Look, LookMatcher
from cvinspect.incidents.absence import EMPTY_FRAMES
from cvinspect.incidents.backdrop import Backdrop
from cvinspect.incidents.look import OTHER_LOOK, SAME_LOOK, SIMILAR_LOOK
from cvinspect.incidents.members import Member
from cvinspect.incidents.merge import has_left, place_fit
from cvinspect.incidents.standing import Standing

_HIDING_SHARE = 0.3
"""A place of which this much lies behind something else cannot be called empty."""

_REPLACED_IOU = 0.5

_HIDER_S = 10.0
"""A detector misses a bus, too, for some seconds: what looks as it did behind the bus is still behind it."""

_LEAVING_SHARE = 0.1
"""Half of what makes a still thing a moving one: a car has gone so far 0.7 s after it pulls off."""

_COMPANION_IOU = 0.5
"""What stood there beside the thing already, such as the bin beside the bags, hides nothing."""


class PlaceState(Enum):
    """What can be said of a place."""

    DETECTED = auto()
    """Something that fits was detected, though it did not count as still."""
    HIDDEN = auto()
    """Something else is in front."""
    UNCHANGED = auto()
    """Nothing was detected, but the place looks the same."""
    EMPTY = auto()
    """Nothing was detected and the place looks different, or nothing can be said of its look."""

    @property
    def is_there(self) -> bool:
        """Whether its thing is seen there."""
        return self in (PlaceState.DETECTED, PlaceState.UNCHANGED)


class PlaceWatch:
    """Compares how standings' places look with how they looked before."""

    def __init__(self, matcher: LookMatcher) -> None:
        self._matcher = matcher
        self.backdrop = Backdrop(matcher)

    def likeness(self, standing: Standing, frame: Frame) -> float | None:
        """How much the place looks as it did with the thing in it; None where nothing can be told."""
        return self._likeness_to(standing.appearance.look, standing, frame)

    def see(self, standing: Standing, sightings: list[Sighting], tracks: Sequence[Track], frame: Frame) -> None:
        """Its things were sighted in this frame: take in what was seen, and how the place looks with them in it."""
        moment = Moment(frame.media_s, frame.captured_at)
        now = self._now(standing, frame)
        before = standing.appearance.look
        likeness = None if before is None or now is None else self._matcher.likeness(before, now)
        passed_s = moment.media_s - standing.incident.last_seen.media_s
        standing.see(sightings, moment, likeness=likeness)
        if standing.is_plain or not any(hides(track, standing) for track in tracks):
            standing.appearance.count(likeness, frame.media_s)
        if standing.is_plain:  # else somebody is stepping in front: that is no companion
            standing.companions = companions(standing.place, tracks, standing.tracks)
        if standing.has_shifted:
            look = self._matcher.look(frame.pixels, standing.place)
            standing.look_anew(look, self._bare(standing, look))
        elif standing.is_plain or now is None:
            standing.appearance.remember(now, passed_s=passed_s)
        elif any(hides(track, standing) for track in tracks):
            standing.appearance.hide(now, frame.media_s)
        else:
            standing.wonder(now, moment, as_before=self._is_similar)

    def watch(
        self,
        standing: Standing,
        tracks: Sequence[Track],
        frame: Frame,
        passed_s: float,
        *,
        unlooked_s: float | None = None,
    ) -> PlaceState:
        """Nothing was sighted in its place in this frame, `passed_s` after the one before: say what is there.

        `unlooked_s`: the careful network looked at it, too, so long after its last look; None: it did not. What only
        that one sees is missed from look to look, not from frame to frame.
        """
        waited_s = (unlooked_s or 0.0) if standing.testimony.carries else passed_s
        likeness = self.likeness(standing, frame)
        state = self._state(standing, tracks, frame, likeness)
        if state is PlaceState.EMPTY and likeness is None and standing.testimony.carries and unlooked_s is None:
            state = PlaceState.HIDDEN  # neither its look nor who could see it says anything
        match state:
            case PlaceState.DETECTED:
                standing.appearance.count(likeness, frame.media_s)
                standing.presence.detected(max(passed_s, waited_s))
            case PlaceState.UNCHANGED:
                standing.appearance.count(likeness, frame.media_s)
                standing.presence.unchanged(waited_s)
            case PlaceState.EMPTY:
                emptied_s = passed_s if likeness is not None else waited_s
                standing.appearance.count(likeness, frame.media_s)
                standing.seen_empty(emptied_s, has_left=self._has_left(standing, frame, likeness))
            case PlaceState.HIDDEN:
                standing.absence.hide(passed_s)
                if any(_passes_through(track, standing) for track in tracks):
                    standing.appearance.count(likeness, frame.media_s)
                if any(hides(track, standing) for track in tracks):
                    standing.appearance.hide(self._now(standing, frame), frame.media_s)
        return state

    def see_members(self, standing: Standing, tracks: Sequence[Track], frame: Frame, passed_s: float) -> None:
        """Which things of a group are there in this frame: sighted, detected, hidden, looking as before; or gone."""
        for number, one in standing.members.by_track.items():
            if one.seen.media_s == frame.media_s:
                one.find(self._matcher.look(frame.pixels, one.place))
            elif any(_fits_member(track, standing, one) for track in tracks) or self.is_back(one, frame):
                one.is_there()
            elif one.look is not None and not any(_covers(track, number, one.place) for track in tracks):
                one.is_missing(passed_s)

    def is_back(self, member: Member, frame: Frame) -> bool:
        """Whether the place of one thing of a group looks as it did with it."""
        now = None if member.look is None else self._matcher.look(frame.pixels, member.view)
        return member.look is not None and now is not None and self._matcher.likeness(member.look, now) >= SAME_LOOK

    def _state(self, standing: Standing, tracks: Sequence[Track], frame: Frame, likeness: float | None) -> PlaceState:
        """The state of a place of which no sighting came in this frame."""
        fitting = [track for track in tracks if _may_be(track, standing)]
        if fitting and (likeness is None or (likeness >= SIMILAR_LOOK and not is_another(standing, likeness))):
            return PlaceState.DETECTED
        is_other = likeness is not None and is_another(standing, likeness)
        if is_other and any(_replaces(track, standing) for track in fitting):
            return PlaceState.EMPTY
        if any(hides(track, standing) for track in tracks):
            return PlaceState.HIDDEN
        if likeness is not None and likeness >= SAME_LOOK:
            return PlaceState.UNCHANGED
        return PlaceState.HIDDEN if self._is_still_hidden(standing, frame) else PlaceState.EMPTY

    def _has_left(self, standing: Standing, frame: Frame, likeness: float | None) -> bool:
        """Whether a place that looks otherwise looks empty, not as if something undetected stood in front of it."""
        if likeness is None:
            return True
        if likeness >= SIMILAR_LOOK:
            return False
        as_bare = self._likeness_to(standing.appearance.bare, standing, frame)
        return as_bare is None or as_bare >= SIMILAR_LOOK

    def _bare(self, standing: Standing, look: Look | None) -> Look | None:
        """How its place looked before its thing came, where that can be told from how it looks now."""
        bare = self.backdrop.before(standing.place, standing.incident.first_seen.media_s)
        return None if bare is None or look is None or self._is_similar(bare, look) else bare

    def _is_still_hidden(self, standing: Standing, frame: Frame) -> bool:
        """Whether the place looks as it just did with something in front, which the detector missed this time."""
        hidden = standing.appearance.hidden
        if hidden is None or frame.media_s - hidden[0] > _HIDER_S:
            return False
        likeness = self._likeness_to(hidden[1], standing, frame)
        return likeness is not None and likeness >= SAME_LOOK

    def _likeness_to(self, look: Look | None, standing: Standing, frame: Frame) -> float | None:
        now = None if look is None else self._now(standing, frame)
        return None if look is None or now is None else self._matcher.likeness(look, now)

    def _now(self, standing: Standing, frame: Frame) -> Look | None:
        return self._matcher.look(frame.pixels, standing.appearance.view)

    def _is_similar(self, before: Look, now: Look) -> bool:
        return self._matcher.likeness(before, now) >= SIMILAR_LOOK


def is_another(standing: Standing, likeness: float) -> bool:
    """Whether what is detected in the place is another thing.

    Two cars in one bay look alike by up to 0.5, seldom by more. Where the place was seen empty in between, what has
    come must look as the one before did to be it; where it was not, somebody in front may have changed the look.
    """
    return likeness < (SAME_LOOK if standing.presence.empty_frames >= EMPTY_FRAMES else OTHER_LOOK)


def companions(place: Box, tracks: Iterable[Track], own: set[int]) -> tuple[Box, ...]:
    """The other things that lie over a place while its own thing is in sight."""
    return tuple(
        track.box for track in tracks if track.id not in own and covered_share(place, track.box) >= _HIDING_SHARE
    )


def is_leaving(standing: Standing, tracks: Iterable[Track]) -> bool:
    """Whether one of its things is a little off its place now, though it counts as still while boxes are smoothed."""
    own = [(track.id, track.box) for track in tracks if track.id in standing.places]
    return any(has_left(box, standing.places[track], _LEAVING_SHARE) for track, box in own)


def _may_be(track: Track, standing: Standing) -> bool:
    """A track of a fitting label in the place; the standing's own thing on its way out is none."""
    leaving = track.id in standing.tracks and track.rest_since_s is None
    return track.label in standing.incident.violation.labels and not leaving and standing.fits(track.box) > 0


def _replaces(track: Track, standing: Standing) -> bool:
    """Another thing rests where this one was: nothing is in front, so this one is gone."""
    return track.rest_since_s is not None and iou(track.smoothed, standing.place) >= _REPLACED_IOU


def _fits_member(track: Track, standing: Standing, member: Member) -> bool:
    """Whether something of its kind is detected where it is."""
    return track.label in standing.incident.violation.labels and place_fit(track.box, member.place) > 0


def _covers(track: Track, number: int, place: Box) -> bool:
    """Whether another thing lies over so much of a place that nothing can be said of it."""
    return track.id != number and covered_share(place, track.box) >= _HIDING_SHARE


def _passes_through(track: Track, standing: Standing) -> bool:
    """Whether another thing of its kind is on its way right where it is said to be."""
    is_another_one = track.id not in standing.tracks and track.rest_since_s is None
    fits = track.label in standing.incident.violation.labels and iou(track.box, standing.place) >= _REPLACED_IOU
    return is_another_one and fits


def hides(track: Track, standing: Standing) -> bool:
    """Whether the track is another thing, in front of the standing's place."""
    if track.id in standing.tracks or covered_share(standing.place, track.box) < _HIDING_SHARE:
        return False  # its own thing, moved on, hides nothing
    return not any(iou(track.box, companion) >= _COMPANION_IOU for companion in standing.companions)
