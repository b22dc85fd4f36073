"""Pictures in which nothing has changed are not looked at, and what that would miss is counted."""

import numpy as np
import pytest

from cvinspect.detect.gate import ChangeGate, GateCounts
from cvinspect.domain import Detection, Pixels
from cvinspect.geometry import Box
from cvinspect.modes import Gate
from tests.fakes import detection, texture

STREET = texture(3, 1920, 1080)
CAR = detection(Box(100, 100, 200, 180))


class Scripted:
    """Says one thing after the other."""

    def __init__(self, *answers: list[Detection]) -> None:
        self.answers = list(answers)
        self.looks = 0

    def detect(self, pixels: Pixels) -> list[Detection]:
        self.looks += 1
        return self.answers.pop(0) if self.answers else [CAR]


def gate(mode: Gate = Gate.UNCHANGED) -> ChangeGate:
    return ChangeGate(mode, thresholds={"motor_vehicle": 0.5})


def looked_at(
    pictures: list[Pixels], *, detector: Scripted | None = None, apart_s: float = 0.5, mode: Gate = Gate.UNCHANGED
) -> tuple[list[list[Detection]], int, GateCounts]:
    detector, one = detector or Scripted(), gate(mode)
    found = [
        one.detections(None, detector, pixels, at_s=i * apart_s, may_rest=True) for i, pixels in enumerate(pictures)
    ]
    return found, detector.looks, one.counts


def noisy(seed: int, levels: float = 3.0) -> Pixels:
    noise = np.random.default_rng(seed).normal(0, levels, STREET.shape)
    return np.clip(STREET + noise, 0, 255).astype(np.uint8)


def with_patch(x: int, y: int, side: int, levels: int) -> Pixels:
    pixels = np.minimum(STREET, 255 - levels)
    pixels[y : y + side, x : x + side] += np.uint8(levels)
    return pixels


def test_a_still_street_is_looked_at_once_and_shows_the_same_things_however_noisy() -> None:
    found, looks, counts = looked_at([noisy(seed) for seed in range(6)])

    assert looks == 1
    assert found == [[CAR]] * 6
    assert counts == GateCounts(seen=6, left_out=5)


@pytest.mark.parametrize("x", range(800, 816, 5))
@pytest.mark.parametrize("y", range(500, 516, 5))
def test_something_small_that_came_opens_it_wherever_it_stands(x: int, y: int) -> None:
    _, looks, _ = looked_at([with_patch(0, 0, 0, 25), with_patch(x, y, 24, 25)])

    assert looks == 2


@pytest.mark.parametrize("side", [(1079, 1919), (20, 20), (1, 1)])
def test_the_last_pixels_belong_to_it_too_and_pictures_may_be_tiny(side: tuple[int, int]) -> None:
    height, width = side
    before = np.zeros((height, width, 3), np.uint8)
    after = before.copy()
    after[-24:, -24:] = 200

    assert looked_at([before, before, after])[1] == 2


def test_what_changes_slowly_opens_it_too() -> None:
    # Each is like the one before; none is compared with that, but with the one that was looked at.
    dawn = [np.full((1080, 1920, 3), level, np.uint8) for level in range(100, 116, 2)]

    assert looked_at(dawn)[1] == 3


def test_after_ten_seconds_it_is_looked_at_all_the_same() -> None:
    assert looked_at([STREET] * 11, apart_s=2.0)[1] == 3


def test_while_something_is_pending_every_picture_is_looked_at() -> None:
    detector, one = Scripted(), gate()

    for i in range(5):
        one.detections(None, detector, STREET, at_s=i / 2, may_rest=False)

    assert detector.looks == 5


def test_another_run_or_another_size_is_looked_at() -> None:
    detector, one = Scripted(), gate()

    for at_s, pixels in ((8.0, STREET), (0.0, STREET), (0.5, STREET[:720, :1280])):
        one.detections(None, detector, pixels, at_s=at_s, may_rest=True)

    assert detector.looks == 3


def test_one_in_twenty_is_audited_and_what_it_shows_is_taken() -> None:
    came = [CAR, detection(Box(500, 100, 600, 180))]
    found, looks, counts = looked_at([STREET] * 25, detector=Scripted([CAR], came), apart_s=0.3)

    assert (looks, counts) == (2, GateCounts(seen=25, left_out=23, audited=1, missed=1))
    assert found[-1] == came


def test_under_audit_everything_is_looked_at_and_misses_are_counted_as_if_not() -> None:
    faint = detection(Box(500, 100, 600, 180), confidence=0.4)
    sure = detection(Box(500, 100, 600, 180), confidence=0.6)
    answers = [[CAR], [CAR], [CAR, faint], [CAR, sure], [], [CAR, sure]]

    found, looks, counts = looked_at([STREET] * 6, detector=Scripted(*answers), mode=Gate.AUDIT)

    assert (found, looks) == (answers, 6)
    assert counts == GateCounts(seen=6, audited=5, missed=2)
    assert str(counts) == ("0 of 6 samples not looked at; 5 unchanged ones looked at all the same, something new in 2")
