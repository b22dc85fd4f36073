"""The camera's own clock and name are known by not following the light; what hangs in the street follows it."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from cvinspect.detect.burned_in import BurnedInText
from cvinspect.domain import Pixels
from cvinspect.geometry import Box
from cvinspect.opencv import cv2
from tests.camera_text import Light, Pen, calm, clock_box, clouds, name_box, on_bars, outlined, pictures, plain, write
from tests.fakes import detection, texture

PHOTOGRAPHS = Path(__file__).parents[2] / ".." / "shared" / "data" / "street" / "val" / "images"
FOOTAGE = Path(__file__).parents[2] / ".." / "shared" / "footage"
SECONDS = 40
STREET = np.maximum(texture(5, 960, 540) // 2 + 20, 0).astype(np.uint8)

needs_footage = pytest.mark.skipif(
    not FOOTAGE.is_dir(), reason=f"needs the real clips in {FOOTAGE}, which are not here"
)
needs_photographs = pytest.mark.skipif(
    not PHOTOGRAPHS.is_dir(), reason=f"needs the photographs in {PHOTOGRAPHS}, which are not here"
)


def watched(
    street: Pixels, light: Light, pen: Pen | None = None, *, seconds: int = SECONDS, text: BurnedInText | None = None
) -> BurnedInText:
    text = text or BurnedInText()
    for picture, at_s in pictures(street, light, pen, seconds=seconds):
        text.see(picture, at_s)
    return text


def photographs() -> Iterator[Pixels]:
    """A few real streets, as large as a camera's pictures."""
    for path in sorted(PHOTOGRAPHS.glob("*.jpg"))[60::200]:
        small = cv2.imread(str(path))
        height, width = small.shape[:2]
        yield np.asarray(cv2.resize(small, (960, 960 * height // width), interpolation=cv2.INTER_CUBIC), np.uint8)


def with_signs(street: Pixels) -> Pixels:
    """The street with letters on a wall and on a board, where a camera would write."""
    height, width = street.shape[:2]
    picture = street.copy()
    write(picture, "HOTEL Lucky 88", (width // 3, height // 8))
    board = (width // 3 - 10, round(0.84 * height)), (width // 3 + 400, round(0.96 * height))
    cv2.rectangle(picture, *board, (140, 40, 20), -1)
    write(picture, "BAKERY & CAFE", (width // 3, round(0.93 * height)))
    return picture


@pytest.mark.parametrize("pen", [plain, outlined, on_bars])
def test_a_clock_that_ticks_and_a_name_are_known_once_the_light_has_changed(pen: Pen) -> None:
    text = watched(STREET, clouds, pen)

    assert text.covers(clock_box(STREET))
    assert text.covers(name_box(STREET))
    assert len(text.regions) == 2


@needs_photographs
@pytest.mark.parametrize("pen", [plain, outlined, on_bars])
def test_they_are_known_in_real_streets_too(pen: Pen) -> None:
    for street in photographs():
        text = watched(street, clouds, pen)

        assert (text.covers(clock_box(street)), text.covers(name_box(street))) == (True, True)


@needs_photographs
def test_letters_that_hang_in_a_real_street_follow_its_light_and_are_not() -> None:
    assert [watched(with_signs(street), clouds).regions for street in photographs()] == [[], [], [], []]


@needs_photographs
def test_nor_are_they_to_a_camera_that_shakes() -> None:
    for street in photographs():
        signs, text = with_signs(street), BurnedInText()
        for second in range(SECONDS):
            aside, down = np.random.default_rng(second).integers(-1, 2, 2).tolist()
            shaken = (np.roll(signs, (down, aside), (0, 1)) * clouds(second)).astype(np.uint8)
            picture, _ = next(pictures(shaken, lambda _: 1.0, seconds=1))
            text.see(picture, float(second))

        assert text.regions == []


def test_letters_on_a_wall_are_not_though_the_clock_beside_them_is() -> None:
    text = watched(with_signs(STREET), clouds, plain)

    assert [box.centre[1] < 540 / 2 for box in text.regions] == [True, False]
    assert text.covers(clock_box(STREET))
    assert not text.covers(Box(320, 480, 640, 510))


@pytest.mark.parametrize("pen", [plain, outlined, on_bars])
def test_nothing_is_known_while_nothing_has_changed(pen: Pen) -> None:
    text = watched(STREET, calm, lambda picture, _: pen(picture, 0))

    assert text.regions == []
    assert text.without([detection(clock_box(STREET), "banner")]) == [detection(clock_box(STREET), "banner")]


@pytest.mark.parametrize("pen", [plain, outlined, on_bars])
def test_a_clock_that_ticks_is_known_though_nothing_else_changes(pen: Pen) -> None:
    text = watched(STREET, calm, pen)

    assert text.covers(clock_box(STREET))
    assert not text.covers(name_box(STREET))


def test_a_countdown_at_a_crossing_is_no_clock_of_the_camera() -> None:
    def count_down(picture: Pixels, second: int) -> None:
        write(picture, f"{90 - second}", (400, 50))

    assert watched(STREET, calm, count_down).regions == []


@pytest.mark.parametrize("bright", [204, 255])
def test_a_lamp_that_blinks_beside_letters_is_no_clock(bright: int) -> None:
    def blink(picture: Pixels, second: int) -> None:
        cv2.circle(picture, (302, 58), 8, (bright,) * 3 if second % 2 else (60, 60, 60), -1)

    assert watched(with_signs(STREET), calm, blink).regions == []


@pytest.mark.parametrize("light", [calm, clouds])
def test_white_pickets_before_traffic_are_no_letters(light: Light) -> None:
    text = BurnedInText()
    for second in range(SECONDS):
        street = STREET.copy()
        for car in range(4):
            left = (car * 260 + second * 170) % 1200 - 200
            cv2.rectangle(street, (left, 20), (left + 150, 75), (200, 30 + 40 * car, 60 * (car % 2)), -1)
        for x in range(40, 900, 22):
            cv2.rectangle(street, (x, 40), (x + 5, 68), (250, 250, 250), -1)
        lit = (street * light(second)).astype(np.uint8)
        picture, _ = next(pictures(lit, lambda _: 1.0, seconds=1))
        text.see(picture, float(second))

    assert text.regions == []


def infrared(street: Pixels) -> Pixels:
    """The street by the camera's own lamp."""
    grey = street.mean(axis=2, keepdims=True)
    falls_off = np.linspace(0.2, 0.9, street.shape[0])[:, None, None]
    return np.broadcast_to(grey * falls_off, street.shape).astype(np.uint8)


def test_what_is_known_by_day_is_known_after_the_switch_to_infrared_and_a_calm_night() -> None:
    text = watched(STREET, clouds, plain)
    watched(infrared(STREET), calm, plain, seconds=200, text=text)

    assert text.covers(clock_box(STREET))
    assert text.covers(name_box(STREET))


def test_the_switch_to_infrared_alone_proves_it() -> None:
    text = watched(STREET, calm, plain)
    watched(infrared(STREET), calm, plain, seconds=30, text=text)

    assert text.covers(clock_box(STREET))
    assert text.covers(name_box(STREET))


def test_text_that_is_no_longer_written_is_forgotten() -> None:
    text = watched(STREET, clouds, plain)
    watched(STREET, clouds, seconds=200, text=text)

    assert text.regions == []


def test_one_picture_that_came_broken_disproves_nothing() -> None:
    text = BurnedInText()
    for picture, at_s in pictures(STREET, clouds, plain, seconds=70):
        text.see(np.full_like(picture, 128) if at_s in {0.0, 33.0} else picture, at_s)

    assert text.covers(clock_box(STREET))
    assert text.covers(name_box(STREET))


def test_another_size_of_picture_begins_anew() -> None:
    text = watched(STREET, clouds, plain)
    text.see(STREET[::2, ::2], 100.0)

    assert text.regions == []


@pytest.mark.parametrize("side", [(1, 1), (3, 900), (900, 3), (40, 40)])
def test_pictures_may_be_tiny(side: tuple[int, int]) -> None:
    text = BurnedInText()
    for second in range(20):
        text.see(np.full((*side, 3), 10 * second, np.uint8), float(second))

    assert text.regions == []


def test_detections_on_the_text_are_left_out_and_counted_and_others_are_not() -> None:
    text = watched(STREET, clouds, plain)
    clock = clock_box(STREET)
    on_it = detection(clock, "banner")
    one_digit = detection(Box(clock.x0, clock.y0, clock.x0 + 20, clock.y1), "graffiti")
    wall_behind = detection(Box(clock.x0, 0, clock.x1, 4 * clock.y1), "graffiti")
    car = detection(Box(300, 300, 400, 380))

    assert text.without([on_it, car, one_digit, wall_behind]) == [car, wall_behind]
    assert text.dropped == 2
    assert text.notes == ("2 detections lay on the camera's own text (clock, name) and did not count",)


def test_nothing_left_out_is_nothing_to_tell() -> None:
    assert BurnedInText().notes == ()


WRITTEN = {
    "lot_two_leave.mp4": [(310, 62, 540, 88)],
    "more/lot_1101_0949.mp4": [(830, 32, 1240, 56), (38, 672, 408, 698)],
    "more/motorway_haze_cctv.mp4": [(4, 272, 350, 286)],
}
"""Read by eye: the lines in x0, y0, x1, y1 that a camera, or whoever showed its pictures, wrote and that can be known
by the end; the rest of their text stands still in a light that stays."""

NOT_WRITTEN = (
    "kerb_stop",
    "pass_by",
    "suburb_traffic",
    "more/jakarta_jam",
    "more/bangkok_red_light",
    "more/arena_tarp_lorry",
)


def watched_clip(name: str) -> BurnedInText:
    text, clip = BurnedInText(), cv2.VideoCapture(str(FOOTAGE / name))
    fps, count, last_s = clip.get(cv2.CAP_PROP_FPS), 0, -1.0
    while clip.grab():
        at_s, count = count / fps, count + 1
        if at_s - last_s >= 1.0:
            text.see(np.asarray(clip.retrieve()[1], np.uint8), at_s)
            last_s = at_s
    return text


@needs_footage
@pytest.mark.parametrize("name", WRITTEN)
def test_what_real_cameras_wrote_is_known_by_the_end_of_the_clip(name: str) -> None:
    text = watched_clip(name)

    assert [line for line in WRITTEN[name] if not text.covers(Box(*map(float, line)))] == []
    assert len(text.regions) == len(WRITTEN[name])


@needs_footage
@pytest.mark.parametrize("name", NOT_WRITTEN)
def test_nothing_in_real_streets_is_taken_for_it(name: str) -> None:
    assert watched_clip(f"{name}.mp4").regions == []
