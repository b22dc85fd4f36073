from datetime import UTC, datetime, time, timedelta

import pytest

from cvinspect.config.site import load_site
from cvinspect.domain import Camera, Sighting, Track
from cvinspect.geometry import Box
from cvinspect.rules.judge import RuleJudge
from cvinspect.taxonomy import Hours, Violation
from tests.fakes import BAY, HEIGHT, SHANGHAI, WIDTH, at, camera, frame, shifted, square, track, violation, zone

SITE = load_site(None)
TABLE = {one.id: one for one in SITE.violations(period_s=0.5)}
SURE = {label: 0.5 for one in TABLE.values() for label in (*one.labels, *one.unless_with)}
RIDDEN = violation(id="illegal_parking_nonmotor", labels=("two_wheeler",), unless_with=("person",))


def judged(
    tracks: list[Track],
    *rules: Violation,
    where: Camera | None = None,
    snapshot: bool = False,
    start: datetime | None = None,
) -> list[Sighting]:
    """What a judge says 10 s after noon in Shanghai, or at `start`, of a run that is 10 s old."""
    judge = RuleJudge(where or camera(), rules or (violation(),), thresholds=SURE, timezone=SHANGHAI, snapshot=snapshot)
    return judge.judge(tracks, frame(10.0) if start is None else frame(10.0, start=start - timedelta(seconds=10)))


def violations_at(label: str, where: Camera, box: Box = BAY, *, start: datetime | None = None) -> list[str]:
    """The classes of the shipped table that a thing at rest is one of, and in which zone."""
    found = judged([track(label=label, box=box)], *TABLE.values(), where=where, start=start)
    return [f"{one.violation.id} in {one.zone.id}" if one.zone else one.violation.id for one in found]


def test_a_thing_at_rest_is_sighted_where_it_rests_since_it_came_to_rest() -> None:
    kerb = zone("no_parking")
    rule = violation(zones=("no_parking",))
    seen = track(id=7, box=shifted(BAY, 3), smoothed=BAY, confidence=0.6, rest_since_s=4.0)

    assert judged([seen], rule, where=camera(kerb)) == [
        Sighting(rule, kerb, 7, "motor_vehicle", 0.6, BAY, at(4.0), sure=True)
    ]


def test_a_thing_that_moves_is_no_violation() -> None:
    assert judged([track(rest_since_s=None)]) == []


def test_in_a_single_picture_everything_counts_as_still_since_now() -> None:
    assert [one.rest_since for one in judged([track(rest_since_s=None)], snapshot=True)] == [at(10.0)]


def test_a_box_far_off_its_smoothed_self_proves_nothing() -> None:
    assert judged([track(box=shifted(BAY, 30), smoothed=BAY)]) == []


def test_an_unsure_detection_is_sighted_as_unsure() -> None:
    assert [one.sure for one in judged([track(confidence=0.49), track(id=2, confidence=0.5)])] == [False, True]


def test_a_label_that_no_rule_speaks_of_is_no_violation() -> None:
    assert judged([track(label="person")]) == []


ANYWHERE = camera()
EVERY_KIND = {kind: camera(zone(kind)) for kind in SITE.book.zone_kinds}


