"""`cvinspect evaluate detections`: a model's detections, made or read, scored on labelled pictures."""

import os
from array import array
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np

from cvinspect import __version__
from cvinspect.assembly.models import Model
from cvinspect.detect.model import ModelCard
from cvinspect.errors import DatasetError, DeliveryError
from cvinspect.evaluate.detections.columns import SIZE_SIDE_PX, Size
from cvinspect.evaluate.detections.detection_report import (
    CardFacts,
    confusion_metric,
    data_metric,
    group_metrics,
    macro_metric,
    micro_metric,
    picture_metric,
    timing_metric,
)
from cvinspect.evaluate.detections.label_scores import BUDGET, FAMILIES, FLOOR, score_labels
from cvinspect.evaluate.detections.matching import Predictions
from cvinspect.evaluate.detections.pairing import MATCH_IOU
from cvinspect.evaluate.detections.results_json import Results, ResultsWriter
from cvinspect.evaluate.detections.scoreboard import GroupScore, Scoreboard
from cvinspect.evaluate.detections.worst import JudgedPicture
from cvinspect.evaluate.faults import shown
from cvinspect.evaluate.labelled.labelled_split import LabelledSet
from cvinspect.evaluate.labelled.learnt import learnt_by, without_learnt
from cvinspect.evaluate.labelled.picture_size import is_there
from cvinspect.evidence.masking import Hiding, heads
from cvinspect.records.files import write_whole
from cvinspect.report.detection_metrics import DetectionMetrics, MatchingMetric, ModelMetric, RefereeMetric
from cvinspect.report.detection_pictures import Mark, MarkedBox, ShownPicture, shown_picture
from cvinspect.report.detection_scores import write_detection_report
from cvinspect.sources.recorded.pictures import read_picture

REPORT, METRICS, PREDICTIONS = "report.html", "metrics.json", "predictions.json"

_NO_THRESHOLD = 0.25
"""Of a label that the model lacks, for detections that another one made: what Ultralytics takes."""

_REFEREE_PICTURES = 1000
"""With more, keeping every detection for a second count would cost more memory and time than the first."""

_REFEREE = "faster-coco-eval"

Progress = Callable[[int, int], None]
"""Is told (done, all) after each picture."""


@dataclass(frozen=True, slots=True)
class Timed:
    """What was detected in one picture, and how long that took."""

    index: int
    """Its place in the set."""
    predictions: Predictions
    elapsed_s: float | None


def known_labels(card: ModelCard, labelled: LabelledSet) -> tuple[str, ...]:
    """Labels of the data set that the model has; raises DatasetError when there is none."""
    known = tuple(name for name in labelled.names if name in card.names)
    if not known:
        own, theirs = ", ".join(labelled.names[:8]), ", ".join(card.names[:8])
        raise DatasetError(f"{shown(labelled.path)}: its labels ({own}) are none of model {card.name}'s ({theirs})")
    return known


def detected(labelled: LabelledSet, model: Model, *, seconds: Callable[[], float]) -> Iterator[Timed]:
    """What the model sees, picture after picture in order of the paths. Raises DatasetError, ModelError."""
    known_labels(model.card, labelled)
    require_pictures(labelled)
    detector = model.detector(floor=FLOOR, budget=BUDGET)
    for height, width in model.card.input_shapes:  # loads the network for each of them before anything is timed
        detector.detect(np.zeros((height, width, 3), np.uint8))
    for index in in_order(labelled):
        picture = labelled.pictures[index]
        before_s = seconds()
        pixels = read_picture(picture.path)
        height, width = pixels.shape[:2]
        seen = detector.detect(pixels)
        elapsed_s = seconds() - before_s
        found = Predictions.of_detections(picture.path, seen, names=labelled.names, width_px=width, height_px=height)
        _check_size(labelled, index, width, height)
        yield Timed(index, found, elapsed_s)


def read_back(labelled: LabelledSet, path: Path) -> Iterator[Timed]:
    """What a file of detections holds, picture after picture in order of the paths. Raises DatasetError."""
    results = Results(path, labelled)
    for index in in_order(labelled):
        yield Timed(index, results.of(index), None)


