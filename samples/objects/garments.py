"""Clothes and bedding cut from strips of cloth. A piece hangs from the origin, spread along x, its face to -y."""

from __future__ import annotations

import math
import random

import bpy
import canopies
import paint
import prints
from build import Things, moved
from fabric import Point, grid, rippled
from materials import Colour


def stuff(rng: random.Random, *, bed: bool = False) -> bpy.types.Material:
    """A plain or printed cloth."""
    if rng.random() < (0.75 if bed else 0.45):
        picture = prints.pattern(rng, (192, 192))
        return paint.printed(rng, picture, roughness=0.95, wear=0.2, translucent=rng.choice((0, 0.15, 0.3)))
    colour: Colour = paint.tint(rng, value=(0.15, 0.97)) if rng.random() < 0.65 else paint.grey(rng, 0.1, 0.97)
    return paint.cloth(rng, colour)


def strip(
    rng: random.Random,
    top: tuple[float, float],
    low: tuple[float, float],
    tall: float,
    material: bpy.types.Material,
    *,
    at: Point = (0, 0, 0),
    fold_m: float = 0.04,
    pinch: float = 0.0,
    curve: float = 1.0,
) -> bpy.types.Object:
    """A hanging piece from x = top[0]..top[1] to low[0]..low[1]; `pinch` lets the upper edge sag between pegs."""
    wave, sway = rippled(rng, fold_m, waves_per_m=4), rng.gauss(0, 0.03)

    def place(u: float, v: float) -> Point:
        share = v**curve
        left, right = top[0] + (low[0] - top[0]) * share, top[1] + (low[1] - top[1]) * share
        x = left + (right - left) * u
        sag = pinch * math.sin(math.pi * u) * (1 - v)
        uneven = 0.03 * math.sin(5 * u + sway * 40) * v
        return (at[0] + x, at[1] + wave(x, -v * tall) * (0.25 + v) + sway * v * tall, at[2] - v * tall - sag - uneven)

    cells = (max(5, min(26, int(abs(low[1] - low[0]) / 0.05))), max(6, min(22, int(tall / 0.07))))
    return grid("cloth", cells, place, material)


def shirt(rng: random.Random) -> Things:
    """T-shirt, shirt or jacket, by the shoulders (as on a hanger)."""
    half, tall, skin = rng.uniform(0.2, 0.3), rng.uniform(0.5, 0.8), stuff(rng)
    flare, neck = half * rng.uniform(0.85, 1.15), rng.uniform(0.03, 0.07)
    parts = [strip(rng, (-half, half), (-flare, flare), tall, skin, pinch=neck)]
    long = rng.choice((0.2, 0.25, 0.5, 0.6))
    out = rng.uniform(0.02, 0.3) if long > 0.3 else rng.uniform(0.08, 0.2)
    for s in (-1, 1):
        inner, outer = half - 0.02, half + 0.02
        a, b = (inner, outer + 0.1) if s > 0 else (-outer - 0.1, -inner)
        low = (a + s * out, b + s * out * 0.9)
        parts.append(strip(rng, (a, b), low, long, skin, at=(0, 0.01, -0.03), fold_m=0.02, pinch=-0.0))
    if rng.random() < 0.4:
        parts.append(strip(rng, (-0.012, 0.012), (-0.012, 0.012), tall * 0.95, paint.cloth(rng), at=(0, -0.03, -0.05)))
    return parts


def trousers(rng: random.Random) -> Things:
    """Trousers or shorts by the waist."""
    half, tall, skin = rng.uniform(0.17, 0.26), rng.choice((0.45, 0.95, 1.0)) * rng.uniform(0.9, 1.1), stuff(rng)
    foot, gap = half * rng.uniform(0.5, 0.75), rng.uniform(0.01, 0.05)
    parts = [strip(rng, (-half, half), (-half * 1.04, half * 1.04), 0.28, skin, fold_m=0.02)]
    for s in (-1, 1):
        top = (gap * 0.2, half * 1.04) if s > 0 else (-half * 1.04, -gap * 0.2)
        low = (gap, gap + foot) if s > 0 else (-gap - foot, -gap)
        parts.append(strip(rng, top, low, tall - 0.27, skin, at=(0, 0, -0.27), fold_m=0.03))
    return parts


