"""One violation under watch: from the first still sight of a thing to the empty place."""

import math
from collections.abc import Callable
from dataclasses import replace

from cvinspect.domain import Incident, Moment, SeenObject, Sighting, Stage, Status
from cvinspect.geometry import Box, bounding, iou
from cvinspect.incidents import Look
from cvinspect.incidents.identity import incident_id
from cvinspect.incidents.look import SIMILAR_LOOK, UNMOVED_LOOK
from cvinspect.incidents.merge import has_left, is_part, place_fit

_PLACE_S = 2.0
"""Time constant with which a candidate's place follows its boxes: jitter averages out."""

_CONFIRMED_PLACE_S = 20.0
"""The same for a violation, which a thing that creeps off leaves, and for a box that somebody in front cuts down."""

_LOOK_S = 20.0
"""The same for its look: dusk is followed, a passer-by or a slow departure is not."""

_LEAST_SURE_FRAMES = 2
"""What lasts was surely detected more than once."""

_SAME_VIEW_IOU = 0.8
"""A place that changed by more than this is looked at anew: another thing has joined."""

_SETTLING_S = 5.0
"""A thing that was found again under another track is new to the tracker: its rest begins then, and is corrected for
some seconds, without its having moved."""

_LAST_METRE_S = 1.5
"""So much later a tracker may find that braking ended; what is more is a move, which the look must bear out."""

_NEW_THING_S = 10.0
"""A passer-by or a car that turns is gone again by then."""


