from datetime import time

import pytest

from cvinspect.domain import Camera, Zone
from cvinspect.geometry import Box
from cvinspect.rules.zones import Claim, anchor_point, area_of, claim, strongest
from cvinspect.taxonomy import Anchor, Hours, Violation
from tests.fakes import camera, square, violation, zone

SIZE = (200, 100)
NOON = time(12)
LEFT = zone("no_parking", square(0, 0, 0.5, 1))
LEFT_CAR, RIGHT_CAR = Box(20, 20, 60, 60), Box(140, 20, 180, 60)
IN_LEFT = violation(zones=("no_parking",))
OUTSIDE_BAY = violation(zones=("no_parking_nonmotor",), outside_zones=("bike_bay",))


def said(rule: Violation, box: Box, where: Camera, *, now: time = NOON) -> Zone | bool | None:
    """The zone of the claim, True for one without, None for no claim."""
    found = claim(rule, box, camera=where, size=SIZE, now=now)
    return None if found is None else found.zone or True


@pytest.mark.parametrize(
    ("box", "anchor", "point"),
    [
        (Box(20, 20, 60, 60), Anchor.GROUND, (0.2, 0.6)),
        (Box(20, 20, 60, 60), Anchor.CENTRE, (0.2, 0.4)),
        (Box(-90, 20, 10, 120), Anchor.GROUND, (0.0, 1.0)),
    ],
)
def test_the_ground_or_the_middle_of_a_thing_decides_and_lies_in_the_picture(
    box: Box, anchor: Anchor, point: tuple[float, float]
) -> None:
    assert anchor_point(box, anchor, SIZE) == point


def test_a_thing_in_a_zone_is_claimed_by_it_and_one_beside_it_is_not() -> None:
    assert said(IN_LEFT, LEFT_CAR, camera(LEFT)) == LEFT
    assert said(IN_LEFT, RIGHT_CAR, camera(LEFT)) is None


def test_a_ground_point_on_the_border_is_inside() -> None:
    on_border, just_right = Box(80, 20, 120, 60), Box(80.1, 20, 120.1, 60)

    assert said(IN_LEFT, on_border, camera(LEFT)) == LEFT
    assert said(IN_LEFT, just_right, camera(LEFT)) is None


def test_a_car_whose_roof_reaches_into_a_zone_stands_outside() -> None:
    upper = zone("no_parking", square(0, 0, 1, 0.5))

    assert said(IN_LEFT, LEFT_CAR, camera(upper)) is None


def test_a_zone_may_be_asked_for_by_its_id() -> None:
    kerb = zone("no_parking", LEFT.polygon, name="kerb-7")

    assert said(violation(zones=("kerb-7",)), LEFT_CAR, camera(kerb)) == kerb


def test_a_zone_of_another_kind_claims_nothing() -> None:
    assert said(IN_LEFT, LEFT_CAR, camera(zone("no_vending"))) is None


def test_a_camera_without_zones_is_every_kind_of_zone() -> None:
    assert said(IN_LEFT, LEFT_CAR, camera()) is True
    assert claim(IN_LEFT, LEFT_CAR, camera=camera(), size=SIZE, now=NOON) == Claim(IN_LEFT, None, drawn=False)


def test_a_rule_that_asks_for_no_zone_holds_anywhere() -> None:
    anywhere = violation(zones=())

    assert [said(anywhere, LEFT_CAR, where) for where in (camera(), camera(zone("no_vending")))] == [True, True]


BAY = zone("bike_bay", square(0, 0, 0.5, 1))


@pytest.mark.parametrize(
    ("where", "left", "right"),
    [
        pytest.param(camera(), True, True, id="nothing drawn"),
        pytest.param(camera(BAY), None, True, id="a bay: outside of it"),
        pytest.param(camera(zone("no_parking")), None, None, id="zones of other kinds only"),
        pytest.param(
            camera(zone("no_parking_nonmotor", square(0.5, 0, 1, 1))),
            None,
            zone("no_parking_nonmotor", square(0.5, 0, 1, 1)),
            id="a forbidden zone: in it",
        ),
        pytest.param(
            camera(BAY, zone("no_parking_nonmotor", square(0.5, 0, 1, 1))),
            None,
            zone("no_parking_nonmotor", square(0.5, 0, 1, 1)),
            id="both",
        ),
    ],
)
def test_a_two_wheeler_must_stand_in_a_bay_where_one_is_drawn(
    where: Camera, left: Zone | bool | None, right: Zone | bool | None
) -> None:
    assert (said(OUTSIDE_BAY, LEFT_CAR, where), said(OUTSIDE_BAY, RIGHT_CAR, where)) == (left, right)


