"""Whether all of a JPEG is there: OpenCV makes up what is spoilt, and refuses what lacks only its last marker."""

import av

from cvinspect.sources.decoding.complaints import heard, tells_damage

JPEG_START = b"\xff\xd8\xff"
_END = b"\xff\xd9"
_NO_END = "EOI missing"


def whole_jpeg(data: bytes) -> bytes | None:
    """The same picture, with the end marker that many cameras leave out; None where data are missing or spoilt.

    FFmpeg decodes it and complains, OpenCV does not; a kind of JPEG that FFmpeg does not know is left to OpenCV.
    """
    with heard() as said:
        decoder = av.CodecContext.create("mjpeg", "r")
        try:
            decoder.decode(av.Packet(data))
            decoder.decode(None)
        except (av.FFmpegError, ValueError):
            return data
    if any(tells_damage(one) for one in said()):
        return None
    return data + _END if any(_NO_END in one for one in said()) else data
