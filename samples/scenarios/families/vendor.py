"""A vendor who moves on by 5 m every minute, and one who stays."""

import numpy as np

from cvinspect.geometry import Box
from samples.scenarios.families import street
from samples.scenarios.scene import Path, Scene, Thing, event, moved

_STALL = (90.0, 80.0)
_EVERY_S = 60.0


def scene(rng: np.random.Generator) -> Scene:
    """Five metres are two stalls' lengths: the one who moves rests nowhere for the dwell of 180 s."""
    foot = street.PAVEMENT_Y
    first = Box(90, foot - _STALL[1], 90 + _STALL[0], foot)
    steps = int(rng.integers(3, 5))
    moving = Thing("vendor_stall", _moving_on(first, steps), street.look(rng), spans=((10, 10 + steps * _EVERY_S),))
    place = Box(1050, foot - _STALL[1], 1050 + _STALL[0], foot)
    start_s, end_s = float(rng.uniform(10, 60)), float(rng.uniform(300, 420))
    staying = Thing(
        "vendor_stall",
        street.visit(place, start_s, end_s, speed_px_s=40),
        street.look(rng),
        spans=((start_s, end_s + 9),),
    )
    truth = (event("street_vendor", place, start_s, end_s),)
    things = street.far_first([*street.traffic(rng, 600), moving, staying])
    return Scene("vendor", 600, things, street.ZONES, truth, fps=street.fps(rng))


def _moving_on(first: Box, steps: int) -> Path:
    """At rest for 54 s of each minute, walking for 6."""

    def path(at_s: float) -> Box:
        step, rest_s = divmod(max(at_s - 10, 0.0), _EVERY_S)
        walked = max(rest_s - 54, 0.0) / 6
        return moved(first, (min(step, steps) + walked) * 5 * street.PX_PER_M)

    return path
