"""Whether a violation of a class could have been raised at all, and why not.

No violation found says something of a street only where one could have been. Everything here is pure: what is
configured, what the model backs, when pictures were inspected -> obstacles, each with the seconds that tell how much
was missing.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from cvinspect.domain import Camera
from cvinspect.geometry import Point, Polygon, contains
from cvinspect.rules.day import holds_in, longest_s
from cvinspect.rules.sample_times import SampleTimes
from cvinspect.rules.zones import areas_of, claim_at, is_exempt_place
from cvinspect.taxonomy import Hours, Obstacle, Violation

_CREDIT_S = 5.0
"""What the ledger counts of a thing's rest from before its rule began to hold, or two samples' time."""

_GRID = 24
"""Points looked at along each side of an area: what lies between them is smaller than any thing of interest."""

_SAMPLES_A_DWELL = 2
"""What lasts is seen more than once."""

_PLANNED_INTERVALS = 3.0
"""Between pictures that are planned to be far apart, time that nobody saw counts up to so many intervals."""


@dataclass(frozen=True, slots=True)
class NotRaised:
    """One reason why a class could not be raised."""

    obstacle: Obstacle
    found_s: float | None = None
    """Seconds that there were: of a stretch, or between pictures; None where seconds say nothing."""
    needed_s: float | None = None
    """Seconds that it takes: at least of a stretch, at most between pictures."""


class _Places(Enum):
    """Where a rule holds in a camera's picture."""

    NONE = 0
    EXEMPT = 1
    """Only where the class is allowed at all hours."""
    AT_SOME_HOURS = 2
    """Only where it is allowed at certain hours."""
    FREE = 3


def obstacles_configured(
    violation: Violation, camera: Camera, *, is_backed: bool, apart_s: float | None = None
) -> tuple[NotRaised, ...]:
    """Why `violation` could not be raised by a camera that looks day and night; empty: it could.

    `is_backed`: whether the model has a label of the class. `apart_s`: seconds between its pictures; None: not known.
    """
    return (*_standing(violation, camera, is_backed=is_backed), *_of_the_plan(violation, camera, apart_s))


def obstacles_in(violation: Violation, camera: Camera, seen: SampleTimes, *, is_backed: bool) -> tuple[NotRaised, ...]:
    """Why `violation` could not have been raised in a recording, of which `seen` was inspected; empty: it could.

    `is_backed`: whether the model has a label of the class.
    """
    return (*_standing(violation, camera, is_backed=is_backed), *_times(violation, camera, seen))


def _standing(violation: Violation, camera: Camera, *, is_backed: bool) -> Iterator[NotRaised]:
    """Whenever one looks."""
    if not is_backed:
        yield NotRaised(Obstacle.NOT_BACKED)
    match _places(violation, camera):
        case _Places.NONE:
            yield NotRaised(Obstacle.NO_ZONE)
        case _Places.EXEMPT:
            yield NotRaised(Obstacle.EXEMPT)
    if violation.min_size_share >= 1:
        yield NotRaised(Obstacle.MIN_SIZE)


def _of_the_plan(violation: Violation, camera: Camera, apart_s: float | None) -> Iterator[NotRaised]:
    if apart_s is not None and (sparse := _sparse(violation, apart_s, violation.gap_s)) is not None:
        yield sparse
    allowed_s = longest_s(violation.hours, but_for=_exempt_hours(violation, camera), gap_s=violation.gap_s)
    if allowed_s + max(_CREDIT_S, 2 * (apart_s or 0.0)) < violation.dwell_s:
        yield NotRaised(Obstacle.OUT_OF_HOURS, allowed_s, violation.dwell_s)


def _times(violation: Violation, camera: Camera, seen: SampleTimes) -> Iterator[NotRaised]:
    dwell_s, gap_s = violation.dwell_s, max(violation.gap_s, _PLANNED_INTERVALS * seen.interval_s)
    if not len(seen):
        yield NotRaised(Obstacle.NO_PICTURE)
        return
    unbroken_s = seen.longest_s(gap_s=gap_s) or 0.0
    if dwell_s > 0:
        if seen.is_single:
            yield NotRaised(Obstacle.SINGLE_PICTURE, 0.0, dwell_s)
        elif seen.whole_s < dwell_s:
            yield NotRaised(Obstacle.TOO_SHORT, seen.whole_s, dwell_s)
        elif (sparse := _sparse(violation, seen.apart_s, gap_s)) is not None:
            yield sparse
        elif unbroken_s < dwell_s:
            yield NotRaised(Obstacle.INTERRUPTED, unbroken_s, dwell_s)
    holds = holds_in(violation.hours, but_for=_exempt_hours(violation, camera))
    if holds is None:
        return
    allowed_s = seen.longest_s(gap_s=gap_s, holds=holds)
    is_cut = allowed_s is None or allowed_s < unbroken_s
    credit_s = max(_CREDIT_S, 2 * seen.apart_s)
    if is_cut and (allowed_s is None or allowed_s + credit_s < dwell_s):
        yield NotRaised(Obstacle.OUT_OF_HOURS, allowed_s or 0.0, dwell_s)


def _sparse(violation: Violation, apart_s: float, gap_s: float) -> NotRaised | None:
    most_s = min(gap_s, violation.dwell_s / _SAMPLES_A_DWELL)
    is_sparse = violation.dwell_s > 0 and apart_s > most_s
    return NotRaised(Obstacle.SPARSE, apart_s, most_s) if is_sparse else None


def _exempt_hours(violation: Violation, camera: Camera) -> tuple[Hours, ...]:
    """Hours at which the class is allowed wherever its rule could hold."""
    is_bound = bool(violation.exempt_hours) and _places(violation, camera) is _Places.AT_SOME_HOURS
    return violation.exempt_hours if is_bound else ()


def _places(violation: Violation, camera: Camera) -> _Places:
    areas = areas_of(violation, camera)
    if not (violation.exempt_zones or violation.outside_zones) or not camera.zones:
        return _Places.FREE if areas else _Places.NONE
    found = _Places.NONE
    for point in (point for area in areas for point in _points(area)):
        if claim_at(violation, point, camera) is None:
            continue
        if not is_exempt_place(violation, point, camera):
            return _Places.FREE
        found = _Places.AT_SOME_HOURS if violation.exempt_hours else _Places.EXEMPT
    return found


def _points(area: Polygon) -> Iterator[Point]:
    """Of an area: its corners, and a grid within it."""
    yield from area
    x, y = zip(*area, strict=True)
    for across in range(1, 2 * _GRID, 2):
        for down in range(1, 2 * _GRID, 2):
            point = (
                min(x) + (max(x) - min(x)) * across / (2 * _GRID),
                min(y) + (max(y) - min(y)) * down / (2 * _GRID),
            )
            if contains(area, point):
                yield point
