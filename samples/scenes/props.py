"""What stands there all the time: vendor stall, banner, laundry, building materials. Metres, world axes."""

from __future__ import annotations

import math
import random

import bpy
import shapes
from materials import Colour, mottled, plain, shaded
from mathutils import Vector, noise
from surroundings import FRONT_X_M, PAVEMENT_Z_M

Things = list[bpy.types.Object]


def _crate(at: tuple[float, float, float], fruit: Colour, rng: random.Random) -> Things:
    wood = mottled("crate", (0.42, 0.28, 0.13), (0.58, 0.42, 0.22), scale=7)
    skin = plain(f"fruit {fruit}", fruit, roughness=0.35)
    x, y, z = at
    parts = [shapes.box("crate floor", (0.46, 0.62, 0.03), (x, y, z - 0.1), wood)]
    parts += [shapes.box("crate end", (0.46, 0.025, 0.22), (x, y + side * 0.31, z), wood) for side in (-1, 1)]
    parts += [shapes.box("crate side", (0.025, 0.62, 0.22), (x + side * 0.23, y, z), wood) for side in (-1, 1)]
    pattern = shapes.ball("fruit", (0.052, 0.052, 0.050), (x, y, z), skin, detail=2)
    parts.append(pattern)
    for i in range(4):
        for j in range(5):
            copy = bpy.data.objects.new("fruit", pattern.data)
            copy.location = (x - 0.16 + 0.107 * i, y - 0.24 + 0.12 * j, z + 0.09 + rng.uniform(0, 0.05))
            bpy.context.scene.collection.objects.link(copy)
            parts.append(copy)
    return parts


