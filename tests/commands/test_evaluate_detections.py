"""`cvinspect evaluate detections` and `cvinspect calibrate`, whole."""

import json
import os
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from cvinspect.assembly.models import default_model
from cvinspect.config.site import shipped
from cvinspect.detect.model import load_card, read_card
from cvinspect.evaluate.labelled.learnt import learnt_path, picture_digits, write_learnt
from cvinspect.opencv import cv2
from cvinspect.train.card import write_card
from tests.command_line import cvinspect
from tests.evaluate.coco_folder import CocoFolder, row
from tests.labelled_folder import TABLE, Folder

CARD = shipped("models/street-26n.yaml")
DEFAULT = default_model().stem
SHIPPED = read_card(CARD).thresholds
NAMES = "train: train/images\nval: val/images\nnames: [exposed_garbage, garbage_bag]\n"
BAG = (2, 1.5, 4, 3)
"""Where the folder's pictures of 8 x 6 have their thing, x y width height."""


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """Two pictures in val, rubbish in the middle of each."""
    folder = Folder(tmp_path / "set")
    folder.write("data.yaml", NAMES)
    folder.picture("val/images/b.png", gray=77)
    folder.write("val/labels/b.txt", "0 0.5 0.5 0.5 0.5\n")
    return folder


def found(folder: Folder, *rows: object) -> Path:
    return folder.write("found.json", json.dumps(rows))


def metrics(report: Path) -> dict[str, Any]:
    figures: dict[str, Any] = json.loads((report / "metrics.json").read_text(encoding="utf-8"))
    return figures


def test_a_file_of_detections_is_scored_and_reported(folder: Folder, tmp_path: Path) -> None:
    seen = found(folder, row("a", 1, BAG, 0.9), row("b", 2, BAG, 0.8), row("b", 1, (0, 0, 1, 1), 0.7))
    done = cvinspect(
        "evaluate", "detections", folder.data, "--predictions", seen, "--report", tmp_path / "report"
    )  # fmt: skip
    assert (done.code, done.errors) == (0, [])
    assert done.err.splitlines()[-1] == f"report: {tmp_path / 'report' / 'report.html'}"
    figures = metrics(tmp_path / "report")
    garbage, bag = figures["labels"]
    assert {key: garbage["counts"][key] for key in ("hits", "false_alarms", "misses")} == {
        "hits": 1, "false_alarms": 1, "misses": 1,
    }  # fmt: skip
    assert garbage["average"] == {"things": 2, "ap50": round(51 / 101, 9), "ap50_95": round(51 / 101, 9)}
    assert (bag["average"]["things"], bag["counts"]["false_alarms"], bag["curve"]) == (0, 1, None)
    (rubbish,) = figures["families"]
    assert (rubbish["labels"], rubbish["counts"]["hits"]) == (["exposed_garbage", "garbage_bag"], 2)
    assert figures["macro"]["labels"] == ["exposed_garbage"]
    assert figures["confusion"] == {
        "labels": ["exposed_garbage", "garbage_bag"],
        "counts": [[1, 1, 0], [0, 0, 0], [1, 0, 0]],
    }
    assert figures["referee"]["largest_difference"] < 1e-6
    assert (figures["timing"], figures["predictions"]) == (None, str(seen))
    assert sorted(path.name for path in (tmp_path / "report").iterdir()) == ["metrics.json", "report.html"]
    lines = [re.split(r"\s*│\s*", line.strip("│ ")) for line in done.out.splitlines() if "│" in line]
    assert lines[0] == [
        "exposed_garbage", "2", "2", "0.50", "0.50", "–", "–", "0.50", f"{SHIPPED['exposed_garbage']:.2f}",
        "0.50 (0.09–0.91)", "0.50 (0.09–0.91)", "0.50",
    ]  # fmt: skip


def test_what_the_model_saw_can_be_scored_again_from_its_file(folder: Folder, tmp_path: Path) -> None:
    canvas = np.random.default_rng(3).integers(0, 255, (60, 80, 3), dtype=np.uint8)
    folder.write("val/images/c.png", cv2.imencode(".png", canvas)[1].tobytes())
    first = cvinspect("evaluate", "detections", folder.data, "--report", tmp_path / "one")
    assert first.code == 0, first.err
    again = cvinspect(
        "evaluate", "detections", folder.data, "--predictions", tmp_path / "one" / "predictions.json",
        "--report", tmp_path / "two",
    )  # fmt: skip
    assert again.out == first.out
    one, two = metrics(tmp_path / "one"), metrics(tmp_path / "two")
    same = ("labels", "families", "micro", "macro", "confusion", "data", "model")
    assert {key: one[key] for key in same} == {key: two[key] for key in same}
    assert one["timing"]["pictures"] == 3
    assert one["matching"]["floor"] == 0.01


