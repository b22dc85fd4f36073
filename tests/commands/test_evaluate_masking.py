"""`cvinspect evaluate masking`: pictures and clips are found, checked and masked as `run` would."""

import hashlib
from pathlib import Path

import numpy as np
import pytest

from cvinspect.assembly.models import Model, default_model
from cvinspect.commands.evaluate_masking import MaskingScoring
from cvinspect.errors import DatasetError
from cvinspect.evaluate.masking.masking_truth import DrawnBox, DrawnPicture
from cvinspect.geometry import Box
from cvinspect.opencv import cv2
from tests.clips import encode

SIGN = (DrawnBox("sign", Box(10, 10, 60, 40), ""),)


def hashed(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def scoring(folder: Path, *pictures: DrawnPicture) -> MaskingScoring:
    return MaskingScoring(Model.at(default_model()), pictures, folder)


def test_a_picture_in_which_nobody_is_keeps_its_sign(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    cv2.imwrite(str(path), np.full((120, 160, 3), 90, np.uint8))
    (one,) = (
        one for some in scoring(tmp_path, DrawnPicture("a.png", None, hashed(path), SIGN)).results() for one in some
    )
    assert (one.hidden_share, one.is_fault) == (0.0, False)


def test_another_picture_is_refused(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "a.png"), np.full((120, 160, 3), 90, np.uint8))
    with pytest.raises(DatasetError, match=r"a\.png: sha256 is .+…, but was aaaaaaaaaaaa… when boxes were drawn"):
        list(scoring(tmp_path, DrawnPicture("a.png", None, "a" * 64, SIGN)).results())
    with pytest.raises(DatasetError, match=r"none\.png: cannot be read"):
        list(scoring(tmp_path, DrawnPicture("none.png", None, "a" * 64, SIGN)).results())


def test_a_moment_of_a_clip_is_looked_at_and_one_after_its_end_is_refused(tmp_path: Path) -> None:
    path = encode(tmp_path / "a.mp4", size=(160, 120), fps=5, ticks=range(10))
    inside, after = (DrawnPicture("a.mp4", at_s, hashed(path), SIGN) for at_s in (1.8, 2.5))
    assert len(list(scoring(tmp_path, inside).results())) == 1
    with pytest.raises(DatasetError, match=r"a\.mp4: ends before second 2\.5"):
        list(scoring(tmp_path, after).results())


def test_nothing_is_begun_that_nobody_wants(tmp_path: Path) -> None:
    assert (
        list(scoring(tmp_path, DrawnPicture("none.png", None, "a" * 64, SIGN)).results(is_stopping=lambda: True)) == []
    )
