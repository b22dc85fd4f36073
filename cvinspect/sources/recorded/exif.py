"""When a picture was taken, from its EXIF block (CIPA DC-008), without decoding the picture.

OpenCV hands out the block too, but only together with the decoded picture, and a folder's times are needed
before its first picture is.
"""

import struct
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from os import SEEK_CUR
from pathlib import Path
from typing import BinaryIO

from cvinspect.sources.recorded.start import as_utc, plausible

_EXIF_IFD = 0x8769
_TAKEN = 0x9003  # DateTimeOriginal, "2024:05:01 08:00:00"
_OFFSET = 0x9011  # OffsetTimeOriginal, "+08:00"
_FRACTION = 0x9291  # SubSecTimeOriginal, the digits after the decimal point

_MAX_TEXT_BYTES = 64
_MAX_SEGMENTS = 500
_JPEG_APP1, _JPEG_SCAN = 0xE1, 0xDA


def taken_at(path: Path, *, local: tzinfo) -> datetime | None:
    """The moment in DateTimeOriginal, aware UTC, or None where there is none to be believed.

    Reads JPEG, PNG, WebP and TIFF. A time without OffsetTimeOriginal is read in `local`. Files that cannot be
    read have no time.
    """
    with suppress(OSError, struct.error, ValueError, OverflowError), path.open("rb") as file:
        start = _tiff_start(file)
        moment = None if start is None else _taken(_Tiff.at(file, start), local)
        return moment if moment and plausible(moment) else None
    return None


def _tiff_start(file: BinaryIO) -> int | None:
    head = file.read(12)
    if head[:4] in {b"II*\0", b"MM\0*"}:
        return 0
    if head[:2] == b"\xff\xd8":
        return _in_jpeg(file)
    if head[:8] == b"\x89PNG\r\n\x1a\n":
        return _in_chunks(file, 8, ">I4s", wanted=b"eXIf", trailer=4)
    if head[:4] == b"RIFF" and head[8:] == b"WEBP":
        return _in_chunks(file, 12, "<4sI", wanted=b"EXIF", trailer=0)
    return None


def _in_jpeg(file: BinaryIO) -> int | None:
    file.seek(2)
    for _ in range(_MAX_SEGMENTS):
        mark, kind, size = struct.unpack(">BBH", file.read(4))
        if mark != 0xFF or kind == _JPEG_SCAN:
            return None
        if kind == _JPEG_APP1 and file.read(6) == b"Exif\0\0":
            return file.tell()
        # A foreign APP1 (XMP) has had six of its bytes read.
        file.seek(size - 2 - (6 if kind == _JPEG_APP1 else 0), SEEK_CUR)
    return None


def _in_chunks(file: BinaryIO, start: int, layout: str, *, wanted: bytes, trailer: int) -> int | None:
    file.seek(start)
    for _ in range(_MAX_SEGMENTS):
        first, second = struct.unpack(layout, file.read(8))
        kind, size = (first, second) if isinstance(first, bytes) else (second, first)
        if kind == wanted:
            here = file.tell()
            return here + 6 if file.read(6) == b"Exif\0\0" else here
        padding = 0 if trailer else size % 2
        file.seek(size + padding + trailer, SEEK_CUR)
    return None


@dataclass(frozen=True, slots=True)
class _Tiff:
    """A TIFF structure inside a file; offsets count from `start` (TIFF 6.0, section 2)."""

    file: BinaryIO
    start: int
    order: str

    @classmethod
    def at(cls, file: BinaryIO, start: int) -> "_Tiff":
        file.seek(start)
        return cls(file, start, "<" if file.read(2) == b"II" else ">")

    def read(self, offset: int, layout: str) -> tuple[int, ...]:
        self.file.seek(self.start + offset)
        return struct.unpack(self.order + layout, self.file.read(struct.calcsize(self.order + layout)))

    def entries(self, directory: int) -> dict[int, tuple[int, int]]:
        """Tag -> (number of values, offset of the entry's value field)."""
        (count,) = self.read(directory, "H")
        found = {}
        for i in range(count):
            entry = directory + 2 + 12 * i
            tag, _, values = self.read(entry, "HHI")
            found[tag] = values, entry + 8
        return found

    def text(self, entry: tuple[int, int] | None) -> str:
        if entry is None:
            return ""
        length, field = entry
        if length > _MAX_TEXT_BYTES:
            return ""
        # Up to four bytes stand in the field itself.
        self.file.seek(self.start + (field if length <= 4 else self.read(field, "I")[0]))
        return self.file.read(length).split(b"\0")[0].decode("ascii", "replace").strip()


def _taken(tiff: _Tiff, local: tzinfo) -> datetime | None:
    (first,) = tiff.read(4, "I")
    exif = tiff.entries(first).get(_EXIF_IFD)
    if exif is None:
        return None
    entries = tiff.entries(tiff.read(exif[1], "I")[0])
    day, _, clock = tiff.text(entries.get(_TAKEN)).partition(" ")
    moment = datetime.fromisoformat(f"{day.replace(':', '-')}T{clock}{tiff.text(entries.get(_OFFSET))}")
    digits = tiff.text(entries.get(_FRACTION))
    if digits.isdecimal():
        moment += timedelta(seconds=float(f"0.{digits}"))
    return as_utc(moment if moment.tzinfo else moment.replace(tzinfo=local))
