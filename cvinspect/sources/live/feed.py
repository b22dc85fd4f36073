"""Frames of one connection to a live camera, each with the time at which it was captured."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Protocol

import av
from av import VideoFrame
from av.container import InputContainer
from av.packet import Packet
from av.stream import Disposition
from av.video.stream import VideoStream

from cvinspect.domain import Pace, Passage
from cvinspect.sources.decoding.conversion import stated_pixel
from cvinspect.sources.decoding.packet_decoder import Numbered, PacketDecoder
from cvinspect.sources.decoding.packet_ring import PacketRing
from cvinspect.sources.decoding.sampling_choice import EVERY_FRAME, SamplingChoice, SamplingRule
from cvinspect.sources.live.address import Address
from cvinspect.sources.live.clock import RunClock, Stamp
from cvinspect.sources.live.faults import TIME_OUT_S, TIMED_OUT_S, broken_off, ended, not_opened, stalled
from cvinspect.sources.live.states import LinkLostError, Reason

_NO_PICTURE_S = 30.0
"""Data without one picture in it for so long is garbage; key frames are at most 10 to 20 s apart."""

_BEHIND_S = 3.0
"""From this lag on only key frames are decoded, until one comes with less: the machine or the network was too slow, and
what comes late would be overtaken anyway. A reader that decodes everything stays late for ever."""

_ANALYSED_S = 0.5
"""To look at a stream before its first picture is given; FFmpeg would take 3 s."""

_UNTIMED = frozenset({"mpjpeg", "mjpeg", "jpeg_pipe", "h264", "hevc", "image2", "image2pipe"})
"""Formats without presentation times: FFmpeg makes them up from an assumed rate. The time of arrival is better."""

_PROTOCOLS = {"rtsp": "rtsp,rtp,rtcp,udp,tcp", "rtsps": "rtsp,rtsps,rtp,rtcp,udp,tcp,tls,srtp"}
_HTTP_PROTOCOLS = "http,https,tcp,tls,crypto"
"""A camera cannot send us elsewhere, to a file of this machine least of all."""


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


class Feed(Protocol):
    """One connection to a camera, or one loop of the file that plays it."""

    @property
    def drift(self) -> float | None:
        """How much faster the camera's clock runs than ours, as a share; None until that can be told."""
        ...

    @property
    def sampling(self) -> SamplingChoice:
        """Which frames are decoded, by what is known now."""
        ...

    @property
    def stated_pixel(self) -> Fraction | None:
        """Width to height of a stored pixel; None where it does not say."""
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
    ring: PacketRing | None = None
    """Holds what came last, for clips; None: nobody wants any."""


