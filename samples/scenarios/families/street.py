"""The street that all families share: a kerb, a pavement behind it, a lane in front, and what passes by.

38 pixels are a metre at the kerb: a car's box is 4.5 m long.
"""

import numpy as np

from cvinspect.domain import Zone
from cvinspect.geometry import Box
from samples.scenarios.noise import false_spots
from samples.scenarios.scene import WIDTH, Path, Spot, Thing, moved

PX_PER_M = 38.0

CAR = (171.0, 104.0)
"""Width and height of a parked car's box, pixels."""

KERB_Y = 500.0
"""Where the wheels of parked cars touch the ground."""

LANE_Y = 620.0
"""Cars in the lane hide the lowest fifth of a parked one, a bus all of it."""
PAVEMENT_Y = 330.0

KERB = Zone("kerb", "no_parking", ((0.02, 0.5), (0.98, 0.5), (0.98, 0.8), (0.02, 0.8)))
PAVEMENT = Zone("pavement", "no_vending", ((0.02, 0.3), (0.98, 0.3), (0.98, 0.5), (0.02, 0.5)))
GROUND = Zone("ground", "public_ground", PAVEMENT.polygon)
ZONES = (KERB, PAVEMENT, GROUND)

SPOT_LABELS = ("motor_vehicle", "exposed_garbage", "garbage_bag", "vendor_stall", "material_pile", "road_damage")

_ASIDE_PX = 105.0
_BRAKING_S = 3.0
_PULLING_M_S2 = 1.5


def look(rng: np.random.Generator) -> int:
    """One of so many textures, so that hardly any two things look alike."""
    return int(rng.integers(100, 400))


def bay(rng: np.random.Generator, *, number: int | None = None) -> Box:
    """A place at the kerb; numbered ones, 0 to 4, lie side by side."""
    width, height = CAR
    x0 = 130 + 215 * (rng.uniform(0, 4) if number is None else number)
    return Box(float(x0), KERB_Y - height, float(x0) + width, KERB_Y)


def pavement_place(rng: np.random.Generator, width: float, height: float) -> Box:
    """A place on the pavement for something of that size in pixels."""
    x0 = float(rng.uniform(120, WIDTH - 120 - width))
    y1 = PAVEMENT_Y + float(rng.uniform(-25, 15))
    return Box(x0, y1 - height, x0 + width, y1)


def visit(place: Box, start_s: float, end_s: float, *, speed_px_s: float = 220.0, lane_px: float = 0.0) -> Path:
    """Drives in from the left, brakes, is at rest from one second to the other, and pulls off to the right.

    It comes and goes round others, so many pixels further down.
    """

    def path(at_s: float) -> Box:
        if at_s < start_s:
            left_s = start_s - at_s
            braking_s = min(left_s, _BRAKING_S)
            gone = speed_px_s * braking_s**2 / (2 * _BRAKING_S) + speed_px_s * max(left_s - _BRAKING_S, 0.0)
            return moved(place, -gone, min(0.35 * gone, lane_px))
        if at_s < end_s:
            return place
        gone = min(0.5 * _PULLING_M_S2 * PX_PER_M * (at_s - end_s) ** 2, 3.0 * WIDTH)
        return moved(place, gone, min(0.35 * gone, lane_px))

    return path


def parked(label: str, place: Box, start_s: float, end_s: float, rng: np.random.Generator) -> Thing:
    """Something that drives in, rests, and drives off."""
    path = visit(place, start_s, end_s, lane_px=_ASIDE_PX)
    return Thing(label, path, look(rng), spans=((start_s - 12, end_s + 9),))


def passing(box: Box, start_s: float, speed_px_s: float, label: str, rng: np.random.Generator) -> Thing:
    """Something that crosses the picture from left to right."""
    spans = ((start_s, start_s + (WIDTH + 2 * box.width) / speed_px_s),)
    return Thing(label, lambda at_s: moved(box, -box.x1 + speed_px_s * (at_s - start_s)), look(rng), spans=spans)


def traffic(rng: np.random.Generator, duration_s: float, *, every_s: float = 20.0) -> list[Thing]:
    """Cars in the lane and people on the pavement, in front of what stands behind them, at random moments."""
    things = []
    for start_s in np.cumsum(rng.exponential(every_s, size=int(2 * duration_s / every_s) + 4)):
        if start_s > duration_s:
            break
        if rng.random() < 0.5:
            width, height = CAR[0] * 1.3, CAR[1] * 1.3
            box = Box(0, LANE_Y - height, width, LANE_Y)
            things.append(passing(box, float(start_s), float(rng.uniform(150, 400)), "motor_vehicle", rng))
        else:
            foot = PAVEMENT_Y + float(rng.uniform(-10, 45))
            box = Box(0, foot - 110, 42, foot)
            things.append(passing(box, float(start_s), float(rng.uniform(35, 60)), "person", rng))
    return things


def bus(start_s: float, rng: np.random.Generator, *, stops_at_x: float, stops_s: float) -> Thing:
    """A bus in the lane that draws up for a while, or passes without a stop; it hides the kerb behind it."""
    place = Box(stops_at_x, LANE_Y - 290, stops_at_x + 480, LANE_Y)
    path = visit(place, start_s, start_s + stops_s, speed_px_s=260.0)
    return Thing("motor_vehicle", path, look(rng), spans=((start_s - 12, start_s + stops_s + 9),))


def far_first(things: list[Thing]) -> tuple[Thing, ...]:
    """In the order in which they hide each other: by where they touch the ground."""

    def foot(thing: Thing) -> float:
        return thing.path(max(thing.spans[0][0], 0.0)).y1

    return tuple(sorted(things, key=foot))


def spots(rng: np.random.Generator) -> tuple[Spot, ...]:
    """Places of false boxes, of labels for which any place in this street would count."""
    return false_spots(rng, SPOT_LABELS)


def fps(rng: np.random.Generator) -> float:
    """One or two samples a second."""
    return float(rng.choice([1.0, 2.0]))
