"""Building and trade goods that lie about: each kind makes a pile round the origin, within `reach` metres."""

from __future__ import annotations

import math
import random
from collections.abc import Callable

import bpy
import canopies
import carts
import masonry
import paint
import prints
import shapes
from build import Things, copy_of, dropped, moved
from mathutils import Vector, noise

Pile = Callable[[random.Random, float], Things]


def boards(rng: random.Random, reach: float) -> Things:
    """Planks, shuttering or plasterboard, lying in a stack."""
    long, wide, thick = reach * rng.uniform(1.2, 2.2), rng.uniform(0.08, 0.4), rng.uniform(0.015, 0.06)
    if rng.random() < 0.25:
        wide = rng.uniform(0.6, 1.2)
    columns = max(1, int(rng.uniform(0.4, 1.0) * reach / wide))
    skins = [paint.wood(rng) for _ in range(3)]
    messy = rng.choice((0.01, 0.04, 0.15))
    parts = []
    for level in range(rng.randint(3, 14)):
        for k in range(columns):
            if rng.random() < 0.12:
                continue
            size = (long * rng.uniform(0.8, 1.05), wide * 0.96, thick)
            where = (rng.gauss(0, 0.05 * long), (k + 0.5 - columns / 2) * wide, (level + 0.5) * thick * 1.05 + 0.02)
            parts.append(shapes.box("board", size, where, rng.choice(skins), turn=rng.gauss(0, messy)))
    return parts


def pipes(rng: random.Random, reach: float) -> Things:
    """Bamboo, steel or plastic pipes, scaffold tubes, rebar."""
    long, radius = reach * rng.uniform(1.5, 2.8), rng.choice((0.008, 0.02, 0.025, 0.04, 0.08))
    kind = rng.random()
    if kind < 0.3:
        skin = paint.worn(rng, paint.tint(rng, hue=(0.1, 0.16), saturation=(0.3, 0.6), value=(0.5, 0.8)), scale=6)
    elif kind < 0.6:
        skin = paint.worn(rng, paint.tint(rng, hue=(0.02, 0.07), saturation=(0.3, 0.8), value=(0.25, 0.5)), scale=12)
    elif kind < 0.8:
        skin = paint.worn(rng, paint.grey(rng, 0.5, 0.9), roughness=0.4)
    else:
        skin = paint.worn(rng, paint.tint(rng, hue=(0.3, 0.7)), roughness=0.4)
    pattern = shapes.cylinder("pipe", radius, long, (0, 0, 0), skin, count=10)
    parts, width = [], max(3, min(14, int(reach * 0.5 / radius)))
    messy = rng.choice((0.005, 0.02, 0.08))
    for level in range(rng.randint(2, 6)):
        for k in range(max(1, width - level)):
            y = (k + 0.5 * (level % 2) - width / 2) * radius * 2.05
            made = copy_of(pattern, (rng.gauss(0, 0.04 * long), y, radius * (1 + 1.75 * level)))
            made.rotation_euler = (0, math.pi / 2 + rng.gauss(0, messy * 0.3), rng.gauss(0, messy))
            parts.append(made)
    dropped(pattern)
    return parts


def sacks(rng: random.Random, reach: float) -> Things:
    """Cement, rice or rubble in sacks, stacked or dropped."""
    skins = [
        paint.printed(rng, prints.sack(rng), boxed=True, roughness=0.9, wear=0.4) for _ in range(rng.choice((1, 2)))
    ]
    size, patterns = (rng.uniform(0.55, 0.85), rng.uniform(0.35, 0.5), rng.uniform(0.11, 0.2)), []
    for skin in skins:
        shift = rng.uniform(0, 99)

        def bend(p: Vector, s: float = shift) -> Vector:
            def full(c: float) -> float:
                return math.copysign(abs(c) ** 0.45, c)

            soft = 1 + 0.12 * noise.noise(p * 2.2 + Vector((s, 0, 0)))
            return Vector((full(p.x) * size[0] / 2, full(p.y) * size[1] / 2, full(p.z) * size[2] / 2)) * soft

        patterns.append(shapes.blob("sack", 4, bend, skin))
    across, rows = max(1, round(reach / size[0])), max(1, round(reach / size[1] * 0.8))
    layers, lost = rng.randint(1, 7), rng.uniform(0, 0.5)
    parts = []
    for level in range(layers):
        for i in range(across):
            for j in range(rows):
                if level and rng.random() < lost * level / layers:
                    continue
                x = (i + 0.5 - across / 2) * size[0] * 1.02 + 0.12 * (level % 2) + rng.gauss(0, 0.03)
                y = (j + 0.5 - rows / 2) * size[1] * 1.02 + rng.gauss(0, 0.03)
                made = copy_of(rng.choice(patterns), (x, y, (level + 0.5) * size[2] * 0.93))
                made.rotation_euler = (rng.gauss(0, 0.04), rng.gauss(0, 0.05), rng.gauss(0, 0.12))
                parts.append(made)
    for pattern in patterns:
        dropped(pattern)
    return parts


