"""What really happened in labelled clips: the things that stayed, and what must not be raised."""

import math
from dataclasses import dataclass
from pathlib import Path

from cvinspect.domain import Zone
from cvinspect.geometry import Box

_ROUNDING_S = 1e-6
"""Seconds are read from text: 9.8 - 4.8 must not fall short of 5."""


@dataclass(frozen=True, slots=True)
class TruthEvent:
    """One thing of one class at rest in one clip; whether that is a violation depends on the dwell."""

    clip: str
    """The clip's name, unique within its truth."""
    camera: str
    class_id: str
    start_s: float
    """Media seconds at which it came to rest."""
    end_s: float
    """Media seconds at which it left, or the last ones in which it was watched; more than `start_s`."""
    is_there_at_end: bool = False
    """Whether it still stands there when the clip ends."""
    box: Box | None = None
    """Where it rests, as shares of the picture's width and height in [0, 1]; None: the truth does not say."""
    zone: str | None = None
    """Id of the zone that it stands in; None: the truth does not say."""

    def due_s(self, dwell_s: float) -> float:
        """Media seconds from which on it is a violation."""
        return self.start_s + dwell_s

    def is_due(self, dwell_s: float) -> bool:
        """Whether it stayed for the dwell while it was watched; if not, raising it is false."""
        return self.end_s - self.start_s >= dwell_s - _ROUNDING_S


@dataclass(frozen=True, slots=True)
class Spell:
    """Something at a place for a time that is no violation, or that nobody can judge."""

    why: str
    box: Box | None = None
    """Shares of width and height in [0, 1]; None: the whole picture."""
    from_s: float = 0.0
    to_s: float = math.inf
    class_id: str | None = None
    """None: of any class."""


@dataclass(frozen=True, slots=True)
class TruthClip:
    """One clip and everything in it that was labelled."""

    name: str
    path: Path
    camera: str
    duration_s: float | None
    """As the truth states it; None where it does not."""
    zones: tuple[Zone, ...]
    """As drawn for the clip; used where no configuration is given."""
    events: tuple[TruthEvent, ...]
    negatives: tuple[Spell, ...] = ()
    """What must raise nothing, named so that a false incident can be explained."""
    ignored: tuple[Spell, ...] = ()
    """Incidents here are neither right nor wrong."""
    classes: frozenset[str] | None = None
    """Classes that were labelled: incidents of others cannot be judged. None: all, and what is not there is not."""