class LiveFeed:
    """An open stream. Frames are decoded in the calling thread; none is kept."""

    def __init__(
        self,
        container: InputContainer,
        stream: VideoStream,
        address: Address,
        watched: Watched,
        rule: SamplingRule = EVERY_FRAME,
    ) -> None:
        self._decoder = PacketDecoder(stream, rule, broke=watched.broke)
        self._container = container
        self._stream = stream
        self._address = address
        self._watched = watched
        self._is_timed = not _UNTIMED & set(container.format.name.split(","))
        self._clock = RunClock()
        self._size: tuple[int, int] | None = None
        self._is_behind = False
        self._packets = container.demux(stream)
        self._tap = None if watched.ring is None else watched.ring.tap()

    @property
    def drift(self) -> float | None:
        """As measured in this run."""
        return self._clock.drift.share

    @property
    def sampling(self) -> SamplingChoice:
        """As measured in this connection."""
        return self._decoder.watch.choice

    @property
    def stated_pixel(self) -> Fraction | None:
        """As the stream states."""
        return stated_pixel(self._stream)

    def go(self, pace: Pace) -> None:
        """Decode more or less of what comes."""
        self._decoder.go(pace)

    def taken(self, *, rest_s: float) -> Passage | None:
        """Decode of what comes next no more than what is built on."""
        return self._decoder.taken(rest_s=rest_s)

    def arrivals(self) -> Iterator[Arrival]:
        """Every frame that decodes whole. Never ends but by LinkLostError."""
        pictured_s = self._watched.seconds()
        while True:
            packet = self._next()
            arrived_s = self._watched.seconds()
            lag_s = self._lag_s(packet, arrived_s)
            if self._tap is not None:
                self._tap.add(self._stream, packet, arrived_s - lag_s, is_timed=self._is_timed)
            is_late = self._is_late(packet, lag_s)
            if is_late and not packet.is_keyframe:
                self._watched.skipped()
            for numbered in self._decoder.frames(packet, is_late=is_late):
                pictured_s = arrived_s
                yield self._arrival(numbered, arrived_s)
            if arrived_s - pictured_s > _NO_PICTURE_S:
                raise LinkLostError(
                    Reason.GARBAGE, f"{self._address.place}: sent data for {_NO_PICTURE_S:g} s, and no picture in it"
                )

    def close(self) -> None:
        """Release it; may take a moment to say goodbye."""
        # First the generator: it holds FFmpeg's reader, which must not outlive the container.
        self._packets.close()  # type: ignore[attr-defined]
        self._container.close()

    def _next(self) -> "Packet[VideoStream]":
        self._watched.alive()
        began_s = self._watched.seconds()
        try:
            packet = next(self._packets, None)
        except (av.FFmpegError, OSError, ValueError, IndexError) as error:
            raise broken_off(self._address, error, waited_s=self._watched.seconds() - began_s) from None
        # After a time-out FFmpeg first hands out what its parser held back, and would then wait once more.
        if self._watched.seconds() - began_s >= TIMED_OUT_S:
            raise stalled(self._address)
        if packet is None or not packet.size:
            raise ended(self._address)
        return packet

    def _lag_s(self, packet: "Packet[VideoStream]", arrived_s: float) -> float:
        """How late it comes; 0 where that cannot be told."""
        if not self._is_timed or packet.pts is None or self._stream.time_base is None:
            return 0.0
        return self._clock.lag_s(float(packet.pts * self._stream.time_base), arrived_s=arrived_s)

    def _is_late(self, packet: "Packet[VideoStream]", lag_s: float) -> bool:
        """Whether to catch up first."""
        if lag_s > _BEHIND_S or (packet.is_keyframe and packet.pts is not None):
            self._is_behind = lag_s > _BEHIND_S
        return self._is_behind

    def _arrival(self, numbered: Numbered, arrived_s: float) -> Arrival:
        frame, index = numbered.frame, numbered.index
        presented_s = self._presented_s(frame, arrived_s)
        size = frame.width, frame.height
        stamp = self._clock.stamp(presented_s, arrived_s=arrived_s) if size == self._size else None
        if stamp is not None:
            return Arrival(frame, index, stamp, arrived_s, begins_run=False)
        self._size, self._clock = size, RunClock()
        first = self._clock.stamp(presented_s, arrived_s=arrived_s) or Stamp(0.0, arrived_s)
        return Arrival(frame, index, first, arrived_s, begins_run=True)

    def _presented_s(self, frame: VideoFrame, arrived_s: float) -> float | None:
        if not self._is_timed:
            return arrived_s
        if frame.pts is None or self._stream.time_base is None:
            return None
        return float(frame.pts * self._stream.time_base)


def connect(address: Address, watched: Watched, rule: SamplingRule = EVERY_FRAME) -> LiveFeed:
    """Connect to a camera; raises LinkLostError."""
    watched.alive()
    began_s = watched.seconds()
    # FFmpeg's own time-outs (`_options`) end a silent stream. With PyAV's for reading, each read of a socket would wait
    # for the interpreter's lock: several times for each RTP packet.
    try:
        container = av.open(
            address.authenticated(),
            options=_options(address),
            timeout=(TIME_OUT_S, None),
            metadata_errors="replace",
        )
    except (av.FFmpegError, OSError, ValueError) as error:
        # From None: the error that is left out names the URL, with its password.
        watched.alive()
        raise not_opened(address, error, took_s=watched.seconds() - began_s) from None
    try:
        return LiveFeed(container, _stream(container, address), address, watched, rule)
    except BaseException:
        container.close()
        raise


def _options(address: Address) -> dict[str, str]:
    time_out_us = f"{TIME_OUT_S * 1e6:.0f}"
    common = {"timeout": time_out_us, "analyzeduration": f"{_ANALYSED_S * 1e6:.0f}", "fpsprobesize": "0"}
    if not address.is_rtsp:
        return {**common, "rw_timeout": time_out_us, "protocol_whitelist": _HTTP_PROTOCOLS}
    return {
        **common,
        "rtsp_transport": address.transport.value,
        "allowed_media_types": "video",
        "protocol_whitelist": _PROTOCOLS[address.scheme],
    }


def _stream(container: InputContainer, address: Address) -> VideoStream:
    """The best stream of moving pictures, set to decode in this thread only; raises LinkLostError."""
    streams = [s for s in container.streams.video if not s.disposition & Disposition.attached_pic]
    # PyAV has no codec context where FFmpeg has no decoder, whatever its type hints say.
    streams = [s for s in streams if getattr(s, "codec_context", None)]
    if not streams:
        raise LinkLostError(Reason.GARBAGE, f"{address.place}: sends no video that can be decoded")
    best = container.streams.best("video")
    stream = next((s for s in streams if best is not None and s.index == best.index), streams[0])
    stream.codec_context.thread_count = 1
    stream.codec_context.thread_type = "NONE"
    return stream
