"""Key frames alone, where they will do: the same pictures at the same times, and never too few."""

from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest
from av.video.frame import PictureType
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from cvinspect.domain import Pace
from cvinspect.modes import Sampling
from cvinspect.sources.decoding.packet_decoder import PacketDecoder
from cvinspect.sources.decoding.sampling_choice import KeyframeWatch, SamplingRule
from tests.clips import encode, moving
from tests.reading import frames_of, opened

FPS = 10
AUTO_1S = SamplingRule(Sampling.AUTO, apart_s=1.0)
ALONE = SamplingRule(Sampling.KEYFRAMES)


def clip(path: Path, *, keys: set[int], frames: int, b_frames: int = 2) -> Path:
    """A clip whose key frames are those given, and no others; its pictures all differ."""
    picture = moving(64, 48)
    with av.open(str(path), "w") as container:
        options = {"g": "9999", "sc_threshold": "0", "forced-idr": "1", "bf": str(b_frames), "crf": "10"}
        stream = container.add_stream("libx264", rate=FPS, options=options)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for i in range(frames):
            frame = av.VideoFrame.from_ndarray(picture(i), format="bgr24")
            frame.pts, frame.time_base = i, Fraction(1, FPS)
            frame.pict_type = PictureType.I if i in keys else PictureType.NONE
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def test_key_frames_that_come_often_enough_are_decoded_alone(tmp_path: Path) -> None:
    path = clip(tmp_path / "a.mp4", keys={0, 10, 20, 30}, frames=41, b_frames=0)

    frames, counts = frames_of(path, fps=2, rule=AUTO_1S)

    assert [frame.media_s for frame in frames] == [0.0, 1.0, 2.0, 3.0, 3.5, 4.0]
    assert [frame.index for frame in frames] == [0, 10, 20, 30, 35, 40]
    assert counts.read == 4 + 10


def test_alone_they_show_what_they_show_among_the_others(tmp_path: Path) -> None:
    path = clip(tmp_path / "a.mp4", keys={0, 10, 20, 30}, frames=41, b_frames=3)
    every = {frame.index: frame.pixels for frame in frames_of(path, fps=FPS)[0]}

    frames, _ = frames_of(path, fps=2, rule=AUTO_1S)

    for frame in frames:
        np.testing.assert_array_equal(frame.pixels, every[frame.index])


def test_where_they_are_too_far_apart_everything_is_decoded(tmp_path: Path) -> None:
    path = clip(tmp_path / "a.mp4", keys={0, 20, 40}, frames=60, b_frames=0)

    frames, counts = frames_of(path, fps=2, rule=AUTO_1S)

    assert [frame.media_s for frame in frames] == [i / 2 for i in range(12)]
    assert counts.read == 60


@pytest.mark.parametrize(("b_frames", "decoded"), [(0, range(120, 121)), (3, range(60, 100))])
def test_what_nothing_builds_on_is_decoded_only_when_it_is_due(tmp_path: Path, b_frames: int, decoded: range) -> None:
    path = clip(tmp_path / "a.mp4", keys={0, 50, 77}, frames=120, b_frames=b_frames)
    every = {frame.index: frame.pixels for frame in frames_of(path, fps=FPS)[0]}

    frames, counts = frames_of(path, fps=2)

    assert [frame.index for frame in frames] == list(range(0, 120, 5))
    assert counts.read in decoded
    for frame in frames:
        np.testing.assert_array_equal(frame.pixels, every[frame.index])


def test_one_that_is_overdue_is_not_waited_for(tmp_path: Path) -> None:
    path = clip(tmp_path / "a.mp4", keys={*range(0, 100, 10), 140, 150, 160}, frames=170)

    frames, counts = frames_of(path, fps=2, rule=AUTO_1S)

    times = [frame.media_s for frame in frames]
    assert times[:10] == [float(i) for i in range(10)]
    assert times[10:19] == [9.5 + i / 2 for i in range(9)]
    assert counts.read < 100


