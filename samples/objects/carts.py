"""Vendors' stalls on wheels: tricycles with a loaded bed, food carts with a glass box. Front faces -y."""

from __future__ import annotations

import math
import random

import bpy
import canopies
import goods
import paint
import prints
import shapes
import slogans
from build import Things
from fabric import Point, panel

Half = tuple[float, float]


def wheel(rng: random.Random, at: Point, radius: float, width: float, *, spokes: bool, axis: str = "y") -> Things:
    """A tyre with a hub or spokes; it rolls about `axis`."""
    turn = (math.pi / 2, 0.0, 0.0) if axis == "y" else (0.0, math.pi / 2, 0.0)
    tyre, metal = paint.rubber(rng), paint.steel(rng)
    parts = [ring(at, radius, width / 2, tyre, axis)]
    if not spokes:
        parts.append(shapes.cylinder("disc", radius * 0.68, width * 0.8, at, metal, tilt=turn, count=20))
        return parts
    parts.append(shapes.cylinder("hub", 0.035, width * 1.6, at, metal, tilt=turn, count=10))
    for k in range(7):
        angle = math.pi * k / 7
        c, s = 0.95 * radius * math.cos(angle), 0.95 * radius * math.sin(angle)
        ends = (
            ((at[0] - c, at[1], at[2] - s), (at[0] + c, at[1], at[2] + s))
            if axis == "y"
            else ((at[0], at[1] - c, at[2] - s), (at[0], at[1] + c, at[2] + s))
        )
        parts.append(canopies.bar("spoke", *ends, 0.004, metal))
    return parts


def ring(at: Point, radius: float, thick: float, material: bpy.types.Material, axis: str) -> bpy.types.Object:
    """A torus."""
    major, minor, points, faces = 28, 8, [], []
    for i in range(major):
        a = 2 * math.pi * i / major
        for j in range(minor):
            b = 2 * math.pi * j / minor
            r = radius - thick + thick * math.cos(b)
            flat = (r * math.cos(a), thick * math.sin(b), r * math.sin(a))
            points.append(flat if axis == "y" else (flat[1], flat[0], flat[2]))
    for i in range(major):
        for j in range(minor):
            n, m = (i + 1) % major, (j + 1) % minor
            faces.append((i * minor + j, n * minor + j, n * minor + m, i * minor + m))
    made = shapes.mesh_object("tyre", points, faces, [material], smooth=True)
    made.location = at
    return made


def tricycle(rng: random.Random) -> tuple[Things, Half]:
    """A pedal or electric three-wheeler, its bed heaped; it points along +x."""
    long, wide, deck = rng.uniform(1.1, 1.9), rng.uniform(0.8, 1.1), rng.uniform(0.5, 0.65)
    body = paint.worn(
        rng, paint.tint(rng, saturation=(0.3, 1), value=(0.2, 0.7)), roughness=0.5, wear=0.6, metallic=0.2
    )
    side = rng.uniform(0.08, 0.35)
    parts: Things = [shapes.box("bed", (long, wide, 0.05), (0, 0, deck), body)]
    for s in (-1, 1):
        parts.append(shapes.box("side", (long, 0.03, side), (0, s * wide / 2, deck + side / 2), body))
    parts.append(shapes.box("tail", (0.03, wide, side), (-long / 2, 0, deck + side / 2), body))
    parts.append(shapes.box("head", (0.03, wide, side * 1.3), (long / 2, 0, deck + side * 0.65), body))
    for s in (-1, 1):
        parts += wheel(rng, (-0.15 * long, s * (wide / 2 + 0.06), 0.28), 0.28, 0.09, spokes=rng.random() < 0.4)
    parts += _front(rng, long / 2, body)
    load = rng.choice(goods.ON_CART)
    parts += load(rng, (0, 0, deck + 0.03 + side * rng.uniform(0.2, 0.8)), (long * 0.92, wide * 0.9))
    if rng.random() < 0.4:
        words = rng.choice((*slogans.GOODS_SIGNS, *slogans.FOOD_SIGNS))
        skin = paint.printed(rng, prints.sign(rng, words, (192, 96)))
        parts.append(panel("sign", (rng.uniform(0.5, 1), 0.32), (0, -wide / 2 - 0.03, deck + 0.1), skin))
    if rng.random() < 0.25:
        parts += goods.crates(rng, (0, -wide / 2 - 0.4, 0), (long, 0.5))
    return parts, (long / 2 + 0.3, wide / 2)


def _front(rng: random.Random, x: float, body: bpy.types.Material) -> Things:
    """Frame, saddle, handlebar and front wheel before the bed at `x`."""
    metal, seat = paint.steel(rng), paint.worn(rng, paint.grey(rng, 0.05, 0.3), roughness=0.5)
    steer = x + rng.uniform(0.75, 0.95)
    parts = wheel(rng, (steer + 0.12, 0, 0.27), 0.27, 0.08, spokes=rng.random() < 0.5)
    parts += [
        canopies.bar("frame", (x - 0.1, 0, 0.42), (steer, 0, 0.5), 0.03, body),
        canopies.bar("fork", (steer + 0.12, 0.07, 0.27), (steer - 0.06, 0.05, 0.85), 0.018, metal),
        canopies.bar("fork", (steer + 0.12, -0.07, 0.27), (steer - 0.06, -0.05, 0.85), 0.018, metal),
        canopies.bar("stem", (steer - 0.04, 0, 0.8), (steer - 0.12, 0, 1.08), 0.02, metal),
        canopies.bar("handlebar", (steer - 0.16, -0.33, 1.08), (steer - 0.16, 0.33, 1.08), 0.016, metal),
        canopies.bar("post", (x + 0.25, 0, 0.45), (x + 0.22, 0, 0.8), 0.02, metal),
        shapes.box("saddle", (0.28, 0.22, 0.08), (x + 0.2, 0, 0.83), seat, bevel_m=0.03),
    ]
    if rng.random() < 0.5:
        shield = shapes.box("shield", (0.05, 0.42, 0.55), (steer - 0.02, 0, 0.7), body, bevel_m=0.02)
        shield.rotation_euler[1] = -0.2
        parts += [shield, shapes.ball("lamp", (0.05, 0.07, 0.06), (steer + 0.02, 0, 0.95), metal)]
    return parts


