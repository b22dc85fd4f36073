"""A recording that is cut to another street."""

from dataclasses import replace

import numpy as np

from samples.scenarios.families import street
from samples.scenarios.scene import Scene, View, event

CAR = "illegal_parking_motor"

RESTS_S = 3.0
"""What it takes for another picture to be a view."""


def scene(rng: np.random.Generator) -> Scene:
    """Some seconds of one street, then another one for good; a car stays in each. Nobody drew anything.

    The first was not watched for its dwell. The second is one incident.
    """
    cut_s, duration_s = float(rng.integers(4, 60)), 600.0
    things, truth = [replace(thing, street=1) for thing in street.traffic(rng, duration_s)], []
    for number, start_s, end_s in ((0, -300.0, cut_s), (1, cut_s - 200.0, float(rng.uniform(420, 470)))):
        place = street.bay(rng, number=1 + 2 * number)
        things.append(replace(street.parked("motor_vehicle", place, start_s, end_s, rng), street=number))
        if number:
            truth.append(event(CAR, place, cut_s + RESTS_S, end_s))
    return Scene(
        "cut",
        duration_s,
        street.far_first(things),
        (),
        tuple(truth),
        view=lambda at_s: View(street=0 if at_s < cut_s else 1),
        fps=street.fps(rng),
        unjudged_s=RESTS_S,
        classes=frozenset({CAR}),
    )
