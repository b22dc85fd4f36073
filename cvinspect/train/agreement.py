"""Whether two forms of one network say the same of the same pictures."""

from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median

import numpy as np
from numpy.typing import NDArray

from cvinspect.detect import Backend
from cvinspect.detect.yolo import fit, network_input
from cvinspect.domain import Pixels
from cvinspect.geometry import Box, iou

Rows = NDArray[np.float32]
"""(n, 6) of x0 y0 x1 y1 confidence label-index, or one row (6,)."""

_SAME_IOU = 0.5
_HALF = 0.5
"""A partner may be this much less sure: what falls just under the floor is a difference of score, not a loss."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far apart two networks are over some pictures, at one input shape."""

    shape: tuple[int, int]
    """(height, width)."""
    pictures: int
    things: int
    """Seen by either, or by both."""
    alone: int
    """Of these, seen by one and not by the other: no box of the same label overlaps by half."""
    score_largest: float
    """Difference of confidence over things that both see, in [0, 1]."""
    score_median: float
    box_largest_px: float
    """Difference of the coordinate that differs most, in pixels of the input."""
    box_median_px: float

    def __str__(self) -> str:
        return (
            f"{self.shape[0]}x{self.shape[1]}: {self.pictures} pictures, {self.things} things, {self.alone} seen by "
            f"one alone; score differs by {self.score_median:.2g} (median), {self.score_largest:.2g} (largest), "
            f"boxes by {self.box_median_px:.2g} px, {self.box_largest_px:.2g} px"
        )


def agreement(
    reference: Backend, other: Backend, pictures: Iterable[Pixels], *, shape: tuple[int, int], floor: float = 0.1
) -> Agreement:
    """Compare what both see with a confidence of at least `floor` in pictures letterboxed into `shape`."""
    count = things = alone = 0
    scores: list[float] = []
    boxes: list[float] = []
    for pixels in pictures:
        count += 1
        tensor = network_input(pixels, fit(pixels.shape[1], pixels.shape[0], shape), shape)
        ours, theirs = reference.infer(tensor), other.infer(tensor)
        missed, pairs = _matched(ours, theirs, floor)
        extra, _ = _matched(theirs, ours, floor)
        alone += missed + extra
        things += missed + extra + len(pairs)
        scores += [abs(float(row[4] - partner[4])) for row, partner in pairs]
        boxes += [float(np.abs(row[:4] - partner[:4]).max()) for row, partner in pairs]
    return Agreement(
        shape,
        pictures=count,
        things=things,
        alone=alone,
        score_largest=max(scores, default=0.0),
        score_median=median(scores or [0.0]),
        box_largest_px=max(boxes, default=0.0),
        box_median_px=median(boxes or [0.0]),
    )


def _matched(rows: Rows, others: Rows, floor: float) -> tuple[int, list[tuple[Rows, Rows]]]:
    """How many of `rows` have no partner in `others`, and the pairs of those that have."""
    candidates = others[others[:, 4] >= floor * _HALF]
    found = [(row, _partner(row, candidates)) for row in rows[rows[:, 4] >= floor]]
    pairs = [(row, partner) for row, partner in found if partner is not None]
    return len(found) - len(pairs), pairs


def _partner(row: Rows, candidates: Rows) -> Rows | None:
    """The candidate of the same label that overlaps most, if it overlaps by half."""
    box = Box(*map(float, row[:4]))
    overlaps = [(iou(box, Box(*map(float, one[:4]))), i) for i, one in enumerate(candidates) if one[5] == row[5]]
    best, index = max(overlaps, default=(0.0, 0))
    return candidates[index] if best >= _SAME_IOU else None
