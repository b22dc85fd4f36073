"""A picture that is all there is read, one that is not is told as damaged, and nothing else is said."""

import struct
import zlib
from pathlib import Path

import pytest

from cvinspect.errors import SourceOpenError
from cvinspect.opencv import cv2
from cvinspect.sources.decoding.jpeg import whole_jpeg
from cvinspect.sources.recorded.pictures import read_picture
from tests.fakes import texture

PROGRESSIVE = [cv2.IMWRITE_JPEG_PROGRESSIVE, 1]
RESTARTS = [cv2.IMWRITE_JPEG_RST_INTERVAL, 8]


def jpeg(options: list[int]) -> bytes:
    return cv2.imencode(".jpg", texture(1, 320, 200), options)[1].tobytes()


def with_zeros(data: bytes) -> bytes:
    start, length = len(data) // 2, len(data) // 4
    return data[:start] + bytes(length) + data[start + length :]


@pytest.mark.parametrize("options", [[], PROGRESSIVE, RESTARTS], ids=["baseline", "progressive", "with restarts"])
@pytest.mark.parametrize("lost", [0, 1, 2])
def test_without_its_end_marker_a_picture_is_whole(options: list[int], lost: int) -> None:
    data = jpeg(options)
    cut = data[: len(data) - lost]
    whole = whole_jpeg(cut)
    assert whole == (data if lost == 0 else cut + b"\xff\xd9")


@pytest.mark.parametrize("options", [[], PROGRESSIVE, RESTARTS], ids=["baseline", "progressive", "with restarts"])
@pytest.mark.parametrize("kept", [0.3, 0.7, 0.99])
def test_what_ends_early_is_not(options: list[int], kept: float) -> None:
    data = jpeg(options)
    assert whole_jpeg(data[: int(kept * len(data))]) is None


def test_what_follows_the_picture_spoils_nothing() -> None:
    data = jpeg([])
    assert whole_jpeg(data + bytes(1000)) == data + bytes(1000)
    assert whole_jpeg(data + data) == data + data


def test_the_pixels_are_the_same_with_and_without_the_marker(tmp_path: Path) -> None:
    for name, data in (("whole.jpg", jpeg([])), ("cut.jpg", jpeg([])[:-2])):
        (tmp_path / name).write_bytes(data)
    assert (read_picture(tmp_path / "whole.jpg") == read_picture(tmp_path / "cut.jpg")).all()


def test_a_spoilt_picture_gets_one_line_and_the_library_says_nothing(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(with_zeros(jpeg([])))
    with pytest.raises(SourceOpenError, match=r"a\.jpg: is damaged or cut off \(\d+ bytes\); copy it again"):
        read_picture(path)
    assert capfd.readouterr() == ("", "")


def png(width: int, height: int) -> bytes:
    """Of a few bytes, whatever size it claims."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0")) + chunk(b"IEND", b"")


def test_a_picture_of_a_few_bytes_that_claims_to_be_huge_is_refused_before_it_is_decoded(tmp_path: Path) -> None:
    path = tmp_path / "bomb.png"
    path.write_bytes(png(30_000, 30_000))
    with pytest.raises(SourceOpenError, match=r"bomb\.png: is too large; allowed: 150 million pixels"):
        read_picture(path)