def cartons(rng: random.Random, reach: float) -> Things:
    """Cardboard boxes in towers."""
    skins = [paint.printed(rng, prints.carton(rng), boxed=True, roughness=0.9) for _ in range(rng.randint(1, 4))]
    size = (rng.uniform(0.3, 0.6), rng.uniform(0.25, 0.45), rng.uniform(0.2, 0.45))
    across, rows = max(1, round(reach / size[0])), max(1, round(reach / size[1] * 0.7))
    parts, same = [], rng.random() < 0.5
    for i in range(across):
        for j in range(rows):
            z = 0.0
            for _ in range(rng.randint(1, max(2, int(1.5 / size[2])))):
                scale = 1.0 if same else rng.uniform(0.6, 1.0)
                one = (size[0] * scale * 0.99, size[1] * scale * 0.99, size[2] * scale)
                x, y = (i + 0.5 - across / 2) * size[0], (j + 0.5 - rows / 2) * size[1]
                where = (x + rng.gauss(0, 0.015), y + rng.gauss(0, 0.015), z + one[2] / 2)
                turn = rng.gauss(0, 0.04 if same else 0.2)
                parts.append(shapes.box("carton", one, where, rng.choice(skins), bevel_m=0.008, turn=turn))
                z += one[2]
    return parts


def pallets(rng: random.Random, reach: float) -> Things:
    """Pallets stacked flat or leaning."""
    skin, parts = paint.wood(rng), []
    for level in range(rng.randint(1, 7)):
        one: Things = []
        for k in range(6):
            one.append(shapes.box("slat", (1.1, 0.11, 0.02), (0, -0.5 + 0.2 * k, 0.13), skin))
        for k in range(3):
            one.append(shapes.box("skid", (0.1, 1.1, 0.1), (-0.48 + 0.48 * k, 0, 0.06), skin))
        where = (rng.gauss(0, 0.03), rng.gauss(0, 0.03), 0.145 * level)
        parts += moved(one, where, turn=rng.gauss(0, 0.06), scale=min(1.0, reach + 0.2))
    return parts


def tyres(rng: random.Random, reach: float) -> Things:
    """Used tyres in columns and loose."""
    parts: Things = []
    radius, width = rng.uniform(0.26, 0.42), rng.uniform(0.16, 0.24)
    count = max(1, int(reach / radius / 1.6))
    skin = paint.rubber(rng)
    pattern = carts.ring((0, 0, 0), radius, width / 2, skin, "y")
    for i in range(count):
        for j in range(max(1, count - 1)):
            for level in range(rng.randint(1, 6)):
                x, y = (i - count / 2) * radius * 2.05, (j - count / 2) * radius * 2.05
                made = copy_of(pattern, (x + rng.gauss(0, 0.03), y + rng.gauss(0, 0.03), width * (level + 0.5)))
                made.rotation_euler = (math.pi / 2 + rng.gauss(0, 0.04), 0, 0)
                parts.append(made)
    if rng.random() < 0.5:
        leaning = copy_of(pattern, (0, -reach - 0.1, radius * 0.97))
        leaning.rotation_euler = (rng.uniform(-0.3, 0.3), 0, rng.uniform(-0.6, 0.6))
        parts.append(leaning)
    dropped(pattern)
    return parts


def boxes(rng: random.Random, reach: float) -> Things:
    """Plastic crates for drink or vegetables, stacked."""
    parts: Things = []
    size = (rng.uniform(0.4, 0.6), rng.uniform(0.3, 0.4), rng.uniform(0.18, 0.3))
    skins = [paint.worn(rng, paint.tint(rng, saturation=(0.6, 1)), roughness=0.4, wear=0.3) for _ in range(2)]
    for i in range(max(1, round(reach / size[0]))):
        for j in range(max(1, round(reach / size[1] * 0.7))):
            for level in range(rng.randint(1, 6)):
                x, y, z = (i - 0.5) * size[0] * 1.04, (j - 0.5) * size[1] * 1.04, level * size[2]
                parts += _open_box(rng.choice(skins), (x + rng.gauss(0, 0.01), y, z), size)
    return parts


def _open_box(skin: bpy.types.Material, at: tuple[float, float, float], size: tuple[float, float, float]) -> Things:
    x, y, z = at
    wide, deep, tall = size
    parts = [shapes.box("floor", (wide, deep, 0.02), (x, y, z + 0.02), skin)]
    for s in (-1, 1):
        for low, high in ((0.0, 0.35), (0.5, 0.72), (0.84, 0.97)):
            middle, band = z + tall * (low + high) / 2, tall * (high - low)
            parts.append(shapes.box("end", (wide, 0.015, band), (x, y + s * deep / 2, middle), skin))
            parts.append(shapes.box("side", (0.015, deep, band), (x + s * wide / 2, y, middle), skin))
    return parts


def leaning(rng: random.Random, reach: float) -> Things:
    """Doors, boards or ladders leaning on each other."""
    parts: Things = []
    skins = [paint.wood(rng), paint.worn(rng, paint.tint(rng, saturation=(0, 0.6)))]
    wide, tall = rng.uniform(0.5, 1.1), rng.uniform(1.0, 2.0)
    post = canopies.bar("prop", (-0.2, 0.35, 0), (-0.2, 0.3, tall * 0.8), 0.04, skins[0])
    for k in range(rng.randint(2, 8)):
        size = (wide * rng.uniform(0.7, 1), 0.03, tall * rng.uniform(0.7, 1))
        made = shapes.box("leaf", size, (rng.gauss(0, 0.1 * reach), 0.15 - 0.05 * k, size[2] / 2), rng.choice(skins))
        made.rotation_euler[0] = -rng.uniform(0.08, 0.2)
        parts.append(made)
    return [*parts, post]


KINDS: tuple[Pile, ...] = (
    masonry.heap,
    masonry.heap,
    masonry.heap,
    masonry.bricks,
    masonry.bricks,
    masonry.tumbled,
    boards,
    boards,
    pipes,
    pipes,
    sacks,
    sacks,
    cartons,
    cartons,
    pallets,
    tyres,
    boxes,
    masonry.rubble,
    masonry.rubble,
    leaning,
)
