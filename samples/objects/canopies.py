"""Parasols, tents and awnings, and umbrellas in the hand. Metres; an own centre at the origin."""

from __future__ import annotations

import math
import random

import bpy
import numpy as np
import paint
import people
import prints
import shapes
import slogans
from build import Box, Build, Things, moved, single
from fabric import Point, grid, panel


def _cloths(rng: random.Random) -> list[bpy.types.Material]:
    """Materials for the panels in turn: one colour, two or three in turn, or prints between plain panels."""
    kind = rng.random()
    tones = [paint.tint(rng, saturation=(0.3, 1), value=(0.25, 0.95)) for _ in range(rng.choice((2, 2, 3)))]
    if kind < 0.3:
        return [paint.cloth(rng, tones[0])]
    if kind < 0.7:
        return [paint.cloth(rng, tone) for tone in tones]
    words = rng.choice((*slogans.BRANDS, *slogans.SHORT, *slogans.SHOPS))
    return [
        paint.printed(rng, prints.sign(rng, words, (256, 128)), roughness=0.8, translucent=0.25),
        paint.cloth(rng, tones[0]),
    ][: rng.choice((1, 2, 2))]


def canopy(
    rng: random.Random, radius: float, *, panels: int, top: float, drop: float, valance: float, square: bool
) -> Things:
    """The cloth alone: `panels` gores from a tip at height `top` down by `drop`, with a hanging edge."""
    skins, parts, cells = _cloths(rng), [], 6
    bow, sag = rng.uniform(0.55, 1.0), rng.uniform(0.0, 0.07)
    for k in range(panels):

        def place(u: float, v: float, k: int = k) -> Point:
            angle = 2 * math.pi * (k + u) / panels + (math.pi / 4 if square else 0)
            reach = radius / max(abs(math.cos(angle)), abs(math.sin(angle))) if square else radius
            chord = math.cos(math.pi / panels) / math.cos(2 * math.pi / panels * (u - 0.5)) if not square else 1.0
            over = max(0.0, v - 0.85) / 0.15 if valance else 0.0
            out = min(1.0, v / 0.85) if valance else v
            bend = -sag * radius * math.sin(math.pi * u) * out
            z = top - drop * out ** (1 + bow * 0.5) + bend - over * valance * (1 + 0.1 * math.sin(12 * math.pi * u))
            return (reach * chord * out * math.cos(angle), reach * chord * out * math.sin(angle), z)

        parts.append(grid("gore", (cells, 10), place, skins[k % len(skins)]))
    return parts


def parasol(rng: random.Random, *, radius: float | None = None) -> Things:
    """A market parasol with its pole and foot, round or square."""
    square = rng.random() < 0.35
    radius = radius or rng.uniform(0.95, 1.7)
    panels = 4 if square else rng.choice((6, 8, 8, 10))
    top, drop = rng.uniform(2.1, 2.8), radius * rng.uniform(0.18, 0.42)
    parts = canopy(rng, radius, panels=panels, top=top, drop=drop, valance=rng.choice((0, 0.12, 0.2)), square=square)
    metal = paint.steel(rng)
    parts.append(shapes.cylinder("pole", rng.uniform(0.015, 0.03), top + 0.05, (0, 0, top / 2), metal, count=10))
    for k in range(panels):
        angle = 2 * math.pi * k / panels + (math.pi / 4 if square else 0)
        parts.append(_rod((0, 0, top - drop - 0.25), _rim(radius * 0.7, angle, top - drop * 0.72), metal))
    base = paint.worn(rng, paint.grey(rng, 0.2, 0.8), wear=0.5)
    kind = rng.random()
    if kind < 0.5:
        parts.append(shapes.cylinder("foot", rng.uniform(0.2, 0.32), 0.12, (0, 0, 0.06), base))
    elif kind < 0.8:
        parts.append(shapes.box("foot", (0.45, 0.45, 0.1), (0, 0, 0.05), base, bevel_m=0.02))
    return parts


def _rim(radius: float, angle: float, z: float) -> Point:
    return (radius * math.cos(angle), radius * math.sin(angle), z)


def _rod(a: Point, b: Point, material: bpy.types.Material, radius: float = 0.008) -> bpy.types.Object:
    """A thin bar between two points."""
    return bar("rod", a, b, radius, material)


def bar(name: str, a: Point, b: Point, radius: float, material: bpy.types.Material) -> bpy.types.Object:
    """A round bar between two points."""
    start, end = np.array(a, float), np.array(b, float)
    along = end - start
    length = max(1e-4, float(np.linalg.norm(along)))
    made = shapes.cylinder(name, radius, length, tuple((start + end) / 2), material, count=8)
    flat = math.hypot(along[0], along[1])
    made.rotation_euler = (0, math.atan2(flat, along[2]), math.atan2(along[1], along[0]))
    return made


