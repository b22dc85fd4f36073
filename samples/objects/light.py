"""Daylight, cloud, dusk and lamps. A white card on the ground in full light shows 1.0 before exposure."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass

import bpy
import numpy as np
from materials import Colour
from mathutils import Vector

KINDS = ("sun", "sun", "sun", "overcast", "overcast", "overcast", "dusk", "night")


@dataclass(frozen=True, slots=True)
class Light:
    """What kind of light it is, and how a camera would treat it."""

    kind: str
    toward: tuple[float, float, float] | None
    """From the ground to the sun; None where no sun casts a shadow."""
    exposure: float
    auto: float | None
    """Brightness of the object's light parts that the camera aims at; None: `exposure` alone counts."""


def _sky(zenith: Colour, horizon: Colour, strength: float) -> None:
    world = bpy.data.worlds.new("sky")
    bpy.context.scene.world = world
    world.use_nodes = True
    world.cycles.sampling_method = "NONE"  # paths find the sky by themselves; its importance map costs a second
    tree = world.node_tree
    where, split, ramp = (
        tree.nodes.new("ShaderNodeTexCoord"),
        tree.nodes.new("ShaderNodeSeparateXYZ"),
        tree.nodes.new("ShaderNodeValToRGB"),
    )
    tree.links.new(where.outputs["Generated"], split.inputs[0])
    tree.links.new(split.outputs["Z"], ramp.inputs["Fac"])
    ramp.color_ramp.elements[0].color, ramp.color_ramp.elements[1].color = (*horizon, 1), (*zenith, 1)
    ramp.color_ramp.elements[1].position = 0.6
    ground = tree.nodes["Background"]
    ground.inputs["Strength"].default_value = strength
    tree.links.new(ramp.outputs["Color"], ground.inputs["Color"])


def _sun(toward: Vector, colour: Colour, strength: float, size: float) -> None:
    lamp = bpy.data.lights.new("sun", "SUN")
    lamp.energy, lamp.color, lamp.angle = strength, colour, size
    made = bpy.data.objects.new("sun", lamp)
    made.rotation_euler = toward.to_track_quat("Z", "Y").to_euler()
    bpy.context.scene.collection.objects.link(made)


def _lamp(at: Vector, colour: Colour, white: float, size: float, aim: Vector) -> None:
    """A street lamp or shop light, so strong that a white card at `aim` shows `white`."""
    lamp = bpy.data.lights.new("lamp", "AREA")
    lamp.shape, lamp.size, lamp.color = "DISK", size, colour
    lamp.energy = white * math.pi * math.pi * (at - aim).length_squared
    made = bpy.data.objects.new("lamp", lamp)
    made.location, made.rotation_euler = at, (at - aim).to_track_quat("Z", "Y").to_euler()
    bpy.context.scene.collection.objects.link(made)


def _direction(rng: random.Random, low: float, high: float) -> Vector:
    height, side = math.radians(rng.uniform(low, high)), rng.uniform(0, 2 * math.pi)
    return Vector((math.cos(height) * math.cos(side), math.cos(height) * math.sin(side), math.sin(height)))


def set_up(rng: random.Random, centre: np.ndarray, radius: float) -> Light:
    """Lights the scene for an object of this size."""
    kind = rng.choice(KINDS)
    if kind == "sun":
        return _sunny(rng)
    if kind == "overcast":
        return _overcast(rng)
    if kind == "dusk":
        return _dusk(rng)
    return _night(rng, Vector(centre.tolist()), radius)


def _sunny(rng: random.Random) -> Light:
    toward, share = _direction(rng, 18, 78), rng.uniform(0.6, 0.88)
    warm = 1 - toward.z
    colour = (1.0, 0.96 - 0.25 * warm, 0.88 - 0.5 * warm)
    _sun(toward, colour, share * math.pi / max(0.35, toward.z), math.radians(rng.uniform(0.5, 3)))
    _sky((0.55, 0.72, 1.0), (0.95, 0.98, 1.0), (1 - share) * 1.25)
    return Light("sun", tuple(toward), rng.uniform(0.9, 1.6), None)


def _overcast(rng: random.Random) -> Light:
    cast = rng.uniform(-0.06, 0.05)
    _sky((1 + cast, 1.0, 1 - cast), (0.55, 0.56, 0.58), 1.1)
    if rng.random() < 0.5:
        _sun(_direction(rng, 35, 75), (1, 0.97, 0.93), rng.uniform(0.3, 1.0), math.radians(rng.uniform(15, 40)))
    return Light("overcast", None, rng.uniform(0.9, 1.7), None)


def _dusk(rng: random.Random) -> Light:
    toward, low_sun = _direction(rng, 4, 16), rng.random() < 0.5
    _sky((0.45, 0.55, 0.85), (1.0, rng.uniform(0.6, 0.85), rng.uniform(0.45, 0.8)), 0.8)
    if low_sun:
        _sun(toward, (1.0, 0.62, 0.32), rng.uniform(0.8, 2.5), math.radians(2))
    return Light("dusk", tuple(toward) if low_sun else None, rng.uniform(0.55, 1.3), None)


def _night(rng: random.Random, centre: Vector, radius: float) -> Light:
    _sky((0.03, 0.035, 0.06), (0.10, 0.08, 0.06), rng.uniform(0.3, 1.5))
    colours: tuple[Colour, ...] = ((1, 0.62, 0.28), (1, 0.78, 0.52), (1, 0.95, 0.88), (0.85, 0.92, 1))
    for _ in range(rng.choice((1, 1, 2))):
        side, away = rng.uniform(0, 6.283), radius + rng.uniform(1, 5)
        at = centre + Vector((away * math.cos(side), away * math.sin(side), rng.uniform(3.5, 7)))
        _lamp(at, rng.choice(colours), rng.uniform(0.5, 1), rng.uniform(0.15, 0.6), centre)
    if rng.random() < 0.45:
        side, away = rng.uniform(0, 6.283), radius + rng.uniform(1.5, 3)
        at = centre + Vector((away * math.cos(side), away * math.sin(side), rng.uniform(0.3, 1.5)))
        _lamp(at, rng.choice(colours), rng.uniform(0.2, 0.7), rng.uniform(1, 2), centre)
    return Light("night", None, 1.0, rng.uniform(0.22, 0.75))
