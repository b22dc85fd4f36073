"""How long a video file is, where what it states may rest on a single wrong time."""

from contextlib import closing, suppress
from pathlib import Path

import av

from cvinspect.errors import SourceOpenError
from cvinspect.sources.decoding.sampler import RESET_S, MediaClock
from cvinspect.sources.decoding.video_file import frame_distance_s, mended_packets, open_container, video_stream

_LOOKED_AT = 750
"""Packets at the start that tell how many bytes a second has: half a minute's worth."""

_DOUBTED = 1.5
"""A stated length is looked into where it is so many times what the file's size makes likely."""

_BASELESS = 10.0
"""No packet need have the wrong time that a stated length of so many times what there is rests on: FFmpeg drops it."""


def believed_length_s(path: Path, stated_s: float | None) -> float | None:
    """Seconds of video: as stated, unless packets show that this rests on times that are wrong.

    Of most files only the beginning is read; of those whose stated length does not fit their size, all packets, none of
    which is decoded.
    """
    if stated_s is None:
        return None
    with suppress(SourceOpenError, av.FFmpegError, IndexError, OSError), closing(open_container(path)) as container:
        stream = video_stream(container, path)
        packets = mended_packets((one for one in container.demux(stream) if one.size), stream)
        frame_s, size = frame_distance_s(stream), path.stat().st_size
        clock, media_s, read, began_s = MediaClock(frame_s=frame_s), 0.0, 0, None
        with suppress(IndexError):  # a stream that turned up while reading: all packets were read
            for number, packet in enumerate(packets, start=1):
                began_s = packets.latest_s if began_s is None else began_s
                pts, base = packet.pts, packet.time_base
                media_s = clock.advance(None if pts is None or base is None else float(pts * base))
                read += packet.size
                if number == _LOOKED_AT and stated_s * read <= _DOUBTED * size * (media_s + frame_s):
                    return stated_s
        written_s = (packets.latest_s or 0.0) - (began_s or 0.0)
        is_wrong = media_s < stated_s - RESET_S <= written_s or stated_s > _BASELESS * (media_s + frame_s)
        return media_s + frame_s if is_wrong else stated_s
    return stated_s
