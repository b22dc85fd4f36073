"""Thresholds from validation pictures, and honest figures for them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cvinspect.evaluate.detections.calibration import (
    Calibration,
    Choice,
    Policy,
    Rule,
    calibrate,
    calibrate_labels,
    choose,
    contiguous_blocks,
)
from cvinspect.evaluate.detections.matching import Matches, Predictions, match
from cvinspect.evaluate.labelled.yolo_dataset import LabelledPicture
from cvinspect.evaluate.statistics.rates import Tally
from tests.detection_makers import HERE, NOWHERE, THERE, Seen, a_picture, predictions

GOOD, BAD = (0, 0.8, HERE), (0, 0.3, NOWHERE)
FEW = Policy(least_things=1)


def scene(*seen: list[Seen], source: str = "s") -> Matches:
    """One picture each, with one bag HERE."""
    pictures, found = views(*seen, source=source)
    return match("bag", [0], pictures, found)


def views(*seen: list[Seen], source: str = "s") -> tuple[list[LabelledPicture], list[Predictions]]:
    pictures = [a_picture(f"{source}{i}", (0, HERE), source=source) for i in range(len(seen))]
    return pictures, [predictions(f"{source}{i}", *each) for i, each in enumerate(seen)]


def test_where_precision_can_be_reached_the_lowest_threshold_that_does_is_taken() -> None:
    matches = scene(*[[GOOD, BAD]] * 10)
    assert choose(matches, Policy()) == Choice(0.55, Rule.PRECISION)
    mostly_right = scene(*[[GOOD, (0, 0.7, THERE)]] * 10, *[[GOOD]] * 390)  # 400 of 410: 97.6 %
    assert choose(mostly_right, Policy(precision=0.97)) == Choice(0.7, Rule.PRECISION)
    assert choose(mostly_right, Policy(precision=0.98)) == Choice(0.75, Rule.PRECISION)


def test_precision_bought_with_blindness_is_not_taken() -> None:
    seen: list[list[Seen]] = [[(0, 0.9, HERE)]] * 4 + [[(0, 0.6, HERE), (0, 0.7, NOWHERE)]] * 6
    assert choose(scene(*seen), Policy()).rule is Rule.F1
    assert choose(scene(*seen), Policy()).threshold == 0.6
    assert choose(scene(*seen), Policy(recall=0.4)) == Choice(0.8, Rule.PRECISION)


@pytest.mark.parametrize(("count", "rule"), [(9, Rule.DEFAULT), (10, Rule.PRECISION)])
def test_with_few_things_the_default_stands(count: int, rule: Rule) -> None:
    assert calibrate(scene(*[[GOOD]] * count)).rule is rule


def test_where_nothing_is_found_the_default_stands() -> None:
    assert choose(scene(*[[BAD]] * 20), Policy()) == Choice(0.25, Rule.DEFAULT)
    assert calibrate(Matches("bag", ())) == Calibration(
        "bag", 0.25, Rule.DEFAULT, 0, 0, Tally(0, 0, 0), Tally(0, 0, 0), ()
    )


def test_held_out_figures_come_from_thresholds_that_the_other_blocks_chose() -> None:
    """Two blocks that want different thresholds: each is judged by the other's, and both do worse."""
    sure: list[Seen] = [(0, 0.8, HERE), (0, 0.6, NOWHERE)]
    unsure: list[Seen] = [(0, 0.5, HERE), (0, 0.3, NOWHERE)]
    result = calibrate(scene(*[sure] * 10, *[unsure] * 10), blocks=2)

    assert result.block_choices == (Choice(0.4, Rule.PRECISION), Choice(0.7, Rule.PRECISION))
    assert result.held_out == Tally(hits=10, false_alarms=10, misses=10)
    assert (result.threshold, result.rule, result.fitted) == (0.7, Rule.PRECISION, Tally(10, 0, 10))
    assert (result.pictures, result.things) == (20, 20)


def test_neighbours_are_judged_together_so_that_one_odd_street_cannot_vouch_for_itself() -> None:
    """The last fifth of the pictures shows one odd place; only pictures of the same run could have warned of it."""
    plain, odd = [[GOOD]] * 16, [[(0, 0.6, NOWHERE)]] * 4
    result = calibrate(scene(*plain, *odd), policy=Policy(precision=0.9))
    assert [choice.threshold for choice in result.block_choices] == [0.7, 0.7, 0.7, 0.7, 0.8]
    assert result.held_out == Tally(16, 0, 4)


def test_the_parts_choose_even_where_they_hold_fewer_things_than_the_whole_needs() -> None:
    result = calibrate(scene(*[[GOOD, BAD]] * 10))
    assert [choice.rule for choice in result.block_choices] == [Rule.PRECISION] * 5
    assert result.held_out == Tally(10, 0, 0)


def test_every_source_is_cut_into_runs_of_neighbours() -> None:
    assert contiguous_blocks(["a"] * 10 + ["b"] * 4, 5) == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 0, 1, 2, 3]
    assert contiguous_blocks(["a"], 5) == [0]


@given(st.lists(st.sampled_from("abc"), max_size=60), st.integers(2, 6))
def test_blocks_ascend_within_a_source_and_are_of_nearly_equal_size(sources: list[str], blocks: int) -> None:
    placed = contiguous_blocks(sources, blocks)
    for source in set(sources):
        own = [block for block, name in zip(placed, sources, strict=True) if name == source]
        sizes = [own.count(block) for block in range(blocks)]
        assert own == sorted(own)
        assert max(sizes) - min(sizes) <= 1
        assert sum(sizes) == len(own)


@settings(deadline=None, max_examples=50)
@given(st.lists(st.lists(st.sampled_from([GOOD, BAD, (0, 0.6, THERE), (0, 0.04, HERE)]), max_size=3), max_size=30))
def test_every_thing_is_judged_exactly_once(seen: list[list[Seen]]) -> None:
    result = calibrate(scene(*seen), policy=FEW)
    for tally in (result.held_out, result.fitted):
        assert tally.hits + tally.misses == result.things == len(seen)
    assert result.threshold >= 0.05
    assert result.fitted == scene(*seen).tally(result.threshold)
    if result.rule is Rule.PRECISION:
        assert (result.fitted.precision.share or 0.0) >= 0.95
        assert (result.fitted.recall.share or 0.0) >= 0.5


def test_every_label_gets_a_threshold_in_the_order_of_the_names() -> None:
    pictures, found = views(*[[GOOD, (1, 0.9, THERE)]] * 12)
    results = calibrate_labels(["bag", "bin"], pictures, found)
    assert [(r.name, r.threshold, r.rule, r.pictures, r.things) for r in results] == [
        ("bag", 0.8, Rule.PRECISION, 12, 12),
        ("bin", 0.25, Rule.DEFAULT, 0, 0),
    ]


def test_a_single_block_is_refused() -> None:
    with pytest.raises(ValueError, match="blocks is 1; at least 2"):
        calibrate(scene([GOOD]), blocks=1)
