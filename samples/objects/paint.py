"""Random materials of node textures and drawn prints. Colours are linear RGB in [0, 1]."""

from __future__ import annotations

import colorsys
import itertools
import random

import bpy
import materials
import numpy as np
from materials import Colour
from PIL import Image

_NUMBER = itertools.count()
MATTE = 0.7
"""From this roughness on nothing shines: half the cost of a ray."""


def fresh(word: str) -> str:
    """A name that no other material has."""
    return f"{word} {next(_NUMBER)}"


def linear(colour: tuple[float, float, float]) -> Colour:
    """From sRGB in [0, 1]."""
    r, g, b = (c**2.2 for c in colour)
    return (r, g, b)


def tint(
    rng: random.Random,
    *,
    hue: tuple[float, float] = (0, 1),
    saturation: tuple[float, float] = (0.2, 0.95),
    value: tuple[float, float] = (0.2, 0.95),
) -> Colour:
    """Any colour in these ranges of HSV (of sRGB)."""
    return linear(colorsys.hsv_to_rgb(rng.uniform(*hue) % 1.0, rng.uniform(*saturation), rng.uniform(*value)))


def grey(rng: random.Random, low: float = 0.1, high: float = 0.9) -> Colour:
    """A nearly neutral colour."""
    return tint(rng, saturation=(0, 0.12), value=(low, high))


def near(rng: random.Random, colour: Colour, spread: float = 0.25) -> Colour:
    """A relative of `colour`."""
    r, g, b = (min(0.95, max(0.0, c * rng.uniform(1 - spread, 1 + spread))) for c in colour)
    return (r, g, b)


def worn(
    rng: random.Random,
    colour: Colour,
    *,
    roughness: float = 0.6,
    metallic: float = 0.0,
    wear: float = 0.4,
    scale: float | None = None,
    bump: float = 0.0,
) -> bpy.types.Material:
    """Paint or plastic with stains as dark as `wear` says."""
    dark = materials.shaded(colour, 1 - wear * rng.uniform(0.4, 1.0))
    made = materials.mottled(
        fresh("worn"), dark, colour, scale=scale or rng.uniform(2, 9), roughness=roughness, bump=bump, detail=3.0
    )
    made.node_tree.nodes["Principled BSDF"].inputs["Metallic"].default_value = metallic
    if roughness >= MATTE and not metallic:
        _matte(made.node_tree)
    return made


def _matte(tree: bpy.types.NodeTree) -> bpy.types.Node:
    """Puts a plain diffuse shader in the place of the costly general one; the new node."""
    old, new = tree.nodes["Principled BSDF"], tree.nodes.new("ShaderNodeBsdfDiffuse")
    for link in list(tree.links):
        if link.to_node == old:
            tree.links.new(link.from_socket, new.inputs["Color" if link.to_socket.name == "Base Color" else "Normal"])
    tree.links.new(new.outputs[0], tree.nodes["Material Output"].inputs["Surface"])
    return new


def wood(rng: random.Random, *, dark: bool = False) -> bpy.types.Material:
    """Planks, new to grey with age."""
    light = tint(rng, hue=(0.06, 0.11), saturation=(0.2, 0.6), value=(0.3, 0.5) if dark else (0.5, 0.85))
    return worn(rng, light, roughness=0.8, wear=0.55, scale=rng.uniform(3, 10))


def steel(rng: random.Random) -> bpy.types.Material:
    """Bare, galvanised, painted or rusty tube."""
    kind = rng.random()
    if kind < 0.35:
        return worn(rng, grey(rng, 0.55, 0.8), roughness=0.35, metallic=0.9, wear=0.3)
    if kind < 0.55:
        return worn(rng, tint(rng, hue=(0.02, 0.07), saturation=(0.5, 0.8), value=(0.3, 0.5)), roughness=0.9, scale=14)
    if kind < 0.75:
        return worn(rng, tint(rng), roughness=0.45, wear=0.3)
    return worn(rng, grey(rng, 0.1, 0.9), roughness=0.5, wear=0.3)


def cloth(rng: random.Random, colour: Colour | None = None) -> bpy.types.Material:
    """Plain woven stuff, slightly uneven."""
    return worn(rng, colour or tint(rng), roughness=0.9, wear=0.25, scale=rng.uniform(2, 8), bump=0.15)


def rubber(rng: random.Random) -> bpy.types.Material:
    """Tyres: black to dusty grey."""
    return worn(rng, grey(rng, 0.1, 0.28), roughness=0.85, wear=0.5)


