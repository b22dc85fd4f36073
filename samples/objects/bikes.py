"""Parked bicycles, e-scooters and motorcycles, alone and in rows. One points along +x, wheels on y = 0."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Callable

import bpy
import canopies
import goods
import paint
import prints
import shapes
from build import Box, Build, Things, moved
from carts import wheel
from fabric import Point, panel
from materials import Colour

Maker = Callable[[random.Random, Colour], Things]
SHARED: tuple[Colour, ...] = ((0.02, 0.25, 0.75), (0.85, 0.65, 0.02), (0.02, 0.6, 0.35), (0.85, 0.15, 0.02))
"""The liveries of hired bicycles."""


def _skins(rng: random.Random, colour: Colour) -> tuple[bpy.types.Material, bpy.types.Material, bpy.types.Material]:
    """Paint, metal and black parts."""
    body = paint.worn(rng, colour, roughness=0.35, wear=0.35)
    dark = paint.worn(rng, paint.grey(rng, 0.05, 0.22), roughness=0.6)
    return body, paint.steel(rng), dark


def _bars(name: str, joints: list[tuple[Point, Point]], radius: float, material: bpy.types.Material) -> Things:
    return [canopies.bar(name, a, b, radius, material) for a, b in joints]


def _basket(rng: random.Random, at: Point) -> Things:
    """A wire or plastic basket, sometimes with a bag in it."""
    x, y, z = at
    mesh = paint.worn(rng, paint.grey(rng, 0.1, 0.7), roughness=0.5)
    wide, deep, tall = rng.uniform(0.3, 0.38), rng.uniform(0.22, 0.3), rng.uniform(0.2, 0.26)
    parts: Things = []
    for k in range(4):
        level = z + tall * k / 3
        for s in (-1, 1):
            parts.append(shapes.box("basket", (deep, 0.012, 0.014), (x, y + s * wide / 2, level), mesh))
            parts.append(shapes.box("basket", (0.012, wide, 0.014), (x + s * deep / 2, y, level), mesh))
    for k in range(6):
        across = y + wide * (k / 5 - 0.5)
        parts.append(shapes.box("basket", (0.01, 0.01, tall), (x + deep / 2, across, z + tall / 2), mesh))
        parts.append(shapes.box("basket", (deep, 0.01, 0.01), (x, across, z), mesh))
    if rng.random() < 0.25:
        parts.append(shapes.ball("bag", (0.1, 0.13, 0.13), (x, y, z + 0.12), paint.worn(rng, paint.tint(rng))))
    return parts


def bicycle(rng: random.Random, colour: Colour) -> Things:
    """A city, hired, racing or children's bicycle."""
    body, metal, dark = _skins(rng, colour)
    size = rng.uniform(0.28, 0.34)
    base, tube = rng.uniform(0.98, 1.1), rng.uniform(0.014, 0.024)
    rear, front, crank = (-0.44, 0.0, size), (base - 0.44, 0.0, size), (0.0, 0.0, 0.28)
    seat, head, low = (-0.14, 0.0, 0.78), (base - 0.62, 0.0, 0.82), (base - 0.59, 0.0, 0.66)
    parts = wheel(rng, rear, size, 0.045, spokes=True) + wheel(rng, front, size, 0.045, spokes=True)
    top = (seat, head) if rng.random() < 0.45 else ((-0.06, 0.0, 0.52), low)
    parts += _bars("frame", [(crank, seat), (crank, low), (head, low), top], tube, body)
    for s in (-0.045, 0.045):
        ends = [(rear, (crank[0], s, crank[2])), (rear, (seat[0], s, seat[2] - 0.08))]
        parts += _bars("stay", [((a[0], s, a[2]), b) for a, b in ends], 0.009, body)
        parts.append(canopies.bar("fork", (front[0], s, size), (low[0], s * 0.6, low[2]), 0.011, body))
    grip = (head[0] - 0.1, rng.uniform(0.2, 0.28), rng.uniform(0.98, 1.06))
    stem = (head[0] - 0.04, 0.0, grip[2] - 0.04)
    ends = [(head, stem), (stem, (grip[0], grip[1], grip[2])), (stem, (grip[0], -grip[1], grip[2]))]
    parts += _bars("handlebar", ends, 0.013, metal)
    parts.append(canopies.bar("post", seat, (seat[0] - 0.04, 0, 0.92), 0.014, metal))
    parts.append(shapes.ball("saddle", (0.14, 0.08, 0.035), (seat[0] - 0.06, 0, 0.94), dark))
    parts.append(shapes.cylinder("chain wheel", 0.09, 0.02, (0, -0.05, 0.28), metal, tilt=(math.pi / 2, 0, 0)))
    parts.append(canopies.bar("cranks", (-0.12, -0.08, 0.2), (0.12, 0.08, 0.36), 0.012, metal))
    for x, keep in ((rear[0], 0.7), (front[0], 0.6)):
        if rng.random() < keep:
            parts += _guard(x, size, dark if rng.random() < 0.5 else body)
    if rng.random() < 0.6:
        parts += _basket(rng, (head[0] + 0.2, 0, 0.72))
    if rng.random() < 0.35:
        parts.append(shapes.box("carrier", (0.36, 0.13, 0.02), (-0.45, 0, size * 2 + 0.06), metal))
    return parts


