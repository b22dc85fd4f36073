"""What stands is withdrawn where nothing asks for it any more, and for nothing else."""

from dataclasses import replace
from datetime import time

import pytest

from cvinspect.domain import Camera, Incident, Reason, SeenObject, Zone
from cvinspect.geometry import Box
from cvinspect.rules.asking import in_its_zone, no_longer_asked
from cvinspect.taxonomy import Hours, Violation
from tests.fakes import camera, square, violation, zone
from tests.incident_makers import an_incident

SIZE = (320, 180)
IN_ZONE = violation(zones=("no_parking",))
KERB = zone("no_parking", square(0, 0.5, 0.5, 1), name="kerb")
CAR = SeenObject("motor_vehicle", 0.9, Box(40, 90, 100, 130), 1)


def standing(rule: Violation = IN_ZONE, where: Zone | None = KERB, box: Box = CAR.box) -> Incident:
    return an_incident(violation=rule, zone=where, objects=(replace(CAR, box=box),))


def why(
    incident: Incident, where: Camera, rule: Violation | None = IN_ZONE, *, size: tuple[int, int] | None = SIZE
) -> Reason | None:
    rules = {} if rule is None else {rule.id: rule}
    return no_longer_asked(incident, rules, where, before=incident.violation, size=size)


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        (camera(KERB), None),
        (camera(replace(KERB, polygon=square(0, 0.4, 0.6, 1))), None),
        (camera(replace(KERB, id="renamed")), None),
        (camera(replace(KERB, polygon=square(0.5, 0.5, 1, 1))), Reason.ZONE_CHANGED),
        (camera(replace(KERB, kind="bike_bay")), Reason.ZONE_CHANGED),
        (camera(zone("waste_point")), Reason.ZONE_CHANGED),
        (camera(), None),  # without zones its whole picture is one
    ],
)
def test_a_zone_that_was_changed(where: Camera, expected: Reason | None) -> None:
    assert why(standing(), where) == expected


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (None, Reason.RULE_CHANGED),
        (violation(zones=("bike_bay",)), Reason.RULE_CHANGED),
        (violation(zones=("no_parking",), labels=("two_wheeler",)), Reason.RULE_CHANGED),
        (violation(zones=("no_parking",), min_size_share=0.5), Reason.RULE_CHANGED),
        (violation(zones=("no_parking",), exempt_zones=("kerb",)), Reason.RULE_CHANGED),
        (violation(zones=("no_parking",), exempt_zones=("kerb",), exempt_hours=(Hours(time(6), time(9)),)), None),
        (violation(zones=("no_parking",), hours=(Hours(time(6), time(9)),)), None),
        (violation(zones=("no_parking",), dwell_s=9999.0), None),
        (violation(), None),
    ],
)
def test_a_rule_that_was_changed(rule: Violation | None, expected: Reason | None) -> None:
    assert why(standing(), camera(KERB), rule) == expected


def test_a_rule_that_takes_only_whole_things_withdraws_what_is_cut_off() -> None:
    whole = replace(IN_ZONE, whole=True)
    assert why(standing(box=Box(0, 90, 60, 130)), camera(KERB), whole) == Reason.RULE_CHANGED
    assert why(standing(box=Box(0, 90, 60, 130)), camera(KERB), IN_ZONE) is None


def test_zones_drawn_where_there_were_none_withdraw_what_lies_outside() -> None:
    assert why(standing(where=None), camera(KERB)) is None
    assert why(standing(where=None, box=Box(240, 20, 300, 60)), camera(KERB)) == Reason.ZONE_CHANGED


def test_what_a_knocked_camera_moved_off_its_zone_is_not_withdrawn_while_nothing_was_changed() -> None:
    assert why(standing(box=Box(240, 20, 300, 60)), camera(KERB)) is None


def test_without_the_pictures_size_only_a_zone_that_is_gone_is_told() -> None:
    assert why(standing(), camera(replace(KERB, polygon=square(0.5, 0.5, 1, 1))), size=None) is None
    assert why(standing(), camera(zone("waste_point")), size=None) == Reason.ZONE_CHANGED


def test_what_stays_names_the_zone_as_it_is_now() -> None:
    drawn = replace(KERB, id="renamed")
    assert in_its_zone(standing(), IN_ZONE, camera(drawn), SIZE).zone == drawn
