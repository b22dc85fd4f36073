"""Media times of whole files, as recorders write them."""

from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import pytest

from cvinspect.commands.read_so_far import lack_of
from cvinspect.modes import Sampling
from cvinspect.sources.decoding.sampling_choice import SamplingRule
from tests import clips
from tests.reading import opened

FIRST_TAG, TAG_HEADER = 13, 11
"""Bytes of an FLV file before its first tag, and of a tag before its data."""

FAR_S = 5000.0


def with_pts(path: Path, plain: Path, moved_s: Callable[[int], float]) -> Path:
    """The same packets, each presented so many seconds later than it was."""
    with av.open(str(plain)) as source, av.open(str(path), "w") as sink:
        stream = sink.add_stream_from_template(source.streams.video[0])
        for i, packet in enumerate(one for one in source.demux(video=0) if one.size):
            assert packet.pts is not None
            packet.pts += round(moved_s(i) / packet.time_base)
            packet.stream = stream
            sink.mux(packet)
    return path


def with_flv_times(path: Path, stamp_ms: Callable[[int, int], int]) -> Path:
    """The FLV file with the time of each video tag replaced, by its number and its time."""
    data, at, number = bytearray(path.read_bytes()), FIRST_TAG, 0
    while at + TAG_HEADER < len(data):
        kind, size = data[at], int.from_bytes(data[at + 1 : at + 4])
        is_picture = kind == 9 and data[at + TAG_HEADER + 1] == 1
        if is_picture:
            before = int.from_bytes(bytes([data[at + 7], *data[at + 4 : at + 7]]))
            after = stamp_ms(number, before).to_bytes(4)
            data[at + 4 : at + 7], data[at + 7] = after[1:], after[0]
            number += 1
        at += TAG_HEADER + size + 4
    path.write_bytes(data)
    return path


def media_of(path: Path, *, sampling: Sampling = Sampling.ALL, fps: float = 2.0) -> list[float]:
    """Media seconds of the samples."""
    with opened(path, fps=fps, rule=SamplingRule(sampling, 1.0)) as source:
        times = [frame.media_s for frame in source.frames()]
        assert lack_of(path, source) is None
    return times


@pytest.mark.parametrize("sampling", [Sampling.ALL, Sampling.AUTO, Sampling.KEYFRAMES])
@pytest.mark.parametrize("frames_between", ["0", "2"])
@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".ts", ".flv"])
@pytest.mark.parametrize("at", [40, 41, 119])
def test_one_wrong_time_makes_no_footage(
    suffix: str, at: int, frames_between: str, sampling: Sampling, tmp_path: Path
) -> None:
    options = {"bf": frames_between, "g": "10"}
    path = clips.encode(tmp_path / f"plain{suffix}", ticks=range(120), options=options)
    if suffix == ".flv":
        with_flv_times(path, lambda i, ms: ms + round(1000 * FAR_S) * (i == at))
    else:
        path = with_pts(tmp_path / f"clip{suffix}", path, lambda i: FAR_S if i == at else 0.0)

    times = media_of(path, sampling=sampling)

    assert 11.0 <= times[-1] <= 13.0
    assert len(times) >= 11


@pytest.mark.parametrize("sampling", [Sampling.ALL, Sampling.KEYFRAMES])
def test_a_time_that_falls_back_and_returns_changes_nothing(sampling: Sampling, tmp_path: Path) -> None:
    path = clips.encode(tmp_path / "clip.flv", ticks=range(100, 220), options={"bf": "0", "g": "10"})
    with_flv_times(path, lambda i, ms: 17 if i in (40, 53) else ms)

    assert media_of(path, sampling=sampling)[-1] == pytest.approx(11.9, abs=1.0)


def test_times_that_all_are_the_same_go_on_at_the_rate_of_the_frames(tmp_path: Path) -> None:
    path = clips.encode(tmp_path / "clip.flv", ticks=range(120), options={"bf": "0", "g": "10"})
    with_flv_times(path, lambda i, ms: 4000)

    assert media_of(path)[-1] == pytest.approx(11.5, abs=0.6)


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".ts", ".flv"])
def test_a_pause_is_as_long_as_it_was(suffix: str, tmp_path: Path) -> None:
    path = clips.encode(tmp_path / f"clip{suffix}", ticks=[*range(60), *range(100, 160)], options={"g": "10"})

    times = media_of(path)

    steps_s = [round(after - before, 1) for before, after in pairwise(times)]
    assert steps_s.count(0.5) == len(steps_s) - 1
    assert times[-1] == pytest.approx(15.5, abs=0.11)


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".ts"])
@pytest.mark.parametrize("step_s", [1, 10])
def test_a_time_lapse_keeps_its_times(suffix: str, step_s: int, tmp_path: Path) -> None:
    ticks = [10 * step_s * i for i in range(12)]
    path = clips.encode(tmp_path / f"clip{suffix}", ticks=ticks, options={"bf": "0"})

    assert media_of(path) == pytest.approx([float(step_s * i) for i in range(12)], abs=0.01)


def test_a_transport_streams_clock_may_wrap_in_the_middle(tmp_path: Path) -> None:
    wraps_s = Fraction(2**33, 90_000)
    first = round((wraps_s - 6) * 10)
    path = clips.encode(tmp_path / "clip.ts", ticks=range(first, first + 120), options={"g": "10", "bf": "0"})

    assert media_of(path) == pytest.approx([i / 2 for i in range(24)], abs=0.11)


def test_a_length_that_was_stated_from_wrong_times_lacks_nothing(tmp_path: Path) -> None:
    plain = clips.encode(tmp_path / "plain.ts", ticks=range(120), options={"bf": "0", "g": "10"})
    path = with_pts(tmp_path / "clip.ts", plain, lambda i: FAR_S if i == 119 else 0.0)

    with opened(path) as source:
        list(source.frames())
        assert lack_of(path, source) is None
        assert source.info.duration_s == pytest.approx(12.0, abs=0.6)
