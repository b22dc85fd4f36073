"""Which photographs become stills."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from cvinspect.config.site import shipped
from cvinspect.errors import DatasetError
from cvinspect.evaluate.labelled.learnt import DIGITS, picture_digits
from cvinspect.evaluate.labelled.manifest import Split
from cvinspect.evaluate.labelled.yolo_dataset import LabelledPicture, load_dataset
from cvinspect.opencv import cv2
from samples.stills.passers import passers_of
from samples.stills.play import site_of
from samples.stills.scene import Still
from samples.stills.suite import chosen, stills_among
from samples.stills.unlearnt import learnt_by, unlearnt

DATA = "train: train/images\nval: val/images\nnames:\n  0: graffiti\n  1: overflowing_bin\n  2: person\n"
SITE = site_of(20.0)


def folder(root: Path, rows: dict[str, str], *, drawn: str = "0 0.5 0.5 0.4 0.4\n") -> Path:
    """A set with one picture a row, and which labels are drawn completely there."""
    table = ["split,image,source,labels_human"]
    for number, (name, labels) in enumerate({"t.png": "graffiti", **rows}.items()):
        split = "train" if name == "t.png" else "val"
        for what in ("images", "labels"):
            (root / split / what).mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(root / split / "images" / name), np.full((120, 160, 3), number, np.uint8))
        (root / split / "labels" / name).with_suffix(".txt").write_text(drawn)
        table.append(f"{split},{name},here,{labels}")
    (root / "source.csv").write_text("\n".join(table) + "\n")
    (root / "data.yaml").write_text(DATA)
    return root / "data.yaml"


def pictures(data: Path) -> list[LabelledPicture]:
    return list(load_dataset(data).split(Split.VAL))


def stills(root: Path, count: int) -> list[Still]:
    data = folder(root, {f"{number:03}.png": "graffiti" for number in range(count)})
    dataset = load_dataset(data)
    violations = SITE.violations(period_s=1.0)
    return stills_among(dataset.split(Split.VAL), dataset.names, violations, seconds=60.0)


def test_what_was_learnt_from_is_never_shown(tmp_path: Path) -> None:
    rows = dict.fromkeys(("free.png", "hashed.png", "moved.png", "other.png"), "graffiti")
    found = pictures(folder(tmp_path, rows))
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "one.moved.txt").write_text("# pictures that moved\nmoved.png\n")
    hashed = picture_digits(tmp_path / "val" / "images" / "hashed.png")
    (tmp_path / "models" / "two.learnt.txt").write_text(f"# some words\n{hashed}\n\n{'0' * DIGITS}\n")
    learnt = learnt_by([tmp_path / "models"])
    assert [one.path.name for one in unlearnt(found, learnt)] == ["free.png", "other.png"]


def test_pictures_that_the_shipped_lists_name_are_left_out(tmp_path: Path) -> None:
    moved = next(iter(sorted(learnt_by([shipped("models")]).names)))
    picture = LabelledPicture(tmp_path / moved, Split.VAL, "here", frozenset({0}), ())
    assert unlearnt([picture], learnt_by([shipped("models")])) == []


def test_folders_without_lists_name_nothing(tmp_path: Path) -> None:
    found = pictures(folder(tmp_path, {"a.png": "graffiti"}))
    assert len(unlearnt(found, learnt_by([tmp_path, tmp_path / "not there"]))) == 1


def test_a_line_that_is_no_hash_is_told_with_its_file(tmp_path: Path) -> None:
    (tmp_path / "net.learnt.txt").write_text("street.jpg\n")
    with pytest.raises(DatasetError, match=r"net\.learnt\.txt: 'street\.jpg'; allowed: 16 hexadecimal digits"):
        learnt_by([tmp_path])


def test_a_picture_in_which_nothing_is_drawn_completely_is_left_out(tmp_path: Path) -> None:
    found = pictures(folder(tmp_path, {"a.png": "graffiti", "b.png": ""}))
    assert [one.path.name for one in unlearnt(found, learnt_by([]))] == ["a.png"]


def test_pictures_in_which_nothing_is_due_are_shown_if_asked_for(tmp_path: Path) -> None:
    rows = {"a.png": "graffiti", "b.png": "overflowing_bin", "c.png": "overflowing_bin", "d.png": "person", "e.png": ""}
    dataset = load_dataset(folder(tmp_path, rows))
    found = stills_among(dataset.split(Split.VAL), dataset.names, SITE.violations(period_s=1.0), seconds=60.0)
    assert [one.name for one in found] == ["a-street", "b-street", "c-street"]
    assert chosen(found, ["illegal_advertising"], most=5, seed=0) == found[:1]
    assert len(chosen(found, ["illegal_advertising"], most=5, most_empty=1, seed=0)) == 2
    assert chosen(found, ["illegal_advertising"], most=5, most_empty=5, seed=0) == found


def test_places_of_doubt_are_read_from_beside_the_pictures(tmp_path: Path) -> None:
    dataset = load_dataset(folder(tmp_path, {"a.png": "graffiti"}))
    (tmp_path / "val" / "unsure").mkdir()
    (tmp_path / "val" / "unsure" / "a.txt").write_text("0 0.1 0.1 0.1 0.1\n")
    violations = SITE.violations(period_s=1.0)
    (one,) = stills_among(dataset.split(Split.VAL), dataset.names, violations, seconds=60.0)
    assert [spell.why for spell in one.truth.ignored] == ["in doubt"]


def test_the_choice_is_even_the_same_for_a_seed_and_no_larger_than_asked(tmp_path: Path) -> None:
    every = stills(tmp_path, 30)
    some = [chosen(every, ["illegal_advertising"], most=5, seed=seed) for seed in range(12)]
    places = [every.index(one) for one in some[0]]
    assert len(places) == 5
    assert {after - before for before, after in pairwise(places)} == {6}
    assert some[0] == chosen(every, ["illegal_advertising"], most=5, seed=0)
    assert len({one[0].name for one in some}) > 1
    assert chosen(every, ["illegal_advertising"], most=99, seed=0) == every
    assert chosen(every, ["road_damage"], most=5, seed=0) == []


def test_a_still_chosen_for_two_classes_is_shown_once(tmp_path: Path) -> None:
    both = "0 0.2 0.5 0.2 0.4\n1 0.7 0.5 0.2 0.4\n"
    dataset = load_dataset(folder(tmp_path, {"a.png": "graffiti overflowing_bin"}, drawn=both))
    violations = SITE.violations(period_s=1.0)
    found = stills_among(dataset.split(Split.VAL), dataset.names, violations, seconds=60.0)
    assert chosen(found, ["illegal_advertising", "overflowing_bin"], most=3, seed=0) == found
    assert len(found) == 1


def test_nobody_is_cut_out_where_nobody_can_be_told_from_what_is_behind(tmp_path: Path) -> None:
    dataset = load_dataset(folder(tmp_path, {"a.png": "person"}, drawn="2 0.5 0.5 0.3 0.9\n"))
    assert passers_of(dataset.split(Split.VAL), dataset.names, most=3) == []
    assert passers_of(dataset.split(Split.VAL), ("graffiti", "bin", "bag"), most=3) == []


def test_somebody_before_a_plain_wall_is_cut_out(tmp_path: Path) -> None:
    dataset = load_dataset(folder(tmp_path, {"a.png": "person"}, drawn="2 0.5 0.5 0.16 0.7\n"))
    noise = np.random.default_rng(1).integers(190, 210, (240, 320, 3), dtype=np.uint8)
    cv2.ellipse(noise, (160, 120), (18, 80), 0, 0, 360, (40, 30, 160), -1)
    cv2.imwrite(str(tmp_path / "val" / "images" / "a.png"), noise)
    (piece,) = passers_of(dataset.split(Split.VAL), dataset.names, most=3)
    alpha = piece[..., 3] > 0
    assert alpha.any(axis=0).all()
    assert alpha.any(axis=1).all()
    assert 0.7 < alpha.mean() < 0.85
