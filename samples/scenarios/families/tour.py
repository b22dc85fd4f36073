"""A dome on its tour of three streets."""

from dataclasses import replace

import numpy as np

from samples.scenarios.families import street
from samples.scenarios.scene import Scene, View, event

CAR = "illegal_parking_motor"

STOPS_S = (10.0, 20.0, 60.0)
SWING_S = 2.0
ROUND_S = sum(STOPS_S) + len(STOPS_S) * SWING_S


def scene(rng: np.random.Generator) -> Scene:
    """Three streets, shown for 10, 20 and 60 s by turns with 2 s on the way; a car is parked in each.

    In the third street another car stays for half of its dwell. Each parked car is one incident in its own view, and
    what is not shown is not cleared.
    """
    duration_s, things, truth = 1200.0, list(street.traffic(rng, 1200)), []
    things = [replace(thing, street=int(rng.integers(3))) for thing in things]
    for number in range(3):
        place = street.bay(rng, number=2 * number)
        start_s, end_s = float(rng.uniform(-100, 100)), float(rng.uniform(1120, 1190))
        things.append(replace(street.parked("motor_vehicle", place, start_s, end_s, rng), street=number))
        truth.append(event(CAR, place, start_s, end_s))
    place, start_s = street.bay(rng, number=1), float(rng.uniform(200, 500))
    things.append(replace(street.parked("motor_vehicle", place, start_s, start_s + 150, rng), street=2))
    truth.append(event(CAR, place, start_s, start_s + 150))
    swings = int(duration_s // ROUND_S) * 3 + _swings_in(duration_s % ROUND_S)
    return Scene(
        "tour",
        duration_s,
        street.far_first(things),
        street.ZONES,
        tuple(truth),
        view=shown,
        fps=street.fps(rng),
        streets=(0, 1, 2),
        unjudged_s=SWING_S * swings,
    )


def shown(at_s: float) -> View:
    """What the dome shows at a second: one of its streets, or whatever lies between two."""
    at_s %= ROUND_S
    for number, stop_s in enumerate(STOPS_S):
        if at_s < stop_s:
            return View(street=number)
        if at_s < stop_s + SWING_S:
            return View(street=5, dx_px=150 * (at_s - stop_s) - 150, dy_px=100 - 100 * (at_s - stop_s))
        at_s -= stop_s + SWING_S
    return View()


def _swings_in(left_s: float) -> int:
    """How many swings are over after so many seconds of a round."""
    ends_s = np.cumsum([stop_s + SWING_S for stop_s in STOPS_S])
    return int(np.count_nonzero(ends_s <= left_s))
