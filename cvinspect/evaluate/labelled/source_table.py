"""source.csv, beside data.yaml: where each picture is from and which labels people drew there."""

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cvinspect.evaluate.faults import Faults, found, read_text
from cvinspect.evaluate.labelled.manifest import Split

UNNAMED_SOURCE = ""
"""Of a picture that no table lists."""

_COLUMNS = ("split", "image", "source", "labels_human")


@dataclass(frozen=True, slots=True)
class Origin:
    """What is known of a picture besides its boxes."""

    source: str
    complete: frozenset[int]
    """Labels of which every thing in the picture is drawn: what is not, is not there."""


@dataclass(frozen=True, slots=True)
class SourceTable:
    """The rows of a source.csv."""

    rows: Mapping[tuple[Split, str], Origin]
    """By split and file name, or the end of the path where the table writes folders."""

    def row_of(self, split: Split, picture: Path) -> tuple[Split, str] | None:
        """The key of the row for that picture, the longest path first."""
        parts = picture.parts
        ends = ("/".join(parts[start:]) for start in range(len(parts)))
        return next(((split, end) for end in ends if (split, end) in self.rows), None)


def read_source_table(path: Path, names: tuple[str, ...], faults: Faults) -> SourceTable:
    """The source.csv at `path`; rows that are wrong go to `faults`."""
    text = read_text(path, faults)
    if text is None:
        return SourceTable({})
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    rows: dict[tuple[Split, str], Origin] = {}
    origins: dict[Origin, Origin] = {}  # few for many pictures
    try:
        missing = [column for column in _COLUMNS if column not in (reader.fieldnames or ())]
        if missing:
            faults.add(path, f"no column {', '.join(missing)}; needed: {', '.join(_COLUMNS)}", line=1)
            return SourceTable({})
        for row in reader:
            try:
                key, origin = _parsed(row, names)
                if key in rows:
                    raise ValueError(f"{key[0]} {found(key[1])} stands here a second time; one row for each picture")
                rows[key] = origins.setdefault(origin, origin)
            except ValueError as error:
                faults.add(path, str(error), line=reader.line_num)
    except csv.Error as error:
        faults.add(path, f"not a table of commas: {error}", line=max(1, reader.reader.line_num))
    return SourceTable(rows)


def _parsed(row: dict[str, str | None], names: tuple[str, ...]) -> tuple[tuple[Split, str], Origin]:
    split, image, source, drawn = (row[column] for column in _COLUMNS)
    if split is None or image is None or source is None or drawn is None:
        raise ValueError(f"too few columns; needed: {', '.join(_COLUMNS)}")
    if split not in list(Split):
        raise ValueError(f"split {found(split)}; allowed: {', '.join(Split)}")
    unknown = [name for name in drawn.split() if name not in names]
    if unknown:
        raise ValueError(f"labels_human has {found(unknown[0])}; allowed, with blanks between: {', '.join(names)}")
    return (Split(split), image), Origin(source, frozenset(names.index(name) for name in drawn.split()))
