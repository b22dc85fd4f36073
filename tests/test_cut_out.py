"""Real things cut out of the pictures that they were drawn in."""

import runpy
from pathlib import Path

import numpy as np

from cvinspect.geometry import Box
from cvinspect.opencv import cv2

CUT = runpy.run_path(str(Path(__file__).parents[1] / "tools" / "cut_out.py"))["cut"]


def wall_with_sheet(colour: tuple[int, int, int]) -> np.ndarray:
    rng = np.random.default_rng(1)
    picture = rng.integers(90, 110, size=(200, 300, 3), dtype=np.uint8)
    cv2.rectangle(picture, (110, 60), (189, 139), colour, -1)
    return picture


def test_the_thing_is_kept_and_the_wall_round_it_is_not() -> None:
    piece = CUT(wall_with_sheet((30, 40, 220)), Box(100 / 300, 50 / 200, 200 / 300, 150 / 200))
    opaque = piece[..., 3] == 255
    assert piece.shape == (100, 100, 4)
    assert opaque[15:85, 15:85].mean() > 0.95
    assert opaque[:5].mean() < 0.1
    assert (piece[50, 50, :3] == (30, 40, 220)).all()


def test_where_nothing_can_be_told_apart_the_whole_box_is_taken() -> None:
    flat = np.full((200, 300, 3), 100, np.uint8)
    piece = CUT(flat, Box(0.3, 0.3, 0.6, 0.6))
    assert (piece[..., 3] == 255).all()


def test_what_is_too_small_is_left() -> None:
    assert CUT(wall_with_sheet((30, 40, 220)), Box(0.5, 0.5, 0.55, 0.9)) is None
