"""From a video file to decoded frames, past the parts that are broken."""

import re
import struct
from collections.abc import Callable, Generator, Iterable, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
from av import VideoFrame
from av.container import InputContainer
from av.packet import Packet
from av.stream import Disposition
from av.video.stream import VideoStream

from cvinspect.domain import Pace
from cvinspect.errors import SourceOpenError
from cvinspect.modes import Sampling
from cvinspect.opencv import MOST_PIXELS
from cvinspect.sources import Counts
from cvinspect.sources.decoding.conversion import stated_pixel
from cvinspect.sources.decoding.files import check_file
from cvinspect.sources.decoding.packet_decoder import Numbered, PacketDecoder
from cvinspect.sources.decoding.passage import CodedPassage
from cvinspect.sources.decoding.sampling_choice import EVERY_FRAME, KEYS_LOOKED_AT, Keys, SamplingChoice, SamplingRule
from cvinspect.sources.decoding.stamps import MendedPackets

WANTED = "a video file (mp4, mkv, avi, mov, ts, flv, webm, h264, h265)"

_READ_FAILURES = 100
"""Reads in a row that may fail before the rest of a file is given up: nothing loops for ever."""

_LOOKED_AT = 3000
"""Packets at the start of a file that are looked through for key frames: two minutes' worth."""

_MATROSKA = "matroska,webm"
_MATROSKA_TIME = re.compile(r"(\d+):(\d\d):(\d\d(?:\.\d+)?)")

_TEXT_FORMATS = frozenset({"tty"})
"""FFmpeg shows text files as video of a terminal."""

_USUAL_FPS = 25.0
"""For streams that state no frame rate; the usual one of surveillance cameras here."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """One frame as it comes from the decoder."""

    frame: VideoFrame
    presented_s: float | None
    """Presentation time in seconds on the file's own clock, None where it has none."""
    index: int
    """Its place among the frames of the file, from 0; frames that were left out count."""


