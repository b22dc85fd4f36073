"""What is screwed on to a car: lamps, grille, plates, mirrors, handles, rails. Metres, the car's own axes."""

from __future__ import annotations

import bpy
import shapes
from bodies import SUV, Section
from materials import plain

Things = list[bpy.types.Object]


def fittings(sections: tuple[Section, ...]) -> Things:
    """All of them, placed on the first and last sections."""
    black = plain("fitting black", (0.01, 0.01, 0.01), roughness=0.35)
    chrome = plain("chrome", (0.7, 0.7, 0.72), roughness=0.12, metallic=1.0)
    parts = _ends(sections, black, chrome)
    for side in (-1, 1):
        parts += _lamps(sections, side, black)
        belt = sections[8].belt
        parts.append(shapes.ball("mirror", (0.10, 0.12, 0.075), (0.82, side * 1.0, belt + 0.07), black))
        for x in (-0.85, 0.15):
            at = (x, side * 0.925, 0.84 * belt)
            parts.append(shapes.box("handle", (0.2, 0.03, 0.028), at, chrome, bevel_m=0.008))
    return parts + _cladding(sections, black, chrome) if sections is SUV else parts


def _ends(sections: tuple[Section, ...], black: bpy.types.Material, chrome: bpy.types.Material) -> Things:
    """Grille, bumpers and blank number plates."""
    nose, tail = sections[-1], sections[0]
    plate, plate_m = plain("plate", (0.02, 0.09, 0.35), roughness=0.4), (0.02, 0.44, 0.14)
    grille_at, intake_at = (nose.x - 0.03, 0, nose.belt - 0.10), (nose.x - 0.07, 0, nose.sill - 0.02)
    bumper_at = (tail.x + 0.03, 0, tail.sill - 0.02)
    return [
        shapes.box("grille", (0.12, 1.0, 0.2), grille_at, black, bevel_m=0.03),
        shapes.box("badge bar", (0.02, 0.80, 0.018), (nose.x + 0.032, 0, nose.belt - 0.06), chrome),
        shapes.box("intake", (0.10, 1.1, 0.12), intake_at, black, bevel_m=0.03),
        shapes.box("front plate", plate_m, (nose.x + 0.02, 0, nose.sill + 0.10), plate, bevel_m=0.005),
        shapes.box("rear plate", plate_m, (tail.x - 0.02, 0, tail.belt - 0.06), plate, bevel_m=0.005),
        shapes.box("rear bumper", (0.08, 1.2, 0.12), bumper_at, black, bevel_m=0.03),
    ]


def _lamps(sections: tuple[Section, ...], side: int, black: bpy.types.Material) -> Things:
    lamp = plain("headlamp", (0.26, 0.29, 0.31), roughness=0.05, coat=1.0)
    red = plain("tail lamp", (0.35, 0.004, 0.006), roughness=0.12, coat=1.0)
    corner, rear = sections[-3], sections[0].x
    at = (corner.x + 0.062, side * 0.70, corner.belt - 0.078)
    head = shapes.ball("headlamp", (0.205, 0.15, 0.068), at, lamp)
    at = (corner.x + 0.05, side * 0.70, corner.belt - 0.085)
    bezel = shapes.ball("bezel", (0.225, 0.17, 0.072), at, black)
    head.rotation_euler = bezel.rotation_euler = (0, 0.25, -side * 0.55)
    at = (rear + 0.11, side * 0.66, sections[1].belt - 0.09)
    tail = shapes.ball("tail lamp", (0.10, 0.20, 0.075), at, red)
    tail.rotation_euler[2] = side * 0.4
    return [head, bezel, tail]


def _cladding(sections: tuple[Section, ...], black: bpy.types.Material, chrome: bpy.types.Material) -> Things:
    """Roof rails, door mouldings, fog lamps, wipers and the badge of the taller body."""
    nose = sections[-1]
    parts = [shapes.ball("badge", (0.02, 0.07, 0.05), (nose.x + 0.05, 0, nose.belt - 0.05), chrome)]
    for side in (-1, 1):
        rail_at, fog_at = (-0.42, side * 0.615, 1.655), (nose.x - 0.06, side * 0.62, 0.46)
        parts.append(shapes.box("roof rail", (1.35, 0.035, 0.04), rail_at, chrome, bevel_m=0.012))
        parts.append(shapes.box("moulding", (1.75, 0.03, 0.09), (0, side * 0.925, 0.42), black, bevel_m=0.012))
        parts.append(shapes.box("fog lamp", (0.06, 0.22, 0.10), fog_at, black, bevel_m=0.02))
    parts.append(shapes.box("wiper", (0.03, 0.62, 0.015), (1.22, 0.3, 1.125), black))
    parts.append(shapes.box("wiper", (0.03, 0.55, 0.015), (1.22, -0.35, 1.125), black))
    return parts
