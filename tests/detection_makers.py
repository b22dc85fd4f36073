"""Labelled pictures and predictions for tests, drawn in pixels of pictures of 100 x 100."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from hypothesis import strategies as st

from cvinspect.evaluate.detections.matching import Matches, Predictions, match
from cvinspect.evaluate.labelled.label_file import LabelledBox
from cvinspect.evaluate.labelled.manifest import Split
from cvinspect.evaluate.labelled.yolo_dataset import LabelledPicture
from cvinspect.geometry import Box

SIDE_PX = 100

Square = tuple[float, float, float, float]
Thing = tuple[int, Square]
"""Label and place."""
Seen = tuple[int, float, Square]
"""Label, confidence and place."""

HERE: Square = (0, 0, 10, 10)
THERE: Square = (50, 50, 70, 70)
NOWHERE: Square = (80, 0, 90, 10)


def a_picture(name: str, *things: Thing, complete: Sequence[int] = (0,), source: str = "s") -> LabelledPicture:
    """A picture of 100 x 100 with things at pixels."""
    boxes = tuple(LabelledBox(label, Box(*(edge / SIDE_PX for edge in place))) for label, place in things)
    return LabelledPicture(Path(name), Split.VAL, source, frozenset(complete), boxes)


def predictions(name: str, *seen: Seen, width_px: int = SIDE_PX, height_px: int = SIDE_PX) -> Predictions:
    """What a detector says of it."""
    return Predictions(
        Path(name),
        width_px,
        height_px,
        np.array([label for label, _, _ in seen], np.int64),
        np.array([confidence for _, confidence, _ in seen], np.float64),
        np.array([place for _, _, place in seen], np.float64).reshape(-1, 4),
    )


FIFTH = st.integers(0, 19).map(lambda n: n * 5.0)


@st.composite
def squares(draw: st.DrawFn) -> Square:
    """On a coarse grid, so that boxes touch, coincide and overlap by exactly a half."""
    x, y = draw(FIFTH), draw(FIFTH)
    return x, y, x + draw(st.sampled_from([5.0, 10.0, 20.0])), y + draw(st.sampled_from([5.0, 10.0, 20.0]))


CONFIDENCES = st.integers(0, 20).map(lambda n: n / 20)
THINGS = st.lists(st.tuples(st.just(0), squares()), max_size=5, unique=True)
SEEN = st.lists(st.tuples(st.just(0), CONFIDENCES, squares()), max_size=8)
SCENES = st.lists(st.tuples(THINGS, SEEN), min_size=1, max_size=4)
Scene = list[tuple[list[Thing], list[Seen]]]


def matched(scene: Scene) -> Matches:
    pictures = [a_picture(f"{i}.jpg", *things) for i, (things, _) in enumerate(scene)]
    return match("bag", [0], pictures, [predictions(f"{i}.jpg", *seen) for i, (_, seen) in enumerate(scene)])


def one(things: list[Thing], seen: list[Seen]) -> Matches:
    return matched([(things, seen)])
