"""A queue at the lights: the same places taken by car after car, none of them for long."""

from itertools import pairwise

import numpy as np

from cvinspect.geometry import Box
from samples.scenarios.families import street
from samples.scenarios.scene import Path, Scene, Thing, event, moved

CAR = "illegal_parking_motor"

_GREEN_S = 15.0


def scene(rng: np.random.Generator) -> Scene:
    """Red for 30 to 90 s, over and over; the first car drives off and each of the others moves up."""
    red_s, duration_s = float(rng.uniform(30, 90)), 600.0
    cycle_s = red_s + _GREEN_S
    cycles, places = int(duration_s // cycle_s), 4
    things, truth = street.traffic(rng, duration_s), []
    for car in range(cycles + places):
        stops = [
            (20.0 + cycle * cycle_s, places - 1 - (car - cycle)) for cycle in range(cycles) if 0 <= car - cycle < places
        ]
        if not stops:
            continue
        path = _moving_up([(start_s, start_s + red_s, street.bay(rng, number=place)) for start_s, place in stops])
        spans = ((stops[0][0] - 12, stops[-1][0] + red_s + 9),)
        things.append(Thing("motor_vehicle", path, street.look(rng), spans=spans))
        truth += [event(CAR, street.bay(rng, number=place), s, s + red_s) for s, place in stops]
    return Scene("lights", duration_s, street.far_first(things), street.ZONES, tuple(truth), fps=street.fps(rng))


def _moving_up(stops: list[tuple[float, float, Box]]) -> Path:
    """From place to place at an even pace in between."""

    def path(at_s: float) -> Box:
        first, last = stops[0], stops[-1]
        if at_s < first[0]:
            return street.visit(first[2], first[0], first[1])(at_s)
        if at_s >= last[0]:
            return street.visit(last[2], last[0], last[1])(at_s)
        for (_, end_s, here), (next_s, _, there) in pairwise(stops):
            if at_s < end_s:
                return here
            if at_s < next_s:
                return moved(here, (there.x0 - here.x0) * (at_s - end_s) / (next_s - end_s))
        return last[2]

    return path
