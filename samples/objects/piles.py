"""Heaps of material on public ground: one kind, or two to four side by side."""

from __future__ import annotations

import math
import random

import paint
import stock
from build import Build, Things, moved, single
from fabric import Point, grid, rippled


def _cover(rng: random.Random, reach: float, high: float) -> Things:
    """A tarpaulin or net half over the pile."""
    colour = rng.choice(
        ((0.02, 0.12, 0.45), (0.02, 0.3, 0.08), (0.5, 0.05, 0.03), (0.4, 0.4, 0.38), (0.03, 0.03, 0.03))
    )
    skin = paint.worn(rng, paint.near(rng, colour), roughness=0.4, wear=0.4, bump=0.3)
    wave = rippled(rng, 0.14 * reach, waves_per_m=2.4)

    def place(u: float, v: float) -> Point:
        x, y = (u - 0.5) * 2.4 * reach, (v - 0.5) * 2.2 * reach
        far = math.hypot(x, y) / (1.25 * reach)
        z = high * max(0.0, 1 - far**2.2) + 0.4 * abs(wave(x, y)) + 0.01
        return (x + wave(y, x), y + wave(x, y + 5), z)

    made = grid("cover", (26, 22), place, skin)
    made.location = (rng.uniform(-0.6, 0.6) * reach, rng.uniform(-0.6, 0.6) * reach, 0)
    return [made]


def material_pile(rng: random.Random) -> Build:
    """Sand, bricks, boards, pipes, sacks, cartons and the like."""
    reach = rng.uniform(0.45, 1.3)
    kinds = rng.choice((1, 1, 1, 2, 2, 3, 4))
    parts: Things = []
    angle = rng.uniform(0, 6.3)
    for _ in range(kinds):
        share = rng.uniform(0.55, 1.0) if kinds > 1 else 1.0
        pile = rng.choice(stock.KINDS)(rng, reach * share)
        far = 0.0 if kinds == 1 else reach * rng.uniform(0.75, 1.25)
        at = (far * math.cos(angle), far * math.sin(angle), 0.0)
        parts += moved(pile, at, turn=rng.uniform(0, 6.3))
        angle += 6.283 / kinds
    if rng.random() < 0.14:
        parts += _cover(rng, reach * 0.9, reach * rng.uniform(0.4, 0.8))
    return single("material_pile", parts)
