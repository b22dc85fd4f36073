"""The sample clip's own stall, banner, washing and material, anywhere in its street."""

from __future__ import annotations

import random

import bpy
import props
import surroundings
from build import Box, Build, Things
from slogans import PUBLIC


def clip_things(rng: random.Random, font: bpy.types.VectorFont) -> list[tuple[float, float, float, Build]]:
    """Some of them, in their places, with x, y and radius in metres of the ground that they take."""
    made: list[tuple[float, float, float, Build]] = []
    starts = iter(rng.sample((5.4, 8.8, 12.2, 15.6, 19.0), k=5))
    front, pavement = surroundings.FRONT_X_M + 0.9, -3.3
    if rng.random() < 0.6:
        y, wide = next(starts), rng.uniform(1.6, 3.2)
        made.append((front, y + wide / 2, wide / 2, _washing(props.laundry(y, y + wide, rng))))
    if rng.random() < 0.6:
        y, wide = next(starts), rng.uniform(2.4, 3.4)
        parts = props.banner(y, y + wide, rng.choice(PUBLIC), font)
        made.append((front, y + wide / 2, wide / 2, _apart("banner", parts, "banner pole")))
    if rng.random() < 0.4:
        y = next(starts) + 1.5
        made.append((pavement, y, 1.7, _stall(props.stall((pavement + rng.uniform(-0.5, 0.5), y), rng))))
    if rng.random() < 0.6:
        y = next(starts) + 1.5
        made.append((pavement, y, 1.3, _whole("material_pile", props.materials_pile((pavement, y), rng))))
    return made


def _whole(label: str, parts: Things) -> Build:
    return Build(label, {label: parts}, (Box(label, (label,)),))


def _apart(label: str, parts: Things, poles: str) -> Build:
    """Poles belong to it, but not into its box."""
    held = [part for part in parts if part.name.startswith(poles)]
    shown = [part for part in parts if part not in held]
    return Build(label, {label: shown, poles: held}, (Box(label, (label,)),))


def _washing(parts: Things) -> Build:
    return _apart("hanging_laundry", parts, "line post")


def _stall(parts: Things) -> Build:
    roof = [part for part in parts if part.name.startswith("parasol")]
    table = [part for part in parts if part not in roof]
    boxes = (Box("vendor_stall", ("table", "roof")), Box("umbrella", ("roof",)))
    return Build("vendor_stall", {"table": table, "roof": roof}, boxes)
