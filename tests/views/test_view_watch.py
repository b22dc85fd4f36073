"""Which view a picture shows: the same street in any light, another one, one knocked askew, none."""

import time
from collections.abc import Iterable

import numpy as np
import pytest

from cvinspect.domain import Pixels
from cvinspect.opencv import cv2
from cvinspect.views import Outlook, Why
from cvinspect.views.known import KnownView
from cvinspect.views.structure import Structure
from cvinspect.views.watch import ViewWatch
from tests.fakes import seconds
from tests.streets import SIZE, city, noisy

STREETS = [city(seed) for seed in (1, 2, 3)]


def known(*streets: Pixels) -> list[KnownView]:
    found = [KnownView(name) for name, _ in zip("abc", streets, strict=False)]
    for view, pixels in zip(found, streets, strict=True):
        view.learn(Structure.of(pixels), at_s=None)
    return found


def seen(watch: ViewWatch, pixels: Pixels, times: Iterable[float]) -> list[Outlook]:
    return [watch.see(noisy(pixels, round(at_s * 2)), at_s) for at_s in times]


def infrared(pixels: Pixels) -> Pixels:
    """Leaves are white, the sky is black, a lamp lights the middle: no light in common with the day."""
    grey = 255 - cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY).astype(np.float32)
    across = np.abs(np.linspace(-1, 1, grey.shape[1]))[None, :]
    return cv2.cvtColor((grey * (1 - 0.8 * across)).astype(np.uint8), cv2.COLOR_GRAY2BGR)


