"""What FFmpeg complains of while it reads and decodes: some damage it tells nowhere else.

A packet that was lost on the way is told in its log alone; decoders go on past an error with whatever they had.
"""

import logging
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from av import logging as av_logging

_DAMAGE = re.compile(
    r"RTP: missed|bad cseq|Continuity check failed|Packet corrupt"
    r"|error while decoding|block unavailable|corrupted macroblock|overread|negative number of zero coeffs"
    r"|Error splitting the input|Could not find ref|Error constructing the frame RPS|invalid undecodable NALU"
    r"|error y=|error dc|error count|bad vlc"
    r"|cu_qp_delta|Missing reference|reference picture missing|mismatching checksum|decode_slice_header error"
)
"""Of FFmpeg 5 to 8: libavformat rtpdec and mpegts, libavcodec h264, hevc and mjpeg."""

_HARMLESS = re.compile(r"SEI|VUI|non-existing PPS")
"""Of what is no picture, or of what comes before the first key frame."""

_REDIRECT = re.compile(r"Redirecting to (.*?)\s*$")
_LOUDER, _louder = threading.Lock(), [0]
"""FFmpeg has one level for all threads: how many want to hear more than warnings."""

_TOO_LATE = "received too late"
"""Of RTP packets whose numbers lie before the last one's."""

_LOOKED_AT = 1000

_SILENT = logging.CRITICAL + 1


def tells_damage(message: str) -> bool:
    """Whether this is said of a picture that is not whole."""
    return _DAMAGE.search(message) is not None and _HARMLESS.search(message) is None


@contextmanager
def heard() -> Iterator[Callable[[], list[str]]]:
    """What FFmpeg says in this thread meanwhile; not within `Complaints`."""
    _tell_all()
    with av_logging.Capture(local=True) as said:
        yield lambda: [message for _, _, message in said]


@contextmanager
def redirects_heard() -> Iterator[Callable[[], list[str]]]:
    """Where FFmpeg says meanwhile, in this thread, that RTSP cameras send it; may lie within `Complaints`."""
    with _LOUDER:
        _louder[0] += 1
        av_logging.set_level(av_logging.INFO)
    try:
        with av_logging.Capture(local=True) as said:
            yield lambda: [found[1] for _, _, message in said if (found := _REDIRECT.search(message))]
    finally:
        for level, name, message in said:
            if level <= av_logging.WARNING:
                av_logging.log(level, name, message)  # for whoever listens around this
        with _LOUDER:
            _louder[0] -= 1
            if not _louder[0]:
                av_logging.set_level(av_logging.WARNING)


def _tell_all() -> None:
    logging.getLogger("libav").setLevel(_SILENT)  # the words may hold addresses with their passwords
    av_logging.set_skip_repeated(False)
    with _LOUDER:
        if not _louder[0]:
            av_logging.set_level(av_logging.WARNING)


class Complaints:
    """Hears what is said in the thread that makes it, until closed; one at a time in a thread."""

    def __init__(self) -> None:
        _tell_all()
        self._capture = av_logging.Capture(local=True)
        self._heard = self._capture.__enter__()
        self._is_open = True

    @property
    def too_late(self) -> int:
        """How many packets were thrown away as too late since damage was last asked for. From any thread."""
        return sum(_TOO_LATE in message for _, _, message in self._heard[-_LOOKED_AT:])

    def tell_damage(self) -> bool:
        """Whether damage was told since this was last asked."""
        if not self._heard:
            return False
        said = [message for _, _, message in self._heard]
        self._heard.clear()
        return any(map(tells_damage, said))

    def close(self) -> None:
        """Hear no more; safe to call twice."""
        if self._is_open:
            self._is_open = False
            self._capture.__exit__(None, None, None)
