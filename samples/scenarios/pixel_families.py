"""Families that are played from pixels: short scenes in the sample clip's street, seen by the shipped network."""

import math
from collections.abc import Callable, Mapping

import numpy as np

from cvinspect.evaluate.truth.truth_clip import TruthEvent
from samples.scenarios import pixel_street as street
from samples.scenarios.scene import Scene, Spans, Thing, View

_GAP_S = 60.0
"""Longer than any `gap_s`: what was not yet reported begins anew."""


def day(rng: np.random.Generator) -> Scene:
    """A car that stays, one that is gone after 8 s, a heap of rubbish, and traffic in front."""
    return _scene("day", rng, more=(street.parked(rng, 8.0, 16.0, scale=0.5, lasts_s=street.DURATION_S),))


def brightness(rng: np.random.Generator) -> Scene:
    """A cloud: within 6 s the picture loses half of its light, and has it back half a minute later."""
    begins_s, least = float(rng.uniform(20, 40)), float(rng.uniform(0.45, 0.6))

    def view(at_s: float) -> View:
        depth = min(max((at_s - begins_s) / 6, 0.0), 1.0, max((begins_s + 42 - at_s) / 6, 0.0))
        return View(gain=1 - (1 - least) * depth)

    return _scene("brightness", rng, view=view)


def night(rng: np.random.Generator) -> Scene:
    """A quarter to two fifths of the light, a noisy sensor, and headlights that sweep over the road."""
    dark = View(gain=float(rng.uniform(0.25, 0.4)), offset=8, grain=float(rng.choice([5.0, 7.0])))
    beams = [street.beam(float(at_s), float(rng.uniform(50, 110))) for at_s in np.cumsum(rng.exponential(12, size=6))]
    return _scene("night", rng, view=lambda _: dark, beams=tuple(beams))


def covered(rng: np.random.Generator) -> Scene:
    """The lens is covered for 10 to 30 s, before or after the car is due."""
    begins_s = float(rng.uniform(16, 45))
    ends_s = begins_s + float(rng.uniform(10, 30))
    cover = View(cover=int(rng.choice([4, 60, 200])))
    return _scene("covered", rng, view=lambda at_s: cover if begins_s <= at_s < ends_s else View())


def shaking(rng: np.random.Generator) -> Scene:
    """Gusts of 3 to 8 px all along."""
    reach_px, phase = float(rng.uniform(3, 8)), float(rng.uniform(0, 6))

    def view(at_s: float) -> View:
        gust = max(0.0, math.sin(at_s / 12 + phase)) * reach_px
        return View(dx_px=gust * math.sin(9.7 * at_s), dy_px=0.6 * gust * math.sin(7.1 * at_s))

    return _scene("shaking", rng, view=view)


def knocked(rng: np.random.Generator) -> Scene:
    """The picture jumps by 20 to 60 px and stays so, before or after the car is due."""
    at_once_s = float(rng.uniform(18, 50))
    angle, reach_px = float(rng.uniform(0, 2 * math.pi)), float(rng.uniform(20, 60))
    after = View(dx_px=reach_px * math.cos(angle), dy_px=0.4 * reach_px * math.sin(angle))
    return _scene("knocked", rng, view=lambda at_s: after if at_s >= at_once_s else View())


def restart(rng: np.random.Generator) -> Scene:
    """The connection is lost for 2 to 8 s: a new run with the same ledger."""
    lost_s = float(rng.uniform(14, 45))
    return _scene("restart", rng, breaks=((lost_s, lost_s + float(rng.uniform(2, 8))),))


def gap(rng: np.random.Generator) -> Scene:
    """Nothing is seen for a minute after car and heap are due; they are still there then, and no others."""
    lost_s = float(rng.uniform(42, 45))
    return _scene("gap", rng, breaks=((lost_s, lost_s + _GAP_S),), lasts_s=lost_s + _GAP_S + 25)


PIXEL_FAMILIES: Mapping[str, Callable[[np.random.Generator], Scene]] = {
    one.__name__: one for one in (day, brightness, night, covered, shaking, knocked, restart, gap)
}


def _scene(
    family: str,
    rng: np.random.Generator,
    *,
    view: Callable[[float], View] = lambda _: View(),
    breaks: Spans = (),
    beams: tuple[Thing, ...] = (),
    more: tuple[tuple[Thing, TruthEvent], ...] = (),
    lasts_s: float = street.DURATION_S,
) -> Scene:
    """A car that parks and a heap that is dumped, both for long enough; the car leaves in half of the scenes."""
    arrives_s, dumped_s = float(rng.uniform(6, 12)), float(rng.uniform(10, 20))
    leaves_s = float(rng.uniform(65, 72)) if rng.random() < 0.5 and not breaks else lasts_s
    staying = (
        street.parked(rng, arrives_s, leaves_s, lasts_s=lasts_s),
        street.dumped(dumped_s, lasts_s=lasts_s),
        *more,
    )
    things = [*(thing for thing, _ in staying), *street.traffic(rng, lasts_s)]
    return Scene(
        family,
        lasts_s,
        (*sorted(things, key=lambda thing: thing.path(max(thing.spans[0][0], 0.0) + 4.0).y1), *beams),
        (),
        tuple(truth for _, truth in staying),
        view=view,
        breaks=breaks,
        classes=street.JUDGED,
    )