def _guard(x: float, size: float, material: bpy.types.Material) -> Things:
    """A mudguard over the wheel at `x`."""
    parts: Things = []
    points = [
        (x + (size + 0.02) * math.cos(a), 0.0, size + (size + 0.02) * math.sin(a)) for a in (0.5, 1.1, 1.7, 2.3, 2.9)
    ]
    for a, b in itertools.pairwise(points):
        parts.append(canopies.bar("guard", a, b, 0.02, material))
    return parts


def _shell(name: str, spine: list[tuple[float, float, float, float]], material: bpy.types.Material) -> bpy.types.Object:
    """A lofted body: (x, z, half width, half height) along it."""
    rings = []
    for x, z, wide, tall in spine:
        ring = [(wide * math.cos(a), tall * math.sin(a)) for a in (math.pi * k / 8 for k in range(16))]
        rings.append([(x, y, z + up) for y, up in ring])
    return shapes.loft(name, rings, material)


def scooter(rng: random.Random, colour: Colour) -> Things:
    """An e-scooter of the Chinese kind: step-through, plastic panels, small wheels."""
    body, metal, dark = _skins(rng, colour)
    size, base = rng.uniform(0.2, 0.26), rng.uniform(1.05, 1.3)
    back, nose, deck = -0.5 * base, 0.5 * base, rng.uniform(0.26, 0.33)
    high = rng.uniform(0.7, 0.8)
    parts = wheel(rng, (back, 0, size), size, 0.09, spokes=False) + wheel(
        rng, (nose, 0, size), size, 0.09, spokes=False
    )
    rear = [
        (back - 0.28, high - 0.1, 0.05, 0.04),
        (back - 0.15, high - 0.14, 0.12, 0.1),
        (back + 0.15, high - 0.22, 0.15, 0.17),
        (back + 0.4, deck + 0.14, 0.14, 0.17),
        (back + 0.46, deck + 0.1, 0.1, 0.1),
    ]
    parts.append(_shell("rear", rear, body))
    parts.append(shapes.box("deck", (base * 0.62, 0.3, 0.08), (0.1, 0, deck), dark, bevel_m=0.02))
    long = rng.uniform(0.5, 0.72)
    seat = _shell(
        "seat",
        [(back - 0.2, high, 0.08, 0.03), (back, high + 0.02, 0.14, 0.05), (back - 0.2 + long, high - 0.02, 0.1, 0.045)],
        dark,
    )
    parts += [seat, *_apron(nose, size, deck, high, body)]
    parts += _steering(rng, nose, size, high, metal, dark)
    parts.append(canopies.bar("stand", (back + 0.25, 0.1, deck - 0.05), (back + 0.2, 0.2, 0.01), 0.012, metal))
    return parts + _extras(rng, back, nose, high)


