"""What the scenario suite (`samples/scenarios`) found to be wrong with the ledger, as small scenes; each is mended."""

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from cvinspect.domain import Change, Pixels
from cvinspect.geometry import Box
from cvinspect.incidents.appearance import Appearance
from cvinspect.incidents.look import OTHER_LOOK, SAME_LOOK, UNMOVED_LOOK, PatchMatcher
from cvinspect.incidents.standing import Standing
from cvinspect.opencv import cv2
from cvinspect.views.watch import ViewWatch
from tests.fakes import (
    BAY,
    HEIGHT,
    NOON,
    WIDTH,
    Thing,
    at,
    detected,
    frame,
    kinds,
    moving,
    opened,
    painted,
    pipeline,
    play,
    seconds,
    shifted,
    sighting,
    texture,
    violation,
    within,
)

BUS = Box(60, 30, 220, 130)


def seen_by_a_camera(
    things: Sequence[Thing],
    *,
    until_s: float,
    covered: tuple[tuple[float, float], ...] = (),
    knocked_s: float = math.inf,
    by_px: int = 0,
) -> list[Change]:
    """What is said of a scene whose lens is covered for a while, or whose picture jumps to the right."""
    times = seconds(until_s)

    def shot(at_s: float) -> Pixels:
        if within(covered, at_s):
            return np.full((HEIGHT, WIDTH, 3), 20, np.uint8)
        return np.roll(painted(things, at_s), by_px, axis=1) if at_s >= knocked_s else painted(things, at_s)

    def script(at_s: float) -> list[object]:
        if within(covered, at_s):
            return []
        by = by_px if at_s >= knocked_s else 0
        return [type(one)(one.label, one.confidence, shifted(one.box, by)) for one in detected(things, at_s)]

    line = pipeline([script(at_s) for at_s in times], [violation()])  # type: ignore[misc]
    return list(line.incidents(frame(at_s, shot(at_s)) for at_s in times))


@pytest.mark.parametrize("covered_s", [5, 30, 200])
def test_a_covered_lens_clears_nothing(covered_s: float) -> None:
    changes = seen_by_a_camera([Thing(stays=((5, 500),))], until_s=300, covered=((50, 50 + covered_s),))

    assert kinds(changes) == ["pre_alarm", "opened", "updated", "updated"]
    assert len({change.incident.id for change in changes}) == 1


def test_a_lens_that_is_covered_before_the_report_does_not_start_the_dwell_again() -> None:
    changes = seen_by_a_camera([Thing(stays=((5, 500),))], until_s=120, covered=((20, 60),))

    [first] = opened(changes)
    assert first.incident.first_seen.media_s == pytest.approx(5, abs=1)
    assert first.frame.media_s == pytest.approx(60, abs=2)


def test_what_left_behind_a_covered_lens_is_cleared_once_its_place_is_seen_empty() -> None:
    changes = seen_by_a_camera([Thing(stays=((5, 60),))], until_s=120, covered=((50, 80),))

    assert kinds(changes) == ["pre_alarm", "opened", "cleared"]
    assert changes[-1].frame.media_s == pytest.approx(86, abs=2)


@pytest.mark.parametrize("by_px", [7, 20, 45])
@pytest.mark.parametrize("knocked_s", [20.0, 60.0])
def test_a_camera_that_is_knocked_askew_still_sees_the_same_car(by_px: int, knocked_s: float) -> None:
    changes = seen_by_a_camera([Thing(stays=((5, 500),))], until_s=120, knocked_s=knocked_s, by_px=by_px)

    assert kinds(changes) == ["pre_alarm", "opened", "updated", "updated"]
    [first] = opened(changes)
    assert first.frame.media_s == pytest.approx(35, abs=4)
    assert changes[-1].incident.objects[0].box.x0 == pytest.approx(BAY.x0 + by_px, abs=1)


def test_a_detector_that_sees_nothing_for_a_minute_does_not_start_the_dwell_again() -> None:
    rule = violation(dwell_s=120.0)
    [first] = opened(play([Thing(missed=((20, 80),))], rule, until_s=140))

    assert first.frame.media_s == pytest.approx(120, abs=1)


def test_a_bus_that_is_missed_now_and_then_is_still_in_front() -> None:
    """The car is hidden for a minute; of the bus, every third moment is missed."""
    missed = tuple((at_s, at_s + 1.0) for at_s in range(30, 90, 3))
    bus = Thing(BUS, "person", stays=((28, 90),), missed=missed, paint=7)
    parked = Thing(stays=((5, 300),), missed=((28, 90),))
    [first] = opened(play([parked, bus], violation(dwell_s=120.0), until_s=180))

    assert first.frame.media_s == pytest.approx(125, abs=2)


