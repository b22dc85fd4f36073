"""Loose and broken ground: sand, bricks, blocks, rubble; each kind piles up round the origin, within `reach` metres."""

from __future__ import annotations

import math
import random

import bpy
import paint
import shapes
from build import Things, copy_of, dropped
from mathutils import Vector, noise


def heap(rng: random.Random, reach: float) -> Things:
    """Sand, gravel, earth, coal or mortar."""
    hue, value = rng.choice(((0.09, 0.65), (0.1, 0.5), (0.07, 0.35), (0.6, 0.55), (0.08, 0.8), (0, 0.15)))
    colour = paint.tint(rng, hue=(hue, hue + 0.02), saturation=(0.05, 0.45), value=(value * 0.8, value * 1.1))
    grain = rng.choice((14, 25, 40))
    skin = paint.worn(rng, colour, roughness=0.95, wear=0.45, scale=grain, bump=rng.uniform(0.4, 1.5))
    shift, steep = Vector((rng.uniform(0, 99), rng.uniform(0, 99), 0)), rng.uniform(0.3, 0.65)
    long, twin = rng.uniform(0.7, 1.3), rng.random() < 0.3
    stony = rng.choice((0.0, 0.0, 0.06))

    def slump(p: Vector) -> Vector:
        lump = 1 + 0.28 * noise.noise(p * 1.4 + shift) + 0.06 * noise.noise(p * 8 + shift)
        rough = stony * noise.noise(p * 30 + shift)
        saddle = 1 - 0.5 * math.exp(-((p.x / 0.18) ** 2)) if twin else 1.0
        up = max(0.0, p.z) ** 1.5 * steep * lump * saddle + rough * (p.z > 0.02)
        return Vector((p.x * long * lump * reach, p.y * lump * reach, up * reach + 0.004))

    parts: Things = [shapes.blob("heap", 5, slump, skin)]
    return parts + (_stones(rng, reach * 1.1, skin, rng.randint(8, 40)) if rng.random() < 0.6 else [])


def _stones(rng: random.Random, reach: float, skin: bpy.types.Material, count: int) -> Things:
    """Lumps scattered round a heap."""
    shift = rng.uniform(0, 99)
    pattern = shapes.blob("stone", 2, lambda p: p * (1 + 0.5 * noise.noise(p * 1.5 + Vector((shift, 0, 0)))), skin)
    parts = []
    for _ in range(count):
        angle, far = rng.uniform(0, 6.3), reach * rng.uniform(0.7, 1.15)
        made = copy_of(pattern, (far * math.cos(angle), far * math.sin(angle), 0.01))
        size = rng.uniform(0.015, 0.06)
        made.scale = (size, size * rng.uniform(0.6, 1.4), size)
        made.rotation_euler = (rng.uniform(0, 6), rng.uniform(0, 6), 0)
        parts.append(made)
    dropped(pattern)
    return parts


def _unit(rng: random.Random) -> tuple[bpy.types.Object, tuple[float, float, float]]:
    """A brick, block, paver or tile as a pattern, and its size."""
    kind = rng.random()
    if kind < 0.5:
        size = (0.24, 0.115, 0.053)
        colour = paint.tint(rng, hue=(0.0, 0.05), saturation=(0.4, 0.8), value=(0.35, 0.7))
    elif kind < 0.75:
        size = (0.39, 0.19, rng.choice((0.19, 0.09)))
        colour = paint.grey(rng, 0.45, 0.7)
    elif kind < 0.9:
        size = (0.2, 0.1, 0.06)
        colour = paint.tint(rng, hue=(0, 0.15), saturation=(0, 0.6), value=(0.4, 0.7))
    else:
        size = (0.5, 0.12, 0.3)
        colour = paint.grey(rng, 0.6, 0.85)
    skin = paint.worn(rng, colour, roughness=0.95, wear=0.5, scale=rng.uniform(5, 20), bump=0.3)
    return shapes.box("brick", size, (0, 0, 0), skin, bevel_m=0.006), size


