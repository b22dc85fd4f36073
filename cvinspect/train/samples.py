"""From labelled pictures to what the trainer is fed."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cvinspect.evaluate.faults import Faults
from cvinspect.evaluate.labelled.label_file import LabelledBox, read_labels
from cvinspect.evaluate.labelled.listing import label_path, path_beside
from cvinspect.evaluate.labelled.picture_check import CheckedPicture
from cvinspect.evaluate.labelled.yolo_dataset import Dataset, LabelledPicture
from cvinspect.train.marks import undrawn, unsure

UNSURE_FOLDER = "unsure"
"""Beside `images` and `labels`, in the same form: boxes in which a label may or may not be."""

_WANTED_SHARE = 0.08
"""Of the pictures: a label that fewer show, or a source that has fewer, is shown more often."""

_MOST_OFTEN = 4


@dataclass(frozen=True, slots=True)
class Sample:
    """One picture as the trainer is fed it."""

    path: Path
    height: int
    width: int
    boxes: NDArray[np.float32]
    """(n, 4): centre and size as fractions of width and height."""
    indices: NDArray[np.int64]
    """(n,): label index, or a mark of `cvinspect.train.marks`."""


def samples_of(
    dataset: Dataset, pictures: Sequence[LabelledPicture], checked: Sequence[CheckedPicture], *, marked: bool
) -> list[Sample]:
    """One sample a picture, in order; with `marked`, what nobody drew and what nobody is sure of is marked.

    Raises DatasetError for a faulty file of unsure boxes.
    """
    faults = Faults()
    count = len(dataset.names)
    samples = []
    for picture, size in zip(pictures, checked, strict=True):
        rows = [(box.label, box) for box in picture.boxes]
        if marked:
            rows += [(unsure(box.label, count), box) for box in _unsure_boxes(picture.path, count, faults)]
        boxes = np.array([_centred(box) for _, box in rows], np.float32).reshape(-1, 4)
        indices = [index for index, _ in rows]
        if marked:
            missing = sorted(set(range(count)) - picture.complete)
            boxes = np.concatenate([boxes, np.tile(np.array([0.5, 0.5, 1, 1], np.float32), (len(missing), 1))])
            indices += [undrawn(label, count) for label in missing]
        samples.append(Sample(picture.path, size.height_px, size.width_px, boxes, np.array(indices, np.int64)))
    faults.raise_any()
    return samples


def repeats(dataset: Dataset, pictures: Sequence[LabelledPicture], *, seed: int = 1) -> list[int]:
    """How often each picture is shown in an epoch, so that what is rare is not forgotten between two of its pictures.

    Rare are labels, and sources: one of few pictures shows what no other does. The square root of how much rarer
    than wanted, as in Gupta, Dollar and Girshick, LVIS (2019).
    """
    shares = [
        sum(any(box.label == label for box in picture.boxes) for picture in pictures) / len(pictures)
        for label in range(len(dataset.names))
    ]
    sources = Counter(picture.source for picture in pictures)
    rng = np.random.default_rng(seed)
    found = []
    for picture in pictures:
        rarest = min([sources[picture.source] / len(pictures), *(shares[box.label] for box in picture.boxes)])
        wanted = min(max(math.sqrt(_WANTED_SHARE / rarest), 1.0), _MOST_OFTEN)
        found.append(int(wanted) + int(rng.random() < wanted % 1))
    return found


def _unsure_boxes(picture: Path, labels: int, faults: Faults) -> list[LabelledBox]:
    path = path_beside(picture, UNSURE_FOLDER)
    is_own_file = path != label_path(picture)  # not where labels lie beside their pictures
    return read_labels(path, labels=labels, faults=faults) if is_own_file and path.exists() else []


def _centred(labelled: LabelledBox) -> tuple[float, float, float, float]:
    box = labelled.box
    return ((box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2, box.width, box.height)
