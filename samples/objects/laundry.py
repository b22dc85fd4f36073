"""Washing hung out along the street: on lines, poles, racks, railings and bars. Hangs along x, face to -y."""

from __future__ import annotations

import random

import bpy
import canopies
import garments
import paint
import shapes
from build import Box, Build, Things, moved

PIECES = (
    (garments.shirt, 0.62, 34),
    (garments.trousers, 0.48, 20),
    (garments.dress, 0.6, 12),
    (garments.small, 0.3, 14),
    (garments.towel, 0.6, 10),
    (garments.bedding, 1.7, 10),
)
"""Maker, room along the line in metres, weight."""


def _pick(rng: random.Random, room: float, *, mood: str) -> tuple[Things, float, bool]:
    """A piece that fits, its width, and whether it may go on a hanger."""
    weights = [w for _, _, w in PIECES]
    if mood == "bedding":
        weights[5] *= 12
    elif mood == "small":
        weights[3] *= 8
    elif mood == "clothes":
        weights[5] = 0
    fits = [(p, w) for p, w in zip(PIECES, weights, strict=True) if p[1] <= room] or [(PIECES[3], 1)]
    maker, _, _ = rng.choices([p for p, _ in fits], [w + 0.001 for _, w in fits])[0]
    piece = maker(rng)
    width = max(float(part.dimensions[0]) for part in piece)
    return piece, max(0.15, width), maker in (garments.shirt, garments.dress)


def fill(rng: random.Random, a: float, b: float, high: float, y: float, *, sag: float, crowded: float) -> Things:
    """Pieces from x = a to b along a line at `high` that sags by `sag`."""
    parts: Things = []
    mood, hung = rng.choice(("any", "any", "clothes", "bedding", "small")), rng.random() < 0.45
    pegs = [paint.worn(rng, paint.tint(rng, saturation=(0.5, 1))) for _ in range(2)]
    x = a + rng.uniform(0.05, 0.2)
    while x < b - 0.25:
        piece, width, hangs = _pick(rng, b - x, mood=mood)
        centre = x + width / 2
        z = high - sag * (1 - (2 * (centre - a) / (b - a) - 1) ** 2)
        on_hanger = hung and hangs
        if on_hanger:
            piece = piece + garments.hanger(rng)
            z -= 0.09
        turn = rng.gauss(0, 0.35) if on_hanger else rng.gauss(0, 0.06)
        parts += moved(piece, (centre, y, z), turn=turn)
        if not on_hanger:
            for s in (-0.4, 0.4):
                parts.append(shapes.box("peg", (0.02, 0.03, 0.08), (centre + s * width, y, z), rng.choice(pegs)))
        x += width * rng.uniform(0.75, 1.1) * crowded + rng.uniform(0, 0.25) * crowded
        bpy.context.view_layer.update()
    return parts


def line(rng: random.Random) -> tuple[Things, Things, str]:
    """One or two ropes between posts, trees or out of sight."""
    wide, high = rng.uniform(1.8, 5.0), rng.uniform(1.5, 2.5)
    sag, metal = rng.uniform(0, 0.12), paint.steel(rng)
    cloth: Things = []
    rest: Things = []
    for row in range(rng.choice((1, 1, 1, 2))):
        y = row * rng.uniform(0.3, 0.6)
        cloth += fill(rng, -wide / 2, wide / 2, high, y, sag=sag, crowded=rng.uniform(0.7, 1.2))
        spots = [-wide / 2 + wide * k / 10 for k in range(11)]
        points = [(x, y, high - sag * (1 - (2 * x / wide) ** 2)) for x in spots]
        rest += [canopies.bar("rope", points[k], points[k + 1], 0.006, metal) for k in range(10)]
    kind = rng.random()
    if kind < 0.35:
        return cloth, rest, "line"
    trunk = kind > 0.75
    skin = paint.worn(rng, paint.tint(rng, hue=(0.05, 0.1), saturation=(0.2, 0.5), value=(0.2, 0.45)), scale=15, bump=1)
    for s in (-1, 1):
        radius = rng.uniform(0.07, 0.14) if trunk else rng.uniform(0.02, 0.035)
        top = high + (rng.uniform(0.2, 0.9) if trunk else 0.05)
        lean = rng.gauss(0, 0.08) if trunk else 0.0
        foot, head = (s * (wide / 2 + 0.05) + lean, 0.1, 0.0), (s * (wide / 2 + 0.05), 0.1, top)
        rest.append(canopies.bar("post", foot, head, radius, skin if trunk else metal))
    return cloth, rest, "ground"


