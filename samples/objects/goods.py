"""What is sold: fruit in crates, heaps, clothes, shoes, toys, bottles, plants. Each kind fills an area of a surface."""

from __future__ import annotations

import math
import random
from collections.abc import Callable

import bpy
import paint
import prints
import shapes
from build import Things, copy_of, dropped
from fabric import Point, grid, panel, rippled
from mathutils import Vector, noise

Area = tuple[float, float]
Filler = Callable[[random.Random, Point, Area], Things]

FRUITS: tuple[tuple[Point, Point], ...] = (
    ((0.80, 0.25, 0.02), (0.04, 0.04, 0.038)),
    ((0.55, 0.02, 0.02), (0.042, 0.042, 0.04)),
    ((0.78, 0.55, 0.04), (0.045, 0.045, 0.05)),
    ((0.22, 0.42, 0.03), (0.04, 0.04, 0.04)),
    ((0.03, 0.16, 0.03), (0.13, 0.13, 0.12)),
    ((0.45, 0.03, 0.06), (0.022, 0.022, 0.026)),
    ((0.10, 0.02, 0.10), (0.05, 0.05, 0.09)),
    ((0.85, 0.68, 0.10), (0.03, 0.03, 0.10)),
    ((0.08, 0.26, 0.04), (0.022, 0.022, 0.13)),
    ((0.75, 0.22, 0.03), (0.022, 0.022, 0.10)),
    ((0.80, 0.76, 0.62), (0.04, 0.04, 0.13)),
    ((0.45, 0.62, 0.22), (0.10, 0.10, 0.095)),
    ((0.50, 0.35, 0.16), (0.045, 0.035, 0.035)),
    ((0.62, 0.30, 0.22), (0.05, 0.05, 0.045)),
)
"""Colour and half axes."""


def fruit(rng: random.Random) -> tuple[bpy.types.Object, float]:
    """One piece as a pattern to copy, and how far apart pieces lie."""
    colour, radii = rng.choice(FRUITS)
    colour = paint.near(rng, colour)
    shift, rough = rng.uniform(0, 99), rng.uniform(0.03, 0.25)
    skin = paint.worn(rng, colour, roughness=rng.uniform(0.25, 0.7), wear=0.35, scale=rng.uniform(8, 40))

    def bend(p: Vector) -> Vector:
        lump = 1 + rough * noise.noise(p * 1.7 + Vector((shift, 0, 0)))
        return Vector((p.x * radii[0], p.y * radii[1], p.z * radii[2])) * lump

    made = shapes.blob("fruit", 3 if radii[0] > 0.08 else 2, bend, skin)
    return made, 2 * radii[0] * 0.95


def heaped(
    rng: random.Random, pattern: bpy.types.Object, step: float, at: Point, area: Area, *, rise: float, most: int = 90
) -> Things:
    """Copies of `pattern` in a heap, or flat where `rise` is 0; the pattern itself goes."""
    width, deep = area
    step = max(step, math.sqrt(width * deep / most))
    parts = []
    for j in range(max(1, int(deep / step))):
        for i in range(max(1, int(width / step))):
            x = (i + 0.5) / max(1, int(width / step)) - 0.5
            y = (j + 0.5) / max(1, int(deep / step)) - 0.5
            hill = max(0.0, 1 - (2.0 * max(abs(x), abs(y))) ** 2)
            jitter = 0.35 * step
            where = (
                at[0] + x * width + rng.uniform(-jitter, jitter),
                at[1] + y * deep + rng.uniform(-jitter, jitter),
                at[2] + rise * hill + rng.uniform(0, 0.35) * step + 0.3 * step,
            )
            copy = copy_of(pattern, where)
            size = rng.uniform(0.85, 1.15)
            copy.scale = (size, size, size)
            copy.rotation_euler = (rng.gauss(0, 1.2), rng.gauss(0, 1.2), rng.uniform(0, 6.3))
            parts.append(copy)
    dropped(pattern)
    return parts


