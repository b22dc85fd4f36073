"""A car that leaves 1 s before the dwell, and one that leaves 1 s after it."""

import numpy as np

from samples.scenarios.families import street
from samples.scenarios.scene import Scene, event

CAR = "illegal_parking_motor"

_DWELL_S = 300.0


def scene(rng: np.random.Generator) -> Scene:
    """One of each, in bays of their own. The first is none of ours: it began to move before it was due."""
    things, truth = street.traffic(rng, 480), []
    for number, stays_s in ((0, _DWELL_S - 1), (3, _DWELL_S + 1)):
        place = street.bay(rng, number=number)
        start_s = float(rng.uniform(15, 100))
        things.append(street.parked("motor_vehicle", place, start_s, start_s + stays_s, rng))
        truth.append(event(CAR, place, start_s, start_s + stays_s))
    return Scene("edge", 480, street.far_first(things), street.ZONES, tuple(truth), fps=2.0)
