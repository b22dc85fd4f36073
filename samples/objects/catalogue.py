"""Which maker builds which label."""

from __future__ import annotations

import random
from collections.abc import Callable

import banners
import bikes
import canopies
import everyday
import laundry
import piles
import seats
import stalls
from build import Build

MAKERS: dict[str, Callable[[random.Random], Build]] = {
    "vendor_stall": stalls.vendor_stall,
    "banner": banners.banner,
    "hanging_laundry": laundry.hanging_laundry,
    "material_pile": piles.material_pile,
    "umbrella": canopies.umbrella,
    "two_wheeler": bikes.two_wheeler,
    "table_or_chair": seats.table_or_chair,
    "motor_vehicle": everyday.motor_vehicle,
    "person": everyday.person,
    "bin": everyday.bins,
    "exposed_garbage": everyday.exposed_garbage,
    "garbage_bag": everyday.garbage_bag,
}