def food_cart(rng: random.Random) -> tuple[Things, Half]:
    """A snack cart: counter, glass box or steamers, roof or sign."""
    long, wide, high = rng.uniform(1.0, 1.9), rng.uniform(0.55, 0.85), rng.uniform(0.75, 0.95)
    kind = rng.random()
    body = (
        paint.worn(rng, paint.grey(rng, 0.6, 0.85), roughness=0.3, metallic=0.9, wear=0.3)
        if kind < 0.4
        else paint.worn(rng, paint.tint(rng, saturation=(0.5, 1)), roughness=0.5)
    )
    words = rng.choice(slogans.FOOD_SIGNS)
    base = rng.choice((0.12, 0.3))
    parts: Things = [
        shapes.box("body", (long, wide, high - base), (0, 0, (high + base) / 2), body, bevel_m=0.015),
        shapes.box("counter", (long + 0.06, wide + 0.06, 0.03), (0, 0, high), paint.steel(rng)),
    ]
    face = paint.printed(rng, prints.sign(rng, words, (256, 96)))
    parts.append(panel("face", (long * 0.92, (high - base) * 0.8), (0, -wide / 2 - 0.006, base + 0.06), face))
    for x in (-0.33 * long, 0.33 * long):
        for s in (-1, 1):
            parts += wheel(rng, (x, s * (wide / 2 - 0.02), 0.16), 0.16, 0.05, spokes=False)
    parts.append(
        canopies.bar("handle", (long / 2 + 0.25, -wide * 0.4, high), (long / 2 + 0.25, wide * 0.4, high), 0.015, body)
    )
    parts += _on_counter(rng, long, wide, high)
    if rng.random() < 0.65:
        parts += _roof(rng, long, wide, high, words)
    return parts, (long / 2, wide / 2)


def _on_counter(rng: random.Random, long: float, wide: float, high: float) -> Things:
    """Glass box, steamers, pots or a griddle, and small things."""
    parts: Things = []
    metal = paint.worn(rng, paint.grey(rng, 0.5, 0.8), roughness=0.25, metallic=0.95, wear=0.4)
    if rng.random() < 0.65:
        share, tall = rng.uniform(0.4, 0.8), rng.uniform(0.3, 0.5)
        pane, x = paint.glass(rng), -long * (0.5 - share / 2) * 0.95
        size = (long * share, wide * 0.8, tall)
        parts.append(shapes.box("glass box", size, (x, 0, high + tall / 2 + 0.02), pane))
        for i in (-0.5, 0.5):
            for j in (-0.5, 0.5):
                at = (x + i * size[0], j * size[1], high + tall / 2)
                parts.append(shapes.box("edge", (0.02, 0.02, tall), at, metal))
        parts.append(shapes.box("lid", (size[0] + 0.02, size[1] + 0.02, 0.02), (x, 0, high + tall + 0.02), metal))
        pattern, step = goods.fruit(rng)
        parts += goods.heaped(rng, pattern, step, (x, 0, high + 0.03), (size[0] * 0.85, size[1] * 0.8), rise=0.05)
    straw = paint.worn(rng, paint.tint(rng, hue=(0.08, 0.12), saturation=(0.3, 0.6), value=(0.5, 0.8)), wear=0.4)
    steamer = rng.random() < 0.5
    for _ in range(rng.randint(1, 3)):
        x, y = rng.uniform(-0.05, 0.4) * long, rng.uniform(-0.2, 0.2) * wide
        radius, layer = rng.uniform(0.12, 0.24), rng.uniform(0.08, 0.13)
        for k in range(rng.randint(1, 5) if steamer else 1):
            skin = straw if steamer else metal
            at = (x, y, high + 0.02 + (k + 0.5) * (layer + 0.006))
            parts.append(shapes.cylinder("pot", radius, layer, at, skin, count=20))
    return parts + goods.bottles(rng, (long * 0.3, -wide * 0.25, high + 0.02), (long * 0.3, wide * 0.3))


def _roof(rng: random.Random, long: float, wide: float, high: float, words: str) -> Things:
    """Four posts, a flat or sloping roof, a lit or painted sign along its edge."""
    top, metal = high + rng.uniform(0.9, 1.15), paint.steel(rng)
    parts: Things = []
    for x in (-0.48 * long, 0.48 * long):
        for y in (-0.45 * wide, 0.45 * wide):
            parts.append(canopies.bar("post", (x, y, high), (x, y, top), 0.012, metal))
    cover = paint.worn(rng, paint.tint(rng, saturation=(0.3, 1)), roughness=0.5)
    roof = shapes.box("roof", (long * 1.1, wide * 1.5, 0.04), (0, -0.1, top), cover)
    roof.rotation_euler[0] = rng.uniform(0, 0.2)
    tall, glow = rng.uniform(0.2, 0.35), rng.choice((0.0, 0.0, 1.2))
    skin = paint.printed(rng, prints.sign(rng, words, (320, 80)), glow=glow)
    board = panel("sign board", (long * 1.05, tall), (0, -wide * 0.75 - 0.13, top - tall * 0.6), skin)
    return [*parts, roof, board]
