"""One view that a camera is known to have: how it looks by day, by night and in infrared."""

import math
from dataclasses import dataclass

from cvinspect.views.packing import SmallPicture
from cvinspect.views.structure import Structure, correlation, likeness_of, shift_between

IS_IT = 0.35
"""From this likeness on a picture shows a view: traffic leaves 0.55 and more, haze 0.2 to 0.3; other
streets have 0.18 in common at most."""

_FOLLOW_S = 50.0
_FOLLOW_STEP = 0.05
"""Time constant with which a known view follows the light and what comes and goes in it, in steps of this weight."""

_ACROSS_LIGHTS = 0.2
"""What edges in common add to the proof where one picture is lit by infrared and the other is not: the sides of an edge
may be bright the other way round. Other views have up to 0.15 in common."""


_BY_LIGHT = 0.3
"""By so much more light must agree than structure: bright skies lie over dark roads everywhere."""


@dataclass(eq=False)
class KnownView:
    """A view with what it looks like; what is drawn in it is not known here."""

    id: str
    colour: SmallPicture | None = None
    """Gray levels of the small picture, in light that shows colours; None: not seen so."""
    infrared: SmallPicture | None = None
    """The same of a black and white picture."""
    followed_s: float | None = None
    """When it was last brought up to date."""
    still: str | None = None
    """SHA-256 of the picture that somebody gave of it; None: it was seen."""

    def __post_init__(self) -> None:
        self._lights: dict[bool, Structure] = {}

    def structure(self, *, is_grey: bool) -> Structure | None:
        """How it looks in one light."""
        picture = self.infrared if is_grey else self.colour
        if picture is None:
            return None
        known = self._lights.get(is_grey)
        if known is None or known.grey is not picture:
            known = self._lights[is_grey] = Structure(picture, is_grey)
        return known

    @property
    def is_known(self) -> bool:
        """Whether it is known how it looks."""
        return self.colour is not None or self.infrared is not None

    def knows(self, now: Structure) -> bool:
        """Whether it has been seen in that light."""
        return self.structure(is_grey=now.is_grey) is not None

    def learn(self, now: Structure, *, at_s: float | None) -> None:
        """It looks so in that light, from now on."""
        if now.is_grey:
            self.infrared = now.grey
        else:
            self.colour = now.grey
        self.followed_s = at_s

    def forget_others(self, now: Structure) -> None:
        """Nothing else that is known of it holds: it was moved."""
        if now.is_grey:
            self.colour = None
        else:
            self.infrared = None

    def likeness(self, now: Structure) -> float:
        """In [-1, 1]: what a picture and the view have in common, in whichever light."""
        own, other = self.structure(is_grey=now.is_grey), self.structure(is_grey=not now.is_grey)
        found = [] if own is None else [likeness_of(own.evened, now.evened)]
        if other is not None:
            found.append(likeness_of(other.evened, now.evened))
        if own is None and other is not None:
            edges = likeness_of(other.edges, now.edges)
            found.append(edges + _ACROSS_LIGHTS if edges >= _ACROSS_LIGHTS else edges)
        if own is not None and own.is_bare:
            found.append(correlation(own.centred, now.centred) - _BY_LIGHT)
        return max(found, default=0.0)

    def follow(self, now: Structure, *, at_s: float) -> None:
        """It is in sight, and looks so; a few seconds' change at once."""
        known = self.structure(is_grey=now.is_grey)
        if known is None or self.followed_s is None:
            if known is None:
                self.learn(now, at_s=at_s)
            self.followed_s = at_s
            return
        share = 1.0 - math.exp(-max(0.0, at_s - self.followed_s) / _FOLLOW_S)
        if share >= _FOLLOW_STEP:
            self.learn(known.mixed(now, min(share, 0.5)), at_s=at_s)

    def shift_to(self, now: Structure) -> tuple[float, float] | None:
        """By which shares of width and height it lies elsewhere in a picture; None: not at all, or it is not in it."""
        known = self.structure(is_grey=now.is_grey)
        return None if known is None else shift_between(known, now)
