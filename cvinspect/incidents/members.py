"""The things that make up one violation: where each is, since when, and whether it is still there."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from cvinspect.domain import Moment, Sighting
from cvinspect.geometry import Box, bounding
from cvinspect.incidents import Look
from cvinspect.incidents.absence import EMPTY_FRAMES
from cvinspect.incidents.merge import blend, is_part, place_fit

_PLACE_S = 2.0
"""Time constant with which a candidate's place follows its boxes: jitter averages out."""

_CONFIRMED_PLACE_S = 20.0
"""The same for a violation, which a thing that creeps off leaves, and for a box that somebody in front cuts down."""

_CAREFUL_GAPS = 4.0
"""So many times the grace has a piece of a heap that only the careful network sees: two of its looks at least."""


@dataclass(slots=True, eq=False)
class Member:
    """One thing of a violation."""

    place: Box
    """Smoothed over time."""
    since: Moment
    """When it came to rest."""
    seen: Moment
    """When it was last sighted."""
    view: Box
    """What `look` shows."""
    look: Look | None = None
    """How its place looked with it; kept where several things are one violation."""
    empty_s: float = 0.0
    """How long its place has been seen without it."""
    empty_frames: int = 0
    by_careful: bool = False
    """Whether the careful network alone sighted it last, which looks rarely."""

    @property
    def is_vacant(self) -> bool:
        """Whether it has surely gone from its place."""
        return self.empty_frames >= EMPTY_FRAMES

    def find(self, look: Look | None) -> None:
        """It is in its place, which looks so now."""
        self.look, self.view = look, self.place
        self.is_there()

    def is_there(self) -> None:
        """Its place is not empty."""
        self.empty_s, self.empty_frames = 0.0, 0

    def is_missing(self, passed_s: float) -> None:
        """Nothing was detected in its place, which looks otherwise."""
        self.empty_s += passed_s if self.empty_frames else 0.0
        self.empty_frames += 1

    def moved(self, dx: float, dy: float) -> "Member":
        """So many pixels further right and down."""
        return replace(self, place=self.place.moved(dx, dy), view=self.view.moved(dx, dy))

    def scaled(self, across: float, down: float) -> "Member":
        """So many times as wide and as high."""
        return replace(self, place=self.place.scaled(across, down), view=self.view.scaled(across, down))


@dataclass(slots=True, eq=False)
class Members:
    """All of them, by track; those that were sighted last come last."""

    by_track: dict[int, Member] = field(default_factory=dict)

    @classmethod
    def of(cls, places: dict[int, Box], since: Moment, seen: Moment) -> "Members":
        """Things of which nothing but their places is known."""
        return cls({track: Member(place, since, seen, place) for track, place in places.items()})

    @property
    def places(self) -> dict[int, Box]:
        """Where each is."""
        return {track: one.place for track, one in self.by_track.items()}

    @property
    def present(self) -> dict[int, Member]:
        """Those that have not surely gone; all of them where none is left."""
        return {track: one for track, one in self.by_track.items() if not one.is_vacant} or self.by_track

    @property
    def has_vacant(self) -> bool:
        """Whether any of them has gone from its place."""
        return any(one.is_vacant for one in self.by_track.values())

    @property
    def place(self) -> Box:
        """What those that are present cover together."""
        return bounding([one.place for one in self.present.values()])

    @property
    def oldest(self) -> Moment:
        """Since when the first of those that are left has been there."""
        return min((one.since for one in self.by_track.values()), key=lambda since: since.media_s)

    def fits(self, box: Box) -> float:
        """How well a box fits the place of any of them, in [0, 1]."""
        return max((place_fit(box, one.place) for one in self.by_track.values()), default=0.0)

    def put(self, sighting: Sighting, moment: Moment, *, passed_s: float, is_settled: bool) -> None:
        """Put a thing in its place; one that came back under another track takes over the old one."""
        old = self._known(sighting)
        known = self.by_track.pop(old) if old is not None else None
        before = known.place if known is not None else sighting.box
        constant_s = _CONFIRMED_PLACE_S if is_settled or is_part(sighting.box, before) else _PLACE_S
        place = blend(before, sighting.box, _share(passed_s, constant_s))
        if known is None:
            known = Member(place, sighting.rest_since, moment, place)
        known.place, known.seen, known.by_careful = place, moment, sighting.by_careful
        self.by_track[sighting.track] = known

    def _known(self, sighting: Sighting) -> int | None:
        if sighting.track in self.by_track:
            return sighting.track
        fits = {track: place_fit(sighting.box, one.place) for track, one in self.present.items()}
        best = max(fits, key=lambda track: fits[track], default=None)
        return best if best is not None and fits[best] > 0 else None

    def keep(self, tracks: Sequence[int]) -> None:
        """Only these are left."""
        self.by_track = {track: self.by_track[track] for track in tracks}

    def drop_unseen(self, now: Moment, *, gap_s: float) -> None:
        """A piece of a heap that was not sighted for the grace, while others were, belongs to it no longer."""
        grace_s = {track: gap_s * (_CAREFUL_GAPS if one.by_careful else 1) for track, one in self.by_track.items()}
        self.keep([key for key, one in self.by_track.items() if now.media_s - one.seen.media_s <= grace_s[key]])

    def join(self, others: "Members") -> None:
        """Those of another violation that turned out to be this one."""
        self.by_track |= {track: one for track, one in others.by_track.items() if track not in self.by_track}

    def forget_tracks(self) -> dict[int, int]:
        """Another run begins, in which track numbers mean other things; what they are called from now on."""
        aliases = {track: -number for number, track in enumerate(self.by_track, start=1)}
        self.by_track = {aliases[track]: one for track, one in self.by_track.items()}
        return aliases

    def move(self, dx: float, dy: float) -> None:
        """The whole picture lies so many pixels further right and down."""
        self.by_track = {track: one.moved(dx, dy) for track, one in self.by_track.items()}

    def scale(self, across: float, down: float) -> None:
        """The picture is so many times as wide and as high."""
        self.by_track = {track: one.scaled(across, down) for track, one in self.by_track.items()}

    def without_looks(self) -> "Members":
        """Where they are, and nothing else."""
        return Members({track: replace(one, look=None) for track, one in self.by_track.items()})


def _share(passed_s: float, constant_s: float) -> float:
    """Weight of the new in an exponential average with that time constant, in [0, 1)."""
    return 1 - math.exp(-passed_s / constant_s)
