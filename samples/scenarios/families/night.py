"""Headlights at night: a dark street over which light sweeps, taken for cars now and then."""

import numpy as np

from cvinspect.geometry import Box
from samples.scenarios.families import street
from samples.scenarios.scene import Scene, Thing, View, event, moved

CAR = "illegal_parking_motor"


def scene(rng: np.random.Generator) -> Scene:
    """A parked car in the dark; each passing beam brightens what it falls on, and every third is taken for a car."""
    place = street.bay(rng)
    start_s = float(rng.uniform(15, 60))
    end_s = start_s + float(rng.uniform(380, 600))
    things = [street.parked("motor_vehicle", place, start_s, end_s, rng)]
    beams = []
    for at_s in np.cumsum(rng.exponential(25, size=60)):
        if at_s < 900:
            beams += _beam(float(at_s), rng)
    night = View(gain=float(rng.uniform(0.25, 0.4)), offset=8, grain=float(rng.choice([5.0, 7.0])))
    truth = (event(CAR, place, start_s, end_s),)
    every = (*street.far_first([*things, *street.traffic(rng, 900, every_s=40)]), *beams)
    return Scene("night", 900, every, street.ZONES, truth, view=lambda _: night, fps=street.fps(rng))


def _beam(start_s: float, rng: np.random.Generator) -> list[Thing]:
    """Light that sweeps along the kerb in 3 to 8 s, and what the detector may make of it."""
    speed = float(rng.uniform(160, 430))
    shine = Box(-260, 380, 0, 540)
    spans = ((start_s, start_s + 1540 / speed),)
    beam = Thing(
        None, lambda at_s: moved(shine, speed * (at_s - start_s)), 0, spans=spans, light=float(rng.uniform(60, 140))
    )
    if rng.random() > 1 / 3:
        return [beam]
    return [beam, Thing("motor_vehicle", beam.path, 0, spans=spans, is_false=True)]
