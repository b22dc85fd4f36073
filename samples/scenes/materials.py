"""Procedural materials: no picture files. Colours are linear RGB in [0, 1]."""

from __future__ import annotations

import functools
from typing import Any

import bpy

Colour = tuple[float, float, float]


def shaded(colour: Colour, share: float) -> Colour:
    """The same colour, darker."""
    return (share * colour[0], share * colour[1], share * colour[2])


def _blank(name: str) -> tuple[bpy.types.Material, Any, Any]:
    material = bpy.data.materials.new(name)
    material.use_nodes = True
    return material, material.node_tree, material.node_tree.nodes["Principled BSDF"]


@functools.cache
def plain(
    name: str, colour: Colour, *, roughness: float = 0.6, metallic: float = 0.0, coat: float = 0.0
) -> bpy.types.Material:
    """One colour; `coat` adds a clear lacquer."""
    material, _, shader = _blank(name)
    shader.inputs["Base Color"].default_value = (*colour, 1)
    shader.inputs["Roughness"].default_value = roughness
    shader.inputs["Metallic"].default_value = metallic
    shader.inputs["Coat Weight"].default_value = coat
    shader.inputs["Coat Roughness"].default_value = 0.04
    return material


@functools.cache
def mottled(
    name: str,
    dark: Colour,
    light: Colour,
    *,
    scale: float,
    roughness: float = 0.9,
    bump: float = 0.0,
    detail: float = 6.0,
) -> bpy.types.Material:
    """Two colours mixed by noise of `scale` per metre, in the object's coordinates."""
    material, tree, shader = _blank(name)
    where = tree.nodes.new("ShaderNodeTexCoord")
    grain = tree.nodes.new("ShaderNodeTexNoise")
    ramp = tree.nodes.new("ShaderNodeValToRGB")
    grain.inputs["Scale"].default_value = scale
    grain.inputs["Detail"].default_value = detail
    ramp.color_ramp.elements[0].position, ramp.color_ramp.elements[1].position = 0.3, 0.7
    ramp.color_ramp.elements[0].color, ramp.color_ramp.elements[1].color = (*dark, 1), (*light, 1)
    tree.links.new(where.outputs["Object"], grain.inputs["Vector"])
    tree.links.new(grain.outputs["Fac"], ramp.inputs["Fac"])
    tree.links.new(ramp.outputs["Color"], shader.inputs["Base Color"])
    shader.inputs["Roughness"].default_value = roughness
    if bump:
        relief = tree.nodes.new("ShaderNodeBump")
        relief.inputs["Strength"].default_value = bump
        relief.inputs["Distance"].default_value = 0.02
        tree.links.new(grain.outputs["Fac"], relief.inputs["Height"])
        tree.links.new(relief.outputs["Normal"], shader.inputs["Normal"])
    return material


@functools.cache
def bricks(
    name: str, first: Colour, second: Colour, joint: Colour, *, width_m: float, height_m: float, upright: bool
) -> bpy.types.Material:
    """Bonded stones with stains; `upright` maps them on a wall that faces x instead of the ground."""
    material, tree, shader = _blank(name)
    where = tree.nodes.new("ShaderNodeTexCoord")
    turn = tree.nodes.new("ShaderNodeMapping")
    bond = tree.nodes.new("ShaderNodeTexBrick")
    if upright:
        turn.inputs["Rotation"].default_value = (0, 1.5707963, 1.5707963)
    bond.inputs["Color1"].default_value, bond.inputs["Color2"].default_value = (*first, 1), (*second, 1)
    bond.inputs["Mortar"].default_value = (*joint, 1)
    bond.inputs["Scale"].default_value = 1.0
    bond.inputs["Brick Width"].default_value, bond.inputs["Row Height"].default_value = width_m, height_m
    bond.inputs["Mortar Size"].default_value = 0.008
    stain = tree.nodes.new("ShaderNodeTexNoise")
    stain.inputs["Scale"].default_value, stain.inputs["Detail"].default_value = 0.7, 8.0
    mix = tree.nodes.new("ShaderNodeMixRGB")
    mix.blend_type, mix.inputs["Fac"].default_value = "OVERLAY", 0.55
    tree.links.new(where.outputs["Object"], turn.inputs["Vector"])
    tree.links.new(turn.outputs["Vector"], bond.inputs["Vector"])
    tree.links.new(where.outputs["Object"], stain.inputs["Vector"])
    tree.links.new(bond.outputs["Color"], mix.inputs["Color1"])
    tree.links.new(stain.outputs["Fac"], mix.inputs["Color2"])
    tree.links.new(mix.outputs["Color"], shader.inputs["Base Color"])
    shader.inputs["Roughness"].default_value = 0.85
    return material


@functools.cache
def ribbed(name: str, colour: Colour, *, per_m: float) -> bpy.types.Material:
    """Roller-shutter metal: level ribs, `per_m` of them a metre."""
    material, tree, shader = _blank(name)
    where = tree.nodes.new("ShaderNodeTexCoord")
    wave = tree.nodes.new("ShaderNodeTexWave")
    wave.bands_direction, wave.inputs["Scale"].default_value = (
        "Z",
        per_m / 3.18,
    )  # a wave node has 3.18 bands per unit
    relief = tree.nodes.new("ShaderNodeBump")
    relief.inputs["Distance"].default_value = 0.03
    tree.links.new(where.outputs["Object"], wave.inputs["Vector"])
    tree.links.new(wave.outputs["Fac"], relief.inputs["Height"])
    tree.links.new(relief.outputs["Normal"], shader.inputs["Normal"])
    shader.inputs["Base Color"].default_value = (*colour, 1)
    shader.inputs["Metallic"].default_value, shader.inputs["Roughness"].default_value = 0.5, 0.45
    return material


