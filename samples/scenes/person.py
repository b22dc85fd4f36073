"""A walking figure of tapered limbs.

Own axes: x forward, y left, z up; origin on the ground between the feet.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import bpy
import shapes
from materials import Colour, mottled, plain, shaded

STRIDE_M = 1.45
"""One full cycle (two steps) of an adult walking at 1.35 m/s."""


@dataclass(frozen=True, slots=True)
class Person:
    """The root empty and the joints that walking turns (about y, radians)."""

    root: bpy.types.Object
    joints: dict[str, bpy.types.Object]


def _torso(cloth: bpy.types.Material, skin: bpy.types.Material, hair: bpy.types.Material) -> list[bpy.types.Object]:
    rings = [
        (0.86, 0.09, 0.13),
        (0.93, 0.115, 0.17),
        (1.05, 0.10, 0.145),
        (1.22, 0.115, 0.165),
        (1.36, 0.115, 0.185),
    ]
    rings += [(1.43, 0.09, 0.17), (1.47, 0.06, 0.09), (1.49, 0.045, 0.05)]
    body = shapes.loft("torso", [shapes.ellipse_ring((0, 0, z), x, y) for z, x, y in rings], cloth)
    neck = shapes.cylinder("neck", 0.052, 0.12, (0.01, 0, 1.50), skin)
    head = shapes.ball("head", (0.095, 0.078, 0.118), (0.025, 0, 1.625), skin)
    cap = shapes.ball("hair", (0.104, 0.086, 0.10), (0.005, 0, 1.668), hair)
    back = shapes.ball("hair back", (0.06, 0.08, 0.10), (-0.045, 0, 1.61), hair)
    nose = shapes.ball("nose", (0.02, 0.013, 0.02), (0.122, 0, 1.615), skin, detail=2)
    return [body, neck, head, cap, back, nose]


def _leg(side: int, cloth: bpy.types.Material, shoe: bpy.types.Material) -> dict[str, bpy.types.Object]:
    thigh = shapes.limb("thigh", 0.42, 0.088, 0.062, cloth)
    thigh.location = (0, side * 0.09, 0.90)
    shin = shapes.limb("shin", 0.38, 0.062, 0.045, cloth)
    shin.location, shin.parent = (0, 0, -0.42), thigh
    foot = shapes.ball("shoe", (0.13, 0.048, 0.045), (0.055, 0, -0.425), shoe)
    foot.parent = shin
    return {"thigh": thigh, "shin": shin}


def _arm(side: int, cloth: bpy.types.Material, skin: bpy.types.Material) -> dict[str, bpy.types.Object]:
    upper = shapes.limb("upper arm", 0.27, 0.058, 0.045, cloth)
    upper.location, upper.rotation_euler[0] = (0, side * 0.205, 1.40), side * 0.08
    fore = shapes.limb("forearm", 0.24, 0.042, 0.032, skin)
    fore.location, fore.parent = (0, 0, -0.28), upper
    hand = shapes.ball("hand", (0.045, 0.022, 0.06), (0, 0, -0.30), skin, detail=2)
    hand.parent = fore
    return {"upper": upper, "fore": fore}


def person(name: str, shirt: Colour, trousers: Colour) -> Person:
    """An adult of 1.74 m."""
    skin = plain("skin", (0.50, 0.29, 0.19), roughness=0.55)
    hair = plain("hair", (0.012, 0.010, 0.009), roughness=0.5)
    shoe = plain("shoe", (0.6, 0.6, 0.6), roughness=0.6)
    top = mottled(f"{name} shirt", shaded(shirt, 0.8), shirt, scale=9)
    legs = mottled(f"{name} trousers", shaded(trousers, 0.75), trousers, scale=9)
    joints: dict[str, bpy.types.Object] = {}
    for word, side in (("left", 1), ("right", -1)):
        limbs = _leg(side, legs, shoe) | _arm(side, top, skin)
        joints |= {f"{word} {key}": limb for key, limb in limbs.items()}
    root = shapes.group(name, [*_torso(top, skin, hair), *(j for j in joints.values() if j.parent is None)])
    return Person(root, joints)


def walk(figure: Person, travelled_m: float) -> None:
    """Sets the joints for the way travelled; heels and knees follow a plain sine gait."""
    phase = 2 * math.pi * travelled_m / STRIDE_M
    for word, shift in (("left", 0.0), ("right", math.pi)):
        swing = math.sin(phase + shift)
        figure.joints[f"{word} thigh"].rotation_euler[1] = -0.42 * swing - 0.05
        figure.joints[f"{word} shin"].rotation_euler[1] = 0.12 + 0.75 * max(0.0, math.cos(phase + shift + 0.2)) ** 1.5
        figure.joints[f"{word} upper"].rotation_euler[1] = 0.38 * swing
        figure.joints[f"{word} fore"].rotation_euler[1] = -0.30 - 0.15 * swing
    figure.root.location[2] = 0.025 * abs(math.cos(phase)) - 0.012


def stand(figure: Person, *, arms: float = -0.5) -> None:
    """Feet together, both arms raised forward by `-arms` radians."""
    for word in ("left", "right"):
        figure.joints[f"{word} upper"].rotation_euler[1] = arms * 0.6
        figure.joints[f"{word} fore"].rotation_euler[1] = arms * 1.6
