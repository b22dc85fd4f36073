import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import numpy as np
import pytest

from cvinspect.errors import SourceOpenError
from cvinspect.opencv import cv2
from cvinspect.sources import Clock, SourceKind
from cvinspect.sources.recorded.exif import taken_at
from cvinspect.sources.recorded.pictures import open_pictures, read_picture
from cvinspect.sources.recorded.start import CHINA
from tests import clips

MORNING = datetime(2024, 5, 1, 0, 0, tzinfo=UTC)
"""Eight o'clock in China."""


def fill(folder: Path, names: list[str], exif: Callable[[int], bytes | None] = lambda _: None) -> Path:
    """Write a small picture under each name; picture i is filled with the value 10 i."""
    folder.mkdir(exist_ok=True)
    for i, name in enumerate(names):
        clips.write_picture(folder / name, np.full((24, 32, 3), 10 * i, np.uint8), exif=exif(i))
    return folder


def seen(folder: Path, **how: object) -> list[tuple[int, float]]:
    """(value, media seconds) of every frame."""
    source = open_pictures(folder, camera="gate", **how)  # type: ignore[arg-type]
    return [(round(int(frame.pixels[0, 0, 0]), -1), frame.media_s) for frame in source.frames()]


def test_pictures_come_in_the_order_people_count(tmp_path: Path) -> None:
    folder = fill(tmp_path / "p", ["img2.png", "img10.png", "img1.PNG", "IMG3.png"])

    assert seen(folder) == [(20, 0.0), (0, 0.5), (30, 1.0), (10, 1.5)]


def test_a_folder_is_spaced_by_the_interval_from_its_first_files_time(tmp_path: Path) -> None:
    folder = fill(tmp_path / "p", ["a.png", "b.png", "c.png"])
    os.utime(folder / "a.png", (MORNING.timestamp(), MORNING.timestamp()))

    source = open_pictures(folder, camera="gate", interval_s=2.0)
    frames = list(source.frames())

    assert [frame.media_s for frame in frames] == [0.0, 2.0, 4.0]
    assert (source.info.kind, source.info.clock) == (SourceKind.PICTURES, Clock.FILE)
    assert frames[-1].captured_at == MORNING + timedelta(seconds=4)
    assert source.info.duration_s == 4.0
    assert source.notes == ("no usable capture times: taken 2 s apart; --interval sets that",)


def test_exif_times_are_used_where_every_picture_has_one_and_they_ascend(tmp_path: Path) -> None:
    fractions = ["0", "25", "5"]
    folder = fill(
        tmp_path / "p",
        ["1.jpg", "2.jpg", "3.jpg"],
        lambda i: clips.exif_block(f"2024:05:01 08:00:0{i}", fraction=fractions[i]),
    )

    source = open_pictures(folder, camera="gate")

    assert [frame.media_s for frame in source.frames()] == [0.0, 1.25, 2.5]
    assert (source.info.started_at, source.info.clock) == (MORNING, Clock.EXIF)
    assert source.notes == ("times are those of EXIF, usually 1.25 s apart",)


def test_of_a_single_picture_no_spacing_is_told(tmp_path: Path) -> None:
    folder = fill(tmp_path / "p", ["a.png"])

    assert open_pictures(folder, camera="gate").notes == ()
    assert open_pictures(folder / "a.png", camera="gate").notes == ()


@pytest.mark.parametrize(
    "second",
    [None, "2024:05:01 08:00:00", "2024:05:01 07:59:00", "0000:00:00 00:00:00", "1970:01:01 00:00:09"],
    ids=["missing", "equal", "earlier", "never set", "clock not set"],
)
def test_exif_times_with_a_gap_or_out_of_order_give_way_to_the_interval(second: str | None, tmp_path: Path) -> None:
    blocks = [clips.exif_block("2024:05:01 08:00:00"), clips.exif_block(second) if second else None]
    folder = fill(tmp_path / "p", ["1.jpg", "2.jpg"], lambda i: blocks[i])

    source = open_pictures(folder, camera="gate")

    assert [frame.media_s for frame in source.frames()] == [0.0, 0.5]
    assert (source.info.started_at, source.info.clock) == (MORNING, Clock.EXIF)


def test_a_file_that_is_no_picture_does_not_spoil_the_exif_times(tmp_path: Path) -> None:
    folder = fill(tmp_path / "p", ["1.jpg", "3.jpg"], lambda i: clips.exif_block(f"2024:05:01 08:00:0{3 * i}"))
    (folder / "2.jpg").write_bytes(b"404 not found")

    assert seen(folder) == [(0, 0.0), (10, 3.0)]


