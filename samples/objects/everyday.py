"""What stands in every street: cars, people, bins, rubbish.

Without them a detector would learn that what looks rendered is a stall or a pile. Front faces -y.
"""

from __future__ import annotations

import colorsys
import math
import random

import bodies
import paint
import people
import shapes
from build import Box, Build, Things, moved, single
from car import car
from mathutils import Vector
from rubbish import bag, heap
from surroundings import PAVEMENT_Z_M

Colour = tuple[float, float, float]
CAR_COLOURS: tuple[Colour, ...] = ((0.75, 0.75, 0.74), (0.02, 0.02, 0.022), (0.35, 0.36, 0.38), (0.10, 0.11, 0.12))
"""White, black, silver, grey: three cars of four."""
BIN_COLOURS: tuple[Colour, ...] = ((0.02, 0.16, 0.05), (0.02, 0.07, 0.28), (0.05, 0.05, 0.05), (0.40, 0.03, 0.03))


def _any_colour(rng: random.Random) -> Colour:
    return colorsys.hsv_to_rgb(rng.random(), rng.uniform(0.4, 0.95), rng.uniform(0.05, 0.6))


def motor_vehicle(rng: random.Random) -> Build:
    """A parked car, seen from any side."""
    colour = rng.choice(CAR_COLOURS) if rng.random() < 0.75 else _any_colour(rng)
    sections = rng.choice((bodies.SALOON, bodies.SUV))
    made = moved([car("car", colour, sections)], (0, 0, 0), turn=rng.uniform(0, 2 * math.pi))
    return single("motor_vehicle", made)


def person(rng: random.Random) -> Build:
    """One to three people, a box each."""
    groups: dict[str, Things] = {}
    for k in range(rng.choice((1, 1, 2, 3))):
        where = (0.9 * k + rng.uniform(-0.2, 0.2), rng.uniform(-0.5, 0.5))
        groups[f"person {k}"] = people.figure(rng, where, facing=rng.uniform(0, 2 * math.pi))
    return Build("person", groups, tuple(Box("person", (name,)) for name in groups))


def exposed_garbage(rng: random.Random) -> Build:
    """A heap of bags, cartons and scraps."""
    parts = heap((0, 0), rng.uniform(0.5, 1.6), rng.uniform(0.4, 1.2), rng, clumps=1)
    return single("exposed_garbage", moved(parts, (0, 0, -PAVEMENT_Z_M)))


def garbage_bag(rng: random.Random) -> Build:
    """One to four tied bags, a box each."""
    groups: dict[str, Things] = {}
    for k in range(rng.choice((1, 1, 2, 3, 4))):
        at = Vector((0.62 * k + rng.uniform(-0.05, 0.05), rng.uniform(-0.3, 0.3), 0))
        groups[f"bag {k}"] = [bag(at, rng.uniform(0.17, 0.3), rng)]
    return Build("garbage_bag", groups, tuple(Box("garbage_bag", (name,)) for name in groups))


def bins(rng: random.Random) -> Build:
    """One to three closed wheelie bins, a box each."""
    groups: dict[str, Things] = {}
    for k in range(rng.choice((1, 2, 3))):
        groups[f"bin {k}"] = _bin(rng, 0.68 * k)
    return Build("bin", groups, tuple(Box("bin", (name,)) for name in groups))


def _bin(rng: random.Random, x: float) -> Things:
    hull = paint.worn(rng, paint.near(rng, rng.choice(BIN_COLOURS)), roughness=0.5)
    tall, wide = rng.uniform(0.85, 1.05), rng.uniform(0.5, 0.58)
    parts = [
        shapes.box("hull", (wide * 0.9, wide, tall * 0.5), (x, 0, 0.06 + tall * 0.25), hull, bevel_m=0.03),
        shapes.box("upper hull", (wide, wide * 1.1, tall * 0.45), (x, 0, 0.06 + tall * 0.72), hull, bevel_m=0.03),
        shapes.box("lid", (wide * 1.06, wide * 1.2, 0.06), (x, -0.02, 0.08 + tall * 0.97), hull, bevel_m=0.02),
    ]
    for side in (-1, 1):
        where = (x + side * wide * 0.42, wide * 0.5, 0.1)
        parts.append(shapes.cylinder("wheel", 0.1, 0.05, where, paint.rubber(rng), tilt=(0, math.pi / 2, 0), count=20))
    return parts
