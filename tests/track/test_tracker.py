import gc
import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cvinspect.domain import Detection, Track
from cvinspect.geometry import Box
from cvinspect.track.tracker import OverlapTracker
from tests.fakes import BAY, detection, moving, seconds, shifted

SURE = {"motor_vehicle": 0.5, "person": 0.5}


def tracker(**how: object) -> OverlapTracker:
    return OverlapTracker(thresholds=SURE, **how)  # type: ignore[arg-type]


def followed(script: list[list[Detection]], *, fps: float = 2.0, **how: object) -> list[list[Track]]:
    """The tracks of every picture."""
    follow = tracker(**how)
    return [follow.update(seen, at_s=i / fps) for i, seen in enumerate(script)]


def ids(tracks: list[list[Track]]) -> list[list[int]]:
    return [sorted(one.id for one in seen) for seen in tracks]


def test_a_thing_is_one_track_with_its_times_and_best_confidence() -> None:
    script = [[detection(confidence=c)] for c in (0.6, 0.9, 0.7)]

    assert followed(script)[-1] == [
        Track(
            id=1,
            label="motor_vehicle",
            box=BAY,
            smoothed=BAY,
            confidence=0.7,
            peak_confidence=0.9,
            first_seen_s=0.0,
            last_seen_s=1.0,
            rest_since_s=0.0,
        )
    ]


def test_unsure_detections_begin_no_track() -> None:
    assert followed([[detection(confidence=0.49)]] * 5) == [[]] * 5


def test_unsure_detections_carry_a_track_on() -> None:
    script = [[detection()], *[[detection(confidence=0.11)]] * 30]

    assert ids(followed(script)) == [[1]] * 31


def test_an_unsure_detection_must_lie_closer_than_a_sure_one() -> None:
    off = shifted(BAY, 0.45 * BAY.width)  # overlaps by 0.38

    assert ids(followed([[detection()], [detection(off, confidence=0.2)]])) == [[1], []]
    assert ids(followed([[detection()], [detection(off, confidence=0.6)]])) == [[1], [1]]


def test_a_label_without_a_threshold_begins_no_track() -> None:
    assert followed([[detection(label="ghost", confidence=0.99)]] * 2) == [[], []]


def test_only_what_is_seen_is_told() -> None:
    assert ids(followed([[detection()], [], [detection()]])) == [[1], [], [1]]


@pytest.mark.parametrize(("gap_s", "same"), [(1, True), (3, True), (3.5, False), (60, False)])
def test_a_track_is_forgotten_when_it_is_lost_for_long(gap_s: float, same: bool) -> None:
    follow = tracker(lost_s=3.0)
    follow.update([detection()], at_s=0.0)
    for at_s in np.arange(0.5, gap_s, 0.5):
        follow.update([], at_s=float(at_s))

    [back] = follow.update([detection()], at_s=gap_s)
    assert (back.id == 1) is same


@pytest.mark.parametrize(("pause_s", "same"), [(3.5, True), (30, True), (30.5, False)])
def test_a_track_goes_on_after_a_pause_in_which_nobody_looked(pause_s: float, same: bool) -> None:
    follow = tracker(lost_s=3.0, pause_s=30.0)
    follow.update([detection()], at_s=0.0)

    [back] = follow.update([detection()], at_s=pause_s)
    assert (back.id == 1) is same


def test_what_was_missed_before_a_pause_does_not_come_back_after_it() -> None:
    follow = tracker(lost_s=3.0)
    follow.update([detection()], at_s=0.0)
    follow.update([], at_s=0.5)

    [back] = follow.update([detection()], at_s=10.0)
    assert back.id == 2


def test_things_of_different_labels_are_never_one_track() -> None:
    script = [[detection()], [detection(label="person")]]

    assert ids(followed(script)) == [[1], [2]]


