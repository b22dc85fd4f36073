"""What is due in a photograph, and what nobody can judge."""

from pathlib import Path

import pytest

from cvinspect.evaluate.labelled.label_file import LabelledBox
from cvinspect.evaluate.labelled.manifest import Split
from cvinspect.evaluate.labelled.picture_size import PictureSize
from cvinspect.evaluate.labelled.yolo_dataset import LabelledPicture
from cvinspect.geometry import Box, covered_share
from samples.stills.play import site_of
from samples.stills.scene import Front, Still, clusters_of, still_of

NAMES = (
    "exposed_garbage",
    "garbage_bag",
    "overflowing_bin",
    "motor_vehicle",
    "two_wheeler",
    "person",
    "umbrella",
    "table_or_chair",
    "road_damage",
    "graffiti",
    "vendor_stall",
    "banner",
    "hanging_laundry",
    "material_pile",
)
VIOLATIONS = site_of(20.0).violations(period_s=1.0)
MIDDLE = (0.4, 0.4, 0.6, 0.7)
SIZE = PictureSize(480, 360)
PLACE = tuple[float, float, float, float]


def drawn(label: str, place: PLACE = MIDDLE) -> LabelledBox:
    return LabelledBox(NAMES.index(label), Box(*place))


def still(
    *boxes: LabelledBox,
    whole: tuple[str, ...] | None = None,
    unsure: tuple[LabelledBox, ...] = (),
    front: Front = Front.STREET,
    size: PictureSize = SIZE,
) -> Still:
    complete = {NAMES.index(name) for name in whole} if whole is not None else {box.label for box in boxes}
    picture = LabelledPicture(Path("street.jpg"), Split.VAL, "here", frozenset(complete), boxes)
    return still_of(picture, size, unsure, NAMES, VIOLATIONS, front, seconds=60.0)


def due(one: Still) -> list[str]:
    return [event.class_id for event in one.truth.events]


def ignored(one: Still) -> list[tuple[str | None, str]]:
    return [(spell.class_id, spell.why) for spell in one.truth.ignored]


@pytest.mark.parametrize(
    ("label", "class_id"),
    [
        ("exposed_garbage", "exposed_garbage"),
        ("garbage_bag", "bagged_garbage"),
        ("overflowing_bin", "overflowing_bin"),
        ("motor_vehicle", "illegal_parking_motor"),
        ("two_wheeler", "illegal_parking_nonmotor"),
        ("umbrella", "illegal_umbrella"),
        ("road_damage", "road_damage"),
        ("graffiti", "illegal_advertising"),
        ("banner", "illegal_advertising"),
        ("vendor_stall", "street_vendor"),
        ("hanging_laundry", "street_drying"),
        ("material_pile", "piled_materials"),
    ],
)
def test_a_drawn_thing_is_due_once_from_the_first_second_to_the_last(label: str, class_id: str) -> None:
    one = still(drawn(label))
    (event,) = one.truth.events
    assert (event.class_id, event.start_s, event.end_s, event.is_there_at_end) == (class_id, 0.0, 60.0, True)
    assert event.box is not None
    assert event.box.xyxy == pytest.approx(MIDDLE)
    assert one.truth.classes is not None
    assert class_id in one.truth.classes


@pytest.mark.parametrize("label", ["vendor_stall", "table_or_chair", "umbrella"])
def test_before_a_shop_it_is_the_shops_and_nothing_else_is_judged(label: str) -> None:
    one = still(drawn(label), drawn("graffiti", (0.1, 0.1, 0.3, 0.3)), front=Front.SHOP)
    assert due(one) == ["out_of_store_operation"]
    assert one.truth.classes == {"out_of_store_operation"}
    assert {zone.kind for zone in one.truth.zones} == {"shop_front"}


