"""What every source keeps to, whichever file it reads."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from cvinspect.sources import Clock, Source, SourceKind
from cvinspect.sources.recorded.pictures import open_pictures
from cvinspect.sources.recorded.video import open_video
from tests import clips

START = datetime(2024, 5, 1, tzinfo=UTC)

Opener = Callable[[Path], Source]


def video(suffix: str, **how: object) -> Opener:
    def opened(folder: Path) -> Source:
        path = clips.encode(folder / f"clip{suffix}", **how)  # type: ignore[arg-type]
        return open_video(path, camera="gate", started_at=START)

    return opened


def damaged_video(folder: Path) -> Source:
    path = clips.encode(folder / "clip.ts", ticks=range(60), options={"g": "10"})
    data = bytearray(path.read_bytes())
    middle = slice(4 * len(data) // 10, 5 * len(data) // 10)
    data[middle] = bytes(len(data[middle]))
    path.write_bytes(data)
    return open_video(path, camera="gate", started_at=START)


def folder_of_pictures(folder: Path) -> Source:
    for i in range(5):
        clips.write_picture(folder / f"{i}.jpg", clips.moving(64, 48)(i))
    (folder / "3.jpg").write_bytes(b"\xff\xd8\xffbroken")
    return open_pictures(folder, camera="gate", started_at=START)


def single_picture(folder: Path) -> Source:
    path = clips.write_picture(folder / "one.png", clips.corners(33, 47))
    return open_pictures(path, camera="gate", started_at=START)


@pytest.fixture(
    params=[
        pytest.param(video(".mp4"), id="h264 in mp4"),
        pytest.param(video(".avi", ticks=range(7), fps=3), id="h264 with b-frames in avi"),
        pytest.param(video(".mp4", rotation=90), id="rotated"),
        pytest.param(video(".mkv", size=(33, 47), pixel_format="yuv444p"), id="odd size"),
        pytest.param(video(".mkv", ticks=[5000, 5100, 9000, 9700], ticks_per_s=1000), id="uneven times"),
        pytest.param(damaged_video, id="damaged"),
        pytest.param(folder_of_pictures, id="folder of pictures"),
        pytest.param(single_picture, id="single picture"),
    ]
)
def source(request: pytest.FixtureRequest, tmp_path: Path) -> Source:
    opened: Source = request.param(tmp_path)
    return opened


def test_media_time_begins_at_zero_and_ascends(source: Source) -> None:
    media_s = [frame.media_s for frame in source.frames()]
    source.close()

    assert media_s[0] == 0.0
    assert media_s == sorted(set(media_s))


def test_positions_ascend(source: Source) -> None:
    indexes = [frame.index for frame in source.frames()]
    source.close()

    assert indexes[0] >= 0
    assert indexes == sorted(set(indexes))


def test_a_frame_was_captured_its_media_time_after_the_start(source: Source) -> None:
    frames = list(source.frames())
    source.close()

    assert (source.info.started_at, source.info.clock) == (START, Clock.GIVEN)
    assert [f.captured_at for f in frames] == [START + timedelta(seconds=f.media_s) for f in frames]


def test_every_frame_names_its_camera(source: Source) -> None:
    cameras = {frame.camera for frame in source.frames()}
    source.close()

    assert cameras == {"gate"}


def test_pictures_are_contiguous_eight_bit_bgr_of_the_size_that_was_announced(source: Source) -> None:
    frames = list(source.frames())
    source.close()

    expected = (source.info.height, source.info.width, 3)
    assert {(f.pixels.dtype, f.pixels.shape) for f in frames} == {(np.dtype(np.uint8), expected)}
    assert all(frame.pixels.flags.c_contiguous for frame in frames)


def test_the_counts_add_up(source: Source) -> None:
    frames = list(source.frames())
    source.close()

    assert source.counts.sampled == len(frames) <= source.counts.read
    assert source.counts.media_s >= frames[-1].media_s


def test_it_may_be_closed_twice_and_before_it_is_read(source: Source) -> None:
    source.close()
    source.close()

    assert list(source.frames()) == []


def test_closing_in_the_middle_ends_the_iteration(source: Source) -> None:
    frames = source.frames()
    next(frames)
    source.close()

    assert list(frames) == []


def test_only_a_lone_picture_has_no_duration(source: Source) -> None:
    source.close()

    assert (source.info.duration_s == 0.0) == (source.info.kind is SourceKind.PICTURE)