def in_order(labelled: LabelledSet) -> Sequence[int]:
    """Places of the pictures that judge in order of their paths: folder by folder, which letters with / do not give."""
    names = [str(picture.path).replace(os.sep, "\0") for picture in labelled.pictures]
    return array("i", sorted(labelled.judging, key=names.__getitem__))


def require_pictures(labelled: LabelledSet) -> None:
    """Raises DatasetError when pictures of the set are not there."""
    absent = [picture.path for picture in labelled.pictures if not is_there(picture.path)]
    if absent:
        raise DatasetError(
            f"{shown(labelled.path)}: {len(absent)} of its {len(labelled.pictures)} pictures are not there, "
            f"the first is {shown(absent[0])}"
        )


def without_learnt_pictures(labelled: LabelledSet, *models: Model) -> LabelledSet:
    """The set without pictures that one of the models has learnt from, as the lists beside their cards say.

    Raises DatasetError for a faulty list, and where no picture remains.
    """
    lists = [learnt_by(model.path, model.path.parent / model.card.file) for model in models]
    return without_learnt(labelled, frozenset().union(*lists), models=[model.card.name for model in models])


@dataclass(slots=True)
class Measured:
    """A scoring and what it was made of."""

    labelled: LabelledSet
    board: Scoreboard
    card: ModelCard
    referee: RefereeMetric | None = None

    @property
    def is_whole(self) -> bool:
        """Whether every picture was scored: nobody broke off."""
        return self.board.pictures == self.labelled.judges


def measure(
    labelled: LabelledSet,
    card: ModelCard,
    found: Iterator[Timed],
    *,
    save: Path | None = None,
    progress: Progress | None = None,
    is_stopping: Callable[[], bool] = lambda: False,
) -> Measured:
    """Scores what was found; once `is_stopping`, of which is asked at each picture, no more. Raises DeliveryError.

    `save` is where the detections are kept for another time, if they are those of every picture: a file of some would
    count everything in the others as missed.
    """
    families = _families(card, labelled)
    thresholds = [card.thresholds.get(name, _NO_THRESHOLD) for name in labelled.names]
    board = Scoreboard(labelled.names, thresholds=thresholds, families=families)
    kept: list[Timed] | None = [] if labelled.judges <= _REFEREE_PICTURES and _referee_version() else None
    with nullcontext() if save is None else ResultsWriter(save, labelled) as writer:
        for timed in _until(is_stopping, found):
            board.add(labelled.pictures[timed.index], timed.predictions, elapsed_s=timed.elapsed_s)
            if kept is not None:
                kept.append(timed)
            if writer is not None:
                writer.write(timed.index, timed.predictions)
            if progress is not None:
                progress(board.pictures, labelled.judges)
        measured = Measured(labelled, board, card)
        if writer is not None and measured.is_whole:
            writer.finish()
    if kept is not None:
        measured.referee = _refereed(labelled, board, kept, families)
    return measured


def _until(is_stopping: Callable[[], bool], found: Iterator[Timed]) -> Iterator[Timed]:
    """Nothing is begun that nobody wants any more."""
    while not is_stopping() and (timed := next(found, None)) is not None:
        yield timed


def metrics(measured: Measured, *, scored_at: datetime, elapsed_s: float, predictions: Path | None) -> DetectionMetrics:
    """Everything that metrics.json holds."""
    labelled, board, card = measured.labelled, measured.board, measured.card
    facts = CardFacts(card.thresholds, {label.name: label.backing.value for label in card.labels})
    labels = board.labels
    return DetectionMetrics(
        version=__version__,
        scored_at=scored_at,
        elapsed_s=elapsed_s,
        state="done" if measured.is_whole else "interrupted",
        data=data_metric(labelled, scored=board.pictures),
        model=ModelMetric(
            name=card.name,
            sha256=card.sha256,
            labels_without=tuple(name for name in labelled.names if name not in card.names),
        ),
        predictions=None if predictions is None else str(predictions),
        matching=MatchingMetric(iou=MATCH_IOU, size_side_px=SIZE_SIDE_PX, floor=FLOOR if predictions is None else None),
        labels=tuple(group_metrics(score, facts) for score in labels),
        families=tuple(group_metrics(score, facts) for score in board.families),
        micro=micro_metric(labels),
        macro=macro_metric(labels),
        confusion=confusion_metric(board, labelled.names),
        worst=tuple(map(picture_metric, board.worst)),
        slowest=tuple(map(picture_metric, board.slowest)),
        timing=timing_metric(board),
        referee=measured.referee,
    )


