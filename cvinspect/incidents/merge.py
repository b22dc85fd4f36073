"""Same violation or another one? Pure functions of places."""

import math

from cvinspect.geometry import DRIFT_SHARE, Box, covered_share, has_drifted, iou

SAME_PLACE_IOU = 0.3
"""Two boxes of one still thing overlap at least this much, whatever a detector's jitter and a passer-by do."""

_PARTLY_HIDDEN_SHARE = 0.8
_PARTLY_HIDDEN_AREA = 0.25
"""A box within the place, of at least this share of its area, is the thing half hidden."""

_PART_AREA = 0.75
_PART_SHARE = 0.8
"""A box so much smaller than another, and so far within it, shows a part of the same thing."""

_SAME_PLACE = 0.8
_STILL_SHARE = 0.1
"""Boxes of one thing that overlap by so much, or whose edges went the same way by no more of its size, lie alike."""


def place_fit(box: Box, place: Box) -> float:
    """How well a box fits a known place, in [0, 1]; 0: another thing.

    >>> place_fit(Box(0, 0, 10, 10), Box(0, 0, 10, 10))
    1.0
    >>> place_fit(Box(20, 0, 30, 10), Box(0, 0, 10, 10))
    0.0
    """
    overlap = iou(box, place)
    if overlap >= SAME_PLACE_IOU:
        return overlap
    if covered_share(box, place) >= _PARTLY_HIDDEN_SHARE and box.area >= _PARTLY_HIDDEN_AREA * place.area:
        return overlap
    return 0.0


def is_near(a: Box, b: Box, reach: float) -> bool:
    """Whether two boxes overlap once each is grown by half of `reach` of its size.

    >>> is_near(Box(0, 0, 10, 10), Box(14, 0, 24, 10), 0.5)
    True
    >>> is_near(Box(0, 0, 10, 10), Box(16, 0, 26, 10), 0.5)
    False
    """
    one, other = a.grown(reach / 2), b.grown(reach / 2)
    return min(one.x1, other.x1) > max(one.x0, other.x0) and min(one.y1, other.y1) > max(one.y0, other.y0)


def is_part(a: Box, b: Box) -> bool:
    """Whether one box is a good part of the other: a thing half hidden, or come out from behind what hid it.

    >>> is_part(Box(0, 0, 10, 10), Box(0, 0, 6, 10)), is_part(Box(0, 0, 10, 10), Box(2, 0, 12, 10))
    (True, False)
    """
    smaller, larger = sorted((a, b), key=lambda box: box.area)
    return smaller.area < _PART_AREA * larger.area and covered_share(smaller, larger) >= _PART_SHARE


def shift(a: Box, b: Box) -> float:
    """How far a thing moved from `b` to `a`, in their unit: what both edges of a side went the same way.

    What comes in front of a thing, or goes away from it, moves one edge only.

    >>> shift(Box(25, 0, 125, 100), Box(0, 0, 100, 100)), shift(Box(25, 0, 100, 100), Box(0, 0, 100, 100))
    (25.0, 0.0)
    """
    return math.hypot(_common(a.x0 - b.x0, a.x1 - b.x1), _common(a.y0 - b.y0, a.y1 - b.y1))


def _common(one: float, other: float) -> float:
    return min(abs(one), abs(other)) if one * other > 0 else 0.0


def is_as_placed(place: Box, home: Box) -> bool:
    """Whether a thing is where it was, whole or with somebody in front of a little of it.

    >>> home = Box(0, 0, 100, 100)
    >>> is_as_placed(Box(15, 0, 115, 100), home), is_as_placed(Box(22, 0, 100, 100), home)
    (False, True)
    """
    if iou(place, home) >= _SAME_PLACE:
        return True
    is_as_large = min(place.area, home.area) >= _PART_AREA * max(place.area, home.area)
    return is_as_large and shift(place, home) <= _STILL_SHARE * home.size


def has_left(place: Box, home: Box, share: float = DRIFT_SHARE) -> bool:
    """Whether a thing is whole, and off where it was by more than `share` of its size.

    >>> has_left(Box(25, 0, 125, 100), Box(0, 0, 100, 100)), has_left(Box(15, 0, 115, 100), Box(0, 0, 100, 100))
    (True, False)
    """
    return has_drifted(place, home, share) and not is_part(place, home)


def blend(before: Box, after: Box, share: float) -> Box:
    """Edge by edge between two boxes, `share` in [0, 1] of the way to the later one.

    >>> blend(Box(0, 0, 10, 10), Box(10, 0, 20, 10), 0.5)
    Box(x0=5.0, y0=0.0, x1=15.0, y1=10.0)
    """
    mixed = ((1 - share) * b + share * a for b, a in zip(before.xyxy, after.xyxy, strict=True))
    return Box(*mixed)
