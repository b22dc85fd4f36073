"""How footage is sampled: what a user chooses on the command line and in the configuration."""

from enum import StrEnum
from typing import Annotated

import typer

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


FpsOption = Annotated[
    float | None,
    typer.Option(help="Samples a second; all frames are decoded for it. Default: 2, or fewer.", min=0.01, max=120),
]
SamplingOption = Annotated[
    Sampling | None,
    typer.Option(help="Frames to decode. Default: auto, which takes key frames alone where they suffice."),
]

GateOption = Annotated[
    Gate | None,
    typer.Option(help="Pictures that the network is spared: none, unchanged, or audit. Default: as configured."),
]


def chosen_sampling(sampling: Sampling | None, fps: float | None) -> Sampling | None:
    """Who asks for a rate of samples gets it: key frames alone may come more seldom. None: nothing was chosen."""
    return Sampling.ALL if sampling is None and fps is not None else sampling