def test_they_alone_may_be_asked_for_however_far_apart(tmp_path: Path) -> None:
    path = clip(tmp_path / "a.mp4", keys={0, 40, 50}, frames=60)

    frames, _ = frames_of(path, fps=2, rule=ALONE)

    assert [frame.media_s for frame in frames][:3] == [0.0, 4.0, 5.0]


def test_of_a_stream_of_key_frames_only_the_samples_are_pictures(tmp_path: Path) -> None:
    path = clip(tmp_path / "a.mp4", keys=set(range(40)), frames=40)

    frames, counts = frames_of(path, fps=2, rule=AUTO_1S)

    assert [frame.media_s for frame in frames] == [i / 2 for i in range(8)]
    assert counts.sampled == 8


def test_a_recording_without_times_is_decoded_whole(tmp_path: Path) -> None:
    path = encode(tmp_path / "a.h264", ticks=range(60), options={"g": "10", "bf": "0"}, muxer="h264")

    frames, counts = frames_of(path, fps=2, rule=AUTO_1S)

    assert counts.read == 60
    assert len(frames) == len(frames_of(path, fps=2)[0])


@pytest.mark.parametrize("codec", ["libx265", "mpeg4", "mjpeg"])
def test_other_codings_give_their_key_frames_too(tmp_path: Path, codec: str) -> None:
    options = {"g": "10"} if codec != "libx265" else {"x265-params": "keyint=10:scenecut=0:log-level=none:pools=1"}
    pixel_format = "yuvj420p" if codec == "mjpeg" else "yuv420p"
    path = encode(tmp_path / "a.mkv", codec=codec, ticks=range(60), options=options, pixel_format=pixel_format)
    every = {frame.media_s: frame.pixels for frame in frames_of(path, fps=FPS)[0]}

    frames, _ = frames_of(path, fps=1, rule=AUTO_1S)

    assert [frame.media_s for frame in frames] == [0, 1, 2, 3, 4, 5]
    for frame in frames:
        np.testing.assert_array_equal(frame.pixels, every[frame.media_s])


def test_what_was_chosen_is_told_with_its_reason(tmp_path: Path) -> None:
    often, seldom = SamplingRule(Sampling.AUTO, 1.0), SamplingRule(Sampling.AUTO, 0.5)
    path = clip(tmp_path / "a.mp4", keys={0, 10, 20}, frames=40)
    said = []
    for rule in (often, seldom, ALONE, SamplingRule()):
        with opened(path, rule=rule) as source:
            said.append(str(source.sampling))

    assert said == [
        "key frames only: its key frames are 1 s apart, samples 1 s apart are enough",
        "all frames decoded: its key frames are 1 s apart, samples 0.5 s apart are enough",
        "key frames only: as configured",
        "all frames decoded: as configured",
    ]


def test_until_the_distance_is_known_it_is_told_when_the_frames_in_between_are_decoded(tmp_path: Path) -> None:
    path = clip(tmp_path / "a.mp4", keys={0, 70}, frames=100)
    with av.open(str(path)) as container:
        decoder = PacketDecoder(container.streams.video[0], AUTO_1S, broke=lambda: None)
        shown = []
        for packet in container.demux(video=0):
            if packet.size:
                for numbered in decoder.frames(packet):
                    shown.append(numbered.index)
                    decoder.taken(rest_s=0.0)

    assert str(decoder.watch.choice) == (
        "key frames first: how far apart they are is not known yet; where none comes for 1.1 s, all frames are decoded"
    )
    assert shown[:60] == list(range(60))


def test_the_longest_of_the_last_distances_decides() -> None:
    watch = KeyframeWatch(AUTO_1S)
    chosen = []
    for at_s in (0.0, 1.0, 2.0, 5.0, *(5.0 + i for i in range(1, 10))):
        watch.key(at_s)
        chosen.append(watch.choice.keyframes_only)

    assert chosen == [True, True, True, *[False] * 8, True, True]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(keys=st.sets(st.integers(1, 119), max_size=40), b_frames=st.sampled_from([0, 2]))
