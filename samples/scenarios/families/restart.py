"""A connection that is lost in the middle, and comes back."""

import numpy as np

from samples.scenarios.families import street
from samples.scenarios.scene import Scene, event

CAR = "illegal_parking_motor"


def scene(rng: np.random.Generator) -> Scene:
    """Away for 2 to 25 s before one car is reported, and for up to two minutes after; a new run, the same ledger."""
    things, truth = street.traffic(rng, 900), []
    for number, start_s, end_s in ((1, 20.0, rng.uniform(700, 740)), (3, 60.0, rng.uniform(280, 330))):
        place = street.bay(rng, number=number)
        things.append(street.parked("motor_vehicle", place, start_s, float(end_s), rng))
        truth.append(event(CAR, place, start_s, float(end_s)))
    first_s, second_s = float(rng.uniform(100, 240)), float(rng.uniform(400, 480))
    breaks = ((first_s, first_s + float(rng.uniform(2, 25))), (second_s, second_s + float(rng.uniform(5, 120))))
    return Scene(
        "restart", 900, street.far_first(things), street.ZONES, tuple(truth), breaks=breaks, fps=street.fps(rng)
    )