def bricks(rng: random.Random, reach: float) -> Things:
    """Bricks or blocks: stacked, and tumbled beside the stack."""
    pattern, (x, y, z) = _unit(rng)
    across, rows = max(2, int(reach / x)), max(2, int(reach / y / 1.3))
    layers = rng.randint(2, max(3, int(reach * 0.9 / z)))
    gap, lost = rng.uniform(1.01, 1.06), rng.random()
    parts: Things = []
    for level in range(layers):
        for i in range(across):
            for j in range(rows):
                if 0 < i < across - 1 and 0 < j < rows - 1 and level < layers - 1:
                    continue
                if level >= layers - 2 and rng.random() < lost * 0.6:
                    continue
                where = (
                    (i + 0.5 - across / 2) * x * gap + rng.gauss(0, 0.004),
                    (j + 0.5 - rows / 2) * y * gap + rng.gauss(0, 0.004),
                    (level + 0.5) * z,
                )
                made = copy_of(pattern, where)
                made.rotation_euler[2] = rng.gauss(0, 0.025)
                parts.append(made)
    if rng.random() < 0.6:
        parts += _tumbled(rng, pattern, reach, (x, y, z), rng.randint(4, 40))
    dropped(pattern)
    return parts


def tumbled(rng: random.Random, reach: float) -> Things:
    """Bricks tipped out in a heap."""
    pattern, size = _unit(rng)
    parts = _tumbled(rng, pattern, reach * 0.6, size, rng.randint(50, 140), heaped=True)
    dropped(pattern)
    return parts


def _tumbled(
    rng: random.Random,
    pattern: bpy.types.Object,
    reach: float,
    size: tuple[float, float, float],
    count: int,
    *,
    heaped: bool = False,
) -> Things:
    parts = []
    for _ in range(count):
        angle = rng.uniform(0, 6.3)
        share = math.sqrt(rng.random()) if heaped else rng.uniform(0.7, 1.2)
        far = reach * share
        up = max(0.0, 1 - share) * reach * 0.7 * rng.random() if heaped else 0.0
        made = copy_of(pattern, (far * math.cos(angle), far * math.sin(angle), up + size[2] * 0.6))
        made.rotation_euler = (rng.gauss(0, 0.35), rng.gauss(0, 0.35), rng.uniform(0, 6.3))
        parts.append(made)
    return parts


def rubble(rng: random.Random, reach: float) -> Things:
    """Broken concrete, plaster and tiles."""
    parts: Things = []
    skins = [paint.worn(rng, paint.grey(rng, 0.35, 0.8), wear=0.5, scale=12, bump=0.4) for _ in range(2)]
    skins.append(paint.worn(rng, paint.tint(rng, hue=(0, 0.06), saturation=(0.3, 0.7), value=(0.35, 0.65)), scale=12))
    patterns = []
    for skin in skins * 2:
        shift = rng.uniform(0, 99)

        def bend(p: Vector, s: float = shift) -> Vector:
            sharp = 1 + 0.7 * noise.cell(p * 1.3 + Vector((s, 0, 0)))
            return Vector((p.x * sharp, p.y * sharp * 0.8, p.z * 0.6))

        made = shapes.blob("shard", 2, bend, skin)
        made.data.polygons.foreach_set("use_smooth", [False] * len(made.data.polygons))
        patterns.append(made)
    for _ in range(rng.randint(60, 170)):
        angle, share = rng.uniform(0, 6.3), math.sqrt(rng.random())
        up = (1 - share) * reach * 0.55 * rng.uniform(0.3, 1)
        made = copy_of(rng.choice(patterns), (share * reach * math.cos(angle), share * reach * math.sin(angle), up))
        size = rng.uniform(0.03, 0.16) * min(1.2, reach)
        made.scale = (size, size, size)
        made.rotation_euler = (rng.uniform(0, 6), rng.uniform(0, 6), rng.uniform(0, 6))
        parts.append(made)
    for pattern in patterns:
        dropped(pattern)
    return parts
