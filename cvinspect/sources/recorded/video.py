"""Video files, sampled at an even rate."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta, tzinfo
from fractions import Fraction
from pathlib import Path

import av
from av import VideoFrame

from cvinspect.domain import Frame, Pace, Pixels
from cvinspect.errors import SourceOpenError
from cvinspect.sources import Clock, SourceInfo, SourceKind
from cvinspect.sources.decoding.conversion import Convert, PixelShape, ToBgr, orientation
from cvinspect.sources.decoding.sampler import RESET_S, MediaClock, Sampler
from cvinspect.sources.decoding.sampling_choice import EVERY_FRAME, SamplingChoice, SamplingRule
from cvinspect.sources.decoding.video_file import Decoded, VideoFile, open_video_file
from cvinspect.sources.recorded.length import believed_length_s
from cvinspect.sources.recorded.name_time import time_in_name
from cvinspect.sources.recorded.pauses import Pauses
from cvinspect.sources.recorded.start import CHINA, as_utc, modified_at, stated_start


class VideoSource:
    """One video file, decoded in the calling thread. Made by `open_video`.

    Decoding is lazy and keeps no frame beyond the present one. Frames that are not sampled are decoded,
    because later ones build on them, but never become pictures.
    """

    def __init__(
        self,
        file: VideoFile,
        first: Decoded,
        *,
        camera: str,
        info: SourceInfo,
        sampler: Sampler,
        shape: PixelShape,
        convert: Convert | None = None,
    ) -> None:
        self.info = info
        self.counts = file.counts
        self._file = file
        self._pending: Decoded | None = first
        self._camera = camera
        self._sampler = sampler
        self.pauses = Pauses()
        """Those that were met so far."""
        self._clock = MediaClock(frame_s=file.frame_s)
        self._turned = orientation(first.frame)
        self._shape = shape
        self._convert = convert or ToBgr(shape=shape)
        self._closed = False
        self._offset_s: float | None = None
        self._is_set_back = False
        self.presented_s: float | None = None
        """Presentation time of the frame that was read last; None where no one place in the file is known by it."""

    def frames(self) -> Iterator[Frame]:
        """Every sampled frame in order of time; may be called once.

        Pictures are (h, w, 3) uint8 BGR, upright, each in its own size should the stream change it. Broken
        parts are counted and left out. Raises SourceOpenError when not one picture comes out. Ends early
        when closed.
        """
        try:
            yield from self._sampled()
        finally:
            self.counts.paused_s = sum(self.pauses.lengths_s)
        if self._closed:
            return
        if not self.counts.sampled:
            raise SourceOpenError(f"{self._camera}: no frame of its {self.info.codec} video can be shown")
        self._correct_length()

    def _sampled(self) -> Iterator[Frame]:
        index = -1
        while (decoded := self._next()) is not None:
            media_s = self._clock.advance(decoded.presented_s, frames=decoded.index - index)
            self.pauses.note(media_s, frames=decoded.index - index)
            index = decoded.index
            self.counts.read += 1
            self.counts.media_s = media_s
            self.presented_s = self._place(decoded.presented_s, media_s)
            if not self._sampler.takes(media_s):
                continue
            passage = self._file.taken(rest_s=self._sampler.rest_s(media_s))
            pixels = self._picture(decoded.frame)
            if pixels is None:
                continue
            self.counts.sampled += 1
            captured_at = self.info.started_at + timedelta(seconds=media_s)
            passage = None if passage is None else replace(passage, turned=self._turned, shape=self._shape)
            yield Frame(self._camera, index, media_s, captured_at, pixels, passage)

    @property
    def frame_s(self) -> float:
        """The usual distance of two frames in seconds."""
        return self._file.frame_s

    @property
    def mended(self) -> int:
        """How many wrong times in the file were put right so far."""
        return self._file.mended

    @property
    def sampling(self) -> SamplingChoice:
        """Which frames are decoded, by what is known now."""
        return self._file.sampling

    def go(self, pace: Pace) -> None:
        """Where nothing but key frames is decoded: leave some out, or decode each."""
        self._file.go(pace)

    def close(self) -> None:
        """Release the file; safe to call twice."""
        self._closed = True
        self._pending = None
        self._file.close()

    def _correct_length(self) -> None:
        """A length that was stated from times that were wrong says nothing of a missing end."""
        stated_s, reached_s = self.info.duration_s, self.counts.media_s
        if stated_s is None or not (self._file.mended or self._is_set_back):
            return
        if reached_s < stated_s - RESET_S <= self._file.written_s:
            self.info = replace(self.info, duration_s=reached_s)

    def _next(self) -> Decoded | None:
        pending, self._pending = self._pending, None
        return pending or self._file.next()

    def _place(self, presented_s: float | None, media_s: float) -> float | None:
        """The presentation time, unless the file's clock was set back or leapt: another place may have the same."""
        if presented_s is None:
            return None
        self._offset_s = presented_s - media_s if self._offset_s is None else self._offset_s
        self._is_set_back = self._is_set_back or abs(presented_s - media_s - self._offset_s) > RESET_S
        return None if self._is_set_back or not self._file.names_places else presented_s

    def _picture(self, decoded: VideoFrame) -> Pixels | None:
        try:
            return self._convert(decoded)
        except (av.FFmpegError, ValueError):
            self.counts.broken += 1
            return None


