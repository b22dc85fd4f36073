"""Scores added up picture by picture: by hand where they can be counted, and beside faster-coco-eval."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from faster_coco_eval import COCO, COCOeval_faster
from hypothesis import given, settings
from hypothesis import strategies as st

from cvinspect.evaluate.detections.columns import SIZE_RANGES_PX2, SIZE_SIDE_PX, Size
from cvinspect.evaluate.detections.label_scores import score_labels
from cvinspect.evaluate.detections.matching import match
from cvinspect.evaluate.detections.scoreboard import Average, Scoreboard
from cvinspect.evaluate.labelled.label_file import LabelledBox
from cvinspect.evaluate.labelled.yolo_dataset import LabelledPicture
from cvinspect.evaluate.statistics.rates import Tally
from cvinspect.geometry import Box
from tests.detection_makers import HERE, NOWHERE, SIDE_PX, THERE, Seen, Square, Thing, a_picture, predictions

NAMES = ("bag", "bin", "car")

View = tuple[list[Thing], list[Thing], list[Seen]]
"""Things, crowds and detections of one picture."""


def a_view(name: str, things: Sequence[Thing], crowds: Sequence[Thing], complete: Sequence[int]) -> LabelledPicture:
    doubtful = tuple(LabelledBox(label, Box(*(edge / SIDE_PX for edge in place))) for label, place in crowds)
    return replace(a_picture(name, *things, complete=complete), doubtful=doubtful)


def board(
    *views: View,
    thresholds: Sequence[float] = (0.5, 0.5, 0.5),
    complete: Sequence[int] = (0, 1, 2),
    families: dict[str, tuple[str, ...]] | None = None,
) -> Scoreboard:
    scores = Scoreboard(NAMES, thresholds=thresholds, families=families)
    for number, (things, crowds, seen) in enumerate(views):
        scores.add(a_view(f"{number:03}.jpg", things, crowds, complete), predictions(f"{number:03}.jpg", *seen))
    return scores


def test_hits_false_alarms_and_misses_are_counted_at_each_labels_threshold() -> None:
    scores = board(
        (
            [(0, HERE), (0, THERE), (1, THERE)],
            [],
            [(0, 0.9, HERE), (0, 0.4, THERE), (1, 0.2, THERE), (0, 0.5, NOWHERE)],
        ),
        thresholds=(0.45, 0.1, 0.5),
    )
    assert [score.tally for score in scores.labels] == [Tally(1, 1, 1), Tally(1, 0, 0), Tally(0, 0, 0)]
    assert [score.pictures for score in scores.labels] == [1, 1, 1]


def test_what_the_source_did_not_draw_is_neither_missed_nor_a_false_alarm() -> None:
    scores = board(([(0, HERE), (1, THERE)], [], [(1, 0.9, NOWHERE), (2, 0.9, THERE)]), complete=[0])
    assert [score.tally for score in scores.labels] == [Tally(0, 0, 1), Tally(0, 0, 0), Tally(0, 0, 0)]
    assert [score.pictures for score in scores.labels] == [1, 0, 0]
    assert scores.confusion.tolist() == [[0, 0, 0, 1], [0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]]
    assert [(picture.misses, picture.false_alarms) for picture in scores.worst] == [(1, 0)]


def test_a_detection_in_a_crowd_counts_neither_way_and_any_number_may_lie_there() -> None:
    crowd: Square = (40, 40, 90, 90)
    inside: list[Seen] = [(0, 0.9, THERE), (0, 0.8, (50, 50, 60, 60)), (1, 0.7, THERE)]
    scores = board(([(0, HERE)], [(0, crowd)], [*inside, (0, 0.6, HERE)]))
    assert [score.tally for score in scores.labels] == [Tally(1, 0, 0), Tally(0, 1, 0), Tally(0, 0, 0)]
    assert scores.labels[0].averages[Size.ALL] == Average(1, pytest.approx(1.0), pytest.approx(1.0))
    matches = match("bag", [0], [a_view("a", [(0, HERE)], [(0, crowd)], [0])], [predictions("a", *inside)])
    assert matches.tally(0.0) == Tally(0, 0, 1)


def test_a_thing_taken_for_another_is_a_confusion_and_the_rest_is_background() -> None:
    things: list[Thing] = [(0, HERE), (1, THERE), (1, NOWHERE)]
    seen: list[Seen] = [(0, 0.9, HERE), (2, 0.8, THERE), (0, 0.7, THERE), (2, 0.6, (20, 20, 30, 30))]
    scores = board((things, [], seen))
    assert scores.confusion.tolist() == [
        [1, 0, 0, 0],  # the bag, found
        [0, 0, 1, 1],  # a bin taken for a car by the surest alarm, a bin seen as nothing
        [0, 0, 0, 0],
        [1, 0, 1, 0],  # a bag and a car where nothing of the kind was left to find
    ]


def test_a_family_is_one_label_whose_members_keep_their_thresholds() -> None:
    scores = board(
        ([(0, HERE), (1, THERE)], [], [(1, 0.5, HERE), (0, 0.45, HERE), (0, 0.3, THERE), (1, 0.4, NOWHERE)]),
        thresholds=(0.2, 0.6, 0.5),
        families={"rubbish": ("bag", "bin")},
    )
    (family,) = scores.families
    assert (family.name, family.labels, family.pictures, family.tally) == (
        "rubbish", ("bag", "bin"), 1, Tally(2, 0, 0),
    )  # fmt: skip
    assert family.averages[Size.ALL].things == 2


def test_sizes_are_those_of_a_picture_of_640_pixels() -> None:
    """5 of 100 pixels are 32 of 640: the last small ones; 15 of 100 are 96, the last medium ones."""
    things: list[Thing] = [(0, (0, 0, 5, 4.9)), (0, (20, 0, 35, 14.9)), (0, (50, 50, 66, 66))]
    scores = board((things, [], [(0, 0.9, (50, 50, 66, 66)), (0, 0.8, (20, 0, 35, 14.9)), (0, 0.7, NOWHERE)]))
    averages = scores.labels[0].averages
    assert [(averages[size].things, averages[size].ap50) for size in Size] == [
        (3, pytest.approx(67 / 101)), (1, 0.0), (1, pytest.approx(1.0)), (1, pytest.approx(1.0)),
    ]  # fmt: skip


def test_worst_and_slowest_pictures_come_first_and_good_ones_are_not_among_them() -> None:
    scores = Scoreboard(NAMES, thresholds=(0.5, 0.5, 0.5))
    for name, seen, elapsed_s in (("a", [(0, 0.9, HERE)], 0.2), ("b", [], 0.1), ("c", [(0, 0.9, NOWHERE)], 0.3)):
        scores.add(a_picture(name, (0, HERE)), predictions(name, *seen), elapsed_s=elapsed_s)
    assert [(one.path.name, one.errors) for one in scores.worst] == [("c", 2), ("b", 1)]
    assert [(one.path.name, one.elapsed_s) for one in scores.slowest] == [("c", 0.3), ("a", 0.2), ("b", 0.1)]
    assert scores.elapsed_s == pytest.approx([0.2, 0.1, 0.3])


def test_without_pictures_there_is_nothing_to_say() -> None:
    scores = board()
    assert [(s.pictures, s.tally, s.curve, s.averages[Size.ALL]) for s in scores.labels] == [
        (0, Tally(0, 0, 0), None, Average(0, None, None))
    ] * 3
    assert (scores.worst, scores.slowest, len(scores.elapsed_s)) == ((), (), 0)


PLACE = st.integers(0, 15).map(lambda n: n * 5.0)


@st.composite
def squares(draw: st.DrawFn) -> Square:
    """They touch, coincide and overlap by a half; none is as large as a size range's end."""
    x, y = draw(PLACE), draw(PLACE)
    return x, y, x + draw(st.sampled_from([4.0, 8.0, 20.0])), y + draw(st.sampled_from([4.0, 8.0, 20.0]))


