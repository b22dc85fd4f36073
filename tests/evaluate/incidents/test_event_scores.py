"""Counts and the rates that follow from them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cvinspect.evaluate.incidents.event_scores import EventTally, MacroScores, macro, score
from cvinspect.evaluate.statistics.rates import Rate
from tests.evaluate.event_makers import BAY, FAR, NEXT_BAY, PARKING, RUBBISH, event, raised, watched

TWO_CARS = watched(
    [event(box=BAY), event(box=NEXT_BAY), event(0, 3, box=FAR)],
    [
        raised(box=BAY, confirmed_s=6),
        raised(box=BAY, confirmed_s=9, incident_id="i2"),
        raised(0, 8, box=FAR, incident_id="i3"),
    ],
)
RUBBISH_FOUND = watched(
    [event(0, 30, class_id=RUBBISH)], [raised(0, 30, class_id=RUBBISH, confirmed_s=12)], name="b.mp4", camera="yard"
)


def test_a_second_incident_is_false_in_the_strict_precision_only() -> None:
    parking = score([TWO_CARS]).by_class[PARKING]
    assert parking == EventTally(
        hits=1, misses=1, false_alarms=1, duplicates=1, not_due=1, not_due_raised=1, latencies_s=(1.0,), watched_s=30.0
    )
    assert (parking.precision, parking.lenient_precision) == (Rate(1, 3), Rate(1, 2))
    assert (parking.recall, parking.duplicate_rate) == (Rate(1, 2), Rate(1, 3))
    assert parking.f1 == pytest.approx(2 * (1 / 3) * (1 / 2) / (1 / 3 + 1 / 2))


def test_classes_and_cameras_add_up_to_the_whole() -> None:
    scores = score([TWO_CARS, RUBBISH_FOUND])
    assert list(scores.by_class) == [RUBBISH, PARKING]
    assert list(scores.by_camera) == ["gate", "yard"]
    assert scores.by_camera["gate"] + scores.by_camera["yard"] == scores.total
    assert scores.total.latencies_s == (1.0, 2.0)
    assert scores.total.watched_s == 60.0
    assert scores.by_class[PARKING].watched_s == 60.0  # each class was looked for in every clip


def test_the_macro_mean_is_over_the_classes_that_had_something_to_find() -> None:
    scores = score([TWO_CARS, RUBBISH_FOUND], classes=["road_damage", PARKING])
    assert list(scores.by_class) == ["road_damage", PARKING, RUBBISH]
    assert scores.macro == MacroScores(
        classes=2,
        precision=pytest.approx((1 / 3 + 1) / 2),
        lenient_precision=pytest.approx((1 / 2 + 1) / 2),
        recall=pytest.approx((1 / 2 + 1) / 2),
        f1=pytest.approx((0.4 + 1) / 2),
    )


def test_a_class_of_which_nothing_was_raised_has_a_recall_of_none_found_and_no_precision() -> None:
    means = macro([EventTally(misses=2), EventTally(hits=1)])
    assert means == MacroScores(classes=2, precision=1.0, lenient_precision=1.0, recall=0.5, f1=0.5)


def test_nothing_at_all_has_no_rates() -> None:
    scores = score([])
    assert scores.total == EventTally()
    assert scores.macro == MacroScores(0, None, None, None, None)
    total = scores.total
    assert (total.precision.share, total.recall.share, total.f1, total.median_latency_s, total.p95_latency_s) == (
        None, None, None, None, None,
    )  # fmt: skip
    assert total.false_frequency.per_day is None


def test_false_incidents_a_camera_day_come_from_the_footage_watched() -> None:
    half_a_day = EventTally(false_alarms=3, watched_s=43200.0)
    assert half_a_day.false_frequency.per_day == 6.0


def test_the_95th_percentile_is_the_nearest_rank() -> None:
    assert EventTally(latencies_s=tuple(float(i) for i in range(1, 101))).p95_latency_s == 95.0
    assert EventTally(latencies_s=(7.0,)).p95_latency_s == 7.0
    assert EventTally(latencies_s=(1.0, 2.0)).p95_latency_s == 2.0
    assert EventTally(latencies_s=(1.0, 2.0)).median_latency_s == 1.5


counts = st.integers(0, 50)
tallies = st.builds(EventTally, hits=counts, misses=counts, false_alarms=counts, duplicates=counts)


@settings(deadline=None)
@given(tallies)
def test_strict_never_flatters_and_f1_lies_between_precision_and_recall(one: EventTally) -> None:
    if one.precision.share is None or one.recall.share is None or one.f1 is None:
        return
    if one.lenient_precision.share is not None:
        assert one.precision.share <= one.lenient_precision.share
    low, high = sorted((one.precision.share, one.recall.share))
    assert low - 1e-12 <= one.f1 <= high + 1e-12
