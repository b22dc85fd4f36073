"""Scenes that once went wrong: each was a fault of the program, found by attacking it, and is mended."""

from datetime import time
from pathlib import Path

import pytest

from cvinspect.assignment import best_pairs
from cvinspect.config.site import load_site, shipped
from cvinspect.detect.yolo import YoloDetector
from cvinspect.domain import Change
from cvinspect.errors import ConfigError
from cvinspect.geometry import Box
from cvinspect.incidents.ledger import PlaceLedger
from cvinspect.taxonomy import Hours
from cvinspect.track.tracker import OverlapTracker
from tests.fakes import (
    BAY,
    NOON,
    BlindMatcher,
    FakeBackend,
    Thing,
    at,
    camera,
    detected,
    detection,
    frame,
    kinds,
    opened,
    painted,
    pipeline,
    play,
    seconds,
    shifted,
    sighting,
    story,
    texture,
    track,
    violation,
    zone,
)


def test_a_passer_by_after_a_gap_of_the_detector_does_not_start_the_dwell_again() -> None:
    parked = Thing(stays=((5, 90),), missed=((10, 18),))
    passer_by = Thing(Box(100, 60, 110, 100), "person", stays=((22, 23),), missed=((0, 90),), paint=9)

    [first] = opened(play([parked, passer_by], until_s=120))
    assert first.frame.media_s == 35


def test_a_track_that_changes_does_not_start_the_dwell_again() -> None:
    rule = violation()
    ledger = PlaceLedger("gate", matcher=BlindMatcher(), source="clip.mp4")
    changes: list[Change] = []
    for media_s in seconds(40):
        number = 1 if media_s < 20 else 2
        rested = 0.0 if number == 1 else 20.0
        seen = sighting(rested, violation=rule, track=number)
        changes += ledger.absorb([seen], [track(id=number, rest_since_s=rested)], frame(media_s))

    assert story(changes)[:2] == [("pre_alarm", 6.0), ("opened", 30.0)]


@pytest.mark.parametrize("gap_s", [2, 4])
def test_a_car_that_takes_the_bay_of_a_reported_one_is_another_incident(gap_s: float) -> None:
    turns = [Thing(stays=((5, 60),)), Thing(stays=((60 + gap_s, 140),), paint=2)]
    changes = play(turns, until_s=130)

    first, second = opened(changes)
    assert second.frame.media_s == pytest.approx(90 + gap_s, abs=2)
    assert second.incident.recurrence_of == first.incident.id
    assert [c.incident.id for c in changes if c.kind.value == "cleared"] == [first.incident.id]


@pytest.mark.parametrize("slides_s", [1.0, 1.5, 2.0])
def test_a_bus_that_draws_up_in_front_is_no_clearance(slides_s: float) -> None:
    def along(media_s: float) -> Box:
        """A fifth of the car is hidden while it draws up, all of it while it stands, a fifth while it leaves."""
        left = -68 if media_s < 50 + slides_s else 30 if media_s < 80 else 148
        return Box(left, 40, left + 180, 120)

    bus = Thing(along, "person", stays=((50, 80 + slides_s),), paint=7)
    parked = Thing(stays=((5, 140),), missed=((50, 80 + slides_s),))

    assert "cleared" not in kinds(play([parked, bus], until_s=130))


def test_what_stood_there_before_the_hours_of_the_rule_has_its_whole_dwell_within_them() -> None:
    from_one_past_noon = violation(hours=(Hours(time(12, 1), time(13)),))

    [first] = opened(play([Thing()], from_one_past_noon, until_s=120))
    assert first.frame.media_s == pytest.approx(90, abs=5)


def test_what_lay_there_within_the_exempt_hours_has_its_whole_dwell_after_them() -> None:
    rule = violation(exempt_zones=("waste_point",), exempt_hours=(Hours(time(11), time(12, 1)),))

    [first] = opened(play([Thing()], rule, where=camera(zone("waste_point")), until_s=120))
    assert first.frame.media_s == pytest.approx(90, abs=5)


def test_somebody_with_an_umbrella_who_stops_at_a_stall_is_no_related_violation() -> None:
    stall = violation(id="street_vendor", labels=("vendor_stall",), reach=0.5)
    umbrella = violation(id="illegal_umbrella", labels=("umbrella",), joins=("street_vendor",), yield_reach=0.5)
    customer = Thing(Box(105, 25, 155, 62), "umbrella", stays=((15, 19),), paint=22)
    changes = play([Thing(Box(100, 60, 160, 110), "vendor_stall"), customer], stall, umbrella, until_s=60)

    assert {change.incident.related for change in changes} == {()}


def runs(things: list[Thing], *lengths_s: float, lost_s: float = 5.0) -> list[list[Change]]:
    """The same street seen by several connections, one after the other, into one ledger."""
    begins, spans = 0.0, []
    for length_s in lengths_s:
        spans.append((begins, seconds(length_s)))
        begins += length_s + lost_s
    line = pipeline([detected(things, start + s) for start, times in spans for s in times], [violation()], source=None)
    return [
        list(line.incidents(frame(s, painted(things, start + s), start=at(start).at) for s in times))
        for start, times in spans
    ]


def test_the_dwell_goes_on_through_a_lost_connection() -> None:
    _, second = runs([Thing()], 15, 60)

    [first] = opened(second)
    assert (first.frame.captured_at - NOON).total_seconds() == pytest.approx(30, abs=1)


