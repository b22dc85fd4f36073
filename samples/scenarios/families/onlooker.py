"""A person who stands before a pile."""

import numpy as np

from cvinspect.geometry import Box
from samples.scenarios.families import street
from samples.scenarios.scene import Scene, Thing, at, event


def scene(rng: np.random.Generator) -> Scene:
    """For one to four minutes, twice, hiding a quarter to all of a heap of rubbish that lies there all along."""
    place = street.pavement_place(rng, 70, 55)
    start_s, end_s = 20.0, float(rng.uniform(700, 800))
    things = [
        *street.traffic(rng, 900),
        Thing("exposed_garbage", at(place), street.look(rng), spans=((start_s, end_s),)),
    ]
    for from_s in (rng.uniform(60, 150), rng.uniform(420, 500)):
        left = place.x0 + float(rng.uniform(-40, 30))
        body = Box(left, place.y1 - 130, left + 65, place.y1 + 12)
        until_s = float(from_s + rng.uniform(60, 240 if from_s > 400 else 120))
        path = street.visit(body, float(from_s), until_s, speed_px_s=45)
        things.append(Thing("person", path, street.look(rng), spans=((float(from_s) - 15, until_s + 9),)))
    truth = (event("exposed_garbage", place, start_s, end_s),)
    return Scene("onlooker", 900, street.far_first(things), street.ZONES, truth, fps=street.fps(rng))
