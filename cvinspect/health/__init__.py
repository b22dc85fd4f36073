"""Whether a camera can be judged by at all: lagging, frozen, black, blurred, moved, elsewhere.

Only measured here: connecting again is done in `sources.live`, and what follows from a state in `daemon`.
"""

from enum import StrEnum


class HealthState(StrEnum):
    """What may be so with a camera; several at once may be."""

    UP = "up"
    """Pictures come."""
    LAGGING = "lagging"
    """They come late."""
    CLOCK_DRIFT = "clock_drift"
    """Its clock runs much faster or slower than ours."""
    CLOCK_WRONG = "clock_wrong"
    """Its time stamps cannot be believed, and the times of arrival are taken."""
    FROZEN = "frozen"
    """The same picture again and again."""
    BLACK = "black"
    BLURRED = "blurred"
    """Far less sharp than it has been."""
    MOVED = "moved"
    """Knocked askew: its zones do not lie where they were drawn."""
    ELSEWHERE = "elsewhere"
    """It shows none of the views that it is known to have."""
