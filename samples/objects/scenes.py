"""Renders whole synthetic streets: `python samples/objects/scenes.py --out DIR --count N --seed S`.

The street of the sample clip, without what stands in it there, dressed anew with a dozen objects at random places and
photographed from a few places: `DIR/images`, `DIR/labels` (YOLO) and `DIR/unsure` (boxes of things that are mostly
hidden). Picture k depends on the seed and k alone; what is already there is skipped.
"""

from __future__ import annotations

import argparse
import math
import random
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "scenes"))
sys.path.insert(0, str(Path(__file__).parent))

import bpy
import catalogue
import develop
import light
import numpy as np
import prints
import studio
import surroundings
from build import Build, Things, family, moved, single
from clip_things import clip_things
from mathutils import Vector
from PIL import Image

LABELS = (
    "exposed_garbage",
    "garbage_bag",
    "overflowing_bin",
    "bin",
    "motor_vehicle",
    "two_wheeler",
    "person",
    "umbrella",
    "table_or_chair",
    "road_damage",
    "graffiti",
    "vendor_stall",
    "banner",
    "hanging_laundry",
    "material_pile",
)
"""In the order of the data set that the pictures are for."""

COMMON = ("vendor_stall", "banner", "hanging_laundry", "material_pile")
"""It is for these that streets are rendered."""
OTHERS = ("umbrella", "two_wheeler", "table_or_chair", "person", "person", "bin", "exposed_garbage", "garbage_bag")
SIZE_PX = (640, 360)
FAVOURED = 6
"""More things of the label that is asked for, beside those of every street."""
LEAST_PX = 8
SHOWN_SHARE = 0.35
"""A thing of which less of its outline's rectangle is to be seen is unsure."""


@dataclass(slots=True)
class Street:
    """What stands in it, with the places that are taken: x, y, radius in metres."""

    builds: list[Build] = field(default_factory=list)
    taken: list[tuple[float, float, float]] = field(default_factory=list)

    def is_free(self, x: float, y: float, radius: float) -> bool:
        """Whether nothing else stands there."""
        return all(math.hypot(x - a, y - b) > radius + r for a, b, r in self.taken)


def dress(rng: random.Random, font: bpy.types.VectorFont, favoured: str | None) -> Street:
    """The street with its objects, `FAVOURED` more of one label if asked for."""
    street = Street()
    for x, y, radius, build in clip_things(rng, font):
        street.builds.append(build)
        street.taken.append((x, y, radius))
    before = set(bpy.data.objects)
    surroundings.furniture()
    bins = [thing for thing in bpy.data.objects if thing not in before and thing.name.startswith("bin")]
    street.builds.append(single("bin", bins))
    street.taken.append((-0.75, 5.3, 0.6))
    for _ in range(FAVOURED if favoured else 0):
        put(street, catalogue.MAKERS[favoured](rng), rng)
    for label in [*rng.sample(COMMON, k=3), rng.choice(COMMON), *rng.choices(OTHERS, k=4)]:
        put(street, catalogue.MAKERS[label](rng), rng)
    for _ in range(rng.randint(1, 3)):
        park(street, catalogue.MAKERS["motor_vehicle"](rng), rng)
    return street


def put(street: Street, build: Build, rng: random.Random) -> None:
    """On the pavement, or on the fronts where it hangs; left out where no place is free."""
    low, high = extent(build)
    radius = float(max(high[:2] - low[:2])) / 2
    on_ground = build.stands_on == "ground"
    for _ in range(30):
        y = rng.uniform(5.5, 24)
        x = rng.uniform(-4.9, -0.9) if on_ground else surroundings.FRONT_X_M + 0.15 + float(high[1] - low[1]) / 2
        if street.is_free(x, y, radius):
            turn = facing(build.label, rng) if on_ground else math.pi / 2
            z = surroundings.PAVEMENT_Z_M if on_ground else rng.uniform(1.2, 2.6) - float(low[2])
            stand(street, build, (x, y, z), turn, radius)
            return
    remove(build)


