"""What the careful network may take of the machine: patrols share it alike, looks that a verdict needs do not ask."""

import heapq
import logging
import random
from collections.abc import Mapping

import pytest

from cvinspect.daemon import Durations
from cvinspect.daemon.careful_share import CarefulShare

PATROL_S = 10.0


class Clock:
    """What a test says."""

    def __init__(self) -> None:
        self.at_s = 1000.0

    def __call__(self) -> float:
        return self.at_s


def patrols(
    apart_s: Mapping[str, float], *, cores: float, look_s: float, until_s: float, wanted_s: float | None = None
) -> dict[str, list[float]]:
    """When each camera patrolled: they are sampled so many seconds apart; one look is wanted every `wanted_s`."""
    clock, chance = Clock(), random.Random(7)
    begin_s, share = clock.at_s, CarefulShare(cores=cores, seconds=clock)
    looked: dict[str, list[float]] = {camera: [] for camera in apart_s}
    queue = [(begin_s + chance.random() * step_s, camera) for camera, step_s in apart_s.items()]
    queue += [] if wanted_s is None else [(begin_s, "")]
    heapq.heapify(queue)
    while queue and queue[0][0] < begin_s + until_s:
        due_s, camera = heapq.heappop(queue)
        heapq.heappush(queue, (due_s + (apart_s.get(camera) or wanted_s or 1.0), camera))
        clock.at_s = max(clock.at_s, due_s)
        before_s = looked[camera][-1] if looked.get(camera) else begin_s - PATROL_S
        overdue_s = due_s - before_s - PATROL_S
        if camera == "" or (overdue_s >= 0 and share.grants_patrol(camera, overdue_s=overdue_s)):
            looked.get(camera, []).append(due_s)
            with share.look(camera or "wanted"):
                clock.at_s += look_s
    return looked


def longest_wait_s(looked: list[float], *, from_s: float, until_s: float) -> float:
    times = [one for one in looked if one >= from_s]
    return max(after - before for before, after in zip([from_s, *times], [*times, until_s], strict=True))


def test_where_there_is_room_every_camera_patrols_as_planned() -> None:
    looked = patrols({f"c{n}": 0.5 for n in range(5)}, cores=0.4, look_s=0.3, until_s=300)
    for times in looked.values():
        assert longest_wait_s(times, from_s=1030, until_s=1300) <= PATROL_S + 1.5


@pytest.mark.parametrize("rare_s", [0.5, 4.0, 12.0])
def test_of_forty_cameras_that_ask_for_more_than_there_is_none_starves(rare_s: float) -> None:
    """Also those that are sampled rarely, and so ask rarely. 40 looks of 0.3 s take 30 s of 0.4 cores."""
    apart_s = {f"c{n}": rare_s if n % 4 == 0 else 1.0 for n in range(40)}
    looked = patrols(apart_s, cores=0.4, look_s=0.3, until_s=400)
    waits_s = [longest_wait_s(times, from_s=1060, until_s=1400) for times in looked.values()]
    assert max(waits_s) < 30 + 2 * rare_s + 10
    counts = [len(times) for times in looked.values()]
    assert min(counts) > 0.6 * max(counts)
    assert 0.9 < sum(counts) * 0.3 / (0.4 * 400) < 1.1


def test_looks_that_are_wanted_come_before_patrols_and_patrols_go_on_with_what_is_left() -> None:
    looked = patrols({f"c{n}": 0.5 for n in range(10)}, cores=0.4, look_s=0.3, until_s=600, wanted_s=1.0)
    assert 0.7 < sum(map(len, looked.values())) * 0.3 / (0.1 * 600) < 1.3
    assert min(map(len, looked.values())) > 0


def test_a_debt_of_wanted_looks_is_made_up_for_within_bounds() -> None:
    clock = Clock()
    share = CarefulShare(cores=0.5, seconds=clock)
    for _ in range(1000):
        with share.look("gate"):
            clock.at_s += 1.0
    assert not share.grants_patrol("yard", overdue_s=0)
    clock.at_s += 61
    assert share.grants_patrol("yard", overdue_s=61)


def test_a_camera_that_connects_again_and_again_starves_no_other() -> None:
    """In each new run its first patrol is due at once."""
    clock = Clock()
    share = CarefulShare(cores=0.1, seconds=clock)
    granted = {"flaps": 0, "stays": 0}
    looked_s = clock.at_s
    for _ in range(400):
        clock.at_s += 1.0
        for camera in granted:
            overdue_s = 60.0 if camera == "flaps" else clock.at_s - looked_s - PATROL_S
            if overdue_s >= 0 and share.grants_patrol(camera, overdue_s=overdue_s):
                granted[camera] += 1
                looked_s = clock.at_s if camera == "stays" else looked_s
                with share.look(camera):
                    clock.at_s += 1.0
    assert granted["stays"] >= granted["flaps"] // 3 > 0


def test_what_looks_cost_is_told_by_camera_and_what_was_patrol() -> None:
    clock = Clock()
    share = CarefulShare(cores=0.4, seconds=clock)
    assert share.grants_patrol("gate", overdue_s=0.0)
    for cost_s in (0.25, 0.5):
        with share.look("gate"):
            clock.at_s += cost_s
    assert share.looks("gate") == Durations(2, 0.75, 0.5)
    assert share.patrols("gate") == 1
    assert (share.looks("yard"), share.patrols("yard")) == (Durations(), 0)


def test_a_look_that_fails_is_paid_for_all_the_same() -> None:
    clock = Clock()
    share = CarefulShare(cores=0.4, seconds=clock)

    def look() -> None:
        with share.look("gate"):
            clock.at_s += 50
            raise OSError("gone")

    with pytest.raises(OSError, match="gone"):
        look()
    assert share.looks("gate") == Durations(1, 50.0, 50.0)
    assert not share.grants_patrol("gate", overdue_s=0.0)


def test_patrols_that_come_minutes_late_are_told_once_an_hour(caplog: pytest.LogCaptureFixture) -> None:
    clock = Clock()
    share = CarefulShare(cores=0.001, seconds=clock)
    with share.look("gate"):
        clock.at_s += 50
    with caplog.at_level(logging.WARNING):
        for overdue_s in range(0, 7000, 10):
            clock.at_s += 10
            share.grants_patrol("gate", overdue_s=float(overdue_s))
    assert [line.partition(";")[0] for line in caplog.messages] == [
        "the careful network is behind: camera gate has waited 120 s for a patrol",
        "the careful network is behind: camera gate has waited 3720 s for a patrol",
    ]
