"""From which confidence on a detection should count: the candidates and what each would bring."""

from dataclasses import dataclass

import numpy as np

from cvinspect.evaluate.detections.matching import Matches
from cvinspect.evaluate.detections.pairing import Floats, Integers

LOWEST_THRESHOLD = 0.05
"""Below it a network's confidences are noise, and every picture would be full of boxes."""


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """Precision and recall over the thresholds, from the surest detection down; all arrays (n,)."""

    confidences: Floats
    """Each confidence that occurs, descending: counting from it on."""
    hits: Integers
    """Things found by the detections so far."""
    found: Integers
    """Detections so far."""
    things: int
    """That people drew."""

    @property
    def precision(self) -> Floats:
        """In [0, 1]."""
        return self.hits / self.found

    @property
    def recall(self) -> Floats:
        """In [0, 1]; 0 where there is nothing to find."""
        return self.hits / max(1, self.things)


def curve_of(matches: Matches) -> Curve:
    """The curve of one label or family over all its pictures."""
    judged = [(picture, ~picture.ignored) for picture in matches.pictures]
    confidences = np.concatenate([np.zeros(0), *(picture.confidences[kept] for picture, kept in judged)])
    hits = np.concatenate([np.zeros(0, np.bool_), *(picture.hits[kept] for picture, kept in judged)])
    order = np.argsort(-confidences, kind="stable")
    distinct, firsts = np.unique(-confidences[order], return_index=True)
    lasts = np.append(firsts[1:], len(confidences))[: len(distinct)]
    return Curve(-distinct, np.cumsum(hits[order], dtype=np.int64)[lasts - 1], lasts.astype(np.int64), matches.things)


def best_f1_threshold(matches: Matches, *, floor: float = LOWEST_THRESHOLD) -> float | None:
    """The threshold of at least `floor` with the best F1, of several the highest; None where nothing is found."""
    curve = curve_of(matches)
    f1 = 2 * curve.hits / (curve.found + curve.things)
    f1[curve.confidences < floor] = 0.0
    return None if not f1.any() else _threshold_at(curve, int(np.argmax(f1)), floor)


def lowest_threshold(
    matches: Matches, *, precision: float, recall: float, floor: float = LOWEST_THRESHOLD
) -> float | None:
    """The lowest threshold of at least `floor` that reaches both, in [0, 1]; None where none does."""
    curve = curve_of(matches)
    good = (curve.precision >= precision) & (curve.recall >= recall) & (curve.confidences >= floor)
    return None if not good.any() else _threshold_at(curve, int(np.flatnonzero(good)[-1]), floor)


def _threshold_at(curve: Curve, index: int, floor: float) -> float:
    """Half-way down to the next weaker detection: the same detections count, and none of them stands on the edge.

    The weakest of all has none below it that we know of: a detector reports from some confidence on.
    """
    upper = float(curve.confidences[index])
    if index + 1 == len(curve.confidences):
        return upper
    lower = float(curve.confidences[index + 1])
    middle = max(floor, (lower + upper) / 2)
    fits = (value for value in (round(middle, 3), middle) if floor <= value and lower < value <= upper)
    return next(fits, upper)