def tray(rng: random.Random, at: Point, size: Point) -> tuple[Things, bpy.types.Object]:
    """An open crate: wood, plastic, foam or card; its parts and what its walls are made of."""
    x, y, z = at
    wide, deep, tall = size
    kind = rng.random()
    if kind < 0.35:
        skin = paint.wood(rng)
    elif kind < 0.7:
        skin = paint.worn(rng, paint.tint(rng, saturation=(0.6, 1), value=(0.3, 0.9)), roughness=0.4)
    elif kind < 0.85:
        skin = paint.worn(rng, (0.8, 0.8, 0.78), roughness=0.9, wear=0.15)
    else:
        skin = paint.printed(rng, prints.carton(rng), boxed=True, roughness=0.9)
    parts = [shapes.box("tray floor", (wide, deep, 0.02), (x, y, z + 0.01), skin)]
    for side in (-1, 1):
        parts.append(shapes.box("tray end", (wide, 0.02, tall), (x, y + side * deep / 2, z + tall / 2), skin))
        parts.append(shapes.box("tray side", (0.02, deep, tall), (x + side * wide / 2, y, z + tall / 2), skin))
    return parts, parts[0]


def crates(rng: random.Random, at: Point, area: Area) -> Things:
    """Trays of fruit side by side, tipped towards the buyer or flat."""
    wide, deep, tall = rng.uniform(0.34, 0.5), rng.uniform(0.28, 0.55), rng.uniform(0.08, 0.25)
    across, rows = max(1, int(area[0] / (wide + 0.02))), max(1, int(area[1] / (deep + 0.02)))
    parts: Things = []
    steps, card = rng.random() < 0.4, rng.random() < 0.5
    for j in range(rows):
        for i in range(across):
            x = at[0] + (i + 0.5 - across / 2) * (wide + 0.02)
            y = at[1] + (j + 0.5 - rows / 2) * (deep + 0.02)
            where = (x, y, at[2] + steps * j * rng.uniform(0.08, 0.12))
            box, _ = tray(rng, where, (wide, deep, tall))
            pattern, step = fruit(rng)
            fill = (wide * 0.9, deep * 0.9)
            lift = (where[0], where[1], where[2] + tall * rng.uniform(0.4, 0.8))
            parts += box + heaped(rng, pattern, step, lift, fill, rise=rng.uniform(0.02, 0.12), most=48)
            if card and rng.random() < 0.6:
                tag = paint.printed(rng, prints.card(rng))
                parts.append(panel("card", (0.18, 0.12), (x, y - deep / 2, where[2] + tall), tag, lean=0.3))
    return parts


def heaps(rng: random.Random, at: Point, area: Area) -> Things:
    """Heaps of fruit or vegetables straight on the surface."""
    count = max(1, round(area[0] / rng.uniform(0.4, 0.8)))
    parts: Things = []
    for k in range(count):
        pattern, step = fruit(rng)
        where = (at[0] + (k + 0.5 - count / 2) * area[0] / count, at[1] + rng.uniform(-0.05, 0.05), at[2])
        spread = (area[0] / count * 0.85, area[1] * rng.uniform(0.5, 0.9))
        parts += heaped(rng, pattern, step, where, spread, rise=rng.uniform(0.05, 0.25))
    return parts


def greens(rng: random.Random, at: Point, area: Area) -> Things:
    """Bundles of leaf vegetables in rows."""
    parts: Things = []
    colour = paint.tint(rng, hue=(0.22, 0.36), saturation=(0.4, 0.9), value=(0.25, 0.65))
    skin = paint.worn(rng, colour, wear=0.6, scale=20)
    shift = rng.uniform(0, 99)

    def leaf(p: Vector) -> Vector:
        crisp = 1 + 0.5 * noise.noise(p * 3 + Vector((shift, 0, 0)))
        return Vector((p.x * 0.06, p.y * 0.15, p.z * 0.05)) * crisp

    pattern = shapes.blob("greens", 3, leaf, skin)
    parts += heaped(rng, pattern, 0.14, at, area, rise=rng.uniform(0, 0.15), most=60)
    return parts


