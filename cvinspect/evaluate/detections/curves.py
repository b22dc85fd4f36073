"""Precision over recall of one label, and the area under it as COCO measures it. Pure."""

from dataclasses import dataclass

import numpy as np

from cvinspect.evaluate.detections.pairing import Flags, Floats

RECALLS: Floats = np.linspace(0.0, 1.0, 101)
"""At which COCO reads the precision (pycocotools, Params.recThrs)."""


@dataclass(frozen=True, slots=True, eq=False)
class Ranked:
    """Detections of one label over all pictures, the surest first, those that are ignored left out."""

    confidences: Floats
    """(n,) descending."""
    hits: Flags
    """(n,)."""
    things: int
    """To be found."""


@dataclass(frozen=True, slots=True, eq=False)
class PrecisionRecall:
    """The curve at COCO's 101 recalls; both arrays (101,)."""

    precision: Floats
    """The best that is reached at this recall or a higher one, in [0, 1]; 0 where it is never reached."""
    confidences: Floats
    """From which confidence on detections count there, in [0, 1]; 0 where it is never reached."""

    @property
    def area(self) -> float:
        """COCO's AP, in [0, 1]."""
        return float(self.precision.mean())


def ranked(confidences: Floats, hits: Flags, ignored: Flags, *, things: int) -> Ranked:
    """Sorted by confidence; equally sure ones stay in the order given."""
    counted = np.flatnonzero(~ignored)
    order = counted[np.argsort(-confidences[counted], kind="stable")]
    return Ranked(confidences[order], hits[order], things)


def precision_recall(found: Ranked) -> PrecisionRecall:
    """pycocotools' cocoeval.py, accumulate, one label at one IoU; `found.things` is above 0."""
    reached = np.cumsum(found.hits)
    precision = reached / np.arange(1, len(reached) + 1)
    best_from_here = np.maximum.accumulate(precision[::-1])[::-1]
    at = np.searchsorted(reached / found.things, RECALLS, side="left")
    return PrecisionRecall(np.append(best_from_here, 0.0)[at], np.append(found.confidences, 0.0)[at])
