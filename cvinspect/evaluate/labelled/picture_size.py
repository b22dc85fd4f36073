"""How large a picture is, from its first bytes where they tell."""

import struct
from dataclasses import dataclass
from pathlib import Path

from cvinspect.sources.recorded.pictures import read_picture

_HEAD_BYTES = 65536
_SOFS = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""JPEG markers that begin a frame and hold its size (ITU-T T.81, table B.1)."""
_STANDALONE = frozenset(range(0xD0, 0xDA)) | {0x01}
_SCAN = 0xDA


@dataclass(frozen=True, slots=True)
class PictureSize:
    """Of a picture as it is seen, upright by its EXIF orientation."""

    width_px: int
    height_px: int


def picture_size(path: Path) -> PictureSize:
    """The size without decoding, for plain JPEG and PNG; else by decoding. Raises SourceOpenError."""
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD_BYTES)
    except OSError:
        head = b""
    size = None if b"Exif\0\0" in head or b"eXIf" in head else _in_png(head) or _in_jpeg(head)
    if size is None:
        height, width = read_picture(path).shape[:2]
        return PictureSize(width, height)
    return size


def is_there(path: Path) -> bool:
    """Whether this is a file; False for names that the system will not even look for."""
    try:
        return path.is_file()
    except OSError:  # a name too long, a folder on the way that may not be entered
        return False


def _in_png(head: bytes) -> PictureSize | None:
    if not head.startswith(b"\x89PNG\r\n\x1a\n") or head[12:16] != b"IHDR" or len(head) < 24:
        return None
    return _plausible(*struct.unpack(">II", head[16:24]))


def _in_jpeg(head: bytes) -> PictureSize | None:
    if not head.startswith(b"\xff\xd8"):
        return None
    at = 2
    while at + 9 <= len(head) and head[at] == 0xFF:
        kind = head[at + 1]
        if kind == 0xFF or kind in _STANDALONE:
            at += 1 if kind == 0xFF else 2
        elif kind in _SOFS:
            height, width = struct.unpack(">HH", head[at + 5 : at + 9])
            return _plausible(width, height)
        elif kind == _SCAN:
            return None
        else:
            at += 2 + int.from_bytes(head[at + 2 : at + 4], "big")
    return None


def _plausible(width: int, height: int) -> PictureSize | None:
    """A height of 0 says that it comes later."""
    return PictureSize(width, height) if width > 0 and height > 0 else None
