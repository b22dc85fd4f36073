"""Whether a camera's zones look as if x and y had been swapped in each of their corners.

Corners are shares of the picture, so swapped ones are as valid as others. What tells is where things are: zones lie
where the things come that they are drawn for. A guess, to be looked at by a person.
"""

from collections.abc import Iterable, Sequence

from cvinspect.domain import Camera, Detection, Zone
from cvinspect.geometry import Polygon, contains
from cvinspect.rules.zones import anchor_point
from cvinspect.taxonomy import Violation

_LEAST = 3
"""Things in the mirrored zones, over all pictures, that are more than chance."""

_TIMES = 4
"""So many times as many must lie in the mirrored zones as in the zones as they are drawn."""

_ENOUGH = 3
"""Things in the zones as they are drawn, more than in the mirrored ones, that settle it."""

_MOST_ALIKE = 0.6
"""Zones that cover much the same when they are mirrored tell nothing, nor does it matter which way they are."""

_GRID = 40

Seen = tuple[Sequence[Detection], tuple[int, int]]
"""What was detected in one picture, and its width and height in pixels."""


def look_swapped(camera: Camera, violations: Sequence[Violation], pictures: Iterable[Seen]) -> bool:
    """Whether what zones are drawn for lies where the zones would be with x and y swapped, and not in them."""
    if not camera.zones or _likeness(camera.zones) > _MOST_ALIKE:
        return False
    here = there = 0
    for detections, size in pictures:
        for detection in detections:
            is_here, is_there = _lies(detection, size, camera.zones, violations)
            here += is_here and not is_there
            there += is_there and not is_here
        if here >= _ENOUGH:  # they are where they belong; no need to look further
            break
    return there >= _LEAST and there >= _TIMES * here


def mirrored(polygon: Polygon) -> Polygon:
    """With x and y swapped.

    >>> mirrored(((0.1, 0.9), (0.2, 0.8), (0.3, 0.7)))
    ((0.9, 0.1), (0.8, 0.2), (0.7, 0.3))
    """
    return tuple((y, x) for x, y in polygon)


def _lies(
    detection: Detection, size: tuple[int, int], zones: Sequence[Zone], violations: Sequence[Violation]
) -> tuple[bool, bool]:
    """Whether the thing lies in a zone that is drawn for its like, as it is drawn and as it would be mirrored."""
    here = there = False
    for violation in violations:
        if detection.label not in violation.labels:
            continue
        point = anchor_point(detection.box, violation.anchor, size)
        for zone in zones:
            if zone.kind in violation.zones or zone.id in violation.zones:
                here = here or contains(zone.polygon, point)
                there = there or contains(mirrored(zone.polygon), point)
    return here, there


def _likeness(zones: Sequence[Zone]) -> float:
    """Of what the zones cover and what they would cover mirrored: the common part of both together, in [0, 1]."""
    points = [((i + 0.5) / _GRID, (j + 0.5) / _GRID) for i in range(_GRID) for j in range(_GRID)]
    drawn = {point for point in points if any(contains(zone.polygon, point) for zone in zones)}
    other = {(y, x) for x, y in drawn}
    return len(drawn & other) / len(drawn | other) if drawn else 1.0
