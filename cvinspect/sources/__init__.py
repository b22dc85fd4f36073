"""Where frames come from: files (`recorded`), cameras (`live`), and the decoding that both share (`decoding`).

Pictures with their times are all that leaves this room; what they show is nothing to it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from cvinspect.domain import Frame, Pace


class SourceKind(StrEnum):
    """What was opened."""

    VIDEO = "video"
    PICTURES = "pictures"
    """A folder of pictures from one fixed camera, in order of time."""
    PICTURE = "picture"
    """A single picture: nothing can be said about how long a thing stays."""


class Clock(StrEnum):
    """What the capture times of a source rest on, the most trustworthy first."""

    GIVEN = "given"
    CONTAINER = "container"
    EXIF = "exif"
    NAME = "name"
    """The file's name, as cameras and recorders write it."""
    FILE = "file"
    """The file's modification time: a guess, and reported as such."""


@dataclass(frozen=True, slots=True)
class SourceInfo:
    """What is known of a source once it is open."""

    kind: SourceKind
    width: int
    """Pixels, as shown: after rotation."""
    height: int
    """Pixels, as shown: after rotation."""
    codec: str
    duration_s: float | None
    """None where the container does not say."""
    started_at: datetime
    """Aware UTC: the capture time of media second 0."""
    clock: Clock
    interval_s: float | None = None
    """Seconds between two pictures, where that was not for the program to choose; None: as often as it is asked for."""


@dataclass(slots=True)
class Counts:
    """What became of a source's frames so far; grows while `frames` runs."""

    read: int = 0
    """Decoded, whether used or not."""
    sampled: int = 0
    """Handed on as pictures."""
    broken: int = 0
    """Packets or pictures that could not be decoded."""
    media_s: float = 0.0
    """Media time reached."""
    paused_s: float = 0.0
    """Of that, seconds of pauses within the footage; known once its reading has ended."""


class Source(Protocol):
    """One run over one camera's pictures."""

    info: SourceInfo
    counts: Counts

    def frames(self) -> Iterator[Frame]:
        """Every sampled frame in order of time; may be called once.

        Broken parts are counted and left out. Raises SourceOpenError when not one picture can be decoded.
        """
        ...

    def go(self, pace: Pace) -> None:
        """Where nothing but key frames is decoded: leave some out, or decode each."""
        ...

    def close(self) -> None:
        """Release the file; safe to call twice."""
        ...
