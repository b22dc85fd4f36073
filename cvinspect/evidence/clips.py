"""Clips of incidents, beside the pictures: video as the camera coded it, or masked."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from hashlib import file_digest
from pathlib import Path
from typing import Protocol

from cvinspect.errors import DeliveryError
from cvinspect.evidence import Original, Picture
from cvinspect.evidence.snapshots import file_name

BEFORE_S = 3.0
AFTER_S = 3.0
"""What a clip shows around the frame that proved the violation; it begins at the key frame before."""

ROLE = "clip"

FOLDER, ORIGINALS = "evidence", "evidence/original"
"""Where clips for people lie, and where those in which nobody is masked lie if there are both."""


class Footage(Protocol):
    """A piece of video that can be written as it is."""

    @property
    def width(self) -> int:
        """Pixels."""
        ...

    @property
    def height(self) -> int:
        """Pixels."""
        ...

    @property
    def duration_s(self) -> float:
        """Up to the end of its last picture."""
        ...

    def write(self, path: Path) -> None:
        """Write it as MP4. Raises DeliveryError."""
        ...


@dataclass(frozen=True, slots=True)
class Beginning:
    """When the first picture of a clip was captured."""

    captured_at: datetime
    """Aware UTC."""
    media_s: float = 0.0


def store_clip(
    folder: Path,
    incident_id: str,
    footage: Footage,
    begins: Beginning,
    *,
    below: str = FOLDER,
    original: Original | None = None,
) -> Picture:
    """Write the clip of an incident below the output folder, whole or not at all. Raises DeliveryError.

    It shows what the footage shows: who is to be masked in it must be masked there. `original`: the untouched clip.
    """
    uri = f"{below}/{file_name(incident_id)}_{ROLE}_1.mp4"
    path = folder / uri
    part = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        footage.write(part)
        with part.open("rb") as file:
            digest, size_bytes = file_digest(file, "sha256").hexdigest(), file.tell()
        part.replace(path)
    except OSError as error:
        raise DeliveryError(f"{path}: cannot be written: {error.strerror or error}") from error
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)
    return Picture(
        role=ROLE,
        uri=uri,
        sha256=digest,
        captured_at=begins.captured_at,
        media_s=begins.media_s,
        width=footage.width,
        height=footage.height,
        bytes=size_bytes,
        original=original,
        duration_s=footage.duration_s,
    )
