"""Options that several commands share."""

import math
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Annotated

import typer

from cvinspect.errors import ConfigError
from cvinspect.modes import DEFAULT_FPS, Gate, Sampling

# readable=False everywhere: whether a file may be read is found out where it is opened, one by one.
ConfigOption = Annotated[
    Path | None, typer.Option("--config", "-c", help="Cameras, zones and rules (YAML).", readable=False)
]
ModelOption = Annotated[
    Path | None,
    typer.Option("--model", help="Model card (YAML) beside its network; default: the shipped one.", readable=False),
]
CarefulOption = Annotated[
    str | None,
    typer.Option(
        "--careful",
        metavar="FILE|none",
        help="Card of the careful network, which looks again before a ticket; none: the quick one looks alone. "
        "Default: the shipped one.",
    ),
]
FpsOption = Annotated[
    float | None,
    typer.Option(help="Samples a second; all frames are decoded for it. Default: 2, or fewer.", min=1 / 3600, max=120),
]
IntervalOption = Annotated[
    float | None,
    typer.Option(
        help="Seconds between two samples, or two pictures that hold no time; up to an hour.", min=0.01, max=3600
    ),
]
SamplingOption = Annotated[
    Sampling | None,
    typer.Option(help="Frames to decode. Default: auto, which takes key frames alone where they suffice."),
]

GateOption = Annotated[
    Gate | None,
    typer.Option(help="Pictures that the network is spared: none, unchanged, or audit. Default: as configured."),
]
OutOption = Annotated[
    Path, typer.Option("--out", "-o", help="Folder for records, evidence and report.", readable=False)
]
StartOption = Annotated[
    str | None,
    typer.Option(help="Capture time of the first frame (ISO 8601), where the footage does not say or is wrong."),
]
AnnotateOption = Annotated[bool, typer.Option("--annotate", help="Also write the video with everything drawn.")]
ClipsOption = Annotated[
    bool,
    typer.Option("--clips", help="Also cut seconds of video of each violation; heads, faces and plates are masked."),
]
NoOriginalsOption = Annotated[
    bool,
    typer.Option("--no-originals", help="Keep no untouched pictures and clips, in which faces and plates show."),
]
OverwriteOption = Annotated[bool, typer.Option("--overwrite", help="Replace the results in the output folder.")]
CameraOption = Annotated[
    str | None, typer.Option("--camera", help="All inputs are this camera's; video files follow each other.")
]
WholePictureOption = Annotated[
    bool, typer.Option("--whole-picture", help="Inspect without the zones and addresses of configured cameras.")
]

_EARLIEST, _LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
"""What `--start` may be: times within a time zone's reach of year 1 or 9999 cannot be calculated with."""


def chosen_fps(fps: float | None, interval_s: float | None) -> float:
    """Samples a second. Raises ConfigError where both say how many."""
    if fps is not None and interval_s is not None:
        raise ConfigError("--fps and --interval: both say how far apart samples are; give one of them")
    for name, value in (("--fps", fps), ("--interval", interval_s)):
        if value is not None and not math.isfinite(value):  # no number lies out of a range for older readers of options
            raise ConfigError(f"{name}: {value} is no number; allowed: a number within its range")
    return 1 / interval_s if interval_s is not None else fps or DEFAULT_FPS


def chosen_sampling(sampling: Sampling | None, fps: float | None) -> Sampling | None:
    """Who asks for a rate of samples gets it: key frames alone may come more seldom. None: nothing was chosen."""
    return Sampling.ALL if sampling is None and fps is not None else sampling


def chosen_start(text: str | None, timezone: tzinfo) -> datetime | None:
    """The capture time that the user says, aware; one without a zone is in `timezone`. Raises ConfigError."""
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise ConfigError(f"--start: {text!r} is no time; allowed: ISO 8601, like 2026-11-21T08:30:00+08:00") from error
    moment = moment if moment.tzinfo is not None else moment.replace(tzinfo=timezone)
    if not _EARLIEST <= moment < _LATEST:
        raise ConfigError(f"--start: {text!r} is out of reach; allowed: the years 1970 to 2199")
    return moment
