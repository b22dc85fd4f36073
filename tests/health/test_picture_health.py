"""Frozen, black, blurred, moved: on coded pictures where coding matters, and on real clips where they are at hand."""

from collections.abc import Callable, Iterable, Iterator
from functools import cache
from itertools import count
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from cvinspect.domain import Pixels
from cvinspect.health import HealthState
from cvinspect.health.picture import PictureHealth
from cvinspect.opencv import cv2
from cvinspect.sources.recorded.video import open_video
from cvinspect.views import Why
from cvinspect.views.watch import ViewWatch
from tests import clips
from tests.fakes import frame, texture

FOOTAGE = Path(__file__).parents[2] / ".." / "shared" / "footage"
WIDTH, HEIGHT = 640, 360
STEP_S = 2.0
"""Between two pictures."""


@cache
def _city() -> Pixels:
    """Walls with windows, lines on the road, something at every scale."""
    picture = texture(7, 2 * WIDTH, 2 * HEIGHT).copy()
    rng = np.random.default_rng(3)
    for x, y, w, h in rng.integers((0, 0, 8, 8), (2 * WIDTH, 2 * HEIGHT, 60, 60), (500, 4)).tolist():
        cv2.rectangle(picture, (x, y), (x + w, y + h), rng.integers(0, 255, 3).tolist(), -1)
    return picture


def street(*, right_px: int = 0, down_px: int = 0) -> Pixels:
    """A part of the city, seen from so many pixels further on."""
    top, left = 100 + down_px, 200 + right_px
    return _city()[top : top + HEIGHT, left : left + WIDTH]


@cache
def _noise(levels: float) -> NDArray[np.int16]:
    noise = np.random.default_rng(1).normal(0, levels, (2 * HEIGHT, 2 * WIDTH, 1))
    return np.repeat(np.rint(noise).astype(np.int16), 3, axis=2)


def noisy(pixels: Pixels, seed: int, *, levels: float = 2.0) -> Pixels:
    """As a sensor sees it."""
    height, width = pixels.shape[:2]
    top, left = seed * 37 % HEIGHT, seed * 101 % WIDTH
    noise = np.ascontiguousarray(_noise(levels)[top : top + height, left : left + width])
    return np.asarray(cv2.add(np.ascontiguousarray(pixels), noise, dtype=cv2.CV_8U), np.uint8)


