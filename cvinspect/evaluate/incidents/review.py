"""What reviewers made of raised incidents: the verdicts in the ledger that `run` writes."""

import csv
import io
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from cvinspect.errors import DatasetError
from cvinspect.evaluate.faults import Faults, found, shown
from cvinspect.evaluate.statistics.rates import Rate

_COLUMNS = ("incident_id", "class_id", "status", "review")
"""Last words of the ledger's headings, which begin with the Chinese ones."""

_WORDS = {
    True: ("confirmed", "confirm", "yes", "y", "true", "1", "确认", "属实", "是", "正确", "√"),
    False: ("rejected", "reject", "no", "n", "false", "0", "驳回", "不属实", "误报", "否", "错误", "×"),
}

_WITHDRAWN = "closed"
"""What the program took back itself: nobody is asked about it."""


@dataclass(frozen=True, slots=True)
class ReviewTally:
    """Verdicts on incidents."""

    confirmed: int = 0
    rejected: int = 0
    open: int = 0
    """Without a verdict."""

    def __add__(self, other: Self) -> "ReviewTally":
        return ReviewTally(self.confirmed + other.confirmed, self.rejected + other.rejected, self.open + other.open)

    @property
    def precision(self) -> Rate:
        """Confirmed of those with a verdict."""
        return Rate(self.confirmed, self.confirmed + self.rejected)


@dataclass(frozen=True, slots=True)
class ReviewScores:
    """Precision by reviewers' verdicts; what was never raised no reviewer sees, so recall cannot be known."""

    by_class: Mapping[str, ReviewTally]
    """By class id, in alphabetical order."""
    total: ReviewTally
    withdrawn: int
    """Incidents that the program took back itself; not counted above."""


def read_review(path: Path) -> ReviewScores:
    """The verdicts in an incidents.csv; an incident in several rows counts once.

    Raises DatasetError, a line for each fault: columns that are missing, words that are no verdict, incidents with two
    different ones, a table without any verdict.
    """
    faults = Faults()
    rows = _rows(_text(path), path, faults)
    faults.raise_any()
    by_class: dict[str, ReviewTally] = {}
    for row in rows.values():
        if row.status != _WITHDRAWN:
            by_class[row.class_id] = by_class.get(row.class_id, ReviewTally()) + _tally(row.verdict)
    total = sum(by_class.values(), ReviewTally())
    if total.precision.of == 0:
        words = f"{_WORDS[True][0]} or {_WORDS[False][0]}, 确认 or 驳回"
        raise DatasetError(f"{shown(path)}: no verdict in the column review; write {words} there")
    withdrawn = sum(row.status == _WITHDRAWN for row in rows.values())
    return ReviewScores(dict(sorted(by_class.items())), total, withdrawn)


def _text(path: Path) -> str:
    """As UTF-8, or as GB 18030: what Excel writes on Chinese systems when it saves a ledger again."""
    try:
        if not path.is_file():  # opening a pipe would wait for ever
            raise DatasetError(f"{shown(path)}: is no file; incidents.csv of a run is needed")
        data = path.read_bytes()
    except OSError as error:
        raise DatasetError(f"{shown(path)}: cannot be read: {error.strerror}") from error
    for encoding in ("utf-8-sig", "gb18030"):
        with suppress(UnicodeDecodeError):
            return data.decode(encoding)
    raise DatasetError(f"{shown(path)}: neither UTF-8 nor GB 18030 text; save it as one of them")


@dataclass(frozen=True, slots=True)
class _Row:
    class_id: str
    status: str
    verdict: bool | None


def _rows(text: str, path: Path, faults: Faults) -> dict[str, _Row]:
    """The rows by incident id."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    rows: dict[str, _Row] = {}
    try:
        positions = _positions(next(reader, []), path, faults)
        for cells in reader if positions else ():
            if any(cell.strip() for cell in cells):
                _add_row(cells, positions, rows, path, faults, line=reader.line_num)
    except csv.Error as error:
        faults.add(path, f"not a table of commas: {error}", line=max(1, reader.line_num))
    return rows


def _delimiter(text: str) -> str:
    """Excel saves with semicolons or tabs where the comma is the decimal sign."""
    heading = text.split("\n", 1)[0]
    return max(",;\t", key=heading.count)


def _positions(heading: list[str], path: Path, faults: Faults) -> dict[str, int]:
    last_words = [(cell.split() or [""])[-1] for cell in heading]
    missing = [column for column in _COLUMNS if column not in last_words]
    if missing:
        faults.add(path, f"no column {', '.join(missing)}; needed: incidents.csv as `cvinspect run` writes it", line=1)
        return {}
    return {column: last_words.index(column) for column in _COLUMNS}


def _add_row(
    cells: list[str], positions: Mapping[str, int], rows: dict[str, _Row], path: Path, faults: Faults, *, line: int
) -> None:
    values = {column: _plain(cells[i]) if i < len(cells) else "" for column, i in positions.items()}
    if not values["incident_id"] or not values["class_id"]:
        faults.add(path, "a row without incident_id or class_id; leave the ledger's columns as they are", line=line)
        return
    said = [verdict for verdict, words in _WORDS.items() if values["review"].casefold() in words]
    if values["review"] and not said:
        allowed = ", ".join(word for words in _WORDS.values() for word in words)
        faults.add(path, f"review is {found(values['review'])}; allowed: nothing, {allowed}", line=line)
        return
    row = _Row(values["class_id"], values["status"], said[0] if said else None)
    before = rows.get(values["incident_id"])
    if before is not None and None not in (before.verdict, row.verdict) and before.verdict != row.verdict:
        faults.add(path, f"incident {found(values['incident_id'])} is confirmed and rejected; keep one row", line=line)
    elif before is None or before.verdict is None:
        rows[values["incident_id"]] = row


def _plain(cell: str) -> str:
    """Without the apostrophe that keeps spreadsheets from rewriting it."""
    return cell.strip().removeprefix("'")


def _tally(verdict: bool | None) -> ReviewTally:
    match verdict:
        case True:
            return ReviewTally(confirmed=1)
        case False:
            return ReviewTally(rejected=1)
        case None:
            return ReviewTally(open=1)
