"""Which detections of successive frames are the same thing."""

from collections.abc import Sequence
from typing import Protocol

from cvinspect.domain import Detection, Track


class Tracker(Protocol):
    """Follows things through one run; a new run gets a new tracker."""

    def update(self, detections: Sequence[Detection], *, at_s: float) -> list[Track]:
        """The tracks that are seen at media second `at_s`, later than all before."""
        ...