@pytest.mark.parametrize("front", Front)
def test_what_is_due_lies_within_its_zone_which_is_of_the_kind_that_the_rule_asks_for(front: Front) -> None:
    places = [
        (0.02 + 0.3 * (n % 3), 0.02 + 0.2 * (n // 3), 0.2 + 0.3 * (n % 3), 0.16 + 0.2 * (n // 3)) for n in range(14)
    ]
    one = still(*(drawn(name, place) for name, place in zip(NAMES, places, strict=True)), front=front)
    zones = {zone.id: zone for zone in one.truth.zones}
    rules = {violation.id: violation for violation in VIOLATIONS}
    assert len(zones) == len(one.truth.zones)
    assert one.truth.events
    for event in one.truth.events:
        rule = rules[event.class_id]
        kinds = {*rule.zones, *rule.named_zones}
        assert (event.zone is not None) == bool(kinds)
        if event.zone is not None and event.box is not None:
            corners = zones[event.zone].polygon
            assert zones[event.zone].kind in kinds
            assert covered_share(event.box, Box(*corners[0], *corners[2])) == pytest.approx(1.0)


def test_where_nothing_is_drawn_the_rules_hold_too() -> None:
    one = still(drawn("graffiti"), whole=("graffiti", "motor_vehicle"))
    assert [zone.kind for zone in one.truth.zones if zone.id.endswith("-rest")] == ["no_parking"]
    assert one.truth.classes == {"illegal_advertising", "illegal_parking_motor"}


def test_what_is_not_drawn_completely_is_not_due_and_not_judged() -> None:
    one = still(drawn("garbage_bag"), drawn("graffiti", (0.1, 0.1, 0.3, 0.3)), whole=("graffiti",))
    assert due(one) == ["illegal_advertising"]
    assert one.truth.classes == {"illegal_advertising"}
    assert one.whole == {"graffiti"}


def test_of_a_picture_without_a_label_that_is_drawn_completely_nothing_is_due() -> None:
    assert still(drawn("garbage_bag"), whole=()).due == frozenset()


def test_things_of_a_class_near_each_other_are_due_as_one_and_cars_one_by_one() -> None:
    places = [(0.3, 0.4, 0.4, 0.5), (0.42, 0.4, 0.52, 0.5), (0.8, 0.7, 0.9, 0.8)]
    bags, cars = (still(*(drawn(name, place) for place in places)) for name in ("garbage_bag", "motor_vehicle"))
    assert sorted(event.box.xyxy for event in bags.truth.events if event.box) == [
        pytest.approx((0.3, 0.4, 0.52, 0.5)),
        pytest.approx(places[2]),
    ]
    assert len(cars.truth.events) == 3


def test_a_chain_of_things_is_one_whatever_their_order() -> None:
    chain = [Box(0, 0, 10, 10), Box(28, 0, 38, 10), Box(14, 0, 24, 10)]
    assert clusters_of(chain, 0.5) == [Box(0, 0, 38, 10)]
    assert clusters_of(chain, 0.3) != [Box(0, 0, 38, 10)]
    assert clusters_of(chain, 0.0) == chain


def test_small_and_cut_off_things_are_neither_due_nor_wrong() -> None:
    small = still(drawn("graffiti", (0.5, 0.5, 0.52, 0.6)))
    assert ignored(small) == [("illegal_advertising", "too small")]
    assert due(small) == []
    cut = still(drawn("motor_vehicle", (0.9, 0.4, 0.995, 0.6)))
    assert ignored(cut) == [("illegal_parking_motor", "cut off")]
    assert due(still(drawn("graffiti", (0.9, 0.4, 1.0, 0.6)))) == ["illegal_advertising"]


def test_where_who_drew_was_in_doubt_nothing_is_wrong() -> None:
    one = still(drawn("banner"), unsure=(drawn("banner", (0.1, 0.1, 0.3, 0.3)),))
    assert ignored(one) == [("illegal_advertising", "in doubt")]


def test_rubbish_at_a_full_bin_and_a_parasol_over_a_stall_are_not_due_by_themselves() -> None:
    bin_ = still(drawn("overflowing_bin"), drawn("exposed_garbage", (0.4, 0.71, 0.6, 0.9)))
    assert due(bin_) == ["overflowing_bin"]
    assert ignored(bin_) == [("exposed_garbage", "beside overflowing_bin")]
    stall = still(drawn("vendor_stall"), drawn("umbrella", (0.4, 0.2, 0.6, 0.4)))
    assert due(stall) == ["street_vendor"]


def test_somebody_rides_it_so_that_raising_it_is_wrong() -> None:
    rider = drawn("person", (0.42, 0.3, 0.55, 0.65))
    one = still(drawn("two_wheeler"), rider)
    assert due(one) == []
    assert ignored(one) == []
    assert [spell.why for spell in one.truth.negatives] == ["somebody on it"]
    assert due(still(drawn("two_wheeler"), rider, whole=("two_wheeler",))) == ["illegal_parking_nonmotor"]


def test_a_large_picture_is_shown_smaller_and_a_small_one_as_it_is() -> None:
    assert still(drawn("banner"), size=PictureSize(1280, 960)).size == PictureSize(640, 480)
    assert still(drawn("banner"), size=PictureSize(300, 480)).size == PictureSize(300, 480)


def test_who_walks_by_is_as_high_as_people_there() -> None:
    people = drawn("person", (0.1, 0.1, 0.2, 0.3)), drawn("person", (0.3, 0.1, 0.4, 0.3))
    assert still(drawn("banner"), *people).person_px == pytest.approx(0.2 * 360)
    assert still(drawn("banner")).person_px == pytest.approx(0.5 * 360)
