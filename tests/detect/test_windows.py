"""The network sees the part of the picture where rules hold; what it says is in pixels of the picture."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cvinspect.detect.windows import View, detect_in
from cvinspect.domain import Detection, Pixels
from cvinspect.geometry import Box

WIDTH, HEIGHT = 200, 100
BLANK = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
RIGHT_HALF = View((0.5, 0.0, 1.0, 1.0))


class Bright:
    """Sees one thing: the box around all that is not black."""

    def __init__(self) -> None:
        self.sizes: list[tuple[int, int]] = []

    def detect(self, pixels: Pixels) -> list[Detection]:
        self.sizes.append((pixels.shape[1], pixels.shape[0]))
        rows, columns = np.nonzero(pixels[:, :, 0])
        if not rows.size:
            return []
        corners = columns.min(), rows.min(), columns.max() + 1, rows.max() + 1
        return [Detection("thing", 0.9, Box(*map(float, corners)))]


def with_thing(x0: int, y0: int, x1: int, y1: int) -> Pixels:
    pixels = BLANK.copy()
    pixels[y0:y1, x0:x1] = 255
    return pixels


def boxes(view: View | None, pixels: Pixels) -> list[tuple[float, ...]]:
    return [one.box.xyxy for one in detect_in(view, Bright(), pixels)]


def test_without_a_view_the_whole_picture_is_seen_at_once() -> None:
    detector = Bright()

    detect_in(None, detector, BLANK)

    assert detector.sizes == [(WIDTH, HEIGHT)]


def test_boxes_of_a_part_are_in_pixels_of_the_picture() -> None:
    assert boxes(RIGHT_HALF, with_thing(150, 40, 170, 60)) == [(150, 40, 170, 60)]


def test_what_lies_outside_of_the_part_is_not_looked_at() -> None:
    assert boxes(RIGHT_HALF, with_thing(20, 40, 40, 60)) == []


def test_what_the_part_cuts_where_the_picture_goes_on_is_left_out() -> None:
    assert boxes(RIGHT_HALF, with_thing(90, 40, 120, 60)) == []


def test_what_the_picture_itself_cuts_is_not() -> None:
    assert boxes(RIGHT_HALF, with_thing(180, 0, 200, 100)) == [(180, 0, 200, 100)]


def test_a_thing_that_two_tiles_see_whole_is_one() -> None:
    assert boxes(View(tiles=2), with_thing(96, 48, 104, 52)) == [(96, 48, 104, 52)]


@given(
    tiles=st.integers(1, 4),
    edges=st.tuples(st.floats(0, 0.5), st.floats(0.7, 1.0)),
    size=st.tuples(st.integers(64, 2000), st.integers(64, 2000)),
)
def test_tiles_cover_the_view_and_lie_in_the_picture(
    tiles: int, edges: tuple[float, float], size: tuple[int, int]
) -> None:
    low, high = edges
    width, height = size
    windows = View((low, low, high, high), tiles).windows(width, height)

    assert len(windows) == tiles**2
    covered = np.zeros((height, width), bool)
    for x0, y0, x1, y1 in windows:
        assert 0 <= x0 < x1 <= width
        assert 0 <= y0 < y1 <= height
        covered[y0:y1, x0:x1] = True
    inside = covered[
        int(np.ceil(low * height)) + 1 : int(high * height) - 1, int(np.ceil(low * width)) + 1 : int(high * width) - 1
    ]
    assert inside.all()


@pytest.mark.parametrize("view", [View(), View(tiles=3)])
def test_a_view_of_everything_says_so(view: View) -> None:
    assert view.is_whole
    assert not RIGHT_HALF.is_whole


def test_a_part_is_looked_at_once_more_by_itself() -> None:
    detector = Bright()

    found = detect_in(View(closer=((0.5, 0.0, 1.0, 1.0),)), detector, with_thing(150, 40, 170, 60))

    assert detector.sizes == [(WIDTH, HEIGHT), (WIDTH // 2, HEIGHT)]
    assert [one.box.xyxy for one in found] == [(150, 40, 170, 60)]