class VideoFile:
    """An open video file with its decoder; used once, from start to end."""

    def __init__(
        self, container: InputContainer, stream: VideoStream, rule: SamplingRule = EVERY_FRAME, *, keys: Keys = ()
    ) -> None:
        """`keys`: when the first key frames come, as far as known, so that `rule` can be followed from the start."""
        self.counts = Counts()
        self.passed: Callable[[VideoStream, Packet[VideoStream]], None] | None = None
        """Told of each packet before it is decoded."""
        self._container = container
        self._stream = stream
        self._decoder = PacketDecoder(stream, rule, broke=self._count_broken)
        self._decoder.watch.look_ahead(keys)
        self._read = self._packets()
        self._stamped = mended_packets(self._read, stream)
        self._began_s: float | None = None
        self._frames = self._all_frames()

    @property
    def codec(self) -> str:
        """Name of the video's coding, such as "h264"."""
        return self._stream.codec_context.codec.canonical_name

    @property
    def duration_s(self) -> float | None:
        """Seconds of video, None where the container does not say."""
        return length_s(self._container, self._stream)

    @property
    def frame_s(self) -> float:
        """The usual distance of two frames in seconds."""
        return frame_distance_s(self._stream)

    @property
    def stated_pixel(self) -> Fraction | None:
        """Width to height of a stored pixel; None where the file does not say."""
        return stated_pixel(self._stream)

    @property
    def written_s(self) -> float:
        """Seconds from the first to the latest time in the packets read so far, as written; they may be wrong."""
        latest_s = self._stamped.latest_s
        return 0.0 if latest_s is None or self._began_s is None else latest_s - self._began_s

    @property
    def mended(self) -> int:
        """How many wrong times were put right so far."""
        return self._stamped.mended

    @property
    def names_places(self) -> bool:
        """Whether a presentation time is that of one place in the file, by what is known now."""
        return not self._stamped.has_spread

    @property
    def metadata(self) -> tuple[Mapping[str, str], ...]:
        """The container's tags, then the stream's."""
        return self._container.metadata, self._stream.metadata

    @property
    def sampling(self) -> SamplingChoice:
        """Which frames are decoded, by what is known now."""
        return self._decoder.watch.choice

    def go(self, pace: Pace) -> None:
        """Where nothing but key frames is decoded: leave some out, or decode each."""
        self._decoder.go(pace)

    def taken(self, *, rest_s: float) -> CodedPassage | None:
        """The frame that came last is a sample; what came since the one before, where that was not decoded.

        For `rest_s` after it none is wanted; some may be left out, those that are not count.
        """
        return self._decoder.taken(rest_s=rest_s)

    def next(self) -> Decoded | None:
        """The next whole frame in order of presentation; None at the end or once closed.

        Packets that cannot be read or decoded, and frames that the decoder had to make up in part, are
        counted in `counts.broken` and left out: a video with a damaged frame goes on at the next whole one.
        """
        numbered = next(self._frames, None)
        if numbered is None:
            return None
        frame, index = numbered.frame, numbered.index
        # Not frame.time: it has no time base on frames that come out when the decoder is emptied at the end.
        if frame.pts is None or self._stream.time_base is None:
            return Decoded(frame, None, index)
        return Decoded(frame, float(frame.pts * self._stream.time_base), index)

    def close(self) -> None:
        """Release the file; safe to call twice."""
        # First the generator: it holds FFmpeg's reader, which must not outlive the container.
        self._frames.close()
        self._read.close()
        self._container.close()

    def _all_frames(self) -> Generator[Numbered, None, None]:
        for packet in self._stamped:
            if self._began_s is None:
                self._began_s = self._stamped.latest_s
            if self.passed is not None:
                self.passed(self._stream, packet)
            yield from self._decoder.frames(packet)
        yield from self._decoder.remaining()

    def _packets(self) -> Generator["Packet[VideoStream]", None, None]:
        failures = 0
        while failures < _READ_FAILURES:
            try:
                for packet in self._container.demux(self._stream):
                    failures = 0
                    # An empty packet would end the decoder's work: AVI has them for dropped frames.
                    if packet.size:
                        yield packet
            except av.FFmpegError:
                self.counts.broken += 1
                failures += 1
            except IndexError:
                # A stream turned up while reading (FLV, TS): PyAV 18 fails so after the last packet, when it
                # empties decoders (av/container/input.py:231). We empty ours ourselves.
                return
            else:
                return

    def _count_broken(self) -> None:
        self.counts.broken += 1


def open_video_file(path: Path, rule: SamplingRule = EVERY_FRAME) -> VideoFile:
    """Open the best video stream of a file; raises SourceOpenError."""
    keys = _first_keys(path) if rule.wanted is Sampling.AUTO else ()
    container = open_container(path)
    try:
        return VideoFile(container, video_stream(container, path), rule, keys=keys)
    except SourceOpenError:
        container.close()
        raise


def _first_keys(path: Path) -> Keys:
    """When the first key frames come, by a look at the packets, without decoding; empty where none can be read."""
    keys: list[float | None] = []
    with suppress(av.FFmpegError, IndexError), closing(open_container(path)) as container:
        stream = video_stream(container, path)
        sized = (packet for packet in container.demux(stream) if packet.size)
        for number, packet in enumerate(mended_packets(sized, stream)):
            if packet.is_keyframe:
                pts, base = packet.pts, packet.time_base
                keys.append(None if pts is None or base is None else float(pts * base))
            if number >= _LOOKED_AT or len(keys) > KEYS_LOOKED_AT:
                break
    return keys


def length_s(container: InputContainer, stream: VideoStream) -> float | None:
    """Seconds of video, None where the container does not say."""
    if stream.duration and stream.time_base and stream.duration > 0:
        return float(stream.duration * stream.time_base)
    if not container.duration or container.duration < 0:
        return None
    stated_s = container.duration / av.time_base
    return _matroska_s(stream, stated_s) if container.format.name == _MATROSKA else stated_s


