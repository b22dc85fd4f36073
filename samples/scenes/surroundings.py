"""The street itself: road, kerb, pavement, shop fronts, trees, lamp, bin, light and camera.

Road from x = 0 to 8 m, pavement from -5.5 to 0 m, house fronts at -5.5 m. Traffic beside the pavement drives
to -y.
"""

from __future__ import annotations

import math
import random
from typing import Any

import bpy
import shapes
from materials import Colour, asphalt, bricks, glass, mottled, plain, ribbed
from mathutils import Vector

FRONT_X_M = -5.5
PAVEMENT_Z_M = 0.15
SHOPS: tuple[tuple[float, float, str, str, Colour, Colour], ...] = (
    (0.0, 5.0, "shutter", "平安五金", (0.05, 0.10, 0.30), (0.9, 0.9, 0.9)),
    (5.0, 9.6, "half", "顺达日杂", (0.35, 0.02, 0.02), (0.95, 0.75, 0.1)),
    (9.6, 14.6, "glass", "便民超市", (0.02, 0.22, 0.07), (0.95, 0.95, 0.9)),
    (14.6, 19.2, "glass", "面馆", (0.55, 0.28, 0.02), (0.5, 0.01, 0.01)),
    (19.2, 24.0, "door", "理发店", (0.08, 0.05, 0.16), (0.9, 0.9, 0.95)),
    (24.0, 29.0, "glass", "大众药房", (0.03, 0.25, 0.22), (0.95, 0.95, 0.95)),
    (29.0, 34.0, "shutter", "文具打印", (0.45, 0.35, 0.03), (0.05, 0.05, 0.05)),
    (34.0, 39.0, "glass", "家常菜", (0.40, 0.03, 0.03), (0.9, 0.8, 0.3)),
)
"""From y, to y, kind of front, sign, sign colour, letter colour."""
FRAME: dict[str, Any] = {"colour": (0.35, 0.36, 0.37), "roughness": 0.4, "metallic": 0.6}


def ground() -> None:
    """Asphalt, kerb stones, paving with a tactile strip, and the marks on the road."""
    tar = asphalt("asphalt", (0.070, 0.070, 0.071), (0.185, 0.182, 0.176))
    slab, flag = {"width_m": 0.6, "height_m": 0.3, "upright": False}, {"width_m": 0.3, "height_m": 0.3}
    paving = bricks("paving", (0.27, 0.25, 0.23), (0.34, 0.31, 0.28), (0.13, 0.12, 0.11), **slab)
    tactile = bricks("tactile", (0.55, 0.37, 0.07), (0.62, 0.42, 0.08), (0.3, 0.2, 0.05), **flag, upright=False)
    grey = ((0.42, 0.41, 0.39), (0.47, 0.46, 0.44), (0.15, 0.15, 0.15))
    stone = bricks("kerb stone", *grey, width_m=50, height_m=0.9, upright=False)
    shapes.box("road", (24, 140, 0.2), (11.9, 50, -0.1), tar)
    shapes.box("pavement", (8.0, 140, 0.3), (-4.1, 50, 0.0), paving)
    shapes.box("tactile", (0.6, 140, 0.01), (-1.15, 50, PAVEMENT_Z_M + 0.003), tactile)
    shapes.box("kerb", (0.22, 140, 0.33), (-0.08, 50, 0.0), stone, bevel_m=0.03)
    _road_marks()


def _road_marks() -> None:
    """Lane dashes, double middle line, yellow kerb line; manhole, gully and a mended patch."""
    white = mottled("road white", (0.34, 0.34, 0.33), (0.72, 0.72, 0.70), scale=6, roughness=0.8)
    yellow = mottled("road yellow", (0.42, 0.24, 0.03), (0.72, 0.44, 0.05), scale=6, roughness=0.8)
    shapes.box("kerb line", (0.12, 140, 0.006), (0.22, 50, 0.003), yellow)
    for k in range(16):
        shapes.box("dash", (0.14, 2.4, 0.006), (4.85, -2 + 5.2 * k, 0.003), white)
    for x in (8.0, 8.3):
        shapes.box("middle line", (0.12, 140, 0.006), (x, 50, 0.003), yellow)
    dark = plain("iron", (0.05, 0.05, 0.052), roughness=0.6, metallic=0.5)
    shapes.cylinder("manhole", 0.36, 0.012, (3.4, 12.2, 0.004), dark, count=40)
    shapes.box("gully", (0.34, 0.7, 0.012), (0.45, 14.4, 0.004), dark)
    patch = mottled("patch", (0.05, 0.05, 0.05), (0.08, 0.08, 0.08), scale=3)
    shapes.box("patch", (1.4, 2.4, 0.004), (6.3, 10.6, 0.002), patch)


