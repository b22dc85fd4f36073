"""Patrols share what the careful network may take; looks that are wanted do not wait."""

from itertools import pairwise

import pytest
from pydantic import ValidationError

from cvinspect.config.daemon import WatchConfig
from cvinspect.daemon.careful_share import CarefulShare

LOOK_S = 0.4


class Clock:
    """Set by hand."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def patrolled(cameras: int, *, share: float, threads: int, minutes: float, period_s: float = 10.0) -> list[list[float]]:
    """When each camera was looked at; all ask twice a second, always in the same order."""
    clock = Clock()
    bucket = CarefulShare(share, threads, seconds=clock)
    allowances = [bucket.of(str(number)) for number in range(cameras)]
    looked: list[list[float]] = [[] for _ in range(cameras)]
    due_s = [0.0] * cameras
    for step in range(round(minutes * 120)):
        clock.now_s = step / 2
        for number, allowance in enumerate(allowances):
            overdue_s = clock.now_s - due_s[number]
            if overdue_s >= 0 and allowance.grants_patrol(overdue_s=overdue_s):
                bucket.spend(LOOK_S)
                looked[number].append(clock.now_s)
                due_s[number] = clock.now_s + period_s
    return looked


def test_forty_cameras_share_what_there_is_and_none_starves() -> None:
    looked = patrolled(40, share=0.2, threads=2, minutes=10)
    counts = [len(one) for one in looked]
    assert max(counts) - min(counts) <= 2
    assert sum(counts) * LOOK_S <= 0.4 * 600 + 5 + LOOK_S
    longest = max(after - before for one in looked for before, after in pairwise(one[2:]))
    assert longest <= 1.5 * 40 * LOOK_S / 0.4


def test_few_cameras_are_patrolled_as_planned() -> None:
    looked = patrolled(4, share=0.2, threads=2, minutes=5)
    assert all(abs(len(one) - 30) <= 1 for one in looked)


def test_looks_that_are_wanted_are_paid_for_by_patrols() -> None:
    clock = Clock()
    bucket = CarefulShare(0.2, 2, seconds=clock)
    allowance = bucket.of("gate")
    for _ in range(20):
        with allowance.look():
            clock.now_s += 1.0
    assert allowance.spent.count == 20
    assert allowance.spent.total_s == pytest.approx(20.0)
    assert not allowance.grants_patrol(overdue_s=100.0)
    clock.now_s += 40.0
    assert allowance.grants_patrol(overdue_s=140.0)


def test_a_camera_that_is_away_holds_nobody_up() -> None:
    clock = Clock()
    bucket = CarefulShare(0.2, 1, seconds=clock)
    bucket.spend(5.0)
    assert not bucket.grants_patrol("away", 1000.0)
    clock.now_s += 3.0
    assert not bucket.grants_patrol("here", 1.0)
    clock.now_s += 3.0
    assert bucket.grants_patrol("here", 4.0)


@pytest.mark.parametrize(
    ("share", "says"), [(0, "careful: none"), (1, "under 1"), (-0.1, "careful: none"), (2, "under 1")]
)
def test_all_or_nothing_is_refused(share: float, says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        WatchConfig(careful_share=share)