LABEL = st.integers(0, 1)
THINGS = st.lists(st.tuples(LABEL, squares()), max_size=5, unique=True)
SEEN = st.lists(st.tuples(LABEL, st.integers(0, 20).map(lambda n: n / 20), squares()), max_size=8)


def distinct_confidences(views: list[View]) -> list[View]:
    count = 0
    return [
        (things, crowds, [(label, sure / 2 + (count := count + 1) / 1000, at) for label, sure, at in seen])
        for things, crowds, seen in views
    ]


VIEWS = st.lists(
    st.tuples(THINGS, st.lists(st.tuples(LABEL, squares()), max_size=1), SEEN), min_size=1, max_size=4
).map(distinct_confidences)


@settings(deadline=None, max_examples=150)
@given(VIEWS)
def test_average_precision_agrees_with_faster_coco_eval_for_every_label_and_size(views: list[View]) -> None:
    ours = [
        [score.averages[size].ap50 for size in Size] + [score.averages[size].ap50_95 for size in Size]
        for score in board(*views).labels[:2]
    ]
    for own, peer in zip(ours, peer_averages(views), strict=True):
        assert own == [None if share < 0 else pytest.approx(share, abs=1e-6) for share in peer]


@settings(deadline=None, max_examples=60)
@given(VIEWS)
def test_the_confusion_matrix_holds_every_thing_and_every_judged_detection_once(views: list[View]) -> None:
    scores = board(*views)
    counts = scores.confusion
    for number, score in enumerate(scores.labels):
        tally = score.tally
        assert counts[number, number] == tally.hits
        assert counts[number].sum() == tally.hits + tally.misses
        assert counts[:, number].sum() == tally.hits + tally.false_alarms


