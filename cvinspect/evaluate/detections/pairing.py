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
    """What became of n boxes and m things at each of t IoU thresholds."""

    hits: Flags
    """(t, n) the box found a thing that no surer one found."""
    ignored: Flags
    """(t, n) the box counts neither as right nor as wrong."""
    taken: Flags
    """(t, m) a box found the thing, whether it counts or not."""


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
    sides: Floats = np.maximum(boxes[:, 2:] - boxes[:, :2], 0)  # np.clip takes ten times as long for a few boxes
    return sides[:, 0] * sides[:, 1]


def overlaps(places: Places, boxes: Floats) -> Floats:
    """How well boxes (n, 4) fit each thing (IoU), then how far they lie in each doubtful place: (n, m + k)."""
    found = ious(boxes, places.things_xyxy)
    return np.hstack([found, covered(boxes, places.doubtful_xyxy)]) if len(places.doubtful_xyxy) else found


def pair(overlap: Floats, counts: Flags, *, thresholds: Floats = IOU_THRESHOLDS) -> Pairs:
    """Each of n boxes, the surest first, with the free thing that it overlaps most; of equals the last.

    `overlap` is that of `overlaps`. Things where `counts` (m,) is false are taken only by boxes that find no
    other, and such a box is ignored, as is one that lies in a doubtful place, of which any number may.
    pycocotools' cocoeval.py, evaluateImg.
    """
    hits = np.zeros((len(thresholds), len(overlap)), np.bool_)
    pairs = Pairs(hits, np.zeros_like(hits), np.zeros((len(thresholds), len(counts)), np.bool_))
    levels = thresholds - _SLACK
    boxes, places = np.nonzero(overlap >= levels[0])
    if not len(boxes):
        return pairs
    if _nobody_has_a_rival(boxes, places):
        _pair_alone(pairs, boxes, places, counts, fits=overlap[boxes, places] >= levels[:, None])
    else:
        _pair_in_turn(pairs, boxes, places, counts, shares=overlap[boxes, places], levels=levels)
    return pairs


def pair_each(overlap: Floats, counts: Flags) -> tuple[Flags, Flags]:
    """`pair` at IOU_THRESHOLDS for each row of `counts` (s, m): hits and ignored, both (s, t, n)."""
    boxes, places = np.nonzero(overlap >= IOU_THRESHOLDS[0] - _SLACK)
    if len(boxes) and not _nobody_has_a_rival(boxes, places):
        each = [pair(overlap, row) for row in counts]
        return np.stack([pairs.hits for pairs in each]), np.stack([pairs.ignored for pairs in each])
    hits = np.zeros((len(counts), len(IOU_THRESHOLDS), len(overlap)), np.bool_)
    ignored = np.zeros_like(hits)
    if len(boxes):
        fits = overlap[boxes, places] >= (IOU_THRESHOLDS - _SLACK)[:, None]
        wanted = np.zeros((len(counts), overlap.shape[1]), np.bool_)
        wanted[:, : counts.shape[1]] = counts
        hits[:, :, boxes] = fits & wanted[:, None, places]
        ignored[:, :, boxes] = fits & ~wanted[:, None, places]
    return hits, ignored


def _nobody_has_a_rival(boxes: Integers, places: Integers) -> bool:
    return len(set(boxes.tolist())) == len(set(places.tolist())) == len(boxes)


def _pair_alone(pairs: Pairs, boxes: Integers, places: Integers, counts: Flags, *, fits: Flags) -> None:
    """`fits` (t, pairs): whether each of these boxes overlaps its only place enough."""
    thing = places < len(counts)
    wanted = thing.copy()
    wanted[thing] = counts[places[thing]]
    pairs.hits[:, boxes[wanted]] = fits[:, wanted]
    pairs.ignored[:, boxes[~wanted]] = fits[:, ~wanted]
    pairs.taken[:, places[thing]] = fits[:, thing]


def _pair_in_turn(
    pairs: Pairs, boxes: Integers, places: Integers, counts: Flags, *, shares: Floats, levels: Floats
) -> None:
    wanted = [*counts.tolist(), *[False] * (1 + int(places.max()) - len(counts))]
    fits: dict[int, list[_Fit]] = {}  # lists: there are few, and numpy takes longer to be called than to work
    for box, place, share in zip(boxes.tolist(), places.tolist(), shares.tolist(), strict=True):
        fits.setdefault(box, []).append((wanted[place], share, place))
    for row, level in enumerate(levels.tolist()):
        gone: set[int] = set()
        for box, candidates in fits.items():
            is_hit, _, place = max((fit for fit in candidates if fit[1] >= level and fit[2] not in gone), default=_NONE)
            if place >= 0:
                (pairs.hits if is_hit else pairs.ignored)[row, box] = True
            if 0 <= place < len(counts):
                gone.add(place)
        pairs.taken[row, list(gone)] = True


_Fit = tuple[bool, float, int]
"""A place that a box may take: whether it counts, how well the box fits, which it is. The greatest is the best."""

_NONE: _Fit = (False, 0.0, -1)


def _common(a: Floats, b: Floats) -> Floats:
    low = np.maximum(a[:, None, :2], b[None, :, :2])
    high = np.minimum(a[:, None, 2:], b[None, :, 2:])
    sides: Floats = np.maximum(high - low, 0)
    return sides[:, :, 0] * sides[:, :, 1]


def _shares(part: Floats, whole: Floats) -> Floats:
    share: Floats = np.divide(part, whole, out=np.zeros_like(part), where=whole > 0)
    return np.round(share, _IOU_DIGITS)
