"""What `evaluate masking` prints."""

from collections.abc import Collection, Iterator, Sequence

from rich.table import Table
from rich.text import Text

from cvinspect.cli.detection_tables import rate_words
from cvinspect.cli.terminal import table_console
from cvinspect.evaluate.labelled.learnt import DIGITS
from cvinspect.evaluate.masking.masking_scores import Judged, rates


def masking_table(results: Sequence[Judged], *, learnt: Collection[str] = ()) -> None:
    """Faces and plates that are hidden and signs that are covered, with 95 % intervals, on stdout.

    `learnt`: the first digits of the SHA-256 of pictures that the detector has learnt from; the others count by
    themselves too.
    """
    table = Table("drawn", "boxes", "masked", "share")
    for column in table.columns[1:]:
        column.justify = "right"
    for name, rate in rates(results).items():
        table.add_row(Text(name), str(rate.of), str(rate.hits), rate_words(rate))
    new = [one for one in results if one.picture.sha256[:DIGITS] not in learnt]
    if len(new) < len(results):
        table.add_section()
        for name, rate in rates(new).items():
            table.add_row(Text(f"{name}, not learnt from"), str(rate.of), str(rate.hits), rate_words(rate))
    table_console().print(table)


def what_is_wrong(results: Sequence[Judged]) -> Iterator[str]:
    """A line for each face or plate that is not hidden, and each sign that is covered."""
    for one in results:
        if one.is_fault:
            at = "" if one.picture.at_s is None else f" at {one.picture.at_s:g} s"
            box = ",".join(f"{value:.0f}" for value in one.drawn.box.xyxy)
            what = "covered" if one.drawn.kind == "sign" else "not masked"
            yield f"{what}: {one.drawn.kind} {box} in {one.picture.file}{at}: {one.hidden_share:.0%} hidden"
