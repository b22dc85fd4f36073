"""Commands that measure a detector on labelled pictures."""

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cvinspect.cli.loading import load
from cvinspect.cli.options import ModelOption
from cvinspect.errors import INTERRUPTED
from cvinspect.words import say

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cvinspect.assembly.models import Model
    from cvinspect.commands.evaluate_detections import Timed
    from cvinspect.evaluate.labelled.labelled_split import LabelledSet

DataArgument = Annotated[
    Path,
    typer.Argument(
        metavar="DATA_YAML", help="Pictures with YOLO labels (data.yaml), or a COCO file (.json).", readable=False
    ),
]
SplitOption = Annotated[str, typer.Option(help="Which pictures: train, val or test.")]
PredictionsOption = Annotated[
    Path | None,
    typer.Option(
        help="Results file (COCO) to score instead of running the model, whose card still holds labels and thresholds.",
        readable=False,
    ),
]


def detections(
    data: DataArgument,
    model: ModelOption = None,
    split: SplitOption = "val",
    predictions: PredictionsOption = None,
    report: Annotated[
        Path | None,
        typer.Option(help="Folder for report.html, metrics.json and the detections.", readable=False),
    ] = None,
) -> None:
    """Score a model's detections: AP, precision, recall and what it takes for what, on pictures that people drew in."""
    from cvinspect.assembly.masking import opened_masking
    from cvinspect.cli.detection_tables import PictureProgress, detection_table
    from cvinspect.cli.terminal import Stop
    from cvinspect.commands.evaluate_detections import (
        PREDICTIONS,
        REPORT,
        measure,
        metrics,
        prepare_report,
        write_pages,
    )

    began_s, scored_at = time.monotonic(), datetime.now(UTC)
    labelled, (loaded,) = _opened(data, split, model)
    if report is not None:
        prepare_report(report)
    found = _found(labelled, loaded, predictions)
    save, stop = report / PREDICTIONS if report is not None and predictions is None else None, Stop()
    with PictureProgress(f"{labelled.split}: pictures") as progress:
        measured = measure(labelled, loaded.card, found, save=save, progress=progress.moves, is_stopping=stop.is_asked)
    figures = metrics(measured, scored_at=scored_at, elapsed_s=time.monotonic() - began_s, predictions=predictions)
    detection_table(figures)
    for note in figures.data.notes:
        say(f"note: {data}: {note}")
    if figures.model.labels_without:
        say(f"note: model {loaded.card.name} does not have these labels: {', '.join(figures.model.labels_without)}")
    if report is not None:
        masking = opened_masking()
        for note in masking.notes:
            say(f"note: {note}")
        write_pages(report, measured, figures, hide=masking)
        say(f"report: {report / REPORT}")
    if not measured.is_whole:
        say(f"note: interrupted; {figures.data.scored} of {figures.data.pictures} pictures are scored")
        raise typer.Exit(INTERRUPTED)


def calibrate(
    data: DataArgument,
    precision: Annotated[
        float, typer.Option(help="Share of detections that shall be right, above 0 and below 1.", min=0.01, max=0.999)
    ] = 0.95,
    model: ModelOption = None,
    split: SplitOption = "val",
    predictions: PredictionsOption = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            "-o",
            help="The card to write; default: NAME-calibrated.yaml here. The model's own one changes only if named.",
            readable=False,
        ),
    ] = None,
    careful: Annotated[
        Path | None,
        typer.Option(
            help="A careful network's card: choose from when on it agrees with the model, and write a copy of this "
            "card. The precision asked for then says nothing.",
            readable=False,
        ),
    ] = None,
) -> None:
    """Choose a threshold for each label and write them into a copy of the model card.

    What is printed is cross-fitted: each picture is judged at a threshold that other pictures chose. With --careful,
    the thresholds are those from which on a careful network agrees with the model, and the copy is of its card.
    """
    from cvinspect.assembly.eyes import require_labels_of
    from cvinspect.cli.detection_tables import calibration_table
    from cvinspect.cli.second_look import calibrate_second_look, every
    from cvinspect.commands.calibrate import default_out, new_thresholds, write_copy
    from cvinspect.errors import DeliveryError
    from cvinspect.evaluate.detections.detection_report import learnt_from

    labelled, (loaded, *others) = _opened(data, split, model, *([] if careful is None else [careful]))
    if others:
        require_labels_of(loaded, others[0])
    path = out if out is not None else default_out(others[0] if others else loaded)
    if out is None and path.exists():
        raise DeliveryError(f"{path}: is there already; name it with --out to replace it, or name another one")
    for note in learnt_from(labelled):
        say(f"note: {data}: {note}")
    if others:
        by_quick, by_careful = _found(labelled, loaded, predictions), _found(labelled, others[0], None)
        calibrate_second_look(labelled, (loaded, others[0]), (by_quick, by_careful), path)
        return
    found = every("model", labelled, _found(labelled, loaded, predictions))
    chosen = new_thresholds(labelled, loaded.card, found, precision=precision)
    write_copy(chosen.card, loaded, path, precision=precision)
    calibration_table(chosen.calibrations)
    if chosen.balanced:
        names = ", ".join(chosen.balanced)
        say(f"note: a precision of {precision:g} with a recall of 0.5 is out of reach, best F1 instead: {names}")
    if chosen.kept:
        say(f"note: too little to choose by, the card's threshold stays: {', '.join(chosen.kept)}")
    say(f"card: {path}")


def _found(labelled: "LabelledSet", model: "Model", predictions: Path | None) -> "Iterator[Timed]":
    from cvinspect.commands.evaluate_detections import detected, read_back

    if predictions is not None:
        return read_back(labelled, predictions)
    return detected(labelled, model, seconds=time.perf_counter)


def _opened(data: Path, split: str, *models: Path | None) -> tuple["LabelledSet", "tuple[Model, ...]"]:
    """The set without what any of the models has learnt from, and the models; the first knows a label of the set."""
    from cvinspect.commands.evaluate_detections import known_labels, without_learnt_pictures
    from cvinspect.errors import ConfigError
    from cvinspect.evaluate.labelled.labelled_split import read_labelled_set
    from cvinspect.evaluate.labelled.manifest import Split

    if split not in list(Split):
        raise ConfigError(f"--split: {split!r} is none; allowed: {', '.join(Split)}")
    loaded = tuple(load(None, model)[1] for model in models)
    labelled = read_labelled_set(data, Split(split))
    known_labels(loaded[0].card, labelled)
    return without_learnt_pictures(labelled, *loaded), loaded
