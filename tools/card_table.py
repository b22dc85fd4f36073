"""Prints a model card's figures as the table of models/README.md: `python tools/card_table.py models/NAME.yaml`."""

import sys
from pathlib import Path

from cvinspect.detect.figures import Figures, RateFigure, TrainingBoxes
from cvinspect.detect.model import read_card

HEAD = """\
| label | AP50 | AP50-95 | boxes | threshold | precision | recall | rests on | boxes (real + synthetic; drawn, places) |
|---|---|---|---|---|---|---|---|---|
"""


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
    print(table(Path(sys.argv[1])), end="")
