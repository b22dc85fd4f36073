"""A detector that does not see a parked car at all for 10, 30 or 60 s."""

from dataclasses import replace

import numpy as np

from samples.scenarios.families import street
from samples.scenarios.scene import Scene, event

CAR = "illegal_parking_motor"


def scene(rng: np.random.Generator) -> Scene:
    """One gap before the report and one after it; the car stays well beyond its dwell."""
    place = street.bay(rng)
    start_s = float(rng.uniform(15, 40))
    end_s = start_s + float(rng.uniform(420, 700))
    gaps = [(start_s + when_s, float(rng.choice([10, 30, 60]))) for when_s in (rng.uniform(30, 200), 330)]
    drops = tuple((from_s, from_s + length_s) for from_s, length_s in gaps)
    car = replace(street.parked("motor_vehicle", place, start_s, end_s, rng), drops=drops)
    things = street.far_first([*street.traffic(rng, 900), car])
    return Scene("dropouts", 900, things, street.ZONES, (event(CAR, place, start_s, end_s),), fps=street.fps(rng))