class Case:
    """What the ledger knows of one violation; `incident` is the part of it that leaves the house."""

    def __init__(self, camera: str, sighting: Sighting, moment: Moment, *, source: str | None) -> None:
        self.incident = Incident(
            id=incident_id(camera, sighting, source),
            revision=0,
            camera=camera,
            violation=sighting.violation,
            zone=sighting.zone,
            stage=Stage.PRE_ALARM,
            status=Status.OPEN,
            objects=(),
            confidence=0.0,
            first_seen=sighting.rest_since,
            last_seen=moment,
        )
        self.announced = False
        """Whether anything of it has left the house."""
        self.pictured_again = False
        """Whether the second picture has been asked for."""
        self.told_until_s = moment.media_s
        """`last_seen` as of the last revision, media seconds."""
        self.tracks: set[int] = set()
        self._seen_s: dict[int, float] = {}
        """When each of its things was last sighted, by track."""
        self._founder: int | None = sighting.track
        self._latest_arrival_s = sighting.rest_since.media_s + _LAST_METRE_S
        self._arrived_by_s = {sighting.track: sighting.rest_since.media_s}
        """By when each of its tracks was at rest here: a rest that begins later is a move."""
        self.places: dict[int, Box] = {sighting.track: sighting.box}
        """Where each of its things is, by track."""
        self.companions: tuple[Box, ...] = ()
        """Other things that lay over the place when it was last sighted."""
        self.look: Look | None = None
        self._strange: tuple[Look, Moment] | None = None
        """A look that did not fit, and since when: waiting to be confirmed or forgotten."""
        self.view = sighting.box
        """The part of the picture that `look` shows; it stays where it was taken."""
        self._has_crept = False
        """Whether its look was taken anew because it had moved on: then looks prove nothing."""
        self._home = sighting.box
        """Where it was when its rest began, as far as the first seconds tell."""
        self.hidden: tuple[float, Look] | None = None
        """When something was last seen in front of it, media seconds, and how the place looked then."""
        self.is_plain = False
        """Whether it was last sighted looking as before."""
        self.sure_frames = 0
        self.observable_frames = 0
        self._exempt_s = 0.0
        """How long it was detected without being sighted: no rule held, or its rider was there."""
        self.unseen_s = 0.0
        """Observable time since the thing was last detected."""
        self.empty_s = 0.0
        """Observable time since its place was first seen empty; what hides it stops this clock."""
        self.empty_frames = 0

    @property
    def place(self) -> Box:
        """What all its things cover together, smoothed over time."""
        return bounding(list(self.places.values()))

    @property
    def is_confirmed(self) -> bool:
        """Whether it has become a violation."""
        return self.incident.stage is Stage.VIOLATION

    @property
    def is_credible(self) -> bool:
        """Whether it was surely detected often enough in the frames in which it could have been."""
        least = _LEAST_SURE_FRAMES if self.incident.dwell_s > 0 else 1
        return self.sure_frames >= max(least, self.incident.violation.seen_share * self.observable_frames)

    def fits(self, box: Box) -> float:
        """How well a box fits the place of any of its things, in [0, 1]."""
        return max((place_fit(box, place) for place in self.places.values()), default=0.0)

    def see(self, sightings: list[Sighting], moment: Moment, *, likeness: float | None) -> None:
        """Its things were sighted in this frame; `likeness`: how much the place looks as it did with them in it.

        What is sighted but looks otherwise may be the next car in the same queue: it proves nothing of this one.
        What looks the same has not moved, however its boxes jitter.
        """
        alike = likeness is None or likeness >= SIMILAR_LOOK
        if not self.is_confirmed:
            self._correct_arrival(sightings)
            if self._exempt_s > self.incident.violation.gap_s:
                self._begin_again(moment)
        if not self.is_confirmed and (self._has_crept or likeness is None or likeness < UNMOVED_LOOK):
            self._restart_if_moved(sightings, moment)
        elif moment.media_s - self.incident.first_seen.media_s > _SETTLING_S:  # until now, it has not moved
            self._arrived_by_s |= {one.track: moment.media_s for one in sightings}
        passed_s = moment.media_s - self.incident.last_seen.media_s
        for sighting in sightings:
            self._place(sighting, passed_s)
        self._drop_what_is_gone(moment)
        if moment.media_s - self.incident.first_seen.media_s <= _SETTLING_S:
            self._home = self.place
        objects = {item.track: item for item in self.incident.objects if item.track in self.places}
        for one in sightings:
            objects[one.track] = SeenObject(one.label, one.confidence, one.box, one.track)
        self.incident = replace(
            self.incident,
            objects=tuple(objects.values()),
            confidence=max(self.incident.confidence, *(one.confidence for one in sightings)),
            last_seen=moment,
        )
        self.tracks |= {one.track for one in sightings}
        self.is_plain = alike
        self.sure_frames += alike and any(one.sure for one in sightings)
        self.detected()
        self._exempt_s = 0.0

    def detected(self, passed_s: float = 0.0) -> None:
        """Something that fits was detected, still or not: the place is not empty."""
        self._exempt_s += passed_s
        self.observable_frames += 1
        self.unseen_s = 0.0
        self.empty_s, self.empty_frames = 0.0, 0

    def unseen(self, passed_s: float, *, empty: bool) -> None:
        """The place was observable and nothing was detected; `empty` when it also looks as if the thing is gone."""
        self.observable_frames += 1
        self.unseen_s += passed_s
        if not empty:
            self.empty_s, self.empty_frames = 0.0, 0
            return
        self.empty_s += passed_s if self.empty_frames else 0.0
        self.empty_frames += 1

    def forget_tracks(self) -> None:
        """Another run begins: its track numbers mean other things."""
        aliases = {track: -number for number, track in enumerate(self.places, start=1)}
        self.places = {aliases[track]: place for track, place in self.places.items()}
        self._seen_s = {aliases[track]: seen_s for track, seen_s in self._seen_s.items() if track in aliases}
        objects = tuple(replace(one, track=aliases.get(one.track, 0)) for one in self.incident.objects)
        self.incident = replace(self.incident, objects=objects)
        self.tracks, self._arrived_by_s, self._founder = set(), {}, None

    def move(self, dx: float, dy: float) -> None:
        """The camera was knocked askew: everything lies so many pixels further right and down."""
        self.places = {track: place.moved(dx, dy) for track, place in self.places.items()}
        self.companions = tuple(box.moved(dx, dy) for box in self.companions)
        self.view, self._home = self.view.moved(dx, dy), self._home.moved(dx, dy)
        self._strange = self.hidden = None
        self._arrived_by_s = {}

    def lose_sight(self, away_s: float) -> None:
        """Nothing was seen of the street for so long: a candidate has its dwell anew if that outlasts its grace."""
        self._exempt_s += away_s

    def take_over(self, other: "Case") -> None:
        """The other case turned out to be this one."""
        self.tracks |= other.tracks
        if self.incident.violation.reach > 0:
            self.places |= {track: place for track, place in other.places.items() if track not in self.places}
        last = max(self.incident.last_seen, other.incident.last_seen, key=lambda moment: moment.media_s)
        confidence = max(self.incident.confidence, other.incident.confidence)
        self.incident = replace(self.incident, last_seen=last, confidence=confidence)

    def relate(self, violation_id: str) -> bool:
        """Note a violation that this one takes in; whether that is news."""
        if violation_id in self.incident.related:
            return False
        self.incident = replace(self.incident, related=(*self.incident.related, violation_id))
        return True

    @property
    def has_shifted(self) -> bool:
        """Whether its place is no longer what its look shows: a candidate settled, or another thing joined."""
        follows = not self.is_confirmed or self.incident.violation.reach > 0
        return follows and iou(self.place, self.view) < _SAME_VIEW_IOU

    def look_anew(self, look: Look | None) -> None:
        """Take the look of the place as it is now."""
        has_moved = self.look is not None and not is_part(self.place, self.view)
        self._has_crept = has_moved and not self.is_confirmed and len(self.places) == 1
        self.look, self.view, self._strange = look, self.place, None

    def remember(self, look: Look | None, *, passed_s: float) -> None:
        """Keep in mind how the view looks with the thing in it, `passed_s` after it was last seen."""
        self._strange = None
        if look is not None and self.look is not None:
            share = _share(passed_s, _LOOK_S)
            self.look = (1 - share) * self.look + share * look

    def hide(self, look: Look | None, at_s: float) -> None:
        """Something else is in front at media second `at_s`, and this is how the place looks then."""
        self._strange = None
        self.hidden = None if look is None else (at_s, look)

    def wonder(self, look: Look, moment: Moment, *, as_before: Callable[[Look, Look], bool]) -> None:
        """The place looks otherwise although something is detected in it.

        Somebody who passes in front goes on. A look that stays is another light or, in a candidate, another thing,
        which has only been there since then.
        """
        if self._strange is None or not as_before(self._strange[0], look):
            self._strange = look, moment
            return
        since = self._strange[1]
        if moment.media_s - since.media_s < _NEW_THING_S:
            return
        self.look, self._strange = look, None
        if not self.is_confirmed:
            self._begin_again(since)

    def _begin_again(self, moment: Moment) -> None:
        self._rest_from(moment)
        self.sure_frames = self.observable_frames = 0

    def _rest_from(self, moment: Moment) -> None:
        self.incident = replace(self.incident, first_seen=moment)
        self._home, self._has_crept = self.place, False

    def _correct_arrival(self, sightings: list[Sighting]) -> None:
        """In its first seconds of rest a track learns when it really came to rest."""
        for one in sightings:
            since_s = one.rest_since.media_s
            if one.track == self._founder and self.incident.first_seen.media_s < since_s <= self._latest_arrival_s:
                self._rest_from(one.rest_since)

    def _restart_if_moved(self, sightings: list[Sighting], moment: Moment) -> None:
        """A thing that crept on while it was watched has only rested since then."""
        for one in sightings:
            by_s = self._arrived_by_s.setdefault(one.track, moment.media_s + _SETTLING_S)
            if any(is_part(one.box, place) for place in self.places.values()):
                self._arrived_by_s[one.track] = moment.media_s + _SETTLING_S
            elif len(self.places) == 1 and one.rest_since.media_s > max(by_s, self.incident.first_seen.media_s):
                self._rest_from(one.rest_since)
        if len(self.places) == 1 and has_left(self.place, self._home):
            self._rest_from(moment)

    def _drop_what_is_gone(self, moment: Moment) -> None:
        """A piece of a heap that was not sighted for the grace, while others were, belongs to it no longer."""
        oldest_s = moment.media_s - self.incident.violation.gap_s
        self._seen_s = {track: self._seen_s.get(track, moment.media_s) for track in self.places}
        self.places = {track: place for track, place in self.places.items() if self._seen_s[track] >= oldest_s}

    def _place(self, sighting: Sighting, passed_s: float) -> None:
        """Put a thing in its place; one that came back under another track takes over the old one."""
        old = sighting.track if sighting.track in self.places else None
        if old is None:
            fits = {track: place_fit(sighting.box, place) for track, place in self.places.items()}
            old = max(fits, key=lambda track: fits[track], default=None)
            old = old if old is not None and fits[old] > 0 else None
        before = self.places.pop(old) if old is not None else sighting.box
        is_settled = self.is_confirmed or is_part(sighting.box, before)
        follow = _share(passed_s, _CONFIRMED_PLACE_S if is_settled else _PLACE_S)
        self._seen_s[sighting.track] = passed_s + self.incident.last_seen.media_s
        self.places[sighting.track] = _blend(before, sighting.box, follow)


def _blend(before: Box, after: Box, share: float) -> Box:
    mixed = ((1 - share) * b + share * a for b, a in zip(before.xyxy, after.xyxy, strict=True))
    return Box(*mixed)


def _share(passed_s: float, constant_s: float) -> float:
    """Weight of the new in an exponential average with that time constant, in [0, 1)."""
    return 1 - math.exp(-passed_s / constant_s)
