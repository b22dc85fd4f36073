"""Rendered objects laid into real pictures."""

import json
from pathlib import Path

import numpy as np
import pytest

from cvinspect.errors import DatasetError
from cvinspect.opencv import cv2
from cvinspect.train.compose import RenderedObject, compose, read_objects


def make_object(
    folder: Path, *, label: str = "vendor_stall", stands_on: str = "ground", shadowed: bool = True
) -> RenderedObject:
    """A bright disc of 60 pixels in a frame of 100 x 80, with a shadow to its right."""
    rgba = np.zeros((80, 100, 4), np.uint8)
    cv2.circle(rgba, (40, 40), 30, (40, 220, 250, 255), -1)
    shadow = np.zeros((80, 100), np.uint8)
    shadow[55:75, 60:98] = 255
    cv2.imwrite(str(folder / "disc.png"), rgba)
    cv2.imwrite(str(folder / "disc.shadow.png"), shadow)
    line = {
        "file": "disc.png",
        "shadow": "disc.shadow.png" if shadowed else None,
        "label": label,
        "boxes": [{"label": label, "box": [10, 10, 71, 71]}],
        "stands_on": stands_on,
    }
    (folder / "index.jsonl").write_text(json.dumps(line) + "\n", encoding="utf-8")
    return read_objects(folder)[0]


def street(rng: np.random.Generator) -> np.ndarray:
    return rng.integers(60, 120, size=(240, 320, 3), dtype=np.uint8)


@pytest.mark.parametrize("seed", range(20))
def test_the_box_holds_what_was_laid_in_and_nothing_else_changes_much(tmp_path: Path, seed: int) -> None:
    picture = street(np.random.default_rng(0))
    made = compose(picture, [], [make_object(tmp_path, shadowed=False)], np.random.default_rng(seed))
    ((label, box),) = made.boxes
    assert label == "vendor_stall"
    x0, y0, x1, y1 = (box * [320, 240, 320, 240]).round().astype(int)
    changed = np.abs(made.pixels.astype(int) - picture).max(axis=2) > 12
    ys, xs = np.nonzero(changed)
    assert changed[y0:y1, x0:x1].mean() > 0.6  # a disc fills 0.79 of its square
    assert xs.min() >= x0 - 3
    assert xs.max() <= x1 + 3
    assert ys.min() >= y0 - 3
    assert ys.max() <= y1 + 3


def test_the_shadow_darkens_what_lies_in_it(tmp_path: Path) -> None:
    picture = street(np.random.default_rng(0))
    bright, dark = (
        compose(picture, [], [make_object(tmp_path, shadowed=shadowed)], np.random.default_rng(3)).pixels.mean()
        for shadowed in (False, True)
    )
    assert dark < bright


def test_boxes_stay_within_the_picture_wherever_the_object_lands(tmp_path: Path) -> None:
    thing = make_object(tmp_path, stands_on="wall")
    for seed in range(60):
        made = compose(street(np.random.default_rng(0)), [], [thing] * 3, np.random.default_rng(seed))
        for _, box in made.boxes:
            assert (box >= 0).all()
            assert (box <= 1).all()
            assert (box[2:] > box[:2]).all()


def test_what_is_covered_is_no_longer_a_box_but_a_doubt(tmp_path: Path) -> None:
    thing = make_object(tmp_path)
    small = [("bin", np.array([x, y, x + 0.05, y + 0.05])) for x in np.arange(0, 1, 0.1) for y in np.arange(0, 1, 0.1)]
    made = compose(street(np.random.default_rng(0)), small, [thing] * 3, np.random.default_rng(0))
    kept = [label for label, _ in made.boxes].count("bin")
    hidden = [label for label, _ in made.hidden].count("bin")
    assert kept + hidden == len(small)
    assert kept > hidden > 0


def test_places_that_hide_nothing_are_preferred(tmp_path: Path) -> None:
    thing = make_object(tmp_path)
    small = [("bin", np.array([0.45, 0.6, 0.5, 0.66]))]
    for seed in range(50):
        assert not compose(street(np.random.default_rng(0)), small, [thing], np.random.default_rng(seed)).hidden


