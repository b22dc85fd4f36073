"""Scores of detections: by hand where they can be counted, by law, and beside faster-coco-eval."""

from itertools import permutations
from pathlib import Path

import numpy as np
import pytest
from faster_coco_eval import COCO, COCOeval_faster
from hypothesis import given, settings
from hypothesis import strategies as st

from cvinspect.domain import Detection
from cvinspect.evaluate.detections.coco import average_precision
from cvinspect.evaluate.detections.label_scores import score_labels
from cvinspect.evaluate.detections.matching import Matches, Predictions, match
from cvinspect.evaluate.detections.pairing import ious
from cvinspect.evaluate.detections.thresholds import curve_of
from cvinspect.evaluate.labelled.yolo_dataset import LabelledPicture
from cvinspect.evaluate.statistics.rates import Tally
from cvinspect.geometry import Box, iou
from tests.detection_makers import (
    HERE,
    NOWHERE,
    SCENES,
    THERE,
    Scene,
    Seen,
    Square,
    Thing,
    a_picture,
    matched,
    one,
    predictions,
    squares,
)

ROUNDING = 1e-12
"""Means of equal numbers differ in their last digit."""


def test_hits_false_alarms_and_misses_are_counted_at_a_threshold() -> None:
    matches = one([(0, HERE), (0, THERE)], [(0, 0.9, HERE), (0, 0.6, NOWHERE), (0, 0.3, THERE)])
    assert [matches.tally(t) for t in (0.95, 0.9, 0.6, 0.3)] == [
        Tally(0, 0, 2), Tally(1, 0, 1), Tally(1, 1, 1), Tally(2, 1, 0),
    ]  # fmt: skip


def test_a_thing_found_twice_is_one_hit_and_one_false_alarm() -> None:
    assert one([(0, HERE)], [(0, 0.8, HERE), (0, 0.9, (0, 0, 10, 9))]).tally(0.0) == Tally(1, 1, 0)


def test_the_surest_detection_chooses_first_and_takes_what_it_overlaps_most() -> None:
    left, right = (0.0, 0.0, 10.0, 10.0), (4.0, 0.0, 14.0, 10.0)
    between: Square = (3, 0, 13, 10)  # IoU 0.82 with right, 0.54 with left
    assert one([(0, left), (0, right)], [(0, 0.9, between), (0, 0.8, right)]).tally(0.0) == Tally(1, 1, 1)
    assert one([(0, left), (0, right)], [(0, 0.8, between), (0, 0.9, right)]).tally(0.0) == Tally(2, 0, 0)


@pytest.mark.parametrize("left", [float(n) for n in range(0, 81, 5)])
def test_half_an_overlap_is_enough_wherever_it_lies(left: float) -> None:
    """As shares, 0.55 - 0.45 and their like are not quite 0.1."""
    matches = one([(0, (left, left, left + 20, left + 10))], [(0, 0.9, (left, left, left + 10, left + 10))])
    average = average_precision(matches)
    assert average is not None
    assert (matches.tally(0.0), average.ap50) == (Tally(1, 0, 0), pytest.approx(1.0))


def test_half_an_overlap_is_enough_and_less_is_not() -> None:
    assert one([(0, (0, 0, 20, 10))], [(0, 0.9, HERE)]).tally(0.0) == Tally(1, 0, 0)
    assert one([(0, (0, 0, 20.1, 10))], [(0, 0.9, HERE)]).tally(0.0) == Tally(0, 1, 1)


def test_pixels_are_those_of_the_picture() -> None:
    seen = predictions("a", (0, 0.9, (0, 0, 64, 36)), width_px=640, height_px=360)
    assert match("bag", [0], [a_picture("a", (0, HERE))], [seen]).tally(0.5) == Tally(1, 0, 0)


def test_a_label_is_scored_only_where_its_source_drew_it() -> None:
    pictures = [a_picture("a", (0, HERE), complete=[0]), a_picture("b", (0, HERE), complete=[1])]
    seen = [predictions("a"), predictions("b", (0, 0.9, THERE))]
    bag, bin_ = score_labels(["bag", "bin"], pictures, seen)
    assert (bag.pictures, bag.things, bag.matches.tally(0.0)) == (1, 1, Tally(0, 0, 1))
    assert (bin_.pictures, bin_.things, bin_.ap50, bin_.matches.tally(0.0)) == (1, 0, None, Tally(0, 0, 0))


def test_a_family_is_scored_where_any_of_its_labels_was_drawn() -> None:
    pictures = [
        a_picture("rubbish", (0, HERE), complete=[0, 2]),
        a_picture("bags", (1, THERE), complete=[1]),
        a_picture("cars", complete=[3]),
    ]
    seen = [
        predictions("rubbish", (1, 0.9, HERE)),  # the right thing under the family's other name
        predictions("bags", (1, 0.8, THERE), (0, 0.7, NOWHERE)),
        predictions("cars", (0, 0.9, HERE)),  # nobody drew rubbish there
    ]
    *_, family = score_labels(["heap", "bag", "bin", "car"], pictures, seen, families={"rubbish": ("heap", "bag")})
    assert (family.name, family.labels, family.pictures, family.things) == ("rubbish", ("heap", "bag"), 2, 2)
    assert family.matches.tally(0.5) == Tally(2, 1, 0)


