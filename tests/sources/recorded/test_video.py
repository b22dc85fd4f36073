from pathlib import Path

import av
import numpy as np
import pytest

from cvinspect.domain import Pixels
from cvinspect.errors import SourceOpenError
from cvinspect.sources import Counts
from cvinspect.sources.decoding.conversion import Orientation, ToBgr
from tests import clips
from tests.reading import frames_of, opened

FOOTAGE = Path(__file__).parents[3] / ".." / "shared" / "footage"

KINDS = {
    "h264 in mp4": (".mp4", {}),
    "h264 in mkv, 10 bit": (".mkv", {"pixel_format": "yuv420p10le"}),
    "h264 in mov, 4:2:2": (".mov", {"pixel_format": "yuv422p"}),
    "h264 in mp4, 4:4:4": (".mp4", {"pixel_format": "yuv444p"}),
    "h264 in mp4, full range": (".mp4", {"pixel_format": "yuvj420p"}),
    "h264 in mp4, interlaced": (".mp4", {"options": {"flags": "+ilme+ildct"}}),
    "h264 in ts": (".ts", {}),
    "h264 in flv": (".flv", {}),
    "h264 in avi": (".avi", {"options": {"bf": "0"}}),
    "raw h264": (".h264", {}),
    "h265 in mp4": (".mp4", {"codec": "libx265"}),
    "h265 in mkv, 10 bit": (".mkv", {"codec": "libx265", "pixel_format": "yuv420p10le"}),
    "raw h265": (".h265", {"codec": "libx265", "muxer": "hevc"}),
    "mpeg4 in avi": (".avi", {"codec": "mpeg4"}),
    "mpeg4 in mp4": (".mp4", {"codec": "mpeg4"}),
    "mjpeg in avi": (".avi", {"codec": "mjpeg", "pixel_format": "yuvj420p"}),
    "mjpeg in mov": (".mov", {"codec": "mjpeg", "pixel_format": "yuvj420p"}),
    "vp8 in webm": (".webm", {"codec": "libvpx"}),
}


@pytest.mark.parametrize("kind", KINDS)
def test_two_frames_a_second_come_out_of_every_kind_of_file_to_its_last_frame(kind: str, tmp_path: Path) -> None:
    suffix, how = KINDS[kind]
    path = clips.encode(tmp_path / f"clip{suffix}", ticks=range(21), **how)  # type: ignore[arg-type]

    frames, counts = frames_of(path)

    assert [f.media_s for f in frames] == pytest.approx([0.0, 0.5, 1.0, 1.5, 2.0], abs=0.001)
    assert [f.index for f in frames] == [0, 5, 10, 15, 20]
    assert counts == Counts(read=counts.read, sampled=5, broken=0, media_s=pytest.approx(2.0, abs=0.001))
    assert counts.read == 21 or ("h264" in kind and 5 <= counts.read < 21)


@pytest.mark.parametrize("kind", KINDS)
def test_colours_come_out_within_a_few_levels_whatever_the_coding(kind: str, tmp_path: Path) -> None:
    suffix, how = KINDS[kind]
    picture = clips.plain(clips.corners(64, 48))
    path = clips.encode(tmp_path / f"clip{suffix}", ticks=range(3), picture=picture, **how)  # type: ignore[arg-type]

    frames, _ = frames_of(path)

    expected = clips.quarters(clips.corners(64, 48))
    assert np.abs(np.array(clips.quarters(frames[0].pixels)) - expected).max() <= 8


@pytest.mark.parametrize("size", [(32, 32), (33, 47), (48, 96), (7680, 4320)])
def test_pictures_may_be_tiny_odd_upright_or_huge(size: tuple[int, int], tmp_path: Path) -> None:
    pixel_format = "yuv444p" if size[0] % 2 else "yuv420p"
    path = clips.encode(
        tmp_path / "clip.mkv",
        size=size,
        pixel_format=pixel_format,
        ticks=range(1),
        picture=clips.plain(clips.corners(*size)),
        options={"preset": "ultrafast"},
    )

    frames, _ = frames_of(path)

    assert frames[0].pixels.shape == (size[1], size[0], 3)


@pytest.mark.parametrize(
    ("rotation", "hflip", "shown"),
    [
        (0, False, [clips.RED, clips.GREEN, clips.BLUE, clips.GRAY]),
        (90, False, [clips.GREEN, clips.GRAY, clips.RED, clips.BLUE]),
        (-90, False, [clips.BLUE, clips.RED, clips.GRAY, clips.GREEN]),
        (180, False, [clips.GRAY, clips.BLUE, clips.GREEN, clips.RED]),
        (0, True, [clips.GREEN, clips.RED, clips.GRAY, clips.BLUE]),
    ],
)
def test_a_rotated_video_comes_upright(
    rotation: int, hflip: bool, shown: list[tuple[int, int, int]], tmp_path: Path
) -> None:
    path = clips.encode(
        tmp_path / "clip.mp4",
        ticks=range(2),
        picture=clips.plain(clips.corners(64, 48)),
        rotation=rotation,
        hflip=hflip,
    )

    with opened(path) as source:
        frame = next(source.frames())

    assert (source.info.width, source.info.height) == ((48, 64) if abs(rotation) == 90 else (64, 48))
    assert np.abs(np.array(clips.quarters(frame.pixels)) - shown).max() <= 8