def tent(rng: random.Random) -> Things:
    """A folding tent on four legs, its edge printed."""
    wide, deep, eave = rng.uniform(2, 4), rng.uniform(1.8, 3), rng.uniform(1.9, 2.3)
    rise, valance = rng.uniform(0.3, 0.9), rng.uniform(0.15, 0.35)
    skin, metal = paint.cloth(rng, paint.tint(rng, saturation=(0.4, 1))), paint.steel(rng)
    parts = canopy(rng, 1.0, panels=4, top=rise, drop=rise, valance=0, square=True)
    if rng.random() < 0.5:
        for part in parts:
            part.data.materials[0] = skin
    roof = moved(parts, (0, 0, eave))
    roof[0].scale = (wide / 2, deep / 2, 1)
    words = rng.choice((*slogans.PROMOTIONS, *slogans.SHOPS, *slogans.FOOD_SIGNS))
    edge = paint.printed(rng, prints.sign(rng, words, (512, 64))) if rng.random() < 0.6 else skin
    for side, length in ((0, wide), (1, deep), (2, wide), (3, deep)):
        strip = panel("valance", (length, valance), (0, 0, 0), edge)
        away = deep / 2 if side % 2 == 0 else wide / 2
        angle = side * math.pi / 2
        strip.rotation_euler[2] = angle
        strip.location = (away * math.sin(angle), -away * math.cos(angle), eave - valance)
        roof.append(strip)
    for x in (-wide / 2, wide / 2):
        for y in (-deep / 2, deep / 2):
            roof.append(shapes.box("leg", (0.035, 0.035, eave), (x * 0.98, y * 0.98, eave / 2), metal))
    return roof


def awning(rng: random.Random) -> Things:
    """A sloping shop awning on arms, as it sticks out of a front at y = 0."""
    wide, out, high, fall = rng.uniform(2, 4.5), rng.uniform(0.9, 2), rng.uniform(2.3, 3), rng.uniform(0.3, 0.9)
    picture = (
        prints.pattern(rng, (256, 128))
        if rng.random() < 0.6
        else prints.sign(rng, rng.choice(slogans.SHOPS), (256, 128))
    )
    skin, metal = paint.printed(rng, picture, translucent=0.2), paint.steel(rng)

    def place(u: float, v: float) -> Point:
        front = min(1.0, v / 0.85)
        over = max(0.0, v - 0.85) / 0.15
        sag = -0.04 * math.sin(math.pi * front) * (1 + 0.3 * math.sin(9 * u))
        return ((u - 0.5) * wide, -out * front, high - fall * front + sag - 0.22 * over)

    parts = [grid("awning", (24, 16), place, skin)]
    for x in (-wide / 2, wide / 2):
        parts.append(_rod((x, 0, high - fall - 0.3), (x, -out, high - fall), metal, 0.015))
    return parts


def hand_umbrella(rng: random.Random) -> Things:
    """A small umbrella, its grip at the origin."""
    radius = rng.uniform(0.45, 0.62)
    parts = canopy(rng, radius, panels=8, top=0.75, drop=radius * rng.uniform(0.35, 0.5), valance=0, square=False)
    return [*parts, shapes.cylinder("stick", 0.008, 0.75, (0, 0, 0.375), paint.steel(rng), count=8)]


def umbrella(rng: random.Random) -> Build:
    """Any canopy by itself, two parasols side by side, or somebody under an umbrella."""
    kind = rng.random()
    if kind < 0.25:
        held = moved(hand_umbrella(rng), (0.28, 0.16, 1.15))
        held[0].rotation_euler = (rng.gauss(0, 0.12), rng.gauss(0.05, 0.15), rng.uniform(0, 6.3))
        walker = people.figure(rng, (0, 0), facing=0.0, pose="stand")
        groups = {"umbrella": held, "person": walker}
        return Build("umbrella", groups, (Box("umbrella", ("umbrella",)), Box("person", ("person",))))
    if kind < 0.4:
        return single("umbrella", tent(rng))
    if kind < 0.5:
        return single("umbrella", awning(rng), stands_on="wall", view_spread_deg=70.0)
    if kind < 0.65:
        apart = rng.uniform(1.6, 3.4)
        pair = {f"umbrella {k}": moved(parasol(rng), (apart * k, rng.uniform(-0.5, 0.5), 0)) for k in range(2)}
        return Build("umbrella", pair, tuple(Box("umbrella", (name,)) for name in pair))
    tilted = moved(parasol(rng), (0, 0, 0), turn=rng.uniform(0, 6.3))
    tilted[0].rotation_euler[0] = rng.gauss(0, 0.04)
    return single("umbrella", tilted)
