"""Cars that park, some for long enough and some not, in ordinary traffic."""

import numpy as np

from samples.scenarios.families import street
from samples.scenarios.scene import Scene, event

CAR = "illegal_parking_motor"


def scene(rng: np.random.Generator) -> Scene:
    """Four bays, each with one car for 60 to 700 s; nobody stays for about the dwell: `edge.py` does."""
    things, truth = street.traffic(rng, 900), []
    for number in range(4):
        stays_s = float(rng.choice([rng.uniform(60, 270), rng.uniform(330, 700)]))
        start_s = float(rng.uniform(15, 880 - stays_s))
        place = street.bay(rng, number=number)
        things.append(street.parked("motor_vehicle", place, start_s, start_s + stays_s, rng))
        truth.append(event(CAR, place, start_s, start_s + stays_s))
    return Scene("plain", 900, street.far_first(things), street.ZONES, tuple(truth), fps=street.fps(rng))