def parasol(at: tuple[float, float], radius: float, colours: tuple[Colour, Colour]) -> Things:
    """An open market parasol of eight panels, 2.5 m high."""
    x, y = at
    cloths = [plain(f"parasol {colour}", colour, roughness=0.7) for colour in colours]
    tip, count = (x, y, 2.72), 32
    vertices: list[tuple[float, float, float]] = [tip]
    for level, (share, z) in enumerate(((0.5, 2.5), (1.0, 2.16), (1.0, 1.98))):
        for i in range(count):
            sag = 0.05 * math.cos(i * 2 * math.pi / 4) * (level > 0) - 0.02 * (i % 2) * (level == 2)
            angle = 2 * math.pi * i / count
            vertices.append((x + radius * share * math.cos(angle), y + radius * share * math.sin(angle), z + sag * 0.5))
    faces: list[tuple[int, ...]] = [(0, 1 + i, 1 + (i + 1) % count) for i in range(count)]
    kinds = [i // 4 % 2 for i in range(count)]
    for level in range(2):
        a, b = 1 + level * count, 1 + (level + 1) * count
        faces += [(a + i, a + (i + 1) % count, b + (i + 1) % count, b + i) for i in range(count)]
        kinds += [i // 4 % 2 for i in range(count)]
    steel = plain("parasol pole", (0.5, 0.5, 0.5), roughness=0.3, metallic=0.9)
    top = shapes.mesh_object("parasol", vertices, faces, cloths, face_materials=kinds)
    return [
        top,
        shapes.cylinder("pole", 0.025, 2.55, (x, y, 1.42), steel),
        shapes.cylinder("foot", 0.26, 0.12, (x, y, 0.2), steel),
    ]


def stall(at: tuple[float, float], rng: random.Random) -> Things:
    """A fruit stall: table with a cloth, eight crates, more crates on the ground, a parasol."""
    x, y = at
    cloth = mottled("stall cloth", (0.03, 0.10, 0.30), (0.05, 0.15, 0.40), scale=4)
    fruits: tuple[Colour, ...] = (
        (0.85, 0.28, 0.02),
        (0.55, 0.02, 0.02),
        (0.80, 0.60, 0.05),
        (0.20, 0.40, 0.03),
    )
    parts = [shapes.box("stall table", (1.1, 2.9, 0.62), (x, y, PAVEMENT_Z_M + 0.31), cloth, bevel_m=0.02)]
    for row in range(2):
        for k in range(4):
            parts += _crate(
                (x + 0.27 - 0.54 * row, y - 1.05 + 0.7 * k, PAVEMENT_Z_M + 0.75 + 0.12 * row),
                fruits[(k + 2 * row) % 4],
                rng,
            )
    for k in range(3):
        parts += _crate((x + 0.95, y - 0.8 + 0.75 * k, PAVEMENT_Z_M + 0.13), fruits[(k + 1) % 4], rng)
    card = plain("price card", (0.85, 0.82, 0.7))
    parts += [
        shapes.box("price card", (0.02, 0.22, 0.16), (x + 0.56, y - 1.0 + 0.7 * k, PAVEMENT_Z_M + 0.95), card)
        for k in range(4)
    ]
    return parts + parasol((x - 0.15, y + 0.1), 1.45, ((0.62, 0.02, 0.02), (0.85, 0.62, 0.03)))


def banner(from_y: float, to_y: float, words: str, font: bpy.types.VectorFont) -> Things:
    """Red cloth with a white slogan on two poles before the shop fronts."""
    x, top, tall = FRONT_X_M + 0.75, 3.0, 0.85
    red = mottled("banner red", (0.50, 0.008, 0.008), (0.62, 0.015, 0.012), scale=2, roughness=0.7)
    steel = plain("banner pole", (0.4, 0.4, 0.4), roughness=0.4, metallic=0.8)
    white = plain("banner white", (0.9, 0.9, 0.88), roughness=0.8)
    cloth = shapes.sheet(
        "banner", (x, from_y, top), (0, to_y - from_y, 0), (0, 0, -tall), red, cells=(48, 10), ripple_m=0.02
    )
    middle = (x + 0.045, (from_y + to_y) / 2, top - tall / 2)
    text = shapes.lettering(
        "slogan",
        words,
        middle,
        min(0.62, 0.95 * (to_y - from_y) / len(words)),
        (math.pi / 2, 0, math.pi / 2),
        white,
        font,
    )
    poles = [shapes.cylinder("banner pole", 0.03, 3.0, (x, y, 1.6), steel) for y in (from_y - 0.03, to_y + 0.03)]
    return [cloth, text, *poles]


CLOTHS: tuple[Colour, ...] = (
    (0.75, 0.75, 0.72),
    (0.12, 0.25, 0.55),
    (0.65, 0.16, 0.20),
    (0.06, 0.07, 0.12),
    (0.70, 0.60, 0.28),
    (0.35, 0.55, 0.42),
)
CUTS_M = {"sheet": (0.8, 1.15), "shirt": (0.5, 0.68), "trousers": (0.42, 0.95)}
"""Width and length."""
ON_THE_LINE = ("sheet", "shirt", "trousers", "shirt", "shirt", "trousers")


def laundry(from_y: float, to_y: float, rng: random.Random) -> Things:
    """Shirts, trousers and a sheet on a line between two posts, 0.9 m before the fronts."""
    x, height = FRONT_X_M + 0.9, 2.55
    steel, level = plain("line", (0.6, 0.6, 0.6), roughness=0.4), (math.pi / 2, 0.0, 0.0)
    middle = (x, (from_y + to_y) / 2, height)
    parts = [shapes.cylinder("line", 0.012, to_y - from_y, middle, steel, tilt=level)]
    parts += [shapes.cylinder("line post", 0.03, 2.55, (x, y, 1.35), steel) for y in (from_y, to_y)]
    y, k = from_y + 0.12, 0
    while y < to_y - 0.45:
        width, long = CUTS_M[ON_THE_LINE[k % 6]]
        width = min(width, to_y - y - 0.05)
        parts += _garment((x, y, height), (width, long), k)
        y += width + rng.uniform(0.12, 0.15)
        k += 1
    return parts


def _garment(at: tuple[float, float, float], size: tuple[float, float], k: int) -> Things:
    """The `k`-th piece, hung by its upper corners; a shirt has sleeves."""
    x, y, height = at
    width, long = size
    colour = CLOTHS[k % 6]
    cloth = mottled(f"cloth {k}", shaded(colour, 0.8), colour, scale=5)
    parts = [shapes.sheet("garment", at, (0, width, 0), (0.02, 0, -long), cloth, ripple_m=0.10, seed=k)]
    if ON_THE_LINE[k % 6] == "shirt":
        for edge, way in ((y - 0.13, 1), (y + width - 0.04, -1)):
            corner = (x + 0.01, edge, height - 0.02 - 0.16 * (way > 0))
            span = (0.0, 0.17, 0.16 * way)
            parts.append(shapes.sheet("sleeve", corner, span, (0, 0, -0.24), cloth, cells=(6, 4), seed=k))
    return parts


def materials_pile(at: tuple[float, float], rng: random.Random) -> Things:
    """Sand, stacked bricks, boards and cement sacks on the pavement."""
    x, y = at
    sand = mottled("sand", (0.42, 0.30, 0.16), (0.58, 0.44, 0.25), scale=14, bump=0.5)
    wood = mottled("board", (0.36, 0.24, 0.12), (0.56, 0.41, 0.23), scale=3)
    sack = mottled("sack", (0.42, 0.40, 0.36), (0.60, 0.58, 0.52), scale=6)

    def slump(p: Vector) -> Vector:
        lump = 1 + 0.16 * noise.noise(p * 2.3) + 0.05 * noise.noise(p * 9)
        return Vector((p.x * 0.85 * lump, p.y * 0.95 * lump, max(0.0, p.z) ** 1.5 * 0.62 * lump))

    heap = shapes.blob("sand", 5, slump, sand)
    heap.location = (x, y - 0.9, PAVEMENT_Z_M)
    parts = [heap, *_brick_stack((x - 0.35, y + 0.35), rng)]
    for k in range(7):
        where = (x + 0.72 + rng.uniform(-0.08, 0.08), y + 0.5, PAVEMENT_Z_M + 0.03 + 0.04 * k)
        parts.append(shapes.box("board", (0.16, 2.6, 0.035), where, wood, turn=rng.uniform(-0.07, 0.07)))
    for k in range(5):
        where = (x - 0.15 + 0.1 * (k % 2), y + 1.55 + 0.06 * (k % 2), PAVEMENT_Z_M + 0.08 + 0.13 * k)
        turn = rng.uniform(-0.15, 0.15)
        parts.append(shapes.box("cement", (0.75, 0.48, 0.14), where, sack, bevel_m=0.06, turn=turn))
    return parts


def _brick_stack(at: tuple[float, float], rng: random.Random) -> Things:
    """Seven layers of four by four bricks, the uppermost half gone."""
    brick = mottled("brick", (0.30, 0.07, 0.04), (0.45, 0.13, 0.07), scale=5)
    parts = []
    for level in range(7):
        for i in range(4):
            for j in range(4 if level < 6 else 2):
                x = at[0] + 0.245 * i + rng.uniform(-0.008, 0.008)
                where = (x, at[1] + 0.2375 * j, PAVEMENT_Z_M + 0.035 + 0.068 * level)
                turn = rng.uniform(-0.03, 0.03)
                parts.append(shapes.box("brick", (0.24, 0.225, 0.064), where, brick, turn=turn))
    return parts
