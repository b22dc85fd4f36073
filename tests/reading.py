"""Short ways to read a video whole."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cvinspect.domain import Frame
from cvinspect.sources import Counts
from cvinspect.sources.recorded.video import VideoSource, open_video


@contextmanager
def opened(path: Path, **how: object) -> Iterator[VideoSource]:
    """The video at `path` as camera "gate", closed at the end."""
    source = open_video(path, camera="gate", **how)  # type: ignore[arg-type]
    try:
        yield source
    finally:
        source.close()


def frames_of(path: Path, **how: object) -> tuple[list[Frame], Counts]:
    """Every sampled frame and the final counts."""
    with opened(path, **how) as source:
        return list(source.frames()), source.counts
