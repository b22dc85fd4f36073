"""Pictures in a report on accuracy."""

import numpy as np
import pytest

from cvinspect.domain import Pixels
from cvinspect.evidence.exhibit import exhibit
from cvinspect.evidence.overlay import RED
from cvinspect.geometry import Box
from cvinspect.opencv import cv2


def shown(pixels: Pixels, *marks: Box, hidden: tuple[Box, ...] = ()) -> Pixels:
    data = exhibit(pixels, [(mark, RED) for mark in marks], hidden=hidden)
    return np.asarray(cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR), np.uint8)


@pytest.mark.parametrize(
    ("size", "expected"), [((200, 100), (200, 100)), ((1440, 810), (720, 405)), ((7200, 3), (720, 1))]
)
def test_a_wide_frame_is_shown_smaller(size: tuple[int, int], expected: tuple[int, int]) -> None:
    width, height = size
    assert shown(np.zeros((height, width, 3), np.uint8)).shape == (expected[1], expected[0], 3)


def test_the_place_is_marked_where_it_is_in_the_smaller_picture() -> None:
    street = np.full((720, 1440, 3), 128, np.uint8)
    picture = shown(street, Box(400, 200, 800, 600))
    red = picture[:, :, 2].astype(int) - picture[:, :, 0] > 60
    rows, columns = np.nonzero(red)
    assert (columns.min(), rows.min(), columns.max(), rows.max()) == pytest.approx((200, 100, 400, 300), abs=4)
    assert not red[110:290, 210:390].any()
    assert (street == 128).all()


def test_heads_are_masked() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (400, 300, 3), np.uint8)
    picture = shown(noise, hidden=(Box(100, 100, 200, 380),))
    inside, outside = picture[110:140, 120:180], picture[10:40, 120:180]
    assert inside.std(axis=(0, 1)).max() < outside.std(axis=(0, 1)).min() / 2