def test_one_thing_under_two_names_of_a_family_counts_once() -> None:
    almost: Square = (0, 0, 10, 9)
    pictures = [a_picture("a", (0, HERE), (1, almost), (0, THERE))]
    both = predictions("a", (0, 0.9, HERE), (1, 0.8, almost))
    twice_the_same = predictions("a", (0, 0.9, HERE), (0, 0.8, almost))
    assert match("family", [0, 1], pictures, [both]).tally(0.0) == Tally(1, 0, 1)
    assert match("family", [0, 1], pictures, [twice_the_same]).tally(0.0) == Tally(1, 1, 1)


def test_a_picture_without_predictions_is_refused_and_one_that_judges_nothing_is_not() -> None:
    with pytest.raises(ValueError, match=r"^a: no predictions for this and 0 more pictures with bag$"):
        match("bag", [0], [a_picture("a")], [])
    assert match("bag", [0], [a_picture("a", complete=[1])], []).pictures == ()


@pytest.mark.parametrize("families", [{"rubbish": ("heap", "tree")}, {"heap": ("heap", "bag")}])
def test_families_of_unknown_labels_or_taken_names_are_refused(families: dict[str, tuple[str, ...]]) -> None:
    with pytest.raises(ValueError, match="need names of their own"):
        score_labels(["heap", "bag"], [], [], families=families)


@pytest.mark.parametrize(
    ("confidence", "place", "width_px"),
    [(1.1, HERE, 9), (float("nan"), HERE, 9), (0.5, (0, 0, np.inf, 1), 9), (0.5, HERE, 0)],
)
def test_predictions_that_make_no_sense_are_refused(confidence: float, place: Square, width_px: int) -> None:
    with pytest.raises(ValueError, match=r"^a: "):
        predictions("a", (0, confidence, place), width_px=width_px)


def test_predictions_whose_arrays_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match=r"needed: \(n,\), \(n,\), \(n, 4\)"):
        Predictions(Path("a"), 9, 9, np.zeros(1, np.int64), np.zeros(2), np.zeros((2, 4)))


def test_what_our_detectors_return_is_taken_by_label_name() -> None:
    seen = [Detection("bin", 0.9, Box(*HERE)), Detection("tree", 0.8, Box(*THERE)), Detection("bag", 0.7, Box(*THERE))]
    taken = Predictions.of_detections(Path("a"), seen, names=("bag", "bin"), width_px=9, height_px=8)
    assert (taken.labels.tolist(), taken.confidences.tolist()) == ([1, 0], [0.9, 0.7])
    assert taken.boxes_xyxy.tolist() == [list(HERE), list(THERE)]
    assert Predictions.of_detections(Path("a"), [], names=(), width_px=9, height_px=8).boxes_xyxy.shape == (0, 4)


def test_average_precision_by_hand() -> None:
    """Recall 1/2 at precision 1, recall 1 at 2/3: 51 of COCO's 101 recalls at 1, 50 at 2/3."""
    matches = one([(0, HERE), (0, THERE)], [(0, 0.9, HERE), (0, 0.6, NOWHERE), (0, 0.3, THERE)])
    average = average_precision(matches)
    assert average is not None
    assert (average.ap50, average.ap50_95) == pytest.approx(((51 + 50 * 2 / 3) / 101,) * 2)


def test_a_loose_box_counts_at_low_overlaps_only() -> None:
    average = average_precision(one([(0, (0, 0, 10, 10))], [(0, 0.9, (0, 0, 10, 7.2))]))
    assert average is not None
    assert (average.ap50, average.ap50_95) == pytest.approx((1.0, 0.5))  # IoU 0.72: right at 0.50 ... 0.70


def test_more_than_a_hundred_things_in_a_picture_all_count() -> None:
    places = [(float(x), float(y), x + 4.0, y + 4.0) for x in range(0, 100, 5) for y in range(0, 50, 5)]
    average = average_precision(one([(0, p) for p in places], [(0, 0.5, p) for p in places]))
    assert average is not None
    assert average.ap50 == pytest.approx(1.0)


def test_without_things_there_is_no_average_precision() -> None:
    assert average_precision(one([], [(0, 0.9, HERE)])) is None
    assert average_precision(Matches("bag", ())) is None


def test_without_detections_it_is_nothing() -> None:
    average = average_precision(one([(0, HERE)], []))
    assert average is not None
    assert (average.ap50, average.ap50_95) == (0.0, 0.0)


