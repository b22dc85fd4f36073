"""Frames that were used are let go of at once, not when the collector happens to run."""

import gc
from pathlib import Path

from av import VideoFrame

from cvinspect.sources.recorded.video import open_video
from tests import clips


def living_frames() -> int:
    return sum(isinstance(thing, VideoFrame) for thing in gc.get_objects())


def test_sampled_frames_do_not_pile_up_in_memory(tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    clips.encode(path, ticks=range(50))
    source = open_video(path, camera="gate", fps=10)
    gc.collect()
    before = living_frames()
    gc.disable()
    try:
        sampled = sum(1 for _ in source.frames())
        left = living_frames() - before
    finally:
        gc.enable()
    assert sampled == 50
    assert left <= 3