def test_a_given_start_goes_before_exif(tmp_path: Path) -> None:
    folder = fill(tmp_path / "p", ["1.jpg"], lambda _: clips.exif_block("2024:05:01 08:00:00"))

    info = open_pictures(folder, camera="gate", started_at=datetime(2025, 1, 1, tzinfo=CHINA)).info

    assert (info.started_at, info.clock) == (datetime(2024, 12, 31, 16, tzinfo=UTC), Clock.GIVEN)


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp"])
@pytest.mark.parametrize("order", ["<", ">"])
def test_exif_is_read_from_every_format_and_byte_order(suffix: str, order: str, tmp_path: Path) -> None:
    block = clips.exif_block("2024:05:01 10:00:00", offset="+10:00", fraction="125", order=order)
    path = clips.write_picture(tmp_path / f"p{suffix}", clips.corners(32, 24), exif=block)

    assert taken_at(path, local=CHINA) == MORNING + timedelta(seconds=0.125)


def test_exif_is_read_from_tiff_and_past_other_segments_of_jpeg(tmp_path: Path) -> None:
    block = clips.exif_block("2024:05:01 08:00:00")
    (tmp_path / "p.tif").write_bytes(block)
    jpeg = clips.write_picture(tmp_path / "p.jpg", clips.corners(32, 24), exif=block)
    xmp = b"\xff\xe1\x00\x10http://ns.adob"
    jpeg.write_bytes(jpeg.read_bytes()[:2] + xmp + jpeg.read_bytes()[2:])

    assert taken_at(tmp_path / "p.tif", local=CHINA) == MORNING
    assert taken_at(jpeg, local=CHINA) == MORNING


def test_an_exif_time_without_offset_is_local(tmp_path: Path) -> None:
    path = clips.write_picture(tmp_path / "p.jpg", clips.corners(32, 24), exif=clips.exif_block("2024:05:01 09:00:00"))

    assert taken_at(path, local=timezone(timedelta(hours=9))) == MORNING


def test_damaged_exif_is_no_time_and_no_error(tmp_path: Path) -> None:
    whole = clips.write_picture(
        tmp_path / "p.jpg", clips.corners(32, 24), exif=clips.exif_block("2024:05:01 08:00:00")
    ).read_bytes()
    rng = np.random.default_rng(0)
    path = tmp_path / "damaged.jpg"

    for i in range(200):
        data = bytearray(whole[: 200 - i] if i % 2 else whole[:200])
        data[int(rng.integers(len(data)))] = int(rng.integers(256))
        path.write_bytes(data)
        assert isinstance(taken_at(path, local=CHINA), datetime | None)


@pytest.mark.parametrize("suffix", [".jpg", ".JPEG", ".png", ".bmp", ".tif", ".TIFF", ".webp"])
def test_every_format_is_read_in_any_case(suffix: str, tmp_path: Path) -> None:
    path = clips.write_picture(tmp_path / f"p{suffix}", clips.corners(64, 48))

    quarters = np.array(clips.quarters(read_picture(path)))

    assert np.abs(quarters - clips.quarters(clips.corners(64, 48))).max() <= 3


@pytest.mark.parametrize(
    ("stored", "value"),
    [
        (np.full((4, 6), 100, np.uint8), 100),
        (np.full((4, 6), 100 * 256, np.uint16), 100),
        (np.full((4, 6, 3), 100 * 256, np.uint16), 100),
        (np.full((4, 6, 4), 100, np.uint8), 100),
    ],
    ids=["gray", "16-bit gray", "16-bit colour", "transparent"],
)
def test_every_depth_becomes_eight_bit_bgr(stored: np.ndarray, value: int, tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "p.png"), stored)

    pixels = read_picture(tmp_path / "p.png")

    assert (pixels.dtype, pixels.shape, np.unique(pixels).tolist()) == (np.uint8, (4, 6, 3), [value])


def test_exif_orientation_is_honoured(tmp_path: Path) -> None:
    block = clips.exif_block("2024:05:01 08:00:00", orientation=6)
    path = clips.write_picture(tmp_path / "p.jpg", clips.corners(64, 48), exif=block)

    source = open_pictures(path, camera="gate")
    shown = clips.quarters(next(source.frames()).pixels)

    assert (source.info.width, source.info.height) == (48, 64)
    assert np.abs(np.array(shown) - [clips.BLUE, clips.RED, clips.GRAY, clips.GREEN]).max() <= 3


