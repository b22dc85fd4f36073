"""Clips in which heads, faces and plates are masked, made anew from those that the camera sent."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cvinspect.detect import Detector
from cvinspect.domain import Frame
from cvinspect.errors import DeliveryError, SourceError
from cvinspect.evidence.carried import Look, carried
from cvinspect.evidence.masking import Hiding, masked
from cvinspect.evidence.video_writer import VideoWriter
from cvinspect.sources.recorded.video import VideoSource, open_video

LOOK_EVERY_S = 0.2
"""Between two looks a walker goes a step, and what is hidden is carried on."""

_EVERY_FRAME_FPS = 1000.0
_STATED_FPS = 25.0
"""When each picture is shown is told with it."""
_ANY_TIME = datetime(2000, 1, 1, tzinfo=UTC)


class ClipMasker:
    """Masks clips: five times a second it is looked what must be hidden, every frame hides it. For one thread."""

    def __init__(self, detector: Detector, hide: Hiding) -> None:
        self._detector = detector
        self._hide = hide

    def __call__(self, clip: Path, target: Path) -> None:
        """Write the clip, masked, to `target`. Raises DeliveryError, also for a clip that cannot be read; ModelError.

        Nothing of `clip` but its pictures gets there: neither sound nor what stands in its header.
        """
        try:
            looks = list(self._looks(clip))
            self._write(clip, target, looks)
        except SourceError as error:
            raise DeliveryError(f"{clip}: cannot be masked: {error}") from error

    def _looks(self, clip: Path) -> Iterator[Look]:
        due_s = 0.0
        for frame in _frames(clip):
            if frame.media_s >= due_s - 1e-6:
                due_s = frame.media_s + LOOK_EVERY_S
                yield Look(frame.media_s, self._hide(frame.pixels, self._detector.detect(frame.pixels)))

    def _write(self, clip: Path, target: Path, looks: list[Look]) -> None:
        writer: VideoWriter | None = None
        try:
            for frame in _frames(clip):
                if writer is None:
                    height, width = frame.pixels.shape[:2]
                    writer = VideoWriter(target, width, height, _STATED_FPS)
                writer.add(masked(frame.pixels, carried(looks, frame.media_s)), frame.media_s)
        finally:
            if writer is not None:
                writer.close()
        if writer is None:
            raise DeliveryError(f"{clip}: cannot be masked: it shows nothing")


def _frames(clip: Path) -> Iterator[Frame]:
    source: VideoSource = open_video(clip, camera="clip", fps=_EVERY_FRAME_FPS, started_at=_ANY_TIME)
    try:
        yield from source.frames()
    finally:
        source.close()


@dataclass(frozen=True, slots=True)
class MaskedFootage:
    """A stored clip as footage that is written masked."""

    clip: Path
    mask: ClipMasker
    width: int
    height: int
    duration_s: float

    def write(self, path: Path) -> None:
        """Write it as MP4. Raises DeliveryError."""
        self.mask(self.clip, path)
