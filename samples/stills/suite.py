"""Which photographs become stills: as many of each class, evenly over what there is."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from cvinspect.evaluate.faults import Faults
from cvinspect.evaluate.labelled.label_file import LabelledBox, read_labels
from cvinspect.evaluate.labelled.listing import label_path, path_beside
from cvinspect.evaluate.labelled.picture_size import picture_size
from cvinspect.evaluate.labelled.yolo_dataset import LabelledPicture
from cvinspect.taxonomy import Violation
from samples.stills.scene import Front, Still, still_of

_UNSURE_FOLDER = "unsure"


def stills_among(
    pictures: Iterable[LabelledPicture], names: tuple[str, ...], violations: Sequence[Violation], *, seconds: float
) -> list[Still]:
    """Every still in which something can be judged; of a picture with a shop's wares a second one, as before a shop.

    Raises DatasetError, SourceOpenError.
    """
    faults = Faults()
    found = []
    for picture in pictures:
        size, unsure = picture_size(picture.path), _unsure(picture.path, len(names), faults)
        for front in Front:
            still = still_of(picture, size, unsure, names, violations, front, seconds=seconds)
            if still.due or (front is Front.STREET and still.truth.classes):
                found.append(still)
    faults.raise_any()
    return found


def chosen(
    stills: Sequence[Still], class_ids: Sequence[str], *, most: int, most_empty: int = 0, seed: int
) -> list[Still]:
    """At most so many in which something of each class is due, and some in which nothing is; none twice.

    They lie evenly over all there are, in their order. Neighbours may show the same place: a draw by chance would show
    some places twice.
    """
    rng = np.random.default_rng(seed)
    numbers = range(len(stills))
    groups = [([n for n in numbers if class_id in stills[n].due], most) for class_id in class_ids]
    groups.append(([n for n in numbers if not stills[n].due], most_empty))
    wanted = {group[place] for group, count in groups for place in _even(len(group), count, float(rng.random()))}
    return [stills[number] for number in sorted(wanted)]


def _even(count: int, most: int, offset: float) -> list[int]:
    """Places among `count`, evenly apart; `offset` in [0, 1)."""
    taken = min(count, most)
    return [int((number + offset) * count / taken) for number in range(taken)]


def _unsure(picture: Path, labels: int, faults: Faults) -> list[LabelledBox]:
    """Places where who drew was in doubt: in a folder beside that of the pictures."""
    path = path_beside(picture, _UNSURE_FOLDER)
    is_own_file = path != label_path(picture)  # not where labels lie beside their pictures
    return read_labels(path, labels=labels, faults=faults) if is_own_file and path.exists() else []
