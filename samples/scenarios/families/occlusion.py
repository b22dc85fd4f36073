"""A car that stays under passing buses, and one that leaves behind one."""

import numpy as np

from samples.scenarios.families import street
from samples.scenarios.scene import Scene, event

CAR = "illegal_parking_motor"


def scene(rng: np.random.Generator) -> Scene:
    """Buses draw up in front of a parked car for up to 90 s, before and after it is reported."""
    place = street.bay(rng, number=2)
    start_s = float(rng.uniform(15, 40))
    end_s = start_s + float(rng.uniform(420, 620))
    things = [*street.traffic(rng, 900), street.parked("motor_vehicle", place, start_s, end_s, rng)]
    for bus_s in np.arange(start_s + 40, end_s - 120, 140):
        when_s = float(bus_s + rng.uniform(0, 40))
        things.append(street.bus(when_s, rng, stops_at_x=400 + rng.uniform(-60, 60), stops_s=float(rng.uniform(0, 90))))
    truth = (event(CAR, place, start_s, end_s),)
    return Scene("occlusion", 900, street.far_first(things), street.ZONES, truth, fps=street.fps(rng))