def facing(label: str, rng: random.Random) -> float:
    """Which way a thing on the pavement is turned: washing hangs along the fronts, as lines do, or nearly so."""
    return math.pi / 2 + rng.gauss(0, 0.25) if label == "hanging_laundry" else rng.uniform(-1.2, 2.2)


def park(street: Street, build: Build, rng: random.Random) -> None:
    """On the road: at the kerb or in a lane, mostly along it."""
    low, high = extent(build)
    radius = float(max(high[:2] - low[:2])) / 2
    along = 0.0 if high[1] - low[1] > high[0] - low[0] else math.pi / 2
    for _ in range(30):
        x, y = rng.choice((1.3, 1.3, 3.4, 6.4)), rng.uniform(4, 30)
        if street.is_free(x, y, radius):
            stand(street, build, (x, y, 0.0), along + rng.choice((0, math.pi)) + rng.gauss(0, 0.05), radius)
            return
    remove(build)


def stand(street: Street, build: Build, at: tuple[float, float, float], turn: float, radius: float) -> None:
    """Puts it there."""
    moved([part for parts in build.groups.values() for part in parts], at, turn=turn)
    street.builds.append(build)
    street.taken.append((at[0], at[1], radius))


def remove(build: Build) -> None:
    """Takes it out of the scene."""
    bpy.data.batch_remove(list(family([part for parts in build.groups.values() for part in parts])))


def extent(build: Build) -> tuple[np.ndarray, np.ndarray]:
    """Lowest and highest corner, (3,) each, in metres."""
    points = studio.cloud(build)
    return points.min(axis=0), points.max(axis=0)


def number(builds: Sequence[Build]) -> list[tuple[str, set[int], Things]]:
    """Gives each group its pass index; the boxes with the indices and the parts that they span."""
    boxes, last = [], 0
    for build in builds:
        indices = {}
        for name, parts in build.groups.items():
            last += 1
            indices[name] = last
            for thing in family(parts):
                thing.pass_index = last
        for box in build.boxes:
            parts = [part for name in box.groups for part in build.groups[name]]
            boxes.append((box.label, {indices[name] for name in box.groups}, parts))
    return boxes


def aim(rng: random.Random) -> bpy.types.Object:
    """A camera on a pole, 3 to 8 m up, that looks 15 to 45 degrees down on the pavement."""
    lens = bpy.data.cameras.new("camera")
    lens.sensor_fit, lens.angle = "HORIZONTAL", math.radians(rng.uniform(45, 75))
    camera = bpy.data.objects.new("camera", lens)
    scene = bpy.context.scene
    scene.collection.objects.link(camera)
    height, down = rng.uniform(3, 8), math.radians(rng.uniform(15, 45))
    away = min(18.0, height / math.tan(down))
    target = Vector((rng.uniform(-4.5, -0.5), rng.uniform(8, 18), 0.6))
    side = math.radians(rng.uniform(-20, 75))  # 0: along the street
    place = Vector((target.x + away * math.sin(side), target.y - away * math.cos(side), height))
    camera.location = (max(place.x, -4.5), place.y, place.z)
    camera.rotation_euler = (target - camera.location).to_track_quat("-Z", "Y").to_euler()
    camera.rotation_euler.z += rng.gauss(0, 0.01)
    scene.camera, scene.render.resolution_x, scene.render.resolution_y = camera, *SIZE_PX
    bpy.context.view_layer.update()
    return camera


def outline(camera: bpy.types.Object, parts: Things) -> tuple[float, float, float, float] | None:
    """The rectangle of all their vertices in the picture, cut at its edges; None behind or beside it."""
    width, tall = SIZE_PX
    focal = width / 2 / math.tan(camera.data.angle / 2)
    to_camera = np.array(camera.matrix_world.inverted())
    meshes = [thing for thing in family(parts) if thing.type == "MESH"]
    points = np.concatenate([studio.vertices(thing) for thing in meshes]) @ to_camera[:3, :3].T + to_camera[:3, 3]
    points = points[points[:, 2] < -0.2]
    if not len(points):
        return None
    x, y = width / 2 - focal * points[:, 0] / points[:, 2], tall / 2 + focal * points[:, 1] / points[:, 2]
    x, y = np.clip(x, 0, width), np.clip(y, 0, tall)
    return float(x.min()), float(y.min()), float(x.max()), float(y.max())


