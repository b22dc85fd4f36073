"""Heads are made unrecognisable; everything else stays."""

import numpy as np

from cvinspect.evidence.masking import head, masked
from cvinspect.geometry import Box


def noise(width: int = 200, height: int = 300) -> np.ndarray:
    return np.random.default_rng(7).integers(0, 256, (height, width, 3), np.uint8)


def test_a_head_is_pixelated_and_nothing_else_is_touched() -> None:
    picture = noise()
    before = picture.copy()
    person = Box(50, 50, 110, 250)
    result = masked(picture, [person])
    region = head(person)
    x0, y0, x1, y1 = int(region.x0), int(region.y0), round(region.x1), round(region.y1)
    changed = (result != picture).any(axis=2)
    colours = len(np.unique(result[y0:y1, x0:x1].reshape(-1, 3), axis=0))
    changed[y0:y1, x0:x1] = False
    assert (changed.any(), colours <= 25, np.array_equal(picture, before)) == (False, True, True)


def test_a_person_cut_off_by_the_edge_is_masked_inside_the_picture() -> None:
    result = masked(noise(), [Box(-30, -20, 40, 90), Box(190, 290, 260, 400), Box(500, 500, 600, 700)])
    assert result.shape == (300, 200, 3)


def test_a_person_of_a_few_pixels_does_no_harm() -> None:
    assert masked(noise(), [Box(10, 10, 11.2, 12.5), Box(20, 20, 20.1, 20.1)]).shape == (300, 200, 3)