@pytest.mark.parametrize(
    ("label", "kind", "expected"),
    [
        ("vendor_stall", "shop_front", ["out_of_store_operation in shop_front"]),
        ("table_or_chair", "shop_front", ["out_of_store_operation in shop_front"]),
        ("umbrella", "shop_front", ["out_of_store_operation in shop_front"]),
        ("vendor_stall", "no_vending", ["street_vendor in no_vending"]),
        ("vendor_stall", "public_ground", []),
        ("table_or_chair", "no_vending", []),
        ("exposed_garbage", "no_parking", ["exposed_garbage"]),
        ("exposed_garbage", "waste_point", ["exposed_garbage"]),  # noon is outside its hours
        ("garbage_bag", "no_parking", ["bagged_garbage"]),
        ("garbage_bag", "waste_point", []),
        ("overflowing_bin", "waste_point", ["overflowing_bin"]),
        ("motor_vehicle", "no_parking", ["illegal_parking_motor in no_parking"]),
        ("motor_vehicle", "no_vending", []),
        ("two_wheeler", "no_parking_nonmotor", ["illegal_parking_nonmotor in no_parking_nonmotor"]),
        ("two_wheeler", "bike_bay", []),
        ("two_wheeler", "no_parking", []),
        ("material_pile", "public_ground", ["piled_materials in public_ground"]),
        ("material_pile", "no_parking", []),
        ("banner", "ad_control", ["illegal_advertising in ad_control"]),
        ("graffiti", "no_parking", ["illegal_advertising"]),
        ("umbrella", "no_vending", ["illegal_umbrella"]),
        ("hanging_laundry", "street_facade", ["street_drying in street_facade"]),
        ("hanging_laundry", "no_parking", []),
        ("road_damage", "no_parking", ["road_damage"]),
        ("person", "no_parking", []),
        ("bin", "waste_point", []),
    ],
)
def test_the_twelve_classes_hold_in_their_zones(label: str, kind: str, expected: list[str]) -> None:
    assert violations_at(label, EVERY_KIND[kind]) == expected


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("table_or_chair", "out_of_store_operation"),
        ("vendor_stall", "street_vendor"),
        ("exposed_garbage", "exposed_garbage"),
        ("garbage_bag", "bagged_garbage"),
        ("overflowing_bin", "overflowing_bin"),
        ("motor_vehicle", "illegal_parking_motor"),
        ("two_wheeler", "illegal_parking_nonmotor"),
        ("material_pile", "piled_materials"),
        ("banner", "illegal_advertising"),
        ("graffiti", "illegal_advertising"),
        ("umbrella", "illegal_umbrella"),
        ("hanging_laundry", "street_drying"),
        ("road_damage", "road_damage"),
    ],
)
def test_without_zones_the_whole_picture_is_judged_and_a_thing_is_its_most_typical_class(
    label: str, expected: str
) -> None:
    assert violations_at(label, ANYWHERE) == [expected]


def test_overlapping_zones_give_one_sighting() -> None:
    both = camera(zone("no_vending"), zone("shop_front"), zone("no_parking"), zone("no_parking", name="again"))

    assert violations_at("vendor_stall", both) == ["out_of_store_operation in shop_front"]
    assert violations_at("motor_vehicle", both) == ["illegal_parking_motor in no_parking"]


def test_a_two_wheeler_outside_the_bay_is_one_without_a_zone() -> None:
    right = camera(zone("bike_bay", square(0.6, 0, 1, 1)))

    assert violations_at("two_wheeler", right) == ["illegal_parking_nonmotor"]
    assert violations_at("two_wheeler", right, Box(220, 60, 280, 100)) == []


@pytest.mark.parametrize(
    ("utc", "allowed"),
    [((21, 59), False), ((22, 0), True), ((0, 59), True), ((1, 0), False), ((10, 0), True), ((13, 0), False)],
)
def test_collection_hours_are_local_time(utc: tuple[int, int], allowed: bool) -> None:
    start = datetime(2026, 5, 1, *utc, tzinfo=UTC)  # 06:00-09:00 and 18:00-21:00 in Shanghai

    found = violations_at("exposed_garbage", EVERY_KIND["waste_point"], start=start)
    assert found == ([] if allowed else ["exposed_garbage"])


@pytest.mark.parametrize(("utc_hour", "holds"), [(13, True), (14, False), (21, False), (22, True)])
def test_hours_over_midnight_are_local_time(utc_hour: int, holds: bool) -> None:
    by_day = violation(hours=(Hours(time(6), time(22)),))
    start = datetime(2026, 5, 1, utc_hour, tzinfo=UTC)

    assert bool(judged([track(rest_since_s=0.0)], by_day, start=start)) is holds


