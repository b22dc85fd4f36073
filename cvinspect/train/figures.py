"""Measures an exported network on validation pictures and writes what it finds into its card."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from cvinspect.detect.figures import Family, Figures, Rule, TrainingBoxes
from cvinspect.detect.model import Backing, CardLabel, ModelCard
from cvinspect.detect.yolo import YoloDetector
from cvinspect.evaluate.detections.calibration import calibrate, calibrate_labels
from cvinspect.evaluate.detections.card_figures import card_figures
from cvinspect.evaluate.detections.label_scores import LabelScore, score_labels
from cvinspect.evaluate.detections.matching import Predictions
from cvinspect.evaluate.labelled.manifest import Split
from cvinspect.evaluate.labelled.source_table import UNNAMED_SOURCE
from cvinspect.evaluate.labelled.yolo_dataset import Dataset, LabelledPicture
from cvinspect.evaluate.statistics.rates import Tally
from cvinspect.sources.recorded.pictures import read_picture
from cvinspect.train.past import Past

SYNTHETIC = "synthetic"
"""The first folder of a source, in source.csv, whose pictures were rendered or composed."""

ENOUGH_REAL_BOXES = 50
"""A label learnt from fewer real boxes rests on the rendered ones."""


def detected(detector: YoloDetector, pictures: Sequence[LabelledPicture], names: Sequence[str]) -> list[Predictions]:
    """What the product itself sees in each picture; raises SourceOpenError."""
    found = []
    for picture in pictures:
        pixels = read_picture(picture.path)
        height, width = pixels.shape[:2]
        seen = detector.detect(pixels)
        found.append(Predictions.of_detections(picture.path, seen, names=names, width_px=width, height_px=height))
    return found


def measured(
    card: ModelCard,
    dataset: Dataset,
    seen: Sequence[Predictions],
    *,
    families: Mapping[str, tuple[str, ...]],
    val: Sequence[LabelledPicture],
    past: Past,
    thresholds: Mapping[str, float] | None = None,
) -> ModelCard:
    """The card with backing, thresholds and figures; `seen` are predictions for `val`, in order.

    Precision and recall are cross-fitted: counted on pictures that had no part in choosing the threshold. With
    `thresholds`, those of the network that this one is another form of, nothing is chosen: one street is judged alike
    by both, and the choice of a few boxes more or less moves neither.
    """
    learnt = {name: past.rests_on(name, boxes) for name, boxes in boxes_learnt(dataset).items()}
    present = {name: labels for name, labels in families.items() if set(labels) <= set(dataset.names)}
    scores = {score.name: score for score in score_labels(dataset.names, val, seen, families=present)}
    labels = tuple(
        CardLabel(
            name=name,
            backing=past.backing(name, backing_of(learnt[name])),
            threshold=threshold,
            rule=rule,
            training=learnt[name],
            val=_figures(scores[name], counted),
        )
        for name, threshold, rule, counted in _thresholds(dataset.names, val, scores, seen, thresholds)
    )
    together = tuple(
        Family(name=name, labels=group, val=_figures(scores[name], calibrate(scores[name].matches).held_out))
        for name, group in present.items()
    )
    return card.model_copy(update={"labels": labels, "families": together})


def _thresholds(
    names: Sequence[str],
    val: Sequence[LabelledPicture],
    scores: Mapping[str, LabelScore],
    seen: Sequence[Predictions],
    given: Mapping[str, float] | None,
) -> list[tuple[str, float, Rule, Tally]]:
    """Of each label, in order: its name, its threshold and the reason for it, and what was counted."""
    if given is not None:
        return [(name, given[name], "shared", scores[name].matches.tally(given[name])) for name in names]
    chosen = calibrate_labels(names, val, seen)
    return [(one.name, round(one.threshold, 3), one.rule.value, one.held_out) for one in chosen]


def boxes_learnt(dataset: Dataset) -> dict[str, TrainingBoxes]:
    """How many boxes of each label the training pictures hold, and how many of them people drew, in how many places."""
    real, synthetic = Counter[int](), Counter[int]()
    train = dataset.split(Split.TRAIN)
    for picture in train:
        (real if is_real(picture) else synthetic).update(box.label for box in picture.boxes)
    drawn = boxes_drawn(dataset.names, [picture for picture in train if is_real(picture)])
    return {
        name: TrainingBoxes(real=real[i], synthetic=synthetic[i], drawn=drawn[name][0], places=drawn[name][1])
        for i, name in enumerate(dataset.names)
    }


def boxes_drawn(names: Sequence[str], pictures: Iterable[LabelledPicture]) -> dict[str, tuple[int, int | None]]:
    """Of each label, the boxes that people drew in these pictures, and from how many sources those are.

    People drew what source.csv calls complete in a picture: boxes that a network, or somebody in passing, added of
    other labels do not count. A source stands for a place; where pictures have none, nobody knows how many there are.
    """
    drawn = Counter[int]()
    sources: dict[int, set[str]] = {number: set() for number in range(len(names))}
    for picture in pictures:
        for box in picture.boxes:
            if box.label in picture.complete:
                drawn[box.label] += 1
                sources[box.label].add(picture.source)
    return {name: (drawn[i], None if UNNAMED_SOURCE in sources[i] else len(sources[i])) for i, name in enumerate(names)}


def is_real(picture: LabelledPicture) -> bool:
    """Whether it was neither rendered nor composed."""
    return picture.source.partition("/")[0] != SYNTHETIC


def backing_of(boxes: TrainingBoxes) -> Backing:
    """What a label rests on."""
    if boxes.real >= ENOUGH_REAL_BOXES:
        return Backing.REAL
    return Backing.SYNTHETIC if boxes.synthetic else Backing.REAL if boxes.real else Backing.NONE


def _figures(score: LabelScore, counted: Tally) -> Figures:
    return card_figures(score.pictures, score.things, score.ap50, score.ap50_95, counted)
