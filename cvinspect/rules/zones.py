"""Where a rule holds: zones by point, on shares of the picture."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import time

from cvinspect.domain import Camera, Zone
from cvinspect.geometry import Area, Box, Point, Polygon, contains
from cvinspect.taxonomy import Anchor, Violation

_BESIDE_SHARES = (0.08, 0.25, 0.05)
"""Of the picture: what is looked at beside the zones, above them and below."""

WHOLE_PICTURE: Polygon = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))

_WORTH_CUTTING = 0.75

_CLOSE_MARGIN = 0.1


@dataclass(frozen=True, slots=True)
class Claim:
    """A violation that may lay claim to a thing, because of where the thing is."""

    violation: Violation
    zone: Zone | None
    """The drawn zone that decided it, or None where the rule holds anywhere."""
    drawn: bool
    """Whether somebody drew what decided it, rather than the whole picture standing in for it."""


def claim(violation: Violation, box: Box, *, camera: Camera, size: tuple[int, int], now: time) -> Claim | None:
    """What `violation` says to a thing at `box` (pixels) in a picture of `size` (width, height) at local time `now`.

    A camera without zones is judged as if its whole picture were every kind of zone that a rule asks for; zones
    that forbid or exempt must be drawn. Points on a zone's border are inside.
    """
    point = anchor_point(box, violation.anchor, size)
    return None if _is_exempt(violation, point, camera, now) else claim_at(violation, point, camera)


def claim_at(violation: Violation, point: Point, camera: Camera) -> Claim | None:
    """What `violation` says to a thing at a point (shares of the picture) at an hour when nothing is exempt."""
    inside = [zone for zone in _named(camera, violation.zones) if contains(zone.polygon, point)]
    if inside:
        return Claim(violation, inside[0], drawn=True)
    bays = _named(camera, violation.outside_zones)
    if bays:
        return None if _any_holds(bays, point) else Claim(violation, None, drawn=True)
    if violation.zones and camera.zones:
        return None
    named = [zone for zone in _named(camera, violation.named_zones) if contains(zone.polygon, point)]
    return Claim(violation, named[0] if named else None, drawn=not violation.zones)


def may_hold(violation: Violation, camera: Camera) -> bool:
    """Whether there is a place in the camera's picture where the rule holds."""
    if not (violation.zones and camera.zones):
        return True
    return bool(_named(camera, violation.zones) or _named(camera, violation.outside_zones))


def area_of(camera: Camera, violations: Sequence[Violation]) -> Area | None:
    """The part of the picture in which a violation can lie; None: the whole of it, or nearly so.

    What stands in a zone reaches beyond it, mostly upwards.
    """
    zones: list[Zone] = []
    for violation in violations:
        if may_hold(violation, camera):
            if not violation.zones or _named(camera, violation.outside_zones):
                return None
            zones += _named(camera, violation.zones)
    if not zones:
        return None
    x, y = zip(*(corner for zone in zones for corner in zone.polygon), strict=True)
    sides, above, below = _BESIDE_SHARES
    area = max(0.0, min(x) - sides), max(0.0, min(y) - above), min(1.0, max(x) + sides), min(1.0, max(y) + below)
    return area if (area[2] - area[0]) * (area[3] - area[1]) <= _WORTH_CUTTING else None


def around(polygon: Polygon) -> Area:
    """A zone with a little beside it, for a look at it by itself."""
    x, y = zip(*polygon, strict=True)
    sides, ends = _CLOSE_MARGIN * (max(x) - min(x)), _CLOSE_MARGIN * (max(y) - min(y))
    return max(0.0, min(x) - sides), max(0.0, min(y) - ends), min(1.0, max(x) + sides), min(1.0, max(y) + ends)


def anchor_point(box: Box, anchor: Anchor, size: tuple[int, int]) -> Point:
    """The point that decides, as shares of width and height in [0, 1]."""
    x, y = box.ground_point if anchor is Anchor.GROUND else box.centre
    return min(max(x / size[0], 0.0), 1.0), min(max(y / size[1], 0.0), 1.0)


def _is_exempt(violation: Violation, point: Point, camera: Camera, now: time) -> bool:
    if not is_exempt_place(violation, point, camera):
        return False
    return not violation.exempt_hours or any(now in hours for hours in violation.exempt_hours)


def is_exempt_place(violation: Violation, point: Point, camera: Camera) -> bool:
    """Whether the point lies in a zone in which the class is allowed, be it at some hours only."""
    return _any_holds(_named(camera, violation.exempt_zones), point)


def areas_of(violation: Violation, camera: Camera) -> tuple[Polygon, ...]:
    """Where the rule may hold, what exempts or forbids left aside; empty: nowhere."""
    if not may_hold(violation, camera):
        return ()
    zones = _named(camera, violation.zones)
    is_anywhere = not violation.zones or not camera.zones or _named(camera, violation.outside_zones)
    return (*(zone.polygon for zone in zones), *((WHOLE_PICTURE,) if is_anywhere else ()))


def _named(camera: Camera, names: tuple[str, ...]) -> list[Zone]:
    """The camera's zones whose kind or id is among the names."""
    return [zone for zone in camera.zones if zone.kind in names or zone.id in names]


def _any_holds(zones: list[Zone], point: Point) -> bool:
    return any(contains(zone.polygon, point) for zone in zones)


def strongest(claims: list[Claim], label: str) -> Claim | None:
    """The one claim that prevails, so that one thing is one violation.

    Drawn zones win over the whole picture. Among drawn ones a violation yields to those it names. Where nothing
    was drawn, the violation for which the label is the most typical one wins.
    """
    drawn = [one for one in claims if one.drawn]
    if drawn:
        ids = {one.violation.id for one in drawn}
        free = [one for one in drawn if not ids & {*one.violation.yields_to, *one.violation.joins}]
        return (free or drawn)[0]
    return min(claims, key=lambda one: one.violation.labels.index(label), default=None)
