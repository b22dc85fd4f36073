"""A camera whose clock jumps by three days, forwards or back."""

import numpy as np

from samples.scenarios.families import street
from samples.scenarios.scene import Scene, event

CAR = "illegal_parking_motor"

_THREE_DAYS_S = 3 * 86400.0


def scene(rng: np.random.Generator) -> Scene:
    """While two cars are parked, one of them for too short; in half of the scenes the jump comes with a reconnect."""
    jumps_s = float(rng.uniform(150, 260))
    step_s = float(rng.choice([-_THREE_DAYS_S, _THREE_DAYS_S]))
    things, truth = street.traffic(rng, 900), []
    for number, start_s, stays_s in ((1, jumps_s - 100, rng.uniform(170, 260)), (3, 30.0, rng.uniform(480, 700))):
        place = street.bay(rng, number=number)
        things.append(street.parked("motor_vehicle", place, start_s, start_s + float(stays_s), rng))
        truth.append(event(CAR, place, start_s, start_s + float(stays_s)))
    breaks = ((jumps_s - 5, jumps_s),) if rng.random() < 0.5 else ()
    return Scene(
        "clock",
        900,
        street.far_first(things),
        street.ZONES,
        tuple(truth),
        clock_steps=((jumps_s, step_s),),
        breaks=breaks,
        fps=street.fps(rng),
    )