class Watched:
    """A camera's health with a clock of its own."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self.health = PictureHealth(seconds=lambda: self.now_s)
        self.views = ViewWatch()

    def sees(self, pictures: Iterable[Pixels]) -> "Watched":
        for pixels in pictures:
            self.health.see(frame(self.now_s, pixels), self.views.see(pixels, self.now_s))
            self.now_s += STEP_S
        return self

    @property
    def states(self) -> set[HealthState]:
        return set(self.health.states)


_seeds = count()


def lasting(pixels: Pixels, for_s: float) -> Iterator[Pixels]:
    return (noisy(pixels, next(_seeds)) for _ in range(round(for_s / STEP_S)))


def coded(path: Path, picture: Callable[[int], Pixels], *, for_s: int, crf: int) -> list[Pixels]:
    """As an encoder with a key frame every 8 s leaves it."""
    options = {"crf": str(crf), "g": "16", "bf": "0", "preset": "veryfast"}
    clips.encode(path, size=(WIDTH, HEIGHT), fps=2, ticks=range(2 * for_s), picture=picture, options=options)
    source = open_video(path, camera="gate", fps=1 / STEP_S)
    return [seen.pixels for seen in source.frames()]


def test_a_living_street_has_nothing_wrong_with_it() -> None:
    watched = Watched().sees(lasting(street(), 200))

    assert (dict(watched.health.states), watched.health.trouble) == ({}, None)


def test_the_very_same_picture_for_a_minute_is_frozen_and_a_living_one_ends_it() -> None:
    watched = Watched().sees(lasting(street(), 10)).sees([street()] * 35)
    assert watched.states == {HealthState.FROZEN}
    assert watched.health.trouble is Why.FROZEN

    watched.sees(lasting(street(), 20))

    assert watched.states == set()


@pytest.mark.parametrize("crf", [23, 30])
def test_a_frozen_picture_that_is_coded_again_and_again_is_frozen(crf: int, tmp_path: Path) -> None:
    pictures = coded(tmp_path / "frozen.mp4", lambda _: street(), for_s=120, crf=crf)

    assert Watched().sees(pictures).states == {HealthState.FROZEN}


@pytest.mark.parametrize("crf", [23, 35])
def test_a_quiet_street_at_night_is_not_frozen_however_little_its_sensor_and_its_coding_leave_of_the_noise(
    crf: int, tmp_path: Path
) -> None:
    night = (street() // 4).astype(np.uint8)
    pictures = coded(tmp_path / "night.mp4", lambda i: noisy(night, i, levels=0.5), for_s=120, crf=crf)

    assert Watched().sees(pictures).states == set()


def test_a_clock_that_runs_in_a_frozen_picture_does_not_hide_it() -> None:
    def with_clock(i: int) -> Pixels:
        picture = street().copy()
        cv2.putText(picture, f"12:00:{i:03}", (10, 20), cv2.FONT_HERSHEY_SIMPLEX, 0.5, (255, 255, 255), 1)
        return picture

    assert Watched().sees(with_clock(i) for i in range(40)).states == {HealthState.FROZEN}


def test_a_black_picture_is_told_after_five_seconds_and_over_five_seconds_after_it() -> None:
    black = np.full((HEIGHT, WIDTH, 3), 8, np.uint8)
    watched = Watched().sees(lasting(street(), 10)).sees(lasting(black, 4))
    assert watched.states == set()
    watched.sees(lasting(black, 6))
    assert watched.states == {HealthState.BLACK}
    watched.sees(lasting(street(), 4))
    assert watched.states == {HealthState.BLACK}
    watched.sees(lasting(street(), 6))
    assert watched.states == set()


def test_a_night_with_lamps_is_not_black() -> None:
    night = (street() // 12).astype(np.uint8)
    cv2.circle(night, (300, 40), 30, (200, 220, 220), -1)

    assert Watched().sees(lasting(night, 60)).states == set()


def test_a_lens_out_of_focus_is_blurred_until_it_is_sharp_again() -> None:
    blurred = cv2.GaussianBlur(street(), (0, 0), 5)
    watched = Watched().sees(lasting(street(), 90)).sees(lasting(blurred, 25))
    assert watched.states == set()
    watched.sees(lasting(blurred, 600))
    assert watched.states == {HealthState.BLURRED}
    watched.sees(lasting(street(), 40))
    assert watched.states == set()


def test_neither_dusk_nor_the_morning_after_a_noisy_night_is_blurred() -> None:
    night = (street() // 5).astype(np.uint8)
    watched = Watched().sees(lasting(street(), 90)).sees(lasting(night, 300)).sees(lasting(street(), 120))
    assert watched.states == set()

    started_at_night = Watched().sees(noisy(night, i, levels=6) for i in range(150)).sees(lasting(street(), 120))

    assert started_at_night.states == set()


def test_a_bus_that_stands_before_half_the_view_is_neither_a_blur_nor_a_move() -> None:
    with_bus = street().copy()
    with_bus[:, :320] = cv2.GaussianBlur(texture(1, 320, HEIGHT), (0, 0), 9)

    assert Watched().sees(lasting(street(), 90)).sees(lasting(with_bus, 300)).states == set()


@pytest.mark.parametrize(("right_px", "down_px"), [(16, 0), (-40, 25), (150, -30)])
def test_a_camera_knocked_askew_has_moved_until_it_looks_where_it_did(right_px: int, down_px: int) -> None:
    askew = street(right_px=right_px, down_px=down_px)
    watched = Watched().sees(lasting(street(), 30)).sees(lasting(askew, 8))
    assert watched.states == set()
    watched.sees(lasting(askew, 360))
    assert watched.states == {HealthState.MOVED}
    assert watched.health.states[HealthState.MOVED] == pytest.approx(30.0, abs=2.0)
    watched.sees(lasting(street(), 15))
    assert watched.states == set()


def test_a_camera_turned_to_another_street_is_elsewhere_until_it_is_back() -> None:
    watched = Watched().sees(lasting(street(), 30)).sees(lasting(texture(1, WIDTH, HEIGHT), 8))
    assert watched.states == set()

    watched.sees(lasting(texture(1, WIDTH, HEIGHT), 40))
    assert watched.states == {HealthState.ELSEWHERE}
    assert watched.health.states[HealthState.ELSEWHERE] == pytest.approx(30.0, abs=2.0)

    watched.sees(lasting(street(), 6))
    assert watched.states == set()


def test_wind_night_and_glare_move_nothing() -> None:
    swaying = (noisy(street(right_px=i % 3), i) for i in range(60))
    dark = (street() // 4).astype(np.uint8)
    glaring = np.clip(street() * 1.6, 0, 255).astype(np.uint8)

    watched = Watched().sees(swaying).sees(lasting(dark, 100)).sees(lasting(glaring, 100))

    assert watched.states == set()


def test_infrared_by_night_is_another_light_and_no_move() -> None:
    grey = cv2.cvtColor(street(), cv2.COLOR_BGR2GRAY)
    infrared = cv2.cvtColor(255 - grey, cv2.COLOR_GRAY2BGR)

    assert Watched().sees(lasting(street(), 60)).sees(lasting(infrared, 300)).states == set()


@pytest.mark.parametrize("name", ["kerb_stop", "lot_two_leave", "suburb_traffic", "town_centre_1080p"])
def test_real_streets_are_well_and_a_knock_or_a_blur_is_seen_in_them(name: str) -> None:
    path = FOOTAGE / f"{name}.mp4"
    if not path.exists():
        pytest.skip(f"{path} is not here")
    pictures = [
        np.asarray(cv2.resize(seen.pixels, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA), np.uint8)
        for seen in open_video(path, camera="gate", fps=2).frames()
    ]
    looped = [pictures[i % len(pictures)] for i in range(50)]
    watched = Watched().sees(looped)
    assert watched.states == set()
    askew = [np.roll(seen, WIDTH // 20, axis=1) for seen in looped[:15]]
    assert watched.sees(askew).states == {HealthState.MOVED}
    assert watched.sees(looped[:15]).states == set()
    out_of_focus = [cv2.GaussianBlur(seen, (0, 0), HEIGHT / 90) for seen in looped[:30]]
    assert watched.sees(out_of_focus).states == {HealthState.BLURRED}
