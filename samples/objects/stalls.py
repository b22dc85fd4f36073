"""Vendors' stalls that have no wheels: tables, ground sheets, clothes racks. The buyer stands at -y."""

from __future__ import annotations

import math
import random

import canopies
import carts
import garments
import goods
import paint
import people
import prints
import shapes
import slogans
from build import Box, Build, Things, moved
from fabric import drape, panel, tarp

Half = tuple[float, float]


def legs(rng: random.Random, wide: float, deep: float, high: float) -> Things:
    """A folding table's top and frame."""
    metal, top = paint.steel(rng), paint.worn(rng, paint.tint(rng, saturation=(0, 0.5)), roughness=0.5)
    parts = [shapes.box("top", (wide, deep, 0.03), (0, 0, high - 0.015), top, bevel_m=0.008)]
    for x in (-0.45 * wide, 0.45 * wide):
        parts.append(canopies.bar("leg", (x, -0.42 * deep, 0), (x, 0.42 * deep, high), 0.014, metal))
        parts.append(canopies.bar("leg", (x, 0.42 * deep, 0), (x, -0.42 * deep, high), 0.014, metal))
    return parts


def table(rng: random.Random) -> tuple[Things, Half]:
    """One or more tables with goods, and more goods before and under them."""
    wide, deep, high = rng.uniform(0.9, 3.2), rng.uniform(0.5, 1.1), rng.uniform(0.5, 0.85)
    parts: Things = []
    kind = rng.random()
    if kind < 0.55:
        skin = paint.printed(rng, prints.pattern(rng)) if rng.random() < 0.5 else paint.cloth(rng)
        parts.append(drape("table cloth", (wide, deep, high), skin, rng, share=rng.uniform(0.3, 1)))
        if rng.random() < 0.5:
            parts += legs(rng, wide, deep, high - 0.01)
    elif kind < 0.8:
        parts += legs(rng, wide, deep, high)
    else:
        board = paint.wood(rng)
        parts.append(shapes.box("board", (wide, deep, 0.04), (0, 0, high - 0.02), board))
        for x in (-0.35, 0.35):
            parts += goods.tray(rng, (x * wide, 0, 0), (0.5, deep * 0.8, high - 0.04))[0]
    filler = rng.choice(goods.ON_TABLE)
    parts += filler(rng, (0, 0, high), (wide * 0.94, deep * 0.92))
    if rng.random() < 0.45:
        more = rng.choice((goods.crates, goods.cartons, goods.heaps, goods.greens))
        parts += more(rng, (0, -deep / 2 - 0.35, 0), (wide * rng.uniform(0.4, 1), 0.5))
    if rng.random() < 0.35:
        words = rng.choice((*slogans.GOODS_SIGNS, *slogans.FOOD_SIGNS))
        skin = paint.printed(rng, prints.sign(rng, words, (192, 96)))
        parts.append(panel("sign", (wide * 0.5, 0.3), (0, -deep / 2 - 0.05, high * 0.45), skin))
    return parts, (wide / 2, deep / 2)


def sheet(rng: random.Random) -> tuple[Things, Half]:
    """Goods spread on a cloth, a tarpaulin or cardboard on the ground."""
    wide, deep = rng.uniform(0.9, 3.0), rng.uniform(0.7, 1.8)
    skin = rng.choice(
        (
            lambda: paint.printed(rng, prints.pattern(rng)),
            lambda: paint.cloth(rng),
            lambda: paint.worn(rng, paint.tint(rng, saturation=(0.4, 1)), roughness=0.35),
            lambda: paint.worn(rng, (0.3, 0.19, 0.1)),
        )
    )()
    parts: Things = [tarp("sheet", (wide, deep), skin, rng)]
    halves = rng.choice((1, 1, 2, 2, 3))
    for k in range(halves):
        x = (k + 0.5 - halves / 2) * wide / halves
        parts += rng.choice(goods.ON_GROUND)(rng, (x, 0, 0.02), (wide / halves * 0.85, deep * 0.82))
    if rng.random() < 0.4:
        parts += moved(goods.cartons(rng, (0, 0, 0), (0.6, 0.4)), (wide / 2 + 0.3, rng.uniform(-0.3, 0.3), 0))
    if rng.random() < 0.4:
        card = paint.printed(rng, prints.card(rng))
        parts.append(panel("card", (0.4, 0.28), (rng.uniform(-0.4, 0.4) * wide, -deep * 0.45, 0.02), card, lean=0.4))
    return parts, (wide / 2, deep / 2)


def rack(rng: random.Random) -> tuple[Things, Half]:
    """A rail or two of clothes on hangers, sometimes with a table or a sheet before it."""
    wide, high = rng.uniform(1.0, 2.2), rng.uniform(1.3, 1.8)
    parts: Things = []
    rows = rng.choice((1, 1, 2))
    for row in range(rows):
        y = 0.7 * row
        parts += garments.rail(rng, wide, high, y)
        parts += garments.on_rail(rng, wide, high, y)
    if rng.random() < 0.4:
        parts += moved(sheet(rng)[0], (0, -1.1, 0), scale=0.8)
    return parts, (wide / 2, 0.4 + 0.35 * rows)


def rows(rng: random.Random) -> tuple[Things, Half]:
    """Crates and baskets on the ground in steps, as before a greengrocer's."""
    wide = rng.uniform(1.2, 3)
    parts: Things = []
    count = rng.choice((1, 2, 2, 3))
    for k in range(count):
        base = 0.16 * k
        if k:
            skin = paint.wood(rng)
            parts.append(shapes.box("step", (wide, 0.46, base), (0, k * 0.5, base / 2), skin))
        parts += goods.crates(rng, (0, k * 0.5, base), (wide, 0.5))
    return parts, (wide / 2, 0.25 * count)


def vendor_stall(rng: random.Random) -> Build:
    """Any stall or cart, half of them with a parasol, half with a vendor."""
    makers = (table, table, table, sheet, sheet, sheet, rack, rows, carts.tricycle, carts.tricycle, carts.food_cart)
    maker = rng.choice(makers)
    parts, half = maker(rng)
    groups: dict[str, Things] = {"stall": parts}
    boxes = [Box("vendor_stall", ("stall",))]
    shaded = rng.random() < {table: 0.5, sheet: 0.15, carts.food_cart: 0.35}.get(maker, 0.35)
    if shaded:
        reach = rng.uniform(0.9, 1.6)
        place = (rng.uniform(-0.5, 0.5) * half[0], half[1] * rng.uniform(0.2, 1.2), 0.0)
        shelter = canopies.tent(rng) if rng.random() < 0.15 else canopies.parasol(rng, radius=reach)
        groups["umbrella"] = moved(shelter, place, turn=rng.uniform(0, math.pi))
        boxes = [Box("vendor_stall", ("stall", "umbrella")), Box("umbrella", ("umbrella",))]
    if rng.random() < 0.5:
        groups["person"] = people.beside(rng, half)
        boxes.append(Box("person", ("person",)))
    return Build("vendor_stall", groups, tuple(boxes))
