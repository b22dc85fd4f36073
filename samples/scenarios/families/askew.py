"""A camera that is knocked askew and stays so."""

import math

import numpy as np

from samples.scenarios.families import street
from samples.scenarios.scene import Scene, View, event, moved

CAR = "illegal_parking_motor"


def scene(rng: np.random.Generator) -> Scene:
    """Two cars are parked when the picture jumps by 25 to 120 px at once, one reported already, one not yet due.

    Both are still the same cars: one incident each, and none of them was cleared by the knock. The truth's boxes are
    where the cars are in the picture when they are due.
    """
    knocked_s = float(rng.uniform(380, 450))
    angle, reach_px = float(rng.uniform(0, 2 * math.pi)), float(rng.uniform(25, 120))
    after = View(dx_px=reach_px * math.cos(angle), dy_px=0.4 * reach_px * math.sin(angle))
    things, truth = street.traffic(rng, 900), []
    for number, start_s in ((1, rng.uniform(15, 60)), (3, knocked_s - rng.uniform(60, 200))):
        place, end_s = street.bay(rng, number=number), float(rng.uniform(800, 840))
        things.append(street.parked("motor_vehicle", place, float(start_s), end_s, rng))
        is_due_after = start_s + 300 >= knocked_s
        seen = moved(place, after.dx_px, after.dy_px) if is_due_after else place
        truth.append(event(CAR, seen, float(start_s), end_s))
    return Scene(
        "askew",
        900,
        street.far_first(things),
        street.ZONES,
        tuple(truth),
        view=lambda at_s: after if at_s >= knocked_s else View(),
        fps=street.fps(rng),
    )