def test_folders_and_names_may_be_chinese(tmp_path: Path) -> None:
    folder = fill(tmp_path / "城管 巡查", ["占道经营１.jpg", "占道经营2.jpg"])

    assert len(seen(folder)) == 2


def test_a_single_picture_is_told_from_a_folder(tmp_path: Path) -> None:
    path = clips.write_picture(tmp_path / "one.jpg", clips.corners(64, 48))

    source = open_pictures(path, camera="gate")

    assert (source.info.kind, source.info.codec, source.info.duration_s) == (SourceKind.PICTURE, "jpg", 0.0)
    assert [(frame.index, frame.media_s) for frame in source.frames()] == [(0, 0.0)]


def test_hidden_files_folders_and_other_files_are_left_alone(tmp_path: Path) -> None:
    folder = fill(tmp_path / "p", ["a.jpg", ".b.jpg"])
    (folder / "._a.jpg").write_bytes(b"macOS")
    (folder / "notes.txt").write_text("notes")
    (folder / "c.jpg").mkdir()

    source = open_pictures(folder, camera="gate")

    assert len(list(source.frames())) == 1
    assert source.counts.broken == 0


def test_broken_pictures_are_counted_named_and_keep_their_place(tmp_path: Path) -> None:
    folder = fill(tmp_path / "p", ["1.jpg", "2.jpg", "4.jpg", "6.jpg"])
    (folder / "0.jpg").write_bytes(b"")
    (folder / "3.jpg").write_bytes((folder / "2.jpg").read_bytes()[:200])
    (folder / "5.jpg").write_bytes(b"not a picture")

    source = open_pictures(folder, camera="gate")
    frames = list(source.frames())

    assert [(f.index, f.media_s) for f in frames] == [(1, 0.0), (2, 0.5), (4, 1.5), (6, 2.5)]
    assert (source.counts.read, source.counts.sampled, source.counts.broken) == (4, 4, 3)
    assert source.broken_names == ["0.jpg", "3.jpg", "5.jpg"]


def test_the_names_of_broken_pictures_are_bounded_but_all_are_counted(tmp_path: Path) -> None:
    folder = fill(tmp_path / "p", ["0.png"])
    for i in range(1, 100):
        (folder / f"{i}.png").write_bytes(b"broken")

    source = open_pictures(folder, camera="gate")
    frames = list(source.frames())

    assert (len(frames), source.counts.broken, len(source.broken_names)) == (1, 99, 20)


def test_a_folder_without_pictures_is_an_error_that_names_it(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("notes")

    with pytest.raises(SourceOpenError, match="holds no pictures") as error:
        open_pictures(tmp_path, camera="gate")

    assert str(error.value).startswith(f"{tmp_path}: ")


def test_a_folder_of_broken_pictures_is_an_error_that_names_it_and_them(tmp_path: Path) -> None:
    for i in range(5):
        (tmp_path / f"{i}.jpg").write_bytes(b"\xff\xd8\xff")

    with pytest.raises(SourceOpenError, match=r"not one of its 5 pictures .*0\.jpg, 1\.jpg, 2\.jpg, \.\.\."):
        open_pictures(tmp_path, camera="gate")


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"", "is empty"),
        (b"plain text", "is not a picture"),
        (b"\x89PNG\r\n\x1a\nrest", "is damaged or cut off"),
        (b"BM" + bytes(100), "is damaged"),
        (None, "there is no such file"),
    ],
)
def test_a_picture_that_cannot_be_read_is_an_error_that_names_it(
    content: bytes | None, found: str, tmp_path: Path
) -> None:
    path = tmp_path / "bad.png"
    if content is not None:
        path.write_bytes(content)

    for read in (read_picture, lambda path: open_pictures(path, camera="gate")):
        with pytest.raises(SourceOpenError) as error:
            read(path)

        assert str(error.value).startswith(f"{path}: {found}")
        assert "\n" not in str(error.value)


@pytest.mark.parametrize("interval_s", [0.0, -1.0, float("nan")])
def test_an_interval_that_is_not_above_zero_is_refused(interval_s: float, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="above 0"):
        open_pictures(tmp_path, camera="gate", interval_s=interval_s)
