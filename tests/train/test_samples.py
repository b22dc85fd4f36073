"""From labelled pictures to what the trainer is fed: marks for what nobody drew, repeats for what is rare."""

from pathlib import Path

import numpy as np
import pytest

from cvinspect.errors import DatasetError
from cvinspect.evaluate.labelled.manifest import Split
from cvinspect.evaluate.labelled.picture_check import check_pictures
from cvinspect.evaluate.labelled.yolo_dataset import load_dataset
from cvinspect.opencv import cv2
from cvinspect.train.samples import Sample, repeats, samples_of

NAMES = ("bin", "banner", "person")


def make_folder(folder: Path, labels: dict[str, str], complete: dict[str, str]) -> Path:
    """A data.yaml with one picture of 40 x 30 for each entry of `labels`, and one of val."""
    for part in ("images/train", "labels/train", "images/val", "labels/val", "unsure/train"):
        (folder / part).mkdir(parents=True)
    rows = ["split,image,source,labels_human"]
    for number, (name, lines) in enumerate([*labels.items(), ("v", "0 0.5 0.5 0.2 0.2\n")]):
        split = "val" if name == "v" else "train"
        cv2.imwrite(str(folder / f"images/{split}/{name}.png"), np.full((30, 40, 3), number, np.uint8))
        (folder / f"labels/{split}/{name}.txt").write_text(lines, encoding="utf-8")
        rows.append(f"{split},{name}.png,here,{complete.get(name, 'bin banner person')}")
    (folder / "source.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    (folder / "data.yaml").write_text(
        "train: images/train\nval: images/val\nnames: [bin, banner, person]\n", encoding="utf-8"
    )
    return folder / "data.yaml"


def samples(data_yaml: Path, *, marked: bool = True) -> list[Sample]:
    dataset = load_dataset(data_yaml)
    train = dataset.split(Split.TRAIN)
    return samples_of(dataset, train, check_pictures(train), marked=marked)


def test_labels_nobody_drew_are_marked_over_the_whole_picture(tmp_path: Path) -> None:
    (one,) = samples(make_folder(tmp_path, {"a": "0 0.5 0.4 0.2 0.1\n"}, {"a": "bin"}))
    assert (one.width, one.height) == (40, 30)
    assert one.indices.tolist() == [0, 3 + 1, 3 + 2]
    assert one.boxes[0] == pytest.approx([0.5, 0.4, 0.2, 0.1])
    assert one.boxes[1:].tolist() == [[0.5, 0.5, 1, 1]] * 2


def test_unsure_boxes_are_marked_where_they_are(tmp_path: Path) -> None:
    data = make_folder(tmp_path, {"a": "0 0.5 0.4 0.2 0.1\n"}, {})
    (tmp_path / "unsure/train/a.txt").write_text("2 0.25 0.25 0.5 0.5\n", encoding="utf-8")
    (one,) = samples(data)
    assert one.indices.tolist() == [0, 6 + 2]
    assert one.boxes[1] == pytest.approx([0.25, 0.25, 0.5, 0.5])


def test_for_measuring_nothing_is_marked(tmp_path: Path) -> None:
    data = make_folder(tmp_path, {"a": "0 0.5 0.4 0.2 0.1\n"}, {"a": "bin"})
    (tmp_path / "unsure/train/a.txt").write_text("2 0.25 0.25 0.5 0.5\n", encoding="utf-8")
    (one,) = samples(data, marked=False)
    assert one.indices.tolist() == [0]


def test_a_faulty_unsure_box_is_named_with_its_line(tmp_path: Path) -> None:
    data = make_folder(tmp_path, {"a": ""}, {})
    (tmp_path / "unsure/train/a.txt").write_text("0 0.5 0.5 0.1 0.1\n7 0.5 0.5 0.1 0.1\n", encoding="utf-8")
    with pytest.raises(DatasetError, match=r"unsure/train/a\.txt.*2.*label '?7"):
        samples(data)


def test_pictures_of_rare_labels_come_up_more_often_and_no_picture_is_left_out(tmp_path: Path) -> None:
    labels = {f"c{i}": "0 0.5 0.5 0.2 0.2\n" for i in range(199)} | {"rare": "1 0.5 0.5 0.2 0.2\n"}
    dataset = load_dataset(make_folder(tmp_path, labels, {}))
    train = dataset.split(Split.TRAIN)
    often = dict(zip([picture.path.stem for picture in train], repeats(dataset, train), strict=True))
    assert often.pop("rare") == 4
    assert set(often.values()) == {1}


def test_pictures_of_a_small_source_come_up_more_often(tmp_path: Path) -> None:
    names = [f"large{i}" for i in range(196)] + [f"small{i}" for i in range(4)]
    data = make_folder(tmp_path, dict.fromkeys(names, "0 0.5 0.5 0.2 0.2\n"), {})
    table = tmp_path / "source.csv"
    lines = table.read_text(encoding="utf-8").splitlines()
    named = [line.replace(",here,", ",small,") if "small" in line else line for line in lines]
    table.write_text("\n".join(named) + "\n", encoding="utf-8")
    dataset = load_dataset(data)
    train = dataset.split(Split.TRAIN)
    often = dict(zip([picture.path.stem for picture in train], repeats(dataset, train), strict=True))
    assert {often.pop(f"small{i}") for i in range(4)} == {2}
    assert set(often.values()) == {1}
