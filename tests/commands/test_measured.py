"""How well a class's labels are seen, from the cards of the networks that look."""

import pytest

from cvinspect.commands.measured import measured_labels
from cvinspect.config.site import shipped
from cvinspect.detect.figures import Figures, RateFigure, Rates, SecondLook
from cvinspect.detect.model import Backing, CardLabel, ModelCard, read_card
from cvinspect.records.summary import MeasuredLabel, MeasuredShare

SURE = RateFigure(value=0.9, low=0.8, high=0.95)


def recall(high: float) -> RateFigure:
    return RateFigure(value=0.1, low=0.05, high=high)


def card(label: CardLabel, name: str = "street-26n") -> ModelCard:
    shipped_card = read_card(shipped("models/street-26n.yaml"))
    return shipped_card.model_copy(update={"name": name, "labels": (label,), "families": ()})


def bag(*, val: Figures | None = None, agrees: SecondLook | None = None) -> CardLabel:
    return CardLabel(name="bag", backing=Backing.REAL, threshold=0.3, val=val, agrees=agrees)


def figures(high: float = 0.6, boxes: int = 80) -> Figures:
    return Figures(pictures=9, boxes=boxes, precision=SURE, recall=recall(high))


def look(boxes: int = 80, quick: str = "street-26n", *, patrol: bool = False) -> SecondLook:
    both = Rates(precision=SURE, recall=recall(0.4))
    with_patrol = Rates(precision=SURE, recall=recall(0.7)) if patrol else None
    return SecondLook(threshold=0.4, boxes=boxes, quick=quick, both=both, with_patrol=with_patrol)


def only(quick: CardLabel, careful: CardLabel | None = None, *, name: str = "street-26n") -> MeasuredLabel:
    [one] = measured_labels(["cart", "bag"], card(quick, name), None if careful is None else card(careful, "careful"))
    return one


def high(one: MeasuredLabel) -> float:
    assert one.recall is not None
    return one.recall.high


def test_the_figures_are_the_cards() -> None:
    assert only(bag(val=figures())) == MeasuredLabel(
        label="bag",
        by="quick",
        boxes=80,
        precision=MeasuredShare(value=0.9, low=0.8, high=0.95),
        recall=MeasuredShare(value=0.1, low=0.05, high=0.6),
        on_trial=False,
    )


@pytest.mark.parametrize(
    ("val", "on_trial"), [(figures(0.3), False), (figures(0.299), True), (figures(boxes=0), True), (None, True)]
)
def test_on_trial_is_what_is_surely_missed_mostly_or_was_never_measured(val: Figures | None, on_trial: bool) -> None:
    assert only(bag(val=val)).on_trial is on_trial


def test_where_a_careful_network_looks_too_the_figures_are_those_of_both() -> None:
    one = only(bag(val=figures()), bag(agrees=look()))
    assert (one.by, high(one), one.on_trial) == ("both", 0.4, False)
    assert high(only(bag(val=figures()), bag(agrees=look(patrol=True)))) == 0.7
    assert only(bag(val=figures()), bag(agrees=look(boxes=49))).on_trial
    assert only(bag(val=figures()), bag()).by == "quick"


@pytest.mark.parametrize(("name", "by"), [("street-26n-int8", "both"), ("street-26n", "both"), ("other", "quick")])
def test_figures_of_both_hold_for_the_quick_network_that_they_were_measured_with(name: str, by: str) -> None:
    assert only(bag(val=figures()), bag(agrees=look()), name=name).by == by
