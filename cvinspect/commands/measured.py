"""How well the labels of a class are seen, as the cards of the networks that look have measured it."""

from collections.abc import Sequence
from typing import Literal

from cvinspect.detect.figures import RateFigure, SecondLook
from cvinspect.detect.model import CardLabel, ModelCard
from cvinspect.records.summary import MeasuredLabel, MeasuredShare

LOW_RECALL = 0.3
"""A label whose recall is surely below it is on trial: who relies on it is told that most is missed."""


def measured_labels(
    labels: Sequence[str], card: ModelCard, careful: ModelCard | None = None
) -> tuple[MeasuredLabel, ...]:
    """Figures of the class's labels that the network has, in the class's order.

    Those of both networks together where a `careful` one looks too and its card has them for this quick one.
    """
    known = {label.name: label for label in card.labels}
    looks = {} if careful is None else {label.name: label.agrees for label in careful.labels}
    return tuple(_measured(known[name], looks.get(name), card.name) for name in labels if name in known)


def _measured(label: CardLabel, look: SecondLook | None, quick: str) -> MeasuredLabel:
    if look is not None and _is_form_of(quick, look.quick):
        together = look.with_patrol or look.both
        if together is not None:
            return _figures(label.name, "both", look.boxes, together.precision, together.recall, trial=look.is_on_trial)
    if label.val is None:
        return MeasuredLabel(label=label.name, by="quick", boxes=0, precision=None, recall=None, on_trial=True)
    return _figures(label.name, "quick", label.val.boxes, label.val.precision, label.val.recall)


def _figures(
    name: str,
    by: Literal["quick", "both"],
    boxes: int,
    precision: RateFigure,
    recall: RateFigure,
    *,
    trial: bool = False,
) -> MeasuredLabel:
    return MeasuredLabel(
        label=name,
        by=by,
        boxes=boxes,
        precision=_share(precision),
        recall=_share(recall),
        on_trial=trial or not boxes or recall.high < LOW_RECALL,
    )


def _share(rate: RateFigure) -> MeasuredShare:
    return MeasuredShare(value=rate.value, low=rate.low, high=rate.high)


def _is_form_of(quick: str, measured: str | None) -> bool:
    """Whether one is the other's name with an ending, as NAME-int8: the same network for another runtime."""
    return measured is not None and (quick.startswith(measured) or measured.startswith(quick))
