"""`cvinspect calibrate`: thresholds chosen on labelled pictures, written into a copy of the model's card."""

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from cvinspect.assembly.models import Model
from cvinspect.commands.evaluate_detections import in_order, known_labels
from cvinspect.detect.model import CardLabel, ModelCard
from cvinspect.errors import DatasetError, DeliveryError
from cvinspect.evaluate.detections.calibration import Calibration, Policy, Rule, calibrate
from cvinspect.evaluate.detections.card_figures import card_figures
from cvinspect.evaluate.detections.columns import Size
from cvinspect.evaluate.detections.matching import Predictions, match
from cvinspect.evaluate.detections.scoreboard import GroupScore, Scoreboard
from cvinspect.evaluate.faults import shown
from cvinspect.evaluate.labelled.labelled_split import LabelledSet
from cvinspect.evaluate.labelled.yolo_dataset import LabelledPicture
from cvinspect.train.card import write_card


@dataclass(frozen=True, slots=True)
class NewThresholds:
    """What was chosen for the labels that data set and model share."""

    calibrations: tuple[Calibration, ...]
    """In the data set's order."""
    card: ModelCard
    """The model's, with them."""

    @property
    def kept(self) -> tuple[str, ...]:
        """Labels with too little to choose by: the card's threshold stays."""
        return tuple(one.name for one in self.calibrations if one.rule is Rule.DEFAULT)

    @property
    def balanced(self) -> tuple[str, ...]:
        """Labels that cannot reach the precision with enough recall: theirs is the threshold of the best F1."""
        return tuple(one.name for one in self.calibrations if one.rule is Rule.F1)


def new_thresholds(
    labelled: LabelledSet, card: ModelCard, found: Iterable[Predictions], *, precision: float
) -> NewThresholds:
    """Thresholds for `precision`, in [0, 1]; `found` are detections of every picture, in any order.

    Raises DatasetError when model and data set share no label, or when no label could be calibrated.
    """
    known = known_labels(card, labelled)
    by_path = {one.path: one for one in found}
    pictures = [labelled.pictures[place] for place in labelled.judging]
    seen = [by_path[picture.path] for picture in pictures]
    calibrations = tuple(_calibrated(name, labelled, pictures, seen, card, precision) for name in known)
    chosen = {one.name: one for one in calibrations if one.rule is not Rule.DEFAULT}
    if not chosen:
        what = f"no label has {Policy().least_things} boxes of which some were found; none could be calibrated"
        raise DatasetError(f"{shown(labelled.path)}: {what}")
    scores = {score.name: score for score in _board(labelled, by_path).labels}
    labels = tuple(_label(label, chosen.get(label.name), scores.get(label.name)) for label in card.labels)
    return NewThresholds(calibrations, card.model_copy(update={"labels": labels}))


def _calibrated(
    name: str,
    labelled: LabelledSet,
    pictures: Sequence[LabelledPicture],
    seen: Sequence[Predictions],
    card: ModelCard,
    precision: float,
) -> Calibration:
    """The label's threshold: the card's where there is too little to choose by."""
    matches = match(name, [labelled.names.index(name)], pictures, seen)
    return calibrate(matches, policy=Policy(precision=precision, default=card.thresholds[name]))


def _board(labelled: LabelledSet, seen: Mapping[Path, Predictions]) -> Scoreboard:
    board = Scoreboard(labelled.names, thresholds=[1.0] * len(labelled.names))  # only its averages are asked for
    for index in in_order(labelled):
        picture = labelled.pictures[index]
        board.add(picture, seen[picture.path])
    return board


def default_out(model: Model) -> Path:
    """Where the copy goes when nobody says: here, under another name."""
    return Path(f"{model.path.stem}-calibrated.yaml")


def write_copy(card: ModelCard, model: Model, out: Path, *, precision: float = 0.95) -> None:
    """The model's changed card at `out`, naming the network where it lies. Raises DeliveryError."""
    if not out.parent.is_dir():
        raise DeliveryError(f"{out}: there is no folder {out.parent}; name a file in a folder that is there")
    if out.is_dir():
        raise DeliveryError(f"{out}: is a folder; name a file")
    here = out.parent.resolve()
    moved = {
        key: Path(os.path.relpath((model.path.parent / name).resolve(), here)).as_posix()
        for key, name in (("file", card.file), ("weights_file", card.weights_file))
        if name is not None
    }
    write_card(out, card.model_copy(update=moved), precision=precision)


def _label(label: CardLabel, chosen: Calibration | None, score: GroupScore | None) -> CardLabel:
    """The label with its new threshold; the figures that stood for the old one give way to the cross-fitted ones."""
    if chosen is None or score is None:
        return label
    average = score.averages[Size.ALL]
    figures = card_figures(score.pictures, average.things, average.ap50, average.ap50_95, chosen.held_out)
    update = {"threshold": round(chosen.threshold, 3), "rule": chosen.rule.value, "val": figures}
    return label.model_copy(update=update)