def folded(rng: random.Random, at: Point, area: Area) -> Things:
    """Clothes and towels, folded in stacks or thrown about."""
    parts: Things = []
    skins = [paint.printed(rng, prints.pattern(rng), boxed=True, roughness=0.95) for _ in range(4)]
    skins += [paint.cloth(rng) for _ in range(4)]
    tidy = rng.random() < 0.5
    for _ in range(int(area[0] * area[1] * rng.uniform(14, 30)) + 3):
        size = (rng.uniform(0.2, 0.34), rng.uniform(0.2, 0.3), rng.uniform(0.02, 0.06))
        x = at[0] + rng.uniform(-0.5, 0.5) * (area[0] - 0.25)
        y = at[1] + rng.uniform(-0.5, 0.5) * (area[1] - 0.2)
        if tidy:
            x, y = round(x / 0.32) * 0.32, round(y / 0.3) * 0.3
        where = (x, y, at[2] + size[2] / 2 + rng.uniform(0, 0.12))
        turn = rng.gauss(0, 0.05 if tidy else 0.9)
        parts.append(shapes.box("folded", size, where, rng.choice(skins), bevel_m=0.012, turn=turn))
    return parts + ([] if tidy else _crumpled(rng, at, area, skins))


def _crumpled(rng: random.Random, at: Point, area: Area, skins: list[bpy.types.Material]) -> Things:
    """Garments lying as they fell."""
    parts = []
    for _ in range(int(area[0] * area[1] * 8) + 2):
        height = rippled(rng, 0.08, waves_per_m=5)
        size = rng.uniform(0.3, 0.5)

        def place(u: float, v: float, s: float = size, h: Callable[[float, float], float] = height) -> Point:
            x, y = (u - 0.5) * s, (v - 0.5) * s
            bulge = 1 - 2 * max(abs(u - 0.5), abs(v - 0.5))
            return (x + h(y, x), y + h(x, y + 3), 0.02 + abs(h(x + 7, y)) + 0.05 * bulge)

        made = grid("crumpled", (9, 9), place, rng.choice(skins))
        made.location = (
            at[0] + rng.uniform(-0.45, 0.45) * area[0],
            at[1] + rng.uniform(-0.45, 0.45) * area[1],
            at[2] + rng.uniform(0, 0.08),
        )
        made.rotation_euler[2] = rng.uniform(0, 6.3)
        parts.append(made)
    return parts


def shoes(rng: random.Random, at: Point, area: Area) -> Things:
    """Pairs in rows."""
    parts: Things = []
    patterns = []
    for _ in range(5):
        skin = paint.worn(rng, paint.tint(rng, saturation=(0, 0.9)), roughness=0.5)
        patterns.append(shapes.ball("shoe", (0.045, 0.13, 0.045), (0, 0, 0), skin, detail=2))
    across, rows = max(1, int(area[0] / 0.26)), max(1, int(area[1] / 0.34))
    for j in range(rows):
        for i in range(across):
            pattern = rng.choice(patterns)
            for side in (-0.055, 0.055):
                x = at[0] + (i + 0.5 - across / 2) * 0.26 + side
                made = copy_of(pattern, (x, at[1] + (j + 0.5 - rows / 2) * 0.34, at[2] + 0.035))
                made.rotation_euler[2] = rng.gauss(0, 0.12)
                parts.append(made)
    for pattern in patterns:
        dropped(pattern)
    return parts


def trinkets(rng: random.Random, at: Point, area: Area) -> Things:
    """Small boxed things in rows: phone cases, toys, jewellery, books."""
    parts: Things = []
    base = (rng.uniform(0.06, 0.16), rng.uniform(0.08, 0.2), rng.uniform(0.015, 0.1))
    skins = [paint.printed(rng, prints.poster(rng, (64, 96)), boxed=True, roughness=0.4) for _ in range(3)]
    skins += [paint.worn(rng, paint.tint(rng), roughness=0.35) for _ in range(5)]
    across, rows = max(1, int(area[0] / (base[0] * 1.35))), max(1, int(area[1] / (base[1] * 1.3)))
    patterns = [shapes.box("trinket", base, (0, 0, 0), skin, bevel_m=0.004) for skin in skins]
    if rng.random() < 0.4:
        patterns += [shapes.ball("toy", (base[0] / 2, base[0] / 2, base[0] * 0.6), (0, 0, 0), s) for s in skins[3:]]
    for j in range(min(rows, 9)):
        for i in range(min(across, 18)):
            if rng.random() < 0.12:
                continue
            x = at[0] + (i + 0.5 - min(across, 18) / 2) * base[0] * 1.35
            y = at[1] + (j + 0.5 - min(rows, 9) / 2) * base[1] * 1.3
            made = copy_of(rng.choice(patterns), (x, y, at[2] + base[2] / 2 + 0.005))
            made.rotation_euler = (rng.choice((0, 0, 0.5)), 0, rng.gauss(0, 0.1))
            parts.append(made)
    for pattern in patterns:
        dropped(pattern)
    return parts


