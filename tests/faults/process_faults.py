"""What is done to the process: killed at any moment, told to end or to read its configuration again, its clock set."""

import time
from collections.abc import Sequence
from functools import partial
from random import Random

from tests.dispatch.http_server import hangs
from tests.faults.house import House
from tests.faults.painted import Scene, scene_of, scene_of_bicycles
from tests.faults.scoring import Span
from tests.faults.stand import RECOVERED_S, Outcome, Spot, Stand, delivered, disturb, finish, wait, whole

_SETTLED_S = 9.0
"""Long enough for what stands there in the end to be found."""
_BACK_S = 60.0
"""For a daemon to start, on a machine that is busy."""


def killed(stand: Stand) -> list[Outcome]:
    """kill -9 at random moments, as it starts too, each time on the same data."""
    return [kill_often(stand, "kill -9", 200 if stand.is_long else 12)]


def kill_often(stand: Stand, fault: str, times: int, *, address: str | None = None) -> Outcome:
    """With the ledger in a file, or in the database at that address."""
    random, name = Random(5), "killed-process" if address is None else "killed-process-server"
    scenes = _scenes(stand)
    with stand.spots("one", "two", scenes=scenes) as spots, stand.house(name, spots, address=address) as house:
        house.start()
        house.until_inspected()
        began_s, kills = time.time(), list[Span]()
        for _ in range(times):
            wait(random.uniform(0.05, 2.0) if random.random() < 0.25 else random.uniform(2.0, 8.0))
            kill_s = time.time()
            house.kill()
            kills.append(Span(kill_s, time.time()))
            house.start()
        house.until_inspected(within_s=_BACK_S)
        wait(_SETTLED_S)
        seen = Span(began_s, time.time())
        wrong = finish(house, spots)
        disturbed = {spot.camera: _away(house, spot.camera, kills) for spot in spots}
        recoveries_s = [_since_the_last(span, kills) for spans in disturbed.values() for span in spans]
        found = whole(house, spots, disturbed, seen)
        return Outcome(fault, times, found, delivered(house), tuple(recoveries_s), tuple(wrong))


def unreadable(stand: Stand) -> list[Outcome]:
    """What is stored of one camera's ledger cannot be read at a start: it is watched all the same, as is the other."""
    with stand.spots("one", "two") as spots, stand.house("unreadable", spots) as house:
        house.start()
        house.until_inspected()
        began_s = time.time()
        wait(_SETTLED_S)
        house.kill()
        killed_s = time.time()
        house.write("UPDATE ledgers SET document = 'no ledger' WHERE camera_id = 'one'")
        house.start()
        took_s = house.until_inspected(within_s=_BACK_S)
        wait(2 * _SETTLED_S)
        seen = Span(began_s, time.time())
        faults = finish(house, spots)
        faults += [] if "ledgers_set_aside" in house.log else ["the log does not say what was set aside"]
        kept = house.rows("SELECT camera_id, document FROM ledgers_set_aside")
        faults += [] if kept == [("one", "no ledger")] else [f"set aside: {kept}"]
        back_s = max(house.seen_again_s(name, killed_s) or time.time() for name in ("one", "two"))
        # Dwells that had begun before one camera are begun anew: nothing is owed of the time before.
        away = {"one": [Span(0.0, back_s)], "two": _away(house, "two", [Span(killed_s, killed_s)])}
        found = whole(house, spots, away, seen)
        return [Outcome("ledger of one camera unreadable", 1, found, delivered(house), (took_s,), tuple(faults))]


def _scenes(stand: Stand) -> list[Scene]:
    return [scene_of(0, period_s=stand.period_s), scene_of_bicycles(period_s=stand.period_s)]


def _away(house: House, camera: str, ends: Sequence[Span]) -> list[Span]:
    """From each end of a process until the camera was inspected again; ends before that lie within."""
    spans: list[Span] = []
    for end in ends:
        again_s = house.seen_again_s(camera, end.until_s)
        until_s = time.time() if again_s is None else again_s
        if not spans or end.from_s > spans[-1].until_s:
            spans.append(Span(end.from_s, until_s))
    return spans


def _since_the_last(away: Span, ends: Sequence[Span]) -> float:
    """Seconds from the last end within, of which it came back."""
    return away.until_s - max(end.until_s for end in ends if end.until_s <= away.until_s)