@settings(deadline=None, max_examples=40)
@given(VIEWS)
def test_it_agrees_with_the_scores_that_keep_every_picture(views: list[View]) -> None:
    pictures = [a_view(f"{i}.jpg", things, crowds, [0, 1]) for i, (things, crowds, _) in enumerate(views)]
    seen = [predictions(f"{i}.jpg", *found) for i, (*_, found) in enumerate(views)]
    families = {"rubbish": ("bag", "bin")}
    kept = score_labels(("bag", "bin"), pictures, seen, families=families)
    scores = Scoreboard(("bag", "bin"), thresholds=(0.3, 0.3), families=families)
    for picture, found in zip(pictures, seen, strict=True):
        scores.add(picture, found)
    for own, other in zip((*scores.labels, *scores.families), kept, strict=True):
        average = own.averages[Size.ALL]
        assert (own.name, own.pictures, average.things) == (other.name, other.pictures, other.things)
        assert own.tally == other.matches.tally(0.3) or own.name == "rubbish"
        if other.ap50 is not None and other.ap50_95 is not None:
            assert (average.ap50, average.ap50_95) == pytest.approx((other.ap50, other.ap50_95), abs=1e-6)


def peer_averages(views: list[View]) -> list[list[float]]:
    """AP50 of each size, then AP50-95 of each, label by label; -1 where nothing of that size was drawn."""
    drawn = [
        (number, label, place, crowd)
        for number, (things, crowds, _) in enumerate(views, start=1)
        for crowd, places in enumerate((things, crowds))
        for label, place in sorted(places, key=lambda thing: thing[1])
    ]
    truth = COCO(
        {
            "images": [{"id": number} for number in range(1, len(views) + 1)],
            "categories": [{"id": 1}, {"id": 2}],
            "annotations": [
                {"id": n, "image_id": i, "category_id": label + 1, "bbox": (box := xywh(place)),
                 "area": box[2] * box[3], "iscrowd": crowd}
                for n, (i, label, place, crowd) in enumerate(drawn, start=1)
            ],
        }
    )  # fmt: skip
    found = [
        {"image_id": i, "category_id": label + 1, "bbox": xywh(place), "score": confidence}
        for i, (*_, seen) in enumerate(views, start=1)
        for label, confidence, place in seen
    ]
    peer = COCOeval_faster(truth, truth.loadRes(found), "bbox")
    peer.params.areaRng, peer.params.areaRngLbl = SIZE_RANGES_PX2.tolist(), [size.name for size in Size]
    peer.params.iouThrs = peer.params.iouThrs - 1e-9
    peer.evaluate()
    peer.accumulate()
    precision = np.array(peer.eval["precision"])[..., -1]  # (IoU, recall, label, size)
    return [
        [float(precision[0, :, label, size].mean()) for size in range(4)]
        + [float(precision[:, :, label, size].mean()) for size in range(4)]
        for label in range(2)
    ]


def xywh(place: Square) -> list[float]:
    x0, y0, x1, y1 = (edge * SIZE_SIDE_PX / SIDE_PX for edge in place)
    return [x0, y0, x1 - x0, y1 - y0]


def test_labels_out_of_the_data_sets_range_are_left_out() -> None:
    scores = Scoreboard(NAMES, thresholds=(0.5, 0.5, 0.5))
    scores.add(a_picture("a", (0, HERE)), predictions("a", (7, 0.9, HERE), (0, 0.9, HERE)))
    assert scores.labels[0].tally == Tally(1, 0, 0)
    assert scores.pictures == 1
    assert scores.worst == ()
