"""How long a video is, by what its file states."""

import os
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from cvinspect.commands.read_so_far import lack_of
from cvinspect.sources import Clock
from tests.clips import encode
from tests.reading import opened
from tests.sources.recorded.test_recorded_times import FAR_S, with_pts


def with_sound(path: Path, *, sound_s: float, ticks: Iterable[int]) -> Path:
    """A video whose sound goes on for so long."""
    video = encode(path.with_name(f"video{path.suffix}"), ticks=ticks)
    with av.open(str(video)) as source, av.open(str(path), "w") as sink:
        stream = sink.add_stream_from_template(source.streams.video[0])
        sound = sink.add_stream("aac", rate=8000)
        for packet in source.demux(video=0):
            if packet.dts is not None:
                packet.stream = stream
                sink.mux(packet)
        for start in range(0, int(sound_s * 8000), 1024):
            silence = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
            silence.sample_rate, silence.pts, silence.time_base = 8000, start, Fraction(1, 8000)
            sink.mux(sound.encode(silence))
        sink.mux(sound.encode(None))
    return path


@pytest.mark.parametrize("suffix", ["mkv", "mp4", "mov", "ts"])
def test_sound_that_goes_on_does_not_make_the_video_longer(suffix: str, tmp_path: Path) -> None:
    """FLV does not tell one from the other."""
    path = with_sound(tmp_path / f"clip.{suffix}", sound_s=20.0, ticks=range(100))
    with opened(path) as source:
        list(source.frames())
    assert source.info.duration_s == pytest.approx(10.0, abs=0.5)
    assert lack_of(path, source) is None


@pytest.mark.parametrize("suffix", ["mkv", "mp4", "mov", "ts", "flv"])
def test_a_segment_whose_clock_goes_on_from_the_one_before_is_as_long_as_it_is(suffix: str, tmp_path: Path) -> None:
    path = encode(tmp_path / f"clip.{suffix}", ticks=range(1000, 1100), muxer_options={"avoid_negative_ts": "disabled"})
    with opened(path) as source:
        list(source.frames())
    assert source.info.duration_s == pytest.approx(10.0, abs=0.5)
    assert lack_of(path, source) is None


def test_a_matroska_file_that_was_cut_off_lacks_what_it_states(tmp_path: Path) -> None:
    path = encode(tmp_path / "clip.mkv", ticks=range(300))
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with opened(path) as source:
        list(source.frames())
    assert "of the 30.0 s that the file states" in str(lack_of(path, source))


WRITTEN = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)


def written(path: Path) -> Path:
    """The file, written last at that moment."""
    os.utime(path, (WRITTEN.timestamp(),) * 2)
    return path


@pytest.mark.parametrize("frames", [120, 1200], ids=["short", "longer than what is looked at"])
@pytest.mark.parametrize("suffix", [".mkv", ".flv"])
def test_one_wrong_time_does_not_put_the_start_before_the_files_date_by_hours(
    suffix: str, frames: int, tmp_path: Path
) -> None:
    path = encode(tmp_path / f"plain{suffix}", ticks=range(frames), options={"bf": "0", "g": "10"})
    path = with_pts(tmp_path / f"clip{suffix}", path, lambda i: FAR_S if i == frames - 1 else 0.0)

    with opened(written(path)) as source:
        list(source.frames())

    assert source.info.clock is Clock.FILE
    assert abs(source.info.started_at - (WRITTEN - timedelta(seconds=frames / 10))) < timedelta(seconds=2)
    assert source.mended == 1 or suffix == ".flv"  # FFmpeg drops that time itself


@pytest.mark.parametrize("suffix", [".mkv", ".flv", ".mp4"])
def test_a_pause_is_time_that_the_file_is_long(suffix: str, tmp_path: Path) -> None:
    paused = [*range(1000), *range(40_000, 40_200)]
    path = written(encode(tmp_path / f"clip{suffix}", ticks=paused, options={"bf": "0", "g": "10"}))

    with opened(path) as source:
        list(source.frames())

    assert abs(source.info.started_at - (WRITTEN - timedelta(seconds=4020))) < timedelta(seconds=2)
    assert source.mended == 0
