"""Same violation or another one? Pure functions of places."""

from cvinspect.geometry import Box, covered_share, iou

SAME_PLACE_IOU = 0.3
"""Two boxes of one still thing overlap at least this much, whatever a detector's jitter and a passer-by do."""

_PARTLY_HIDDEN_SHARE = 0.8
_PARTLY_HIDDEN_AREA = 0.25
"""A box within the place, of at least this share of its area, is the thing half hidden."""


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