def test_a_coco_file_is_scored_like_a_folder_and_crowds_are_left_out(tmp_path: Path) -> None:
    coco = CocoFolder(tmp_path)
    coco.content["categories"] = [{"id": 3, "name": "garbage_bag"}, {"id": 1, "name": "somebody_else"}]
    coco.content["annotations"][1]["iscrowd"] = 1
    seen = coco.results(row(), row(9, 3, (5, 5, 10, 10), 0.95))
    done = cvinspect("evaluate", "detections", coco.write(), "--predictions", seen, "--report", tmp_path / "r")
    assert done.code == 0, done.err
    assert f"note: model {DEFAULT} does not have these labels: somebody_else" in done.err
    bag = metrics(tmp_path / "r")["labels"][0]
    assert [bag["counts"][key] for key in ("hits", "false_alarms", "misses")] == [1, 0, 0]
    assert (bag["average"], bag["threshold"]) == ({"things": 1, "ap50": 1.0, "ap50_95": 1.0}, SHIPPED["garbage_bag"])


def test_a_label_is_scored_only_on_pictures_whose_source_drew_it(folder: Folder, tmp_path: Path) -> None:
    folder.write("source.csv", TABLE + "val,a.png,x,garbage_bag\nval,b.png,x,exposed_garbage\n")
    seen = found(folder, row("a", 1, (0, 0, 1, 1), 0.9), row("b", 1, BAG, 0.9))
    done = cvinspect("evaluate", "detections", folder.data, "--predictions", seen, "--report", tmp_path / "r")
    assert done.code == 0, done.err
    garbage, bag = metrics(tmp_path / "r")["labels"]
    assert (garbage["pictures"], garbage["average"]["things"], garbage["average"]["ap50"]) == (1, 1, 1.0)
    assert (bag["pictures"], bag["counts"]["false_alarms"]) == (1, 0)


@pytest.mark.parametrize("command", [("evaluate", "detections"), ("calibrate",)])
def test_what_cannot_be_scored_is_told_in_one_line(folder: Folder, tmp_path: Path, command: tuple[str, ...]) -> None:
    other = found(folder, row("kerb", 1, BAG, 0.9))
    asked = [
        ((folder.data, "--predictions", other), 6, "found.json: [0]: image_id 'kerb' is no picture of val"),
        ((folder.data, "--split", "vall"), 2, "--split: 'vall' is none; allowed: train, val, test"),
        ((folder.data, "--split", "test"), 6, "data.yaml: names no pictures for test"),
        ((tmp_path / "gone.yaml",), 6, "gone.yaml: cannot be read: No such file or directory"),
        ((folder.data, "--model", tmp_path / "gone.yaml"), 4, "gone.yaml: model card cannot be read"),
    ]
    for words, code, line in asked:
        done = cvinspect(*command, *words)
        assert (done.code, len(done.errors), done.out) == (code, 1, "")
        assert line in done.errors[0]