def mended_packets(packets: Iterable["Packet[VideoStream]"], stream: VideoStream) -> MendedPackets:
    """The packets of this stream, with times that cannot be right put right."""
    reorders = bool(stream.codec_context.has_b_frames)
    return MendedPackets(packets, base=stream.time_base, frame_s=frame_distance_s(stream), reorders=reorders)


def frame_distance_s(stream: VideoStream) -> float:
    """The usual distance of two frames in seconds."""
    # For raw H.264 `average_rate` is always 25; `guessed_rate` is what the stream's header says.
    return 1.0 / float(stream.guessed_rate or stream.average_rate or _USUAL_FPS)


def _matroska_s(stream: VideoStream, stated_s: float) -> float:
    """Matroska states when the longest stream ends, and in a tag that nearly all writers set, when this one does."""
    tag = _MATROSKA_TIME.match(stream.metadata.get("DURATION", ""))
    ends_s = stated_s if tag is None else int(tag[1]) * 3600 + int(tag[2]) * 60 + float(tag[3])
    starts_s = float((stream.start_time or 0) * (stream.time_base or 0))
    return ends_s - starts_s if ends_s > starts_s else ends_s  # some writers tag the length itself


def open_container(path: Path) -> InputContainer:
    """Open a video file; raises SourceOpenError."""
    check_file(path, wanted=WANTED)
    try:
        # An absolute path cannot be taken for a URL ("cam:1.mp4"), nor may a playlist reach beyond files.
        container = av.open(str(path.absolute()), options={"protocol_whitelist": "file"}, metadata_errors="replace")
    except av.FFmpegError as error:
        if _lacks_index(path):
            raise SourceOpenError(
                f"{path}: the recording was cut off before its index (moov) was written; "
                "repair it, for example with untrunc, or let the recorder write mkv or ts"
            ) from error
        raise SourceOpenError(f"{path}: is not a video that can be read; name {WANTED}") from error
    if container.format.name in _TEXT_FORMATS:
        container.close()
        raise SourceOpenError(f"{path}: is text; name {WANTED}")
    return container


def video_stream(container: InputContainer, path: Path) -> VideoStream:
    """The best stream of moving pictures, set to decode in this thread only; raises SourceOpenError."""
    streams = [s for s in container.streams.video if not s.disposition & Disposition.attached_pic]
    if not streams:
        found = ", ".join(sorted({stream.type for stream in container.streams})) or "nothing"
        raise SourceOpenError(f"{path}: holds no video (found: {found}); name {WANTED}")
    # PyAV has no codec context where FFmpeg has no decoder, whatever its type hints say.
    decodable = [stream for stream in streams if getattr(stream, "codec_context", None)]
    if not decodable:
        raise SourceOpenError(f"{path}: no decoder for its video; convert it to H.264")
    best = container.streams.best("video")
    stream = next((s for s in decodable if best is not None and s.index == best.index), decodable[0])
    context = stream.codec_context
    if context.width * context.height > MOST_PIXELS:
        allowed = f"allowed: {MOST_PIXELS / 1e6:.0f} million pixels"
        raise SourceOpenError(f"{path}: is {context.width}x{context.height}; {allowed}")
    context.thread_count, context.thread_type = 1, "NONE"
    context.options = {**context.options, "max_pixels": str(MOST_PIXELS)}  # should a later frame claim more
    return stream


def _lacks_index(path: Path) -> bool:
    """Whether this is an MP4 or QuickTime file without a `moov` box (ISO/IEC 14496-12, 4.2 and 8.2)."""
    with path.open("rb") as file:
        kind = b""
        while len(header := file.read(8)) == 8:
            size, kind_here = struct.unpack(">I4s", header)
            if kind_here == b"moov":
                return False
            if not kind and kind_here not in {b"ftyp", b"mdat", b"wide", b"free", b"skip"}:
                return False
            kind, body = kind_here, size - 8
            if size == 1:
                (large,) = struct.unpack(">Q", file.read(8).rjust(8, b"\0"))
                body = large - 16
            if size == 0 or body < 0:
                break
            file.seek(body, 1)
        return bool(kind)
