"""What the inputs of a run could not have raised, as the page shows it: one row for all inputs that are alike."""

from collections.abc import Sequence
from dataclasses import dataclass

from cvinspect.records.summary import InputSummary
from cvinspect.taxonomy import Obstacle

_NAMED = 20
"""Inputs that are named in a row; of more, so many are counted."""


@dataclass(frozen=True, slots=True)
class Row:
    """One class and one reason, with the inputs that it holds of."""

    class_id: str
    reason: Obstacle
    inputs: tuple[str, ...]
    more: int
    """Inputs that are not named."""
    found_s: float | None
    needed_s: float | None


def not_judged(inputs: Sequence[InputSummary]) -> list[Row]:
    """The rows, by class and reason, in order of the inputs; inputs that lacked another number of seconds apart."""
    found: dict[tuple[str, Obstacle, float | None, float | None], list[str]] = {}
    for item in inputs:
        for one in item.not_judged:
            found.setdefault((one.class_id, one.reason, one.found_s, one.needed_s), []).append(item.name)
    rows = [
        Row(class_id, reason, tuple(names[:_NAMED]), max(0, len(names) - _NAMED), found_s, needed_s)
        for (class_id, reason, found_s, needed_s), names in found.items()
    ]
    order = list(dict.fromkeys(row.class_id for row in rows))
    return sorted(rows, key=lambda row: order.index(row.class_id))
