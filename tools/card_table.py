"""Prints a model card's figures as the tables of models/README.md: `python tools/card_table.py models/NAME.yaml`."""

import sys
from pathlib import Path

from cvinspect.detect.figures import Figures, RateFigure, SecondLook, TrainingBoxes
from cvinspect.detect.model import read_card

HEAD = """\
| label | AP50 | AP50-95 | boxes | threshold | precision | recall | rests on | boxes (real + synthetic; drawn, places) |
|---|---|---|---|---|---|---|---|---|
"""

BOTH = """\
| label | boxes | agrees from | right ones of the quick network | kept | precision, agreed | recall, agreed | precision, with patrol | recall, with patrol |
|---|---|---|---|---|---|---|---|---|
"""  # noqa: E501


def both_table(card: Path) -> str:
    """Of a careful network: one row a label whose card says what both networks are worth together; else nothing."""
    looks = [(label.name, label.agrees) for label in read_card(card).labels if label.agrees is not None]
    rows = "".join(_look(name, look) for name, look in looks)
    return BOTH + rows if rows else ""


def _look(name: str, look: SecondLook) -> str:
    kept = "–" if look.keeps is None else _rate(look.keeps)
    cells = [name, look.boxes, f"{look.threshold:.2f}", "–" if look.right is None else look.right, kept]
    for rates in (look.both, look.with_patrol):
        cells += ["–", "–"] if rates is None else [_rate(rates.precision), _rate(rates.recall)]
    return f"| {' | '.join(map(str, cells))} |\n"


def table(card: Path) -> str:
    """One row a label, then one a family."""
    read = read_card(card)
    rows = [
        (
            label.name,
            label.val,
            f"{label.threshold:.2f} ({label.rule})",
            str(label.backing),
            "" if label.training is None else _learnt(label.training),
        )
        for label in read.labels
    ]
    rows += [(f"*{family.name}* as one", family.val, "", "", "") for family in read.families]
    return HEAD + "".join(_row(*row) for row in rows)


def _learnt(boxes: TrainingBoxes) -> str:
    drawn = "" if boxes.drawn is None else f"; {boxes.drawn}, {'–' if boxes.places is None else boxes.places}"
    return f"{boxes.real} + {boxes.synthetic}{drawn}"


def _row(name: str, val: Figures | None, threshold: str, backing: str, learnt: str) -> str:
    if val is None:
        return f"| {name} | – | – | – | {threshold} | – | – | {backing} | {learnt} |\n"
    cells = (_share(val.ap50), _share(val.ap50_95), val.boxes, threshold, _rate(val.precision), _rate(val.recall))
    return f"| {name} | {' | '.join(map(str, cells))} | {backing} | {learnt} |\n"


def _share(share: float | None) -> str:
    return "–" if share is None else f"{share:.2f}"


def _rate(rate: RateFigure) -> str:
    return "–" if rate.value is None else f"{rate.value:.2f} ({rate.low:.2f}–{rate.high:.2f})"


if __name__ == "__main__":
    print(table(Path(sys.argv[1])), both_table(Path(sys.argv[1])), sep="\n", end="")
