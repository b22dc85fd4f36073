"""YOLO label files: a thing a line, `LABEL X Y WIDTH HEIGHT` or `LABEL X1 Y1 X2 Y2 X3 Y3 ...`, in shares.

A pose set's lines are `LABEL X Y WIDTH HEIGHT` and the points, of which nothing is taken.
"""

import math
from dataclasses import dataclass
from pathlib import Path

from cvinspect.evaluate.faults import Faults, found, lines_of, read_text
from cvinspect.geometry import Box

_SLACK_SHARE = 1e-3
"""How far a box may lie outside the picture: half a pixel of 480, which rounding brings; it is clipped."""

_WRONG_COLUMNS = "allowed: 5 (label x y width height), or 7, 9, ... (label and 3 or more corners)"
_BOX_COLUMNS = 5


@dataclass(frozen=True, slots=True)
class LabelledBox:
    """One thing that was drawn in a picture."""

    label: int
    """Position among the data set's names."""
    box: Box
    """Shares of the picture's width and height, in [0, 1]; its IoU with another is the same as in pixels."""


def read_labels(path: Path, *, labels: int, faults: Faults, points: int = 0) -> list[LabelledBox]:
    """The boxes of one label file, in its order, doubles included; a polygon gives its bounds.

    `labels` is how many label names there are, `points` how many numbers follow a box in a pose set. Lines that are
    wrong go to `faults`, one fault each.
    """
    boxes = []
    for number, line in enumerate(lines_of(read_text(path, faults) or ""), start=1):
        if line.strip():
            try:
                boxes.append(parsed(line, labels=labels, points=points))
            except ValueError as error:
                faults.add(path, str(error), line=number)
    return boxes


def parsed(line: str, *, labels: int, points: int = 0) -> LabelledBox:
    """One line of a label file; raises ValueError that says what was found and what is allowed.

    >>> parsed("2 0.5 0.5 0.5 1", labels=3)
    LabelledBox(label=2, box=Box(x0=0.25, y0=0.0, x1=0.75, y1=1.0))
    """
    words = line.split()
    numbers = [_number(word) for word in words]
    _check_columns(numbers, labels=labels, points=points)
    if points:
        numbers = numbers[:_BOX_COLUMNS]
    label = numbers[0]
    if not label.is_integer() or not 0 <= label < labels:
        raise ValueError(f"label {found(words[0])}; allowed: 0 to {labels - 1}, as data.yaml names them")
    return LabelledBox(int(label), _box(numbers[1:]))


def _check_columns(numbers: list[float], *, labels: int, points: int) -> None:
    """Raises ValueError where it is not one thing that the columns tell."""
    count, firsts = len(numbers), numbers[::_BOX_COLUMNS]
    if points and count not in (_BOX_COLUMNS, _BOX_COLUMNS + points):
        allowed = f"{_BOX_COLUMNS}, or {_BOX_COLUMNS + points} with the points that kpt_shape tells of"
        raise ValueError(f"{count} columns; allowed: {allowed}")
    if points:
        return
    is_whole = count > _BOX_COLUMNS and count % _BOX_COLUMNS == 0
    if is_whole and all(first.is_integer() and 0 <= first < labels for first in firsts):
        raise ValueError(
            f"{count} columns, every fifth of them a label number: {len(firsts)} things without a line end between; "
            "write each into a line of its own"
        )
    if count < _BOX_COLUMNS or count % 2 == 0:
        raise ValueError(f"{count} columns; {_WRONG_COLUMNS}")


def _number(word: str) -> float:
    try:
        value = float(word) if word.isascii() and "_" not in word else None  # Python would take 1_0 and １
    except ValueError:
        value = None
    if value is None or not math.isfinite(value):
        raise ValueError(f"{found(word)} is no number; allowed: numbers, with a point, between blanks")
    return value


def _box(numbers: list[float]) -> Box:
    if len(numbers) == 4:
        x, y, width, height = numbers
        if width <= 0 or height <= 0:
            raise ValueError(f"width {width:g}, height {height:g}; both must be above 0")
        box = Box(x - width / 2, y - height / 2, x + width / 2, y + height / 2)
    else:
        xs, ys = numbers[0::2], numbers[1::2]
        box = Box(min(xs), min(ys), max(xs), max(ys))
    if min(box.x0, box.y0) < -_SLACK_SHARE or max(box.x1, box.y1) > 1 + _SLACK_SHARE:
        edges = " ".join(f"{edge:.6g}" for edge in box.xyxy)
        raise ValueError(f"a box from {edges} (left top right bottom); allowed: 0 to 1, shares of the picture")
    clipped = box.clipped(1.0, 1.0)
    if clipped.width <= 0 or clipped.height <= 0:
        raise ValueError(f"nothing of the box lies in the picture: width {box.width:g}, height {box.height:g}")
    return clipped