def test_the_same_seed_gives_the_same_picture(tmp_path: Path) -> None:
    thing, picture = make_object(tmp_path), street(np.random.default_rng(0))
    one, two = (compose(picture, [], [thing], np.random.default_rng(5)) for _ in range(2))
    assert np.array_equal(one.pixels, two.pixels)
    assert np.array_equal(one.boxes[0][1], two.boxes[0][1])


def test_words_are_never_mirrored(tmp_path: Path) -> None:
    left_to_right = []
    thing = make_object(tmp_path, label="banner", stands_on="wall")
    for seed in range(30):
        made = compose(street(np.random.default_rng(0)), [], [thing], np.random.default_rng(seed))
        left_to_right += [box[0] for _, box in made.boxes]
    rgba = cv2.imread(str(thing.picture), cv2.IMREAD_UNCHANGED)
    assert rgba[40, 20, 3] == 255  # the disc lies left of the middle, and so it must in every picture
    mirrored = make_object(tmp_path, label="vendor_stall", stands_on="wall")
    others = [
        compose(street(np.random.default_rng(0)), [], [mirrored], np.random.default_rng(seed)).boxes[0][1][0]
        for seed in range(30)
    ]
    assert left_to_right != others


def test_what_could_hardly_be_seen_is_not_laid_in(tmp_path: Path) -> None:
    thing = make_object(tmp_path, shadowed=False)
    alike = np.full((240, 320, 3), (40, 220, 250), np.uint8)
    for seed in range(10):
        made = compose(alike, [], [thing], np.random.default_rng(seed))
        assert made.boxes == ()
        assert np.array_equal(made.pixels, alike)


def test_nothing_hangs_on_the_sky(tmp_path: Path) -> None:
    thing = make_object(tmp_path, stands_on="line")
    half = street(np.random.default_rng(0))
    half[:, :160] = (250, 235, 225)
    boxes = [box for seed in range(40) for _, box in compose(half, [], [thing], np.random.default_rng(seed)).boxes]
    assert len(boxes) == 40
    assert all(box[2] > 0.5 - 0.17 for box in boxes)  # the disc's frame goes on to its right by up to 0.17
    sky = np.full((240, 320, 3), (250, 235, 225), np.uint8)
    assert compose(sky, [], [thing], np.random.default_rng(0)).boxes == ()


def test_what_stands_may_stand_on_bright_ground(tmp_path: Path) -> None:
    bright = np.full((240, 320, 3), (250, 235, 225), np.uint8)
    assert compose(bright, [], [make_object(tmp_path)], np.random.default_rng(0)).boxes


def test_sizes_bound_the_longer_side(tmp_path: Path) -> None:
    thing = make_object(tmp_path)
    for seed in range(20):
        made = compose(street(np.random.default_rng(0)), [], [thing], np.random.default_rng(seed), sizes=(0.2, 0.25))
        ((_, box),) = made.boxes
        assert 0.6 * 0.2 * 240 * 0.6 < (box[2] - box[0]) * 320 < 0.62 * 0.25 * 240  # 61 of 100 px, cut at an edge


def test_a_small_crop_is_enlarged_twice_at_most(tmp_path: Path) -> None:
    thing = make_object(tmp_path)
    large = np.random.default_rng(0).integers(60, 120, size=(1200, 1600, 3), dtype=np.uint8)
    for seed in range(10):
        for _, box in compose(large, [], [thing], np.random.default_rng(seed)).boxes:
            assert (box[2] - box[0]) * 1600 <= 2 * 61 + 1


@pytest.mark.parametrize(
    ("line", "word"),
    [("{", "index.jsonl:1"), ('{"label": "banner"}', "boxes"), ('{"label": "a", "boxes": [{"label": "a"}]}', "box")],
)
def test_a_faulty_index_is_named_with_its_line(tmp_path: Path, line: str, word: str) -> None:
    (tmp_path / "index.jsonl").write_text(line, encoding="utf-8")
    with pytest.raises(DatasetError, match=word):
        read_objects(tmp_path)


def test_a_picture_without_transparency_is_refused(tmp_path: Path) -> None:
    thing = make_object(tmp_path)
    cv2.imwrite(str(thing.picture), np.zeros((10, 10, 3), np.uint8))
    with pytest.raises(DatasetError, match="four channels"):
        compose(street(np.random.default_rng(0)), [], [thing], np.random.default_rng(0))
