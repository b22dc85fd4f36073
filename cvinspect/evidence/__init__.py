"""Pictures that prove an incident: taken, marked, masked and stored, with the clips beside them.

When a picture is due is said by `incidents`; how long it is kept is seen to in `daemon`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from cvinspect.domain import Camera, Change, Frame
from cvinspect.geometry import Box


@dataclass(frozen=True, slots=True)
class Original:
    """A stored picture that nothing was drawn on or masked in."""

    uri: str
    """Path relative to the output folder, with forward slashes, ASCII only."""
    sha256: str
    """Of the file's bytes, lower-case hexadecimal."""
    width: int
    """Pixels."""
    height: int
    """Pixels."""
    bytes: int


@dataclass(frozen=True, slots=True)
class Picture:
    """A stored picture for people, or a clip as it is.

    Of a picture heads, faces and plates are masked, box and zone drawn, the facts stand in a band below it.
    """

    role: str
    """panorama, closeup, after or clip."""
    uri: str
    """Path relative to the output folder, with forward slashes, ASCII only."""
    sha256: str
    """Of the file's bytes, lower-case hexadecimal."""
    captured_at: datetime
    """Aware UTC; of a clip its first picture's."""
    media_s: float
    width: int
    """Pixels, band included."""
    height: int
    """Pixels, band included."""
    bytes: int
    original: Original | None
    """None where originals are not kept, and of a clip that is as the camera sent it."""
    duration_s: float | None = None
    """Of a clip; None of a picture."""


HiddenIn = Callable[[Frame], Sequence[Box]]
"""Says which parts of a picture are masked, in its pixels."""


def nothing(picture: Frame) -> Sequence[Box]:  # noqa: ARG001
    """Of a picture in which nobody is."""
    return ()


class Evidence(Protocol):
    """Keeps the pictures of incidents."""

    def take(
        self,
        change: Change,
        camera: Camera,
        *,
        hidden: HiddenIn = nothing,
        snapshot: bool = False,
        guessed: bool = False,
    ) -> tuple[Picture, ...]:
        """Store what this change asks for and return every picture of the incident so far.

        `hidden` says which parts of a picture are masked, and is asked only where one is stored; `snapshot` is true
        for single pictures, where a pre-alarm is all there will ever be; `guessed` where the capture time is a guess.
        Raises DeliveryError when a picture cannot be stored.
        """
        ...

    def add(self, incident_id: str, picture: Picture) -> None:
        """Count something to an incident's pictures that was stored elsewhere, such as its clip."""
        ...
