import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cvinspect.geometry import Box, iou
from cvinspect.incidents.merge import SAME_PLACE_IOU, is_as_placed, is_near, place_fit, shift
from tests.fakes import BAY, shifted


@st.composite
def boxes(draw: st.DrawFn) -> Box:
    x0, y0 = draw(st.integers(0, 100)), draw(st.integers(0, 100))
    return Box(x0, y0, x0 + draw(st.integers(1, 80)), y0 + draw(st.integers(1, 80)))


@given(boxes(), boxes())
def test_a_fit_is_the_overlap_or_nothing(box: Box, place: Box) -> None:
    assert place_fit(box, place) in (0.0, iou(box, place))
    assert place_fit(box, place) == iou(box, place) or iou(box, place) < SAME_PLACE_IOU


@pytest.mark.parametrize(
    ("box", "fits"),
    [
        (shifted(BAY, 30), True),
        (shifted(BAY, 40), False),
        (Box(100, 60, 116, 100), True),
        (Box(100, 60, 112, 100), False),
        (BAY.grown(0.3), True),
        (BAY.grown(0.6), False),
    ],
    ids=["half off", "two thirds off", "a good quarter of it", "a fifth of it", "larger", "much larger"],
)
def test_a_box_fits_its_place_shifted_or_half_hidden(box: Box, fits: bool) -> None:
    assert (place_fit(box, BAY) > 0) is fits


@given(boxes(), boxes(), st.floats(0, 3))
def test_nearness_is_mutual(a: Box, b: Box, reach: float) -> None:
    assert is_near(a, b, reach) == is_near(b, a, reach)


@given(boxes(), boxes(), st.floats(0, 3), st.floats(0, 3))
def test_what_is_near_stays_near_at_a_longer_reach(a: Box, b: Box, reach: float, more: float) -> None:
    assert is_near(a, b, reach + more) or not is_near(a, b, reach)


def test_at_no_reach_only_what_overlaps_is_near() -> None:
    assert [is_near(BAY, shifted(BAY, dx), 0.0) for dx in (59, 60, 61)] == [True, False, False]


@given(boxes(), st.integers(-60, 60), st.integers(-60, 60))
def test_what_moves_as_a_whole_has_shifted_by_as_much(box: Box, dx: int, dy: int) -> None:
    assert shift(box.moved(dx, dy), box) == pytest.approx(math.hypot(dx, dy))


@given(boxes(), st.floats(0.76, 1.0))
def test_a_little_hidden_at_one_side_is_no_move(box: Box, share: float) -> None:
    left, top = Box(box.x1 - share * box.width, *box.xyxy[1:]), Box(box.x0, box.y1 - share * box.height, box.x1, box.y1)
    assert (shift(left, box), shift(top, box)) == (0.0, 0.0)
    assert is_as_placed(left, box)
    assert is_as_placed(top, box)


@pytest.mark.parametrize(("dx", "is_there"), [(5, True), (9, False), (30, False)])
def test_a_whole_thing_further_on_is_not_where_it_was(dx: int, is_there: bool) -> None:
    assert is_as_placed(shifted(BAY, dx), BAY) is is_there
