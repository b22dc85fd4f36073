"""What cameras and networks do, each to a camera of its own, all at the same time in one daemon."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from random import Random

from tests.faults.house import House
from tests.faults.painted import BIKE, SIZE, Thing, scene_of
from tests.faults.scoring import Span, found_in
from tests.faults.stand import Outcome, Spot, Stand, delivered, disturb, finish, scored, wait

_PAUSE_S = 12.0
"""Between two faults of one camera."""
_LAST_S = 9.0
"""After the last one: what came while a camera was away is seen for its dwell."""
_BIKE_COMES_S = 34.0
_BIKE_SEEN_S = 5.0

Fault = Callable[[Spot], None]


def _faults(stand: Stand) -> dict[str, Fault]:
    """By camera. Each returns when the camera is back."""
    long = stand.is_long

    def stalled(seconds: float) -> Fault:
        return lambda spot: _between(spot.relay.hold, seconds, spot.relay.go_on)

    def silent(spot: Spot) -> None:
        spot.relay.hold()
        _between(spot.relay.cut, 20 if long else 10, spot.relay.go_on)

    def away(spot: Spot) -> None:
        spot.server.unmount(spot.path)
        _between(spot.relay.cut, 20 if long else 8, spot.mount)

    return {
        "killed": lambda spot: _between(spot.server.kill, 20 if long else 6, spot.server.start),
        "stalled-3-s": stalled(3),
        "stalled-long": stalled(60 if long else 12),
        "refused": lambda spot: _between(spot.relay.refuse, 30 if long else 8, spot.relay.accept),
        "wrong-mount": away,
        "silent": silent,
        "half-open": lambda spot: _between(spot.relay.lose, 30 if long else 11, spot.relay.find),
        "garbage": _garbage,
        "resized": _resizer(stand),
    }


def _between(begin: Callable[[], None], seconds: float, end: Callable[[], None]) -> None:
    begin()
    wait(seconds)
    end()


def _garbage(spot: Spot) -> None:
    spot.relay.damage(15)
    wait(1.0)
    spot.relay.inject(Random(4).randbytes(60_000))
    wait(0.5)


def _resizer(stand: Stand) -> Fault:
    sizes: dict[str, bool] = {}

    def resize(spot: Spot) -> None:
        is_large = sizes[spot.camera] = not sizes.get(spot.camera, False)
        spot.show(stand.clip(spot.scene, size=(2 * SIZE[0], 2 * SIZE[1]) if is_large else SIZE))

    return resize


def cameras(stand: Stand) -> list[Outcome]:
    """Every fault of a camera; one more camera to which nothing is done."""
    faults, times = _faults(stand), 10 if stand.is_long else 1
    names = [*faults, "absent", "untouched"]
    scenes = [scene_of(number % 3, period_s=stand.period_s) for number in range(len(names))]
    bike = Thing(BIKE, 7, _BIKE_COMES_S, 0.0, 3)
    scenes[-2] = replace(
        # What comes again some minutes later, looking the same, is the same incident: one stay in all this time.
        scene_of(40, period_s=900.0 if stand.is_long else 120.0),
        things=(replace(bike, goes_s=220.0 if stand.is_long else 100.0),),
    )
    stand.clip(scenes[names.index("resized")], size=(2 * SIZE[0], 2 * SIZE[1]))
    with ExitStack() as stack:
        lonely = stack.enter_context(stand.spots("killed", scenes=scenes[:1]))
        spots = [*lonely, *stack.enter_context(stand.spots(*names[1:], scenes=scenes[1:]))]
        house = stack.enter_context(stand.house("cameras", spots))
        house.start()
        house.until_inspected()
        began_s = time.time()
        with ThreadPoolExecutor(len(spots)) as pool:
            running = {
                spot.camera: pool.submit(_trouble, house, spot, faults[spot.camera], times)
                for spot in spots
                if spot.camera in faults
            }
            running["absent"] = pool.submit(_absent, house, spots[-2], 90.0 if stand.is_long else 15.0)
            done = {name: one.result() for name, one in running.items()}
        seen = Span(began_s, time.time())
        connections = {name: views[-1].connections for name, views in house.views.items()}
        wrong = finish(house, spots)
        scores = scored(house, spots, {name: spans for name, (spans, _) in done.items()}, seen)
        outcomes = [Outcome(name, len(done[name][1]), scores[name], recoveries_s=tuple(done[name][1])) for name in done]
        calm = [] if connections["untouched"] == 1 else [f"untouched: connected {connections['untouched']} times"]
        outcomes.append(Outcome("untouched", 0, scores["untouched"], delivered(house), faults=(*wrong, *calm)))
        return [replace(one, faults=_carried(house, one)) if one.fault == "absent" else one for one in outcomes]


def _trouble(house: House, spot: Spot, fault: Fault, times: int) -> tuple[list[Span], list[float]]:
    """The fault, again and again; when nothing is owed, and the seconds to recover."""
    spans, recoveries_s = [], []
    for _ in range(times):
        wait(_PAUSE_S)
        span, took_s = disturb(house, spot, lambda: fault(spot))
        spans.append(span)
        recoveries_s.append(took_s)
    wait(_LAST_S)
    return spans, recoveries_s


def _absent(house: House, spot: Spot, away_s: float) -> tuple[list[Span], list[float]]:
    """Away in the middle of a dwell, by less than its grace."""
    wait(_BIKE_COMES_S + _BIKE_SEEN_S - spot.scene_s)
    span, took_s = disturb(house, spot, lambda: _between(spot.relay.refuse, away_s, spot.relay.accept))
    wait(_LAST_S)
    return [span], [took_s]


def _carried(house: House, outcome: Outcome) -> tuple[str, ...]:
    """The dwell of what stood there before, during and after an absence counts from when it came."""
    dwells_s = [one.dwell_s for one in found_in(house) if one.camera == "absent"]
    if outcome.score.starved_s and not dwells_s:
        return ()
    return () if [one > _BIKE_SEEN_S + 12 for one in dwells_s] == [True] else (f"absent: dwells of {dwells_s} s",)
