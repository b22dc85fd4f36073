"""Rain: a grey picture full of noise, and a detector that misses a quarter."""

import numpy as np

from samples.scenarios.families import street
from samples.scenarios.scene import Scene, View, event

CAR = "illegal_parking_motor"


def scene(rng: np.random.Generator) -> Scene:
    """A parked car; rain sets in and stops. Misses are 25 % all along: more than the suite's usual tenth."""
    place = street.bay(rng)
    start_s = float(rng.uniform(15, 60))
    end_s = start_s + float(rng.uniform(380, 600))
    rains_s = (float(rng.uniform(60, 250)), float(rng.uniform(400, 700)))
    dry, wet = View(), View(gain=0.75, offset=30, grain=14.0)
    things = street.far_first([*street.traffic(rng, 900), street.parked("motor_vehicle", place, start_s, end_s, rng)])
    return Scene(
        "rain",
        900,
        things,
        street.ZONES,
        (event(CAR, place, start_s, end_s),),
        view=lambda at_s: wet if rains_s[0] <= at_s < rains_s[1] else dry,
        miss_share=0.25,
        fps=street.fps(rng),
    )
