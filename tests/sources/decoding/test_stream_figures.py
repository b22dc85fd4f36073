"""What a stream is, told from its packets."""

from pathlib import Path
from typing import Any

import pytest

from cvinspect.sources.decoding.stream_figures import CountingRing, PacketCount, StreamFigures, figures_of
from tests.clips import encode

EVERY_4_S = {"g": "20", "sc_threshold": "0", "bf": "0"}


class Stream:
    """H.264 whose times are in milliseconds."""

    time_base = 0.001

    class codec_context:  # noqa: N801
        name = "h264"


class Coded:
    """One packet."""

    def __init__(self, at_s: float, *, is_key: bool = False) -> None:
        self.pts, self.is_keyframe = round(at_s * 1000), is_key


def counted(times: list[float], keys: set[float]) -> PacketCount:
    count = PacketCount()
    stream: Any = Stream()
    for at_s in times:
        packet: Any = Coded(at_s, is_key=at_s in keys)
        count.see(stream, packet, at_s)
    return count


@pytest.mark.parametrize(
    ("codec", "options", "apart_s", "keyless_s"),
    [
        ("libx264", EVERY_4_S, 4.0, 2.0),
        ("libx264", {"g": "20", "sc_threshold": "0", "bf": "3"}, 4.0, 2.0),
        ("libx264", {"g": "500", "sc_threshold": "0"}, None, 14.0),
        ("mpeg4", {"g": "5"}, 1.0, 0.0),
    ],
)
def test_a_file(tmp_path: Path, codec: str, options: dict[str, str], apart_s: float | None, keyless_s: float) -> None:
    figures = figures_of(encode(tmp_path / "clip.mp4", codec=codec, fps=5, ticks=range(71), options=options))
    assert figures is not None
    assert (figures.codec, figures.fps) == ("mpeg4" if codec == "mpeg4" else "h264", pytest.approx(5.0))
    assert (figures.keys_apart_s, figures.keyless_s) == (
        None if apart_s is None else pytest.approx(apart_s),
        pytest.approx(keyless_s),
    )
    assert figures.is_smart is (apart_s is None)


@pytest.mark.parametrize("data", [b"", b"no video", bytes(1000)])
def test_what_is_no_video_has_none(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "clip.mp4").write_bytes(data)
    assert figures_of(tmp_path / "clip.mp4") is None
    assert figures_of(tmp_path / "missing.mp4") is None


def test_the_longest_distance_counts_since_cameras_put_extra_ones() -> None:
    count = counted([n / 2 for n in range(40)], {0.0, 4.0, 4.5, 8.5, 12.5, 16.5})
    assert count.figures == StreamFigures("h264", pytest.approx(2.0), 4.0, 3.0)


def test_enough_is_known_once_key_frames_and_rate_are_or_the_next_one_is_overdue() -> None:
    assert not PacketCount().is_enough
    assert not counted([0.0, 0.2, 0.4], {0.0, 0.4}).is_enough
    assert counted([0.0, 0.2, 0.4, 1.2], {0.0, 0.4}).is_enough
    assert not counted([float(n) for n in range(10)], {0.0}).is_enough
    assert counted([float(n) for n in range(12)], {0.0}).is_enough


def test_a_stream_that_begins_with_no_key_frame_is_overdue_too() -> None:
    figures = counted([float(n) for n in range(15)], set()).figures
    assert figures is not None
    assert (figures.keys_apart_s, figures.keyless_s, figures.is_smart) == (None, 14.0, True)
    late = counted([float(n) for n in range(70)], {65.0}).figures
    assert late is not None
    assert (late.keyless_s, late.is_smart) == (65.0, True)


def test_times_that_leap_begin_anew() -> None:
    count = counted([0.0, 1.0, 2.0, 5000.0, 5001.0, 5002.0], {0.0, 5000.0, 5002.0})
    assert count.figures == StreamFigures("h264", pytest.approx(1.0), 2.0, 0.0)


def test_a_live_camera_hands_its_packets_over_and_none_is_kept() -> None:
    ring = CountingRing()
    tap, stream = ring.tap(), Stream()
    for at_s in (0.0, 1.0, 2.0):
        packet: Any = Coded(at_s, is_key=True)
        tap.add(stream, packet, 100.0 + at_s)  # type: ignore[arg-type]
    assert ring.count.figures == StreamFigures("h264", pytest.approx(1.0), 1.0, 0.0)
    assert ring.size_bytes == 0


def test_when_it_was_captured_counts_and_not_what_a_stream_says_of_itself() -> None:
    ring = CountingRing()
    tap, stream = ring.tap(), Stream()
    for number in range(11):
        packet: Any = Coded(number / 25, is_key=True)  # as FFmpeg makes them up for motion JPEG
        tap.add(stream, packet, number / 5, is_timed=False)  # type: ignore[arg-type]
    assert ring.count.figures == StreamFigures("h264", pytest.approx(5.0), pytest.approx(0.2), 0.0)