def test_somebody_who_hides_most_of_it_for_a_minute_does_not_start_the_dwell_again() -> None:
    def half_hidden(at_s: float) -> Box:
        return Box(BAY.x0 + 41, BAY.y0, BAY.x1, BAY.y1) if 40 <= at_s < 100 else BAY

    missed = tuple((at_s, at_s + 2.0) for at_s in range(41, 100, 5))
    body = Thing(Box(90, 20, 141, 110), "person", stays=((40, 100),), missed=missed, paint=9)
    whole = Thing(stays=((5, 300),), missed=((0, 300),))
    seen = Thing(half_hidden, stays=((5, 300),), paint=None)
    [first] = opened(play([whole, seen, body], violation(dwell_s=120.0), until_s=180))

    assert first.frame.media_s == pytest.approx(125, abs=2)


def test_somebody_who_steps_in_front_for_a_while_was_no_companion_of_what_he_hides() -> None:
    """While he steps in, the detector still finds the car behind him."""
    steps_in = moving(shifted(Box(105, 25, 155, 110), -20), px_s=20, from_s=40, until_s=41)
    body = Thing(steps_in, "person", stays=((40, 90),), paint=9)
    parked = Thing(stays=((5, 300),), missed=((41, 90),))
    [first] = opened(play([parked, body], violation(dwell_s=120.0), until_s=180))

    assert first.frame.media_s == pytest.approx(125, abs=2)


def drawn(box: Box, other: Box, from_s: float, until_s: float) -> list[Thing]:
    """A car in the bay for which the detector draws `box`, and for some seconds `other`."""
    whole = Thing(stays=((5, 300),), missed=((0, 300),))
    seen = Thing(lambda at_s: other if from_s <= at_s < until_s else box, stays=((5, 300),), paint=None)
    return [whole, seen]


def test_somebody_who_hides_a_little_of_it_starts_no_dwell_again() -> None:
    """Just before, the detector has lost the car for some seconds: the track that he disturbs is a young one."""
    whole, seen = drawn(BAY, Box(BAY.x0 + 14, *BAY.xyxy[1:]), 53, 55)
    passer = Thing(Box(94, 40, 114, 110), "person", stays=((53, 55),), paint=9)
    [first] = opened(play([whole, replace(seen, missed=((47, 51),)), passer], violation(dwell_s=120.0), until_s=180))

    assert first.frame.media_s == pytest.approx(125, abs=2)


@pytest.mark.parametrize("by_px", [11, -11])
def test_a_box_that_was_off_at_first_and_jumps_later_is_no_creep(by_px: float) -> None:
    whole, seen = drawn(BAY, shifted(BAY, by_px), 60, 61.5)
    off = replace(seen, where=lambda at_s: shifted(BAY, -7, 3) if at_s < 5.5 else seen.box(at_s))
    [first] = opened(play([whole, off], violation(dwell_s=120.0), until_s=180))

    assert first.frame.media_s == pytest.approx(125, abs=2)


@pytest.mark.parametrize(
    ("later", "since_s"),
    [
        (Box(98, 72, 166, 120), 23.5),  # it came nearer: its lower edge went on, its upper edge followed
        (Box(113, 60, 160, 100), 20.5),  # somebody hides its left fifth
    ],
)
def test_what_rests_anew_with_another_look_has_moved_unless_it_lies_where_it_lay(later: Box, since_s: float) -> None:
    standing = Standing.begin("gate", sighting(20.5), at(23), source=None)
    for at_s, box, rest_since_s, likeness in (
        (23.5, BAY, 20.5, 0.92),
        (24.0, BAY, 20.5, 0.76),
        (26.0, later, 23.5, 0.47),
    ):
        standing.see([sighting(rest_since_s, box=box)], at(at_s), likeness=likeness)

    assert standing.incident.first_seen.media_s == since_s


def test_a_place_is_not_looked_at_anew_while_a_fifth_of_its_thing_is_hidden() -> None:
    look = PatchMatcher().look(painted([Thing()], 0), BAY)
    known = Appearance(BAY, look)

    assert known.shows(Box(BAY.x0 + 14, *BAY.xyxy[1:]))
    assert not known.shows(Box(BAY.x0 + 30, *BAY.xyxy[1:]))
    assert not known.shows(shifted(BAY, 10))
    assert not known.shows(Box(BAY.x0 - 30, *BAY.xyxy[1:]))


