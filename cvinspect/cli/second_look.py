"""`cvinspect calibrate --careful`: two networks over the same pictures."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import typer
from rich.table import Table
from rich.text import Text

from cvinspect.cli.detection_tables import PictureProgress, rate_words
from cvinspect.cli.terminal import Stop, table_console
from cvinspect.commands.calibrate import write_copy
from cvinspect.commands.second_look import new_agreements
from cvinspect.detect.figures import ENOUGH_TO_AGREE
from cvinspect.errors import INTERRUPTED
from cvinspect.words import say

if TYPE_CHECKING:
    from cvinspect.assembly.models import Model
    from cvinspect.commands.evaluate_detections import Timed
    from cvinspect.evaluate.detections.matching import Predictions
    from cvinspect.evaluate.detections.second_look import SecondLookChoice
    from cvinspect.evaluate.labelled.labelled_split import LabelledSet


def calibrate_second_look(
    labelled: "LabelledSet", models: "tuple[Model, Model]", found: "tuple[Iterable[Timed], Iterable[Timed]]", out: Path
) -> None:
    """Write the copy of the careful network's card, and tell what is in it; the quick one comes first in both pairs."""
    quick, careful = models
    by_quick, by_careful = (every(who, labelled, one) for who, one in zip(("quick", "careful"), found, strict=True))
    new = new_agreements(labelled, quick.card, careful.card, (by_quick, by_careful))
    write_copy(new.card, careful, out)
    _print(new.choices)
    if new.defaults:
        say(f"note: too little to choose by, its own threshold stands: {', '.join(new.defaults)}")
    if new.on_trial:
        say(f"note: on trial, with fewer than {ENOUGH_TO_AGREE} boxes to judge by: {', '.join(new.on_trial)}")
    say(f"card: {out}")


def every(who: str, labelled: "LabelledSet", found: "Iterable[Timed]") -> "list[Predictions]":
    """The detections of every picture, or none and the program's end where a person breaks off."""
    stop, kept = Stop(), []
    with PictureProgress(f"{labelled.split}, {who}: pictures") as progress:
        for timed in found:
            kept.append(timed.predictions)
            progress.moves(len(kept), labelled.judges)
            if stop.is_asked():
                break
    if stop.is_asked():
        say("note: interrupted; no card is written, since thresholds need every picture")
        raise typer.Exit(INTERRUPTED)
    return kept


def _print(choices: "Sequence[SecondLookChoice]") -> None:
    """Each label on stdout: the threshold, and what each way of looking is worth, cross-fitted."""
    table = Table(
        "label", "boxes", "right", "agrees from", "keeps", "precision", "both", "patrol", "recall", "both", "patrol"
    )
    for column in table.columns[1:]:
        column.justify = "right"
    for one in choices:
        ways = (one.quick, one.both, one.with_patrol)
        table.add_row(
            Text(one.name),
            str(one.things),
            str(one.right),
            f"{one.threshold:.3f}{' (default)' if one.is_default else ''}",
            rate_words(one.kept),
            *(rate_words(way.precision) for way in ways),
            *(rate_words(way.recall) for way in ways),
        )
    table_console().print(table)
