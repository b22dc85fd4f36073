"""Pictures of a fixed camera that writes its clock and its name into them, made from one picture of a street."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import numpy as np

from cvinspect.domain import Pixels
from cvinspect.geometry import Box
from cvinspect.opencv import cv2

_BEGUN = datetime(2026, 11, 30, 23, 28, 35, tzinfo=UTC)
_WHITE, _BLACK = (255, 255, 255), (0, 0, 0)
_NOISE_LEVELS = 3.0

Light = Callable[[int], float]
"""The share of the light that is left in a second."""

Pen = Callable[[Pixels, int], None]
"""Draws into the picture of a second."""


def clouds(second: int) -> float:
    """A sixth more and less light, once in 40 s."""
    return 0.8 + 0.16 * float(np.sin(second * np.pi / 20))


def calm(_: int) -> float:
    """The light stays."""
    return 0.8


def pictures(street: Pixels, light: Light, pen: Pen | None = None, *, seconds: int) -> Iterator[tuple[Pixels, float]]:
    """A picture of the street and its time for each second: noisy, written into by the camera, coded as JPEG."""
    for second in range(seconds):
        noise = np.random.default_rng(second).normal(0, _NOISE_LEVELS, street.shape[:2])[:, :, None]
        picture = np.clip(street * light(second) + noise, 0, 255).astype(np.uint8)
        if pen is not None:
            pen(picture, second)
        _, coded = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 60])
        yield np.asarray(cv2.imdecode(coded, cv2.IMREAD_COLOR), np.uint8), float(second)


def clock(second: int) -> str:
    """What the camera's clock says."""
    return f"{_BEGUN + timedelta(seconds=second):%Y-%m-%d %H:%M:%S}"


def clock_box(picture: Pixels) -> Box:
    """Where `plain` writes the clock."""
    return box_of(picture, clock(0), _clock_place(picture))


def name_box(picture: Pixels) -> Box:
    """Where `plain` writes the camera's name."""
    return box_of(picture, "South Gate 01", _name_place(picture))


def plain(picture: Pixels, second: int) -> None:
    """White letters with nothing behind them."""
    write(picture, clock(second), _clock_place(picture))
    write(picture, "South Gate 01", _name_place(picture))


def outlined(picture: Pixels, second: int) -> None:
    """White letters with black edges."""
    write(picture, clock(second), _clock_place(picture), edge=True)
    write(picture, "South Gate 01", _name_place(picture), edge=True)


def on_bars(picture: Pixels, second: int) -> None:
    """White letters on black bars."""
    for box in (clock_box(picture), name_box(picture)):
        cv2.rectangle(picture, (int(box.x0) - 6, int(box.y0) - 6), (int(box.x1) + 6, int(box.y1) + 6), _BLACK, -1)
    plain(picture, second)


def write(
    picture: Pixels,
    words: str,
    place: tuple[int, int],
    *,
    edge: bool = False,
    ink: tuple[int, int, int] = _WHITE,
) -> None:
    """Letters as high as cameras write them; `place` is where they begin, x and y of their feet."""
    scale, thickness = _pen(picture)
    if edge:
        cv2.putText(picture, words, place, cv2.FONT_HERSHEY_SIMPLEX, scale, _BLACK, thickness + 2, cv2.LINE_AA)
    cv2.putText(picture, words, place, cv2.FONT_HERSHEY_SIMPLEX, scale, ink, thickness, cv2.LINE_AA)


def box_of(picture: Pixels, words: str, place: tuple[int, int]) -> Box:
    """Where `write` puts letters."""
    (width, height), below = cv2.getTextSize(words, cv2.FONT_HERSHEY_SIMPLEX, *_pen(picture))
    return Box(place[0], place[1] - height, place[0] + width, place[1] + below // 2)


def _pen(picture: Pixels) -> tuple[float, int]:
    return picture.shape[0] / 600, max(1, round(picture.shape[0] / 300))


def _clock_place(picture: Pixels) -> tuple[int, int]:
    return round(0.03 * picture.shape[1]), round(0.09 * picture.shape[0])


def _name_place(picture: Pixels) -> tuple[int, int]:
    return round(0.6 * picture.shape[1]), round(0.95 * picture.shape[0])
