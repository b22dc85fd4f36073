"""Vendors and passers-by: the walking figure of the sample clip in other clothes and poses."""

from __future__ import annotations

import math
import random

import bpy
import paint
import person
import shapes
from build import Things, moved
from person import Person

SEAT_M = 0.42


def figure(rng: random.Random, at: tuple[float, float], *, facing: float, pose: str | None = None) -> Things:
    """Somebody at `at`, looking along `facing` (radians from +x); `pose`: stand, sit or squat."""
    pose = pose or rng.choice(("stand", "stand", "sit", "squat"))
    shirt, legs = paint.tint(rng, value=(0.1, 0.9)), paint.tint(rng, saturation=(0, 0.6), value=(0.08, 0.5))
    made = person.person(paint.fresh("somebody"), shirt, legs)
    _hold(made, rng)
    extra = _wear(rng, shirt)
    for part in extra:
        part.parent = made.root
    lowered = 0.0
    if pose != "stand":
        lowered = _bend(made, rng, pose)
    body = [made.root]
    if pose == "sit":
        stool = paint.worn(rng, paint.tint(rng, saturation=(0.5, 1)), roughness=0.4)
        body.append(shapes.cylinder("stool", 0.15, 0.38, (0, 0, 0.19), stool, top_radius=0.13))
    made.root.location[2] = -lowered
    return moved(body, (at[0], at[1], 0), turn=facing, scale=rng.uniform(0.88, 1.04))


def _hold(made: Person, rng: random.Random) -> None:
    for word in ("left", "right"):
        made.joints[f"{word} upper"].rotation_euler[1] = rng.uniform(-0.9, 0.15)
        made.joints[f"{word} fore"].rotation_euler[1] = rng.uniform(-1.4, -0.1)
        made.joints[f"{word} thigh"].rotation_euler[1] = rng.uniform(-0.12, 0.1)


def _bend(made: Person, rng: random.Random, pose: str) -> float:
    """Folds the legs; how far the hips come down, in metres."""
    thigh, hip = (-1.45, SEAT_M + 0.05) if pose == "sit" else (-2.0, 0.30)
    for word in ("left", "right"):
        bent = thigh + rng.uniform(-0.1, 0.1)
        made.joints[f"{word} thigh"].rotation_euler[1] = bent
        made.joints[f"{word} shin"].rotation_euler[1] = -bent if pose == "sit" else -bent * 1.25
        made.joints[f"{word} upper"].rotation_euler[1] = rng.uniform(-0.8, -0.3)
    return 0.90 - hip


def _wear(rng: random.Random, shirt: tuple[float, float, float]) -> Things:
    """Hats, aprons, long hair: or nothing."""
    parts: list[bpy.types.Object] = []
    kind = rng.random()
    if kind < 0.2:
        straw = paint.worn(rng, paint.tint(rng, hue=(0.09, 0.14), saturation=(0.3, 0.6), value=(0.6, 0.9)))
        parts.append(shapes.cylinder("hat", 0.27, 0.12, (0.01, 0, 1.74), straw, top_radius=0.09))
    elif kind < 0.4:
        cap = paint.cloth(rng)
        parts.append(shapes.ball("cap", (0.112, 0.095, 0.09), (0.005, 0, 1.69), cap))
        parts.append(shapes.box("peak", (0.12, 0.14, 0.015), (0.13, 0, 1.68), cap))
    elif kind < 0.6:
        hair = paint.worn(rng, paint.grey(rng, 0.03, 0.25))
        parts.append(shapes.ball("long hair", (0.08, 0.10, 0.19), (-0.05, 0, 1.56), hair))
    if rng.random() < 0.35:
        apron = paint.cloth(rng)
        parts.append(shapes.box("apron", (0.02, 0.30, 0.62), (0.125, 0, 1.0), apron, bevel_m=0.008))
    if rng.random() < 0.25:
        parts.append(shapes.ball("coat", (0.15, 0.215, 0.33), (0, 0, 1.17), paint.cloth(rng, shirt)))
    return parts


def beside(rng: random.Random, half: tuple[float, float]) -> Things:
    """A vendor behind or at the end of a stall of these half sizes, looking over it or along it."""
    spot = rng.random()
    if spot < 0.6:
        at = (rng.uniform(-half[0], half[0]) * 0.8, half[1] + rng.uniform(0.3, 0.6))
    else:
        at = (rng.choice((-1, 1)) * (half[0] + rng.uniform(0.3, 0.6)), rng.uniform(-half[1], half[1]))
    aim = math.atan2(-at[1] + rng.gauss(0, 0.6), -at[0] + rng.gauss(0, 0.6))
    return figure(rng, at, facing=aim)
