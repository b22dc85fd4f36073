"""Heads, faces and plates are made unrecognisable; everything else stays."""

import math
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cvinspect.domain import Detection, Frame
from cvinspect.evidence.masking import HiddenParts, head, heads, hidden, masked, vehicles_in
from cvinspect.evidence.picture_store import encoded
from cvinspect.geometry import Box
from cvinspect.opencv import cv2
from tests.fakes import NOON, frame

PERSON = Box(50, 50, 110, 250)


def noise(width: int = 200, height: int = 300) -> np.ndarray:
    return np.random.default_rng(7).integers(0, 256, (height, width, 3), np.uint8)


def colours(pixels: np.ndarray) -> int:
    return len(np.unique(pixels.reshape(-1, 3), axis=0))


def face(x0: float, y0: float, x1: float, y1: float, confidence: float) -> Detection:
    return Detection("face", confidence, Box(x0, y0, x1, y1))


def test_a_region_becomes_a_mosaic_and_nothing_else_is_touched() -> None:
    picture = noise()
    before = picture.copy()
    region = head(PERSON)
    result = masked(picture, [region])
    x0, y0, x1, y1 = int(region.x0), int(region.y0), math.ceil(region.x1), math.ceil(region.y1)
    changed = (result != picture).any(axis=2)
    inside = colours(result[y0:y1, x0:x1])
    changed[y0:y1, x0:x1] = False
    assert (changed.any(), inside <= 25, np.array_equal(picture, before)) == (False, True, True)


def test_regions_are_cut_off_at_the_edge() -> None:
    result = masked(noise(), [Box(-30, -20, 40, 90), Box(190, 290, 260, 400), Box(500, 500, 600, 700)])
    assert (colours(result[:90, :40]) <= 25, colours(result[290:, 190:]) <= 25, result.shape) == (
        True,
        True,
        (300, 200, 3),
    )


@given(
    st.floats(-20, 200), st.floats(-20, 300), st.floats(0.3, 220), st.floats(0.3, 320), st.sampled_from([70, 90, 100])
)
def test_no_pixel_of_a_region_is_kept_also_not_in_smaller_copies(
    x: float, y: float, width: float, height: float, quality: int
) -> None:
    """The mosaic of two pictures that differ in a region's detail, and not in its blocks' means, is the same."""
    picture, region = noise(), Box(x, y, x + width, y + height)
    inside = region.clipped(200, 300)
    rows, columns = slice(int(inside.y0), math.ceil(inside.y1)), slice(int(inside.x0), math.ceil(inside.x1))
    shown = masked(picture, [region])[rows, columns]
    if not shown.size:
        return
    blocks = max(1, min(5, shown.shape[1] // 4)) * max(1, min(5, shown.shape[0] // 4))
    assert colours(shown) <= blocks
    assert shown.shape[0] * shown.shape[1] / colours(shown) >= min(4, shown.shape[0] * shown.shape[1])


def test_a_mosaic_tells_nothing_but_a_few_mixed_means() -> None:
    """A plate's letters swapped within a block leave the very same picture."""
    plate = np.tile(np.where(np.arange(100) % 10 < 5, 0, 200).astype(np.uint8)[None, :, None], (20, 1, 3))
    region = [Box(0, 0, 100, 20)]
    assert np.array_equal(masked(plate, region), masked(plate[:, ::-1].copy(), region))
    assert colours(masked(plate, region)) == 1
    left_dark = np.where(np.arange(100) < 50, 0, 200).astype(np.uint8)[None, :, None] * np.ones((20, 1, 3), np.uint8)
    assert np.ptp(masked(left_dark, region)) <= 100


def test_files_carry_no_preview_of_what_was_masked() -> None:
    data = encoded(masked(noise(), [PERSON])).data
    assert (data.count(b"\xff\xd8\xff"), b"Exif" in data, b"JFXX" in data) == (1, False, False)
    assert cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR).shape == (300, 200, 3)


def test_a_head_is_hidden_whether_a_face_is_seen_or_not() -> None:
    assert hidden([PERSON], [], []) == [head(PERSON)]
    assert heads(noise(), [Detection("person", 0.1, PERSON), Detection("bin", 0.9, PERSON)]) == [head(PERSON)]


@pytest.mark.parametrize(
    ("one", "is_hidden"),
    [
        (face(70, 60, 90, 85, 0.2), True),  # at the person
        (face(120, 60, 140, 85, 0.2), True),  # beside
        (face(170, 60, 190, 85, 0.5), False),  # by itself and unsure
        (face(170, 60, 190, 85, 0.6), True),
        (face(170, 60, 181.9, 85, 0.9), False),  # by itself and small
        (face(170, 60, 182, 85, 0.9), True),
    ],
)
def test_a_face_without_a_person_counts_only_if_it_is_sure_and_large(one: Detection, is_hidden: bool) -> None:
    found = hidden([PERSON], [one], [])
    assert found == ([head(PERSON), one.box.grown(0.2)] if is_hidden else [head(PERSON)])


def test_plates_are_hidden_with_their_edges() -> None:
    plate = Detection("plate", 0.2, Box(10, 10, 50, 20))
    (found,) = hidden([], [], [plate])
    assert found == plate.box.grown(0.12)


@pytest.mark.parametrize(("confidence", "is_vehicle"), [(0.4, True), (0.6, False)])
def test_what_is_more_surely_a_banner_is_no_vehicle(confidence: float, is_vehicle: bool) -> None:
    car, far_off = Detection("two_wheeler", 0.5, PERSON), Detection("motor_vehicle", 0.1, Box(300, 0, 400, 90))
    banner = Detection("banner", confidence, PERSON.grown(0.1))
    assert vehicles_in([car, banner, far_off]) == ([car.box] if is_vehicle else []) + [far_off.box]


def test_each_picture_is_searched_once_and_only_when_asked_about() -> None:
    asked: list[object] = []

    def detections(picture: Frame) -> list[Detection]:
        asked.append(picture.captured_at)
        return [Detection("person", 0.9, PERSON)]

    parts = HiddenParts(detections, lambda pixels, found: [one.box for one in found])
    assert asked == []
    assert [parts(frame(s)) for s in (0, 0, 1)] == [[PERSON], [PERSON], [PERSON]]
    assert asked == [NOON, NOON + timedelta(seconds=1)]
