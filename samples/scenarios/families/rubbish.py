"""Rubbish that is collected, and dumped again at the same place."""

import numpy as np

from samples.scenarios.families import street
from samples.scenarios.scene import Scene, Thing, at, event, moved


def scene(rng: np.random.Generator) -> Scene:
    """Two heaps one after the other, 100 to 200 s apart, each of them for longer than its dwell: two violations."""
    place = street.pavement_place(rng, 110, 60)
    things, truth, start_s = street.traffic(rng, 1200), [], 20.0
    for _ in range(2):
        end_s = start_s + float(rng.uniform(340, 420))
        heap = moved(place, float(rng.uniform(-15, 15)))
        things.append(Thing("exposed_garbage", at(heap), street.look(rng), spans=((start_s, end_s),)))
        truth.append(event("exposed_garbage", heap, start_s, end_s))
        start_s = end_s + float(rng.uniform(100, 200))
    return Scene("rubbish", 1200, street.far_first(things), street.ZONES, tuple(truth), fps=street.fps(rng))