def _shop(index: int, font: bpy.types.VectorFont) -> None:
    start, end, kind, words, board, letters = SHOPS[index]
    middle, width = (start + end) / 2, end - start
    x, floor = FRONT_X_M, PAVEMENT_Z_M
    stone, joint = ((0.50, 0.46, 0.40), (0.55, 0.50, 0.43)), (0.25, 0.23, 0.2)
    pillar = bricks("pillar", *stone, joint, width_m=0.4, height_m=0.2, upright=True)
    shapes.box("pillar", (0.5, 0.5, 3.0), (x - 0.13, start, floor + 1.5), pillar)
    if kind in {"shutter", "half"}:
        ribs = ribbed("shutter", (0.42, 0.46, 0.50), per_m=11)
        shapes.box("shutter", (0.1, width - 0.5, 2.9), (x - 0.1, middle, floor + 1.45), ribs)
    else:
        _shop_window(start, end)
    if kind in {"door", "half"}:
        _doorway(end - 0.85 if kind == "half" else middle)
    paint, ink = (
        plain(f"sign {index}", board, roughness=0.35),
        plain(f"letters {index}", letters, roughness=0.4),
    )
    shapes.box("sign", (0.3, width - 0.15, 0.95), (x + 0.08, middle, floor + 3.35), paint, bevel_m=0.03)
    upright = (math.pi / 2, 0, math.pi / 2)
    shapes.lettering("sign text", words, (x + 0.25, middle, floor + 3.35), 0.68, upright, ink, font)


def _shop_window(start: float, end: float) -> None:
    x, floor, middle, width = FRONT_X_M, PAVEMENT_Z_M, (start + end) / 2, end - start
    frame, pane = plain("frame", **FRAME), glass("window", (0.03, 0.035, 0.035))
    shapes.box("shop window", (0.06, width - 0.5, 2.3), (x - 0.12, middle, floor + 1.6), pane)
    plinth = plain("plinth", (0.2, 0.19, 0.18))
    shapes.box("plinth", (0.16, width - 0.5, 0.45), (x - 0.1, middle, floor + 0.22), plinth)
    for k in range(5):
        y = start + 0.3 + k * (width - 0.6) / 4
        shapes.box("mullion", (0.1, 0.06, 2.9), (x - 0.09, y, floor + 1.45), frame)
    shapes.box("rail", (0.1, width - 0.5, 0.07), (x - 0.08, middle, floor + 2.2), frame)


def _doorway(y: float) -> None:
    """An open door into the dark: a black panel through which a figure can step."""
    x, floor, frame = FRONT_X_M, PAVEMENT_Z_M, plain("frame", **FRAME)
    dark = plain("doorway", (0.008, 0.008, 0.008))
    shapes.box("doorway", (0.12, 1.3, 2.3), (x - 0.07, y, floor + 1.15), dark)
    for side in (-1, 1):
        shapes.box("door post", (0.16, 0.08, 2.35), (x - 0.06, y + side * 0.68, floor + 1.17), frame)
    shapes.box("door head", (0.16, 1.44, 0.08), (x - 0.06, y, floor + 2.34), frame)


def fronts(font: bpy.types.VectorFont) -> None:
    """A row of shops, a tiled wall with windows over it."""
    tiles = bricks(
        "tiles",
        (0.55, 0.52, 0.46),
        (0.60, 0.57, 0.50),
        (0.32, 0.30, 0.27),
        width_m=0.25,
        height_m=0.12,
        upright=True,
    )
    plaster = mottled("plaster", (0.36, 0.33, 0.29), (0.46, 0.43, 0.38), scale=0.8)
    shapes.box("house", (1.0, 140, 9), (FRONT_X_M - 0.62, 50, 3.85 + 4.5), tiles)
    shapes.box("inner wall", (0.6, 140, 4), (FRONT_X_M - 0.6, 50, 2.0), plaster)
    for index in range(len(SHOPS)):
        _shop(index, font)
    pane, frame = glass("upper window"), plain("frame", **FRAME)
    cabinet = plain("cabinet", (0.6, 0.6, 0.57), roughness=0.5)
    for k in range(14):
        y = 1.2 + 3.1 * k
        shapes.box("window frame", (0.12, 1.6, 1.5), (FRONT_X_M - 0.1, y, 5.3), frame)
        shapes.box("window", (0.06, 1.45, 1.35), (FRONT_X_M - 0.03, y, 5.3), pane)
        shapes.box("air conditioner", (0.32, 0.8, 0.55), (FRONT_X_M + 0.1, y + 1.45, 4.45), cabinet, bevel_m=0.02)


