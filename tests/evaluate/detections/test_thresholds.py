"""Thresholds and intervals."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cvinspect.evaluate.detections.thresholds import best_f1_threshold, curve_of, lowest_threshold
from cvinspect.evaluate.statistics.rates import Rate, Tally
from tests.detection_makers import HERE, NOWHERE, SCENES, THERE, Scene, matched, one


@settings(deadline=None, max_examples=40)
@given(SCENES)
def test_the_curve_tells_what_each_threshold_brings(scene: Scene) -> None:
    matches = matched(scene)
    curve = curve_of(matches)
    assert curve.confidences.tolist() == sorted({c for _, seen in scene for _, c, _ in seen}, reverse=True)
    for confidence, hits, found in zip(curve.confidences, curve.hits, curve.found, strict=True):
        assert matches.tally(confidence) == Tally(hits, found - hits, matches.things - hits)


@settings(deadline=None, max_examples=40)
@given(SCENES)
def test_no_threshold_has_a_better_f1_than_the_best(scene: Scene) -> None:
    matches = matched(scene)
    threshold = best_f1_threshold(matches)
    others = [matches.tally(n / 20).f1 or 0.0 for n in range(1, 21)]
    if threshold is None:
        assert max(others) == 0.0
    else:
        assert threshold >= 0.05
        assert matches.tally(threshold).f1 == pytest.approx(max(others))


@settings(deadline=None, max_examples=40)
@given(SCENES, st.sampled_from([0.3, 0.5, 0.95]), st.sampled_from([0.1, 0.5]))
def test_the_lowest_threshold_reaches_both_and_no_lower_one_does(scene: Scene, precision: float, recall: float) -> None:
    def reaches(at: float) -> bool:
        tally = matches.tally(at)
        return (tally.precision.share or 0.0) >= precision and (tally.recall.share or 0.0) >= recall

    matches = matched(scene)
    threshold = lowest_threshold(matches, precision=precision, recall=recall)
    good = [n / 20 for n in range(1, 21) if reaches(n / 20)]  # every confidence of the scenes, from the floor on
    assert (threshold is None) == (not good)
    assert threshold is None or matches.tally(threshold) == matches.tally(min(good))


def test_a_threshold_stands_half_way_to_the_next_weaker_detection() -> None:
    matches = one([(0, HERE), (0, THERE)], [(0, 0.9, HERE), (0, 0.6, THERE), (0, 0.3, NOWHERE)])
    assert best_f1_threshold(matches) == 0.45
    assert lowest_threshold(matches, precision=0.9, recall=0.5) == 0.45
    assert lowest_threshold(matches, precision=0.6, recall=0.5) == 0.3  # the weakest: what is below is not known
    assert lowest_threshold(one([], [(0, 0.9, HERE)]), precision=0.1, recall=0.0) is None


@pytest.mark.parametrize("weaker", [0.04, 0.0])
def test_a_threshold_never_goes_below_the_floor(weaker: float) -> None:
    matches = one([(0, HERE), (0, THERE)], [(0, 0.055, HERE), (0, weaker, THERE)])
    assert best_f1_threshold(matches) == 0.05
    assert best_f1_threshold(matches, floor=0.06) is None


@pytest.mark.parametrize(
    ("surer", "weaker"),
    [(0.50002, 0.5), (0.49999, 0.49998), (0.5, float(np.nextafter(0.5, 0))), (0.5, 0.4994)],
)
def test_between_close_confidences_the_same_detections_count(surer: float, weaker: float) -> None:
    matches = one([(0, HERE)], [(0, surer, HERE), (0, weaker, NOWHERE)])
    threshold = best_f1_threshold(matches)
    assert threshold is not None
    assert matches.tally(threshold) == Tally(1, 0, 0)


@pytest.mark.parametrize(
    ("hits", "of", "low", "high"),
    [
        (194, 200, 0.9361, 0.9862),
        (95, 100, 0.8882, 0.9785),
        (0, 10, 0.0, 0.2775),
        (10, 10, 0.7225, 1.0),
        (1, 2, 0.0945, 0.9055),
    ],
)
def test_wilson_intervals_are_the_known_ones(hits: int, of: int, low: float, high: float) -> None:
    assert (Rate(hits, of).low, Rate(hits, of).high) == pytest.approx((low, high), abs=6e-5)


def test_without_a_trial_nothing_is_known() -> None:
    assert (Rate(0, 0).share, Rate(0, 0).low, Rate(0, 0).high) == (None, 0.0, 1.0)
    assert Tally(0, 0, 0).f1 is None


@given(st.integers(0, 500), st.integers(0, 500))
def test_an_interval_holds_its_share_and_lies_in_zero_to_one(hits: int, rest: int) -> None:
    rate = Rate(hits, hits + rest)
    assert 0.0 <= rate.low <= (rate.share or 0.0) <= rate.high <= 1.0
    assert rate.low == pytest.approx(1 - Rate(rest, hits + rest).high)
