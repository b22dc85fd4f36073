"""Zones drawn into a camera's picture."""

import numpy as np
import pytest

from cvinspect.domain import Zone
from cvinspect.evidence.overlay import ZONE
from cvinspect.evidence.zone_map import zone_map
from cvinspect.geometry import Box, Polygon
from tests.fakes import HEIGHT, WIDTH, frame, square, zone


def test_a_zone_is_drawn_where_it_lies_and_named_in_its_middle() -> None:
    plain, drawn = frame().pixels, zone_map(frame().pixels, [zone("no_parking", square(0.25, 0.25, 0.75, 0.75))])
    assert drawn.shape == plain.shape
    y0, y1, x0, x1 = HEIGHT // 4, 3 * HEIGHT // 4, WIDTH // 4, 3 * WIDTH // 4
    assert {tuple(drawn[y0, x]) for x in range(x0, x1)} == {ZONE}
    assert {tuple(drawn[y, x0]) for y in range(y0, y1)} == {ZONE}
    assert np.array_equal(drawn[: y0 - 3], plain[: y0 - 3])
    in_the_middle = np.all(drawn == ZONE, axis=2)[HEIGHT // 2 - 5 : HEIGHT // 2 + 5, x0 + 5 : x1 - 5]
    assert in_the_middle.mean() > 0.3


@pytest.mark.parametrize(
    "polygon",
    [((0, 0), (1, 1), (0.5, 0.5)), ((0, 0), (0.001, 0), (0, 0.001)), ((0.99, 0.99), (1, 0.99), (1, 1))],
)
def test_a_zone_that_is_hardly_one_is_drawn_all_the_same(polygon: Polygon) -> None:
    drawn = zone_map(frame().pixels, [Zone("角 <落>", "a kind of the city", polygon)])
    assert np.any(np.all(drawn == ZONE, axis=2))


def test_heads_are_masked() -> None:
    person = Box(100, 60, 140, 160)
    assert not np.array_equal(zone_map(frame().pixels, [], hidden=[person]), frame().pixels)
    assert np.array_equal(zone_map(frame().pixels, []), frame().pixels)
