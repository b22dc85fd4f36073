"""Tables, stools and chairs that shops put out. Each is a box of its own."""

from __future__ import annotations

import math
import random

import bpy
import canopies
import goods
import paint
import prints
import shapes
from build import Box, Build, Things, moved
from fabric import Point, drape


def _plastic(rng: random.Random) -> bpy.types.Material:
    tone = rng.choice(((0.6, 0.02, 0.02), (0.02, 0.1, 0.5), (0.8, 0.8, 0.78), (0.02, 0.3, 0.1), (0.75, 0.3, 0.02)))
    colour = paint.near(rng, tone) if rng.random() < 0.7 else paint.tint(rng)
    return paint.worn(rng, colour, roughness=0.35, wear=0.25)


def _legs(wide: float, deep: float, high: float, splay: float, radius: float, skin: bpy.types.Material) -> Things:
    """Four legs from a top's corners outwards."""
    parts: Things = []
    for x in (-wide / 2, wide / 2):
        for y in (-deep / 2, deep / 2):
            foot: Point = (x * (1 + splay), y * (1 + splay), 0.0)
            parts.append(canopies.bar("leg", foot, (x, y, high), radius, skin))
    return parts


def stool(rng: random.Random, skin: bpy.types.Material, high: float) -> Things:
    """A moulded or wooden stool, square or round."""
    side = rng.uniform(0.24, 0.34)
    parts = _legs(side * 0.8, side * 0.8, high, 0.25, rng.uniform(0.012, 0.022), skin)
    if rng.random() < 0.6:
        parts.append(shapes.box("seat", (side, side, 0.03), (0, 0, high), skin, bevel_m=0.012))
        for k in range(4):
            angle = k * math.pi / 2
            at = (0.45 * side * math.sin(angle), 0.45 * side * math.cos(angle), high * 0.82)
            parts.append(shapes.box("apron", (side * 0.85, 0.012, high * 0.25), at, skin, turn=-angle))
    else:
        parts.append(shapes.cylinder("seat", side / 2, 0.035, (0, 0, high), skin))
    return parts


def chair(rng: random.Random, skin: bpy.types.Material, high: float) -> Things:
    """A chair with a back, with or without arms, facing -y."""
    side, back = rng.uniform(0.38, 0.48), rng.uniform(0.35, 0.5)
    parts = _legs(side * 0.85, side * 0.85, high, 0.12, rng.uniform(0.012, 0.02), skin)
    parts.append(shapes.box("seat", (side, side, 0.03), (0, 0, high), skin, bevel_m=0.012))
    slats = rng.choice((1, 3, 5))
    y = side / 2
    for k in range(slats):
        wide = side / slats * (0.98 if slats == 1 else 0.6)
        at = ((k + 0.5 - slats / 2) * side / slats, y + 0.04, high + back / 2 + 0.04)
        made = shapes.box("back", (wide, 0.02, back), at, skin, bevel_m=0.008)
        made.rotation_euler[0] = -0.15
        parts.append(made)
    top = (-side / 2, y + 0.08, high + back)
    parts.append(canopies.bar("rail", top, (side / 2, top[1], top[2]), 0.018, skin))
    if rng.random() < 0.4:
        for s in (-side / 2, side / 2):
            parts.append(canopies.bar("arm", (s, -0.12, high + 0.22), (s, y + 0.04, high + 0.24), 0.018, skin))
            parts.append(canopies.bar("arm post", (s, -0.12, high), (s, -0.12, high + 0.22), 0.014, skin))
    return parts


def table(rng: random.Random, wide: float, deep: float, high: float) -> Things:
    """A folding, plastic, wooden or round table with what stands on it."""
    kind = rng.random()
    top = paint.wood(rng) if kind < 0.4 else _plastic(rng) if kind < 0.7 else paint.worn(rng, paint.grey(rng))
    metal = paint.steel(rng)
    parts: Things = []
    if rng.random() < 0.35:
        radius = wide / 2
        parts.append(shapes.cylinder("top", radius, 0.03, (0, 0, high), top, count=32))
        deep = wide
        if rng.random() < 0.4:
            parts.append(canopies.bar("column", (0, 0, 0), (0, 0, high), 0.035, metal))
            parts.append(shapes.cylinder("foot", radius * 0.5, 0.03, (0, 0, 0.015), metal))
        else:
            parts += _legs(wide * 0.5, deep * 0.5, high, 0.3, 0.018, metal)
    else:
        parts.append(shapes.box("top", (wide, deep, 0.03), (0, 0, high), top, bevel_m=0.008))
        parts += _legs(wide * 0.88, deep * 0.88, high, 0.02, rng.uniform(0.012, 0.025), metal)
        if rng.random() < 0.2:
            cloth = paint.printed(rng, prints.pattern(rng)) if rng.random() < 0.6 else paint.cloth(rng)
            parts.append(
                drape("cloth", (wide * 1.02, deep * 1.02, high + 0.02), cloth, rng, share=rng.uniform(0.15, 0.6))
            )
    if rng.random() < 0.55:
        parts += _served(rng, wide, deep, high + 0.018)
    return parts


