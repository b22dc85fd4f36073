"""Recorders store pictures half as wide as they look: what is inspected has square pixels."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from cvinspect.modes import Sampling
from cvinspect.sources.decoding.conversion import Orientation, PixelShape
from cvinspect.sources.decoding.sampling_choice import SamplingRule
from tests import clips
from tests.reading import opened

TURNED = Orientation(transposed=True, mirrored_x=True)


def encoded(path: Path, *, pixel: Fraction, size: tuple[int, int] = (64, 96), rotation: float | None = None) -> Path:
    """Quarters of four colours, with pixels of this shape."""
    with av.open(str(path), "w") as sink:
        stream = sink.add_stream("libx264", rate=10, options={"g": "10"})
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        stream.codec_context.sample_aspect_ratio = pixel
        if rotation is not None:
            stream.set_display_rotation(rotation)
        for i in range(30):
            frame = av.VideoFrame.from_ndarray(clips.corners(*size), format="bgr24")
            frame.pts, frame.time_base = i, Fraction(1, 10)
            sink.mux(stream.encode(frame))
        sink.mux(stream.encode(None))
    return path


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".ts"])
@pytest.mark.parametrize(
    ("pixel", "shown"),
    [
        (Fraction(2), (128, 96)),
        (Fraction(16, 11), (94, 96)),
        (Fraction(1, 2), (64, 192)),
        (Fraction(1), (64, 96)),
        (Fraction(1001, 1000), (64, 96)),
    ],
)
def test_pixels_that_are_no_squares_become_squares(
    suffix: str, pixel: Fraction, shown: tuple[int, int], tmp_path: Path
) -> None:
    path = encoded(tmp_path / f"clip{suffix}", pixel=pixel)

    with opened(path) as source:
        frame = next(source.frames())

    assert (source.info.width, source.info.height) == shown
    assert frame.pixels.shape == (shown[1], shown[0], 3)
    assert np.abs(np.array(clips.quarters(frame.pixels)) - clips.quarters(clips.corners(64, 96))).max() <= 8


def test_a_turned_picture_is_stretched_along_the_side_that_was_stored_short(tmp_path: Path) -> None:
    path = encoded(tmp_path / "clip.mp4", pixel=Fraction(2), rotation=90)

    with opened(path) as source:
        frame = next(source.frames())

    assert (source.info.width, source.info.height) == (96, 128)
    assert frame.pixels.shape == (128, 96, 3)


def test_what_the_user_says_goes_before_what_the_file_says(tmp_path: Path) -> None:
    path = encoded(tmp_path / "clip.mp4", pixel=Fraction(1))

    with opened(path, aspect=Fraction(16, 9)) as source:
        frame = next(source.frames())

    assert frame.pixels.shape == (96, 170, 3)


def test_what_is_looked_at_between_samples_has_the_same_pixels(tmp_path: Path) -> None:
    path = encoded(tmp_path / "clip.mp4", pixel=Fraction(2))

    with opened(path, fps=0.5, rule=SamplingRule(Sampling.KEYFRAMES, 1.0)) as source:
        passages = [frame.passage for frame in source.frames() if frame.passage is not None]

    assert {glimpse.pixels.shape for one in passages for stretch in one.stretches() for glimpse in stretch} == {
        (96, 128, 3)
    }


@pytest.mark.parametrize("pixel", [Fraction(0), Fraction(50), Fraction(1, 50), None])
def test_shapes_that_cannot_be_are_passed_over(pixel: Fraction | None) -> None:
    assert PixelShape(pixel).squared(352, 288, Orientation()) == (352, 288)


def test_the_shape_of_a_turned_picture_is_that_which_is_shown() -> None:
    assert PixelShape(picture=Fraction(9, 16)).squared(352, 288, TURNED) == (512, 288)
