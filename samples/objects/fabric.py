"""Cloth, paper and panels: grids of quads with UV. Metres."""

from __future__ import annotations

import math
import random
from collections.abc import Callable

import bpy
import numpy as np
from mathutils import Vector, noise

Point = tuple[float, float, float]
Place = Callable[[float, float], Point]
"""From (u, v) in [0, 1], v downwards, to a point."""


def grid(
    name: str, cells: tuple[int, int], place: Place, material: bpy.types.Material, *, thick_m: float = 0.0
) -> bpy.types.Object:
    """A sheet of `cells` quads; u runs along the print's width, v down its height."""
    across, down = cells
    points = [place(i / across, j / down) for j in range(down + 1) for i in range(across + 1)]
    row = across + 1
    faces = [
        (j * row + i, (j + 1) * row + i, (j + 1) * row + i + 1, j * row + i + 1)
        for j in range(down)
        for i in range(across)
    ]
    mesh = bpy.data.meshes.new(name)
    mesh.from_pydata(points, [], faces)
    mesh.materials.append(material)
    mesh.polygons.foreach_set("use_smooth", [True] * len(faces))
    corners = np.array([index for face in faces for index in face])
    uv = np.stack([(corners % row) / across, 1 - (corners // row) / down], axis=1).astype(np.float32)
    mesh.uv_layers.new(name="UVMap").data.foreach_set("uv", uv.ravel())
    thing = bpy.data.objects.new(name, mesh)
    bpy.context.scene.collection.objects.link(thing)
    if thick_m:
        body = thing.modifiers.new("thick", "SOLIDIFY")
        body.thickness = thick_m
    return thing


def panel(
    name: str, size: tuple[float, float], at: Point, material: bpy.types.Material, *, lean: float = 0.0
) -> bpy.types.Object:
    """A flat upright print of width and height, facing -y, its lower edge's middle at `at`; `lean` tips it back."""
    width, tall = size

    def place(u: float, v: float) -> Point:
        up = (1 - v) * tall
        return ((u - 0.5) * width, up * math.sin(lean), up * math.cos(lean))

    made = grid(name, (1, 1), place, material)
    made.location = at
    return made


def rippled(rng: random.Random, depth_m: float, *, waves_per_m: float = 2.0) -> Callable[[float, float], float]:
    """A random smooth height over metres (x, z)."""
    shift, turn = rng.uniform(0, 99), rng.uniform(-0.5, 0.5)

    def height(x: float, z: float) -> float:
        fold = noise.noise(Vector(((x + turn * z) * waves_per_m, z * 0.5 * waves_per_m, shift)))
        fine = noise.noise(Vector((x * waves_per_m * 3, z * waves_per_m * 2, shift + 5)))
        return float(depth_m * (fold + 0.3 * fine))

    return height


def tarp(
    name: str, size: tuple[float, float], material: bpy.types.Material, rng: random.Random, *, lift_m: float = 0.03
) -> bpy.types.Object:
    """A sheet that lies on the ground, wrinkled, its edge not quite straight."""
    width, deep = size
    height, edge = rippled(rng, lift_m, waves_per_m=3), rippled(rng, 0.06)

    def place(u: float, v: float) -> Point:
        x, y = (u - 0.5) * width, (0.5 - v) * deep
        return (x + edge(y, 1.0), y + edge(x, 9.0), 0.006 + abs(height(x, y)))

    return grid(name, (20, 14), place, material)


def drape(
    name: str, size: Point, material: bpy.types.Material, rng: random.Random, *, share: float = 1.0
) -> bpy.types.Object:
    """A table cloth over a cuboid of `size` on the ground: top and four hanging sides, open corners folded in."""
    x, y, z = size
    fall, wave = z * share, rippled(rng, 0.035, waves_per_m=5)
    count = 64

    def rim(angle: float) -> tuple[float, float]:
        c, s = math.cos(angle), math.sin(angle)
        reach = 1 / max(abs(c), abs(s))
        return (c * reach, s * reach)

    def place(u: float, v: float) -> Point:
        cx, cy = rim(2 * math.pi * u)
        if v <= 0.5:
            return (cx * x * v, cy * y * v, z)
        down = (v - 0.5) * 2
        out = 1 + down * 2 * wave(u * 2 * (x + y), 0) / max(0.4, x) + 0.03 * down
        return (cx * x / 2 * out, cy * y / 2 * out, z - fall * down)

    return grid(name, (count, 8), place, material)
