"""What a network has behind it: the pictures it has learnt from, and what its base's labels rested on."""

import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from cvinspect.detect.figures import TrainingBoxes
from cvinspect.detect.model import Backing, read_card
from cvinspect.errors import DeliveryError
from cvinspect.evaluate.labelled.learnt import DIGITS, learnt_path, read_learnt

_BEST = (Backing.REAL, Backing.SYNTHETIC, Backing.NONE)


@dataclass(frozen=True, slots=True)
class Past:
    """Of a base, or of a network that was trained on from it."""

    learnt: frozenset[str] = frozenset()
    """Digits of pictures, as NAME.learnt.txt has them."""
    boxes: Mapping[str, TrainingBoxes] = field(default_factory=dict)
    """By label, where the base's card tells."""
    backings: Mapping[str, Backing] = field(default_factory=dict)
    """By label, as the base's card says."""

    def with_pictures(self, sha256s: Iterable[str]) -> "Past":
        """The same after learning from more pictures, each named by its whole SHA-256."""
        return Past(self.learnt | {one[:DIGITS] for one in sha256s}, self.boxes, self.backings)

    def rests_on(self, label: str, new: TrainingBoxes) -> TrainingBoxes:
        """What the label rests on after learning from `new`: of each number the larger.

        Both may have learnt from the same pictures, so that their sum would count boxes twice: at least so many it are.
        """
        old = self.boxes.get(label)
        return new if old is None else _larger(old, new)

    def backing(self, label: str, new: Backing) -> Backing:
        """The better of the base's and of what the new pictures give."""
        return min(self.backings.get(label, Backing.NONE), new, key=_BEST.index)


def past_of(base: Path) -> Past:
    """What the card and the list beside the file `base` say; of files that are not there, nothing.

    Raises ModelError for a faulty card, DatasetError for a faulty list.
    """
    card, listed = base.with_suffix(".yaml"), learnt_path(base)
    learnt = read_learnt(listed) if listed.is_file() else frozenset()
    if not card.is_file():
        return Past(learnt)
    labels = read_card(card).labels
    boxes = {label.name: label.training for label in labels if label.training is not None}
    return Past(learnt, boxes, {label.name: label.backing for label in labels})


def keep_past(base: Path, kept: Path) -> None:
    """Copy what lies beside `base` to beside `kept`: a run that goes on is not told its base again.

    Raises DeliveryError.
    """
    for path, copy in ((base.with_suffix(".yaml"), kept.with_suffix(".yaml")), (learnt_path(base), learnt_path(kept))):
        try:
            if path.resolve() == copy.resolve():
                continue
            copy.unlink(missing_ok=True)
            if path.is_file():
                shutil.copyfile(path, copy)
        except OSError as error:
            raise DeliveryError(f"{copy}: cannot be written: {error.strerror or error}") from error


def _larger(old: TrainingBoxes, new: TrainingBoxes) -> TrainingBoxes:
    return TrainingBoxes(
        real=max(old.real, new.real),
        synthetic=max(old.synthetic, new.synthetic),
        drawn=_largest(old.drawn, new.drawn),
        places=_largest(old.places, new.places),
    )


def _largest(*numbers: int | None) -> int | None:
    return max((number for number in numbers if number is not None), default=None)
