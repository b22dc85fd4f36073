"""Which box finds which thing, by COCO's rule: pure geometry, every IoU threshold at once."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]

MATCH_IOU = 0.5
"""From here on a detection has found a thing, as with PASCAL VOC and COCO's AP50."""

IOU_THRESHOLDS: Floats = np.round(np.linspace(0.5, 0.95, 10), 2)
"""COCO's; the first one is MATCH_IOU."""

_IOU_DIGITS = 12
"""Shares are pixels divided: what overlaps by exactly a half must not come out at 0.49999999999999994."""

_SLACK = 1e-9
"""What is taken off each threshold, for the same reason."""


@dataclass(frozen=True, slots=True, eq=False)
class Places:
    """What people drew in one picture of one label or family."""

    things_xyxy: Floats
    """(m, 4)."""
    doubtful_xyxy: Floats
    """(k, 4) places, such as crowds, where a detection is neither right nor wrong."""


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """What became of each of n boxes at each of t IoU thresholds, all (t, n)."""

    hits: Flags
    """It found a thing that no surer one found."""
    ignored: Flags
    """It counts neither as right nor as wrong."""


def ious(a: Floats, b: Floats) -> Floats:
    """IoU of each box of `a` (n, 4) with each of `b` (m, 4), xyxy: (n, m) in [0, 1]; 0 for empty boxes."""
    common = _common(a, b)
    union = areas(a)[:, None] + areas(b)[None, :] - common
    return _shares(common, union)


def covered(a: Floats, b: Floats) -> Floats:
    """The share of each box of `a` (n, 4) that lies in each of `b` (m, 4): (n, m) in [0, 1]; 0 for empty boxes."""
    common = _common(a, b)
    return _shares(common, np.broadcast_to(areas(a)[:, None], common.shape))


def areas(boxes: Floats) -> Floats:
    """Of boxes (n, 4) xyxy, (n,); 0 where a side is negative."""
    sides: Floats = np.clip(boxes[:, 2:] - boxes[:, :2], 0, None)
    return sides[:, 0] * sides[:, 1]


def pair(places: Places, boxes: Floats, *, thresholds: Floats = IOU_THRESHOLDS, counts: Flags | None = None) -> Pairs:
    """Boxes (n, 4), the surest first, each with the free thing that it overlaps most; of equals the last.

    Things where `counts` (m,) is false are taken only by boxes that find no other, and such a box is ignored, as
    is one that lies in a doubtful place, of which any number may. pycocotools' cocoeval.py, evaluateImg.
    """
    things = places.things_xyxy
    counts = np.ones(len(things), np.bool_) if counts is None else counts
    order = np.argsort(~counts, kind="stable")
    regular = int(counts.sum())
    overlap = np.hstack([ious(boxes, things[order]), covered(boxes, places.doubtful_xyxy)])
    hits = np.zeros((len(thresholds), len(boxes)), np.bool_)
    ignored = np.zeros_like(hits)
    if not overlap.size:
        return Pairs(hits, ignored)
    levels, rows = thresholds - _SLACK, np.arange(len(thresholds))
    taken = np.zeros((len(thresholds), overlap.shape[1]), np.bool_)
    for i in np.flatnonzero(overlap.max(axis=1) >= levels.min()):
        free = np.where(taken, -1.0, overlap[i])
        best, found = _best(free[:, :regular], levels)
        other, instead = _best(free[:, regular:], levels)
        instead &= ~found
        hits[:, i], ignored[:, i] = found, instead
        taken[rows[found], best[found]] = True
        taken[rows[instead], regular + other[instead]] = True
        taken[:, len(things) :] = False
    return Pairs(hits, ignored)


def _best(free: Floats, levels: Floats) -> tuple[Integers, Flags]:
    """Of each level (t,) the column of `free` (t, m) with the most overlap, and whether that is enough."""
    if not free.shape[1]:
        return np.zeros(len(levels), np.int64), np.zeros(len(levels), np.bool_)
    best = free.shape[1] - 1 - np.argmax(free[:, ::-1], axis=1)
    return best, free[np.arange(len(levels)), best] >= levels


def _common(a: Floats, b: Floats) -> Floats:
    low = np.maximum(a[:, None, :2], b[None, :, :2])
    high = np.minimum(a[:, None, 2:], b[None, :, 2:])
    common: Floats = np.prod(np.clip(high - low, 0, None), axis=2)
    return common


def _shares(part: Floats, whole: Floats) -> Floats:
    share: Floats = np.divide(part, whole, out=np.zeros_like(part), where=whole > 0)
    return np.round(share, _IOU_DIGITS)