def test_a_two_wheeler_with_its_rider_is_not_parked() -> None:
    bike = track(label="two_wheeler", box=Box(100, 60, 140, 100))
    rider = track(id=2, label="person", box=Box(105, 40, 135, 95), rest_since_s=None)
    passer_by = track(id=3, label="person", box=Box(130, 30, 160, 95))

    assert judged([bike, rider], RIDDEN) == []
    assert [one.track for one in judged([bike, passer_by], RIDDEN)] == [1]


@pytest.mark.parametrize(
    ("box", "counts"),
    [
        (Box(1, 60, 60, 100), False),
        (Box(WIDTH - 60, 60, WIDTH - 1, 100), False),
        (Box(100, 120, 160, HEIGHT), False),
        (Box(100, 0, 160, 40), True),
        (Box(10, 60, 60, 100), True),
    ],
    ids=["left", "right", "below", "above", "near the edge"],
)
def test_a_car_cut_off_by_the_edge_does_not_count_where_it_must_be_whole(box: Box, counts: bool) -> None:
    assert bool(judged([track(box=box)], violation(whole=True))) is counts
    assert judged([track(box=box)], violation(whole=False))


def test_a_part_of_a_car_that_is_cut_off_does_not_count_either() -> None:
    part, whole = track(box=Box(20, 60, 80, 100)), track(id=2, box=Box(0, 50, 100, 110))

    assert judged([part, whole], violation(whole=True)) == []


@pytest.mark.parametrize(("side", "counts"), [(9, False), (10, True), (60, True)])
def test_what_is_smaller_than_the_least_size_is_no_evidence(side: float, counts: bool) -> None:
    least = violation(min_size_share=10 / (WIDTH * HEIGHT) ** 0.5)

    assert bool(judged([track(box=Box(50, 50, 50 + side, 50 + side))], least)) is counts


def test_what_rests_for_a_moment_only_is_no_sighting() -> None:
    assert judged([track(rest_since_s=9.7)]) == []
    assert len(judged([track(rest_since_s=9.5)])) == 1


def test_a_part_of_a_thing_that_was_seen_cut_off_a_moment_ago_is_no_sighting() -> None:
    judge = RuleJudge(camera(), (violation(whole=True),), thresholds=SURE, timezone=SHANGHAI)
    width = frame(0.0).pixels.shape[1]
    cut_off = track(id=1, box=Box(width - 60, 60, width, 100), rest_since_s=0.0)
    part = track(id=2, box=Box(width - 60, 62, width - 30, 98), rest_since_s=0.0)

    assert judge.judge([cut_off], frame(10.0)) == []
    assert judge.judge([part], frame(20.0)) == []
    assert len(judge.judge([part], frame(41.0))) == 1


def test_a_car_that_drives_out_of_the_picture_hides_no_parked_one_behind_it() -> None:
    judge = RuleJudge(camera(), (violation(whole=True),), thresholds=SURE, timezone=SHANGHAI)
    width = frame(0.0).pixels.shape[1]
    leaving = track(id=1, box=Box(width - 60, 60, width, 100), rest_since_s=None)
    parked = track(id=2, box=Box(width - 60, 62, width - 30, 98), rest_since_s=0.0)

    judge.judge([leaving], frame(10.0))
    assert len(judge.judge([parked], frame(11.0))) == 1


def test_what_was_cut_off_in_an_earlier_run_is_forgotten() -> None:
    judge = RuleJudge(camera(), (violation(whole=True),), thresholds=SURE, timezone=SHANGHAI)
    width = frame(0.0).pixels.shape[1]
    judge.begin_run()
    judge.judge(
        [track(id=1, box=Box(width - 60, 60, width, 100), rest_since_s=7000.0, last_seen_s=7200.0)], frame(7200)
    )
    judge.begin_run()
    part = track(id=1, box=Box(width - 60, 62, width - 30, 98), rest_since_s=0.0)
    assert len(judge.judge([part], frame(41.0))) == 1
