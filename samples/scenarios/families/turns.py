"""Two cars that take turns in one bay."""

import numpy as np

from samples.scenarios.families import street
from samples.scenarios.scene import Scene, Thing, event

CAR = "illegal_parking_motor"


def scene(rng: np.random.Generator) -> Scene:
    """The second comes 6 to 60 s after the first has gone; each stays for too short, or each for too long."""
    place, things, truth = street.bay(rng), street.traffic(rng, 1000), []
    stays_s = (rng.uniform(160, 270), rng.uniform(160, 270)) if rng.random() < 0.5 else (rng.uniform(340, 420),) * 2
    start_s = 20.0
    looks = (int(rng.integers(100, 200)), int(rng.integers(200, 300)))
    for number, stay_s in enumerate(map(float, stays_s)):
        end_s = start_s + stay_s
        path, spans = street.visit(place, start_s, end_s, lane_px=105), ((start_s - 6, end_s + 9),)
        things.append(Thing("motor_vehicle", path, looks[number], spans=spans))
        truth.append(event(CAR, place, start_s, end_s))
        start_s = end_s + float(rng.uniform(6, 60))
    return Scene("turns", 1000, street.far_first(things), street.ZONES, tuple(truth), fps=street.fps(rng))