def _apron(nose: float, size: float, deck: float, high: float, body: bpy.types.Material) -> Things:
    """The leg shield and the front mudguard."""
    shield = [
        (nose - 0.30, deck + 0.05, 0.13, 0.08),
        (nose - 0.20, deck + 0.3, 0.2, 0.14),
        (nose - 0.22, high + 0.05, 0.17, 0.14),
        (nose - 0.27, high + 0.2, 0.1, 0.06),
    ]
    guard = [(nose - 0.22, 0.4, 0.03, 0.03), (nose, size * 2 + 0.04, 0.07, 0.05), (nose + 0.2, 0.36, 0.03, 0.02)]
    return [_shell("shield", shield, body), _shell("guard", guard, body)]


def _steering(
    rng: random.Random, nose: float, size: float, high: float, metal: bpy.types.Material, dark: bpy.types.Material
) -> Things:
    """Fork, stem, handlebar with grips, lamp and mirrors."""
    top = (nose - 0.3, 0.0, high + rng.uniform(0.22, 0.32))
    half = rng.uniform(0.28, 0.36)
    parts = _bars("fork", [((nose, s, size), (nose - 0.18, s, 0.6)) for s in (-0.07, 0.07)], 0.018, metal)
    parts.append(canopies.bar("stem", (nose - 0.18, 0, 0.55), top, 0.025, dark))
    parts.append(canopies.bar("handlebar", (top[0] - 0.05, -half, top[2]), (top[0] - 0.05, half, top[2]), 0.016, dark))
    parts.append(shapes.ball("cowl", (0.1, 0.14, 0.07), (top[0] + 0.03, 0, top[2] - 0.02), dark))
    lamp = paint.worn(rng, paint.grey(rng, 0.6, 0.9), roughness=0.1)
    parts.append(shapes.ball("lamp", (0.04, 0.09, 0.05), (top[0] + 0.11, 0, top[2] - 0.04), lamp))
    if rng.random() < 0.7:
        for s in (-1, 1):
            at = (top[0] - 0.02, s * (half - 0.04), top[2] + 0.17)
            parts.append(canopies.bar("arm", (top[0] - 0.03, s * (half - 0.12), top[2]), at, 0.006, dark))
            parts.append(shapes.ball("mirror", (0.015, 0.06, 0.04), at, dark))
    return parts


def _extras(rng: random.Random, back: float, nose: float, high: float) -> Things:
    """Delivery box, top case, basket, wind quilt, rain cape, child seat."""
    parts: Things = []
    kind = rng.random()
    if kind < 0.22:
        side = rng.uniform(0.36, 0.48)
        tone = rng.choice(
            ((0.02, 0.2, 0.7), (0.85, 0.6, 0.02), (0.05, 0.05, 0.05), (0.02, 0.4, 0.2), (0.7, 0.05, 0.03))
        )
        box = paint.worn(rng, paint.near(rng, tone), roughness=0.6, wear=0.3)
        centre = (back - 0.2, 0.0, high + side / 2 + 0.05)
        parts.append(shapes.box("delivery box", (side, side, side), centre, box, bevel_m=0.02))
        word = rng.choice(("外卖", "快送", "跑腿", "配送"))
        sign = paint.printed(rng, prints.sign(rng, word, (128, 64)))
        for turn in (0.0, math.pi, -math.pi / 2):
            face = panel("word", (side * 0.7, side * 0.35), (0, 0, 0), sign)
            reach = side / 2 + 0.004
            face.location = (centre[0] + reach * math.sin(turn), -reach * math.cos(turn), centre[2] - side * 0.15)
            face.rotation_euler[2] = turn
            parts.append(face)
    elif kind < 0.45:
        case = paint.worn(rng, paint.grey(rng, 0.05, 0.8), roughness=0.35)
        parts.append(shapes.ball("top case", (0.19, 0.2, 0.15), (back - 0.3, 0, high + 0.14), case))
    if rng.random() < 0.3:
        parts += _basket(rng, (nose - 0.12, 0, high - 0.05))
    if rng.random() < 0.25:
        quilt = paint.printed(rng, prints.pattern(rng), boxed=True, roughness=0.9)
        made = shapes.box("quilt", (0.08, 0.62, 0.62), (nose - 0.42, 0, high - 0.02), quilt, bevel_m=0.035)
        made.rotation_euler[1] = -0.3
        parts.append(made)
    if rng.random() < 0.1:
        parts += goods.cartons(rng, (0.05, 0, 0.36), (0.3, 0.3))
    return parts


