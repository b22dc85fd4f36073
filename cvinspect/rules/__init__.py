"""Which still things break a rule, by their label, place, size and the hour: zones become sightings here.

How long a thing has been there is not asked here; that is counted in `incidents`.
"""

from collections.abc import Sequence
from typing import Protocol

from cvinspect.domain import Frame, Sighting, Track


class Judge(Protocol):
    """Applies the rules of one camera."""

    def begin_run(self) -> None:
        """The frames to come are of another run: media time and track numbers begin anew."""
        ...

    def judge(self, tracks: Sequence[Track], frame: Frame) -> list[Sighting]:
        """The tracks that meet a rule in this frame; one track meets at most one rule."""
        ...
