"""How footage is sampled: what a user chooses on the command line and in the configuration."""

from enum import StrEnum

DEFAULT_FPS = 2.0


class Sampling(StrEnum):
    """Which frames are decoded."""

    AUTO = "auto"
    """Key frames alone where they come often enough for the shortest dwell, else all."""
    ALL = "all"
    KEYFRAMES = "keyframes"


class Gate(StrEnum):
    """Which samples the network does not look at."""

    NONE = "none"
    """It looks at each."""
    UNCHANGED = "unchanged"
    """None in which nothing has changed, while nothing is pending; one in 20 of those is looked at all the same."""
    AUDIT = "audit"
    """It looks at each, and what leaving out would have missed is counted."""
