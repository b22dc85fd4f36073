"""What came between two samples can be looked at later, and shows what was sent."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from cvinspect.domain import Frame, Glimpse, Pace, Pixels
from cvinspect.modes import Sampling
from cvinspect.sources.decoding.passage import CodedPassage
from cvinspect.sources.decoding.sampling_choice import SamplingRule
from tests.clips import corners, encode, moving, quarters
from tests.faults.rtsp_server import RtspServer, h264_clip, running
from tests.reading import frames_of, opened
from tests.sources.decoding.test_keyframes import ALONE, AUTO_1S, FPS, clip
from tests.sources.live.test_live import watching


def all_of(frame: Frame) -> list[list[Glimpse]]:
    """Everything that came before a sample: a list for each key frame, the last first."""
    assert frame.passage is not None
    return [list(stretch) for stretch in frame.passage.stretches()]


def times(frame: Frame) -> list[list[float]]:
    return [[round(frame.media_s - one.before_s, 3) for one in stretch] for stretch in all_of(frame)]


@pytest.mark.parametrize("b_frames", [0, 3])
def test_what_came_between_two_key_frames_shows_what_decoding_everything_shows(tmp_path: Path, b_frames: int) -> None:
    path = clip(tmp_path / "a.mp4", keys={0, 10, 20, 30}, frames=41, b_frames=b_frames)
    every = {round(frame.media_s, 3): frame.pixels for frame in frames_of(path, fps=FPS)[0]}

    frames, _ = frames_of(path, fps=2, rule=ALONE)

    assert frames[0].passage is None
    assert [times(frame) for frame in frames[1:4]] == [[[n + at for at in (0, 0.2, 0.4, 0.6, 0.8)]] for n in range(3)]
    for frame in frames[1:4]:
        assert frame.passage is not None
        assert frame.passage.span_s == pytest.approx(1.0)
        for one in all_of(frame)[0]:
            np.testing.assert_array_equal(one.pixels, every[round(frame.media_s - one.before_s, 3)])


def test_a_key_frame_that_was_left_out_begins_a_stretch_of_its_own(tmp_path: Path) -> None:
    path = clip(tmp_path / "a.mp4", keys=set(range(0, 80, 10)), frames=80, b_frames=0)

    with opened(path, fps=2, rule=SamplingRule(Sampling.AUTO, apart_s=2.0)) as source:
        source.go(Pace.SPARSE)
        frames = list(source.frames())

    second = frames[1]
    assert second.media_s == pytest.approx(2.0)
    assert [stretch[0] for stretch in times(second)] == [1.0, 0.0]


def test_nothing_is_kept_where_everything_is_decoded(tmp_path: Path) -> None:
    path = clip(tmp_path / "a.mp4", keys={0, 10, 20}, frames=41)

    overdue = [frame for frame in frames_of(path, fps=2, rule=AUTO_1S)[0] if frame.media_s > 2.0]

    assert len(overdue) == 4
    assert {frame.passage for frame in overdue} == {None}
    assert {frame.passage for frame in frames_of(path, fps=2)[0]} == {None}


def test_a_turned_recording_is_looked_back_at_upright(tmp_path: Path) -> None:
    path = encode(
        tmp_path / "a.mp4", size=(64, 64), ticks=range(40), picture=lambda _: corners(64, 64), rotation=90,
        options={"g": "10", "bf": "0"},
    )  # fmt: skip

    frames, _ = frames_of(path, fps=2, rule=ALONE)

    np.testing.assert_allclose(quarters(all_of(frames[1])[0][2].pixels), quarters(frames[1].pixels), atol=8)


@pytest.mark.parametrize("codec", ["libx264", "libx265", "mpeg4"])
def test_other_codings_can_be_looked_back_at(tmp_path: Path, codec: str) -> None:
    path = encode(tmp_path / "a.mkv", codec=codec, ticks=range(40), options={"g": "10"})
    every = {round(frame.media_s, 2): frame.pixels for frame in frames_of(path, fps=10)[0]}

    frames, _ = frames_of(path, fps=2, rule=ALONE)
    (stretch,) = all_of(frames[1])

    assert len(stretch) >= 3
    for one in stretch:
        np.testing.assert_array_equal(one.pixels, every[round(frames[1].media_s - one.before_s, 2)])


def test_groups_of_many_megabytes_are_not_kept(tmp_path: Path) -> None:
    noise = np.random.default_rng(1).integers(0, 256, (40, 480, 640, 3), np.uint8)

    def picture(i: int) -> Pixels:
        return noise[i]

    path = encode(
        tmp_path / "a.mp4", size=(640, 480), ticks=range(40), picture=picture,
        options={"g": "20", "qp": "1", "bf": "0", "preset": "ultrafast"},
    )  # fmt: skip
    assert path.stat().st_size > 16_000_000

    frames, _ = frames_of(path, fps=2, rule=ALONE)

    assert [frame.passage for frame in frames[:2]] == [None, None]


def test_another_thread_may_look_back_when_the_stream_is_closed_long_since(tmp_path: Path) -> None:
    path = clip(tmp_path / "a.mp4", keys={0, 10}, frames=20)
    frame = frames_of(path, fps=2, rule=ALONE)[0][1]
    path.unlink()
    found: list[list[list[float]]] = []

    thread = threading.Thread(target=lambda: found.append(times(frame)))
    thread.start()
    thread.join(10)

    assert found == [[[0.0, 0.2, 0.4, 0.6, 0.8]]]


@pytest.mark.parametrize("damage", [{"codec": "no such"}, {"extradata": b"no such"}])
def test_what_cannot_be_decoded_shows_nothing_and_breaks_nothing(tmp_path: Path, damage: dict[str, object]) -> None:
    path = clip(tmp_path / "a.mp4", keys={0, 10}, frames=20)
    frame = frames_of(path, fps=2, rule=ALONE)[0][1]
    assert isinstance(frame.passage, CodedPassage)

    stretches = replace(frame.passage, **damage).stretches()  # type: ignore[arg-type]

    assert [list(stretch) for stretch in stretches] == [[]]


@pytest.fixture
def camera(tmp_path: Path) -> Iterator[RtspServer]:
    with running() as server:
        server.mount("/gate", h264_clip(tmp_path / "gate.h264"))
        yield server


def test_a_live_camera_hands_out_what_came_between_its_samples(camera: RtspServer) -> None:
    with watching(camera.url("/gate"), rule=ALONE) as watcher:
        later = watcher.more(3)[2].frame
        assert later.passage is not None
        (stretch,) = all_of(later)

    assert later.passage.span_s == pytest.approx(1.0, abs=0.1)
    assert len(stretch) == 5
    assert {one.pixels.shape for one in stretch} == {later.pixels.shape}


def test_pictures_of_a_passage_are_made_only_as_far_as_they_are_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = clip(tmp_path / "a.mp4", keys={0, 10}, frames=20)
    frames, _ = frames_of(path, fps=2, rule=ALONE)
    made: list[float] = []

    class Counting:
        def __init__(self, *_: object) -> None: ...

        def __call__(self, frame: object) -> Pixels:
            made.append(getattr(frame, "pts", 0))
            return moving(64, 48)(0)

    monkeypatch.setattr("cvinspect.sources.decoding.passage.ToBgr", Counting)
    assert frames[1].passage is not None

    next(next(frames[1].passage.stretches()))

    assert len(made) == 1