def rack(rng: random.Random) -> tuple[Things, Things, str]:
    """A folding rack or a frame on the pavement."""
    wide, high = rng.uniform(0.9, 2.2), rng.uniform(0.9, 1.7)
    rest, cloth = [], []
    rows = rng.choice((1, 2, 2, 3))
    for row in range(rows):
        y = row * rng.uniform(0.2, 0.35)
        rest += garments.rail(rng, wide, high, y)
        cloth += fill(rng, -wide / 2, wide / 2, high, y, sag=0, crowded=rng.uniform(0.6, 1.0))
    return cloth, rest, "ground"


def railing(rng: random.Random) -> tuple[Things, Things, str]:
    """Cloth thrown over a fence or a balcony's rail."""
    wide, high = rng.uniform(1.2, 4), rng.uniform(0.85, 1.3)
    up, metal = rng.choice((0.0, 0.0, 2.6)), paint.steel(rng)
    rest: Things = [
        canopies.bar("rail", (-wide / 2, 0, up + z), (wide / 2, 0, up + z), 0.022, metal) for z in (0.12, high)
    ]
    step = rng.uniform(0.11, 0.22)
    for k in range(int(wide / step) + 1):
        x = -wide / 2 + k * step
        rest.append(canopies.bar("bar", (x, 0, up), (x, 0, up + high), 0.01, metal))
    cloth: Things = []
    x = -wide / 2 + 0.1
    while x < wide / 2 - 0.3:
        piece = rng.choice((garments.bedding, garments.towel, garments.towel, garments.trousers, garments.shirt))(rng)
        width = max(float(p.dimensions[0]) for p in piece)
        if x + width > wide / 2 + 0.2:
            piece_done = moved(piece, (x + width / 2, -0.05, up + high + 0.03), scale=0.7)
        else:
            piece_done = moved(piece, (x + width / 2, -0.05, up + high + 0.03))
        cloth += piece_done
        x += width + rng.uniform(0.02, 0.7)
    return cloth, rest, "wall" if up else "ground"


def poles(rng: random.Random) -> tuple[Things, Things, str]:
    """Bamboo or steel poles that stick out of a front, or a bar under a window."""
    wide, high = rng.uniform(1.2, 3), rng.uniform(2.0, 3.2)
    bamboo = paint.wood(rng)
    cloth, rest = [], []
    for row in range(rng.choice((1, 1, 2, 3))):
        y = 0.35 * row
        cloth += fill(rng, -wide / 2, wide / 2, high, y, sag=0, crowded=rng.uniform(0.7, 1.1))
        rest.append(canopies.bar("pole", (-wide / 2 - 0.2, y, high), (wide / 2 + 0.2, y, high), 0.018, bamboo))
    return cloth, rest, "wall"


def alone(rng: random.Random) -> tuple[Things, Things, str]:
    """A single large piece, or two side by side, on a wire or thrown over a wall: a quilt, a sheet, a dress."""
    high, metal = rng.uniform(1.3, 2.4), paint.steel(rng)
    makers = rng.choice(((garments.bedding,), (garments.bedding, garments.towel), (garments.dress, garments.shirt)))
    cloth: Things = []
    x = 0.0
    for _ in range(rng.choice((1, 1, 2))):
        piece = rng.choice(makers)(rng)
        width = max(float(part.dimensions[0]) for part in piece)
        cloth += moved(piece, (x + width / 2, 0, high), turn=rng.gauss(0, 0.08))
        x += width + rng.uniform(0.0, 0.15)
        bpy.context.view_layer.update()
    rest = [canopies.bar("wire", (-0.3, 0, high), (x + 0.3, 0, high), 0.006, metal)]
    return cloth, rest, "line"


def hanging_laundry(rng: random.Random) -> Build:
    """Any of them; the box holds the cloth, not what carries it."""
    maker = rng.choices((line, rack, railing, poles, alone), (32, 15, 18, 15, 20))[0]
    cloth, rest, ground = maker(rng)
    groups, boxes = {"laundry": cloth, "carrier": rest}, (Box("hanging_laundry", ("laundry",)),)
    return Build("hanging_laundry", groups, boxes, ground, view_spread_deg=48.0, two_sided=ground != "wall")
