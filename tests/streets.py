"""Whole streets with something at every scale: walls, windows, lines on the road; each seed's own."""

from functools import cache

import numpy as np

from cvinspect.domain import Pixels
from cvinspect.opencv import cv2
from tests.fakes import texture

SIZE = (640, 360)
"""Width and height."""


@cache
def city(seed: int, *, margin: int = 0) -> Pixels:
    """A street of 640 by 360 pixels, and so many more on both axes."""
    width, height = SIZE[0] + margin, SIZE[1] + margin
    picture = texture(seed, width, height).copy()
    rng = np.random.default_rng([seed, 11])
    for x, y, w, h in rng.integers((0, 0, 8, 8), (width, height, 70, 70), (160, 4)).tolist():
        cv2.rectangle(picture, (x, y), (x + w, y + h), rng.integers(0, 255, 3).tolist(), -1)
    return picture


def noisy(pixels: Pixels, seed: int, *, levels: float = 2.0) -> Pixels:
    """As a sensor sees it."""
    noise = np.random.default_rng(seed).normal(0, levels, (*pixels.shape[:2], 1))
    return np.clip(pixels + noise, 0, 255).astype(np.uint8)