def ended(stand: Stand) -> list[Outcome]:
    """SIGTERM while all is well, while a sink hangs, while a camera says nothing; started again each time."""
    times = 5 if stand.is_long else 1
    with stand.spots("well", "silent") as spots, stand.house("ended", spots) as house:
        well, silent = spots
        house.start()
        house.until_inspected()
        began_s, ends, wrong, took = time.time(), list[Span](), list[str](), list[float]()
        for _ in range(times):
            for trouble in ("none", "sink", "camera"):
                _begin(trouble, house, silent)
                wait(6.0)
                end_s = time.time()
                took_s, code = house.terminate()
                ends.append(Span(end_s, time.time()))
                took.append(took_s)
                if code != 0 or took_s > RECOVERED_S:
                    wrong.append(f"SIGTERM with trouble {trouble}: exit code {code} after {took_s:.1f} s")
                _end(trouble, house, silent)
                house.start()
                house.until_inspected(within_s=_BACK_S)
        wait(_SETTLED_S)
        seen = Span(began_s, time.time())
        wrong += finish(house, spots)
        found = whole(house, [well], {well.camera: _away(house, well.camera, ends)}, seen)
        return [Outcome("SIGTERM", len(ends), found, delivered(house), tuple(took), tuple(wrong), "time to end")]


def _begin(trouble: str, house: House, spot: Spot) -> None:
    match trouble:
        case "sink":
            house.receive(hangs)
        case "camera":
            spot.relay.hold()


def _end(trouble: str, house: House, spot: Spot) -> None:
    match trouble:
        case "sink":
            house.receive()
        case "camera":
            spot.relay.go_on()


def clock_stepped(stand: Stand) -> list[Outcome]:
    """The wall clock is set by hours, forth and back, while one of the cameras is away."""
    steps_s = (7200.0, -10_800.0, 0.0) * (10 if stand.is_long else 1)
    scenes = _scenes(stand)
    with stand.spots("one", "two", scenes=scenes) as spots, stand.house("clock", spots) as house:
        calm, torn = spots
        house.start()
        house.until_inspected()
        began_s, disturbed = time.time(), list[Span]()
        for ahead_s in steps_s:
            wait(8.0)
            disturbed.append(disturb(house, torn, partial(_away_at_the_step, house, torn, ahead_s))[0])
        wait(_SETTLED_S)
        seen = Span(began_s, time.time())
        connected = house.views[calm.camera][-1].connections
        wrong = finish(house, spots)
        faults = wrong if connected == 1 else [*wrong, f"connected {connected} times"]
        found = whole(house, spots, {torn.camera: disturbed}, seen)
        return [Outcome("clock stepped", len(steps_s), found, delivered(house), faults=tuple(faults))]


def _away_at_the_step(house: House, spot: Spot, ahead_s: float) -> None:
    spot.relay.refuse()
    house.until(lambda: "up" not in house.views[spot.camera][-1].states, within_s=_BACK_S, what=f"{spot.camera} gone")
    house.step_clock(ahead_s)
    spot.relay.accept()


def reloaded(stand: Stand) -> list[Outcome]:
    """SIGHUP: a broken configuration, then a wrong password mended; the other camera is not interrupted."""
    with stand.spots("calm") as calm, stand.spots("locked") as locked:
        spots = [*calm, *locked]
        locked[0].server.admit("inspector", "right password")
        environ = {"WRONG": "inspector:wrong password", "RIGHT": "inspector:right password"}
        with stand.house("reloaded", spots, environ=environ) as house:
            house.cameras["locked"]["credentials_env"] = "WRONG"
            house.write_config()
            house.start()
            house.until_inspected(["calm"])
            began_s, faults = time.time(), []
            wait(5.0)
            if house.views["locked"][-1].inspected:
                faults.append("a camera was inspected with a wrong password")
            faults += _refused(house)
            house.cameras["locked"]["credentials_env"] = "RIGHT"
            house.write_config()
            reloaded_s = time.time()
            house.reload()
            took_s = house.until_inspected(["locked"], within_s=_BACK_S)
            away = Span(began_s, reloaded_s + took_s)
            wait(2 * _SETTLED_S)
            seen = Span(began_s, time.time())
            if house.views["calm"][-1].connections != 1:
                faults.append("the other camera was interrupted")
            faults += finish(house, spots)
            faults += [f"the log holds {word!r}" for word in ("right password", "wrong password") if word in house.log]
            found = whole(house, spots, {"locked": [away]}, seen)
            return [Outcome("wrong password, reloaded", 1, found, delivered(house), (took_s,), tuple(faults))]


def _refused(house: House) -> list[str]:
    """A broken configuration is refused, and the cameras go on."""
    (house.folder / "site.yaml").write_text("cameras: [{id: calm, sauce: nowhere}]\n")
    house.reload()
    house.until(lambda: house.ask("/health")["reload_error"] is not None, within_s=10, what="refused")
    house.until_inspected(["calm"], within_s=10)
    return [] if "sauce" in house.ask("/health")["reload_error"] else ["the refusal does not say what is wrong"]
