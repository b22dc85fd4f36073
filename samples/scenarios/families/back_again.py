"""A recording of two streets that is cut to the second and back."""

from dataclasses import replace

import numpy as np

from samples.scenarios.families import street
from samples.scenarios.families.cut import RESTS_S
from samples.scenarios.scene import Scene, View, event

CAR = "illegal_parking_motor"


def scene(rng: np.random.Generator) -> Scene:
    """A for some minutes, B for some, then A; a car stays in each for as long as that. Nobody drew anything.

    One incident each; that of A stands while B is shown, and is cleared once its car has left in plain view.
    """
    turned_s, back_s = float(rng.integers(340, 400)), float(rng.integers(720, 780))
    left_s, duration_s = back_s + float(rng.uniform(30, 60)), back_s + 260
    things = [replace(thing, street=int(rng.integers(2))) for thing in street.traffic(rng, duration_s)]
    truth = []
    for number, start_s, end_s in ((0, -50.0, left_s), (1, turned_s - 100.0, duration_s)):
        place = street.bay(rng, number=1 + 2 * number)
        things.append(replace(street.parked("motor_vehicle", place, start_s, end_s, rng), street=number))
        truth.append(event(CAR, place, turned_s + RESTS_S if number else 0.0, end_s))
    return Scene(
        "back_again",
        duration_s,
        street.far_first(things),
        (),
        tuple(truth),
        view=lambda at_s: View(street=1 if turned_s <= at_s < back_s else 0),
        fps=street.fps(rng),
        unjudged_s=RESTS_S,
        classes=frozenset({CAR}),
    )