def test_wherever_key_frames_stand_samples_are_close_enough_and_true(
    tmp_path: Path, keys: set[int], b_frames: int
) -> None:
    path = clip(tmp_path / "a.mp4", keys={0, *keys}, frames=120, b_frames=b_frames)
    every = {frame.index: frame.pixels for frame in frames_of(path, fps=FPS)[0]}

    frames, _ = frames_of(path, fps=2, rule=AUTO_1S)

    assert frames[0].index == 0
    assert all(0 < b.index - a.index <= 12 for a, b in pairwise(frames))
    assert frames[-1].index >= 115
    for frame in frames:
        assert frame.media_s == pytest.approx(frame.index / FPS)
        np.testing.assert_array_equal(frame.pixels, every[frame.index])


def sampled_at(path: Path, *, sparse: set[int]) -> list[int]:
    """The frames that are looked at where, after those of `sparse`, nothing more goes on."""
    with opened(path, fps=2, rule=SamplingRule(Sampling.AUTO, apart_s=4.0)) as source:
        found = []
        for frame in source.frames():
            found.append(frame.index)
            source.go(Pace.SPARSE if frame.index in sparse else Pace.USUAL)
    return found


def test_where_nothing_goes_on_as_many_key_frames_are_left_out_as_may_be(tmp_path: Path) -> None:
    path = clip(tmp_path / "a.mp4", keys=set(range(0, 200, 10)), frames=191)
    every = set(range(200))

    assert sampled_at(path, sparse=set()) == list(range(0, 200, 10))
    assert sampled_at(path, sparse=every)[:5] == [0, 40, 80, 120, 160]
    assert sampled_at(path, sparse=every - {80})[:5] == [0, 40, 80, 90, 130]


def test_a_key_frame_that_does_not_come_after_one_was_left_out_is_not_waited_for(tmp_path: Path) -> None:
    path = clip(tmp_path / "a.mp4", keys={*range(0, 120, 20), 160, 180}, frames=190)
    every = {frame.index: frame.pixels for frame in frames_of(path, fps=FPS)[0]}

    with opened(path, fps=2, rule=SamplingRule(Sampling.AUTO, apart_s=4.0)) as source:
        frames = []
        for frame in source.frames():
            frames.append(frame)
            source.go(Pace.SPARSE)

    assert all(b.index - a.index <= 45 for a, b in pairwise(frames))
    for frame in frames:
        np.testing.assert_array_equal(frame.pixels, every[frame.index])


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(keys={2, 24}, b_frames=0, paces=[Pace.SPARSE])
@given(
    keys=st.sets(st.integers(1, 119), max_size=40),
    b_frames=st.sampled_from([0, 2]),
    paces=st.lists(st.sampled_from(Pace), min_size=1, max_size=20),
)
def test_at_whatever_pace_samples_are_close_enough_and_true(
    tmp_path: Path, keys: set[int], b_frames: int, paces: list[Pace]
) -> None:
    path = clip(tmp_path / "a.mp4", keys={0, *keys}, frames=120, b_frames=b_frames)
    every = {frame.index: frame.pixels for frame in frames_of(path, fps=FPS)[0]}

    with opened(path, fps=2, rule=SamplingRule(Sampling.AUTO, apart_s=2.0)) as source:
        frames = []
        for number, frame in enumerate(source.frames()):
            frames.append(frame)
            source.go(paces[number % len(paces)])

    assert frames[0].index == 0
    assert all(0 < b.index - a.index <= 23 for a, b in pairwise(frames))
    for frame in frames:
        assert frame.media_s == pytest.approx(frame.index / FPS)
        np.testing.assert_array_equal(frame.pixels, every[frame.index])