def _served(rng: random.Random, wide: float, deep: float, z: float) -> Things:
    """Bowls, bottles, tissue boxes, left-overs."""
    parts: Things = []
    for _ in range(rng.randint(1, 7)):
        at = (rng.uniform(-0.35, 0.35) * wide, rng.uniform(-0.35, 0.35) * deep, z)
        skin = paint.worn(rng, paint.grey(rng, 0.5, 0.95) if rng.random() < 0.6 else paint.tint(rng), roughness=0.3)
        if rng.random() < 0.6:
            radius = rng.uniform(0.05, 0.13)
            at = (at[0], at[1], z + 0.025)
            parts.append(shapes.cylinder("bowl", radius * 0.6, 0.05, at, skin, top_radius=radius, count=16))
        else:
            at = (at[0], at[1], z + 0.04)
            parts.append(shapes.box("box", (0.12, 0.08, 0.08), at, skin, turn=rng.uniform(0, 3)))
    if rng.random() < 0.5:
        parts += goods.bottles(rng, (0, 0, z), (0.2, 0.2))
    return parts


def dining(rng: random.Random) -> dict[str, Things]:
    """Tables with seats round them, as before an eating house."""
    groups: dict[str, Things] = {}
    low = rng.random() < 0.35
    high, sit = (rng.uniform(0.45, 0.58), 0.27) if low else (rng.uniform(0.68, 0.76), 0.43)
    skin, maker = _plastic(rng) if rng.random() < 0.7 else paint.wood(rng), rng.choice((stool, stool, chair))
    for k in range(rng.choice((1, 1, 1, 2, 3))):
        wide, deep = rng.uniform(0.6, 1.2), rng.uniform(0.55, 0.8)
        x0, y0 = k * 2.1 + rng.gauss(0, 0.1), rng.gauss(0, 0.3)
        groups[f"table {k}"] = moved(table(rng, wide, deep, high), (x0, y0, 0), turn=rng.gauss(0, 0.15))
        seats = rng.randint(1, 5)
        for j in range(seats):
            angle = 2 * math.pi * j / seats + rng.gauss(0, 0.2)
            far = 0.5 * max(wide, deep) + rng.uniform(0.05, 0.35)
            at = (x0 + far * math.sin(angle), y0 - far * math.cos(angle), 0.0)
            turn = angle + math.pi + rng.gauss(0, 0.35)
            groups[f"seat {k} {j}"] = moved(maker(rng, skin, sit), at, turn=turn)
    return groups


def loose(rng: random.Random) -> dict[str, Things]:
    """A few stools or chairs without a table: in a line, scattered, stacked or alone."""
    maker, high = rng.choice((stool, stool, chair)), rng.uniform(0.25, 0.46)
    skin, groups = _plastic(rng), {}
    for k in range(rng.choice((1, 1, 2, 3, 4, 6))):
        if rng.random() < 0.2:
            skin = _plastic(rng) if rng.random() < 0.7 else paint.wood(rng)
        at = (k * rng.uniform(0.45, 0.7), rng.gauss(0, 0.2), 0.0)
        layers = rng.choice((1, 1, 1, 1, 4)) if maker is stool else 1
        parts: Things = []
        for level in range(layers):
            parts += moved(maker(rng, skin, high), (0, 0, 0.07 * level), turn=rng.gauss(0, 0.05))
        groups[f"seat {k}"] = moved(parts, at, turn=rng.gauss(0, 0.6))
    return groups


def table_or_chair(rng: random.Random) -> Build:
    """Dining sets, single tables, loose seats; now and then under a parasol."""
    kind = rng.random()
    if kind < 0.55:
        groups = dining(rng)
    elif kind < 0.7:
        size = (rng.uniform(0.6, 1.8), rng.uniform(0.5, 0.8), rng.uniform(0.5, 0.78))
        groups = {"table": moved(table(rng, *size), (0, 0, 0))}
    else:
        groups = loose(rng)
    boxes = [Box("table_or_chair", (name,)) for name in groups]
    if kind < 0.55 and rng.random() < 0.2:
        groups["umbrella"] = moved(canopies.parasol(rng), (0, 0, 0), turn=rng.uniform(0, 3))
        boxes.append(Box("umbrella", ("umbrella",)))
    return Build("table_or_chair", groups, tuple(boxes))
