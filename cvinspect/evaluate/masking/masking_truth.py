"""Faces, plates and signs that people drew: a table of boxes, with the hashes of the pictures and clips they are in."""

import csv
import io
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from cvinspect.evaluate.faults import Faults, found, read_text
from cvinspect.geometry import Box

KINDS = ("face", "plate", "sign")
"""A sign is what must stay visible: a banner, a shop's board."""

_BOX = ("x0", "y0", "x1", "y1")
_REQUIRED = ("file", "at_s", "sha256", "kind", *_BOX)
_OPTIONAL = ("group",)
_SHA256 = re.compile("[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class DrawnBox:
    """One thing that somebody drew."""

    kind: str
    """face, plate or sign."""
    box: Box
    """Pixels of the picture as its file has it."""
    group: str
    """Counted also by itself, such as `cn` of Chinese plates; empty: none."""


@dataclass(frozen=True, slots=True)
class DrawnPicture:
    """One picture, or one moment of a clip, with all that was drawn in it."""

    file: str
    """Relative to the folder of the pictures."""
    at_s: float | None
    """Second of the clip; None of a picture."""
    sha256: str
    """Of the whole file, lower-case hexadecimal."""
    boxes: tuple[DrawnBox, ...]


def read_masking_truth(path: Path) -> list[DrawnPicture]:
    """The pictures of a table, in order of first mention; raises DatasetError with a line for each fault."""
    faults = Faults()
    text = read_text(path, faults)
    pictures: dict[tuple[str, float | None], DrawnPicture] = {}
    reader = csv.DictReader(io.StringIO(text or "", newline=""), strict=True)
    try:
        if text is not None and _columns_are_right(reader.fieldnames or (), path, faults):
            for row in reader:
                try:
                    _add(row, pictures)
                except ValueError as error:
                    faults.add(path, str(error), line=reader.line_num)
    except csv.Error as error:
        faults.add(path, f"not a table of commas: {error}", line=max(1, reader.line_num))
    if text is not None and not pictures and not len(faults):
        faults.add(path, "no box is drawn in it; needed: a row for each face, plate or sign")
    faults.raise_any()
    return list(pictures.values())


def _columns_are_right(columns: Sequence[str], path: Path, faults: Faults) -> bool:
    missing = [column for column in _REQUIRED if column not in columns]
    unknown = [column for column in columns if column not in (*_REQUIRED, *_OPTIONAL)]
    allowed = f"needed: {', '.join(_REQUIRED)}; allowed besides: {', '.join(_OPTIONAL)}"
    if missing or unknown:
        what = f"no column {', '.join(missing)}" if missing else f"unknown column {found(unknown[0])}"
        faults.add(path, f"{what}; {allowed}", line=1)
    return not missing and not unknown


def _add(
    row: Mapping[str | None, str | list[str] | None], pictures: dict[tuple[str, float | None], DrawnPicture]
) -> None:
    if None in row or None in row.values():
        raise ValueError("more or fewer cells than the header has columns")
    cells = {str(key): str(value).strip() for key, value in row.items()}
    name, sha256, kind = cells["file"], cells["sha256"], cells["kind"]
    if not name or "\0" in name or Path(name).is_absolute() or ".." in Path(name).parts:
        raise ValueError(f"file is {found(name)}; a path below the folder of the pictures is needed")
    if not _SHA256.fullmatch(sha256):
        raise ValueError(f"sha256 is {found(sha256)}; 64 hexadecimal digits in lower case are needed")
    if kind not in KINDS:
        raise ValueError(f"kind is {found(kind)}; allowed: {', '.join(KINDS)}")
    at_s = _number("at_s", cells["at_s"]) if cells["at_s"] else None
    box = Box(*(_number(column, cells[column]) for column in _BOX))
    if not (0 <= box.x0 < box.x1 and 0 <= box.y0 < box.y1):
        raise ValueError("the box is turned inside out, or begins outside of the picture; needed: x0 < x1, y0 < y1")
    before = pictures.get((name, at_s), DrawnPicture(name, at_s, sha256, ()))
    if before.sha256 != sha256:
        raise ValueError(f"sha256 is {sha256[:12]}…, but {before.sha256[:12]}… earlier for this file")
    drawn = DrawnBox(kind, box, cells.get("group", ""))
    pictures[name, at_s] = DrawnPicture(name, at_s, sha256, (*before.boxes, drawn))


def _number(column: str, text: str) -> float:
    try:
        value = float(text)
    except ValueError as error:
        raise ValueError(f"{column} is {found(text)}; a number is needed") from error
    if not math.isfinite(value) or value < 0:
        raise ValueError(f"{column} is {found(text)}; a number from 0 on is needed")
    return value
