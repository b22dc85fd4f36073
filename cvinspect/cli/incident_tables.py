"""Scores of incidents in the terminal: tables and lines on stdout."""

from collections.abc import Iterable

from rich.table import Table
from rich.text import Text

from cvinspect.cli.terminal import table_console
from cvinspect.evaluate.incidents.incident_metrics import (
    ComparisonPart,
    IncidentMetrics,
    MacroPart,
    RatePart,
    ScorePart,
)
from cvinspect.evaluate.incidents.review import ReviewScores
from cvinspect.evaluate.statistics.poisson import Frequency
from cvinspect.evaluate.statistics.poisson import in_words as frequency_in_words
from cvinspect.evaluate.statistics.verdict import in_words, verdict

_COLUMNS = (
    *("due", "raised", "right", "false", "twice", "missed"),
    *("precision (95 %)", "lenient", "recall (95 %)", "F1", "median s", "p95 s"),
)

_WIDTH = 180
"""Letters of a table where stdout is no terminal: these have many columns."""


def incident_table(metrics: IncidentMetrics) -> None:
    """Scores per class, micro, macro and per camera, then what may be said of them."""
    console = table_console(_WIDTH)
    console.print(_table("class", [(one.id, one.scores) for one in metrics.classes], metrics))
    if len(metrics.cameras) > 1:
        console.print(_table("camera", [(one.id, one.scores) for one in metrics.cameras]))
    for line in _lines(metrics):
        console.print(Text(line))


def review_table(scores: ReviewScores) -> None:
    """Precision per class and over all, by reviewers' verdicts."""
    table = Table("class", "confirmed", "rejected", "no verdict", "precision (95 %)")
    for column in table.columns[1:]:
        column.justify = "right"
    for class_id, one in (*scores.by_class.items(), ("total", scores.total)):
        rate = RatePart.of_rate(one.precision)
        table.add_row(Text(class_id), str(one.confirmed), str(one.rejected), str(one.open), _rate(rate))
    console = table_console(_WIDTH)
    console.print(table)
    console.print(Text(f"precision 精确率: {in_words(verdict(scores.total.precision))}"))
    console.print(
        Text("recall 召回率: cannot be known this way, since nobody saw what was never raised; 无法由复核得知漏报")
    )


def _table(what: str, rows: Iterable[tuple[str, ScorePart]], metrics: IncidentMetrics | None = None) -> Table:
    table = Table(what, *_COLUMNS)
    for column in table.columns[1:]:
        column.justify = "right"
    for name, scores in rows:
        table.add_row(Text(name), *_cells(scores))
    if metrics is not None:
        table.add_section()
        table.add_row("micro", *_cells(metrics.total))
        table.add_row(f"macro ({metrics.macro.classes})", *_macro_cells(metrics.macro))
    return table


def _cells(one: ScorePart) -> tuple[str, ...]:
    counts = (one.hits + one.misses, one.precision.of, one.hits, one.false_alarms, one.duplicates, one.misses)
    return (
        *map(str, counts),
        _rate(one.precision),
        _share(one.precision_lenient.share),
        _rate(one.recall),
        _share(one.f1),
        _number(one.latency_median_s),
        _number(one.latency_p95_s),
    )


def _macro_cells(one: MacroPart) -> tuple[str, ...]:
    shares = (one.precision, one.precision_lenient, one.recall, one.f1)
    return (*[""] * 6, *map(_share, shares), "", "")


def _lines(metrics: IncidentMetrics) -> list[str]:
    total = metrics.total
    frequency = Frequency(total.false_per_camera_day.count, total.false_per_camera_day.camera_days)
    twice = _rate(total.duplicate_rate) or "none"
    wrong = "nothing raised" if total.precision.share is None else _share(1 - total.precision.share)
    lines = [
        f"duplicates 重复率: {twice} of what was raised",
        f"identity switches: {total.switches}; early alarms: {total.early}",
        f"false incidents a camera-day 误报: {frequency_in_words(frequency)}; 1 - precision: {wrong}",
        f"left before the dwell: {total.not_due}, of which raised: {total.not_due_raised}; "
        f"told within another incident: {total.taken_in}; not judged: {total.ignored}",
    ]
    if metrics.bootstrap is not None:
        part = metrics.bootstrap
        pairs = (("precision", part.precision), ("recall", part.recall), ("F1", part.f1))
        drawn = [f"{name} {_span(one.low, one.high)}" for name, one in pairs if one is not None]
        lines.append(f"95 % over draws of the {part.clips} clips: {', '.join(drawn) or 'no value'}")
    lines.append(f"precision 精确率: {metrics.verdicts['precision'].words}")
    lines.append(f"recall 召回率: {metrics.verdicts['recall'].words}")
    return lines + (_differences(metrics.comparison) if metrics.comparison is not None else [])


def _differences(part: ComparisonPart) -> list[str]:
    lines = [f"against {part.baseline}: {part.clips} clips, {part.events} events in both, {part.left_out} left out"]
    for one in part.differences:
        if one.better + one.worse:
            name = one.measure.value if one.class_id is None else f"{one.measure.value}, {one.class_id}"
            sure = "beyond chance" if one.is_beyond_chance else "may be chance"
            lines.append(f"  {name}: {one.better} better, {one.worse} worse, p = {one.p:.3g}: {sure}")
    if len(lines) == 1:
        lines.append("  no event was told otherwise")
    return lines


def _rate(rate: RatePart) -> str:
    return "" if rate.share is None else f"{100 * rate.share:.1f} ({_span(rate.low, rate.high)})"


def _span(low: float, high: float) -> str:
    return f"{100 * low:.0f}-{100 * high:.0f}"


def _share(share: float | None) -> str:
    return "" if share is None else f"{100 * share:.1f}"


def _number(value: float | None) -> str:
    return "" if value is None else f"{round(value, 1) + 0.0:.1f}"  # no -0.0