@pytest.mark.parametrize("px_s", [30, 60])
def test_things_that_pass_each_other_keep_their_ids(px_s: float) -> None:
    right, left = moving(Box(0, 60, 60, 100), px_s=px_s), moving(Box(240, 75, 300, 115), px_s=-px_s)
    script = [[detection(right(s)), detection(left(s))] for s in seconds(240 / px_s, fps=5)]

    tracks = followed(script, fps=5)
    first = {one.id: one.box.x0 for one in tracks[0]}
    last = {one.id: one.box.x0 for one in tracks[-1]}
    assert first == {1: 0, 2: 240}
    assert last == {1: pytest.approx(240), 2: pytest.approx(0)}


def test_a_thing_that_drives_past_a_still_one_takes_nothing_from_it() -> None:
    passing = moving(Box(-60, 80, 20, 130), px_s=80)
    script = [[detection(passing(s)), detection()] for s in seconds(4, fps=4)]

    still = [one for seen in followed(script, fps=4) for one in seen if one.box == BAY]
    assert {one.id for one in still} == {2}
    assert still[-1].rest_since_s == 0.0


def test_the_order_of_detections_does_not_matter() -> None:
    boxes = [shifted(BAY, 70 * i) for i in range(-1, 3)]
    script = [[detection(shifted(box, 4 * t)) for box in boxes] for t in range(10)]
    mixed = [seen if t == 0 else seen[::-1] for t, seen in enumerate(script)]

    by_place = [{one.box: one.id for one in seen} for seen in followed(script)]
    assert [{one.box: one.id for one in seen} for seen in followed(mixed)] == by_place


def test_what_is_over_the_budget_is_cut_and_counted() -> None:
    crowd = [detection(Box(70 * i, 0, 70 * i + 60, 40)) for i in range(10)]
    follow = tracker(budget=4)

    found = [follow.update(crowd, at_s=s) for s in (0.0, 0.5)]
    assert ids(found) == [[1, 2, 3, 4]] * 2
    assert follow.cut == 12


def test_memory_is_bounded_whatever_passes() -> None:
    follow = tracker(budget=10)
    random = np.random.default_rng(1)

    def pictures(start: int, count: int) -> None:
        for i in range(start, start + count):
            corners = random.uniform(0, 2000, (6, 2))
            follow.update([detection(Box(x, y, x + 40, y + 30)) for x, y in corners.tolist()], at_s=i / 2)

    pictures(0, 20)
    tracemalloc.start()
    gc.collect()
    before = tracemalloc.get_traced_memory()[0]
    pictures(20, 150)
    gc.collect()
    grown = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    assert grown < 100_000


SCRIPTS = st.lists(
    st.lists(
        st.builds(
            lambda x, y, c, label: detection(Box(x, y, x + 60, y + 40), label, c),
            st.integers(0, 200),
            st.integers(0, 100),
            st.sampled_from([0.2, 0.6, 0.9]),
            st.sampled_from(sorted(SURE)),
        ),
        max_size=5,
    ),
    max_size=12,
)


@given(SCRIPTS)
def test_the_same_detections_give_the_same_tracks(script: list[list[Detection]]) -> None:
    assert followed(script) == followed(script)


@given(SCRIPTS)
def test_every_track_is_one_of_the_detections_and_ids_are_unique(script: list[list[Detection]]) -> None:
    for i, (seen, tracks) in enumerate(zip(script, followed(script), strict=True)):
        assert len({one.id for one in tracks}) == len(tracks)
        assert {(one.label, one.box) for one in tracks} <= {(d.label, d.box) for d in seen}
        assert all(one.first_seen_s <= one.last_seen_s == i / 2 for one in tracks)
        assert all(one.confidence <= one.peak_confidence for one in tracks)


@given(SCRIPTS)
def test_every_sure_detection_is_followed(script: list[list[Detection]]) -> None:
    for seen, tracks in zip(script, followed(script), strict=True):
        assert sum(d.confidence >= 0.5 for d in seen) <= len(tracks)


@pytest.mark.parametrize("period_s", [1.0, 2.0])
def test_of_samples_far_apart_one_miss_loses_nothing(period_s: float) -> None:
    seen, missed = [detection()], []
    script = [seen, seen, seen, missed, seen, missed, missed, seen]

    assert ids(followed(script, fps=1 / period_s, lost_s=2.0)) == [[1], [1], [1], [], [1], [], [], [2]]
