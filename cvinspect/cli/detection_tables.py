"""Tables and progress of `evaluate detections` and `calibrate` in the terminal."""

from collections.abc import Sequence

from rich.progress import MofNCompleteColumn
from rich.table import Table
from rich.text import Text

from cvinspect.cli.terminal import Bar, table_console
from cvinspect.evaluate.detections.calibration import Calibration, Rule
from cvinspect.evaluate.statistics.rates import Rate
from cvinspect.report.detection_metrics import CountsMetric, DetectionMetrics, GroupMetrics, RateMetric


class PictureProgress(Bar):
    """A bar that counts pictures."""

    def __init__(self, what: str) -> None:
        super().__init__(MofNCompleteColumn(), what)

    def moves(self, done: int, count: int) -> None:
        """Another picture is done."""
        self._bar.update(self._task, completed=done, total=count)


def detection_table(metrics: DetectionMetrics) -> None:
    """Every label and family, micro and macro, on stdout."""
    table = Table(
        "label", "pictures", "boxes", "AP50", "AP50-95", "small", "medium", "large", "at", "precision", "recall", "F1"
    )
    for column in table.columns[1:]:
        column.justify = "right"
    for group in metrics.labels:
        table.add_row(*_row(group))
    table.add_section()
    for group in metrics.families:
        table.add_row(*_row(group))
    macro = metrics.macro
    shares = (macro.precision, macro.recall, macro.f1)
    boxes = sum(group.average.things for group in metrics.labels)
    table.add_row("micro", "", str(boxes), *[""] * 6, *_counts(metrics.micro))
    table.add_row(
        f"macro ({len(macro.labels)} labels)", "", "", _share(macro.ap50), _share(macro.ap50_95), *[""] * 4,
        *map(_share, shares),
    )  # fmt: skip
    table_console().print(table)


def calibration_table(calibrations: Sequence[Calibration]) -> None:
    """What each label's threshold became and what it may be expected to do, on stdout."""
    table = Table("label", "boxes", "threshold", "chosen by", "precision", "recall", "F1", "spread")
    for column in table.columns[1:]:
        column.justify = "right"
    for one in calibrations:
        spread = sorted(choice.threshold for choice in one.block_choices)
        table.add_row(
            Text(one.name),
            str(one.things),
            f"{one.threshold:.3f}",
            "kept" if one.rule is Rule.DEFAULT else one.rule.value,
            rate_words(one.held_out.precision),
            rate_words(one.held_out.recall),
            _share(one.held_out.f1),
            f"{spread[0]:.2f}–{spread[-1]:.2f}" if spread and one.rule is not Rule.DEFAULT else "",
        )
    table_console().print(table)


def _row(group: GroupMetrics) -> list[Text | str]:
    sizes = (group.sizes.small, group.sizes.medium, group.sizes.large)
    return [
        Text(group.name),
        str(group.pictures),
        str(group.average.things),
        _share(group.average.ap50),
        _share(group.average.ap50_95),
        *(_share(size.ap50) for size in sizes),
        "" if group.threshold is None else f"{group.threshold:.2f}",
        *_counts(group.counts),
    ]


def _counts(counts: CountsMetric) -> list[str]:
    return [_interval(counts.precision), _interval(counts.recall), _share(counts.f1)]


def _interval(rate: RateMetric) -> str:
    return "–" if rate.value is None else f"{rate.value:.2f} ({rate.low:.2f}–{rate.high:.2f})"


def rate_words(rate: Rate) -> str:
    """A share with its interval; a dash where there was nothing to count."""
    return "–" if rate.share is None else f"{rate.share:.2f} ({rate.low:.2f}–{rate.high:.2f})"


def _share(share: float | None) -> str:
    return "–" if share is None else f"{share:.2f}"
