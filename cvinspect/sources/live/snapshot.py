"""A camera that gives one picture for each request: it is asked again for every sample."""

import threading
from collections.abc import Callable, Iterator
from contextlib import closing

import av
from av import VideoFrame
from av.packet import Packet
from av.video.stream import VideoStream

from cvinspect.domain import Pace, Passage
from cvinspect.sources.decoding.complaints import Complaints
from cvinspect.sources.decoding.sampling_choice import SamplingChoice
from cvinspect.sources.live.address import Address
from cvinspect.sources.live.clock import RunClock
from cvinspect.sources.live.feed import Arrival, FeedPace, Watched, next_packet
from cvinspect.sources.live.opening import Opener, OpenStream
from cvinspect.sources.live.states import LinkLostError, Reason

_BROKEN_IN_A_ROW = 5
"""So many requests that brought no whole picture are a camera that is down; fewer are picked up by the next."""

_PASSING = frozenset({Reason.ENDED, Reason.GARBAGE, Reason.FAULTY, Reason.NOT_FOUND})
"""What may be over with the next request. Not so a refused login: cameras lock accounts after a handful."""

_CHOICE = SamplingChoice(
    keyframes_only=False, why="it gives one picture for each request, and is asked as often as samples are wanted"
)


class SnapshotFeed:
    """Asks for a picture at each due moment; a connection of its own for each, as such cameras want it."""

    drift = None
    clock_trouble = None
    """Its pictures carry no times."""
    sampling = _CHOICE

    def __init__(
        self,
        first: OpenStream,
        packets: "list[Packet[VideoStream]]",
        opener: Opener,
        watched: Watched,
        *,
        fps: float,
        stop: threading.Event,
        complaints: Complaints,
        time_out_s: float,
    ) -> None:
        """`first` has been read to its end, and held `packets`. `fps` requests a second, until `stop` is set."""
        self._first: tuple[OpenStream, list[Packet[VideoStream]]] | None = first, packets
        self._opener = opener
        self._address = opener.address
        self._watched = watched
        self._period_s = 1 / fps
        self._stop = stop
        self._complaints = complaints
        self._time_out_s = time_out_s
        self._count = 0
        self._tap = None if watched.ring is None else watched.ring.tap()

    @property
    def stated_pixel(self) -> None:
        """A single picture says nothing of it."""
        return None

    @property
    def pace(self) -> FeedPace:
        """As asked for."""
        return FeedPace(self._count, self._period_s, self._time_out_s)

    def go(self, pace: Pace) -> None:
        """Each picture is whole; nothing can be left out."""

    def taken(self, *, rest_s: float) -> Passage | None:  # noqa: ARG002
        """Nothing comes between two pictures."""
        return None

    def arrivals(self) -> Iterator[Arrival]:
        """A picture for each request, dated by its arrival; raises LinkLostError. Ends only when told to stop."""
        run, size, index, broken = RunClock(), (0, 0), 0, 0
        due_s = self._watched.seconds()
        while not self._stop.is_set():
            frame = self._asked_once_more() if self._first is None else self._asked()
            arrived_s = self._watched.seconds()
            if not isinstance(frame, VideoFrame):
                self._watched.broke()
                broken += 1
                if broken >= _BROKEN_IN_A_ROW:
                    raise self._undecodable() if frame is None else frame
            else:
                broken, begins_run = 0, size != (frame.width, frame.height)
                if begins_run:
                    size, run = (frame.width, frame.height), RunClock()
                stamp = run.stamp(arrived_s, arrived_s=arrived_s)
                yield Arrival(frame, index, stamp, arrived_s, begins_run=begins_run)
                index += 1
            due_s = max(due_s + self._period_s, arrived_s)
            self._wait_until(due_s)

    def close(self) -> None:
        """Release it; safe to call twice."""
        if self._first is not None:
            self._first[0].packets.close()
            self._first[0].container.close()
            self._first = None
        self._complaints.close()

    def _undecodable(self) -> LinkLostError:
        return LinkLostError(Reason.GARBAGE, f"{self._address.place}: gives pictures that cannot be decoded")

    def _asked_once_more(self) -> VideoFrame | LinkLostError | None:
        """As `_asked`; what may be over with the next request is returned, not raised."""
        try:
            return self._asked()
        except LinkLostError as lost:
            if lost.reason not in _PASSING:
                raise
            if lost.reason is not Reason.ENDED:
                return lost
            return LinkLostError(lost.reason, f"{self._address.place}: breaks off its answers")

    def _asked(self) -> VideoFrame | None:
        """The next picture; None where it is broken. Raises LinkLostError."""
        self._watched.alive()
        if self._first is not None:
            (opened, packets), self._first = self._first, None
        else:
            opened = self._opener.open(
                seconds=self._watched.seconds, alive=self._watched.alive, time_out_s=self._time_out_s
            )
            packets = []
        with closing(opened.container), closing(opened.packets):
            packets = packets or read_all(opened, self._address, self._watched.seconds, time_out_s=self._time_out_s)
            return self._decoded(opened.stream, packets)

    def _decoded(self, stream: VideoStream, packets: "list[Packet[VideoStream]]") -> VideoFrame | None:
        frames: list[VideoFrame] = []
        self._complaints.tell_damage()
        try:
            for packet in packets:
                if self._tap is not None:
                    self._tap.add(stream, packet, self._watched.seconds(), is_timed=False)
                frames += stream.codec_context.decode(packet)
                self._count += 1
            frames += stream.codec_context.decode(None)
        except av.EOFError:
            pass
        except (av.FFmpegError, ValueError):
            return None
        whole = [frame for frame in frames if not frame.is_corrupt]
        return whole[-1] if whole and not self._complaints.tell_damage() else None

    def _wait_until(self, due_s: float) -> None:
        while (left_s := due_s - self._watched.seconds()) > 0 and not self._stop.is_set():
            self._watched.alive()
            self._stop.wait(min(left_s, 1.0))


def read_all(
    opened: OpenStream, address: Address, seconds: Callable[[], float], *, time_out_s: float, most: int | None = None
) -> "list[Packet[VideoStream]]":
    """The packets of a stream up to its end, or `most` of them; raises LinkLostError."""
    packets = opened.packets
    found: list[Packet[VideoStream]] = []
    while most is None or len(found) < most:
        packet = next_packet(packets, address, seconds, time_out_s=time_out_s)
        if packet is None:
            break
        found.append(packet)
    return found
