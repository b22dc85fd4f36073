"""Zones that overlap: one thing in several of them is still one violation."""

import numpy as np

from cvinspect.domain import Zone
from cvinspect.geometry import Box
from samples.scenarios.families import street
from samples.scenarios.scene import Scene, Thing, at, event

CAR = "illegal_parking_motor"

_WIDE = ((0.0, 0.25), (1.0, 0.25), (1.0, 0.85), (0.0, 0.85))


def scene(rng: np.random.Generator) -> Scene:
    """Three no-parking zones over each other, and a stall that lies before a shop and where vending is forbidden.

    Such a stall is the shop's: vending yields to it (`violations.yaml`).
    """
    extra = (Zone("kerb-2", "no_parking", _WIDE), Zone("kerb-3", "no_parking", street.KERB.polygon))
    shop = Zone("shop", "shop_front", ((0.5, 0.3), (1.0, 0.3), (1.0, 0.5), (0.5, 0.5)))
    place, stall = street.bay(rng, number=1), Box(900, street.PAVEMENT_Y - 80, 990, street.PAVEMENT_Y)
    start_s, end_s = float(rng.uniform(15, 60)), float(rng.uniform(400, 600))
    things = [
        *street.traffic(rng, 900),
        street.parked("motor_vehicle", place, start_s, end_s, rng),
        Thing("vendor_stall", at(stall), street.look(rng), spans=((10, 790),)),
    ]
    truth = (event(CAR, place, start_s, end_s), event("out_of_store_operation", stall, 10, 790))
    zones = (*street.ZONES, *extra, shop)
    return Scene("zones", 900, street.far_first(things), zones, truth, fps=street.fps(rng))
