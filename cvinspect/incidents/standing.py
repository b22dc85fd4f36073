"""One violation under watch: from the first still sight of a thing to the empty place."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from cvinspect.domain import CarefulLook, Detection, Incident, Moment, Reason, SeenObject, Sighting, Stage, Status
from cvinspect.geometry import Box
from cvinspect.incidents import Look
from cvinspect.incidents.absence import Absence
from cvinspect.incidents.appearance import Appearance
from cvinspect.incidents.identity import first_seen
from cvinspect.incidents.look import SIMILAR_LOOK, UNMOVED_LOOK
from cvinspect.incidents.members import Members
from cvinspect.incidents.presence import Presence
from cvinspect.incidents.rest import Rest, arrival
from cvinspect.incidents.testimony import Testimony, is_attended

_OFTEN, _OFTEN_S = 3, 3600.0
"""What is cleared and reopened so often in so many seconds stands, and says how often."""

_TRACKS = 200
"""More than the pieces of any heap and whatever lies over it."""


@dataclass(slots=True, eq=False)
class Standing:
    """What the ledger knows of one violation; `incident` is the part of it that leaves the house."""

    incident: Incident
    appearance: Appearance
    members: Members
    rest: Rest
    told_until_s: float
    """`last_seen` as of the last revision, media seconds."""
    tracks: set[int] = field(default_factory=set)
    announced: bool = False
    """Whether anything of it has left the house."""
    pictured_again: bool = False
    """Whether the second picture has been asked for."""
    companions: tuple[Box, ...] = ()
    """Other things that lay over the place when it was last sighted."""
    is_plain: bool = False
    """Whether it was last sighted looking as before."""
    presence: Presence = field(default_factory=Presence)
    absence: Absence = field(default_factory=Absence)
    """Since it was last sighted."""
    is_over: bool = False
    """Whether nothing is left of it, whatever has come to its place since."""
    reopened_s: list[float] = field(default_factory=list)
    """When it was reopened last, media seconds."""
    testimony: Testimony = field(default_factory=Testimony)
    doubtful_s: float = 0.0
    """Unseen seconds that count once its place looks as before again: what was there after them looked otherwise."""

    @classmethod
    def begin(cls, camera: str, sighting: Sighting, moment: Moment, *, source: str | None) -> "Standing":
        """A candidate, from the first still sight of a thing."""
        incident = first_seen(camera, sighting, moment, source)
        return cls(
            incident,
            Appearance(sighting.box),
            members=Members.of({sighting.track: sighting.box}, sighting.rest_since, moment),
            rest=Rest.begin(sighting),
            told_until_s=moment.media_s,
        )

    @property
    def places(self) -> dict[int, Box]:
        """Where each of its things is, by track."""
        return self.members.places

    @property
    def place(self) -> Box:
        """What all its things cover together, smoothed over time."""
        return self.members.place

    @property
    def is_confirmed(self) -> bool:
        """Whether it has become a violation."""
        return self.incident.stage is Stage.VIOLATION

    @property
    def is_credible(self) -> bool:
        """Whether it was surely detected often enough in the frames in which it could have been, by either network."""
        seen_share, lasts = self.incident.violation.seen_share, self.incident.dwell_s > 0
        by_quick = self.presence.is_credible(seen_share=seen_share, lasts=lasts)
        return by_quick or self.testimony.is_sure_alone(lasts=lasts)

    @property
    def is_proven(self) -> bool:
        """Whether it was surely detected, and one and the same thing all the time as far as its looks tell."""
        is_one_thing = self.appearance.is_of_one_thing(self.incident.violation.dwell_s)
        return self.is_credible and is_one_thing and not self.members.has_vacant

    def stayed(self, since: Moment, until: Moment) -> None:
        """It has been found out when its thing came and went; it was in its place until then."""
        objects = self.incident.objects
        if len(objects) == 1:  # it may have been sighted last as it pulled off
            objects = (replace(objects[0], box=self.rest.home),)
        self.incident = replace(
            self.incident, first_seen=since, last_seen=until, objects=objects, unseen_s=0.0, uncounted_s=0.0
        )
        self.rest.latest_arrival_s = since.media_s

    def fits(self, box: Box) -> float:
        """How well a box fits the place of any of its things, in [0, 1]."""
        return self.members.fits(box)

    def see(self, sightings: list[Sighting], moment: Moment, *, likeness: float | None) -> None:
        """Its things were sighted in this frame; `likeness`: how much the place looks as it did with them in it.

        What is sighted but looks otherwise may be the next car in the same queue: it proves nothing of this one.
        What looks the same has not moved, however its boxes jitter.
        """
        alike = likeness is None or likeness >= SIMILAR_LOOK
        if not self.is_confirmed:
            self.rest_from(self.rest.corrected(sightings, self.incident.first_seen))
            if self.presence.exempt_s > self.incident.violation.gap_s:
                self._begin_again(moment)
            elif self.absence.begins_anew is not None:
                self._begin_again(arrival(sightings, self.absence.begins_anew))
        since = self.incident.first_seen
        if not self.is_confirmed and (self.rest.has_crept or likeness is None or likeness < UNMOVED_LOOK):
            places = list(self.places.values())
            self.rest_from(self.rest.moved(sightings, places, since=since, now=moment, is_blind=likeness is None))
        else:
            self.rest.bear_out(sightings, since=since, now=moment)
        passed_s = moment.media_s - self.incident.last_seen.media_s
        for sighting in sightings:
            self.members.put(sighting, moment, passed_s=passed_s, is_settled=self.is_confirmed)
        self.members.drop_unseen(moment, gap_s=self.incident.violation.gap_s)
        self.rest.settle(self.place, since=self.incident.first_seen, now=moment)
        objects = {item.track: item for item in self.incident.objects if item.track in self.members.present}
        for one in sightings:
            objects[one.track] = SeenObject(one.label, one.confidence, one.box, one.track)
        self.incident = replace(
            self.incident,
            objects=tuple(objects.values()),
            confidence=max(self.incident.confidence, *(one.confidence for one in sightings)),
            quick=max([self.incident.quick, *(one.confidence for one in sightings if not one.by_careful)]),
            last_seen=moment,
        )
        self.testimony.carries = all(one.by_careful for one in sightings)
        self._remember_tracks({one.track for one in sightings})
        self._account(alike=alike)
        self.is_plain = alike
        self.presence.sighted(sure=alike and any(one.sure and not one.by_careful for one in sightings))

    @property
    def everywhere(self) -> list[Box]:
        """Its place, and those of its parts."""
        return [self.place, *self.places.values()]

    def hear(self, look: CarefulLook, seen: Detection | None) -> None:
        """Its place was in sight when the careful network looked, and this was there."""
        violation = self.incident.violation
        confidence = 0.0 if seen is None else seen.confidence
        self.incident = replace(self.incident, careful=max(self.incident.careful, confidence))
        if self.is_confirmed:
            return
        is_it = seen is not None and not is_attended(look, violation, seen.box)
        agreed = seen is not None and is_it and confidence >= look.agrees_from.get(seen.label, 1.0)
        sure = seen is not None and is_it and confidence >= look.sure_from.get(seen.label, 1.0)
        self.testimony.hear(agreed=agreed, sure=sure, dwell_s=self.incident.dwell_s)

    def _remember_tracks(self, new: set[int]) -> None:
        """Track numbers rise, and none that has ended comes back: of a thing that stands for weeks the last will do."""
        self.tracks |= new
        if len(self.tracks) > 2 * _TRACKS:
            self.tracks = {*sorted(self.tracks)[-_TRACKS:], *new}  # the two networks number theirs apart
            self.rest.keep_tracks(self.tracks)

    def seen_empty(self, passed_s: float, *, has_left: bool) -> None:
        """Nothing was detected and the place looks otherwise; `has_left`: and not as if something stood in front."""
        self.presence.empty(passed_s)
        if has_left:
            self.absence.empty(passed_s, row=self.presence.empty_frames)
        else:
            self.absence.hide(passed_s)

    def reopen(self, at_s: float) -> None:
        """It was called cleared, and has never left."""
        self.reopened_s = [*self.reopened_s, at_s][-_OFTEN:]
        self.incident = replace(
            self.incident,
            status=Status.OPEN,
            cleared=None,
            reason=Reason.NEVER_LEFT,
            reopenings=self.incident.reopenings + 1,
        )
        self.presence.detected()

    def is_restless(self, at_s: float) -> bool:
        """Whether it was reopened so often of late that only a place seen empty clears it."""
        return len(self.reopened_s) == _OFTEN and at_s - self.reopened_s[0] <= _OFTEN_S

    def forget_tracks(self) -> None:
        """Another run begins: its track numbers mean other things."""
        aliases = self.members.forget_tracks()
        objects = tuple(replace(one, track=aliases.get(one.track, 0)) for one in self.incident.objects)
        self.incident = replace(self.incident, objects=objects)
        self.tracks = set()
        self.rest.forget_tracks()

    def move(self, dx: float, dy: float) -> None:
        """The camera was knocked askew: everything lies so many pixels further right and down."""
        self.members.move(dx, dy)
        self.companions = tuple(box.moved(dx, dy) for box in self.companions)
        self.rest.move(dx, dy)
        self.appearance.move(dx, dy)

    def scale(self, across: float, down: float) -> None:
        """The picture has another size: everything is so many times as wide and as high."""
        self.members.scale(across, down)
        self.companions = tuple(box.scaled(across, down) for box in self.companions)
        self.rest.scale(across, down)
        self.appearance.scale(across, down)
        objects = tuple(replace(one, box=one.box.scaled(across, down)) for one in self.incident.objects)
        self.incident = replace(self.incident, objects=objects)

    def without_looks(self) -> "Standing":
        """A copy that remembers where it was, not what it looked like nor how it was followed."""
        bare, rest = Appearance(self.appearance.view), replace(self.rest, arrived_by_s={})
        members = self.members.without_looks()
        return replace(self, appearance=bare, rest=rest, members=members, tracks=set(), companions=())

    def take_over(self, other: "Standing") -> None:
        """The other standing turned out to be this one."""
        self.tracks |= other.tracks
        if self.incident.violation.reach > 0:
            self.members.join(other.members)
        if other.incident.last_seen.media_s > self.incident.last_seen.media_s:
            self._account(alike=True)
        last = max(self.incident.last_seen, other.incident.last_seen, key=lambda moment: moment.media_s)
        best = {
            key: max(getattr(self.incident, key), getattr(other.incident, key))
            for key in ("confidence", "quick", "careful")
        }
        self.incident = replace(self.incident, last_seen=last, **best)

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

    def look_anew(self, look: Look | None, bare: Look | None) -> None:
        """Take the look of the place as it is now; `bare`: as it was before its thing came."""
        self.appearance.take(look, self.place, bare)
        self.rest.creep(self.place, can_creep=not self.is_confirmed and len(self.members.by_track) == 1)

    def wonder(self, look: Look, moment: Moment, *, as_before: Callable[[Look, Look], bool]) -> None:
        """The place looks otherwise; what stays in a candidate's place has only been there since then."""
        since = self.appearance.wonder(look, moment, as_before=as_before)
        if since is not None:
            self.doubtful_s = 0.0
            if not self.is_confirmed:
                self._begin_again(since)

    def _begin_again(self, moment: Moment) -> None:
        self.appearance.begin_again()
        self.rest_from(moment)
        self.presence.begin_again()

    def rest_from(self, moment: Moment | None) -> None:
        """Its dwell begins then; None: it goes on."""
        if moment is not None:
            self.incident = replace(self.incident, first_seen=moment, unseen_s=0.0, uncounted_s=0.0)
            self.absence, self.doubtful_s = self.absence.since(moment), 0.0
            self.rest.restart(self.place)
            self.testimony.begin_again()

    def _account(self, *, alike: bool) -> None:
        """Its thing is there again: what passed since it was last sighted counts, or not.

        What nobody saw counts only if the same thing is there after it.
        """
        gone, unseen_s = self.absence, self.absence.unseen_s
        self.absence = Absence()
        credited_s = unseen_s + self.doubtful_s if alike else 0.0
        self.doubtful_s = 0.0 if alike else self.doubtful_s + unseen_s
        self.incident = replace(
            self.incident,
            unseen_s=self.incident.unseen_s + credited_s,
            uncounted_s=max(0.0, self.incident.uncounted_s + gone.uncounted_s + unseen_s - credited_s),
        )
