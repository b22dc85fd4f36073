"""A saloon or estate skinned over cross-sections.

The car's own axes: x forward, y left, z up; origin on the road.
"""

from __future__ import annotations

import math

import bpy
import shapes
from bodies import SALOON, Section
from fittings import fittings
from materials import Colour, car_paint, glass, plain

PAINT, GLASS, TRIM = 0, 1, 2


AXLES_X_M = (1.42, -1.38)
WHEEL_RADIUS_M = 0.335


def _outline(s: Section) -> list[tuple[float, float]]:
    """Half a section as (y, z), from the middle of the floor round the side to the middle of the top."""
    w, rise = s.half_width, s.belt - s.sill
    side = [(0.0, s.sill), (0.80 * w, s.sill), (0.95 * w, s.sill + 0.07), (w, s.sill + 0.5 * rise)]
    side += [(0.985 * w, s.belt - 0.09), (0.93 * w, s.belt)]
    if s.roof_half_width:
        r = s.roof_half_width
        return [
            *side,
            (0.89 * w, s.belt + 0.02),
            (r + 0.045, s.top - 0.11),
            (r, s.top - 0.035),
            (0.55 * r, s.top),
            (0.0, s.top + 0.01),
        ]
    lift = s.top - s.belt
    return [
        *side,
        *((y * w, s.belt + lift * z) for y, z in ((0.88, 0.25), (0.84, 0.4), (0.76, 0.6), (0.42, 0.9), (0.0, 1.0))),
    ]


def _strip_material(a: Section, b: Section, strip: int) -> int:
    if strip == 0 or (strip == 1 and abs(a.x + b.x) < 3.6):
        return TRIM
    cabin = (a.roof_half_width > 0) + (b.roof_half_width > 0)
    if cabin and strip == 6:
        return TRIM if b.x - a.x < 0.15 else GLASS
    return GLASS if cabin == 1 and strip >= 8 else PAINT


def _shell(name: str, sections: tuple[Section, ...], paint: bpy.types.Material) -> bpy.types.Object:
    rings = []
    for section in sections:
        half = _outline(section)
        left = [(section.x, y, z) for y, z in half]
        rings.append(left + [(section.x, -y, z) for y, z in half[-2:0:-1]])
    count = len(rings[0])
    faces: list[tuple[int, ...]] = []
    kinds: list[int] = []
    for r in range(len(rings) - 1):
        for i in range(count):
            j = (i + 1) % count
            faces.append((r * count + i, r * count + j, (r + 1) * count + j, (r + 1) * count + i))
            kinds.append(_strip_material(sections[r], sections[r + 1], min(i, count - 1 - i)))
    faces += [tuple(range(count)), tuple(range((len(rings) - 1) * count, len(rings) * count))]
    kinds += [PAINT, PAINT]
    points = [p for ring in rings for p in ring]
    materials = [
        paint,
        glass("car glass", (0.022, 0.028, 0.030)),
        plain("car trim", (0.012, 0.012, 0.013), roughness=0.5),
    ]
    shell = shapes.mesh_object(name, points, faces, materials, face_materials=kinds, smooth=True)
    _crease(shell, count)
    smoother = shell.modifiers.new("smooth", "SUBSURF")
    smoother.levels = smoother.render_levels = 3
    return shell


def _crease(shell: bpy.types.Object, count: int) -> None:
    """Sharper lines along the belt, the window edges and the roof rail."""
    weight = shell.data.attributes.new("crease_edge", "FLOAT", "EDGE")
    for edge in shell.data.edges:
        i, j = (v % count for v in edge.vertices)
        if i == j and min(i, count - i) in (5, 6, 7, 8):
            weight.data[edge.index].value = 0.45


def _cut_arches(shell: bpy.types.Object) -> None:
    """Cuts the wheel arches and bakes the modifiers into the mesh."""
    trim = plain("car trim", (0.012, 0.012, 0.013), roughness=0.5)
    cutters = []
    for x in AXLES_X_M:
        for side in (-1, 1):
            cutter = shapes.cylinder(
                "arch",
                WHEEL_RADIUS_M + 0.065,
                0.5,
                (x, side * 0.93, WHEEL_RADIUS_M),
                trim,
                tilt=(math.pi / 2, 0, 0),
                count=40,
            )
            cut = shell.modifiers.new("arch", "BOOLEAN")
            cut.object, cut.operation, cut.solver, cut.material_mode = (
                cutter,
                "DIFFERENCE",
                "EXACT",
                "TRANSFER",
            )
            cutters.append(cutter)
    bpy.context.view_layer.update()
    baked = bpy.data.meshes.new_from_object(shell.evaluated_get(bpy.context.evaluated_depsgraph_get()))
    shell.modifiers.clear()
    shell.data = baked
    for cutter in cutters:
        bpy.data.objects.remove(cutter)


def _wheel(x: float, side: int) -> list[bpy.types.Object]:
    """One wheel as an empty that turns about y, with tyre, rim and spokes on it."""
    rubber = plain("tyre", (0.015, 0.015, 0.015), roughness=0.8)
    alloy = plain("alloy", (0.55, 0.56, 0.58), roughness=0.3, metallic=0.9)
    black = plain("rim well", (0.01, 0.01, 0.01), roughness=0.7)
    tilt = (math.pi / 2, 0.0, 0.0)
    tyre = shapes.cylinder("tyre", WHEEL_RADIUS_M, 0.21, (0, 0, 0), rubber, tilt=tilt, count=40)
    bevel = tyre.modifiers.new("bevel", "BEVEL")
    bevel.width, bevel.segments = 0.035, 3
    rim = shapes.cylinder("rim", 0.235, 0.02, (0, side * 0.1, 0), alloy, tilt=tilt, count=40)
    well = shapes.cylinder("well", 0.205, 0.02, (0, side * 0.102, 0), black, tilt=tilt, count=40)
    spokes = []
    for k in range(5):
        angle = k * 2 * math.pi / 5
        spoke = shapes.box(
            "spoke", (0.2, 0.03, 0.055), (0.11 * math.cos(angle), side * 0.105, 0.11 * math.sin(angle)), alloy
        )
        spoke.rotation_euler[1] = -angle
        spokes.append(spoke)
    hub = shapes.group("wheel", [tyre, rim, well, *spokes])
    hub.location = (x, side * 0.80, WHEEL_RADIUS_M)
    return [hub]


def car(name: str, colour: Colour, sections: tuple[Section, ...] = SALOON) -> bpy.types.Object:
    """A whole car; move and turn the returned empty."""
    shell = _shell(name, sections, car_paint(f"{name} paint", colour, seams_x_m=(-1.02, 0.0, 1.08)))
    _cut_arches(shell)
    wheels = [part for x in AXLES_X_M for side in (-1, 1) for part in _wheel(x, side)]
    under = shapes.box("under", (3.9, 1.5, 0.25), (0, 0, 0.36), plain("underside", (0.005, 0.005, 0.005)))
    return shapes.group(name, [shell, under, *wheels, *fittings(sections)])


def roll(body: bpy.types.Object, travelled_m: float) -> None:
    """Turns the wheels for the way travelled."""
    for part in body.children:
        if part.name.startswith("wheel"):
            part.rotation_euler[1] = travelled_m / WHEEL_RADIUS_M
