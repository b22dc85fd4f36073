"""Cloth that advertises: hung across, down and on flags. Faces -y; the boxes hold no ropes or poles."""

from __future__ import annotations

import math
import random

import boards
import bpy
import canopies
import paint
import prints
import shapes
import slogans
from build import Box, Build, Things
from fabric import Place, Point, grid, rippled

PX_PER_M = 110


def _canvas(wide: float, tall: float) -> tuple[int, int]:
    return min(1100, max(64, round(wide * PX_PER_M))), min(700, max(64, round(tall * PX_PER_M)))


def face(
    rng: random.Random, wide: float, tall: float, material: bpy.types.Material, *, sag: float = 0.0, twist: float = 0.0
) -> bpy.types.Object:
    """A cloth with its upper edge's middle at the origin; `sag` is its depth, `twist` the slack in its corners."""
    deep = rng.choice((0.005, 0.03, 0.08, 0.15))
    wave = rippled(rng, deep * min(1.0, max(0.4, tall)) * min(1.0, wide), waves_per_m=rng.uniform(0.8, 2.5))
    gather, curl = rng.uniform(0, 0.04), rng.gauss(0, twist)
    phase = rng.uniform(0, 6)

    def place(u: float, v: float) -> Point:
        x = (u - 0.5) * wide
        edge = 1 - abs(2 * u - 1) ** 4
        hang = -sag * (1 - (2 * u - 1) ** 2)
        wrinkle = gather * (1 - edge) * math.sin(9 * v + phase)
        return (x, wave(x, v * tall) * (0.3 + 0.7 * edge) + curl * v * tall * (2 * u - 1), hang - v * tall + wrinkle)

    cells = (min(60, max(10, int(wide * 9))), min(24, max(6, int(tall * 9))))
    return grid("banner", cells, place, material)


def _supports(rng: random.Random, wide: float, tall: float, high: float) -> tuple[Things, str]:
    """Poles, ropes, a fence, trees' trunks or nothing behind the cloth; and what it stands on."""
    kind, metal = rng.random(), paint.steel(rng)
    half = wide / 2
    if kind < 0.35:
        grow = rng.uniform(0, 0.3)
        radius = rng.uniform(0.02, 0.05)
        poles: Things = []
        for s in (-1, 1):
            pole = canopies.bar("pole", (s * (half + 0.04), 0, 0), (s * (half + 0.04), 0, high + grow), radius, metal)
            poles.append(pole)
        return poles, "ground"
    if kind < 0.6:
        rope = paint.worn(rng, paint.grey(rng, 0.3, 0.9))
        out = rng.uniform(0.4, 1.5)
        ropes: Things = []
        for s in (-1, 1):
            for z, up in ((high, rng.uniform(0, 0.3)), (high - tall, rng.uniform(-0.1, 0.3))):
                ropes.append(canopies.bar("rope", (s * half, 0, z), (s * (half + out), 0, z + up), 0.008, rope))
        return ropes, "line"
    if kind < 0.8:
        return _fence(rng, wide, max(high, 0.9), metal), "ground"
    return [], "wall"


def _fence(rng: random.Random, wide: float, high: float, metal: bpy.types.Material) -> Things:
    """Railings behind the cloth, a little wider than it."""
    half, top = wide / 2 + rng.uniform(0, 0.6), high + rng.uniform(-0.1, 0.15)
    parts: Things = [canopies.bar("rail", (-half, 0.12, z), (half, 0.12, z), 0.02, metal) for z in (0.15, top)]
    step = rng.uniform(0.12, 0.25)
    for k in range(int(2 * half / step) + 1):
        x = -half + k * step
        parts.append(canopies.bar("bar", (x, 0.12, 0.05), (x, 0.12, top), 0.01, metal))
    return parts


