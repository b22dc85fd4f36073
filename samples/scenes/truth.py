"""What truly happens, projected from the meshes: boxes and zones as shares of width and height."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import bpy
import numpy as np
import numpy.typing as npt
import timeline
from picture import Rect
from surroundings import FRONT_X_M, PAVEMENT_Z_M, SUN_TRAVELS

Array = npt.NDArray[np.float64]
MARGIN_PX = 16
"""Room round a moving thing for soft shadows and for the feathered edge."""


def family(root: bpy.types.Object) -> list[bpy.types.Object]:
    """`root` and all that hangs on it."""
    return [root, *root.children_recursive]


def corners(things: Iterable[bpy.types.Object]) -> Array:
    """World coordinates, (n, 3), of every vertex of the things as rendered."""
    bpy.context.view_layer.update()
    graph = bpy.context.evaluated_depsgraph_get()
    found = []
    for thing in things:
        if thing.type not in {"MESH", "FONT"}:
            continue
        made = thing.evaluated_get(graph)
        mesh = made.to_mesh()
        flat = np.empty(3 * len(mesh.vertices))
        mesh.vertices.foreach_get("co", flat)
        matrix = np.array(made.matrix_world)
        found.append(flat.reshape(-1, 3) @ matrix[:3, :3].T + matrix[:3, 3])
        made.to_mesh_clear()
    return np.concatenate(found)


def project(points: Array) -> Array:
    """(n, 2) shares of width and height; points behind the camera are dropped."""
    scene = bpy.context.scene
    camera, render = scene.camera, scene.render
    matrix = np.array(camera.matrix_world.inverted())
    local = points @ matrix[:3, :3].T + matrix[:3, 3]
    local = local[local[:, 2] < -0.1]
    reach = np.tan(camera.data.angle / 2)
    x = 0.5 + 0.5 * local[:, 0] / -local[:, 2] / reach
    y = 0.5 - 0.5 * local[:, 1] / -local[:, 2] / reach * render.resolution_x / render.resolution_y
    return np.stack([x, y], axis=1)


def box_of(things: Iterable[bpy.types.Object]) -> list[float]:
    """x0 y0 x1 y1, cut at the picture's edges."""
    shares = np.clip(project(corners(things)), 0, 1)
    return [round(float(v), 4) for v in (*shares.min(axis=0), *shares.max(axis=0))]


def _bounds(things: Iterable[bpy.types.Object]) -> Array:
    """World coordinates, (n, 3), of the eight corners round every mesh: coarser than `corners`, but quick."""
    bpy.context.view_layer.update()
    found = []
    for thing in things:
        if thing.type == "MESH":
            matrix = np.array(thing.matrix_world)
            found.append(np.array(thing.bound_box) @ matrix[:3, :3].T + matrix[:3, 3])
    return np.concatenate(found)


def rect_of(things: Sequence[bpy.types.Object], width: int, height: int) -> Rect | None:
    """The pixels that the things and their shadows may touch."""
    points = _bounds(things)
    sun = np.array(SUN_TRAVELS)
    shadow = points + (points[:, 2:3] / -sun[2]) * sun
    shadow[:, 0] = np.maximum(shadow[:, 0], FRONT_X_M)
    seen = project(np.concatenate([points, shadow])) * (width, height)
    if not len(seen):
        return None
    low, high = np.floor(seen.min(axis=0)) - MARGIN_PX, np.ceil(seen.max(axis=0)) + MARGIN_PX
    x0, y0 = np.clip(low, 0, (width, height)).astype(int)
    x1, y1 = np.clip(high, 0, (width, height)).astype(int)
    return Rect(int(x0), int(y0), int(x1), int(y1)) if x1 - x0 > 4 and y1 - y0 > 4 else None


def _ground(x0: float, y0: float, x1: float, y1: float, z: float) -> list[tuple[float, float, float]]:
    return [(x0, y0, z), (x0, y1, z), (x1, y1, z), (x1, y0, z)]


def _wall(y0: float, y1: float, z0: float, z1: float, x: float) -> list[tuple[float, float, float]]:
    return [(x, y0, z0), (x, y0, z1), (x, y1, z1), (x, y1, z0)]


def zones() -> list[dict[str, Any]]:
    """The zones a user would draw, from rectangles on the ground and on the walls."""
    z, front = PAVEMENT_Z_M, FRONT_X_M
    drawn = (
        ("kerb", "no_parking", _ground(0.1, 4.6, 2.9, 25.0, 0.0)),
        ("pavement-near", "public_ground", _ground(-4.6, 5.6, -0.2, 11.3, z)),
        ("pavement-middle", "no_vending", _ground(-5.4, 11.4, -0.2, 16.4, z)),
        ("pavement-far", "public_ground", _ground(-4.6, 16.5, -0.2, 21.5, z)),
        ("front-near", "street_facade", _wall(5.6, 9.5, 0.8, 2.9, front + 0.9)),
        ("front-market", "ad_control", _wall(9.5, 14.2, 1.9, 3.3, front + 0.75)),
    )
    return [
        {
            "id": name,
            "kind": kind,
            "polygon": [[round(float(v), 4) for v in np.clip(p, 0, 1)] for p in project(np.array(polygon))],
        }
        for name, kind, polygon in drawn
    ]


def write_truth(out: Path, clip: str, events: list[dict[str, Any]], negatives: list[dict[str, Any]]) -> None:
    """Writes the truth file for one clip."""
    about = (
        "Exact truth, written by samples/scenes/street.py. start_s/end_s: when the thing is at rest, in "
        "seconds of media time. box: x0 y0 x1 y1 as shares of width and height while at rest, projected from "
        "the mesh, hidden parts included. 'negatives' must raise nothing."
    )
    body = {
        "about": about,
        "clips": {
            clip: {
                "zones": zones(),
                "events": events,
                "negatives": negatives,
                "length_s": timeline.LENGTH_S,
                "rate_hz": timeline.RATE_HZ,
            }
        },
    }
    out.write_text(json.dumps(body, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


_CLOSER = {"street_facade": ("        closer: true  # washing is too small for the network in the whole picture",)}


def write_config(out: Path, clip: str, dwell_s: dict[str, int]) -> None:
    """Writes cvinspect's configuration for the clip."""
    lines = [
        "# The sample clip's configuration; written by samples/scenes/street.py. Paths are relative to it.",
        "# The careful network knows photographs and doubts renderings: --careful models/street-world-s.yaml shows it.",
        "careful: none",
        "cameras:",
        "  - id: sample-street",
        f"    source: {clip}",
        "    location:",
        "      lon: 121.4737",
        "      lat: 31.2304",
        '      address: "示例路 1 号 / 1 Sample Road"',
        '      grid_code: "310101001001001"',
        "    zones:",
    ]
    for zone in zones():
        lines += [
            f"      - id: {zone['id']}",
            f"        kind: {zone['kind']}",
            *_CLOSER.get(zone["kind"], ()),
            f"        polygon: {json.dumps(zone['polygon'])}",
        ]
    lines += ["violations:  # dwell times short enough for a clip of one minute"]
    lines += [f"  {name}: {{dwell_s: {seconds}}}" for name, seconds in dwell_s.items()]
    out.write_text("\n".join(lines) + "\n", encoding="utf-8")
