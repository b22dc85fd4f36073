"""From a scoreboard to the figures of metrics.json."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from cvinspect.evaluate.detections.columns import Size
from cvinspect.evaluate.detections.curves import PrecisionRecall
from cvinspect.evaluate.detections.scoreboard import Average, GroupScore, Scoreboard
from cvinspect.evaluate.detections.worst import JudgedPicture
from cvinspect.evaluate.faults import shown
from cvinspect.evaluate.labelled.labelled_split import LabelledSet
from cvinspect.evaluate.labelled.yolo_dataset import Notes
from cvinspect.evaluate.statistics.rates import Rate, Tally
from cvinspect.report.detection_metrics import (
    AverageMetric,
    ConfusionMetric,
    CountsMetric,
    CurveMetric,
    DataMetric,
    GroupMetrics,
    MacroMetric,
    PictureMetric,
    RateMetric,
    SizesMetric,
    TimingMetric,
)

_DIGITS = 9
"""Of shares in the file: agreement with other programs is asked for to 1e-6."""


@dataclass(frozen=True, slots=True)
class CardFacts:
    """What the model's card says, by label."""

    thresholds: Mapping[str, float]
    backing: Mapping[str, str]


def group_metrics(score: GroupScore, facts: CardFacts) -> GroupMetrics:
    """One label's or family's."""
    single = score.labels == (score.name,)
    return GroupMetrics.model_validate(
        {
            "name": score.name,
            "labels": score.labels,
            "threshold": facts.thresholds.get(score.name) if single else None,
            "backing": facts.backing.get(score.name) if single else None,
            "pictures": score.pictures,
            "average": _average(score.averages[Size.ALL]),
            "sizes": SizesMetric(
                small=_average(score.averages[Size.SMALL]),
                medium=_average(score.averages[Size.MEDIUM]),
                large=_average(score.averages[Size.LARGE]),
            ),
            "counts": counts_metric(score.tally),
            "curve": None if score.curve is None else _curve(score.curve),
        }
    )


def counts_metric(tally: Tally) -> CountsMetric:
    """Counts with their intervals."""
    return CountsMetric(
        hits=tally.hits,
        false_alarms=tally.false_alarms,
        misses=tally.misses,
        precision=_rate(tally.precision),
        recall=_rate(tally.recall),
        f1=_rounded(tally.f1),
    )


def micro_metric(labels: Sequence[GroupScore]) -> CountsMetric:
    """All labels' counts together."""
    return counts_metric(sum((score.tally for score in labels), Tally(0, 0, 0)))


def macro_metric(labels: Sequence[GroupScore]) -> MacroMetric:
    """Means over the labels of which something was drawn."""
    present = [score for score in labels if score.averages[Size.ALL].things]

    def mean(share: Callable[[GroupScore], float | None]) -> float | None:
        shares = [value for score in present if (value := share(score)) is not None]
        return _rounded(float(np.mean(shares))) if shares else None

    return MacroMetric(
        labels=tuple(score.name for score in present),
        ap50=mean(lambda score: score.averages[Size.ALL].ap50),
        ap50_95=mean(lambda score: score.averages[Size.ALL].ap50_95),
        precision=mean(lambda score: score.tally.precision.share),
        precision_labels=sum(score.tally.precision.of > 0 for score in present),
        recall=mean(lambda score: score.tally.recall.share),
        f1=mean(lambda score: score.tally.f1),
    )


def confusion_metric(board: Scoreboard, names: Sequence[str]) -> ConfusionMetric:
    """The matrix."""
    return ConfusionMetric(labels=tuple(names), counts=tuple(tuple(row) for row in board.confusion.tolist()))


def picture_metric(picture: JudgedPicture) -> PictureMetric:
    """One picture that is worth a look."""
    elapsed_ms = None if picture.elapsed_s is None else round(1000 * picture.elapsed_s, 1)
    return PictureMetric(
        picture=str(picture.path), misses=picture.misses, false_alarms=picture.false_alarms, elapsed_ms=elapsed_ms
    )


def timing_metric(board: Scoreboard) -> TimingMetric | None:
    """How long pictures took; None where nothing was timed."""
    elapsed_ms = 1000 * board.elapsed_s
    if not len(elapsed_ms):
        return None
    median_ms, p95_ms = np.percentile(elapsed_ms, [50, 95]).tolist()
    return TimingMetric(pictures=len(elapsed_ms), median_ms=round(median_ms, 1), p95_ms=round(p95_ms, 1))


def data_metric(labelled: LabelledSet, *, scored: int) -> DataMetric:
    """What was scored on, and how many of its pictures were."""
    return DataMetric(
        path=str(labelled.path),
        split=labelled.split.value,
        pictures=labelled.judges,
        scored=scored,
        learnt_from=len(labelled.left_out),
        things=labelled.things,
        notes=(*learnt_from(labelled), *notes_of(labelled.notes)),
    )


def learnt_from(labelled: LabelledSet) -> tuple[str, ...]:
    """A line about the pictures that are left out, where there are any."""
    count = len(labelled.left_out)
    of = f"{count} of {len(labelled.pictures)} pictures of {labelled.split}"
    return (f"{of} are left out: the model has learnt from them",) if count else ()


def notes_of(notes: Notes) -> tuple[str, ...]:
    """What is odd about the data set, a line each."""
    orphans = notes.labels_without_picture
    lines = (
        (notes.without_label_file, "pictures without a label file count as background"),
        (notes.not_in_table, "pictures that source.csv does not list judge no label"),
        (notes.absent, "rows of source.csv have no picture"),
        (notes.doubled_boxes, "boxes stand there twice and were left out"),
        (len(orphans), f"label files without picture, such as {shown(orphans[0])}" if orphans else ""),
    )
    return (*(f"{count} {what}" for count, what in lines if count), *notes.beside)


def _average(average: Average) -> AverageMetric:
    return AverageMetric(things=average.things, ap50=_rounded(average.ap50), ap50_95=_rounded(average.ap50_95))


def _curve(curve: PrecisionRecall) -> CurveMetric:
    return CurveMetric(
        precision=tuple(np.round(curve.precision, 4).tolist()),
        confidence=tuple(np.round(curve.confidences, 4).tolist()),
    )


def _rate(rate: Rate) -> RateMetric:
    return RateMetric(value=_rounded(rate.share), low=round(rate.low, _DIGITS), high=round(rate.high, _DIGITS))


def _rounded(share: float | None) -> float | None:
    return None if share is None else round(share, _DIGITS)
