import math
from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from cvinspect.geometry import (
    Box,
    Point,
    Polygon,
    bounding,
    contains,
    covered_share,
    crosses_itself,
    intersection,
    iou,
    polygon_area,
)

NUMBERS = st.floats(-4000, 4000, allow_nan=False)
SIZES = st.floats(0.01, 4000)
SQUARE: Polygon = ((0.2, 0.2), (0.8, 0.2), (0.8, 0.8), (0.2, 0.8))
HORSESHOE: Polygon = ((0, 0), (1, 0), (1, 1), (0.7, 1), (0.7, 0.3), (0.3, 0.3), (0.3, 1), (0, 1))


@st.composite
def boxes(draw: st.DrawFn) -> Box:
    x0, y0 = draw(NUMBERS), draw(NUMBERS)
    return Box(x0, y0, x0 + draw(SIZES), y0 + draw(SIZES))


@st.composite
def stars(draw: st.DrawFn) -> Polygon:
    """Simple polygons: corners at ascending angles around (0.5, 0.5)."""
    radii = draw(st.lists(st.floats(0.05, 0.5), min_size=3, max_size=9))
    turns = [2 * math.pi * i / len(radii) for i in range(len(radii))]
    return tuple((0.5 + r * math.cos(a), 0.5 + r * math.sin(a)) for r, a in zip(radii, turns, strict=True))


def winds_around(polygon: Polygon, point: Point) -> bool:
    """The sum of the angles under which the point sees the edges: another way to the same answer."""
    seen = [complex(x - point[0], y - point[1]) for x, y in (*polygon, polygon[0])]
    angles = [(after / before).imag and math.atan2((after / before).imag, (after / before).real)
              for before, after in pairwise(seen)]  # fmt: skip
    return abs(sum(angles)) > math.pi


@given(boxes(), boxes())
def test_iou_is_a_share_and_symmetric(a: Box, b: Box) -> None:
    assert 0.0 <= iou(a, b) <= 1.0
    assert iou(a, b) == iou(b, a)


@given(boxes())
def test_a_box_overlaps_itself_wholly(box: Box) -> None:
    assert (iou(box, box), covered_share(box, box)) == (1.0, 1.0)


@given(boxes(), boxes())
def test_the_share_of_the_smaller_is_no_less_than_the_iou(a: Box, b: Box) -> None:
    assert iou(a, b) <= max(covered_share(a, b), covered_share(b, a)) <= 1.0


@given(boxes(), boxes())
def test_boxes_that_lie_apart_have_nothing_in_common(a: Box, b: Box) -> None:
    assume(a.x1 <= b.x0 or b.x1 <= a.x0 or a.y1 <= b.y0 or b.y1 <= a.y0)

    assert (intersection(a, b), iou(a, b)) == (0, 0.0)


def test_a_box_turned_inside_out_is_empty() -> None:
    inside_out = Box(10, 10, 0, 20)

    assert (inside_out.area, inside_out.size) == (0.0, 0.0)
    assert (iou(inside_out, inside_out), covered_share(inside_out, Box(0, 0, 30, 30))) == (0.0, 0.0)


@given(boxes(), st.floats(1, 4000), st.floats(1, 4000))
def test_what_is_clipped_lies_in_the_picture(box: Box, width: float, height: float) -> None:
    clipped = box.clipped(width, height)

    assert 0.0 <= clipped.x0 <= clipped.x1 <= width
    assert 0.0 <= clipped.y0 <= clipped.y1 <= height
    assert clipped.clipped(width, height) == clipped


@given(st.lists(boxes(), min_size=1, max_size=6))
def test_the_bounding_box_holds_them_all_and_no_more(many: list[Box]) -> None:
    around = bounding(many)

    assert all(covered_share(box, around) >= 1.0 - 1e-9 for box in many)
    assert {around.x0, around.x1} <= {x for box in many for x in (box.x0, box.x1)}
    assert {around.y0, around.y1} <= {y for box in many for y in (box.y0, box.y1)}