def test_labels_that_the_model_does_not_have_are_no_set_of_its_own(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    folder.write("data.yaml", NAMES.replace("exposed_garbage, garbage_bag", "cat, dog"))
    done = cvinspect("evaluate", "detections", folder.data)
    assert (done.code, len(done.errors)) == (6, 1)
    assert done.errors[0].startswith(f"{tmp_path}/data.yaml: its labels (cat, dog) are none of model {DEFAULT}'s (")


def test_pictures_that_are_not_there_are_counted_before_anything_is_scored(tmp_path: Path) -> None:
    coco = CocoFolder(tmp_path)
    coco.content["categories"][0]["name"] = "garbage_bag"
    (tmp_path / "images" / "a.png").unlink()
    done = cvinspect("evaluate", "detections", coco.write())
    assert (done.code, len(done.errors)) == (6, 1)
    assert done.errors[0].endswith(f"1 of its 2 pictures are not there, the first is {tmp_path}/images/a.png")


def test_a_coco_file_that_names_another_size_is_told(tmp_path: Path) -> None:
    coco = CocoFolder(tmp_path)
    coco.content["categories"][0]["name"] = "garbage_bag"
    coco.content["images"][0]["width"] = 81
    done = cvinspect("evaluate", "detections", coco.write())
    assert done.code == 6
    assert "says 81 x 60 pixels" in done.errors[0]


def test_the_report_of_a_run_is_not_written_over(folder: Folder, tmp_path: Path) -> None:
    (tmp_path / "report.html").write_text("of a run", encoding="utf-8")
    done = cvinspect("evaluate", "detections", folder.data, "--report", tmp_path)
    assert (done.code, (tmp_path / "report.html").read_text(encoding="utf-8")) == (5, "of a run")
    assert "holds a report.html that this command did not write" in done.errors[0]


def calibration_set(tmp_path: Path) -> tuple[Folder, Path]:
    """Twelve pictures, each with rubbish that is found at 0.8 and a false alarm at 0.4."""
    folder = Folder(tmp_path / "set")
    folder.write("data.yaml", NAMES)
    for number in range(11):
        folder.picture(f"val/images/p{number}.png", gray=number)
        folder.write(f"val/labels/p{number}.txt", "0 0.5 0.5 0.5 0.5\n")
    names = ["a", *(f"p{number}" for number in range(11))]
    rows = [one for name in names for one in (row(name, 1, BAG, 0.8), row(name, 1, (0, 0, 1, 1), 0.4))]
    return folder, found(folder, *rows)


def test_thresholds_go_into_a_copy_of_the_card_that_works_where_it_lies(tmp_path: Path) -> None:
    folder, seen = calibration_set(tmp_path)
    before = CARD.read_bytes()
    out = tmp_path / "deep" / "mine.yaml"
    out.parent.mkdir()
    done = cvinspect("calibrate", folder.data, "--predictions", seen, "--precision", 0.9, "--out", out, "--model", CARD)
    assert done.code == 0, done.err
    assert done.err.splitlines()[-2:] == [
        "note: too little to choose by, the card's threshold stays: garbage_bag",
        f"card: {out}",
    ]
    assert CARD.read_bytes() == before
    old, new = read_card(CARD), load_card(out)
    changed = {a.name: b for a, b in zip(old.labels, new.labels, strict=True) if a != b}
    assert list(changed) == ["exposed_garbage"]
    label = changed["exposed_garbage"]
    assert (label.threshold, label.rule) == (0.6, "precision")
    assert label.val is not None
    assert (label.val.boxes, label.val.precision.value, label.val.recall.value) == (12, 1.0, 1.0)
    kept = {"labels", "file"}
    assert new.model_dump(exclude=kept) == old.model_dump(exclude=kept)
    assert "# reaches 0.9 with a recall of 0.5" in out.read_text(encoding="utf-8")


def test_the_models_own_card_changes_only_where_it_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, seen = calibration_set(tmp_path)
    network = CARD.with_suffix(".onnx")
    (tmp_path / "mine.onnx").symlink_to(network)
    card = yaml.safe_load(CARD.read_text(encoding="utf-8")) | {"file": "mine.onnx"}
    own = tmp_path / "mine.yaml"
    own.write_text(yaml.safe_dump(card), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    words = ("calibrate", folder.data, "--predictions", seen, "--model", own)
    assert cvinspect(*words).code == 0
    assert read_card(own).thresholds["exposed_garbage"] == SHIPPED["exposed_garbage"]
    assert read_card(Path("mine-calibrated.yaml")).thresholds["exposed_garbage"] == 0.6
    again = cvinspect(*words)
    assert (again.code, again.errors[0].split(";")[0]) == (5, "mine-calibrated.yaml: is there already")
    assert cvinspect(*words, "--out", own).code == 0
    assert read_card(own).thresholds["exposed_garbage"] == 0.6


def test_a_set_too_small_to_choose_by_writes_nothing(folder: Folder, tmp_path: Path) -> None:
    seen = found(folder, row("a", 1, BAG, 0.9))
    done = cvinspect("calibrate", folder.data, "--predictions", seen, "--out", tmp_path / "c.yaml")
    assert (done.code, (tmp_path / "c.yaml").exists()) == (6, False)
    assert "no label has 10 boxes of which some were found; none could be calibrated" in done.errors[0]


def test_a_card_cannot_be_written_into_a_folder_that_is_not_there(tmp_path: Path) -> None:
    folder, seen = calibration_set(tmp_path)
    out = tmp_path / "gone" / "c.yaml"
    done = cvinspect("calibrate", folder.data, "--predictions", seen, "--out", out)
    assert (done.code, done.errors) == (
        5, [f"{out}: there is no folder {out.parent}; name a file in a folder that is there"],
    )  # fmt: skip


def own_model(folder: Path, *learnt: Path) -> Path:
    """The shipped card here, with a list beside it; its network stays where it is."""
    card = read_card(CARD)
    path = folder / "own.yaml"
    write_card(path, card.model_copy(update={"file": os.path.relpath(CARD.with_name(card.file), folder.resolve())}))
    write_learnt(learnt_path(path), map(picture_digits, learnt))
    return path


def test_pictures_learnt_from_are_left_out_and_counted(folder: Folder, tmp_path: Path) -> None:
    model = own_model(tmp_path, folder.root / "val/images/b.png")
    seen = found(folder, row("a", 1, BAG, 0.9), row("b", 1, (0, 0, 1, 1), 0.9))
    words = ("evaluate", "detections", folder.data, "--predictions", seen, "--report", tmp_path / "r", "--model", model)
    done = cvinspect(*words)
    assert done.code == 0, done.err
    said = "1 of 2 pictures of val are left out: the model has learnt from them"
    assert f"note: {folder.data}: {said}" in done.err.splitlines()
    data = metrics(tmp_path / "r")["data"]
    assert [data[key] for key in ("pictures", "learnt_from", "scored", "things")] == [1, 1, 1, 1]
    assert said in data["notes"]
    garbage, _ = metrics(tmp_path / "r")["labels"]
    assert [garbage["counts"][key] for key in ("hits", "false_alarms", "misses")] == [1, 0, 0]


def test_thresholds_are_not_chosen_on_pictures_learnt_from(tmp_path: Path) -> None:
    folder, seen = calibration_set(tmp_path)
    model = own_model(tmp_path, folder.root / "val/images/p3.png")
    out = tmp_path / "mine.yaml"
    done = cvinspect("calibrate", folder.data, "--predictions", seen, "--out", out, "--model", model)
    assert done.code == 0, done.err
    said = "1 of 12 pictures of val are left out: the model has learnt from them"
    assert f"note: {folder.data}: {said}" in done.err.splitlines()
    garbage = load_card(out).labels[0].val
    assert garbage is not None
    assert (garbage.pictures, garbage.boxes) == (11, 11)


@pytest.mark.parametrize("command", [("evaluate", "detections"), ("calibrate",)])
def test_where_all_pictures_are_learnt_from_or_the_list_is_faulty_there_is_one_line(
    folder: Folder, tmp_path: Path, command: tuple[str, ...]
) -> None:
    model = own_model(tmp_path, *(folder.root / "val/images").iterdir())
    done = cvinspect(*command, folder.data, "--model", model)
    assert (done.code, len(done.errors), done.out) == (6, 1, "")
    assert "model street-26n has learnt from all 2 pictures of val" in done.errors[0]
    learnt_path(model).write_text("# pictures\nnight.jpg\n", encoding="utf-8")
    done = cvinspect(*command, folder.data, "--model", model)
    assert (done.code, len(done.errors)) == (6, 1)
    assert f"{learnt_path(model)}:2: 'night.jpg' is no picture; allowed: 16 hexadecimal digits" in done.errors[0]


def test_from_when_on_a_careful_network_agrees_goes_into_a_copy_of_its_card(tmp_path: Path) -> None:
    folder, seen = calibration_set(tmp_path)
    careful = own_model(tmp_path)
    out = tmp_path / "mine.yaml"
    words = ("calibrate", folder.data, "--predictions", seen, "--model", CARD, "--careful", careful, "--out", out)
    done = cvinspect(*words)
    assert done.code == 0, done.err
    assert done.err.splitlines()[-3:] == [
        "note: too little to choose by, its own threshold stands: exposed_garbage, garbage_bag",
        "note: on trial, with fewer than 50 boxes to judge by: exposed_garbage, garbage_bag",
        f"card: {out}",
    ]
    new = load_card(out)
    assert new.agree_thresholds == SHIPPED
    assert new.thresholds == SHIPPED
    told = {label.name: label.agrees for label in new.labels if label.agrees is not None}
    assert list(told) == ["exposed_garbage", "garbage_bag"]
    garbage = told["exposed_garbage"]
    assert (garbage.boxes, garbage.right, garbage.quick, garbage.is_on_trial) == (12, 12, "street-26n", True)
    assert garbage.both is not None
    assert garbage.both.recall.value == 0.0  # the careful network sees nothing in grey pictures


def test_a_careful_network_that_lacks_a_label_is_told_in_one_line(tmp_path: Path) -> None:
    folder, seen = calibration_set(tmp_path)
    card = read_card(own_model(tmp_path))
    careful = tmp_path / "own.yaml"
    write_card(careful, card.model_copy(update={"labels": card.labels[2:], "families": ()}))
    done = cvinspect("calibrate", folder.data, "--predictions", seen, "--model", CARD, "--careful", careful)
    assert (done.code, done.out) == (4, "")
    lacking = "has no exposed_garbage, garbage_bag; allowed: a careful network with every label of street-26n"
    assert done.errors == [f"{careful}: {lacking}"]