def test_a_crooked_rotation_goes_to_the_nearest_quarter() -> None:
    ten_degrees_more_than_ninety = [-11380, 64540, 0, -64540, -11380, 0, 0, 0, 1 << 30]

    assert Orientation.from_matrix(ten_degrees_more_than_ninety) == Orientation(transposed=True, mirrored_x=True)


def test_frames_that_are_not_sampled_are_never_converted(tmp_path: Path) -> None:
    path = clips.encode(tmp_path / "clip.mp4", ticks=range(40), options={"bf": "0"})
    to_bgr = ToBgr()
    converted: list[int | None] = []

    def counting(frame: av.VideoFrame) -> Pixels:
        converted.append(frame.pts)
        return to_bgr(frame)

    frames, counts = frames_of(path, convert=counting)

    assert (counts.read, counts.sampled) == (40, 8)
    assert len(converted) == len(frames) == 8


def test_frames_that_cannot_be_converted_are_counted_and_if_none_can_it_is_an_error(tmp_path: Path) -> None:
    path = clips.encode(tmp_path / "clip.mp4", options={"bf": "0"})

    def refusing(frame: av.VideoFrame) -> Pixels:
        raise ValueError(frame.format.name)

    with opened(path, convert=refusing) as source:
        with pytest.raises(SourceOpenError, match="gate: no frame of its h264 video"):
            list(source.frames())

        assert (source.counts.read, source.counts.sampled, source.counts.broken) == (20, 0, 4)


def test_decoding_uses_one_thread(tmp_path: Path) -> None:
    path = clips.encode(tmp_path / "clip.mp4")
    threads = Path("/proc/self/task")
    if not threads.exists():
        pytest.skip("needs /proc")
    before = len(list(threads.iterdir()))

    with opened(path) as source:
        during = {len(list(threads.iterdir())) for _ in source.frames()}

    assert during == {before}


def test_uneven_times_and_a_gap_are_kept(tmp_path: Path) -> None:
    ticks = [3000, 3100, 3130, 3700, 8000, 8040, 8500, 8510]
    path = clips.encode(tmp_path / "clip.mkv", ticks=ticks, ticks_per_s=1000)

    frames, counts = frames_of(path)

    assert [f.media_s for f in frames] == [0.0, 0.7, 5.0, 5.5]
    assert counts.media_s == 5.51


@pytest.mark.parametrize("suffix", [".h264", ".ts"])
def test_a_picture_size_that_changes_in_the_middle_is_followed(suffix: str, tmp_path: Path) -> None:
    small = clips.encode(tmp_path / f"a{suffix}", size=(64, 48), options={"bf": "0"})
    large = clips.encode(tmp_path / f"b{suffix}", size=(96, 80), options={"bf": "0"})
    both = tmp_path / f"both{suffix}"
    both.write_bytes(small.read_bytes() + large.read_bytes())

    frames, counts = frames_of(both)

    assert [f.pixels.shape[:2] for f in frames] == 4 * [(48, 64)] + 4 * [(80, 96)]
    assert (counts.read, counts.media_s) == (40, 3.9)


def test_of_several_videos_the_best_is_read(tmp_path: Path) -> None:
    with opened(clips.write_streams(tmp_path / "two.mkv", sizes=(32, 64))) as source:
        assert (source.info.width, source.info.height) in {(32, 32), (64, 64)}
        assert len(list(source.frames())) == 1
        assert source.counts.read == 5


def test_a_cover_picture_is_not_taken_for_the_video(tmp_path: Path) -> None:
    path = clips.write_streams(tmp_path / "song.mp4", cover=True, sound=True, sizes=(64,))

    with opened(path) as source:
        assert (source.info.codec, source.info.width) == ("mpeg4", 64)


def test_names_may_be_chinese_or_look_like_an_address(tmp_path: Path) -> None:
    folder = tmp_path / "城管 视频"
    folder.mkdir()
    path = clips.encode(folder / "clip.mp4").rename(folder / "http:机位%03d.mp4")

    frames, _ = frames_of(path)

    assert len(frames) == 4


@pytest.mark.parametrize("name", ["kerb_stop", "lot_two_leave", "pass_by", "suburb_traffic", "town_centre_1080p"])
def test_real_footage_is_read_whole(name: str) -> None:
    path = FOOTAGE / f"{name}.mp4"
    if not path.exists():
        pytest.skip(f"{path} is not here")

    with opened(path) as source:
        pictures = sum(1 for _ in source.frames())

    assert source.counts.broken == 0
    assert source.info.duration_s is not None
    assert abs(source.counts.media_s - source.info.duration_s) < 0.2
    assert abs(pictures - 2 * source.info.duration_s) <= 1


def test_a_video_that_claims_to_be_huge_is_refused_before_it_is_decoded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clip = clips.encode(tmp_path / "wide.mp4", size=(320, 180), ticks=range(3))
    monkeypatch.setattr("cvinspect.sources.decoding.video_file.MOST_PIXELS", 2_000_000 // 100)
    says = r"wide\.mp4: is 320x180; allowed: 0 million pixels"
    with pytest.raises(SourceOpenError, match=says), opened(clip):
        pass
