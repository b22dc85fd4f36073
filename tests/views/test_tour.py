"""A camera that looks at several streets by turns says what fixed cameras would, and tells what it did not see."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from cvinspect.domain import Camera, Change, Detection, Pixels, View, Zone
from cvinspect.incidents.snapshot import tour_from_text, tour_to_text
from cvinspect.views import Why
from cvinspect.views.watch import ViewWatch
from tests.fakes import kinds, opened, square, violation
from tests.tours import PLACE, SWING, Car, Looking, Stops, Streets, fixed, tour_of, toured

ROUND: Stops = (("a", 10), (SWING, 2), ("b", 20), (SWING, 2), ("c", 60), (SWING, 2))
ROUND_S = 96.0
RULE = violation(dwell_s=300.0, pre_alarm_s=60.0, clear_s=10.0, second_picture_s=60.0)


def by_view(changes: Sequence[Change]) -> dict[str | None, list[Change]]:
    views = dict.fromkeys(change.incident.view for change in changes)
    return {view: [one for one in changes if one.incident.view == view] for view in views}


@pytest.mark.parametrize("named", [True, False])
def test_a_tour_says_what_three_fixed_cameras_say_that_looked_at_the_same_times(*, named: bool) -> None:
    """By hand-over, one incident a parked car; what stays for less than the dwell is none."""
    cars = [Car(view, stays=((0, 900),), paint=number) for number, view in enumerate("abc", 1)]
    cars.append(Car("b", stays=((0, 150),), place=PLACE.moved(100, 30), paint=9))
    streets, stops = Streets(cars), ROUND * 8
    changes, tour = toured(streets, stops, RULE, named=named)

    told = by_view(changes)
    for view, name in zip("abc", "abc" if named else "123", strict=True):
        alone = fixed(streets, stops, RULE, view, interval_s=ROUND_S)
        [mine], [theirs] = (opened(one) for one in (told[name], alone))
        assert mine.incident.id == theirs.incident.id or not named
        assert mine.incident.dwell_s == pytest.approx(theirs.incident.dwell_s, abs=ROUND_S)
        assert mine.incident.first_seen.media_s <= stops_begin(view) + (1 if named else 4)
        assert "cleared" not in kinds(told[name])
    swung_s = 6.0 * 8 - 2
    new_s = 0.0 if named else 2 * 3.0
    assert sum(tour.time.unjudged_s.values()) == pytest.approx(swung_s + new_s, abs=3)
    assert set(tour.time.unjudged_s) <= {Why.OTHER_VIEW, Why.MOVING}


def stops_begin(view: str) -> float:
    return {"a": 0.0, "b": 12.0, "c": 34.0}[view]


def test_what_was_seen_between_visits_and_what_not_is_told_apart() -> None:
    changes, _ = toured(Streets([Car("a")]), ROUND * 6, RULE)
    [one] = opened(changes)

    assert one.incident.dwell_s == pytest.approx(300, abs=ROUND_S)
    assert one.incident.unseen_s == pytest.approx(one.incident.dwell_s * 86 / 96, abs=20)


def test_what_left_while_the_camera_looked_elsewhere_is_cleared_in_its_own_view_and_not_before() -> None:
    changes, _ = toured(Streets([Car("a", stays=((0, 400),)), Car("c")]), ROUND * 8, RULE)
    told = by_view(changes)

    [cleared] = [one for one in told["a"] if one.kind.value == "cleared"]
    assert 480 <= cleared.frame.media_s <= 480 + ROUND_S + 12
    assert "cleared" not in kinds(told["c"])


def test_another_car_that_stands_there_at_the_next_visit_begins_a_dwell_of_its_own() -> None:
    cars = [Car("a", stays=((0, 150),)), Car("a", stays=((150, 2000),), paint=5)]
    changes, _ = toured(Streets(cars), ROUND * 8, RULE)

    assert [one.incident.first_seen.media_s >= 150 for one in opened(changes)] == [True]


def test_a_camera_that_was_turned_away_for_long_begins_the_dwell_of_what_was_not_reported_anew() -> None:
    stops = [*ROUND[:2], ("b", 1500.0), (SWING, 2), ("a", 400.0)]
    changes, _ = toured(Streets([Car("a")]), stops, RULE)
    [one] = opened(changes)

    assert one.frame.media_s >= 1514 + 300 - 6


def test_a_view_that_is_not_shown_any_more_clears_nothing_and_says_nothing() -> None:
    changes, tour = toured(Streets([Car("a")]), [("a", 400), (SWING, 2), ("b", 900)], RULE)

    assert kinds(changes) == ["pre_alarm", "opened", "updated", "updated"]
    assert [one.view for one in tour.standing] == ["a"]


def test_by_night_and_in_rain_the_tour_goes_on() -> None:
    def light(pixels: Pixels, at_s: float) -> Pixels:
        dark = pixels // (5 if at_s > 300 else 1)
        rain = np.random.default_rng(round(at_s * 2)).random(pixels.shape[:2]) < 0.01
        dark[rain] = 160
        return dark.astype(np.uint8)

    changes, tour = toured(Streets([Car("c")], light=light), ROUND * 6, RULE)

    assert [one.incident.view for one in opened(changes)] == ["c"]
    assert "cleared" not in kinds(changes)
    assert sum(tour.time.unjudged_s.values()) == pytest.approx(34, abs=3)


def test_each_view_has_its_own_zones() -> None:
    right, left = (
        Zone(name, "no_parking", square(*part)) for name, part in (("r", (0.5, 0, 1, 1)), ("l", (0, 0, 0.5, 1)))
    )
    streets = Streets([Car(view, place=PLACE.moved(by, 0)) for view in "ab" for by in (-90, 100)])
    camera = Camera("gate", views=(View("a", (right,)), View("b", (left,))))
    eye, rule = Looking(streets), violation(zones=("no_parking",), dwell_s=30.0)
    tour = tour_of(streets, eye, [rule], ViewWatch(streets.known("a", "b")), camera=camera)  # type: ignore[arg-type]
    changes, _ = toured(streets, [("a", 60), (SWING, 2), ("b", 60)], rule, tour=tour)

    assert [(one.incident.view, one.incident.zone.id) for one in opened(changes) if one.incident.zone] == [
        ("a", "r"),
        ("b", "l"),
    ]


def test_zones_that_were_drawn_without_names_hold_in_the_first_view_alone_and_the_rest_is_another_view() -> None:
    zone = Zone("kerb", "no_parking", square(0, 0, 1, 1))
    streets = Streets([Car("a"), Car("b")])
    eye, rule = Looking(streets), violation(zones=("no_parking",), dwell_s=30.0)
    watch = ViewWatch(adopts_after_s=3.0)
    tour = tour_of(streets, eye, [rule], watch, camera=Camera("gate", zones=(zone,)))  # type: ignore[arg-type]
    changes, _ = toured(streets, [("a", 40), ("b", 100), ("a", 40)], rule, tour=tour)

    assert len(opened(changes)) == 1
    assert tour.time.unjudged_s == {Why.OTHER_VIEW: pytest.approx(100, abs=1)}


@pytest.mark.parametrize("restart_s", [5, 100, 300])
def test_a_tour_goes_on_after_a_restart_where_it_stopped(restart_s: float) -> None:
    cars = [Car(view, paint=number) for number, view in enumerate("abc", 1)]
    streets, stops = Streets(cars), ROUND * 6
    whole, _ = toured(streets, stops, RULE)
    eye = Looking(streets)
    views = tuple(View(view) for view in streets.seeds)

    def line() -> "object":
        watch = ViewWatch(streets.known())
        return tour_of(streets, eye, [RULE], watch, camera=Camera("gate", views=views))  # type: ignore[arg-type]

    from tests.tours import times_of

    changes, tour = [], line()
    for is_after in (False, True):
        if is_after:
            text, tour = tour_to_text(tour.state), line()  # type: ignore[attr-defined]
            tour.resume(tour_from_text(text, rules={}))  # type: ignore[attr-defined]
        shots = []
        for view, at_s in times_of(stops):
            if (at_s >= restart_s) is is_after:
                shots.append((view, at_s))
        tour.begin_run(None if not is_after else 1.0)  # type: ignore[attr-defined]
        for eye.view, eye.at_s in shots:
            frame = streets.frame(eye.view, eye.at_s, from_s=shots[0][1])
            changes += tour.step(frame, tour.detections(frame, eye))  # type: ignore[attr-defined]

    def told(said: Sequence[Change]) -> list[tuple[str | None, str]]:
        return sorted((one.incident.view, one.kind.value) for one in said if one.kind.value in ("opened", "cleared"))

    assert told(changes) == told(whole) == [("a", "opened"), ("b", "opened"), ("c", "opened")]


class Knocked(Looking):
    """Sees what is there where the picture shows it: for some seconds so many pixels further right."""

    def detect(self, pixels: Pixels) -> list[Detection]:
        found = super().detect(pixels)
        return [replace(one, box=one.box.moved(askew_px(self.at_s), 0)) for one in found]


def askew_px(at_s: float) -> int:
    return 14 if 60 <= at_s < 100 else 0


def test_a_camera_that_is_knocked_askew_and_put_back_saw_one_car_all_the_time() -> None:
    streets = Streets([Car("a")], light=lambda pixels, at_s: np.roll(pixels, askew_px(at_s), axis=1))
    eye, rule = Knocked(streets), violation(dwell_s=30.0)
    tour = tour_of(streets, eye, [rule], ViewWatch(adopts_after_s=3.0, follows_shifts=True))
    changes, _ = toured(streets, [("a", 160)], rule, tour=tour)

    assert (len(opened(changes)), "cleared" in kinds(changes)) == (1, False)
    assert tour.time.unjudged_s == {Why.MOVING: pytest.approx(6, abs=2)}
    assert changes[-1].incident.last_seen.media_s >= 158