@pytest.mark.parametrize("light", ["day", "dusk", "night", "glare", "infrared"])
def test_each_view_is_known_again_in_any_light(light: str) -> None:
    change = {
        "day": lambda pixels: pixels,
        "dusk": lambda pixels: (pixels // 2).astype(np.uint8),
        "night": lambda pixels: (pixels // 6).astype(np.uint8),
        "glare": lambda pixels: np.clip(pixels * 1.7, 0, 255).astype(np.uint8),
        "infrared": infrared,
    }[light]
    watch = ViewWatch(known(*STREETS))

    outlooks = [watch.see(noisy(change(STREETS[i % 3]), i), float(i)) for i in range(9)]

    assert outlooks == [Outlook(name) for name in "abcabcabc"]


@pytest.mark.parametrize("size", [(640, 360), (704, 576), (1920, 1080)])
def test_a_view_is_known_again_in_another_size_and_shape(size: tuple[int, int]) -> None:
    watch = ViewWatch(known(*STREETS))
    resized = np.asarray(cv2.resize(STREETS[1], size, interpolation=cv2.INTER_AREA), np.uint8)

    assert watch.see(resized, 0.0) == Outlook("b")


def test_a_lorry_before_half_of_a_view_leaves_it_that_view() -> None:
    watch = ViewWatch(known(*STREETS))
    watch.see(STREETS[0], 0.0)
    hidden = STREETS[0].copy()
    hidden[:, : SIZE[0] // 2] = city(9)[:, : SIZE[0] // 2]

    assert watch.see(hidden, 1.0) == Outlook("a")


def test_what_none_of_the_views_shows_is_another_and_a_swing_is_on_its_way() -> None:
    watch = ViewWatch(known(*STREETS))
    watch.see(STREETS[0], 0.0)
    swing = [watch.see(city(20 + i), 1.0 + i / 2) for i in range(4)]
    assert [one.view for one in swing] == [None] * 4
    assert [one.why for one in swing[1:]] == [Why.MOVING] * 3

    assert {one.why for one in seen(watch, city(30), seconds(60))[1:]} == {Why.OTHER_VIEW}
    assert watch.see(STREETS[0], 100.0) == Outlook("a")


@pytest.mark.parametrize(("level", "why"), [(6, Why.BLACK), (120, Why.COVERED)])
def test_a_picture_that_shows_nothing_is_black_or_covered_and_no_other_view(level: int, why: Why) -> None:
    watch = ViewWatch(known(*STREETS), adopts_after_s=3.0)
    watch.see(STREETS[2], 0.0)

    assert seen(watch, np.full((*SIZE[::-1], 3), level, np.uint8), seconds(20)) == [Outlook("c", why)] * 41
    assert len(watch.views) == 3


def test_a_recording_that_rests_on_another_picture_for_three_seconds_has_another_view_and_goes_back() -> None:
    watch = ViewWatch(adopts_after_s=3.0)
    first = seen(watch, STREETS[0], seconds(4))
    other = seen(watch, STREETS[1], [5 + at_s for at_s in seconds(10)])
    back = seen(watch, STREETS[0], [16 + at_s for at_s in seconds(2)])

    assert {one.view for one in first} == {"1"}
    assert [one.view for one in other] == [None] * 6 + ["2"] * 15
    assert [one.view for one in back] == ["1"] * 5


def test_shots_that_change_too_fast_are_no_views() -> None:
    watch = ViewWatch(adopts_after_s=3.0)
    for number in range(8):
        seen(watch, city(40 + number), [2.5 * number + at_s for at_s in (0, 0.5, 1, 1.5, 2)])

    assert [view.id for view in watch.views] == ["1"]


@pytest.mark.parametrize("follows", [True, False])
def test_a_view_knocked_askew_is_told_and_is_well_again_when_it_is_put_back(*, follows: bool) -> None:
    wide = city(5, margin=60)
    straight, askew = wide[30:390, 30:670], wide[40:400, 60:700]
    watch = ViewWatch(follows_shifts=follows)
    seen(watch, straight, seconds(10))
    knocked = seen(watch, askew, [11 + at_s for at_s in seconds(10)])
    back = seen(watch, straight, [22 + at_s for at_s in seconds(10)])

    assert {one.view for one in knocked} == {"1"}
    assert {one.why for one in knocked[:6]} == {Why.MOVING}
    shifts = [one.shift for one in (*knocked, *back) if one.shift is not None]
    if follows:
        expected = (30 / 640, 10 / 360)
        assert [pytest.approx(one, abs=0.004) for one in shifts] == [tuple(-part for part in expected), expected]
    else:
        assert (shifts, {one.why for one in knocked[8:]}, {one.why for one in back}) == ([], {Why.MOVED}, {None})


def test_who_starts_the_program_anew_takes_for_right_what_it_shows_for_a_minute() -> None:
    view = KnownView("1")
    view.learn(Structure.of(STREETS[0]), at_s=None)
    watch = ViewWatch([view], acknowledges_after_s=60.0)
    turned = seen(watch, STREETS[1], seconds(70))
    assert (turned[100].view, turned[-1].view) == (None, "2")

    again = seen(watch, STREETS[2], [80 + at_s for at_s in seconds(200)])
    assert {one.view for one in again} == {None}


def test_telling_a_view_among_eight_takes_no_longer_than_decoding_a_picture() -> None:
    """Half a millisecond on a quiet machine; ten times that would be a mistake. The quickest of many."""
    streets = [np.asarray(cv2.resize(city(seed), (1920, 1080)), np.uint8) for seed in range(8)]
    watch = ViewWatch(adopts_after_s=0.0)
    for number in range(24):
        watch.see(streets[number // 3], float(number))
    assert len(watch.views) == 8

    taken_s = []
    for number in range(200):
        began_s = time.thread_time()
        watch.see(streets[number % 8], 100.0 + number)
        taken_s.append(time.thread_time() - began_s)
    assert sorted(taken_s)[20] < 5e-3


def test_a_wall_without_any_structure_stays_a_view_whatever_passes_before_it() -> None:
    ramp = np.repeat(np.tile(np.linspace(30, 200, SIZE[0]), (SIZE[1], 1))[:, :, None], 3, axis=2).astype(np.uint8)
    watch = ViewWatch(adopts_after_s=3.0)
    for number in range(20):
        pixels = ramp.copy()
        pixels[120:200, 30 * number : 30 * number + 80] = (40, 40, 220)
        assert watch.see(pixels, number / 2) == Outlook("1")