def motorcycle(rng: random.Random, colour: Colour) -> Things:
    """A small motorcycle: spoked or cast wheels, tank, engine, exhaust."""
    body, metal, dark = _skins(rng, colour)
    size, base, spokes = rng.uniform(0.28, 0.32), rng.uniform(1.2, 1.35), rng.random() < 0.5
    back, nose = -0.5 * base, 0.5 * base
    parts = wheel(rng, (back, 0, size), size, 0.11, spokes=spokes) + wheel(
        rng, (nose, 0, size), size, 0.1, spokes=spokes
    )
    parts.append(shapes.box("engine", (0.42, 0.26, 0.32), (0.05, 0, 0.42), metal, bevel_m=0.05))
    parts.append(shapes.box("under", (0.7, 0.16, 0.14), (-0.15, 0, 0.62), dark, bevel_m=0.04))
    tank = [(-0.1, 0.78, 0.1, 0.06), (0.05, 0.84, 0.15, 0.1), (0.28, 0.86, 0.16, 0.11), (0.42, 0.82, 0.1, 0.06)]
    seat = [(back - 0.15, 0.82, 0.08, 0.03), (back + 0.1, 0.8, 0.13, 0.05), (-0.05, 0.76, 0.11, 0.05)]
    tail = [(back - 0.25, 0.76, 0.05, 0.04), (back, 0.7, 0.11, 0.07), (-0.1, 0.66, 0.1, 0.08)]
    parts += [_shell("tank", tank, body), _shell("seat", seat, dark), _shell("tail", tail, body)]
    pipe = canopies.bar("exhaust", (0.2, -0.16, 0.28), (back - 0.15, -0.17, 0.34), 0.045, metal)
    parts += [pipe, *_guard(nose, size, body), *_guard(back, size, dark)]
    parts += _steering(rng, nose, size, 0.78, metal, dark)
    parts.append(canopies.bar("stand", (0, 0.12, 0.3), (-0.05, 0.28, 0.01), 0.014, metal))
    return parts + (_extras(rng, back, nose, 0.8) if rng.random() < 0.4 else [])


def two_wheeler(rng: random.Random) -> Build:
    """One, or a row of up to eight; hired bicycles come in one livery."""
    maker: Maker = rng.choice((bicycle, bicycle, scooter, scooter, scooter, motorcycle))
    hired = maker is bicycle and rng.random() < 0.4
    livery = rng.choice(SHARED)
    count = 1 if rng.random() < 0.45 else rng.randint(2, 8)
    mixed, gap, slant = rng.random() < 0.4, rng.uniform(0.55, 0.85), rng.gauss(0, 0.3)
    groups: dict[str, Things] = {}
    for k in range(count):
        one: Maker = rng.choice((bicycle, scooter, scooter, motorcycle)) if mixed and not hired else maker
        colour = livery if hired else paint.tint(rng, saturation=(0, 1), value=(0.06, 0.9))
        turn = math.pi / 2 + slant + rng.gauss(0, 0.07) + (math.pi if rng.random() < 0.08 else 0)
        at = ((k - count / 2) * gap + rng.gauss(0, 0.05), rng.gauss(0, 0.08), 0.0)
        made = moved(one(rng, colour), at, turn=turn)
        made[0].rotation_euler[0] = rng.uniform(0.06, 0.16)
        groups[f"two-wheeler {k}"] = made
    return Build("two_wheeler", groups, tuple(Box("two_wheeler", (name,)) for name in groups))
