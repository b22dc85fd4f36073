"""The sample clip's street as a stage for cut-outs: how cars come and go in it, and what is true of them.

The configuration of `samples/street.yaml` holds: parking is due after 15 s, rubbish after 10 s.
"""

import numpy as np

from cvinspect.evaluate.truth.truth_clip import TruthEvent
from cvinspect.geometry import Box
from samples.scenarios.scene import HEIGHT, WIDTH, Path, Thing, at, event, moved
from samples.scenarios.sprites import place_of

CAR, RUBBISH = "illegal_parking_motor", "exposed_garbage"

JUDGED = frozenset({CAR, RUBBISH})
"""What else stands in the street (stall, parasol, banner, laundry, pile) is the same in every picture: not asked."""

DURATION_S = 90.0

_VANISHING = 1210.0, -214.0
"""Where kerb and lane markings of the clip meet, pixels: whatever drives along the road grows away from there."""

_APPROACH_S = 4.0
_FAR_SCALE, _NEAR_SCALE = 0.18, 2.6
"""Size of a car that comes into view and of one that leaves the picture, as shares of its size in the nearest bay."""

_LANE_PX = 330.0
"""How far right of the nearest bay the lane is, at its size there."""


def along(scale: float, *, lane: bool = False) -> Box:
    """Where a car of the sprite's make is that has this share of its size in the clip's bay."""
    x, y = _VANISHING
    bay = moved(place_of("motor_vehicle"), _LANE_PX if lane else 0.0)
    return Box(*(base + scale * (edge - base) for edge, base in zip(bay.xyxy, (x, y, x, y), strict=True)))


def visit(scale: float, start_s: float, end_s: float) -> Path:
    """Comes up the road, rests from one second to the other, and drives on towards the camera."""

    def path(at_s: float) -> Box:
        if at_s < start_s:
            left = min(1.0, (start_s - at_s) / _APPROACH_S)
            return along(1 / (1 / scale + (1 / _FAR_SCALE - 1 / scale) * left**2))
        if at_s < end_s:
            return along(scale)
        gone = min(1.0, (at_s - end_s) / _APPROACH_S)
        return along(1 / (1 / scale + (1 / _NEAR_SCALE - 1 / scale) * gone**2))

    return path


def parked(
    rng: np.random.Generator, start_s: float, end_s: float, *, lasts_s: float, scale: float | None = None
) -> tuple[Thing, TruthEvent]:
    """A car that comes, rests and leaves, or is still there when the scene ends; and the truth of it."""
    size = scale if scale is not None else float(rng.uniform(0.75, 1.0))
    spans = ((start_s - _APPROACH_S, end_s + _APPROACH_S),)
    car = Thing("motor_vehicle", visit(size, start_s, end_s), int(rng.integers(1, 400)), spans=spans)
    return car, at_rest(CAR, along(size), start_s, end_s, lasts_s=lasts_s)


def dumped(start_s: float, *, lasts_s: float) -> tuple[Thing, TruthEvent]:
    """A heap that lies there from one second on, and the truth of it."""
    place = place_of("exposed_garbage")
    heap = Thing("exposed_garbage", at(place), 0, spans=((start_s, lasts_s + 1.0),))
    return heap, at_rest(RUBBISH, place, start_s, lasts_s, lasts_s=lasts_s)


def passing(rng: np.random.Generator, start_s: float) -> Thing:
    """A car that drives down the lane in 3 to 5 s, in front of what is parked for a moment."""
    takes_s = float(rng.uniform(3, 5))

    def path(at_s: float) -> Box:
        gone = (at_s - start_s) / takes_s
        return along(1 / (1 / _FAR_SCALE + (1 / _NEAR_SCALE - 1 / _FAR_SCALE) * gone), lane=True)

    return Thing("motor_vehicle", path, int(rng.integers(1, 400)), spans=((start_s, start_s + takes_s),))


def traffic(rng: np.random.Generator, lasts_s: float) -> list[Thing]:
    """A car every 20 s or so."""
    return [passing(rng, float(at_s)) for at_s in np.cumsum(rng.exponential(20, size=12)) if at_s < lasts_s]


def beam(start_s: float, strength: float) -> Thing:
    """Headlights that sweep over the road in 4 s; `strength` in gray levels."""
    path: Path = lambda at_s: along(0.3 + 0.35 * (at_s - start_s), lane=True)  # noqa: E731
    return Thing(None, path, 0, spans=((start_s, start_s + 4.0),), light=strength)


def at_rest(class_id: str, place: Box, start_s: float, end_s: float, *, lasts_s: float) -> TruthEvent:
    """What rests there; what is there when the scene ends is watched until then."""
    seen = place.clipped(WIDTH, HEIGHT)
    return event(class_id, seen, start_s, min(end_s, lasts_s), is_there_at_end=end_s >= lasts_s)
