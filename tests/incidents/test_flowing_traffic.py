"""Many cars at one place, one after the other, are no parked car."""

import pytest

from cvinspect.geometry import Box
from cvinspect.incidents import Look
from cvinspect.incidents.look import PatchMatcher
from tests.fakes import BAY, Thing, moving, opened, play, shifted, violation

RED_S, GREEN_S = 25, 20


class Haze(PatchMatcher):
    """What it shows is half haze, which looks alike wherever it lies."""

    def __init__(self, share: float) -> None:
        self._share = share

    def likeness(self, before: Look, after: Look) -> float:
        """From the share of haze up to 1."""
        return self._share + (1 - self._share) * super().likeness(before, after)


def waiting(reds: int) -> list[Thing]:
    """Another car stands at the line at each red light; at green the next ones drive over the place."""
    things = []
    for number in range(reds):
        red_s = 5 + number * (RED_S + GREEN_S)
        green_s = red_s + RED_S
        things.append(Thing(stays=((red_s, green_s),), paint=10 + number))
        for at_s in range(green_s, green_s + GREEN_S - 2, 2):
            drives = moving(shifted(BAY, -70), px_s=70, from_s=at_s)
            things.append(Thing(drives, stays=((at_s, at_s + 2),), paint=100 + at_s))
    return things


@pytest.mark.parametrize("haze", [0.0, 0.4, 0.5, 0.6])
@pytest.mark.parametrize("fps", [2.0, 3.0])
def test_cars_that_wait_at_a_light_one_after_the_other_are_no_parked_car(fps: float, haze: float) -> None:
    rule, until_s = violation(dwell_s=120.0), 5 + 8 * (RED_S + GREEN_S)

    assert opened(play(waiting(8), rule, until_s=until_s, fps=fps, matcher=Haze(haze))) == []


@pytest.mark.parametrize("haze", [0.0, 0.4, 0.5, 0.6])
@pytest.mark.parametrize("fps", [2.0, 3.0])
def test_cars_that_follow_each_other_in_a_slow_lane_are_no_parked_car(fps: float, haze: float) -> None:
    """Every second another one is in the same place."""
    lane = [
        Thing(moving(shifted(BAY, -60), px_s=60, from_s=at_s), stays=((at_s, at_s + 3),), paint=at_s + 1)
        for at_s in range(60)
    ]

    assert opened(play(lane, violation(dwell_s=5.0), until_s=60, fps=fps, matcher=Haze(haze))) == []


@pytest.mark.parametrize("haze", [0.0, 0.5])
def test_a_car_that_is_parked_beside_traffic_is_still_raised(haze: float) -> None:
    parked = Thing(stays=((5, 300),))
    beside = [
        Thing(moving(Box(0, 80, 60, 120), px_s=60, from_s=at_s), stays=((at_s, at_s + 4),), paint=at_s)
        for at_s in range(10, 280, 5)
    ]
    [first] = opened(play([parked, *beside], violation(dwell_s=120.0), until_s=200, matcher=Haze(haze)))

    assert first.frame.media_s == pytest.approx(125, abs=4)
