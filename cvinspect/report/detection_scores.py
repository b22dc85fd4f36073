"""`report.html` of `evaluate detections`: one self-contained page, without a script."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cvinspect.records.files import write_whole
from cvinspect.report.detection_metrics import DetectionMetrics, GroupMetrics, RateMetric
from cvinspect.report.detection_pictures import ShownPicture
from cvinspect.report.label_names import LABELS_ZH
from cvinspect.report.templates import template

_PLOT_WIDTH, _PLOT_HEIGHT = 220, 150


@dataclass(frozen=True, slots=True)
class Plot:
    """A precision-recall curve in a drawing of 220 x 150, its origin at the top left."""

    group: GroupMetrics
    points: str
    """Of an SVG polyline; empty where nothing was found."""
    dot: tuple[float, float] | None
    """Where the thresholds lie: x, y; None where nothing is raised."""
    across: tuple[float, float]
    """The recall's interval, x."""
    down: tuple[float, float]
    """The precision's interval, y."""


def write_detection_report(
    path: Path, metrics: DetectionMetrics, *, worst: Sequence[ShownPicture], slowest: Sequence[ShownPicture]
) -> None:
    """Write the page. Raises DeliveryError when it cannot be written."""
    write_whole(path, render(metrics, worst=worst, slowest=slowest))


def render(metrics: DetectionMetrics, *, worst: Sequence[ShownPicture], slowest: Sequence[ShownPicture]) -> str:
    """The page as text."""
    return template("detection_scores.html.j2").render(
        **_WORDS,
        metrics=metrics,
        groups=[*metrics.labels, *metrics.families],
        plots=[plot for group in (*metrics.labels, *metrics.families) if (plot := plot_of(group)) is not None],
        silent=[group for group in metrics.labels if not group.average.things],
        matrix=_matrix(metrics),
        worst=worst,
        slowest=slowest,
        plot_width=_PLOT_WIDTH,
        plot_height=_PLOT_HEIGHT,
    )


def plot_of(group: GroupMetrics) -> Plot | None:
    """The group's curve; None where there is nothing to find."""
    if group.curve is None:
        return None
    reached = [i for i, confidence in enumerate(group.curve.confidence) if confidence > 0]
    points = " ".join(f"{_x(i / 100):.1f},{_y(group.curve.precision[i]):.1f}" for i in reached)
    precision, recall = group.counts.precision, group.counts.recall
    dot = None if precision.value is None or recall.value is None else (_x(recall.value), _y(precision.value))
    across, down = (_x(recall.low), _x(recall.high)), (_y(precision.high), _y(precision.low))
    return Plot(group, points, dot, across, down)


def _x(share: float) -> float:
    return round(share * _PLOT_WIDTH, 1)


def _y(share: float) -> float:
    return round((1 - share) * _PLOT_HEIGHT, 1)


def _matrix(metrics: DetectionMetrics) -> list[dict[str, Any]]:
    """Rows of the confusion matrix in which anything stands, each cell with its share of the row."""
    names = [*metrics.confusion.labels, None]
    counts = metrics.confusion.counts
    used = [i for i in range(len(names)) if i == len(names) - 1 or any(counts[i]) or any(row[i] for row in counts)]
    rows = []
    for i in used:
        total = sum(counts[i])
        cells = [
            {
                "column": names[j],
                "count": counts[i][j],
                "share": counts[i][j] / total if total else 0.0,
                "right": i == j,
            }
            for j in used
        ]
        rows.append({"name": names[i], "total": total, "cells": cells})
    return rows


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.1f} %"


def _number(share: float | None) -> str:
    return "–" if share is None else f"{share:.3f}"


def _interval(rate: RateMetric) -> str:
    return f"{100 * rate.low:.1f}–{100 * rate.high:.1f} %"


def _counted(labels: Sequence[str]) -> str:
    """Labels with how often each stands there.

    >>> _counted(["bin", "bag", "bin"])
    'bin ×2, bag'
    """
    return ", ".join(f"{name} ×{n}" if (n := labels.count(name)) > 1 else name for name in dict.fromkeys(labels))


_WORDS: dict[str, Any] = {
    "labels_zh": LABELS_ZH,
    "percent": _percent,
    "number": _number,
    "interval": _interval,
    "counted": _counted,
}
