"""Frames of one connection to a live camera, each with the time at which it was captured."""

from collections import deque
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from fractions import Fraction
from statistics import median
from typing import Protocol

import av
from av import VideoFrame
from av.packet import Packet
from av.video.stream import VideoStream

from cvinspect.domain import Pace, Passage
from cvinspect.sources.decoding.complaints import Complaints
from cvinspect.sources.decoding.conversion import stated_pixel
from cvinspect.sources.decoding.frame_numbers import FrameNumbers
from cvinspect.sources.decoding.packet_decoder import Numbered, PacketDecoder
from cvinspect.sources.decoding.packet_ring import PacketRing
from cvinspect.sources.decoding.sampling_choice import EVERY_FRAME, SamplingChoice, SamplingRule
from cvinspect.sources.live.address import Address
from cvinspect.sources.live.clock import CameraClock, RunClock, Stamp
from cvinspect.sources.live.faults import TIME_OUT_S, TIMED_OUT_SHARE, broken_off, ended, stalled
from cvinspect.sources.live.opening import OpenStream
from cvinspect.sources.live.stamps import RTP_WRAP_S
from cvinspect.sources.live.waiting import KeyFrameWait

_BEHIND_S = 3.0
"""From this lag on only key frames are decoded, until one comes with less: the machine or the network was too slow, and
what comes late would be overtaken anyway. A reader that decodes everything stays late for ever."""

_WAITED_S = 0.002
"""What took this long to come had not piled up before."""

_GAPS = 9

_TOO_LATE = 50
"""So many RTP packets in a row are not late, whatever their numbers."""

_NUMBERED = "h264"


@dataclass(frozen=True, slots=True)
class Arrival:
    """One decoded frame."""

    frame: VideoFrame
    index: int
    """Its place among the frames of the connection; frames left out count."""
    stamp: Stamp
    arrived_s: float
    """On the steady clock."""
    begins_run: bool


@dataclass(frozen=True, slots=True)
class FeedPace:
    """How fast the packets of a connection come."""

    packets: int = 0
    usual_s: float = 0.0
    """Seconds between two of the last ones, in the middle of all."""
    time_out_s: float = TIME_OUT_S
    """After so long without one the connection is given up."""
    is_counting_anew: bool = False
    """Whether the camera has begun to number its packets anew, so that FFmpeg takes all that come for late ones."""


class Feed(Protocol):
    """One connection to a camera, or one loop of the file that plays it."""

    @property
    def drift(self) -> float | None:
        """How much faster the camera's clock runs than ours, as a share; None until that can be told."""
        ...

    @property
    def clock_trouble(self) -> str | None:
        """Why the camera's time stamps are not believed, in words; None while they are, or there are none."""
        ...

    @property
    def sampling(self) -> SamplingChoice:
        """Which frames are decoded, by what is known now."""
        ...

    @property
    def stated_pixel(self) -> Fraction | None:
        """Width to height of a stored pixel; None where it does not say."""
        ...

    @property
    def pace(self) -> FeedPace:
        """How fast its packets come."""
        ...

    def go(self, pace: Pace) -> None:
        """Where nothing but key frames is decoded: leave some out, or decode each.

        From any thread.
        """
        ...

    def taken(self, *, rest_s: float) -> Passage | None:
        """The frame that came last is a sample, and for `rest_s` none is wanted; what came since the one before."""
        ...

    def arrivals(self) -> Iterator[Arrival]:
        """Every frame as it comes; raises LinkLostError when no more do. A file's loop just ends."""
        ...

    def close(self) -> None:
        """Release it; safe to call twice."""
        ...


@dataclass(frozen=True, slots=True)
class Watched:
    """What a feed is given to tell the time, and to be watched by."""

    seconds: Callable[[], float]
    alive: Callable[[], None]
    """Called before everything that may take up to a time-out."""
    broke: Callable[[], None]
    """Called for each part that cannot be decoded."""
    skipped: Callable[[], None]
    """Called for each part that is not decoded because the reader is behind."""
    waits: Callable[[str], None] = lambda _: None
    """Called, with the reason in words, while data comes of which nothing can be shown."""
    ring: PacketRing | None = None
    """Holds what came last, for clips; None: nobody wants any."""


