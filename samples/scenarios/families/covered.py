"""A lens that is covered: by a hand, a bag, paint."""

import numpy as np

from samples.scenarios.families import street
from samples.scenarios.scene import Scene, View, event

CAR = "illegal_parking_motor"


def scene(rng: np.random.Generator) -> Scene:
    """Covered for 20 to 250 s while one car is reported and one is not yet due; both stay, then leave in plain view."""
    covered_s = float(rng.uniform(360, 420))
    until_s = covered_s + float(rng.uniform(20, 250))
    things, truth = street.traffic(rng, 1000), []
    for number, start_s in ((1, rng.uniform(15, 50)), (3, covered_s - rng.uniform(60, 250))):
        place, end_s = street.bay(rng, number=number), float(rng.uniform(820, 845))
        things.append(street.parked("motor_vehicle", place, float(start_s), end_s, rng))
        truth.append(event(CAR, place, float(start_s), end_s))
    cover = View(cover=int(rng.choice([4, 60, 200])))
    return Scene(
        "covered",
        1000,
        street.far_first(things),
        street.ZONES,
        tuple(truth),
        view=lambda at_s: cover if covered_s <= at_s < until_s else View(),
        fps=street.fps(rng),
    )
