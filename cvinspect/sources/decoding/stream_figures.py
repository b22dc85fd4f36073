"""What a stream is, as its packets tell without decoding any: codec, frames a second, distance of key frames."""

import threading
from dataclasses import dataclass
from pathlib import Path

import av
from av.packet import Packet
from av.video.stream import VideoStream

from cvinspect.sources.decoding.packet_ring import PacketRing, Tap

FAR_APART_S = 10.0
"""Key frames farther apart are those of cameras that save data while nothing moves ("smart codec", H.264+, H.265+)."""

_LOOKED_AT_S = 30.0
_LEAST_S = 1.0
"""What frames a second are told from."""

_MOST_PACKETS = 4000

_REORDERED = 16
"""Frames that may come before others that are shown earlier: of the last ones some are missing."""


@dataclass(frozen=True, slots=True)
class StreamFigures:
    """What is known of a stream by now."""

    codec: str
    """Its short name, such as h264 or hevc."""
    fps: float | None
    """Frames a second, as they came; None where too little was seen."""
    keys_apart_s: float | None
    """The longest distance of two key frames that follow each other; None before the second one."""
    keyless_s: float
    """How long none came before the first one, or had come after the last one at the end, whichever is longer."""

    @property
    def longest_s(self) -> float:
        """The longest time without a key frame."""
        return max(self.keys_apart_s or 0.0, self.keyless_s)

    @property
    def is_smart(self) -> bool:
        """Whether key frames are so far apart as only smart codecs have them."""
        return self.longest_s > FAR_APART_S


class PacketCount:
    """Counts the packets of one stream; may be read from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._codec: str | None = None
        self._times: list[float] = []
        self._keys: list[float] = []
        self._newest_s = 0.0

    def see(self, stream: VideoStream, packet: "Packet[VideoStream]", at_s: float) -> None:
        """The next packet, shown or captured at that second of the stream's or any other clock."""
        with self._lock:
            self._codec = stream.codec_context.name
            if self._times and not -1.0 <= at_s - self._newest_s <= _LOOKED_AT_S:  # its clock leapt
                self._times, self._keys = [], []
            self._newest_s = at_s if not self._times else max(self._newest_s, at_s)
            if len(self._times) < _MOST_PACKETS:
                self._times.append(at_s)
            if packet.is_keyframe:
                self._keys.append(at_s)

    @property
    def figures(self) -> StreamFigures | None:
        """None before the first packet."""
        with self._lock:
            if self._codec is None:
                return None
            times = sorted(self._times)
            begin_s = times[0]
            times = times[:-_REORDERED] if len(times) > 4 * _REORDERED else times
            passed_s = times[-1] - begin_s
            fps = (len(times) - 1) / passed_s if passed_s >= _LEAST_S else None
            apart = [after - before for before, after in zip(self._keys, self._keys[1:], strict=False)]
            first_s, last_s = min(self._keys, default=begin_s), max(self._keys, default=begin_s)
            keyless_s = max(first_s - begin_s, self._newest_s - last_s)
            return StreamFigures(self._codec, fps, max(apart, default=None), keyless_s)

    @property
    def is_enough(self) -> bool:
        """Whether frames a second and key frames are known, or key frames are known to be far apart."""
        figures = self.figures
        if figures is None:
            return False
        return figures.is_smart or (figures.keys_apart_s is not None and figures.fps is not None)


class CountingRing(PacketRing):
    """Takes a live camera's packets in place of what clips are cut from, counts them and keeps none."""

    def __init__(self) -> None:
        super().__init__()
        self.count = PacketCount()

    def tap(self) -> Tap:
        """What a new connection hands its packets to."""
        return _CountingTap(self)


class _CountingTap(Tap):
    def __init__(self, ring: CountingRing) -> None:
        super().__init__(ring)
        self._count = ring.count

    def add(
        self,
        stream: VideoStream,
        packet: "Packet[VideoStream]",
        captured_s: float,
        *,
        is_timed: bool = True,  # noqa: ARG002
    ) -> None:
        """Count the connection's next packet, by when it was captured: what streams say themselves may be made up."""
        self._count.see(stream, packet, captured_s)


def figures_of(path: Path) -> StreamFigures | None:
    """Of a video file, by its first half minute; None where it holds no video or cannot be read."""
    count = PacketCount()
    try:
        with av.open(str(path), metadata_errors="replace") as container:
            stream = next(iter(container.streams.video), None)
            if stream is None or stream.time_base is None:
                return None
            for packet in container.demux(stream):
                at = packet.dts if packet.pts is None else packet.pts
                if at is None or not packet.size:
                    continue
                at_s = float(at * stream.time_base)
                count.see(stream, packet, at_s)
                if at_s - (stream.start_time or 0) * float(stream.time_base) > _LOOKED_AT_S:
                    break
    except (av.FFmpegError, OSError, ValueError):
        return None
    return count.figures
