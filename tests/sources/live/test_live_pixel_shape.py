"""Live pictures have square pixels, whatever the camera stores."""

import random
import threading
import time
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path

import pytest

from cvinspect.sources.live.address import Address
from cvinspect.sources.live.rtsp import LiveCamera
from tests.faults.rtsp_server import h264_clip, running

WIDTH, HEIGHT = 160, 120


def first_size(url: str, *, aspect: Fraction | None = None) -> tuple[int, int]:
    """Width and height of the first picture that comes."""
    arrived = threading.Event()
    camera = LiveCamera(
        Address(url),
        camera="gate",
        fps=2,
        now=lambda: datetime.now(UTC),
        seconds=time.monotonic,
        jitter=random.random,
        arrived=arrived.set,
        aspect=aspect,
    )
    camera.start()
    try:
        assert arrived.wait(30.0)
        sample = camera.take()
    finally:
        camera.stop(timeout_s=10)
    assert sample is not None
    height, width = sample.frame.pixels.shape[:2]
    return width, height


@pytest.mark.parametrize(
    ("pixel", "aspect", "size"),
    [
        ("1/1", None, (160, 120)),
        ("2/1", None, (320, 120)),
        ("1/2", None, (160, 240)),
        ("1/1", Fraction(16, 9), (214, 120)),
    ],
)
def test_an_rtsp_cameras_pixels_become_squares(
    pixel: str, aspect: Fraction | None, size: tuple[int, int], tmp_path: Path
) -> None:
    with running() as server:
        server.mount("/gate", h264_clip(tmp_path / "gate.h264", size=(WIDTH, HEIGHT), pixel=pixel))

        assert first_size(server.url("/gate"), aspect=aspect) == size


def test_so_do_those_of_a_file_that_plays_a_camera(tmp_path: Path) -> None:
    path = h264_clip(tmp_path / "gate.h264", size=(WIDTH, HEIGHT), pixel="2/1")

    assert first_size(str(path)) == (320, 120)
