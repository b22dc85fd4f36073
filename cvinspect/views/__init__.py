"""Which of its views a camera shows, and whether anything can be said of it: covered, black, turned away, askew.

Told by the street's structure rather than by its light: a view by day, by night and in infrared is one view. Nothing is
known here of incidents, and nothing of what follows for a camera's health.
"""

from dataclasses import dataclass
from enum import StrEnum


class Why(StrEnum):
    """Why a stretch of time was not judged."""

    OTHER_VIEW = "other_view"
    """The camera showed something that is none of its views, or one in which nothing is to be judged."""
    COVERED = "covered"
    """The picture shows nothing, though it is not dark."""
    BLACK = "black"
    FROZEN = "frozen"
    """The same picture again and again."""
    MOVING = "moving"
    """It was on its way from one view to another, or shook."""
    MOVED = "moved"
    """It was knocked askew, so that zones do not lie where they were drawn."""
    BLURRED = "blurred"
    TOO_DARK = "too_dark"
    """Too little light to tell what it shows."""
    GAP = "gap"
    """Nothing came: a pause, a hole between files, a lost connection."""
    SHORT = "short"
    """It was looked at, for less than the dwell of any violation that could have been raised."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """What one picture shows."""

    view: str | None
    """The id of the view, also where that is shifted; None: none that is known, or nothing."""
    why: Why | None = None
    """Why nothing can be said of the street by this picture; None: something can."""
    shift: tuple[float, float] | None = None
    """Shares of width and height, to the right and down, by which all of the view lies elsewhere from now on."""
    is_shifted: bool = False
    """Whether it is the view, though elsewhere in the picture than before."""
