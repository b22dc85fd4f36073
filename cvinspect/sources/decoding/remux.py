"""A piece of coded video, put into a file as it is: nothing is decoded and nothing encoded."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
from av.container import OutputContainer
from av.packet import Packet
from av.stream import Stream
from av.video.stream import VideoStream

from cvinspect.errors import DeliveryError

_IN_BAND = frozenset({"h264", "hevc"})
"""Cameras may send the parameter sets with the key frames only; MP4 wants them in its header too."""


@dataclass(frozen=True, slots=True)
class CodedPicture:
    """One packet, copied out of the decoder's reach: FFmpeg would keep its whole buffer."""

    data: bytes
    pts: int
    dts: int | None
    duration: int
    """0 where unknown. All three in ticks of the stream's time base."""
    is_key: bool
    captured_s: float
    """On whichever clock the reader goes by."""


class Coding:
    """How a stream is coded, kept for longer than the stream is open."""

    def __init__(self, stream: VideoStream) -> None:
        """Raises DeliveryError where MP4 cannot hold it."""
        context = stream.codec_context
        self.width: int = context.width
        self.height: int = context.height
        self.time_base = stream.time_base or Fraction(1, 90_000)
        self._codec: str = context.codec.canonical_name
        self._container = av.open(io.BytesIO(), "w", format="mp4")
        self._pattern = _copy(self._container, stream, self._codec)

    def fits(self, stream: VideoStream) -> bool:
        """Whether the stream's pictures still have the size that this states."""
        return (self.width, self.height) == (stream.codec_context.width, stream.codec_context.height)

    def write(self, path: Path, pictures: Sequence[CodedPicture]) -> None:
        """Put the pictures into an MP4 file, of which the first is a key frame. Raises DeliveryError."""
        try:
            with av.open(str(path), "w", format="mp4", options={"movflags": "faststart"}) as container:
                stream = self._stream(container, first=pictures[0])
                last = -1
                for packet in self._packets(pictures):
                    packet.dts = last = max(packet.dts or 0, last + 1)  # the muxer takes none twice
                    packet.pts = max(packet.pts or 0, packet.dts)
                    packet.stream = stream
                    container.mux_one(packet)
        except (av.FFmpegError, OSError, ValueError) as error:
            raise DeliveryError(f"{path}: cannot be written: {getattr(error, 'strerror', None) or error}") from error

    def _stream(self, container: OutputContainer, *, first: CodedPicture) -> VideoStream:
        stream = _copy(container, self._pattern, self._codec)
        stream.codec_context.width, stream.codec_context.height = self.width, self.height
        if not stream.codec_context.extradata and self._codec in _IN_BAND:
            stream.codec_context.extradata = first.data
        return stream

    def _packets(self, pictures: Sequence[CodedPicture]) -> "list[Packet[Stream]]":
        """From tick 0 on."""
        stamps = [one.pts if one.dts is None else one.dts for one in pictures]
        start = stamps[0]
        packets: list[Packet[Stream]] = []
        for one, stamp in zip(pictures, stamps, strict=True):
            packet = Packet(one.data)
            packet.pts, packet.dts, packet.duration = one.pts - start, stamp - start, one.duration
            packet.time_base, packet.is_keyframe = self.time_base, one.is_key
            packets.append(packet)
        return packets


def _copy(container: OutputContainer, pattern: VideoStream, codec: str) -> VideoStream:
    try:
        stream = container.add_stream_from_template(pattern, opaque=True)
    except (av.FFmpegError, ValueError) as error:
        raise DeliveryError(f"video coded as {codec} cannot be put into MP4") from error
    if codec == "hevc":
        stream.codec_context.codec_tag = "hvc1"  # browsers and phones play no other
    return stream
