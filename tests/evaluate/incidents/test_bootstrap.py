"""Intervals over draws of whole clips."""

from cvinspect.evaluate.incidents.bootstrap import Interval, clip_intervals
from cvinspect.evaluate.incidents.event_scores import WatchedClip
from tests.evaluate.event_makers import BAY, FAR, NEXT_BAY, RUBBISH, event, raised, watched


def found(number: int) -> WatchedClip:
    return watched([event()], [raised()], name=f"{number}.mp4")


def all_missed(number: int) -> WatchedClip:
    return watched([event(box=box) for box in (BAY, NEXT_BAY, FAR)], [], name=f"{number}.mp4")


def test_fewer_than_ten_clips_give_no_intervals() -> None:
    assert clip_intervals([found(i) for i in range(9)]) is None


def test_clips_that_are_all_right_leave_no_doubt() -> None:
    intervals = clip_intervals([found(i) for i in range(10)])
    assert intervals is not None
    sure = Interval(1.0, 1.0)
    assert (intervals.clips, intervals.precision, intervals.recall, intervals.macro_f1) == (10, sure, sure, sure)


def test_clips_without_anything_give_no_values() -> None:
    intervals = clip_intervals([watched([], [], name=f"{i}.mp4") for i in range(10)])
    assert intervals is not None
    assert (intervals.precision, intervals.recall, intervals.f1, intervals.macro_recall) == (None, None, None, None)


def test_the_interval_holds_the_sample_and_repeats_itself() -> None:
    clips = [found(i) for i in range(8)] + [all_missed(i) for i in range(8, 12)]
    intervals = clip_intervals(clips)
    assert intervals == clip_intervals(clips)
    assert intervals is not None
    assert intervals.recall is not None
    assert intervals.recall.low < 8 / 20 < intervals.recall.high
    assert intervals.recall.high - intervals.recall.low > 0.4  # Wilson, which takes the events apart, says 0.39
    assert intervals.precision == Interval(1.0, 1.0)


def test_the_macro_interval_is_over_the_classes_with_something_to_find() -> None:
    rubbish_missed = [watched([event(0, 30, class_id=RUBBISH)], [], name=f"r{i}.mp4") for i in range(5)]
    false = [watched([], [raised(class_id="road_damage")], name=f"f{i}.mp4") for i in range(5)]
    intervals = clip_intervals([found(i) for i in range(20)] + rubbish_missed + false)
    assert intervals is not None
    assert intervals.macro_precision == Interval(1.0, 1.0)
    assert intervals.macro_recall is not None
    assert intervals.macro_recall.low == 0.5
    assert intervals.macro_recall.high in (0.5, 1.0)  # a draw without any rubbish has one class only
