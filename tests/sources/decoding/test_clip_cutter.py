"""Clips cut from coded video: from a ring of the last seconds, and by a second look into a file."""

import gc
import threading
import time
from itertools import pairwise
from pathlib import Path

import av
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cvinspect.errors import DeliveryError
from cvinspect.sources.decoding.clip_cutter import footage_around
from cvinspect.sources.decoding.packet_ring import Cutting, PacketRing
from cvinspect.sources.recorded.video import open_video
from tests import clips
from tests.dispatch.http_server import serving
from tests.faults.rtsp_server import h264_clip, running
from tests.sources.live.test_live import streaming, watching

FPS = 10
STEADY = {"sc_threshold": "0"}
"""No key frames but those asked for."""


def coded(folder: Path, *, seconds: int = 30, key_s: int = 2, name: str = "gate.mp4", **options: object) -> Path:
    """A clip with a key frame every `key_s` seconds and none else."""
    given = {"options": {"g": str(FPS * key_s), **STEADY}, **options}
    return clips.encode(folder / name, fps=FPS, ticks=range(FPS * seconds), **given)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return coded(tmp_path_factory.mktemp("coded"))


def poured(ring: PacketRing, path: Path, *, from_s: float = 0.0, until_s: float = 1e9) -> None:
    """One connection that shows a file; what it shows first is captured at `from_s`."""
    tap = ring.tap()
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        for packet in container.demux(stream):
            if packet.size and packet.pts is not None and packet.pts * stream.time_base < until_s:
                tap.add(stream, packet, from_s + float(packet.pts * stream.time_base))


def played(path: Path) -> list[float]:
    """Presentation times of every frame, all of which decode."""
    with av.open(str(path)) as container:
        frames = list(container.decode(video=0))
        assert not any(frame.is_corrupt for frame in frames)
        return [round(float(frame.time or 0.0), 3) for frame in frames]


def written(cutting: Cutting | None, folder: Path) -> list[float]:
    assert cutting is not None
    cutting.write(folder / "clip.mp4")
    times = played(folder / "clip.mp4")
    assert len(times) == len(cutting.pictures)
    assert times[-1] - times[0] + 1 / FPS == pytest.approx(cutting.duration_s, abs=0.01)
    return times


def test_a_clip_begins_with_the_key_frame_before_and_every_picture_of_it_decodes(file: Path, tmp_path: Path) -> None:
    ring = PacketRing()
    poured(ring, file, from_s=100.0, until_s=17.0)
    cutting = ring.cut(113.5, before_s=3.0, after_s=3.0)
    times = written(cutting, tmp_path)
    assert cutting is not None
    assert (cutting.begins_s, cutting.width, cutting.height) == (110.0, 64, 48)
    assert cutting.duration_s == pytest.approx(6.5, abs=0.3)
    assert {round(after - before, 3) for before, after in pairwise(times)} == {0.1}


def test_the_stream_may_be_long_closed(file: Path, tmp_path: Path) -> None:
    ring = PacketRing()
    poured(ring, file, until_s=8.0)
    gc.collect()
    assert len(written(ring.cut(5.0, before_s=3.0, after_s=3.0), tmp_path)) == 60


def test_what_is_not_there_is_left_out(file: Path, tmp_path: Path) -> None:
    ring = PacketRing()
    assert ring.cut(5.0, before_s=3.0, after_s=3.0) is None
    poured(ring, file, until_s=8.0)
    assert ring.cut(20.0, before_s=3.0, after_s=3.0) is None
    assert ring.cut(-20.0, before_s=3.0, after_s=3.0) is None
    early = ring.cut(1.0, before_s=3.0, after_s=3.0)
    assert early is not None
    assert early.begins_s == 0.0
    assert len(written(early, tmp_path)) == pytest.approx(41, abs=3)


def test_a_clip_holds_pictures_of_one_connection_only(file: Path, tmp_path: Path) -> None:
    ring = PacketRing()
    poured(ring, file, from_s=0.0, until_s=6.0)
    poured(ring, coded(tmp_path, size=(96, 64), name="other.mp4"), from_s=7.0, until_s=6.0)
    before, after = (ring.cut(at_s, before_s=3.0, after_s=3.0) for at_s in (5.0, 8.0))
    assert before is not None
    assert after is not None
    assert (before.begins_s, before.width, len(written(before, tmp_path))) == (2.0, 64, 40)
    assert (after.begins_s, after.width) == (7.0, 96)
    assert written(after, tmp_path)


