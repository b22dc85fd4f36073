"""Who is where at which second. Pure functions of time: no state, so any frame can be made alone.

Poses are in metres and radians on the ground plane; `None` means: not in the scene."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

LENGTH_S = 60.0
RATE_HZ = 12.5
KERB_X_M, LANE_X_M = 1.3, 3.65
CRUISE_M_S, BRAKE_S, START_M_S2 = 11.0, 4.4, 2.6
A_Y_M, A_REST_S = 9.4, 7.04
B_Y_M, B_REST_S, B_GO_S = 19.2, 13.6, 20.0
C_PASS_S = 39.0
"""When the third car passes y = 20 m."""
THROW_S, FLIGHT_S, CLUMPS = 26.4, 0.56, 12
THROW_EVERY_S = 0.28
HEAP_AT_M = (-2.9, 8.3)
HEAP_REST_S = THROW_S + THROW_EVERY_S * (CLUMPS - 1) + FLIGHT_S
DOOR_AT_M = (-5.45, 8.75)
KEEPER_IN_S, KEEPER_OUT_S = 24.6, 32.6
WALK_FROM_S, WALK_M_S = 41.0, 1.42
WALK_PATH_M = ((-6.3, 21.6), (-4.6, 21.6), (-1.6, 20.5), (-1.4, 12.0), (-1.1, 7.6), (-3.5, 3.4))


@dataclass(frozen=True, slots=True)
class Pose:
    """Place on the ground; heading, 0 is +x, counter-clockwise; way travelled (turns wheels and legs)."""

    x: float
    y: float
    heading: float
    travelled: float
    z: float = 0.0


def _ease(share: float) -> float:
    share = min(1.0, max(0.0, share))
    return share * share * (3 - 2 * share)


def _kerb_car(t: float, rest_y: float, rest_s: float, go_s: float) -> Pose | None:
    """A car that comes down the lane, stops at the kerb and, at `go_s`, leaves again."""

    def y_at(s: float) -> float:
        left = rest_s - s
        if left > BRAKE_S:
            return rest_y + CRUISE_M_S * (BRAKE_S / 2 + left - BRAKE_S)
        if left > 0:
            return rest_y + CRUISE_M_S * left * left / (2 * BRAKE_S)
        return rest_y - START_M_S2 * max(0.0, s - go_s) ** 2 / 2

    def x_at(y: float) -> float:
        away = _ease((y - rest_y - 0.8) / 10.0) if y > rest_y else _ease((rest_y - 0.2 - y) / 7.5)
        return KERB_X_M + (LANE_X_M - KERB_X_M) * away

    y = y_at(t)
    if not -8 < y < 66:
        return None
    heading = math.atan2(-0.1, x_at(y - 0.05) - x_at(y + 0.05))
    return Pose(x_at(y), y, heading, 66 - y)


def car_a(t: float) -> Pose | None:
    """Parks for good."""
    return _kerb_car(t, A_Y_M, A_REST_S, math.inf)


def car_b(t: float) -> Pose | None:
    """Stops for a few seconds only."""
    return _kerb_car(t, B_Y_M, B_REST_S, B_GO_S)


def car_c(t: float) -> Pose | None:
    """Drives through."""
    y = 20 - CRUISE_M_S * (t - C_PASS_S)
    return Pose(LANE_X_M, y, -math.pi / 2, 66 - y) if -8 < y < 66 else None


def walker(t: float) -> Pose | None:
    """Comes out of the barber's door and walks past everything, out of the picture."""
    way = WALK_M_S * (t - WALK_FROM_S)
    if way < 0:
        return None
    here, ahead = _along(way), _along(way + 0.5)
    if here is None or ahead is None:
        return None
    behind = _along(max(0.0, way - 0.3)) or here
    return Pose(*here, math.atan2(ahead[1] - behind[1], ahead[0] - behind[0]), way)


def _along(way: float) -> tuple[float, float] | None:
    for (x0, y0), (x1, y1) in pairwise(WALK_PATH_M):
        length = math.hypot(x1 - x0, y1 - y0)
        if way <= length:
            share = way / length
            return (x0 + (x1 - x0) * share, y0 + (y1 - y0) * share)
        way -= length
    return None


def keeper(t: float) -> Pose | None:
    """The shopkeeper who throws the rubbish out: steps out of the dark doorway and back in."""
    if not KEEPER_IN_S <= t < KEEPER_OUT_S:
        return None
    out = _ease((t - KEEPER_IN_S) / 1.6) * (1 - _ease((t - KEEPER_OUT_S + 1.6) / 1.6))
    turned = _ease((t - KEEPER_OUT_S + 2.4) / 0.8)
    return Pose(DOOR_AT_M[0] - 0.75 + 1.2 * out, DOOR_AT_M[1], math.pi * turned, 1.2 * out)


def keeper_arms(t: float) -> float:
    """How far the arms are raised, in radians: one swing for each clump."""
    since = t - THROW_S
    if not -0.3 < since < THROW_EVERY_S * CLUMPS:
        return 0.1
    return 0.5 + 0.9 * max(0.0, math.cos(2 * math.pi * since / THROW_EVERY_S))


def clump_flight(k: int, t: float) -> tuple[float, float, float, float] | None:
    """Where clump `k` is, measured from its place in the heap, and how far it has spread: 0.25 to 1."""
    share = (t - THROW_S - THROW_EVERY_S * k) / FLIGHT_S
    if share < 0:
        return None
    share = min(1.0, share)
    back = 1 - share
    dx, dy = DOOR_AT_M[0] + 0.75 - HEAP_AT_M[0], DOOR_AT_M[1] - HEAP_AT_M[1]
    return (dx * back, dy * back, 0.9 * back + 1.6 * share * back, 0.25 + 0.75 * share)
