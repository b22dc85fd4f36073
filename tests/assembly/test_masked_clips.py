"""Clips are masked frame by frame, whatever moves in them."""

from datetime import timedelta
from pathlib import Path

import av
import numpy as np
import pytest

from cvinspect.assembly.clips import FootageClips
from cvinspect.assembly.masked_clips import LOOK_EVERY_S, ClipMasker
from cvinspect.domain import Detection, Pixels
from cvinspect.errors import DeliveryError
from cvinspect.evidence.masking import heads
from cvinspect.geometry import Box
from cvinspect.sources.recorded.video import open_video
from tests.clips import encode
from tests.fakes import NOON

WIDTH, HEIGHT, FPS = 320, 180, 25


def walker(i: int) -> Pixels:
    """A chequered person of 40 x 100 px who walks 2 px a frame."""
    pixels = np.full((HEIGHT, WIDTH, 3), 90, np.uint8)
    x = 20 + 2 * i
    pattern = (np.indices((100, 40)) // 4).sum(axis=0) % 2 * 255
    pixels[40:140, x : x + 40] = pattern[..., None]
    return pixels


class SeesWalkers:
    """Finds the chequered person, and counts how often it is asked."""

    def __init__(self) -> None:
        self.looks = 0

    def detect(self, pixels: Pixels) -> list[Detection]:
        self.looks += 1
        columns = np.flatnonzero(np.ptp(pixels[60:140].astype(int), axis=0).max(axis=1) > 100)
        return [Detection("person", 0.9, Box(columns[0], 40, columns[-1] + 1, 140))]


def frames_of(path: Path) -> list[Pixels]:
    with av.open(str(path)) as container:
        return [one.to_ndarray(format="bgr24") for one in container.decode(video=0)]


def test_every_frame_hides_the_head_and_shows_the_rest(tmp_path: Path) -> None:
    clip = encode(tmp_path / "clip.mp4", size=(WIDTH, HEIGHT), fps=FPS, ticks=range(50), picture=walker)
    detector = SeesWalkers()
    ClipMasker(detector, heads)(clip, tmp_path / "masked.mp4")
    shown = frames_of(tmp_path / "masked.mp4")
    assert (len(shown), detector.looks) == (50, round(50 / FPS / LOOK_EVERY_S))
    for i, pixels in enumerate(shown):
        x = 20 + 2 * i
        head, legs = (part.astype(int) for part in (pixels[42:58, x : x + 40], pixels[80:140, x : x + 40]))
        assert np.abs(np.diff(head, axis=1)).mean() < 12, i
        assert np.ptp(legs) > 60, i


def test_a_clip_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    (tmp_path / "no.mp4").write_bytes(b"no video")
    with pytest.raises(DeliveryError, match=r"no\.mp4: cannot be masked: "):
        ClipMasker(SeesWalkers(), heads)(tmp_path / "no.mp4", tmp_path / "masked.mp4")
    assert not (tmp_path / "masked.mp4").exists()


def test_a_runs_clip_is_masked_and_the_untouched_one_lies_apart(tmp_path: Path) -> None:
    path = encode(
        tmp_path / "a.mp4", size=(WIDTH, HEIGHT), fps=FPS, ticks=range(100), picture=walker, options={"g": "25"}
    )
    source = open_video(path, camera="gate", fps=25, started_at=NOON)
    next(frame for frame in source.frames() if frame.media_s >= 3.0)
    clip = FootageClips(path, source, tmp_path, mask=ClipMasker(SeesWalkers(), heads)).take("inc-1")
    source.close()
    assert clip is not None
    assert clip.original is not None
    assert (clip.uri, clip.original.uri) == ("evidence/inc-1_clip_1.mp4", "evidence/original/inc-1_clip_1.mp4")
    assert clip.captured_at - NOON < timedelta(seconds=1)
    masked, untouched = (frames_of(tmp_path / uri) for uri in (clip.uri, clip.original.uri))
    assert len(masked) == len(untouched)
    assert np.abs(masked[10].astype(int) - untouched[10]).max() > 60


def test_where_originals_are_not_kept_only_the_masked_clip_stays(tmp_path: Path) -> None:
    path = encode(tmp_path / "a.mp4", size=(WIDTH, HEIGHT), fps=FPS, ticks=range(100), picture=walker)
    source = open_video(path, camera="gate", fps=25, started_at=NOON)
    next(frame for frame in source.frames() if frame.media_s >= 3.0)
    clip = FootageClips(path, source, tmp_path, mask=ClipMasker(SeesWalkers(), heads), keep=False).take("inc-1")
    source.close()
    assert clip is not None
    assert clip.original is None
    assert [one.name for one in (tmp_path / "evidence").rglob("*.mp4")] == ["inc-1_clip_1.mp4"]


def test_a_clip_that_cannot_be_masked_leaves_nothing_untouched_behind(tmp_path: Path) -> None:
    class Fails:
        def detect(self, pixels: Pixels) -> list[Detection]:
            raise DeliveryError("no")

    path = encode(tmp_path / "a.mp4", size=(WIDTH, HEIGHT), fps=FPS, ticks=range(100), picture=walker)
    source = open_video(path, camera="gate", fps=25, started_at=NOON)
    next(frame for frame in source.frames() if frame.media_s >= 3.0)
    clips = FootageClips(path, source, tmp_path, mask=ClipMasker(Fails(), heads))
    assert (clips.take("inc-1"), clips.missing) == (None, ["no clip of incident inc-1: no"])
    source.close()
    assert list((tmp_path / "evidence").rglob("*.mp4*")) == []
