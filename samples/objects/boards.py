"""Advertising that stands by itself: A-boards, roll-ups, light boxes, posters on a board. Faces -y."""

from __future__ import annotations

import math
import random

import bpy
import canopies
import paint
import prints
import shapes
import slogans
from build import Build, Things, moved, single
from fabric import Point, grid, panel


def _picture(rng: random.Random, wide: float, tall: float) -> bpy.types.Material:
    size = (max(64, round(wide * 230)), max(64, round(tall * 230)))
    if rng.random() < 0.65:
        return paint.printed(rng, prints.poster(rng, size), roughness=rng.uniform(0.25, 0.8))
    words = rng.choice([w for w in (*slogans.PROMOTIONS, *slogans.SHORT) if len(w) <= 10])
    drawn = prints.hanging(rng, words, size) if tall > wide else prints.sign(rng, words, size)
    return paint.printed(rng, drawn, roughness=rng.uniform(0.25, 0.8))


def a_board(rng: random.Random) -> Build:
    """Two leaning boards in frames."""
    wide, tall, lean = rng.uniform(0.45, 0.8), rng.uniform(0.75, 1.25), rng.uniform(0.15, 0.35)
    frame = paint.worn(rng, paint.tint(rng, saturation=(0, 0.6)), roughness=0.5)
    parts: Things = []
    for side in (0, 1):
        back = shapes.box("board", (wide + 0.06, 0.02, tall + 0.06), (0, 0.015, tall / 2 + 0.03), frame)
        leaf = [back, panel("poster", (wide, tall), (0, 0, 0.04), _picture(rng, wide, tall))]
        made = moved(leaf, (0, 0, 0), turn=math.pi * side)
        spread = (tall + 0.06) * math.sin(lean)
        made[0].location = (0, -spread * (1 - 2 * side), 0)
        made[0].rotation_euler[0] = -lean
        parts += made
    return single("banner", moved(parts, (0, 0, 0), turn=rng.uniform(-0.5, 0.5)), view_spread_deg=75.0)


def roll_up(rng: random.Random) -> Build:
    """A roll-up or an X-stand."""
    wide, tall = rng.uniform(0.6, 0.9), rng.uniform(1.5, 2.0)
    skin, metal = _picture(rng, wide, tall), paint.worn(rng, paint.grey(rng, 0.4, 0.8), metallic=0.8, roughness=0.4)
    bow = rng.gauss(0, 0.05)

    def place(u: float, v: float) -> Point:
        curl = bow * math.sin(math.pi * v) + 0.02 * (2 * u - 1) ** 2
        return ((u - 0.5) * wide, curl + 0.05 * v - 0.05, 0.06 + (1 - v) * tall)

    parts: Things = [grid("roll-up", (8, 16), place, skin)]
    parts.append(shapes.box("foot", (wide + 0.03, 0.14, 0.07), (0, 0.03, 0.035), metal, bevel_m=0.015))
    parts.append(canopies.bar("mast", (0, 0.06, 0.05), (0, 0.0, tall + 0.06), 0.012, metal))
    return single("banner", moved(parts, (0, 0, 0), turn=rng.uniform(-0.4, 0.4)), view_spread_deg=65.0)


def light_box(rng: random.Random) -> Build:
    """A standing or sticking-out box, lit or not."""
    glow = rng.choice((0.0, 0.0, 0.8, 1.6))
    wide, tall, deep = rng.uniform(0.4, 0.9), rng.uniform(0.6, 1.8), rng.uniform(0.12, 0.25)
    words = rng.choice([w for w in (*slogans.SHOPS, *slogans.SHORT, *slogans.FOOD_SIGNS) if len(w) <= 4])
    size = (round(wide * 230), round(tall * 230))
    drawn = prints.poster(rng, size) if rng.random() < 0.35 else prints.hanging(rng, words, size)
    skin = paint.printed(rng, drawn, glow=glow, roughness=0.25, wear=0.15)
    shell = paint.worn(rng, paint.grey(rng, 0.15, 0.85), roughness=0.4)
    standing = rng.random() < 0.65
    base = rng.uniform(0.03, 0.35) if standing else rng.uniform(2.2, 3.2)
    parts: Things = [
        shapes.box("shell", (wide + 0.05, deep, tall + 0.05), (0, 0, base + tall / 2), shell, bevel_m=0.02)
    ]
    for side in (-1, 1):
        leaf = panel("face", (wide, tall), (0, side * (deep / 2 + 0.003), base), skin)
        leaf.rotation_euler[2] = math.pi if side > 0 else 0.0
        parts.append(leaf)
    if standing:
        for x in (-0.4 * wide, 0.4 * wide):
            parts.append(shapes.box("leg", (0.04, deep, base), (x, 0, base / 2), shell))
            parts.append(shapes.box("foot", (0.05, deep + 0.25, 0.03), (x, 0, 0.015), shell))
    else:
        x = wide / 2 + 0.02
        parts += [
            canopies.bar("arm", (x, 0, base + tall * k), (x + 0.2, 0, base + tall * k), 0.02, shell) for k in (0.2, 0.8)
        ]
    turned = moved(parts, (0, 0, 0), turn=rng.uniform(-0.3, 0.3))
    return single("banner", turned, stands_on="ground" if standing else "wall", view_spread_deg=60.0)


def poster_board(rng: random.Random) -> Build:
    """A board on two posts, covered with one large or several small bills."""
    wide, tall, base = rng.uniform(1.2, 3.2), rng.uniform(0.9, 1.7), rng.uniform(0.1, 0.9)
    back, metal = paint.worn(rng, paint.grey(rng, 0.3, 0.9), wear=0.5), paint.steel(rng)
    parts: Things = [shapes.box("board", (wide, 0.04, tall), (0, 0.03, base + tall / 2), back)]
    for x in (-0.47 * wide, 0.47 * wide):
        parts.append(canopies.bar("post", (x, 0.06, 0), (x, 0.06, base + tall), 0.03, metal))
    columns = rng.choice((1, 2, 3))
    for k in range(columns):
        w, h = wide / columns * rng.uniform(0.8, 0.97), tall * rng.uniform(0.75, 0.97)
        x = (k + 0.5 - columns / 2) * wide / columns
        bill = panel("bill", (w, h), (x, 0.004, base + (tall - h) / 2), _picture(rng, w, h))
        bill.rotation_euler[1] = rng.gauss(0, 0.02)
        parts.append(bill)
    return single("banner", parts, view_spread_deg=65.0)
