"""A file that plays a camera: looped, at real speed."""

import threading
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

from av.packet import Packet
from av.video.stream import VideoStream

from cvinspect.domain import Pace, Passage
from cvinspect.errors import SourceOpenError
from cvinspect.sources.decoding.sampler import MediaClock
from cvinspect.sources.decoding.sampling_choice import EVERY_FRAME, SamplingChoice, SamplingRule
from cvinspect.sources.decoding.video_file import Decoded, VideoFile, open_video_file
from cvinspect.sources.live.address import Address
from cvinspect.sources.live.clock import Stamp
from cvinspect.sources.live.feed import Arrival, FeedPace, Watched
from cvinspect.sources.live.states import LinkLostError, Reason

_SHORTEST_LOOP_S = 1.0
"""A file of one picture would be opened without end."""


class FileLoop:
    """One pass through a file; each frame comes when it is due, or at once where the machine is too slow."""

    def __init__(self, file: VideoFile, address: Address, watched: Watched, stop: threading.Event) -> None:
        self._file = file
        self._address = address
        self._watched = watched
        self._stop = stop
        self._began_s = watched.seconds()
        self._first_pts: int | None = None
        self._tap = None if watched.ring is None else watched.ring.tap()
        file.passed = self._keep if self._tap is not None else None

    drift = None
    clock_trouble = None
    """Played by our own clock."""
    pace = FeedPace()

    @property
    def sampling(self) -> SamplingChoice:
        """Which frames are decoded, by what is known now."""
        return self._file.sampling

    @property
    def stated_pixel(self) -> Fraction | None:
        """As the file states."""
        return self._file.stated_pixel

    def go(self, pace: Pace) -> None:
        """Decode more or less of what comes."""
        self._file.go(pace)

    def taken(self, *, rest_s: float) -> Passage | None:
        """Decode of what comes next no more than what is built on."""
        return self._file.taken(rest_s=rest_s)

    def arrivals(self) -> Iterator[Arrival]:
        """Every frame up to the end, or until stopped; raises LinkLostError where not one can be decoded."""
        began_s = self._began_s = self._watched.seconds()
        clock = MediaClock(frame_s=self._file.frame_s)
        size: tuple[int, int] | None = None
        offset_s, end_s, index = 0.0, 0.0, -1
        while (decoded := self._next()) is not None:
            media_s = clock.advance(decoded.presented_s, frames=decoded.index - index)
            index = decoded.index
            due_s, end_s = began_s + media_s, media_s + self._file.frame_s
            begins_run = size != (decoded.frame.width, decoded.frame.height)
            if begins_run:
                size, offset_s = (decoded.frame.width, decoded.frame.height), media_s
            if self._waits_until(due_s):
                return
            stamp = Stamp(media_s - offset_s, due_s)
            yield Arrival(decoded.frame, index, stamp, self._watched.seconds(), begins_run=begins_run)
        if size is None:
            raise LinkLostError(Reason.GARBAGE, f"{self._address.place}: not one frame of it can be decoded")
        self._waits_until(began_s + max(end_s, _SHORTEST_LOOP_S))

    def close(self) -> None:
        """Release the file."""
        self._file.close()

    def _keep(self, stream: VideoStream, packet: "Packet[VideoStream]") -> None:
        """For clips, with the moment at which it is due."""
        pts = packet.dts if packet.pts is None else packet.pts
        if pts is None or stream.time_base is None or self._tap is None:
            return
        self._first_pts = pts if self._first_pts is None else self._first_pts
        self._tap.add(stream, packet, self._began_s + float((pts - self._first_pts) * stream.time_base))

    def _next(self) -> Decoded | None:
        self._watched.alive()
        before = self._file.counts.broken
        decoded = self._file.next()
        for _ in range(self._file.counts.broken - before):
            self._watched.broke()
        return decoded

    def _waits_until(self, due_s: float) -> bool:
        """Wait; True when told to stop."""
        remaining_s = due_s - self._watched.seconds()
        while remaining_s > 0:
            self._watched.alive()
            if self._stop.wait(min(remaining_s, 1.0)):
                return True
            remaining_s = due_s - self._watched.seconds()
        return self._stop.is_set()


def open_loop(
    address: Address, watched: Watched, rule: SamplingRule = EVERY_FRAME, *, stop: threading.Event
) -> FileLoop:
    """Open the file for one pass; raises LinkLostError."""
    watched.alive()
    try:
        file = open_video_file(Path(address.url), rule)
    except SourceOpenError as error:
        raise LinkLostError(Reason.NOT_FOUND, str(error)) from error
    return FileLoop(file, address, watched, stop)
