"""Options that several commands share."""

from typing import Annotated

import typer

from cvinspect.modes import Gate, Sampling

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
