"""What a video file says of itself before it is inspected, and whether another goes on where it ends."""

import re
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from cvinspect.errors import SourceOpenError
from cvinspect.opencv import cv2
from cvinspect.sources.decoding.conversion import ToBgr
from cvinspect.sources.decoding.video_file import length_s, open_container, open_video_file, video_stream
from cvinspect.sources.recorded.start import modified_at, stated_start

SLACK_S = 1.5
"""Times are written in whole seconds, and lengths are rounded."""

_NUMBER = re.compile(r"\d{3,}(?=\D*$)")
"""As FFmpeg numbers segments: out000.mp4."""

_UNEVEN_SHARE, _UNEVEN_S = 0.2, 2.0
"""Segments are cut at key frames."""

_LATER = 3.0
"""A segment is written within so many lengths of one after the one before."""

_LOOK_SIZE = 64, 36
_ALIKE = 0.8
"""Correlation of two pictures of one view; those of two streets have half of it at most."""

_Look = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Header:
    """What a file says of itself before anything is decoded."""

    path: Path
    stated: datetime | None
    """Aware UTC: when it began; None where it does not say."""
    begins_s: float
    """On its own clock."""
    length_s: float | None
    coding: tuple[object, ...] = field(default=(), repr=False)
    """The same for files that one encoder wrote without being set anew."""


def header_of(path: Path, local: tzinfo) -> Header | None:
    """None where it cannot be read."""
    with suppress(SourceOpenError, av.FFmpegError, OSError), closing(open_container(path)) as container:
        stream = video_stream(container, path)
        modified = modified_at(path)
        stated = stated_start((container.metadata, stream.metadata), modified=modified, local=local)
        begins_s = float((stream.start_time or 0) * (stream.time_base or 0))
        context = stream.codec_context
        coding = (context.name, context.width, context.height, stream.guessed_rate, context.extradata)
        return Header(path, stated, begins_s, length_s(container, stream), coding)
    return None


def is_next(before: Header, after: Header) -> bool:
    """Whether a file of the same name but for numbers, and without a time, is the next segment.

    Its clock goes on, or it has the next number, the same coding and length, and shows the same view.
    """
    if before.length_s is None:
        return False
    if after.begins_s > SLACK_S and abs(after.begins_s - before.begins_s - before.length_s) <= SLACK_S:
        return True
    if not before.coding or before.coding != after.coding or not _is_numbered(before.path, after.path):
        return False
    longest_s = before.length_s + max(_UNEVEN_SHARE * before.length_s, _UNEVEN_S)
    written_s = (modified_at(after.path) - modified_at(before.path)).total_seconds()
    if (after.length_s or 0.0) > longest_s or abs(written_s) > _LATER * longest_s:
        return False
    looks = _look(before.path), _look(after.path)
    return looks[0] is not None and looks[1] is not None and float((looks[0] * looks[1]).mean()) >= _ALIKE


def _is_numbered(before: Path, after: Path) -> bool:
    first, second = _NUMBER.search(before.stem), _NUMBER.search(after.stem)
    if first is None or second is None or len(first[0]) != len(second[0]):
        return False
    rest = before.stem[: first.start()] == after.stem[: second.start()]
    return rest and int(second[0]) == int(first[0]) + 1


def _look(path: Path) -> _Look | None:
    """The first picture, small, grey, of mean 0 and deviation 1; None where there is none, or nothing in it."""
    with suppress(SourceOpenError, av.FFmpegError, ValueError, OSError), closing(open_video_file(path)) as file:
        decoded = file.next()
        if decoded is None:
            return None
        grey = cv2.cvtColor(ToBgr()(decoded.frame), cv2.COLOR_BGR2GRAY)
        small = np.asarray(cv2.resize(grey, _LOOK_SIZE, interpolation=cv2.INTER_AREA), np.float32)
        deviation = float(small.std())
        return (small - small.mean()) / deviation if deviation > 1.0 else None
    return None