@settings(deadline=None, max_examples=60)
@given(SCENES)
def test_averages_are_shares_and_stricter_overlaps_never_raise_them(scene: Scene) -> None:
    average = average_precision(matched(scene))
    if average is not None:
        assert 0.0 <= average.ap50_95 <= average.ap50 + ROUNDING
        assert average.ap50 <= 1.0 + ROUNDING


@settings(deadline=None, max_examples=40)
@given(SCENES)
def test_perfect_predictions_score_one(scene: Scene) -> None:
    matches = matched([(things, [(0, 0.5, place) for _, place in things]) for things, _ in scene])
    average = average_precision(matches)
    if average is not None:
        assert (average.ap50, average.ap50_95) == pytest.approx((1.0, 1.0))
        assert matches.tally(0.5) == Tally(matches.things, 0, 0)


@settings(deadline=None, max_examples=30)
@given(SCENES, st.randoms(use_true_random=False))
def test_the_order_of_boxes_detections_and_pictures_does_not_matter(scene: Scene, random: object) -> None:
    numbered = [(f"{i}.jpg", list(things), list(seen)) for i, (things, seen) in enumerate(scene)]
    before = matched(scene)
    for shuffled in (numbered, *(part for _, *parts in numbered for part in parts)):
        random.shuffle(shuffled)  # type: ignore[attr-defined]
    pictures = [a_picture(name, *things) for name, things, _ in numbered]
    after = match("bag", [0], pictures, [predictions(name, *seen) for name, _, seen in reversed(numbered)])

    assert [after.tally(n / 20) for n in range(21)] == [before.tally(n / 20) for n in range(21)]
    assert average_precision(after) == average_precision(before)


@settings(deadline=None, max_examples=60)
@given(SCENES)
def test_the_matcher_agrees_with_faster_coco_eval(scene: Scene) -> None:
    """The peer gets plain pixels and its own order; its interpolated precision follows from our hits."""
    matches = matched(distinct_confidences(scene))
    if not matches.things:
        return
    curve = curve_of(matches)
    raised = np.append(np.maximum.accumulate(curve.precision[::-1])[::-1], 0.0)
    ours = raised[np.searchsorted(curve.recall, np.linspace(0, 1, 101), side="left")]
    assert ours == pytest.approx(peer_precision(distinct_confidences(scene)), abs=1e-6)


def distinct_confidences(scene: Scene) -> Scene:
    """Where confidences tie, the peer goes by the order of arrival, which is none of ours."""
    count = 0
    spread: Scene = []
    for things, seen in scene:
        spread.append((things, [(0, confidence / 2 + (count := count + 1) / 1000, at) for _, confidence, at in seen]))
    return spread


def peer_precision(scene: Scene) -> list[float]:
    things = [(i, place) for i, (drawn, _) in enumerate(scene, start=1) for _, place in drawn]
    truth = COCO(
        {
            "images": [{"id": i} for i in range(1, len(scene) + 1)],
            "categories": [{"id": 1}],
            "annotations": [
                {"id": n, "image_id": i, "category_id": 1, "bbox": xywh(place), "area": 1.0, "iscrowd": 0}
                for n, (i, place) in enumerate(sorted(things), start=1)
            ],
        }
    )
    found = [
        {"image_id": i, "category_id": 1, "bbox": xywh(place), "score": confidence}
        for i, (_, seen) in enumerate(scene, start=1)
        for _, confidence, place in seen
    ]
    peer = COCOeval_faster(truth, truth.loadRes(found), "bbox")
    peer.evaluate()
    peer.accumulate()
    return list(peer.eval["precision"][0, :, 0, 0, -1])


def xywh(place: Square) -> list[float]:
    return [place[0], place[1], place[2] - place[0], place[3] - place[1]]


@given(squares(), squares())
def test_overlaps_are_those_of_geometry(a: Square, b: Square) -> None:
    assert ious(np.array([a]), np.array([b])).item() == pytest.approx(iou(Box(*a), Box(*b)))


def test_every_order_of_equally_sure_detections_pairs_alike() -> None:
    """The one between would take the left thing and leave nothing to the other, were it asked first."""
    things: list[Thing] = [(0, (0, 0, 10, 10)), (0, (4, 0, 14, 10))]
    seen: list[Seen] = [(0, 0.5, (0, 0, 10, 10)), (0, 0.5, (1, 0, 11, 10))]
    assert {one(list(a), list(b)).tally(0.5) for a in permutations(things) for b in permutations(seen)} == {
        Tally(2, 0, 0)
    }


def test_scores_of_all_labels_come_in_their_order() -> None:
    pictures: list[LabelledPicture] = [a_picture("a", (0, HERE), (1, THERE), complete=[0, 1])]
    scores = score_labels(["bag", "bin"], pictures, [predictions("a", (1, 0.9, THERE))])
    assert [(s.name, s.labels, s.things, s.ap50, s.ap50_95) for s in scores] == [
        ("bag", ("bag",), 1, 0.0, 0.0),
        ("bin", ("bin",), 1, pytest.approx(1.0), pytest.approx(1.0)),
    ]
