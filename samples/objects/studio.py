"""From a build to float pictures: one render for the object, a small one for its shadow."""

from __future__ import annotations

import contextlib
import os
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import bpy
import light
import numpy as np
import numpy.typing as npt
import paint
import shapes
import view
from build import Build, family
from materials import mottled, shaded
from mathutils import Matrix
from view import Points, View

Plane = npt.NDArray[np.float32]
SHADOW_SCALE = 0.4
"""Of the object's resolution: shadows are soft, and tracing them costs the most."""


@dataclass(frozen=True, slots=True)
class Negative:
    """Undeveloped: linear light, row 0 on top."""

    colour: Plane
    """(h, w, 4) premultiplied."""
    index: npt.NDArray[np.int64]
    """(h, w): the group that each pixel shows, from 1; 0 is nothing."""
    shadow: Plane | None
    """Rows and columns of the small render; the share of light that reaches the ground, (h', w')."""


def empty_scene(*, threads: int) -> None:
    """A bare scene that renders with Cycles, without anything of the one before."""
    for kind in ("objects", "meshes", "materials", "images", "lights", "cameras", "worlds", "curves", "node_groups"):
        block = getattr(bpy.data, kind)
        bpy.data.batch_remove([one for one in block if kind != "images" or one.name != "Render Result"])
    paint.forget()
    scene = bpy.context.scene
    render, cycles = scene.render, scene.cycles
    render.engine, render.film_transparent = "CYCLES", True
    render.threads_mode, render.threads = "FIXED", threads
    cycles.use_denoising, cycles.denoiser, cycles.denoising_prefilter = True, "OPENIMAGEDENOISE", "FAST"
    cycles.denoising_quality = "FAST"
    cycles.use_adaptive_sampling = cycles.caustics_reflective = cycles.caustics_refractive = False
    cycles.diffuse_bounces, cycles.glossy_bounces, cycles.transmission_bounces = 2, 1, 0
    cycles.transparent_max_bounces = 6
    layer = scene.view_layers[0]
    layer.use_pass_object_index, layer.cycles.use_pass_shadow_catcher = True, True


def cloud(build: Build) -> Points:
    """Every vertex of the build in the world, (n, 3)."""
    bpy.context.view_layer.update()
    found = []
    for parts in build.groups.values():
        for thing in family(parts):
            if thing.type == "MESH":
                found.append(vertices(thing))
    return np.concatenate(found)


def vertices(thing: bpy.types.Object) -> Points:
    """One object's, in the world."""
    flat = np.empty(len(thing.data.vertices) * 3, np.float32)
    thing.data.vertices.foreach_get("co", flat)
    turn = np.array(thing.matrix_world)
    made: Points = flat.reshape(-1, 3).astype(np.float64) @ turn[:3, :3].T + turn[:3, 3]
    return made


def _shade_points(points: Points, sun: light.Light) -> Points:
    """Where the vertices' shadows fall on the ground, cut off where they get long."""
    if sun.toward is None:
        flat: Points = points * np.array([1, 1, 0])
        return flat
    x, y, z = sun.toward
    made: Points = points - np.outer(np.maximum(points[:, 2], 0), np.array([x, y, z]) / max(z, 0.2))
    return made


def photograph(
    build: Build, rng: random.Random, folder: Path, *, long_px: int, samples: int
) -> tuple[Negative, View, light.Light]:
    """Chooses light and view, renders; `folder` holds the raw pictures."""
    for number, parts in enumerate(build.groups.values(), 1):
        for thing in family(parts):
            thing.pass_index = number
    points = cloud(build)
    centre = (points.min(axis=0) + points.max(axis=0)) / 2
    sun = light.set_up(rng, centre, float(np.ptp(points, axis=0).max()) / 2)
    grounded = build.stands_on == "ground"
    shade = _shade_points(points, sun) if grounded else None
    side = rng.uniform(-1, 1) * build.view_spread_deg + (rng.choice((0, 180)) if build.two_sided else 0)
    eye = view.choose(rng, points, shade, side_deg=side, long_px=long_px)
    _aim(eye)
    stone = paint.tint(rng, hue=(0.05, 0.13), saturation=(0, 0.2), value=(0.3, 0.65))
    floor = shapes.box("floor", (400, 400, 0.01), (0, 0, -0.005), mottled("floor", shaded(stone, 0.8), stone, scale=1))
    floor.visible_camera = floor.is_holdout = grounded  # hides what sticks in the ground
    colour, index = render(folder, samples, ("Image", "IndexOB"), scale=1.0, bounces=2)
    shadow = _shadow(build, floor, folder, samples) if grounded else None
    return Negative(colour, np.rint(index[..., 0]).astype(np.int64), shadow), eye, sun