def tree(at: tuple[float, float], seed: int) -> None:
    """A street tree of about 6 m in a square pit."""
    rng = random.Random(seed)
    bark = mottled("bark", (0.06, 0.045, 0.03), (0.16, 0.12, 0.08), scale=6, bump=0.6)
    leaf = mottled("leaf", (0.035, 0.085, 0.015), (0.10, 0.18, 0.03), scale=0.9, roughness=0.55)
    soil = mottled("soil", (0.05, 0.035, 0.025), (0.09, 0.07, 0.05), scale=8)
    x, y = at
    rings = [
        shapes.ellipse_ring((x + rng.uniform(-0.04, 0.04), y, z), r, r, 12)
        for z, r in ((0.1, 0.17), (0.6, 0.12), (1.8, 0.105), (3.2, 0.085), (4.4, 0.04))
    ]
    shapes.loft("trunk", rings, bark)
    shapes.box("pit", (1.0, 1.0, 0.02), (x, y, PAVEMENT_Z_M), soil)
    vertices: list[Vector] = []
    faces: list[tuple[int, ...]] = []
    hearts = [Vector((x + rng.gauss(0, 0.75), y + rng.gauss(0, 0.75), rng.uniform(3.3, 5.6))) for _ in range(20)]
    for _ in range(5200):
        centre = rng.choice(hearts) + Vector((rng.gauss(0, 1), rng.gauss(0, 1), rng.gauss(0, 0.8))) * 0.33
        right = Vector((rng.gauss(0, 1), rng.gauss(0, 1), rng.gauss(0, 1))).normalized() * 0.075
        up = right.cross(Vector((rng.gauss(0, 1), rng.gauss(0, 1), rng.gauss(0, 1)))).normalized() * 0.05
        base = len(vertices)
        vertices += [centre - right, centre - up, centre + right, centre + up]
        faces.append((base, base + 1, base + 2, base + 3))
    shapes.mesh_object("crown", vertices, faces, [leaf])


def furniture() -> None:
    """Lamp post, litter bin and bollards."""
    steel = plain("post", (0.22, 0.24, 0.25), roughness=0.4, metallic=0.6)
    green, slot = (
        plain("bin green", (0.02, 0.16, 0.06), roughness=0.4),
        plain("bin slot", (0.005, 0.005, 0.005)),
    )
    shapes.cylinder("lamp post", 0.09, 8, (-0.55, 24.6, 4.0), steel, top_radius=0.06)
    shapes.cylinder("lamp foot", 0.15, 0.5, (-0.55, 24.6, 0.4), steel)
    shapes.box("bin", (0.46, 0.78, 0.85), (-0.75, 5.3, 0.62), green, bevel_m=0.04)
    shapes.box("bin roof", (0.56, 0.9, 0.07), (-0.75, 5.3, 1.22), steel, bevel_m=0.03)
    for y in (5.12, 5.48):
        shapes.box("bin slot", (0.5, 0.24, 0.11), (-0.75, y, 0.93), slot)
        shapes.box("bin post", (0.04, 0.04, 0.25), (-0.75, y, 1.1), steel)
    for k in range(9):
        shapes.cylinder(
            "bollard",
            0.06,
            0.75,
            (-0.42, 26 + 2.2 * k, 0.5),
            plain("bollard", (0.6, 0.45, 0.03), roughness=0.5),
        )


def light_and_camera(width_px: int, height_px: int) -> bpy.types.Object:
    """Afternoon sun from behind the right shoulder, a sky, and a camera 6 m up that looks 25 degrees down."""
    scene = bpy.context.scene
    world = bpy.data.worlds.new("sky")
    scene.world, world.use_nodes = world, True
    sky = world.node_tree.nodes.new("ShaderNodeTexSky")
    sky.sky_type, sky.sun_disc, sky.sun_elevation, sky.sun_rotation = (
        "NISHITA",
        False,
        math.radians(48),
        math.radians(140),
    )
    world.node_tree.links.new(sky.outputs[0], world.node_tree.nodes["Background"].inputs[0])
    world.node_tree.nodes["Background"].inputs[1].default_value = 0.16
    sun = bpy.data.objects.new("sun", bpy.data.lights.new("sun", "SUN"))
    sun.data.energy, sun.data.angle, sun.data.color = 5.6, math.radians(0.6), (1.0, 0.94, 0.84)
    sun.rotation_euler = Vector(SUN_TRAVELS).to_track_quat("-Z", "Y").to_euler()
    camera = bpy.data.objects.new("camera", bpy.data.cameras.new("camera"))
    camera.data.angle = math.radians(64)
    camera.location = (5.0, 0.0, 6.0)
    camera.rotation_euler = (math.radians(90 - 25), 0, math.radians(26))
    for thing in (sun, camera):
        scene.collection.objects.link(thing)
    scene.camera = camera
    scene.render.resolution_x, scene.render.resolution_y = width_px, height_px
    return camera


SUN_TRAVELS = (-0.62, 0.36, -0.80)
"""Direction of the sun's rays, not normalised."""