def test_a_connection_that_was_given_up_adds_nothing_any_more(file: Path) -> None:
    ring = PacketRing()
    old = ring.tap()
    poured(ring, file, until_s=4.0)
    held = ring.size_bytes
    with av.open(str(file)) as container:
        stream = container.streams.video[0]
        old.add(stream, next(container.demux(stream)), 50.0)
    assert (ring.size_bytes, ring.newest_s < 5) == (held, True)


def test_a_clock_that_leaps_within_a_connection_cuts_the_clip(tmp_path: Path) -> None:
    ticks = [*range(40), *range(100_000, 100_040)]
    leaping = clips.encode(tmp_path / "leap.mp4", fps=FPS, ticks=ticks, options={"g": "20", "bf": "0", **STEADY})
    ring, tap = PacketRing(), None
    with av.open(str(leaping)) as container:
        stream = container.streams.video[0]
        tap = ring.tap()
        for number, packet in enumerate(p for p in container.demux(stream) if p.size):
            tap.add(stream, packet, number / FPS)
    cutting = ring.cut(4.5, before_s=3.0, after_s=3.0)
    assert cutting is not None
    assert (cutting.begins_s, cutting.duration_s) == (4.0, pytest.approx(3.6, abs=0.2))


def test_memory_is_bounded_by_seconds_and_by_bytes(file: Path) -> None:
    by_time, by_size, too_small = PacketRing(), PacketRing(kept_bytes=6000), PacketRing(kept_bytes=500)
    for ring in (by_time, by_size, too_small):
        poured(ring, file)
    total = PacketRing(kept_s=1e9)
    poured(total, file)
    assert total.size_bytes > 10_000
    longest = by_time.cut(29.0, before_s=1000, after_s=1)
    assert longest is not None
    assert longest.begins_s == 16.0
    assert 0 < by_size.size_bytes <= 6000
    assert too_small.size_bytes <= 500
    assert too_small.cut(29.0, before_s=3, after_s=3) is None


@settings(max_examples=60, deadline=None)
@given(
    kept_bytes=st.integers(0, 30_000),
    kept_s=st.floats(0, 20),
    pauses=st.lists(st.tuples(st.floats(0, 12), st.floats(0.2, 6)), min_size=1, max_size=4),
    at_s=st.floats(0, 60),
)
def test_whatever_comes_a_clip_begins_with_a_key_frame_and_the_ring_keeps_its_bound(
    file: Path, kept_bytes: int, kept_s: float, pauses: list[tuple[float, float]], at_s: float
) -> None:
    ring, begins_s = PacketRing(kept_s=kept_s, kept_bytes=kept_bytes), 0.0
    for pause_s, lasts_s in pauses:
        begins_s += pause_s
        poured(ring, file, from_s=begins_s, until_s=lasts_s)
        begins_s += lasts_s
        assert ring.size_bytes <= kept_bytes
    cutting = ring.cut(at_s, before_s=3.0, after_s=3.0)
    if cutting is not None:
        stamps = [one.dts or 0 for one in cutting.pictures]
        assert cutting.pictures[0].is_key
        assert stamps == sorted(set(stamps))
        assert all(one.captured_s <= at_s + 3.0 for one in cutting.pictures)


@pytest.mark.parametrize(
    ("codec", "name"),
    [
        ("libx264", "a.mp4"), ("libx264", "a.mkv"), ("libx264", "a.ts"), ("libx264", "a.flv"), ("libx265", "a.mkv"),
        ("libx265", "a.ts"), ("mpeg4", "a.avi"), ("mjpeg", "a.mkv"),
    ],
)  # fmt: skip
def test_a_second_look_into_a_file_finds_the_place(tmp_path: Path, codec: str, name: str) -> None:
    pixels = "yuvj420p" if codec == "mjpeg" else "yuv420p"
    options = {"x265-params": "keyint=20:log-level=none"} if codec == "libx265" else {"g": "20", **STEADY}
    path = coded(tmp_path, name=name, codec=codec, pixel_format=pixels, options=options)
    source = open_video(path, camera="gate", fps=2)
    place_s = None
    for frame in source.frames():
        if frame.media_s >= 15:
            place_s = source.presented_s
            break
    source.close()
    assert place_s is not None
    cutting = footage_around(path, place_s, before_s=3.0, after_s=3.0)
    assert cutting is not None
    cutting.write(tmp_path / "clip.mp4")
    assert place_s - 5.2 <= cutting.begins_s <= place_s - 3.0 + 0.001
    assert cutting.begins_s + cutting.duration_s == pytest.approx(place_s + 3.0, abs=0.4)
    assert len(played(tmp_path / "clip.mp4")) == len(cutting.pictures)
    with av.open(str(tmp_path / "clip.mp4")) as container:
        assert codec != "libx265" or container.streams.video[0].codec_context.codec_tag == "hvc1"