class LiveFeed:
    """An open stream. Frames are decoded in the calling thread; none is kept."""

    def __init__(
        self,
        opened: OpenStream,
        packets: "Generator[Packet[VideoStream], None, None]",
        address: Address,
        watched: Watched,
        rule: SamplingRule = EVERY_FRAME,
        *,
        complaints: Complaints,
        doubt: str | None = None,
        time_out_s: float = TIME_OUT_S,
    ) -> None:
        """`packets` are the stream's. `doubt`: why the camera's time stamps were not believed before."""
        stream = opened.stream
        self._complaints = complaints
        self._decoder = PacketDecoder(stream, rule, broke=watched.broke, is_damaged=complaints.tell_damage)
        context = stream.codec_context
        self._numbers = FrameNumbers(context.extradata) if context.name == _NUMBERED else None
        self._container = opened.container
        self._stream = stream
        self._address = address
        self._watched = watched
        self._packets = packets
        self._time_out_s = time_out_s
        self._clock = CameraClock(
            is_timed=opened.is_timed, doubt=doubt, wraps_s=RTP_WRAP_S if address.is_rtsp else None
        )  # fmt: skip
        self._origin_s = watched.seconds()
        self._run = RunClock()
        self._size: tuple[int, int] | None = None
        self._is_behind = False
        self._is_waited_for = True
        self._gaps: deque[float] = deque(maxlen=_GAPS)
        self._count = 0
        self._tap = None if watched.ring is None else watched.ring.tap()

    @property
    def drift(self) -> float | None:
        """As measured in this connection."""
        return self._clock.drift

    @property
    def clock_trouble(self) -> str | None:
        """As measured in this connection."""
        return self._clock.trouble

    @property
    def sampling(self) -> SamplingChoice:
        """As measured in this connection."""
        return self._decoder.watch.choice

    @property
    def stated_pixel(self) -> Fraction | None:
        """As the stream states."""
        return stated_pixel(self._stream)

    @property
    def pace(self) -> FeedPace:
        """As measured in this connection."""
        usual_s = median(tuple(self._gaps) or (0.0,))
        return FeedPace(self._count, usual_s, self._time_out_s, self._complaints.too_late >= _TOO_LATE)

    def go(self, pace: Pace) -> None:
        """Decode more or less of what comes."""
        self._decoder.go(pace)

    def taken(self, *, rest_s: float) -> Passage | None:
        """Decode of what comes next no more than what is built on."""
        return self._decoder.taken(rest_s=rest_s)

    def arrivals(self) -> Iterator[Arrival]:
        """Every frame that decodes whole, and builds on whole ones. Never ends but by LinkLostError."""
        wait = KeyFrameWait(self._address, began_s=self._watched.seconds())
        while True:
            packet = self._next()
            is_holed = self._is_holed(packet)
            arrived_s = self._watched.seconds()
            is_late = self._place(packet, arrived_s)
            if is_late and not packet.is_keyframe:
                self._watched.skipped()
            for numbered in self._decoder.frames(packet, is_late=is_late, is_holed=is_holed):
                wait.pictured(arrived_s)
                yield self._arrival(numbered, arrived_s)
            if self._decoder.is_waiting:
                wait.see(arrived_s, is_key=packet.is_keyframe, is_holed=is_holed, tell=self._watched.waits)
            else:
                wait.pictured(arrived_s)

    def close(self) -> None:
        """Release it; may take a moment to say goodbye."""
        # First the generator: it holds FFmpeg's reader, which must not outlive the container.
        self._packets.close()
        self._container.close()
        self._complaints.close()

    def _next(self) -> "Packet[VideoStream]":
        self._watched.alive()
        began_s = self._watched.seconds()
        packet = next_packet(self._packets, self._address, self._watched.seconds, time_out_s=self._time_out_s)
        waited_s = self._watched.seconds() - began_s
        if packet is None:
            raise ended(self._address)
        self._is_waited_for = waited_s >= _WAITED_S
        self._gaps.append(waited_s)
        self._count += 1
        return packet

    def _is_holed(self, packet: "Packet[VideoStream]") -> bool:
        """Whether something of it, or before it, was lost on the way or left out by the camera."""
        has_gap = self._numbers is not None and self._numbers.is_gap_before(bytes(packet))
        return self._complaints.tell_damage() or packet.is_corrupt or has_gap

    def _place(self, packet: "Packet[VideoStream]", arrived_s: float) -> bool:
        """Date the packet by our clock, from here on; whether to catch up before more than key frames are decoded."""
        base = self._stream.time_base
        stamp = packet.dts if packet.pts is None else packet.pts
        presented_s = None if stamp is None or base is None else float(stamp * base)
        placed = self._clock.place(presented_s, arrived_s=arrived_s, is_waited_for=self._is_waited_for)
        if base is not None:
            ticks = int((placed.at_s - self._origin_s) / base)
            packet.dts = ticks if packet.dts is None or stamp is None else ticks + packet.dts - stamp
            packet.pts = ticks
        if self._tap is not None:
            self._tap.add(self._stream, packet, placed.at_s)
        if placed.lag_s > _BEHIND_S or packet.is_keyframe:
            self._is_behind = placed.lag_s > _BEHIND_S
        return self._is_behind

    def _arrival(self, numbered: Numbered, arrived_s: float) -> Arrival:
        frame, index, base = numbered.frame, numbered.index, self._stream.time_base
        at_s = None if frame.pts is None or base is None else self._origin_s + float(frame.pts * base)
        size = frame.width, frame.height
        begins_run = size != self._size
        if begins_run:
            self._size, self._run = size, RunClock()
        return Arrival(frame, index, self._run.stamp(at_s, arrived_s=arrived_s), arrived_s, begins_run=begins_run)


def next_packet(
    packets: "Iterator[Packet[VideoStream]]", address: Address, seconds: Callable[[], float], *, time_out_s: float
) -> "Packet[VideoStream] | None":
    """The stream's next packet, None at its end; raises LinkLostError."""
    began_s = seconds()
    try:
        packet = next(packets, None)
    except (av.FFmpegError, OSError, ValueError, IndexError) as error:
        raise broken_off(address, error, waited_s=seconds() - began_s, time_out_s=time_out_s) from None
    # After a time-out FFmpeg first hands out what its parser held back, and would then wait once more.
    if seconds() - began_s >= TIMED_OUT_SHARE * time_out_s:
        raise stalled(address, time_out_s=time_out_s)
    return packet if packet is not None and packet.size else None