def bottles(rng: random.Random, at: Point, area: Area) -> Things:
    """Bottles, jars and cups."""
    radius, tall = rng.uniform(0.03, 0.06), rng.uniform(0.1, 0.3)
    skins = [paint.worn(rng, paint.tint(rng), roughness=0.12) for _ in range(4)]
    patterns = [shapes.cylinder("bottle", radius, tall, (0, 0, 0), s, top_radius=radius * 0.7, count=10) for s in skins]
    parts = []
    step = radius * rng.uniform(2.3, 3.5)
    for _ in range(min(80, int(area[0] * area[1] / step**2))):
        x = at[0] + round(rng.uniform(-0.48, 0.48) * area[0] / step) * step
        y = at[1] + round(rng.uniform(-0.48, 0.48) * area[1] / step) * step
        parts.append(copy_of(rng.choice(patterns), (x, y, at[2] + tall / 2)))
    for pattern in patterns:
        dropped(pattern)
    return parts


def plants(rng: random.Random, at: Point, area: Area) -> Things:
    """Pots with leaves and blossoms."""
    parts: Things = []
    pot = paint.worn(rng, paint.tint(rng, hue=(0.0, 0.12)), wear=0.4)
    step = rng.uniform(0.2, 0.38)
    for j in range(max(1, int(area[1] / step))):
        for i in range(max(1, int(area[0] / step))):
            x = at[0] + (i + 0.5) * step - area[0] / 2
            y = at[1] + (j + 0.5) * step - area[1] / 2
            tall, shift = rng.uniform(0.12, 0.4), rng.uniform(0, 99)
            green = paint.tint(rng, hue=(0.2, 0.38), saturation=(0.4, 0.9), value=(0.2, 0.55))
            leaf = paint.worn(rng, green, wear=0.7, scale=30)

            def bend(p: Vector, r: float = step * 0.5, h: float = tall, s: float = shift) -> Vector:
                ragged = 1 + 0.8 * noise.noise(p * 4 + Vector((s, 0, 0)))
                return Vector((p.x * r * ragged, p.y * r * ragged, p.z * h * 0.55 * ragged))

            bush = shapes.blob("plant", 3, bend, leaf)
            bush.location = (x, y, at[2] + 0.13 + tall * 0.5)
            parts.append(bush)
            parts.append(shapes.cylinder("pot", 0.06, 0.13, (x, y, at[2] + 0.065), pot, top_radius=0.085, count=12))
    return parts


def cartons(rng: random.Random, at: Point, area: Area) -> Things:
    """A few boxes with an open one among them."""
    parts: Things = []
    for _ in range(max(2, int(area[0] * area[1] * 5))):
        size = (rng.uniform(0.2, 0.45), rng.uniform(0.2, 0.4), rng.uniform(0.12, 0.35))
        skin = paint.printed(rng, prints.carton(rng), boxed=True, roughness=0.9)
        x = at[0] + rng.uniform(-0.5, 0.5) * max(0.05, area[0] - 0.3)
        y = at[1] + rng.uniform(-0.5, 0.5) * max(0.05, area[1] - 0.3)
        where = (x, y, at[2] + size[2] / 2)
        parts.append(shapes.box("carton", size, where, skin, bevel_m=0.006, turn=rng.gauss(0, 0.2)))
    return parts


ON_TABLE: tuple[Filler, ...] = (crates, crates, crates, heaps, greens, folded, trinkets, trinkets, bottles, cartons)
ON_GROUND: tuple[Filler, ...] = (heaps, heaps, greens, folded, folded, shoes, trinkets, plants, crates, cartons)
ON_CART: tuple[Filler, ...] = (crates, crates, heaps, heaps, greens, cartons, plants, folded)
