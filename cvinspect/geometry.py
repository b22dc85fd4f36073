"""Boxes and polygons: pure functions of numbers, in any one unit of length."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

Point = tuple[float, float]
"""(x, y), origin top-left, y downwards."""

Polygon = tuple[Point, ...]
"""At least three corners; the last is joined to the first."""

Area = tuple[float, float, float, float]
"""x0, y0, x1, y1 as shares of the picture's width and height, in [0, 1]."""

DRIFT_SHARE = 0.2
"""A still thing's centre strays less than this, as a share of the thing's size."""

_PIXEL_NOISE = 3.0
"""Pixels: no network places the box of a small thing more exactly."""


@dataclass(frozen=True, slots=True)
class Box:
    """An axis-parallel box: float pixels of the source frame, origin top-left, x1 > x0 and y1 > y0."""

    x0: float
    y0: float
    x1: float
    y1: float

    @property
    def width(self) -> float:
        """Horizontal extent in pixels."""
        return self.x1 - self.x0

    @property
    def height(self) -> float:
        """Vertical extent in pixels."""
        return self.y1 - self.y0

    @property
    def area(self) -> float:
        """Pixels squared; 0 for a box turned inside out."""
        return max(0.0, self.width) * max(0.0, self.height)

    @property
    def size(self) -> float:
        """Side of the square of the same area, in pixels."""
        return math.sqrt(self.area)

    @property
    def centre(self) -> Point:
        """The middle."""
        return (self.x0 + self.x1) / 2, (self.y0 + self.y1) / 2

    @property
    def ground_point(self) -> Point:
        """The middle of the lower edge: where a thing on the ground touches it."""
        return (self.x0 + self.x1) / 2, self.y1

    @property
    def xyxy(self) -> tuple[float, float, float, float]:
        """The four numbers in their usual order."""
        return self.x0, self.y0, self.x1, self.y1

    def grown(self, share: float) -> "Box":
        """The same box with `share` of its size added on every side.

        >>> Box(0, 0, 10, 10).grown(0.5)
        Box(x0=-5.0, y0=-5.0, x1=15.0, y1=15.0)
        """
        margin = self.size * share
        return Box(self.x0 - margin, self.y0 - margin, self.x1 + margin, self.y1 + margin)

    def moved(self, dx: float, dy: float) -> "Box":
        """The same box, so far to the right and down."""
        return Box(self.x0 + dx, self.y0 + dy, self.x1 + dx, self.y1 + dy)

    def scaled(self, x: float, y: float) -> "Box":
        """The same box with its edges times `x` across and `y` down: from shares of a picture to its pixels.

        >>> Box(0.5, 0.5, 1, 1).scaled(200, 100)
        Box(x0=100.0, y0=50.0, x1=200, y1=100)
        """
        return Box(self.x0 * x, self.y0 * y, self.x1 * x, self.y1 * y)

    def clipped(self, width: float, height: float) -> "Box":
        """The part of the box inside a picture of that width and height (pixels)."""
        return Box(
            min(max(self.x0, 0.0), width),
            min(max(self.y0, 0.0), height),
            min(max(self.x1, 0.0), width),
            min(max(self.y1, 0.0), height),
        )


def intersection(a: Box, b: Box) -> float:
    """Common area in pixels squared.

    >>> intersection(Box(0, 0, 2, 2), Box(1, 1, 3, 3))
    1
    """
    if a.x1 <= b.x0 or b.x1 <= a.x0 or a.y1 <= b.y0 or b.y1 <= a.y0:  # nearly all pairs of a street
        return 0
    return max(0, min(a.x1, b.x1) - max(a.x0, b.x0)) * max(0, min(a.y1, b.y1) - max(a.y0, b.y0))


def iou(a: Box, b: Box) -> float:
    """Intersection over union, in [0, 1]; 0 for empty boxes.

    >>> round(iou(Box(0, 0, 2, 2), Box(1, 0, 3, 2)), 3)
    0.333
    """
    common = intersection(a, b)
    if not common:
        return 0.0
    union = a.area + b.area - common
    return common / union if union > 0 else 0.0


def covered_share(inner: Box, outer: Box) -> float:
    """Share of `inner` that lies within `outer`, in [0, 1]; 0 for an empty `inner`.

    >>> covered_share(Box(0, 0, 2, 2), Box(1, 0, 9, 9))
    0.5
    """
    common = intersection(inner, outer)
    return common / inner.area if common else 0.0


def centre_distance(a: Box, b: Box) -> float:
    """From the middle of one to that of the other, in the boxes' unit.

    >>> centre_distance(Box(0, 0, 2, 2), Box(3, 4, 5, 6))
    5.0
    """
    return math.hypot(a.centre[0] - b.centre[0], a.centre[1] - b.centre[1])


def has_drifted(box: Box, anchor: Box, share: float = DRIFT_SHARE) -> bool:
    """Whether a thing's centre is off where it was (both in pixels) by more than `share` of its size then."""
    return centre_distance(box, anchor) > max(share * anchor.size, _PIXEL_NOISE)


def bounding(boxes: Sequence[Box]) -> Box:
    """The smallest box that holds them all; `boxes` is not empty."""
    return Box(
        min(box.x0 for box in boxes),
        min(box.y0 for box in boxes),
        max(box.x1 for box in boxes),
        max(box.y1 for box in boxes),
    )


def contains(polygon: Polygon, point: Point) -> bool:
    """Whether the point lies in the polygon (even-odd rule; points on the border count as inside).

    The crossing test is W. Randolph Franklin's PNPOLY.

    >>> contains(((0, 0), (1, 0), (1, 1), (0, 1)), (0.5, 1.0))
    True
    """
    x, y = point
    inside = False
    for (ax, ay), (bx, by) in zip(polygon, polygon[1:] + polygon[:1], strict=True):
        if _on_edge((ax, ay), (bx, by), point):
            return True
        if (ay > y) != (by > y) and x < (bx - ax) * (y - ay) / (by - ay) + ax:
            inside = not inside
    return inside


def _on_edge(a: Point, b: Point, point: Point) -> bool:
    (ax, ay), (bx, by), (x, y) = a, b, point
    cross = (bx - ax) * (y - ay) - (by - ay) * (x - ax)
    if abs(cross) > 1e-12:
        return False
    return min(ax, bx) <= x <= max(ax, bx) and min(ay, by) <= y <= max(ay, by)


def polygon_area(polygon: Polygon) -> float:
    """Area by the shoelace formula; 0 when the corners lie on one line."""
    pairs = zip(polygon, polygon[1:] + polygon[:1], strict=True)
    return abs(sum(ax * by - bx * ay for (ax, ay), (bx, by) in pairs)) / 2


def crosses_itself(polygon: Polygon) -> bool:
    """Whether two edges that are not neighbours meet, as in a bow tie.

    >>> crosses_itself(((0, 0), (1, 1), (1, 0), (0, 1)))
    True
    """
    edges = list(zip(polygon, polygon[1:] + polygon[:1], strict=True))
    count = len(edges)
    return any(
        _edges_meet(edges[i], edges[j]) for i in range(count) for j in range(i + 2, count) if (i, j) != (0, count - 1)
    )


def _edges_meet(one: tuple[Point, Point], other: tuple[Point, Point]) -> bool:
    (a, b), (c, d) = one, other
    return _side(a, b, c) * _side(a, b, d) < 0 and _side(c, d, a) * _side(c, d, b) < 0


def _side(a: Point, b: Point, point: Point) -> float:
    return (b[0] - a[0]) * (point[1] - a[1]) - (b[1] - a[1]) * (point[0] - a[0])
