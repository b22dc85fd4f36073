"""`cvinspect calibrate --careful`: when a careful network agrees with a quick one, written into a copy of its card."""

from collections.abc import Iterable
from dataclasses import dataclass

from cvinspect.commands.evaluate_detections import known_labels
from cvinspect.detect.figures import ENOUGH_TO_AGREE, Rates, SecondLook
from cvinspect.detect.model import CardLabel, ModelCard
from cvinspect.errors import DatasetError
from cvinspect.evaluate.detections.calibration import Policy
from cvinspect.evaluate.detections.card_figures import card_rate
from cvinspect.evaluate.detections.matching import Predictions
from cvinspect.evaluate.detections.second_look import Asked, SecondLookChoice, second_look
from cvinspect.evaluate.faults import shown
from cvinspect.evaluate.labelled.labelled_split import LabelledSet
from cvinspect.evaluate.statistics.rates import Tally


@dataclass(frozen=True, slots=True)
class NewAgreements:
    """What was chosen for the labels that the data set and both networks share."""

    choices: tuple[SecondLookChoice, ...]
    """In the data set's order."""
    card: ModelCard
    """The careful network's, with them."""

    @property
    def defaults(self) -> tuple[str, ...]:
        """Labels with too little to choose by: the default stands."""
        return tuple(one.name for one in self.choices if one.is_default)

    @property
    def on_trial(self) -> tuple[str, ...]:
        """Those of them of which people drew too little on val."""
        return tuple(one.name for one in self.choices if one.things < ENOUGH_TO_AGREE)


def new_agreements(
    labelled: LabelledSet,
    quick: ModelCard,
    careful: ModelCard,
    found: tuple[Iterable[Predictions], Iterable[Predictions]],
) -> NewAgreements:
    """`found` are detections of every picture by the quick and by the careful network, in any order.

    Raises DatasetError when the quick network and the data set share no label, or when nobody drew any of them.
    """
    pictures = [labelled.pictures[place] for place in labelled.judging]
    seen = tuple(list(predictions) for predictions in found)
    choices = tuple(
        second_look(
            name,
            labelled.names.index(name),
            pictures,
            *seen,
            asked=(_asked(quick, name), _asked(careful, name)),
        )
        for name in known_labels(quick, labelled)
    )
    if not any(one.things for one in choices):
        raise DatasetError(
            f"{shown(labelled.path)}: nobody drew anything that {quick.name} knows; nothing to choose by"
        )
    chosen = {one.name: one for one in choices}
    labels = tuple(_label(label, chosen.get(label.name), quick) for label in careful.labels)
    return NewAgreements(choices, careful.model_copy(update={"labels": labels}))


def _asked(card: ModelCard, name: str) -> Asked:
    label = next(label for label in card.labels if label.name == name)
    return Asked(label.threshold, None if label.rule in (None, "default") else Policy())


def _label(label: CardLabel, chosen: SecondLookChoice | None, quick: ModelCard) -> CardLabel:
    if chosen is None:
        return label
    agrees = SecondLook(
        threshold=chosen.threshold,
        boxes=chosen.things,
        right=chosen.right,
        quick=quick.name,
        keeps=card_rate(chosen.kept),
        both=_rates(chosen.both),
        with_patrol=_rates(chosen.with_patrol),
    )
    return label.model_copy(update={"agrees": agrees})


def _rates(tally: Tally) -> Rates:
    return Rates(precision=card_rate(tally.precision), recall=card_rate(tally.recall))
