"""Which sightings are one and the same violation, and what has become of it: dwell, look, clearing, duplicates.

Nothing is written or drawn here; pictures are taken in `evidence`, records are made in `records`.
"""

from collections.abc import Iterator, Sequence
from typing import Protocol

from cvinspect.domain import CarefulLook, Change, Frame, Incident, Pixels, Sighting, Track
from cvinspect.geometry import Box
from cvinspect.views.packing import SmallPicture

Look = SmallPicture
"""How a place looks: an opaque vector that only the matcher that made it compares."""


class LookMatcher(Protocol):
    """Remembers how a place looks, to tell a thing that the detector missed from one that is gone."""

    def look(self, pixels: Pixels, place: Box) -> Look | None:
        """The place's look, or None where nothing can be told."""
        ...

    def likeness(self, before: Look, after: Look) -> float:
        """1 for the same look, about 0 for unrelated ones."""
        ...


class Ledger(Protocol):
    """The incidents of one camera."""

    def begin_run(self, away_s: float | None = None) -> None:
        """The frames to come are of another run: media time and track numbers begin anew, incidents go on.

        `away_s`: how long nothing was seen before, by a clock that nobody sets; None: what capture times say.
        """
        ...

    def absorb(
        self, sightings: Sequence[Sighting], tracks: Sequence[Track], frame: Frame, look: CarefulLook | None = None
    ) -> Iterator[Change]:
        """What this frame changes; `look`: what the careful network saw in it, where that looked."""
        ...

    @property
    def wants_look(self) -> bool:
        """Whether the careful network is to look at the next frame."""
        ...

    def settle(self) -> Iterator[Change]:
        """What is left to say when the footage ends; the end of footage clears nothing. Says it once."""
        ...

    @property
    def latest_s(self) -> float:
        """The last frame's media seconds in the ledger's own time, which goes on over runs; 0 before the first."""
        ...

    @property
    def standing(self) -> tuple[Incident, ...]:
        """The incidents and pre-alarms that stand now."""
        ...
