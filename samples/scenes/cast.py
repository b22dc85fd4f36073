"""The whole scene built once, and the moving ones put where the timeline says."""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path

import bodies
import bpy
import car
import person
import props
import rubbish
import surroundings
import timeline
import truth
from mathutils import Vector

AWAY = Vector((0.0, 0.0, -60.0))
"""Where a thing waits that is not in the scene: under the road, out of sight."""
Signature = tuple[float, ...] | None


@dataclass(frozen=True, slots=True)
class Cast:
    """Roots of what moves, by name, and the meshes of what stands, by violation class."""

    movers: dict[str, bpy.types.Object]
    standing: dict[str, list[bpy.types.Object]]
    walker: person.Person
    keeper: person.Person


def build(font_file: Path, *, seed: int, width_px: int, height_px: int) -> Cast:
    """Empties Blender's scene and builds the street in it."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    font, rng = bpy.data.fonts.load(str(font_file)), random.Random(seed)
    surroundings.light_and_camera(width_px, height_px)
    surroundings.ground()
    surroundings.fronts(font)
    surroundings.furniture()
    for k, y in enumerate((22.8, 31.0, 40.0)):
        surroundings.tree((-0.75, y), seed + k)
    standing = {
        "street_vendor": props.stall((-3.7, 14.2), rng),
        "illegal_advertising": props.banner(9.75, 13.95, "文明城市人人共建", font),
        "street_drying": props.laundry(5.85, 8.6, rng),
        "piled_materials": props.materials_pile((-3.45, 18.6), rng),
    }
    walker = person.person("walker", (0.55, 0.06, 0.07), (0.03, 0.04, 0.09))
    keeper = person.person("keeper", (0.30, 0.36, 0.42), (0.05, 0.05, 0.055))
    vendor = person.person("vendor", (0.05, 0.22, 0.12), (0.04, 0.04, 0.05))
    vendor.root.location = (-4.25, 12.0, surroundings.PAVEMENT_Z_M)
    person.stand(vendor, arms=-0.4)
    movers = {"walker": walker.root, "keeper": keeper.root, **_cars()}
    clumps = rubbish.heap(timeline.HEAP_AT_M, 1.2, 1.5, random.Random(seed), clumps=timeline.CLUMPS)
    movers |= {f"clump {k}": clump for k, clump in enumerate(clumps)}
    return Cast(movers, standing, walker, keeper)


def _cars() -> dict[str, bpy.types.Object]:
    return {
        "car a": car.car("car a", (0.36, 0.37, 0.38), bodies.SUV),
        "car b": car.car("car b", (0.02, 0.06, 0.22), bodies.SUV),
        "car c": car.car("car c", (0.30, 0.01, 0.012), bodies.SALOON),
    }


def signatures(t: float) -> dict[str, Signature]:
    """Per mover a value that changes when and only when it moves; `None` where it is not in the scene."""
    poses = {
        "walker": timeline.walker(t),
        "keeper": timeline.keeper(t),
        "car a": timeline.car_a(t),
        "car b": timeline.car_b(t),
        "car c": timeline.car_c(t),
    }
    found: dict[str, Signature] = {name: (p.x, p.y, p.heading, p.z) if p else None for name, p in poses.items()}
    if found["keeper"] is not None:
        found["keeper"] = (t,)  # a person is never quite still
    for k in range(timeline.CLUMPS):
        flight = timeline.clump_flight(k, t)
        # The heap counts as moving until its last part lies: one new still picture instead of twelve.
        found[f"clump {k}"] = (*flight, min(t, timeline.HEAP_REST_S)) if flight is not None else None
    return found


def pose(cast: Cast, t: float, names: set[str]) -> None:
    """Puts the named movers where they are at `t`, the others out of the scene."""
    for k in range(timeline.CLUMPS):
        flight = timeline.clump_flight(k, t) if f"clump {k}" in names else None
        _throw(cast.movers[f"clump {k}"], flight)
    for name, spot in (
        ("car a", timeline.car_a(t)),
        ("car b", timeline.car_b(t)),
        ("car c", timeline.car_c(t)),
    ):
        _place(cast.movers[name], spot if name in names else None, 0.0)
        if spot is not None:
            car.roll(cast.movers[name], spot.travelled)
    for figure, name, spot in (
        (cast.walker, "walker", timeline.walker(t)),
        (cast.keeper, "keeper", timeline.keeper(t)),
    ):
        if spot is not None:
            person.walk(figure, spot.travelled)
        if spot is not None and name == "keeper":
            person.stand(figure, arms=-timeline.keeper_arms(t))
        _place(
            figure.root,
            spot if name in names else None,
            surroundings.PAVEMENT_Z_M + figure.root.location.z if spot else 0.0,
        )


def _throw(clump: bpy.types.Object, flight: tuple[float, float, float, float] | None) -> None:
    """A clump starts as a handful (its parts drawn together and small) and spreads as it flies."""
    clump.location = AWAY
    if flight is not None:
        spread = flight[3]
        centre = Vector((*timeline.HEAP_AT_M, surroundings.PAVEMENT_Z_M))
        clump.scale = (spread, spread, spread)
        clump.location = centre * (1 - spread) + Vector(flight[:3])


def _place(root: bpy.types.Object, spot: timeline.Pose | None, z: float) -> None:
    if spot is None:
        root.location = AWAY
        return
    root.location = (spot.x, spot.y, z)
    root.rotation_euler[2] = spot.heading


def parts(cast: Cast, name: str) -> list[bpy.types.Object]:
    """All meshes of a mover."""
    return truth.family(cast.movers[name])
