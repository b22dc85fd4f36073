"""A heap of rubbish: tied bags, cartons and loose litter, in clumps that can fly in one by one."""

from __future__ import annotations

import math
import random

import bpy
import shapes
from materials import Colour, film, mottled, plain
from mathutils import Vector, noise
from surroundings import PAVEMENT_Z_M

BAGS: tuple[tuple[Colour, Colour | None], ...] = (
    ((0.012, 0.012, 0.013), None),
    ((0.72, 0.72, 0.70), (0.45, 0.12, 0.10)),
    ((0.62, 0.02, 0.03), None),
    ((0.75, 0.76, 0.76), (0.25, 0.35, 0.5)),
    ((0.02, 0.022, 0.025), None),
    ((0.62, 0.66, 0.66), (0.5, 0.42, 0.2)),
    ((0.06, 0.20, 0.55), (0.75, 0.75, 0.75)),
    ((0.80, 0.80, 0.78), None),
    ((0.75, 0.25, 0.32), None),
)
"""Film colour, and the colour of what is printed on it or shines through."""


def bag(at: Vector, radius: float, rng: random.Random) -> bpy.types.Object:
    """A slumped, crumpled, tied bag."""
    shift = Vector((rng.uniform(0, 99), rng.uniform(0, 99), rng.uniform(0, 99)))
    flat = rng.uniform(0.62, 0.85)

    def crumple(p: Vector) -> Vector:
        folds = (
            0.30 * noise.noise(p * 1.3 + shift)
            + 0.13 * (0.5 - abs(noise.noise(p * 3.2 + shift)))
            + 0.07 * (0.5 - abs(noise.noise(p * 7 + shift)))
        )
        out = p * (1 + folds)
        if p.z > 0.86:  # the tied neck
            out = Vector((out.x * 0.4, out.y * 0.4, out.z + 1.6 * (p.z - 0.86) * 1.6))
        return Vector((out.x * 1.12, out.y, max(-0.55, out.z) * flat)) * radius

    colour, printed = rng.choice(BAGS)
    made = shapes.blob("bag", 5, crumple, film(f"film {colour}", colour, print_colour=printed))
    made.location = at + Vector((0, 0, 0.55 * radius * flat))
    made.rotation_euler = (rng.gauss(0, 0.35), rng.gauss(0, 0.35), rng.uniform(0, 6.28))
    return made


def scrap(at: Vector, rng: random.Random) -> bpy.types.Object:
    """A crumpled sheet of paper or film, 10 to 40 cm wide."""
    size, shift = rng.uniform(0.05, 0.19), rng.uniform(0, 99)
    colours: tuple[Colour, ...] = (
        (0.75, 0.74, 0.70),
        (0.7, 0.7, 0.72),
        (0.65, 0.05, 0.05),
        (0.1, 0.3, 0.6),
        (0.75, 0.55, 0.1),
        (0.15, 0.4, 0.2),
        (0.55, 0.42, 0.28),
        (0.03, 0.03, 0.03),
    )
    vertices, n = [], 7
    for j in range(n):
        for i in range(n):
            u, v = 2 * i / (n - 1) - 1, 2 * j / (n - 1) - 1
            lift = noise.noise(Vector((u * 1.5, v * 1.5, shift))) + 0.6 * noise.noise(Vector((u * 3, v * 3, shift)))
            vertices.append((size * u * (1 + 0.4 * lift), size * v * (1 - 0.3 * lift), size * 0.55 * (lift + 0.5)))
    faces = [
        (j * n + i, j * n + i + 1, (j + 1) * n + i + 1, (j + 1) * n + i) for j in range(n - 1) for i in range(n - 1)
    ]
    colour = rng.choice(colours)
    made = shapes.mesh_object(
        "scrap",
        vertices,
        faces,
        [plain(f"scrap {colour}", colour, roughness=0.45)],
        smooth=rng.random() < 0.5,
    )
    made.location, made.rotation_euler = at, (rng.gauss(0, 0.3), rng.gauss(0, 0.3), rng.uniform(0, 6.28))
    return made


def carton(at: Vector, rng: random.Random) -> bpy.types.Object:
    """A cardboard box, tipped a little."""
    card = mottled("carton", (0.36, 0.24, 0.13), (0.48, 0.33, 0.19), scale=3)
    size = (rng.uniform(0.3, 0.5), rng.uniform(0.22, 0.4), rng.uniform(0.18, 0.32))
    made = shapes.box("carton", size, tuple(at + Vector((0, 0, 0.12))), card, bevel_m=0.01, turn=rng.uniform(0, 3))
    made.rotation_euler[0] = rng.gauss(0, 0.3)
    return made


def heap(
    at: tuple[float, float], half_x: float, half_y: float, rng: random.Random, *, clumps: int
) -> list[bpy.types.Object]:
    """Empties in order of arrival, each carrying a part of the heap; the lowest arrive first."""
    spots: list[tuple[float, bpy.types.Object]] = []

    def spot(spread: float) -> tuple[Vector, float]:
        angle, reach = rng.uniform(0, 2 * math.pi), spread * math.sqrt(rng.random())
        height = 0.85 * max(0.0, 1 - reach**2) ** 1.2
        return Vector(
            (at[0] + half_x * reach * math.cos(angle), at[1] + half_y * reach * math.sin(angle), PAVEMENT_Z_M)
        ), height

    for _ in range(80):
        where, height = spot(0.95)
        rise = height * rng.uniform(0.15, 1.0)
        spots.append((rise, bag(where + Vector((0, 0, rise)), rng.uniform(0.15, 0.29), rng)))
    for _ in range(7):
        where, height = spot(0.95)
        spots.append((height * 0.7, carton(where + Vector((0, 0, height * 0.7)), rng)))
    for _ in range(330):
        where, height = spot(1.25)
        lift = height + rng.uniform(0.02, 0.12) if height > 0.05 else 0.03
        spots.append((lift, scrap(where + Vector((0, 0, lift)), rng)))
    spots.sort(key=lambda pair: pair[0] + rng.uniform(0, 0.08))
    things = [thing for _, thing in spots]
    share = math.ceil(len(things) / clumps)
    return [shapes.group(f"clump {k}", things[k * share : (k + 1) * share]) for k in range(clumps)]