POINT = zone("waste_point", square(0, 0, 0.5, 1))
NIGHT = (Hours(time(22), time(6)), Hours(time(12), time(13)))


@pytest.mark.parametrize(
    ("now", "allowed"),
    [
        (time(21, 59, 59), False),
        (time(22), True),
        (time(23, 59, 59, 999999), True),
        (time(0), True),
        (time(5, 59, 59), True),
        (time(6), False),
        (time(12, 30), True),
    ],
)
def test_rubbish_may_lie_at_a_waste_point_in_its_hours_also_over_midnight(now: time, allowed: bool) -> None:
    rule = violation(exempt_zones=("waste_point",), exempt_hours=NIGHT)

    assert said(rule, LEFT_CAR, camera(POINT), now=now) is (None if allowed else True)
    assert said(rule, RIGHT_CAR, camera(POINT), now=now) is True


def test_without_hours_a_waste_point_exempts_always() -> None:
    rule = violation(exempt_zones=("waste_point",))

    assert said(rule, LEFT_CAR, camera(POINT)) is None


def test_a_zone_that_exempts_must_be_drawn() -> None:
    assert said(violation(exempt_zones=("waste_point",)), LEFT_CAR, camera()) is True


SHOP = violation(id="shop", labels=("table", "stall"))
STREET = violation(id="street", labels=("stall", "umbrella"), yields_to=("shop",))
UMBRELLA = violation(id="umbrella", labels=("umbrella",), joins=("shop", "street"))


@pytest.mark.parametrize(
    ("claims", "label", "winner"),
    [
        pytest.param([], "stall", None, id="none"),
        pytest.param([(STREET, True), (SHOP, True)], "stall", SHOP, id="drawn: who is yielded to"),
        pytest.param([(STREET, True), (SHOP, False)], "stall", STREET, id="drawn before the whole picture"),
        pytest.param([(SHOP, False), (STREET, False)], "stall", STREET, id="nothing drawn: most typical label"),
        pytest.param([(UMBRELLA, True), (STREET, True)], "umbrella", STREET, id="drawn: who takes it in"),
        pytest.param([(UMBRELLA, True)], "umbrella", UMBRELLA, id="alone"),
    ],
)
def test_one_thing_is_one_violation(claims: list[tuple[Violation, bool]], label: str, winner: Violation | None) -> None:
    found = strongest([Claim(rule, None, drawn=drawn) for rule, drawn in claims], label)

    assert (found and found.violation) == winner


def test_violations_that_yield_in_a_circle_still_leave_one() -> None:
    one, other = violation(id="a", yields_to=("b",)), violation(id="b", yields_to=("a",))

    found = strongest([Claim(one, None, drawn=True), Claim(other, None, drawn=True)], "motor_vehicle")
    assert found is not None
    assert found.violation == one


def rule(**given: object) -> Violation:
    return violation(**{"zones": ("no_parking",), **given})


MIDDLE = zone(polygon=square(0.4, 0.5, 0.6, 0.7))


def test_the_part_that_matters_is_that_around_the_zones_mostly_above_them() -> None:
    assert area_of(camera(MIDDLE), [rule()]) == pytest.approx((0.32, 0.25, 0.68, 0.75))


def test_it_ends_with_the_picture() -> None:
    assert area_of(camera(zone(polygon=square(0, 0, 0.2, 1))), [rule()]) == pytest.approx((0, 0, 0.28, 1))


@pytest.mark.parametrize(
    ("where", "rules"),
    [
        pytest.param(camera(), [rule()], id="no zones are drawn"),
        pytest.param(camera(MIDDLE), [rule(), rule(zones=())], id="a rule holds anywhere"),
        pytest.param(camera(MIDDLE, zone("bay")), [rule(outside_zones=("bay",))], id="a rule holds outside of a zone"),
        pytest.param(camera(zone()), [rule()], id="the zone is the picture"),
        pytest.param(camera(zone("other")), [rule()], id="no rule holds here"),
    ],
)
def test_all_of_the_picture_matters_where_rules_may_hold_anywhere(where: Camera, rules: list[Violation]) -> None:
    assert area_of(where, rules) is None


def test_zones_of_no_rule_do_not_matter() -> None:
    assert area_of(camera(MIDDLE, zone("other")), [rule()]) == pytest.approx((0.32, 0.25, 0.68, 0.75))