def test_what_mp4_cannot_hold_is_said_once_and_held_not_at_all(tmp_path: Path) -> None:
    path = coded(tmp_path, name="a.avi", codec="huffyuv", pixel_format="yuv422p", seconds=2, options={})
    ring = PacketRing()
    poured(ring, path)
    assert ring.trouble == "video coded as huffyuv cannot be put into MP4"
    assert (ring.size_bytes, ring.cut(1.0, before_s=3, after_s=3)) == (0, None)
    assert footage_around(path, 1.0, before_s=3, after_s=3) is None


def test_footage_whose_clock_was_set_back_has_no_place(tmp_path: Path) -> None:
    first, second = (coded(tmp_path, name=name, seconds=4).read_bytes() for name in ("a.ts", "b.ts"))
    (tmp_path / "both.ts").write_bytes(first + second)
    source = open_video(tmp_path / "both.ts", camera="gate", fps=2)
    places = [(frame.media_s, source.presented_s is None) for frame in source.frames()]
    source.close()
    assert {is_unknown for media_s, is_unknown in places if media_s < 3.5} == {False}
    assert {is_unknown for media_s, is_unknown in places if media_s > 4.5} == {True}


def test_a_full_disk_is_one_clear_error(file: Path, tmp_path: Path) -> None:
    cutting = footage_around(file, 10.0, before_s=3.0, after_s=3.0)
    assert cutting is not None
    with pytest.raises(DeliveryError, match=r"^/dev/full: cannot be written: "):
        cutting.write(Path("/dev/full"))
    with pytest.raises(DeliveryError, match=r"nowhere/clip.mp4: cannot be written: No such file"):
        cutting.write(tmp_path / "nowhere" / "clip.mp4")


def until(true: object, *, within_s: float = 60.0) -> None:
    began_s = time.monotonic()
    while not true():  # type: ignore[operator]
        assert time.monotonic() - began_s < within_s
        threading.Event().wait(0.05)


def test_the_ring_of_an_rtsp_camera_gives_a_clip_around_a_sample(tmp_path: Path) -> None:
    with running() as server:
        server.mount("/gate", h264_clip(tmp_path / "gate.h264"))
        ring = PacketRing()
        with watching(server.url("/gate"), ring=ring) as watcher:
            sample = watcher.more(12)[-1]
            until(lambda: ring.newest_s >= sample.captured_s + 1.0)
        cutting = ring.cut(sample.captured_s, before_s=2.0, after_s=1.0)
    assert cutting is not None
    cutting.write(tmp_path / "clip.mp4")
    assert len(played(tmp_path / "clip.mp4")) == len(cutting.pictures)
    assert cutting.begins_s <= sample.captured_s - 2.0 + 0.05
    assert cutting.begins_s + cutting.duration_s == pytest.approx(sample.captured_s + 1.0, abs=0.2)


def test_the_ring_of_a_looped_file_gives_a_clip(file: Path, tmp_path: Path) -> None:
    ring = PacketRing()
    with watching(str(file), ring=ring) as watcher:
        sample = watcher.more(6)[-1]
    cutting = ring.cut(sample.captured_s, before_s=1.0, after_s=0.0)
    assert cutting is not None
    assert 10 <= len(written(cutting, tmp_path)) <= 32
    assert cutting.begins_s + cutting.duration_s == pytest.approx(sample.captured_s, abs=0.25)


@pytest.mark.parametrize(("kind", "name"), [("mpjpeg", "a.mpjpeg"), ("h264", "a.h264")])
def test_what_comes_over_http_without_times_plays_as_it_came(tmp_path: Path, kind: str, name: str) -> None:
    options = {"q": "5"} if kind == "mpjpeg" else {"g": "5", "bf": "0", **STEADY}
    codec, pixels = ("mjpeg", "yuvj420p") if kind == "mpjpeg" else ("libx264", "yuv420p")
    path = coded(tmp_path, name=name, codec=codec, pixel_format=pixels, seconds=5, options=options, muxer=kind)
    mime = "multipart/x-mixed-replace;boundary=ffmpeg" if kind == "mpjpeg" else "video/h264"
    ring = PacketRing()
    with serving(streaming(path.read_bytes(), mime)) as http, watching(f"{http.url}/gate", ring=ring) as watcher:
        sample = watcher.more(4)[-1]
        cutting = ring.cut(sample.captured_s, before_s=1.5, after_s=0.0)
    assert cutting is not None
    cutting.write(tmp_path / "clip.mp4")
    assert len(played(tmp_path / "clip.mp4")) == len(cutting.pictures)
    assert cutting.begins_s + cutting.duration_s == pytest.approx(sample.captured_s, abs=0.5)
