"""From when on a careful network agrees with a quick one."""

from collections.abc import Sequence

import pytest

from cvinspect.evaluate.detections.calibration import Policy
from cvinspect.evaluate.detections.second_look import Asked, SecondLookChoice, second_look
from cvinspect.evaluate.statistics.rates import Rate, Tally
from tests.detection_makers import HERE, NOWHERE, THERE, Seen, a_picture, predictions

QUICK, CAREFUL = Asked(0.3, None), Asked(0.6, None)
SURE: Seen = (0, 0.5, HERE)
WRONG: Seen = (0, 0.5, NOWHERE)

View = tuple[Sequence[Seen], Sequence[Seen]]
"""What the quick and the careful network see of a picture with a bag HERE."""


def chosen(*views: View, quick: Asked = QUICK) -> SecondLookChoice:
    names = [f"{i}.jpg" for i in range(len(views))]
    pictures = [a_picture(name, (0, HERE)) for name in names]
    by = [[predictions(name, *view[who]) for name, view in zip(names, views, strict=True)] for who in (0, 1)]
    return second_look("bag", 0, pictures, *by, asked=(quick, CAREFUL))


def right(careful: float) -> View:
    return [SURE], [(0, careful, HERE)]


def test_the_threshold_is_the_highest_that_keeps_95_of_100_right_detections() -> None:
    views = [right(0.1 + i / 200) for i in range(100)]  # 0.100, 0.105, ...
    one = chosen(*views)
    assert (one.threshold, one.is_default, one.things, one.right) == (0.125, False, 100, 100)
    assert chosen(*views[1:], right(0.05)).threshold == 0.125  # how low the five lie does not matter


def test_what_is_counted_is_judged_at_thresholds_that_others_chose() -> None:
    views = [right(0.9)] * 80 + [right(0.4)] * 20  # the last block alone is seen at 0.4
    one = chosen(*views)
    assert one.threshold == 0.4
    assert one.kept == Rate(80, 100)
    assert one.both == Tally(80, 0, 20)
    assert one.quick == Tally(100, 0, 0)


def test_false_pre_alarms_that_the_careful_network_does_not_see_go() -> None:
    one = chosen(*[([SURE, WRONG], [(0, 0.9, HERE), (0, 0.2, NOWHERE)])] * 60)
    assert one.quick == Tally(60, 60, 0)
    assert one.both == Tally(60, 0, 0)


def test_a_quick_detection_below_its_threshold_or_of_nothing_chooses_nothing() -> None:
    faint: View = [(0, 0.2, HERE)], [(0, 0.1, HERE)]
    false: View = [WRONG], [(0, 0.1, NOWHERE)]
    one = chosen(*[right(0.7)] * 60, *[faint] * 60, *[false] * 60)
    assert (one.threshold, one.right) == (0.7, 60)


def test_only_the_same_place_and_the_same_label_agree() -> None:
    elsewhere: View = [SURE], [(0, 0.9, THERE)]
    another: View = [SURE], [(1, 0.9, HERE)]
    assert chosen(*[right(0.8)] * 90, *[elsewhere] * 5, *[another] * 5).threshold == 0.05  # 90 of 100 at most
    half_a_bag: View = [SURE], [(0, 0.7, (0, 0, 10, 4))]  # IoU 0.4
    assert chosen(*[half_a_bag] * 60).threshold == 0.7


@pytest.mark.parametrize(("boxes", "threshold"), [(49, 0.6), (50, 0.7)])
def test_with_fewer_than_50_boxes_it_agrees_with_what_it_would_raise_itself(boxes: int, threshold: float) -> None:
    one = chosen(*[right(0.7)] * boxes)
    assert (one.threshold, one.is_default) == (threshold, threshold == 0.6)


@pytest.mark.parametrize(("seen", "threshold"), [(9, 0.6), (10, 0.7)])
def test_so_it_does_with_fewer_than_10_right_detections(seen: int, threshold: float) -> None:
    one = chosen(*[right(0.7)] * seen, *[([], [(0, 0.7, HERE)])] * 60)
    assert (one.threshold, one.right) == (threshold, seen)


def test_where_the_quick_network_finds_nothing_patrols_still_find() -> None:
    one = chosen(*[([], [(0, 0.7, HERE)])] * 60)
    assert (one.threshold, one.is_default, one.right, one.kept) == (0.6, True, 0, Rate(0, 0))
    assert one.both == Tally(0, 0, 60)
    assert one.with_patrol == Tally(60, 0, 0)


def test_what_both_see_is_raised_once_and_a_patrol_raises_what_is_sure_by_itself() -> None:
    both: View = [SURE], [(0, 0.9, HERE), (0, 0.8, THERE)]
    only_agreed: View = [SURE], [(0, 0.5, HERE), (0, 0.59, THERE)]
    one = chosen(*[both] * 30, *[only_agreed] * 30)
    assert one.both == Tally(60, 0, 0)
    assert one.with_patrol == Tally(60, 30, 0)


def test_the_quick_threshold_is_chosen_anew_where_it_was_chosen_on_these_pictures() -> None:
    views = [right(0.9)] * 60 + [([SURE, (0, 0.35, NOWHERE)], [(0, 0.9, HERE), (0, 0.9, NOWHERE)])] * 20
    assert chosen(*views).both == Tally(80, 20, 0)
    assert chosen(*views, quick=Asked(0.3, Policy())).both.false_alarms < 20


def test_pictures_whose_source_did_not_draw_the_label_have_no_part() -> None:
    pictures = [a_picture("a.jpg", (0, HERE), complete=(1,))]
    one = second_look("bag", 0, pictures, [predictions("a.jpg", SURE)], [predictions("a.jpg")], asked=(QUICK, CAREFUL))
    assert (one.things, one.right, one.both) == (0, 0, Tally(0, 0, 0))
