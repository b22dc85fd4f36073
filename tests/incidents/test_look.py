import numpy as np
import pytest

from cvinspect.domain import Pixels
from cvinspect.geometry import Box
from cvinspect.incidents.look import PatchMatcher
from cvinspect.incidents.watch import OTHER_LOOK, SAME_LOOK
from tests.fakes import BAY, HEIGHT, WIDTH, Thing, painted, shifted

EYE = PatchMatcher()
WITH_CAR = painted([Thing()], 0)
EMPTY = painted([], 0)


def likeness(before: Pixels, after: Pixels, place: Box = BAY) -> float:
    one, other = EYE.look(before, place), EYE.look(after, place)
    assert one is not None
    assert other is not None
    return EYE.likeness(one, other)


def plain(gray: int) -> Pixels:
    return np.full((HEIGHT, WIDTH, 3), gray, np.uint8)


def test_a_look_is_a_small_patch_of_the_place() -> None:
    look = EYE.look(WITH_CAR, BAY)

    assert look is not None
    assert (look.shape, look.dtype) == ((24, 24, 3), np.dtype(np.float32))


def test_the_same_place_looks_the_same() -> None:
    assert likeness(WITH_CAR, WITH_CAR.copy()) == pytest.approx(1.0)


@pytest.mark.parametrize("seed", range(8))
def test_noise_leaves_a_place_as_it_looks(seed: int) -> None:
    noise = np.random.default_rng(seed).normal(0, 12, WITH_CAR.shape)
    noisy = np.clip(WITH_CAR + noise, 0, 255).astype(np.uint8)

    assert likeness(WITH_CAR, noisy) >= 0.9


@pytest.mark.parametrize(("gain", "offset"), [(0.5, 0), (0.4, 60), (0.8, 40), (0.6, -20)])
def test_another_light_leaves_a_place_as_it_looks(gain: float, offset: float) -> None:
    darker = np.clip(WITH_CAR * gain + offset, 0, 255).astype(np.uint8)

    assert likeness(WITH_CAR, darker) >= SAME_LOOK


def test_a_pole_that_shakes_a_little_leaves_a_place_as_it_looks() -> None:
    shaken = painted([Thing(shifted(BAY, 2, 1))], 0)

    assert likeness(WITH_CAR, shaken) >= SAME_LOOK


@pytest.mark.parametrize("seed", range(2, 12))
def test_another_thing_or_none_looks_different(seed: int) -> None:
    other = painted([Thing(paint=seed)], 0)

    assert likeness(WITH_CAR, other) < OTHER_LOOK
    assert likeness(other, EMPTY) < OTHER_LOOK


def test_flat_places_are_told_apart_by_their_colour() -> None:
    assert likeness(plain(100), plain(102)) >= 0.9
    assert likeness(plain(100), plain(180)) < OTHER_LOOK


def test_a_flat_place_and_a_textured_one_are_different() -> None:
    assert likeness(plain(100), WITH_CAR) < OTHER_LOOK
    assert likeness(WITH_CAR, plain(100)) < OTHER_LOOK


@pytest.mark.parametrize(
    "place",
    [Box(0, 0, 3, 50), Box(50, 50, 90, 52), Box(-80, 20, 2, 60), Box(WIDTH, 20, WIDTH + 50, 60), Box(0, 0, 0, 0)],
    ids=["narrow", "low", "left of the picture", "right of the picture", "empty"],
)
def test_nothing_can_be_told_of_a_place_of_a_few_pixels(place: Box) -> None:
    assert EYE.look(WITH_CAR, place) is None


def test_a_place_that_reaches_over_the_edge_is_judged_by_what_is_seen_of_it() -> None:
    over = Box(-30, 20, 60, 80)

    assert likeness(WITH_CAR, WITH_CAR, over) == pytest.approx(1.0)