@functools.cache
def film(
    name: str, colour: Colour, *, roughness: float = 0.28, print_colour: Colour | None = None
) -> bpy.types.Material:
    """Crumpled plastic film; with `print_colour`, patches of it as if printed or seen through."""
    material, tree, shader = _blank(name)
    where = tree.nodes.new("ShaderNodeTexCoord")
    fold = tree.nodes.new("ShaderNodeTexVoronoi")
    fold.feature, fold.inputs["Scale"].default_value = "DISTANCE_TO_EDGE", 7.0
    relief = tree.nodes.new("ShaderNodeBump")
    relief.inputs["Strength"].default_value, relief.inputs["Distance"].default_value = 0.9, 0.05
    tree.links.new(where.outputs["Object"], fold.inputs["Vector"])
    tree.links.new(fold.outputs["Distance"], relief.inputs["Height"])
    tree.links.new(relief.outputs["Normal"], shader.inputs["Normal"])
    shader.inputs["Base Color"].default_value = (*colour, 1)
    shader.inputs["Roughness"].default_value = roughness
    if print_colour is not None:
        spot = tree.nodes.new("ShaderNodeTexNoise")
        spot.inputs["Scale"].default_value = 4.0
        ramp = tree.nodes.new("ShaderNodeValToRGB")
        ramp.color_ramp.interpolation = "CONSTANT"
        ramp.color_ramp.elements[1].position = 0.56
        ramp.color_ramp.elements[0].color, ramp.color_ramp.elements[1].color = (
            (*colour, 1),
            (*print_colour, 1),
        )
        tree.links.new(where.outputs["Object"], spot.inputs["Vector"])
        tree.links.new(spot.outputs["Fac"], ramp.inputs["Fac"])
        tree.links.new(ramp.outputs["Color"], shader.inputs["Base Color"])
    return material


@functools.cache
def asphalt(name: str, dark: Colour, light: Colour) -> bpy.types.Material:
    """Worn asphalt: wide stains, wheel tracks along y, aggregate coarse enough for the camera."""
    material, tree, shader = _blank(name)
    where = tree.nodes.new("ShaderNodeTexCoord")
    stretch = tree.nodes.new("ShaderNodeMapping")
    stretch.inputs["Scale"].default_value = (1.0, 0.16, 1.0)
    tree.links.new(where.outputs["Object"], stretch.inputs["Vector"])
    total: Any = None
    for scale, detail, weight, source in (
        (0.9, 3.0, 0.5, stretch.outputs["Vector"]),
        (22.0, 2.0, 0.5, where.outputs["Object"]),
    ):
        grain = tree.nodes.new("ShaderNodeTexNoise")
        grain.inputs["Scale"].default_value, grain.inputs["Detail"].default_value = scale, detail
        tree.links.new(source, grain.inputs["Vector"])
        part = tree.nodes.new("ShaderNodeMath")
        part.operation, part.inputs[1].default_value, part.inputs[2].default_value = (
            "MULTIPLY_ADD",
            weight,
            0.0,
        )
        tree.links.new(grain.outputs["Fac"], part.inputs[0])
        if total is not None:
            tree.links.new(total, part.inputs[2])
        total = part.outputs[0]
    ramp = tree.nodes.new("ShaderNodeValToRGB")
    ramp.color_ramp.elements[0].position, ramp.color_ramp.elements[1].position = 0.3, 0.7
    ramp.color_ramp.elements[0].color, ramp.color_ramp.elements[1].color = (*dark, 1), (*light, 1)
    tree.links.new(total, ramp.inputs["Fac"])
    tree.links.new(ramp.outputs["Color"], shader.inputs["Base Color"])
    shader.inputs["Roughness"].default_value = 0.92
    return material


def car_paint(name: str, colour: Colour, *, seams_x_m: tuple[float, ...]) -> bpy.types.Material:
    """Lacquered metallic paint with dark shut lines at `seams_x_m` along the car."""
    material, tree, shader = _blank(name)
    where = tree.nodes.new("ShaderNodeTexCoord")
    split = tree.nodes.new("ShaderNodeSeparateXYZ")
    tree.links.new(where.outputs["Object"], split.inputs[0])
    total: Any = None
    for seam in seams_x_m:
        near = tree.nodes.new("ShaderNodeMath")
        near.operation = "COMPARE"
        near.inputs[1].default_value, near.inputs[2].default_value = seam, 0.008
        tree.links.new(split.outputs["X"], near.inputs[0])
        if total is not None:
            union = tree.nodes.new("ShaderNodeMath")
            union.operation = "MAXIMUM"
            tree.links.new(total, union.inputs[0])
            tree.links.new(near.outputs[0], union.inputs[1])
            near = union
        total = near.outputs[0]
    mix = tree.nodes.new("ShaderNodeMixRGB")
    mix.inputs["Color1"].default_value, mix.inputs["Color2"].default_value = (
        (*colour, 1),
        (0.01, 0.01, 0.01, 1),
    )
    tree.links.new(total, mix.inputs["Fac"])
    tree.links.new(mix.outputs["Color"], shader.inputs["Base Color"])
    shader.inputs["Metallic"].default_value, shader.inputs["Roughness"].default_value = 0.35, 0.38
    shader.inputs["Coat Weight"].default_value, shader.inputs["Coat Roughness"].default_value = 1.0, 0.03
    return material


@functools.cache
def glass(name: str, colour: Colour = (0.012, 0.016, 0.018)) -> bpy.types.Material:
    """Dark pane: opaque, but it mirrors like glass (cheap to trace)."""
    return plain(name, colour, roughness=0.03, coat=1.0)