def glass(rng: random.Random, *, clear: float = 0.8) -> bpy.types.Material:
    """A pane one looks through: a mix of mirror and nothing, cheap to trace."""
    made = bpy.data.materials.new(fresh("pane"))
    made.use_nodes = True
    tree = made.node_tree
    shader, through, mix = (
        tree.nodes["Principled BSDF"],
        tree.nodes.new("ShaderNodeBsdfTransparent"),
        tree.nodes.new("ShaderNodeMixShader"),
    )
    shader.inputs["Base Color"].default_value = (*grey(rng, 0.3, 0.7), 1)
    shader.inputs["Roughness"].default_value = 0.05
    mix.inputs["Fac"].default_value = clear
    tree.links.new(shader.outputs[0], mix.inputs[1])
    tree.links.new(through.outputs[0], mix.inputs[2])
    tree.links.new(mix.outputs[0], tree.nodes["Material Output"].inputs["Surface"])
    return made


def glowing(colour: Colour, strength: float) -> bpy.types.Material:
    """A lamp."""
    made = materials.plain(fresh("lamp"), colour)
    shader = made.node_tree.nodes["Principled BSDF"]
    shader.inputs["Emission Color"].default_value = (*colour, 1)
    shader.inputs["Emission Strength"].default_value = strength
    return made


def pixels(picture: Image.Image) -> bpy.types.Image:
    """A drawn picture inside Blender."""
    data = np.asarray(picture.convert("RGBA"), np.float32)[::-1] / 255
    image = bpy.data.images.new(fresh("print"), picture.width, picture.height)
    image.pixels.foreach_set(np.ascontiguousarray(data).ravel())
    return image


def printed(
    rng: random.Random,
    picture: Image.Image,
    *,
    roughness: float = 0.7,
    wear: float = 0.25,
    glow: float = 0.0,
    boxed: bool = False,
    translucent: float = 0.0,
) -> bpy.types.Material:
    """A drawn picture on the mesh's UV, stained by noise; `boxed` lays it on every side of a mesh without UV."""
    made = bpy.data.materials.new(fresh("printed"))
    made.use_nodes = True
    tree, shader = made.node_tree, made.node_tree.nodes["Principled BSDF"]
    where, texture = tree.nodes.new("ShaderNodeTexCoord"), tree.nodes.new("ShaderNodeTexImage")
    texture.image = pixels(picture)
    if boxed:
        texture.projection = "BOX"
    tree.links.new(where.outputs["Generated" if boxed else "UV"], texture.inputs["Vector"])
    colour = _stained(tree, where, texture.outputs["Color"], rng, wear)
    tree.links.new(colour, shader.inputs["Base Color"])
    shader.inputs["Roughness"].default_value = roughness
    if glow:
        tree.links.new(texture.outputs["Color"], shader.inputs["Emission Color"])
        shader.inputs["Emission Strength"].default_value = glow
    if roughness >= MATTE and not glow:
        shader = _matte(tree)
    if translucent:
        _let_light_through(tree, colour, shader, translucent)
    return made


def _stained(
    tree: bpy.types.NodeTree,
    where: bpy.types.Node,
    colour: bpy.types.NodeSocket,
    rng: random.Random,
    wear: float,
) -> bpy.types.NodeSocket:
    """The colour, multiplied by dirt."""
    noise, ramp, mix = (
        tree.nodes.new("ShaderNodeTexNoise"),
        tree.nodes.new("ShaderNodeValToRGB"),
        tree.nodes.new("ShaderNodeMixRGB"),
    )
    noise.inputs["Scale"].default_value, noise.inputs["Detail"].default_value = rng.uniform(0.8, 6), 3.0
    low = 1 - wear * rng.random()
    ramp.color_ramp.elements[0].color = (low, low * 0.98, low * 0.94, 1)
    ramp.color_ramp.elements[0].position, ramp.color_ramp.elements[1].position = 0.35, 0.6
    mix.blend_type, mix.inputs["Fac"].default_value = "MULTIPLY", 1.0
    tree.links.new(where.outputs["Object"], noise.inputs["Vector"])
    tree.links.new(noise.outputs["Fac"], ramp.inputs["Fac"])
    tree.links.new(colour, mix.inputs["Color1"])
    tree.links.new(ramp.outputs["Color"], mix.inputs["Color2"])
    return mix.outputs["Color"]


def _let_light_through(
    tree: bpy.types.NodeTree, colour: bpy.types.NodeSocket, shader: bpy.types.Node, share: float
) -> None:
    thin, mix = tree.nodes.new("ShaderNodeBsdfTranslucent"), tree.nodes.new("ShaderNodeMixShader")
    mix.inputs["Fac"].default_value = share
    tree.links.new(colour, thin.inputs["Color"])
    tree.links.new(shader.outputs[0], mix.inputs[1])
    tree.links.new(thin.outputs[0], mix.inputs[2])
    tree.links.new(mix.outputs[0], tree.nodes["Material Output"].inputs["Surface"])


def forget() -> None:
    """Drops cached materials: Blender's own were removed with the scene."""
    for cached in (
        materials.plain,
        materials.mottled,
        materials.bricks,
        materials.ribbed,
        materials.film,
        materials.asphalt,
    ):
        cached.cache_clear()
    materials.glass.cache_clear()