def across(rng: random.Random) -> Build:
    """A long slogan over a road, before a shop, on a fence."""
    words = rng.choice(slogans.EVERYTHING)
    tall = rng.uniform(0.5, 1.0)
    wide = tall * len(words) * rng.uniform(0.75, 1.5)
    wide = min(9.0, max(1.4, wide))
    skin = paint.printed(
        rng,
        prints.slogan(rng, words, _canvas(wide, tall)),
        roughness=rng.uniform(0.35, 0.9),
        wear=0.35,
        translucent=rng.choice((0, 0.15, 0.3)),
    )
    high = tall + rng.choice((rng.uniform(0.1, 0.9), rng.uniform(0.9, 2.4), rng.uniform(2, 4)))
    sag = rng.uniform(0, 0.05) if rng.random() < 0.6 else rng.uniform(0.02, 0.09)
    cloth = face(rng, wide, tall, skin, sag=sag * wide, twist=0.06)
    cloth.location[2] = high
    parts, ground = _supports(rng, wide, tall, high)
    groups = {"banner": [cloth]}
    if parts:
        groups["supports"] = parts
    return Build("banner", groups, (Box("banner", ("banner",)),), stands_on=ground, view_spread_deg=62.0)


def down(rng: random.Random) -> Build:
    """A vertical banner: from a front, a lamp post or between two sticks."""
    words = rng.choice([w for w in slogans.EVERYTHING if len(w) <= 10])
    wide = rng.uniform(0.5, 1.1)
    tall = min(6.0, wide * len(words) * rng.uniform(0.7, 1.1))
    skin = paint.printed(rng, prints.hanging(rng, words, _canvas(wide, tall)), wear=0.35, translucent=0.1)
    high = tall + rng.uniform(0.3, 3)
    cloth = face(rng, wide, tall, skin, twist=0.03)
    cloth.location[2] = high
    stick = paint.steel(rng)
    bars: Things = [
        canopies.bar("stick", (-wide / 2, 0, z), (wide / 2, 0, z), 0.015, stick) for z in (high, high - tall)
    ]
    if rng.random() < 0.4:
        x = -wide / 2 - 0.12
        bars.append(canopies.bar("post", (x, 0, 0), (x, 0, high + 0.4), 0.06, stick))
        bars += [canopies.bar("arm", (x, 0, z), (-wide / 2, 0, z), 0.015, stick) for z in (high, high - tall)]
        return Build("banner", {"banner": [cloth], "post": bars}, (Box("banner", ("banner",)),), view_spread_deg=62.0)
    return Build("banner", {"banner": [cloth, *bars]}, (Box("banner", ("banner",)),), "wall", 62.0)


def _feather(rng: random.Random, wide: float, tall: float, *, curved: bool) -> Place:
    """One flag's surface: its mast at x = 0, blown a little to one side."""
    wave, blown = rippled(rng, rng.uniform(0.03, 0.2), waves_per_m=1.5), rng.gauss(0, 0.25)

    def place(u: float, v: float) -> Point:
        bow = math.sqrt(max(0.0, 1 - (1 - min(1.0, v / 0.22)) ** 2)) if curved else 1.0
        x = u * wide * max(0.12, bow)
        return (x, wave(x, v * tall) * u + blown * u * wide, 0.35 + (1 - v) * tall)

    return place


def flags(rng: random.Random) -> Build:
    """Feather flags in a row or alone: cloth, pole and foot are one thing."""
    count = rng.choice((1, 1, 2, 3, 4))
    picture = prints.hanging(rng, rng.choice([w for w in slogans.EVERYTHING if len(w) <= 8]), (128, 480))
    skin, metal = paint.printed(rng, picture, translucent=0.2), paint.steel(rng)
    tall, wide, gap = rng.uniform(1.8, 3.6), rng.uniform(0.5, 0.85), rng.uniform(0.9, 2.0)
    curved = rng.random() < 0.6
    groups: dict[str, Things] = {}
    for k in range(count):
        place = _feather(rng, wide, tall, curved=curved)
        x0 = (k - (count - 1) / 2) * gap
        cloth = grid("flag", (10, 24), place, skin)
        pole = canopies.bar("pole", (0, 0, 0), (0, 0, tall + 0.35), 0.014, metal)
        foot = shapes.cylinder("foot", 0.2, 0.1, (0, 0, 0.05), paint.worn(rng, paint.grey(rng)))
        for part in (cloth, pole, foot):
            part.location[0] += x0
        groups[f"flag {k}"] = [cloth, pole, foot]
    return Build("banner", groups, tuple(Box("banner", (name,)) for name in groups), view_spread_deg=62.0)


def banner(rng: random.Random) -> Build:
    """Anything that a city calls hung advertising."""
    maker = rng.choices(
        (across, down, flags, boards.a_board, boards.roll_up, boards.light_box, boards.poster_board),
        (55, 10, 8, 9, 6, 7, 5),
    )[0]
    return maker(rng)
