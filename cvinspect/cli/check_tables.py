"""What `check` prints of cameras: what their streams are, what each can raise, and a summary of many."""

import textwrap
from collections.abc import Iterator, Sequence

from rich.table import Table
from rich.text import Text

from cvinspect.cli.terminal import table_console
from cvinspect.commands.camera_findings import in_words
from cvinspect.commands.check import CameraCheck
from cvinspect.config.site import Site
from cvinspect.records.wording import OBSTACLES
from cvinspect.taxonomy import Obstacle

_CAN = "+"
_SHUT = "x"
"""Of a camera of which no picture comes."""

_LETTERS = {
    Obstacle.NOT_BACKED: "L",
    Obstacle.NO_ZONE: "Z",
    Obstacle.EXEMPT: "E",
    Obstacle.MIN_SIZE: "M",
    Obstacle.SPARSE: "S",
    Obstacle.OUT_OF_HOURS: "H",
}
"""What stands in the matrix for the first reason why a class cannot be raised."""

_WIDTH = 80
_GROUP_LINES = 12
"""Of faulty cameras in a summary, so that with one line a class it fits on a screen of 40."""


def camera_table(rows: Sequence[CameraCheck]) -> None:
    """Each camera and what its source shows, on stdout."""
    table = Table("camera", "source", "zones", "opens", "picture", "codec", "seconds")
    for row in rows:
        info = row.info
        opens = "no" if row.error is not None else "yes" if info is not None else "no source named"
        shown = ("", "", "") if info is None else (f"{info.width}x{info.height}", info.codec, _number(info.duration_s))
        table.add_row(Text(row.id), Text(row.source), str(row.zones), opens, *shown)
    table_console().print(table)


def class_list(row: CameraCheck, site: Site) -> None:
    """Of one camera: its frames and key frames, and of each class whether it can be raised, or why not; on stdout."""
    if row.figures is not None:
        print_line(f"stream {_number(row.figures.fps) or '?'} frames a second, key frame every {_key_frames(row)}")
    for one in site.violations(period_s=1.0):
        reasons = row.obstacles.get(one.id, ())
        why = "; ".join(f"{OBSTACLES[found.obstacle][0]} {in_words(found)}" for found in reasons)
        can = row.error is None and not reasons
        print_line(f"{_CAN if can else '-'} {one.id} {one.names.zh}{f': {why}' if why else ''}")


def class_matrix(rows: Sequence[CameraCheck], site: Site) -> None:
    """Each camera and each class: whether it can be raised, or a letter for why not; on stdout, with a legend."""
    classes = site.violations(period_s=1.0)
    numbers = (str(number) for number in range(1, len(classes) + 1))
    table = Table("camera", "fps", "key frame", *numbers, box=None)
    for row in rows:
        fps = "" if row.figures is None else _number(row.figures.fps)
        table.add_row(Text(row.id), fps, _key_frames(row), *(_letter(row, one.id) for one in classes))
    table_console().print(table)
    for number, one in enumerate(classes, start=1):
        print_line(f"{number:>2} {one.id} {one.names.zh}")
    used = {_letter(row, one.id) for row in rows for one in classes}
    print_line(f" {_CAN} can be raised 可以报出")
    if _SHUT in used:
        print_line(f" {_SHUT} no picture comes of it 没有画面")
    for obstacle, letter in _LETTERS.items():
        if letter in used:
            print_line(f" {letter} {OBSTACLES[obstacle][1]} {OBSTACLES[obstacle][0]}")


def summary_lines(rows: Sequence[CameraCheck], site: Site) -> list[str]:
    """How many cameras open, how many are to be looked at, how many can raise each class; at most 80 letters each."""
    failed = sum(row.error is not None for row in rows)
    to_look_at = sum(bool(row.remarks) for row in rows)
    lines = [f"{len(rows)} cameras: {len(rows) - failed} without error, {failed} with; {to_look_at} with warnings"]
    for one in site.violations(period_s=1.0):
        reasons = [why for row in rows if (why := _why_not(row, one.id)) is not None]
        why = "; ".join(f"{reasons.count(kind)} {kind}" for kind in dict.fromkeys(reasons))
        line = f"{len(rows) - len(reasons):>5} can raise {one.id}"
        lines.append(_cut(f"{line}; not: {why}" if why else line, _WIDTH))
    return lines


def faulty_groups(rows: Sequence[CameraCheck]) -> None:
    """Cameras that somebody should look at, by fault, on stdout; lines of at most 80 letters, about a dozen of them."""
    groups = dict[str, list[str]]()
    for row in rows:
        for what in _faults(row):
            groups.setdefault(what, []).append(row.id)
    if not groups:
        print_line("nothing to look at")
    ordered = sorted(groups.items(), key=lambda group: (group[0].startswith("warning"), -len(group[1])))
    for what, cameras in ordered[:_GROUP_LINES]:
        lines = max(1, _GROUP_LINES // len(ordered))
        for line in names_within(f"{what}: {len(cameras)}:", cameras, lines=lines):
            print_line(line)
    if len(ordered) > _GROUP_LINES:
        print_line(f"and {len(ordered) - _GROUP_LINES} more kinds")


def names_within(head: str, names: Sequence[str], *, lines: int, width: int = _WIDTH) -> list[str]:
    """The head and as many names as fit into so many lines of so many letters, and how many more there are.

    >>> names_within("refused: 4:", ["gate-1", "gate-2", "gate-3", "gate-4"], lines=2, width=22)
    ['refused: 4: gate-1,', '  gate-2, gate-3 + 1']
    """
    for count in range(len(names), 0, -1):
        more = f" + {len(names) - count}" if count < len(names) else ""
        text = f"{head} {', '.join(names[:count])}{more}"
        wrapped = textwrap.wrap(text, width, subsequent_indent="  ", break_on_hyphens=False)
        if len(wrapped) <= lines:
            return wrapped
    return [_cut(f"{head} {names[0]}", width)]


def print_line(text: str) -> None:
    """As it is: no line is broken, no letter is read as a style."""
    table_console().print(Text(text), soft_wrap=True)


def _faults(row: CameraCheck) -> Iterator[str]:
    if row.error is not None:
        yield f"error, {row.cause}"
    for kind in dict.fromkeys(remark.kind for remark in row.remarks):
        yield f"warning, {kind}"


def _why_not(row: CameraCheck, class_id: str) -> str | None:
    """In a word or two; None: the class can be raised."""
    if row.error is not None:
        return "not open"
    if not row.source:
        return "no source"
    reasons = row.obstacles.get(class_id, ())
    return reasons[0].obstacle.value.replace("_", " ") if reasons else None


def _letter(row: CameraCheck, class_id: str) -> str:
    if row.error is not None or not row.source:
        return _SHUT
    reasons = row.obstacles.get(class_id, ())
    return _LETTERS.get(reasons[0].obstacle, "-") if reasons else _CAN


def _key_frames(row: CameraCheck) -> str:
    figures = row.figures
    if figures is None:
        return ""
    if figures.keys_apart_s is None or figures.keyless_s > figures.keys_apart_s:
        return f"> {figures.keyless_s:.0f} s"
    return f"{figures.keys_apart_s:.3g} s"


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.1f}"


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else f"{text[: max(1, width - 1)]}…"
