"""Which detections of successive frames are the same thing, and whether that thing is at rest.

A track lives no longer than one run; what outlives it, such as a dwell, is counted in `incidents`.
"""

from collections.abc import Sequence
from typing import Protocol

from cvinspect.domain import Detection, Track


class Tracker(Protocol):
    """Follows things through one run; a new run gets a new tracker."""

    def update(self, detections: Sequence[Detection], *, at_s: float) -> list[Track]:
        """The tracks that are seen at media second `at_s`, later than all before."""
        ...
