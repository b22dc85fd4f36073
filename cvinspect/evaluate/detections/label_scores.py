"""A detector's scores on labelled pictures: each label and family on the pictures that can judge it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cvinspect.evaluate.detections.coco import average_precision
from cvinspect.evaluate.detections.matching import Matches, Predictions, match
from cvinspect.evaluate.labelled.yolo_dataset import LabelledPicture

FAMILIES: dict[str, tuple[str, ...]] = {"rubbish": ("exposed_garbage", "garbage_bag")}
"""Labels that count as one where a card names no families: sources disagree where one ends and the other begins."""

FLOOR = 0.01
"""Detections are asked for from here on where AP is measured: below, it hardly changes."""

BUDGET = 300
"""So many a picture at most: what the network's head gives."""


@dataclass(frozen=True, slots=True)
class LabelScore:
    """How well one label, or a family of labels taken as one, is detected."""

    name: str
    labels: tuple[str, ...]
    """One, or the family's."""
    pictures: int
    """On which it may be scored: people drew all of it there."""
    things: int
    """That people drew in them."""
    ap50: float | None
    """COCO's AP at IoU 0.50, in [0, 1]; None where there is nothing to find."""
    ap50_95: float | None
    """COCO's AP over IoU 0.50 to 0.95, in [0, 1]; None where there is nothing to find."""
    matches: Matches
    """For precision and recall at a threshold: `matches.tally(0.4).precision.low`."""


def score_labels(
    names: Sequence[str],
    pictures: Sequence[LabelledPicture],
    predictions: Sequence[Predictions],
    *,
    families: Mapping[str, Sequence[str]] | None = None,
) -> tuple[LabelScore, ...]:
    """The scores of every label of `names`, in that order, then of every family.

    A family is a name with the labels that count as one, as {"rubbish": ("exposed_garbage", "garbage_bag")}.
    Raises ValueError for a family's label that is none, and for a picture without Predictions; InstallationError
    where faster-coco-eval is missing.
    """
    groups = {name: (name,) for name in names} | {name: tuple(family) for name, family in (families or {}).items()}
    unknown = [label for labels in groups.values() for label in labels if label not in names]
    if unknown or len(groups) < len(names) + len(families or {}):
        raise ValueError(f"families {dict(families or {})}: need names of their own, and labels of {', '.join(names)}")
    return tuple(_score(name, labels, names, pictures, predictions) for name, labels in groups.items())


def _score(
    name: str,
    labels: tuple[str, ...],
    names: Sequence[str],
    pictures: Sequence[LabelledPicture],
    predictions: Sequence[Predictions],
) -> LabelScore:
    matches = match(name, [names.index(label) for label in labels], pictures, predictions)
    average = average_precision(matches)
    return LabelScore(
        name,
        labels,
        len(matches.pictures),
        matches.things,
        None if average is None else average.ap50,
        None if average is None else average.ap50_95,
        matches,
    )
