"""A car that creeps on and never rests, and one that creeps in and then stays."""

import numpy as np

from cvinspect.geometry import Box
from samples.scenarios.families import street
from samples.scenarios.scene import Path, Scene, Thing, event, moved

CAR = "illegal_parking_motor"


def scene(rng: np.random.Generator) -> Scene:
    """The first moves 0.6 to 3 px a second (2 to 8 cm) all along; the second does so for a minute."""
    pace, width = float(rng.uniform(0.6, 3.0)), street.CAR[0]
    start = moved(street.bay(rng, number=0), 0, -10)
    duration_s = min(900.0, 520 / pace)
    place, arrives_s = street.bay(rng, number=4), 100.0
    things = [
        *street.traffic(rng, 900),
        Thing("motor_vehicle", lambda at_s: moved(start, pace * at_s), street.look(rng), spans=((0, duration_s),)),
        Thing("motor_vehicle", _creeping_in(place, arrives_s, min(1.0, pace)), street.look(rng), spans=((40, 900),)),
    ]
    truth = (event(CAR, place, arrives_s, 900, is_there_at_end=True),)
    assert start.x0 + pace * duration_s + width < place.x0 - 60
    return Scene("creep", 900, street.far_first(things), street.ZONES, truth, fps=street.fps(rng))


def _creeping_in(place: Box, arrives_s: float, pace: float) -> Path:
    return lambda at_s: moved(place, -pace * max(arrives_s - at_s, 0.0))