def photograph(
    boxes: Sequence[tuple[str, set[int], Things]], rng: random.Random, sun: light.Light, raw: Path, samples: int
) -> tuple[Image.Image, list[str], list[str]]:
    """One picture; the lines of its labels and of its unsure boxes."""
    camera = aim(rng)
    colour, index = studio.render(raw, samples, ("Image", "IndexOB"), scale=1.0, bounces=2)
    shown = develop.exposed(colour, rng, exposure=sun.exposure, auto=sun.auto or rng.uniform(0.3, 0.65))
    seen = np.rint(index[..., 0]).astype(np.int64)
    sure: list[str] = []
    unsure: list[str] = []
    for label, indices, parts in boxes:
        whole, visible = outline(camera, parts), develop.bounds(np.isin(seen, list(indices)))
        if whole is None or visible is None:
            continue
        wide, high = visible.x1 - visible.x0, visible.y1 - visible.y0
        rectangle = max(1.0, (whole[2] - whole[0]) * (whole[3] - whole[1]))
        is_sure = min(wide, high) >= LEAST_PX and wide * high >= SHOWN_SHARE * rectangle
        (sure if is_sure else unsure).append(line(label, visible))
    bpy.data.objects.remove(camera)
    return Image.fromarray(shown[..., :3]), sure, unsure


def line(label: str, box: develop.Rect) -> str:
    """A YOLO label."""
    width, tall = SIZE_PX
    centre = ((box.x0 + box.x1) / 2 / width, (box.y0 + box.y1) / 2 / tall)
    size = ((box.x1 - box.x0) / width, (box.y1 - box.y0) / tall)
    return " ".join([str(LABELS.index(label)), *(f"{value:.6f}" for value in (*centre, *size))])


def make(street: int, args: argparse.Namespace, raw: Path) -> None:
    """Builds one street and takes its pictures."""
    rng = random.Random(f"{args.seed}/street/{street}")
    studio.empty_scene(threads=args.threads)
    bpy.context.scene.render.film_transparent = False
    surroundings.ground()
    font = bpy.data.fonts.load(prints.fonts()[0])
    surroundings.fronts(font)
    for y in rng.sample((12.0, 19.0, 22.8, 28.0, 31.0, 40.0), k=rng.randint(1, 3)):
        surroundings.tree((-0.75, y), rng.randrange(1000))
    dressed = dress(rng, font, args.favour)
    sun = light.set_up(rng, np.array([-2.0, 13.0, 1.0]), 6.0)
    boxes = number(dressed.builds)
    for view in range(args.views):
        picture, sure, unsure = photograph(boxes, rng, sun, raw, args.samples)
        name = f"street-{args.seed}-{street:04d}-{view}"
        for kind, lines in (("labels", sure), ("unsure", unsure)):
            (args.out / kind / f"{name}.txt").write_text("".join(f"{text}\n" for text in lines), encoding="utf-8")
        picture.save(args.out / "images" / f"{name}.jpg", quality=92)


def main() -> None:
    """Renders what is missing."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--out", type=Path, required=True, help="folder for images, labels, unsure")
    parser.add_argument("--count", type=int, required=True, help="how many streets")
    parser.add_argument("--views", type=int, default=3, help="pictures of each (default: 3)")
    parser.add_argument("--favour", choices=COMMON, help="a label that is to be seen more often")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--samples", type=int, default=6, help="paths a pixel (default: 6)")
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args()
    for kind in ("images", "labels", "unsure"):
        (args.out / kind).mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as raw:
        for street in range(args.count):
            if (args.out / "images" / f"street-{args.seed}-{street:04d}-{args.views - 1}.jpg").exists():
                continue
            began = time.perf_counter()
            make(street, args, Path(raw))
            print(f"street {street}: {time.perf_counter() - began:.1f} s", flush=True)


if __name__ == "__main__":
    main()