def open_video(  # noqa: PLR0913
    path: Path,
    *,
    camera: str,
    fps: float = 2.0,
    started_at: datetime | None = None,
    clock: Clock = Clock.GIVEN,
    timezone: tzinfo = CHINA,
    convert: Convert | None = None,
    rule: SamplingRule = EVERY_FRAME,
    aspect: Fraction | None = None,
) -> VideoSource:
    """Open a video file and decode its first frame.

    `fps` is how many pictures to take a second, above 0. `started_at` (aware) is the capture time of the first frame,
    which rests on `clock`; without it the container's word is taken, failing that its name's, and failing that the
    file's modification time less its duration. Times without a zone are read in `timezone`. `convert` makes pictures of
    frames. `rule` says which frames are decoded; of those, `fps` are taken. Pixels that are no squares become squares;
    `aspect` is the width to height of the picture as it is to be shown, where the file does not say or is wrong.

    Raises SourceOpenError when the file cannot be read as video, ValueError for an `fps` or `started_at` that
    makes no sense.
    """
    sampler = Sampler(fps=fps)
    given = None if started_at is None else as_utc(started_at)
    file = open_video_file(path, rule)
    try:
        first = _first(path, file)
        started, basis = (given, clock) if given is not None else _start(path, file, timezone)
        turned, shape = orientation(first.frame), PixelShape(file.stated_pixel, aspect)
        width, height = turned.shown_size(*shape.squared(first.frame.width, first.frame.height, turned))
        info = SourceInfo(SourceKind.VIDEO, width, height, file.codec, file.duration_s, started, basis)
        if file.frame_s > 1 / fps:
            info = replace(info, interval_s=file.frame_s)
        return VideoSource(file, first, camera=camera, info=info, sampler=sampler, shape=shape, convert=convert)
    except BaseException:
        file.close()
        raise


def _first(path: Path, file: VideoFile) -> Decoded:
    first = file.next()
    if first is None:
        raise SourceOpenError(
            f"{path}: not one frame of its {file.codec} video can be decoded "
            f"({file.counts.broken} broken parts); the file is empty or damaged"
        )
    return first


def _start(path: Path, file: VideoFile, timezone: tzinfo) -> tuple[datetime, Clock]:
    modified = modified_at(path)
    stated = stated_start(file.metadata, modified=modified, local=timezone)
    if stated is not None:
        return stated, Clock.CONTAINER
    named = time_in_name(path, local=timezone)
    if named is not None:
        return named.at, Clock.NAME
    return modified - timedelta(seconds=believed_length_s(path, file.duration_s) or 0.0), Clock.FILE
