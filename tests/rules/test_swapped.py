"""Zones whose x and y were swapped: told from where things are, and never of zones that hold theirs."""

from cvinspect.domain import Camera, Zone
from cvinspect.geometry import Box, Polygon
from cvinspect.rules.swapped import look_swapped, mirrored
from tests.fakes import camera, detection, square, violation

SIZE = (100, 100)
LOW_LEFT = square(0.05, 0.6, 0.35, 0.95)
RULE = violation(zones=("no_parking",))


def kerb(polygon: Polygon, kind: str = "no_parking") -> Camera:
    return camera(Zone("kerb", kind, polygon))


def cars(*places: tuple[float, float], label: str = "motor_vehicle") -> list[tuple[list[object], tuple[int, int]]]:
    """One picture each, of a car that stands there."""
    return [([detection(Box(x - 5, y - 10, x + 5, y), label)], SIZE) for x, y in places]


def flagged(where: Camera, pictures: list[tuple[list[object], tuple[int, int]]]) -> bool:
    return look_swapped(where, [RULE], pictures)  # type: ignore[arg-type]


def test_things_where_the_zone_would_be_and_none_in_it_tell() -> None:
    places = cars((20, 80), (25, 85), (15, 90))
    assert flagged(kerb(mirrored(LOW_LEFT)), places)
    assert not flagged(kerb(LOW_LEFT), places)


def test_a_few_things_are_chance() -> None:
    assert not flagged(kerb(mirrored(LOW_LEFT)), cars((20, 80), (25, 85)))


def test_a_thing_in_the_zone_outweighs_some_elsewhere() -> None:
    assert not flagged(kerb(mirrored(LOW_LEFT)), cars((20, 80), (25, 85), (15, 90), (80, 20)))


def test_things_that_the_zone_is_not_drawn_for_say_nothing() -> None:
    assert not flagged(kerb(mirrored(LOW_LEFT)), cars((20, 80), (25, 85), (15, 90), label="person"))
    assert not flagged(kerb(mirrored(LOW_LEFT), "waste_point"), cars((20, 80), (25, 85), (15, 90)))


def test_zones_that_are_much_the_same_mirrored_or_none_say_nothing() -> None:
    assert not flagged(kerb(square(0.1, 0.1, 0.9, 0.9)), cars((5, 50), (5, 51), (5, 52)))
    assert not flagged(camera(), cars((20, 80), (25, 85), (15, 90)))
