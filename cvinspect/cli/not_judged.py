"""What a run could not have raised, in the terminal: of these classes, no violation says nothing."""

from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from cvinspect.records.summary import InputSummary, NotJudged, RunSummary
from cvinspect.records.wording import OBSTACLES, UNJUDGED
from cvinspect.taxonomy import Obstacle

_TOLD = 10
"""Inputs whose time that was not judged is told in a line each."""

_NAMED = 2
"""Inputs that are named in a row; of more, so many are counted."""


def nothing_found(summary: RunSummary) -> str:
    """One line for a run that raised nothing: plain where each class could have been raised, and never else."""
    judged = sum(item.judged for item in summary.classes)
    if judged == len(summary.classes):
        return "未发现违规 no violation found"
    if not judged:
        return (
            "没有一类违规能够判定，不能说明现场没有违规。 "
            "Not one class could have been raised, so this says nothing about the street."
        )
    of = f"{judged}/{len(summary.classes)}"
    return f"能够判定的类别（{of}）中未发现违规 no violation found of the {of} classes that could have been raised"


def unjudged_lines(summary: RunSummary) -> list[str]:
    """One line for each input, a few inputs at most, of which not all time was judged, with the seconds by reason."""
    told = [item for item in summary.inputs if item.unjudged]
    lines = [f"{item.name}: 未判定时长 not judged: {_by_reason(item)}" for item in told[:_TOLD]]
    if len(told) > _TOLD:
        rest_s = sum(one.seconds for item in told[_TOLD:] for one in item.unjudged)
        lines.append(f"and {len(told) - _TOLD} more inputs, {rest_s:.1f} s of which were not judged (summary.json)")
    return lines


def _by_reason(item: InputSummary) -> str:
    """The sum, then each reason in the order of its length.

    >>> from cvinspect.records.summary import Unjudged
    >>> item = InputSummary(name="a", path="a", camera="a", kind="video", state="done", error=None,
    ...     unjudged=(Unjudged(reason="black", seconds=2), Unjudged(reason="gap", seconds=30)))
    >>> _by_reason(item)
    '32.0 s of 32.0 s (无画面 gap 30.0 s, 黑屏 black 2.0 s)'
    """
    parts = sorted(item.unjudged, key=lambda one: -one.seconds)
    whole_s = sum(one.seconds for one in parts)
    words = (f"{' '.join(UNJUDGED[one.reason])} {one.seconds:.1f} s" for one in parts)
    return f"{whole_s:.1f} s of {whole_s + item.judged_s:.1f} s ({', '.join(words)})"


def not_judged_table(summary: RunSummary) -> Table | None:
    """One row for each class, with the inputs that its reasons hold of; None where all could have been raised."""
    rows: dict[tuple[str, tuple[Obstacle, ...]], list[tuple[str, list[NotJudged]]]] = {}
    for item in summary.inputs:
        for class_id in dict.fromkeys(one.class_id for one in item.not_judged):
            reasons = [one for one in item.not_judged if one.class_id == class_id]
            rows.setdefault((class_id, tuple(one.reason for one in reasons)), []).append((item.name, reasons))
    if not rows:
        return None
    order = {item.id: number for number, item in enumerate(summary.classes)}
    table = Table("not judged", "未判定", "input", "why", title=None)
    for (class_id, _), found in sorted(rows.items(), key=lambda row: order[row[0][0]]):
        inputs = _inputs([name for name, _ in found], len(summary.inputs))
        why = "; ".join(_why(alike) for alike in zip(*(reasons for _, reasons in found), strict=True))
        table.add_row(class_id, summary.classes[order[class_id]].names.zh, Text(inputs), why)
    return table


def seconds_of(one: NotJudged) -> str:
    """What there was, and what it takes; empty where seconds say nothing.

    >>> seconds_of(NotJudged(class_id="road_damage", reason=Obstacle.TOO_SHORT, found_s=4.0, needed_s=300.0))
    '4 s < 300 s'
    """
    if one.found_s is None or one.needed_s is None or one.reason is Obstacle.SINGLE_PICTURE:
        return ""
    sign = ">" if one.reason is Obstacle.SPARSE else "<"
    return f"{one.found_s:.4g} s {sign} {one.needed_s:.4g} s"


def _why(alike: Sequence[NotJudged]) -> str:
    """A reason in words, with the seconds of the input that came nearest."""
    nearest = min(alike, key=lambda one: abs((one.needed_s or 0.0) - (one.found_s or 0.0)))
    words, seconds = " ".join(OBSTACLES[nearest.reason]), seconds_of(nearest)
    return f"{words}: {seconds}" if seconds else words


def _inputs(names: Sequence[str], of: int) -> str:
    if len(names) == of > 1:
        return f"all {of}"
    more = f" + {len(names) - _NAMED}" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more
