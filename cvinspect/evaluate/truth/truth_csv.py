"""Truth as a table: a row an event, a row without class for a clip in which nothing stays."""

import csv
import io
import math
from collections.abc import Mapping, Sequence
from pathlib import Path

from cvinspect.evaluate.faults import Faults, found, shown
from cvinspect.evaluate.truth.truth_checks import Corners, WrittenClip, WrittenEvent

REQUIRED = ("clip", "class", "start_s", "end_s")
BOX = ("x0", "y0", "x1", "y1")
OPTIONAL = ("camera", *BOX, "zone", "note")

_Row = Mapping[str | None, str | list[str] | None]
"""As the csv module reads it: cells too many under None, cells too few with None."""


def read_table(text: str, path: Path, faults: Faults) -> list[WrittenClip]:
    """The clips of a table with the columns above, in order of first mention; rows that are wrong go to `faults`."""
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    clips: dict[str, WrittenClip] = {}
    try:
        if not _columns_are_right(reader.fieldnames or (), path, faults):
            return []
        for row in reader:
            try:
                _add_row(row, clips, path, f"{shown(path)}:{reader.line_num}")
            except ValueError as error:
                faults.add(path, str(error), line=reader.line_num)
    except csv.Error as error:
        faults.add(path, f"not a table of commas: {error}", line=max(1, reader.reader.line_num))
    return list(clips.values())


def _columns_are_right(columns: Sequence[str], path: Path, faults: Faults) -> bool:
    before = len(faults)
    named = [column.strip() for column in columns]
    missing = [column for column in REQUIRED if column not in named]
    unknown = [column for column in named if column not in (*REQUIRED, *OPTIONAL)]
    allowed = f"needed: {', '.join(REQUIRED)}; allowed besides: {', '.join(OPTIONAL)}"
    if missing:
        faults.add(path, f"no column {', '.join(missing)}; {allowed}", line=1)
    elif unknown:
        faults.add(path, f"unknown column {found(unknown[0])}; {allowed}", line=1)
    elif len(set(named)) < len(named):
        faults.add(path, f"a column stands here twice; {allowed}", line=1)
    return len(faults) == before


def _add_row(
    row: Mapping[str | None, str | list[str] | None], clips: dict[str, WrittenClip], path: Path, at: str
) -> None:
    """Add the row to its clip; raises ValueError for values that are none."""
    if None in row or None in row.values():
        raise ValueError("more or fewer cells than the header has columns")
    cells = {str(key).strip(): str(value).strip() for key, value in row.items()}
    name = cells["clip"]
    if not name or "\0" in name:
        raise ValueError(f"clip is {found(name)}; a file is needed, relative to the table")
    camera = cells.get("camera") or None
    before = clips.get(name)
    if before is not None and camera not in (None, before.camera):
        raise ValueError(f"camera is {found(str(camera))}, but {found(str(before.camera))} earlier for this clip")
    clip = before or WrittenClip(at, name, path.parent / name, camera, None, (), ())
    event = _event(cells, at)
    clips[name] = clip if event is None else _with(clip, event)


def _with(clip: WrittenClip, event: WrittenEvent) -> WrittenClip:
    events = (*(clip.events or ()), event)
    return WrittenClip(clip.at, clip.name, clip.path, clip.camera, None, (), events)


def _event(cells: Mapping[str, str], at: str) -> WrittenEvent | None:
    """None for a row that only names a clip."""
    if not cells["class"]:
        filled = [column for column in ("start_s", "end_s", *BOX) if cells.get(column)]
        if filled:
            raise ValueError(f"{filled[0]} without a class; name the class, or leave the rest of the row empty")
        return None
    box = _box(cells)
    start_s, end_s = _number("start_s", cells["start_s"]), _number("end_s", cells["end_s"])
    return WrittenEvent(at, cells["class"], start_s, end_s, box, cells.get("zone") or None)


def _box(cells: Mapping[str, str]) -> Corners | None:
    given = [column for column in BOX if cells.get(column)]
    if not given:
        return None
    if len(given) < len(BOX):
        raise ValueError(f"only {', '.join(given)} of a box; give all of {', '.join(BOX)}, or none")
    x0, y0, x1, y1 = (_number(column, cells[column]) for column in BOX)
    return x0, y0, x1, y1


def _number(column: str, text: str) -> float:
    try:
        value = float(text)
    except ValueError as error:
        raise ValueError(f"{column} is {found(text)}; a number is needed") from error
    if not math.isfinite(value):
        raise ValueError(f"{column} is {found(text)}; a finite number is needed")
    return value
