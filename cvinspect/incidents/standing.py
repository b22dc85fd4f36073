"""One violation under watch: from the first still sight of a thing to the empty place."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from cvinspect.domain import Incident, Moment, SeenObject, Sighting, Stage, Status
from cvinspect.geometry import Box, bounding
from cvinspect.incidents import Look
from cvinspect.incidents.appearance import Appearance
from cvinspect.incidents.identity import incident_id
from cvinspect.incidents.look import SIMILAR_LOOK, UNMOVED_LOOK
from cvinspect.incidents.merge import blend, is_part, place_fit
from cvinspect.incidents.rest import Rest, unsettled_s

_PLACE_S = 2.0
"""Time constant with which a candidate's place follows its boxes: jitter averages out."""

_CONFIRMED_PLACE_S = 20.0
"""The same for a violation, which a thing that creeps off leaves, and for a box that somebody in front cuts down."""

_LEAST_SURE_FRAMES = 2
"""What lasts was surely detected more than once."""

_TRACKS = 200
"""More than the pieces of any heap and whatever lies over it."""


@dataclass(slots=True, eq=False)
class Standing:
    """What the ledger knows of one violation; `incident` is the part of it that leaves the house."""

    incident: Incident
    appearance: Appearance
    places: dict[int, Box]
    """Where each of its things is, by track."""
    rest: Rest
    told_until_s: float
    """`last_seen` as of the last revision, media seconds."""
    tracks: set[int] = field(default_factory=set)
    seen_s: dict[int, float] = field(default_factory=dict)
    """When each of its things was last sighted, by track."""
    announced: bool = False
    """Whether anything of it has left the house."""
    pictured_again: bool = False
    """Whether the second picture has been asked for."""
    companions: tuple[Box, ...] = ()
    """Other things that lay over the place when it was last sighted."""
    is_plain: bool = False
    """Whether it was last sighted looking as before."""
    sure_frames: int = 0
    observable_frames: int = 0
    exempt_s: float = 0.0
    """How long it was detected without being sighted: no rule held, or its rider was there."""
    unseen_s: float = 0.0
    """Observable time since the thing was last detected."""
    empty_s: float = 0.0
    """Observable time since its place was first seen empty; what hides it stops this clock."""
    empty_frames: int = 0

    @classmethod
    def begin(cls, camera: str, sighting: Sighting, moment: Moment, *, source: str | None) -> "Standing":
        """A candidate, from the first still sight of a thing."""
        incident = Incident(
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
        return cls(
            incident,
            Appearance(sighting.box),
            places={sighting.track: sighting.box},
            rest=Rest.begin(sighting),
            told_until_s=moment.media_s,
        )

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

    def stayed(self, since: Moment, until: Moment) -> None:
        """It has been found out when its thing came and went; it was in its place until then."""
        objects = self.incident.objects
        if len(objects) == 1:  # it may have been sighted last as it pulled off
            objects = (replace(objects[0], box=self.rest.home),)
        self.incident = replace(self.incident, first_seen=since, last_seen=until, objects=objects)
        self.rest.latest_arrival_s = since.media_s

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
            self._rest_from(self.rest.corrected(sightings, self.incident.first_seen))
            if self.exempt_s > self.incident.violation.gap_s:
                self._begin_again(moment)
        since = self.incident.first_seen
        if not self.is_confirmed and (self.rest.has_crept or likeness is None or likeness < UNMOVED_LOOK):
            places = list(self.places.values())
            self._rest_from(self.rest.moved(sightings, places, since=since, now=moment, is_blind=likeness is None))
        else:
            self.rest.bear_out(sightings, since=since, now=moment)
        passed_s = moment.media_s - self.incident.last_seen.media_s
        for sighting in sightings:
            self._place(sighting, passed_s)
        self._drop_what_is_gone(moment)
        self.rest.settle(self.place, since=self.incident.first_seen, now=moment)
        objects = {item.track: item for item in self.incident.objects if item.track in self.places}
        for one in sightings:
            objects[one.track] = SeenObject(one.label, one.confidence, one.box, one.track)
        self.incident = replace(
            self.incident,
            objects=tuple(objects.values()),
            confidence=max(self.incident.confidence, *(one.confidence for one in sightings)),
            last_seen=moment,
        )
        self._remember_tracks({one.track for one in sightings})
        self.is_plain = alike
        self.sure_frames += alike and any(one.sure for one in sightings)
        self.detected()
        self.exempt_s = 0.0

    def _remember_tracks(self, new: set[int]) -> None:
        """Track numbers rise, and none that has ended comes back: of a thing that stands for weeks the last will do."""
        self.tracks |= new
        if len(self.tracks) > 2 * _TRACKS:
            self.tracks = set(sorted(self.tracks)[-_TRACKS:])
            self.rest.keep_tracks(self.tracks)

    def detected(self, passed_s: float = 0.0) -> None:
        """Something that fits was detected, still or not: the place is not empty."""
        self.exempt_s += passed_s
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
        self.seen_s = {aliases[track]: seen_s for track, seen_s in self.seen_s.items() if track in aliases}
        objects = tuple(replace(one, track=aliases.get(one.track, 0)) for one in self.incident.objects)
        self.incident = replace(self.incident, objects=objects)
        self.tracks = set()
        self.rest.forget_tracks()

    def move(self, dx: float, dy: float) -> None:
        """The camera was knocked askew: everything lies so many pixels further right and down."""
        self.places = {track: place.moved(dx, dy) for track, place in self.places.items()}
        self.companions = tuple(box.moved(dx, dy) for box in self.companions)
        self.rest.move(dx, dy)
        self.appearance.move(dx, dy)

    def scale(self, across: float, down: float) -> None:
        """The picture has another size: everything is so many times as wide and as high."""
        self.places = {track: place.scaled(across, down) for track, place in self.places.items()}
        self.companions = tuple(box.scaled(across, down) for box in self.companions)
        self.rest.scale(across, down)
        self.appearance.scale(across, down)
        objects = tuple(replace(one, box=one.box.scaled(across, down)) for one in self.incident.objects)
        self.incident = replace(self.incident, objects=objects)

    def without_looks(self) -> "Standing":
        """A copy that remembers where it was, not what it looked like nor how it was followed."""
        bare, rest = Appearance(self.appearance.view), replace(self.rest, arrived_by_s={})
        return replace(self, appearance=bare, rest=rest, tracks=set(), seen_s={}, companions=())

    def lose_sight(self, away_s: float) -> None:
        """Nothing was seen of the street for so long: a candidate has its dwell anew if that outlasts its grace."""
        self.exempt_s += unsettled_s(away_s)

    def take_over(self, other: "Standing") -> None:
        """The other standing turned out to be this one."""
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
        """Whether its look is to be taken anew: a candidate settled, or another thing joined."""
        follows = not self.is_confirmed or self.incident.violation.reach > 0
        return self.appearance.look is None or (follows and not self.appearance.shows(self.place))

    def look_anew(self, look: Look | None) -> None:
        """Take the look of the place as it is now."""
        self.appearance.take(look, self.place)
        self.rest.creep(self.place, can_creep=not self.is_confirmed and len(self.places) == 1)

    def wonder(self, look: Look, moment: Moment, *, as_before: Callable[[Look, Look], bool]) -> None:
        """The place looks otherwise; what stays in a candidate's place has only been there since then."""
        since = self.appearance.wonder(look, moment, as_before=as_before)
        if since is not None and not self.is_confirmed:
            self._begin_again(since)

    def _begin_again(self, moment: Moment) -> None:
        self._rest_from(moment)
        self.sure_frames = self.observable_frames = 0

    def _rest_from(self, moment: Moment | None) -> None:
        if moment is not None:
            self.incident = replace(self.incident, first_seen=moment)
            self.rest.restart(self.place)

    def _drop_what_is_gone(self, moment: Moment) -> None:
        """A piece of a heap that was not sighted for the grace, while others were, belongs to it no longer."""
        oldest_s = moment.media_s - self.incident.violation.gap_s
        self.seen_s = {track: self.seen_s.get(track, moment.media_s) for track in self.places}
        self.places = {track: place for track, place in self.places.items() if self.seen_s[track] >= oldest_s}

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
        self.seen_s[sighting.track] = passed_s + self.incident.last_seen.media_s
        self.places[sighting.track] = blend(before, sighting.box, follow)


def _share(passed_s: float, constant_s: float) -> float:
    """Weight of the new in an exponential average with that time constant, in [0, 1)."""
    return 1 - math.exp(-passed_s / constant_s)
