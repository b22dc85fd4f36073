"""Training pictures as cameras on poles would deliver them."""

import numpy as np

from cvinspect.train.looks import camera_look

PICTURE = np.random.default_rng(1).integers(0, 255, (90, 160, 3)).astype(np.uint8)


def test_a_look_keeps_size_and_type_and_leaves_the_original_alone() -> None:
    before = PICTURE.copy()
    for seed in range(200):
        seen = camera_look(PICTURE, np.random.default_rng(seed))
        assert (seen.shape, seen.dtype) == (PICTURE.shape, np.uint8)
    assert (before == PICTURE).all()


def test_about_half_of_the_pictures_stay_as_they_are() -> None:
    same = sum((camera_look(PICTURE, np.random.default_rng(seed)) == PICTURE).all() for seed in range(400))
    assert 0.4 < same / 400 < 0.65


def test_the_same_seed_gives_the_same_look() -> None:
    for seed in range(20):
        one, other = (camera_look(PICTURE, np.random.default_rng(seed)) for _ in range(2))
        assert (one == other).all()
