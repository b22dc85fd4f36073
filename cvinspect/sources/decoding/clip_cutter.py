"""The video around a moment of a file, by a second look into it."""

from contextlib import closing, suppress
from pathlib import Path

import av
from av.container import InputContainer
from av.video.stream import VideoStream

from cvinspect.sources.decoding.packet_ring import Cutting, PacketRing
from cvinspect.sources.decoding.video_file import mended_packets, open_container, video_stream

_KEPT_BYTES = 128_000_000
"""6 s of video at 170 Mb/s."""

_LEAD_S = 12.0
"""Without an index a search may end behind the last key frame; then it is begun earlier, at last at the start."""


def footage_around(path: Path, at_s: float, *, before_s: float, after_s: float) -> Cutting | None:
    """The coded video around a presentation time of the file; None where it has none that MP4 could hold.

    It begins at the last key frame that comes `before_s` before; nothing is decoded. Raises SourceOpenError.
    """
    for lead_s in (0.0, _LEAD_S, None):
        with closing(open_container(path)) as container:
            stream = video_stream(container, path)
            if lead_s is not None:
                _seek(container, stream, at_s - before_s - lead_s)
            found = _read(container, stream, at_s, before_s=before_s, after_s=after_s)
        if found is not None and (found.begins_s <= at_s - before_s or lead_s is None):
            return found
    return None


def _seek(container: InputContainer, stream: VideoStream, to_s: float) -> None:
    if stream.time_base is not None:
        with suppress(av.FFmpegError):
            container.seek(round(to_s / stream.time_base), stream=stream)


def _read(
    container: InputContainer, stream: VideoStream, at_s: float, *, before_s: float, after_s: float
) -> Cutting | None:
    ring = PacketRing(kept_s=before_s + after_s + 1.0, kept_bytes=_KEPT_BYTES)
    tap = ring.tap()
    with suppress(av.FFmpegError, IndexError):
        for packet in mended_packets((one for one in container.demux(stream) if one.size), stream):
            stamp = packet.dts if packet.pts is None else packet.pts
            if stamp is None or stream.time_base is None:
                continue
            captured_s = float(stamp * stream.time_base)
            tap.add(stream, packet, captured_s)
            if captured_s > at_s + after_s:
                break
    return ring.cut(at_s, before_s=before_s, after_s=after_s)
