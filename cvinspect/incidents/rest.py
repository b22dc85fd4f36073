"""Since when a thing rests where it is: its first seconds correct that, and what crept on has it anew."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from cvinspect.domain import Moment, Sighting
from cvinspect.geometry import Box
from cvinspect.incidents.merge import has_left, is_as_placed, is_part

_SETTLING_S = 5.0
"""A thing that was found again under another track is new to the tracker: its rest begins then, and is corrected for
some seconds, without its having moved."""

_LAST_METRE_S = 1.5
"""So much later a tracker may find that braking ended; what is more is a move, which the look must bear out."""


@dataclass(slots=True, eq=False)
class Rest:
    """What tells whether a thing still rests where it came to rest; media seconds, pixels."""

    home: Box
    """Where it was when its rest began, as far as the first seconds tell."""
    founder: int | None
    """The track that it began with; None in a later run."""
    latest_arrival_s: float
    """Until when the founder may correct when its rest began."""
    arrived_by_s: dict[int, float]
    """By when each of its tracks was at rest here: a rest that begins later is a move."""
    has_crept: bool = False
    """Whether its look was taken anew because it had moved on: then looks prove nothing."""

    @classmethod
    def begin(cls, sighting: Sighting) -> "Rest":
        """From the first still sight of a thing."""
        since_s = sighting.rest_since.media_s
        return cls(sighting.box, sighting.track, since_s + _LAST_METRE_S, {sighting.track: since_s})

    @classmethod
    def known(cls, home: Box, since_s: float) -> "Rest":
        """Of a thing of which nothing but its place is known."""
        return cls(home, None, since_s, {})

    def restart(self, place: Box) -> None:
        """Its rest begins anew, in this place."""
        self.home, self.has_crept = place, False

    def settle(self, place: Box, *, since: Moment, now: Moment) -> None:
        """In its first seconds it is found out where it is."""
        if is_settling(since, now):
            self.home = place

    def is_at_home(self, box: Box) -> bool:
        """Whether a thing lies where it came to rest, whole or in part."""
        return is_as_placed(box, self.home) or is_part(box, self.home)

    def bear_out(self, sightings: Sequence[Sighting], *, since: Moment, now: Moment) -> None:
        """Until now, its things have not moved."""
        if not is_settling(since, now):
            self.arrived_by_s |= {one.track: now.media_s for one in sightings}

    def corrected(self, sightings: Sequence[Sighting], since: Moment) -> Moment | None:
        """When it really came to rest, as its track learns in its first seconds; None where that is no news."""
        for one in sightings:
            since_s = one.rest_since.media_s
            if one.track == self.founder and since.media_s < since_s <= self.latest_arrival_s:
                return one.rest_since
        return None

    def moved(
        self, sightings: Sequence[Sighting], places: Sequence[Box], *, since: Moment, now: Moment, is_blind: bool
    ) -> Moment | None:
        """Since when a thing that crept on while it was watched has rested; None where it has not.

        One that lies where it lay has not, though somebody in front made its track come to rest anew: only to the
        blind that is another thing.
        """
        rested = None
        for one in sightings:
            by_s = self.arrived_by_s.setdefault(one.track, now.media_s + _SETTLING_S)
            if any(is_part(one.box, place) for place in places):
                self.arrived_by_s[one.track] = now.media_s + _SETTLING_S
            elif one.rest_since.media_s > max(by_s, (rested or since).media_s):
                is_elsewhere = is_blind or not self.is_at_home(one.box)
                if is_elsewhere and len(places) == 1:
                    rested = one.rest_since
                    self.restart(places[0])
        if len(places) == 1 and has_left(places[0], self.home):
            rested = now
        return rested

    def creep(self, place: Box, *, can_creep: bool) -> None:
        """The look of the place was taken anew."""
        self.has_crept = can_creep and not self.is_at_home(place)

    def forget_tracks(self) -> None:
        """Another run begins: its track numbers mean other things."""
        self.arrived_by_s, self.founder = {}, None

    def keep_tracks(self, tracks: Collection[int]) -> None:
        """Of all others it is not remembered when they arrived."""
        self.arrived_by_s = {track: by_s for track, by_s in self.arrived_by_s.items() if track in tracks}

    def move(self, dx: float, dy: float) -> None:
        """The whole picture lies so many pixels further right and down."""
        self.home = self.home.moved(dx, dy)
        self.arrived_by_s = {}

    def scale(self, across: float, down: float) -> None:
        """The picture is so many times as wide and as high."""
        self.home = self.home.scaled(across, down)


def is_settling(since: Moment, now: Moment) -> bool:
    """Whether a thing has only just come to rest."""
    return now.media_s - since.media_s <= _SETTLING_S


def arrival(sightings: Sequence[Sighting], seen_again: Moment) -> Moment:
    """When the first of these came to rest, not before its place was seen again."""
    first = min((one.rest_since for one in sightings), key=lambda since: since.media_s)
    return max(first, seen_again, key=lambda moment: moment.media_s)


def credited(sighting: Sighting, now: Moment, *, most_s: float) -> Sighting:
    """Of a rest that began earlier, so much counts by now."""
    if now.media_s - sighting.rest_since.media_s <= most_s:
        return sighting
    return replace(sighting, rest_since=Moment(now.media_s - most_s, now.at - timedelta(seconds=most_s)))
