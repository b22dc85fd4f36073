"""Mesh primitives.

Lengths in metres, angles in radians, world axes: x across the street, y along it, z up.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import bmesh
import bpy
import numpy as np
from mathutils import Vector, noise

Point = tuple[float, float, float]


def mesh_object(
    name: str,
    vertices: Sequence[Sequence[float]],
    faces: Sequence[Sequence[int]],
    materials: Sequence[bpy.types.Material],
    *,
    face_materials: Sequence[int] | None = None,
    smooth: bool = False,
) -> bpy.types.Object:
    """An object linked into the scene; `face_materials` holds one index into `materials` per face."""
    mesh = bpy.data.meshes.new(name)
    mesh.from_pydata([tuple(v) for v in vertices], [], [tuple(f) for f in faces])
    for material in materials:
        mesh.materials.append(material)
    if face_materials is not None:
        mesh.polygons.foreach_set("material_index", list(face_materials))
    mesh.polygons.foreach_set("use_smooth", [smooth] * len(mesh.polygons))
    _outward(mesh)
    thing = bpy.data.objects.new(name, mesh)
    bpy.context.scene.collection.objects.link(thing)
    return thing


def _outward(mesh: bpy.types.Mesh) -> None:
    edit = bmesh.new()
    edit.from_mesh(mesh)
    bmesh.ops.recalc_face_normals(edit, faces=edit.faces)
    edit.to_mesh(mesh)
    edit.free()
    mesh.update()


def box(
    name: str,
    size: Point,
    at: Point,
    material: bpy.types.Material,
    *,
    bevel_m: float = 0.0,
    turn: float = 0.0,
) -> bpy.types.Object:
    """A cuboid of `size` centred on `at`, turned about z."""
    x, y, z = (s / 2 for s in size)
    corners = [(i * x, j * y, k * z) for i in (-1, 1) for j in (-1, 1) for k in (-1, 1)]
    faces = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
    thing = mesh_object(name, corners, faces, [material])
    thing.location, thing.rotation_euler[2] = at, turn
    if bevel_m:
        bevel = thing.modifiers.new("bevel", "BEVEL")
        bevel.width, bevel.segments = bevel_m, 3
    return thing


def loft(
    name: str, rings: Sequence[Sequence[Point]], material: bpy.types.Material, *, smooth: bool = True
) -> bpy.types.Object:
    """A closed skin over rings that all have the same number of points."""
    count = len(rings[0])
    faces: list[tuple[int, ...]] = [
        (r * count + i, r * count + (i + 1) % count, (r + 1) * count + (i + 1) % count, (r + 1) * count + i)
        for r in range(len(rings) - 1)
        for i in range(count)
    ]
    faces += [tuple(range(count)), tuple(range((len(rings) - 1) * count, len(rings) * count))]
    return mesh_object(name, [p for ring in rings for p in ring], faces, [material], smooth=smooth)


def ellipse_ring(centre: Point, radius_x: float, radius_y: float, count: int = 20) -> list[Point]:
    """A level ellipse of `count` points."""
    turns = np.linspace(0, 2 * math.pi, count, endpoint=False)
    return [(centre[0] + radius_x * math.cos(a), centre[1] + radius_y * math.sin(a), centre[2]) for a in turns]


def cylinder(
    name: str,
    radius: float,
    height: float,
    at: Point,
    material: bpy.types.Material,
    *,
    top_radius: float | None = None,
    tilt: Point = (0, 0, 0),
    count: int = 24,
) -> bpy.types.Object:
    """A cylinder or cone centred on `at`, its axis along z before `tilt` (Euler angles)."""
    top = radius if top_radius is None else top_radius
    rings = [
        ellipse_ring((0, 0, -height / 2), radius, radius, count),
        ellipse_ring((0, 0, height / 2), top, top, count),
    ]
    thing = loft(name, rings, material, smooth=False)
    thing.data.polygons.foreach_set("use_smooth", [len(p.vertices) == 4 for p in thing.data.polygons])
    thing.location, thing.rotation_euler = at, tilt
    return thing


def ball(name: str, radii: Point, at: Point, material: bpy.types.Material, *, detail: int = 3) -> bpy.types.Object:
    """An ellipsoid."""
    thing = blob(name, detail, lambda p: Vector((p.x * radii[0], p.y * radii[1], p.z * radii[2])), material)
    thing.location = at
    return thing


def blob(name: str, detail: int, bend: Callable[[Vector], Vector], material: bpy.types.Material) -> bpy.types.Object:
    """A unit icosphere whose every vertex goes through `bend`."""
    edit = bmesh.new()
    bmesh.ops.create_icosphere(edit, subdivisions=detail, radius=1.0)
    for vertex in edit.verts:
        vertex.co = bend(vertex.co.copy())
    mesh = bpy.data.meshes.new(name)
    edit.to_mesh(mesh)
    edit.free()
    mesh.materials.append(material)
    mesh.polygons.foreach_set("use_smooth", [True] * len(mesh.polygons))
    thing = bpy.data.objects.new(name, mesh)
    bpy.context.scene.collection.objects.link(thing)
    return thing


def limb(
    name: str, length: float, top_radius: float, end_radius: float, material: bpy.types.Material
) -> bpy.types.Object:
    """A tapered capsule that hangs from its own origin down -z."""
    rings = [ellipse_ring((0, 0, top_radius * 0.9), top_radius * 0.45, top_radius * 0.45, 14)]
    for share in np.linspace(0, 1, 6):
        radius = top_radius + (end_radius - top_radius) * share
        rings.append(ellipse_ring((0, 0, -length * share), radius, radius, 14))
    rings.append(ellipse_ring((0, 0, -length - end_radius * 0.8), end_radius * 0.5, end_radius * 0.5, 14))
    return loft(name, rings, material)


def sheet(
    name: str,
    corner: Point,
    along: Point,
    down: Point,
    material: bpy.types.Material,
    *,
    cells: tuple[int, int] = (24, 10),
    ripple_m: float = 0.03,
    seed: int = 0,
) -> bpy.types.Object:
    """A rippled cloth spanned by `along` and `down` from `corner`."""
    start, right, low = Vector(corner), Vector(along), Vector(down)
    normal = right.cross(low).normalized()
    vertices = []
    for j in range(cells[1] + 1):
        for i in range(cells[0] + 1):
            u, v = i / cells[0], j / cells[1]
            wave = noise.noise(Vector((u * right.length * 2.2, v * 0.8, seed * 7.3))) * ripple_m * (0.4 + v)
            vertices.append(start + right * u + low * v + normal * wave)
    row = cells[0] + 1
    faces = [
        (j * row + i, j * row + i + 1, (j + 1) * row + i + 1, (j + 1) * row + i)
        for j in range(cells[1])
        for i in range(cells[0])
    ]
    return mesh_object(name, vertices, faces, [material], smooth=True)


def lettering(
    name: str,
    words: str,
    at: Point,
    height: float,
    turn: Point,
    material: bpy.types.Material,
    font: bpy.types.VectorFont,
) -> bpy.types.Object:
    """Flat text, centred on `at`; `turn` is an Euler rotation from lying on the ground, read along x."""
    curve = bpy.data.curves.new(name, "FONT")
    curve.body, curve.font, curve.size, curve.extrude = words, font, height, 0.01
    curve.align_x, curve.align_y = "CENTER", "CENTER"
    curve.materials.append(material)
    thing = bpy.data.objects.new(name, curve)
    thing.location, thing.rotation_euler = at, turn
    bpy.context.scene.collection.objects.link(thing)
    return thing


def group(name: str, parts: Sequence[bpy.types.Object]) -> bpy.types.Object:
    """An empty at the origin that carries `parts`."""
    empty = bpy.data.objects.new(name, None)
    bpy.context.scene.collection.objects.link(empty)
    for part in parts:
        if part.parent is None:
            part.parent = empty
    return empty