def write_pages(folder: Path, measured: Measured, figures: DetectionMetrics, *, hide: Hiding = heads) -> None:
    """report.html and metrics.json into the folder; `hide` says what is masked. Raises DeliveryError."""
    write_whole(folder / METRICS, figures.to_json())
    both = measured.board.worst, measured.board.slowest
    worst, slowest = ([_shown(one, hide) for one in pictures] for pictures in both)
    write_detection_report(folder / REPORT, figures, worst=worst, slowest=slowest)


def prepare_report(folder: Path) -> None:
    """Makes the folder; raises DeliveryError when it holds the report of something else, or cannot be made."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if (folder / REPORT).exists() and not _is_ours(folder / METRICS):
            raise DeliveryError(f"{folder}: holds a {REPORT} that this command did not write; name another folder")
    except OSError as error:
        raise DeliveryError(f"{folder}: cannot be written: {error.strerror or error}") from error


def _shown(picture: JudgedPicture, hide: Hiding) -> ShownPicture:
    drawn = [
        MarkedBox(thing.label, thing.box, Mark.FOUND if thing.found else Mark.MISSED, None) for thing in picture.things
    ]
    raised = [
        MarkedBox(one.label, one.box, Mark.HIT if one.hit else Mark.FALSE_ALARM, one.confidence)
        for one in picture.detections
    ]
    elapsed_ms = None if picture.elapsed_s is None else 1000 * picture.elapsed_s
    return shown_picture(picture.path, [*drawn, *raised], elapsed_ms=elapsed_ms, hide=hide)


def _is_ours(path: Path) -> bool:
    try:
        return "cvinspect.detection-metrics/" in path.read_text(encoding="utf-8", errors="replace")[:200]
    except FileNotFoundError:
        return False


def _families(card: ModelCard, labelled: LabelledSet) -> dict[str, tuple[str, ...]]:
    """The card's, else ours; those whose labels the data set has."""
    families = {family.name: family.labels for family in card.families} or FAMILIES
    names = set(labelled.names)
    return {name: labels for name, labels in families.items() if set(labels) <= names and name not in names}


def _check_size(labelled: LabelledSet, index: int, width: int, height: int) -> None:
    if labelled.sizes is None:
        return
    said = labelled.sizes[index]
    if (said.width_px, said.height_px) != (width, height):
        name = shown(labelled.pictures[index].path)
        raise DatasetError(
            f"{shown(labelled.path)}: says {said.width_px} x {said.height_px} pixels for {name}, "
            f"which is seen as {width} x {height}; mend the file, or turn the picture upright"
        )


def _referee_version() -> str | None:
    try:
        return version(_REFEREE)
    except PackageNotFoundError:
        return None


def _refereed(
    labelled: LabelledSet, board: Scoreboard, kept: Sequence[Timed], families: dict[str, tuple[str, ...]]
) -> RefereeMetric:
    """The same figures by faster-coco-eval, and how far ours are from them."""
    pictures = [labelled.pictures[timed.index] for timed in kept]
    theirs = score_labels(labelled.names, pictures, [timed.predictions for timed in kept], families=families)
    pairs = zip((*board.labels, *board.families), theirs, strict=True)
    differences = [abs(a - b) for own, other in pairs for a, b in _both(own, (other.ap50, other.ap50_95))]
    return RefereeMetric(
        name=_REFEREE, version=_referee_version() or "", largest_difference=max(differences, default=0.0)
    )


def _both(own: GroupScore, other: tuple[float | None, float | None]) -> Iterator[tuple[float, float]]:
    average = own.averages[Size.ALL]
    for a, b in zip((average.ap50, average.ap50_95), other, strict=True):
        if a is not None and b is not None:
            yield a, b