def test_a_connection_that_was_away_for_nearly_the_grace_costs_no_dwell() -> None:
    """The grace is 30 s."""
    _, second = runs([Thing()], 15, 60, lost_s=28)

    [first] = opened(second)
    assert (first.frame.captured_at - NOON).total_seconds() == pytest.approx(44, abs=1)


def test_an_incident_seen_again_after_a_lost_connection_was_last_seen_then() -> None:
    _, second = runs([Thing()], 60, 20)

    assert kinds(second) == ["updated"]
    assert second[-1].incident.last_seen.at == at(85).at
    assert second[-1].incident.dwell_s == pytest.approx(85, abs=1)


def test_a_pair_that_does_not_fit_costs_no_pair_that_does() -> None:
    """One track fits a box well (IoU 0.5), but two pairs under the least IoU add up to more."""
    follow = OverlapTracker(thresholds={"motor_vehicle": 0.5})
    before = [shifted(BAY, 0), shifted(BAY, 0.9 * BAY.width)]
    after = [shifted(BAY, BAY.width / 3), shifted(BAY, -0.56 * BAY.width)]
    follow.update([detection(box) for box in before], at_s=0.0)

    found = {one.box: one.id for one in follow.update([detection(box) for box in after], at_s=0.5)}
    assert found[after[0]] == 1


def test_two_pairs_that_fit_too_little_do_not_outweigh_one_that_fits() -> None:
    assert best_pairs([[0.5, 0.28], [0.28, 0.0]], least=0.3) == [(0, 0)]


def test_what_was_cleared_long_ago_is_forgotten() -> None:
    """`pains.md` 7: memory growth. Nothing bounds the cleared standings that a ledger keeps."""
    ledger = PlaceLedger("gate", matcher=BlindMatcher(), budget=5)
    rule = violation(dwell_s=1.0, pre_alarm_s=1.0, clear_s=1.0, recurrence_days=0.0)
    for number in range(30):
        start_s = 20.0 * number
        box = shifted(BAY, 7 * number)
        for media_s in (start_s, start_s + 1, start_s + 2):
            list(ledger.absorb([sighting(start_s, violation=rule, track=number, box=box)], [], frame(media_s)))
        for media_s in (start_s + 5, start_s + 6, start_s + 7, start_s + 8):
            list(ledger.absorb([], [], frame(media_s)))

    assert len(ledger.state.past) <= 5


def test_a_thing_that_is_lost_and_found_a_thousand_times_takes_no_more_memory_each_time() -> None:
    ledger = PlaceLedger("gate", matcher=BlindMatcher())
    rule = violation(dwell_s=10.0, pre_alarm_s=5.0)
    changes = []
    for number in range(1000):
        seen = sighting(0.0 if number < 2 else 2.0 * number, violation=rule, track=number)
        changes += ledger.absorb([seen], [], frame(2.0 * number))

    [standing] = ledger.state.standings
    assert len(standing.tracks) <= 400
    assert 999 in standing.tracks
    assert len(standing.rest.arrived_by_s) <= 400
    assert len({change.incident.id for change in changes}) == 1


def test_a_piece_that_is_gone_is_no_object_of_its_heap() -> None:
    rubbish = violation(id="exposed_garbage", labels=("exposed_garbage",), reach=1.0)
    pieces = [
        Thing(Box(100, 80, 120, 100), "exposed_garbage", stays=((0, 40),), paint=31),
        Thing(Box(125, 80, 145, 100), "exposed_garbage", paint=32),
    ]

    last = play(pieces, rubbish, until_s=120)[-1].incident
    assert [item.box for item in last.objects] == [pieces[1].box(0)]


def test_what_stayed_over_the_hours_in_which_it_was_allowed_has_its_whole_dwell_after_them() -> None:
    but_for_a_while = violation(hours=(Hours(time(11), time(12, 0, 10)), Hours(time(12, 0, 50), time(13))))

    [first] = opened(play([Thing()], but_for_a_while, until_s=120))
    assert first.frame.media_s == pytest.approx(80, abs=5)


def test_a_two_wheeler_that_was_ridden_has_its_dwell_from_when_the_rider_left() -> None:
    rule = violation(labels=("two_wheeler",), unless_with=("person",))
    rider = Thing(Box(105, 50, 155, 95), "person", stays=((0, 60),), paint=None)

    [first] = opened(play([Thing(label="two_wheeler"), rider], rule, until_s=120))
    assert first.frame.media_s == pytest.approx(90, abs=5)


@pytest.mark.parametrize("column", [1, 3, 5])
def test_a_row_of_the_network_that_is_not_a_number_is_left_out(column: int) -> None:
    row = [100.0, 120.0, 200.0, 180.0, 0.9, 0.0]
    row[column] = float("nan")
    eyes = YoloDetector(FakeBackend([row]), labels=("car",), shapes=((384, 640),))

    assert eyes.detect(texture(1, 640, 360)) == []


def test_a_misspelt_zone_in_a_table_of_ones_own_is_refused(tmp_path: Path) -> None:
    """The same mistake under `violations:` of a site is refused; here the class would never be reported."""
    table = shipped("configs/violations.yaml").read_text(encoding="utf-8")
    (tmp_path / "own.yaml").write_text(table.replace("zones: [no_parking]", "zones: [no_prking]"), encoding="utf-8")
    kerb = "{id: k, kind: no_parking, polygon: [[0, 0], [1, 0], [1, 1]]}"
    site = f"violations_file: own.yaml\ncameras: [{{id: a, zones: [{kerb}]}}]"
    (tmp_path / "site.yaml").write_text(site, encoding="utf-8")

    with pytest.raises(ConfigError, match="no_prking"):
        load_site(tmp_path / "site.yaml")