def _aim(eye: View) -> None:
    """Blender's camera for the view; its lens is shifted to the region."""
    scene, lens = bpy.context.scene, bpy.data.cameras.new("camera")
    camera = bpy.data.objects.new("camera", lens)
    scene.collection.objects.link(camera)
    width, tall = eye.size_px
    x0, y0, x1, y1 = eye.region
    lens.sensor_fit, lens.sensor_width = "HORIZONTAL", 36.0
    lens.lens = eye.focal_px * 36.0 / width
    lens.shift_x, lens.shift_y = (x0 + x1) / 2 / width, -(y0 + y1) / 2 / width
    lens.clip_end = 500.0
    camera.matrix_world = Matrix.Translation(eye.at) @ Matrix(eye.axes.tolist()).to_4x4()
    scene.camera, scene.render.resolution_x, scene.render.resolution_y = camera, width, tall


def _shadow(build: Build, floor: bpy.types.Object, folder: Path, samples: int) -> Plane:
    """The ground alone, with everything else casting on it unseen."""
    for parts in build.groups.values():
        for thing in family(parts):
            thing.visible_camera = False
    floor.is_holdout, floor.is_shadow_catcher = False, True
    (plane,) = render(folder, max(4, samples // 2), ("Shadow Catcher",), scale=SHADOW_SCALE, bounces=1)
    made: Plane = plane[..., :3].mean(axis=2)
    return made


def render(folder: Path, samples: int, passes: tuple[str, ...], *, scale: float, bounces: int) -> list[Plane]:
    """Renders the scene as it is; each pass as (h, w, 4) floats."""
    scene = bpy.context.scene
    scene.cycles.samples, scene.cycles.max_bounces = samples, bounces
    scene.cycles.seed = 1
    scene.render.resolution_percentage = round(100 * scale)
    _wire(folder, passes)
    with silence():
        bpy.ops.render.render()
    return [_read(folder / f"{name.replace(' ', '')}0001.exr") for name in passes]


def _wire(folder: Path, passes: tuple[str, ...]) -> None:
    """A compositor that writes these passes as floats."""
    scene = bpy.context.scene
    scene.use_nodes = True
    tree = scene.node_tree
    tree.nodes.clear()
    source, sink = tree.nodes.new("CompositorNodeRLayers"), tree.nodes.new("CompositorNodeOutputFile")
    sink.base_path = str(folder)
    sink.format.file_format, sink.format.color_depth, sink.format.exr_codec = "OPEN_EXR", "32", "NONE"
    sink.format.color_mode = "RGBA"
    sink.file_slots.clear()
    for name in passes:
        sink.file_slots.new(name.replace(" ", ""))
        tree.links.new(source.outputs[name], sink.inputs[-1])


def _read(path: Path) -> Plane:
    image = bpy.data.images.load(str(path))
    image.colorspace_settings.name = "Non-Color"
    width, tall = image.size
    flat = np.empty(width * tall * 4, np.float32)
    image.pixels.foreach_get(flat)
    bpy.data.images.remove(image)
    path.unlink()
    return flat.reshape(tall, width, 4)[::-1].copy()


@contextlib.contextmanager
def silence() -> Iterator[None]:
    """Blender writes a line per step to the standard output; nobody wants them."""
    kept, nowhere = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    try:
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)
        os.close(nowhere)