def test_a_knock_is_recognised_although_the_whole_looks_the_same() -> None:
    """The street's broad shapes make up its look, and 8 px are nothing to them."""
    matcher, watch = PatchMatcher(), ViewWatch(follows_shifts=True)
    fine = np.random.default_rng(5).integers(0, 60, (45, 90, 3), np.uint8)
    wide = (WIDTH + 40, HEIGHT)
    shapes = cv2.resize(texture(5, 12, 6), wide) // 2 + cv2.resize(fine, wide, interpolation=cv2.INTER_NEAREST)
    before, after = shapes[:, 20 : 20 + WIDTH], shapes[:, 12 : 12 + WIDTH]
    whole = Box(0, 0, WIDTH, HEIGHT)
    known, now = matcher.look(before, whole), matcher.look(after, whole)
    assert known is not None
    assert now is not None
    assert matcher.likeness(known, now) > UNMOVED_LOOK

    outlooks = [watch.see(before if at_s < 10 else after, at_s) for at_s in seconds(20)]
    [shift] = [outlook.shift for outlook in outlooks if outlook.shift is not None]
    assert shift == (pytest.approx(8 / WIDTH, abs=1 / WIDTH), pytest.approx(0, abs=1 / HEIGHT))


def alike(seed: int, other: int, share: float) -> Pixels:
    mixed = (1 - share) * texture(seed, 60, 40) + share * texture(other, 60, 40)
    return np.asarray(mixed, dtype=np.uint8)


@pytest.mark.parametrize("share", [0.6, 0.45])
def test_a_car_that_takes_the_bay_of_one_that_looks_a_little_like_it_is_another_incident(share: float) -> None:
    matcher, place = PatchMatcher(), Box(0, 0, 60, 40)
    one, other = alike(1, 2, 0.0), alike(1, 2, share)
    before, after = matcher.look(one, place), matcher.look(other, place)
    assert before is not None
    assert after is not None
    assert OTHER_LOOK < matcher.likeness(before, after) < SAME_LOOK

    def shot(at_s: float) -> Pixels:
        pixels = painted([], at_s)
        if not 60 <= at_s < 64:
            pixels[60:100, 100:160] = one if at_s < 60 else other
        return pixels

    times = seconds(140)
    script = [detected([Thing(stays=((0, 60), (64, 200)))], at_s) for at_s in times]
    changes = list(pipeline(script, [violation()]).incidents(frame(at_s, shot(at_s)) for at_s in times))
    first, second = opened(changes)
    assert second.incident.recurrence_of == first.incident.id
    assert second.frame.media_s == pytest.approx(94, abs=2)


def test_what_creeps_on_is_no_violation_though_its_track_breaks() -> None:
    """It moves by its own length in a minute; every 8 s the detector loses it for 3."""
    missed = tuple((at_s, at_s + 3.0) for at_s in range(5, 120, 8))
    creeping = Thing(moving(shifted(BAY, -60), px_s=1.0), missed=missed)

    assert opened(play([creeping], until_s=120)) == []


@pytest.mark.parametrize("by", [timedelta(days=3), timedelta(days=-3)])
def test_a_clock_that_jumps_while_the_connection_is_lost_adds_nothing_to_the_dwell(by: timedelta) -> None:
    thing = Thing(stays=((0, 500),))
    first, second = seconds(10), [15 + at_s for at_s in seconds(40)]
    line = pipeline([detected([thing], at_s) for at_s in (*first, *second)], [violation()], source=None)
    assert opened(list(line.incidents(frame(at_s, painted([thing], at_s)) for at_s in first))) == []
    later = [frame(at_s - 15, painted([thing], at_s), start=NOON + timedelta(seconds=15) + by) for at_s in second]

    [incident] = opened(list(line.incidents(later)))
    assert incident.frame.captured_at - later[0].captured_at >= timedelta(seconds=15)


@pytest.mark.parametrize(("stays_s", "expected"), [(29.0, 0), (31.0, 1)])
@pytest.mark.parametrize("sampled_late_s", [0.0, 0.1, 0.2, 0.3, 0.4])
def test_a_car_is_reported_if_it_left_1_s_after_the_dwell_but_not_1_s_before(
    stays_s: float, expected: int, sampled_late_s: float
) -> None:
    """It brakes over 3 s and pulls off at 1.5 m/s2, where a car of 4.5 m is 60 pixels long."""

    def where(at_s: float) -> Box:
        at_s += sampled_late_s
        if at_s < 10:
            return shifted(BAY, -70 * (10 - at_s) ** 2 / 6)
        return shifted(BAY, 0.5 * 20 * max(at_s - 10 - stays_s, 0.0) ** 2)

    assert len(opened(play([Thing(where, stays=((7, 60),))], until_s=60))) == expected