def dress(rng: random.Random) -> Things:
    """A dress or skirt that widens downwards."""
    half, tall, skin = rng.uniform(0.13, 0.22), rng.uniform(0.5, 1.1), stuff(rng)
    hem = half * rng.uniform(1.2, 2.0)
    return [strip(rng, (-half, half), (-hem, hem), tall, skin, pinch=0.04, fold_m=0.08, curve=rng.uniform(1, 2.2))]


def small(rng: random.Random) -> Things:
    """Underwear, a brassiere, socks, a face cloth."""
    skin, kind = stuff(rng), rng.random()
    if kind < 0.35:
        tall = rng.uniform(0.2, 0.38)
        return [
            strip(rng, (x - 0.045, x + 0.045), (x - 0.05, x + 0.05), tall, skin, fold_m=0.02) for x in (-0.06, 0.06)
        ]
    if kind < 0.7:
        half = rng.uniform(0.13, 0.18)
        return [strip(rng, (-half, half), (-half * 0.35, half * 0.35), 0.2, skin, fold_m=0.02, curve=1.8)]
    if kind < 0.85:
        return [strip(rng, (x - 0.07, x + 0.07), (x - 0.03, x + 0.03), 0.14, skin, pinch=-0.03) for x in (-0.08, 0.08)]
    half = rng.uniform(0.12, 0.2)
    return [strip(rng, (-half, half), (-half, half), rng.uniform(0.25, 0.4), skin)]


def towel(rng: random.Random) -> Things:
    """A towel, longer than wide."""
    half = rng.uniform(0.15, 0.35)
    return [strip(rng, (-half, half), (-half, half), rng.uniform(0.4, 0.9), stuff(rng, bed=True), pinch=0.03)]


def bedding(rng: random.Random) -> Things:
    """A sheet, cover or quilt folded over the line: a front and a back of unequal length."""
    half, tall, skin = rng.uniform(0.5, 1.1), rng.uniform(0.7, 1.3), stuff(rng, bed=True)
    thick = rng.choice((0.0, 0.0, 0.05, 0.08))
    fold = rng.uniform(0.03, 0.1)
    parts = []
    for y, length in ((-0.02 - thick, tall), (0.02 + thick, tall * rng.uniform(0.5, 1))):
        made = strip(rng, (-half, half), (-half, half), length, skin, at=(0, y, 0.012 + thick / 2), fold_m=fold)
        if thick:
            made.modifiers.new("thick", "SOLIDIFY").thickness = thick
        parts.append(made)
    return parts


def hanger(rng: random.Random) -> Things:
    """Hook and shoulders, 0.1 m above the piece."""
    metal = paint.worn(rng, paint.tint(rng), roughness=0.4)
    return [
        canopies.bar("hook", (0, 0, 0.02), (0, 0, 0.1), 0.006, metal),
        canopies.bar("shoulder", (-0.2, 0, -0.04), (0, 0, 0.03), 0.008, metal),
        canopies.bar("shoulder", (0.2, 0, -0.04), (0, 0, 0.03), 0.008, metal),
    ]


def rail(rng: random.Random, wide: float, high: float, y: float) -> Things:
    """A clothes rail on feet."""
    metal = paint.steel(rng)
    parts = [canopies.bar("rail", (-wide / 2, y, high), (wide / 2, y, high), 0.014, metal)]
    for x in (-wide / 2, wide / 2):
        parts.append(canopies.bar("post", (x, y, 0), (x, y, high), 0.014, metal))
        parts.append(canopies.bar("foot", (x, y - 0.25, 0.03), (x, y + 0.25, 0.03), 0.014, metal))
    return parts


def on_rail(rng: random.Random, wide: float, high: float, y: float) -> Things:
    """Garments on hangers, side on, close together; some turned to the buyer."""
    parts: Things = []
    x, step, frontal = -wide / 2 + 0.1, rng.uniform(0.06, 0.14), rng.random() < 0.25
    while x < wide / 2 - 0.08:
        piece = rng.choice((shirt, shirt, dress, trousers))(rng)
        turn = rng.gauss(0, 0.15) if frontal else math.pi / 2 + rng.gauss(0, 0.25)
        parts += moved(piece + hanger(rng), (x, y, high - 0.1), turn=turn)
        x += 0.4 if frontal else step
    return parts
