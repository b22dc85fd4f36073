"""A camera on a pole that shakes in the wind."""

import math

import numpy as np

from samples.scenarios.families import street
from samples.scenarios.scene import Scene, View, event

CAR = "illegal_parking_motor"


def scene(rng: np.random.Generator) -> Scene:
    """Gusts of up to 9 px for a minute or two, the picture moves as one; two parked cars, one for too short."""
    things, truth = street.traffic(rng, 900), []
    for number, stays_s in ((1, rng.uniform(150, 270)), (3, rng.uniform(380, 600))):
        place, start_s = street.bay(rng, number=number), float(rng.uniform(15, 60))
        things.append(street.parked("motor_vehicle", place, start_s, start_s + float(stays_s), rng))
        truth.append(event(CAR, place, start_s, start_s + float(stays_s)))
    reach_px, phase = float(rng.uniform(3, 9)), float(rng.uniform(0, 6))

    def view(at_s: float) -> View:
        gust = max(0.0, math.sin(at_s / 40 + phase)) * reach_px
        return View(dx_px=gust * math.sin(9.7 * at_s), dy_px=0.6 * gust * math.sin(7.1 * at_s))

    return Scene("shaking", 900, street.far_first(things), street.ZONES, tuple(truth), view=view, fps=street.fps(rng))