@given(boxes(), st.floats(0, 3))
def test_a_box_grows_by_a_share_of_its_size_on_every_side(box: Box, share: float) -> None:
    grown = box.grown(share)

    assert grown.centre == pytest.approx(box.centre, abs=1e-6)
    assert grown.width == pytest.approx(box.width + 2 * share * box.size, abs=1e-6)
    assert grown.height == pytest.approx(box.height + 2 * share * box.size, abs=1e-6)


def test_a_thing_touches_the_ground_in_the_middle_of_its_lower_edge() -> None:
    assert Box(10, 20, 30, 60).ground_point == (20, 60)


@given(stars(), st.tuples(st.floats(0, 1), st.floats(0, 1)))
def test_a_point_in_a_polygon_is_one_that_the_polygon_winds_around(polygon: Polygon, point: Point) -> None:
    assume(all(math.dist(nearest(a, b, point), point) > 1e-6 for a, b in pairwise((*polygon, polygon[0]))))

    assert contains(polygon, point) == winds_around(polygon, point)


def nearest(a: Point, b: Point, point: Point) -> Point:
    """The point of an edge that is nearest to another point."""
    across, down = b[0] - a[0], b[1] - a[1]
    length = across * across + down * down
    along = 0.0 if length == 0 else ((point[0] - a[0]) * across + (point[1] - a[1]) * down) / length
    along = min(max(along, 0.0), 1.0)
    return a[0] + along * across, a[1] + along * down


@given(stars())
def test_the_corners_of_a_polygon_are_inside(polygon: Polygon) -> None:
    assert all(contains(polygon, corner) for corner in polygon)


@given(st.integers(1, 9), st.integers(1, 9), st.integers(0, 8))
def test_points_on_a_slanted_edge_are_inside(across: int, down: int, step: int) -> None:
    point = (across * step / 64, down * step / 64)  # exact: eighths of a corner that is exact itself

    assert contains(((0.0, 0.0), (across / 8, down / 8), (0.0, 2.0)), point)


@pytest.mark.parametrize(
    ("point", "inside"),
    [((0.5, 0.8), True), ((0.2, 0.5), True), ((0.5, 0.80001), False), ((0.2, 0.8), True), ((0.9, 0.2), False)],
)
def test_a_square_holds_what_lies_in_it_and_on_its_border(point: Point, inside: bool) -> None:
    assert contains(SQUARE, point) is inside


@pytest.mark.parametrize(
    ("point", "inside"), [((0.5, 0.7), False), ((0.15, 0.9), True), ((0.85, 0.9), True), ((0.5, 0.3), True)]
)
def test_what_lies_between_the_arms_of_a_horseshoe_is_outside(point: Point, inside: bool) -> None:
    assert contains(HORSESHOE, point) is inside


def test_a_ring_that_ends_where_it_began_is_the_same_polygon() -> None:
    ring = (*SQUARE, SQUARE[0])

    assert [contains(ring, point) for point in ((0.5, 0.5), (0.2, 0.2), (0.1, 0.5))] == [True, True, False]
    assert polygon_area(ring) == pytest.approx(0.36)
    assert not crosses_itself(ring)


@given(stars())
def test_corners_in_order_around_a_point_do_not_cross(polygon: Polygon) -> None:
    assert not crosses_itself(polygon)
    assert polygon_area(polygon) > 0


@given(stars(), st.randoms(use_true_random=False))
def test_whether_a_polygon_crosses_itself_does_not_depend_on_where_its_list_begins(
    polygon: Polygon, random: object
) -> None:
    mixed = list(polygon)
    random.shuffle(mixed)  # type: ignore[attr-defined]
    turned = [tuple(mixed[i:] + mixed[:i]) for i in range(len(mixed))]

    assert len({crosses_itself(one) for one in (*turned, tuple(reversed(mixed)))}) == 1


def test_two_corners_swapped_make_a_bow_tie() -> None:
    a, b, c, d = SQUARE

    assert [crosses_itself(corners) for corners in ((a, b, c, d), (a, c, b, d), (a, b, d, c))] == [False, True, True]


def test_corners_on_one_line_have_no_area() -> None:
    assert polygon_area(((0, 0), (0.5, 0.5), (1, 1))) == 0.0
