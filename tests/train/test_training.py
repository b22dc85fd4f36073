"""`cvinspect train`, whole: from labelled pictures to a network with its card."""

import csv
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from cvinspect.assembly.models import load_model
from cvinspect.config.site import load_site, shipped
from cvinspect.detect.figures import TrainingBoxes
from cvinspect.detect.model import Backing, CardLabel, read_card
from cvinspect.evaluate.labelled.learnt import learnt_path, picture_digits, read_learnt, write_learnt
from cvinspect.opencv import cv2
from cvinspect.train.card import write_card
from tests.command_line import cvinspect
from tests.full_disk import files_no_larger_than
from tests.train.careful_networks import saved, untrained

NAMES = ("disc", "square", "person")


@pytest.fixture
def data(tmp_path: Path) -> Any:
    """Eight pictures to learn from and four to look: bright discs and squares on noise."""
    rng = np.random.default_rng(0)
    for split, count in (("train", 8), ("val", 4)):
        for part in ("images", "labels"):
            (tmp_path / split / part).mkdir(parents=True)
        for number in range(count):
            picture = rng.integers(0, 60, size=(96, 128, 3), dtype=np.uint8)
            cv2.circle(picture, (40, 48), 20, (30, 200, 250), -1)
            cv2.rectangle(picture, (80, 30), (110, 60), (250, 60, 20), -1)
            cv2.imwrite(str(tmp_path / split / "images" / f"{split}{number}.png"), picture)
            lines = "0 0.3125 0.5 0.3125 0.4167\n1 0.7422 0.46875 0.2344 0.3125\n"
            (tmp_path / split / "labels" / f"{split}{number}.txt").write_text(lines, encoding="utf-8")
    path = tmp_path / "data.yaml"
    path.write_text(f"train: train/images\nval: val/images\nnames: [{', '.join(NAMES)}]\n", encoding="utf-8")
    return path


def words(data: Path, base: Any, out: Path, *more: object) -> Any:
    return ("train", data, "--base", base, "--out", out, "--imgsz", 64, "--batch", 4, *more)


def epochs(out: Path) -> Any:
    with (out / "epochs.csv").open(encoding="utf-8", newline="") as file:
        return [int(row["epoch"]) for row in csv.DictReader(file)]


def test_it_ends_with_a_network_that_runs_and_a_card_that_tells(data: Path, coco_base: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    done = cvinspect(*words(data, coco_base, out, "--epochs", 2, "--name", "shapes"))
    assert done.code == 0, done.err
    assert done.out == f"{out}/shapes.yaml\n"
    assert epochs(out) == [1, 2]
    assert "epoch 2 of 2" in done.err
    model = load_model(load_site(None), out / "shapes.yaml")
    assert model.card.names == NAMES
    card = yaml.safe_load((out / "shapes.yaml").read_text(encoding="utf-8"))
    disc, _, person = card["labels"]
    assert disc["training"] == {"real": 8, "synthetic": 0, "drawn": 8}  # no table says from where they are
    assert read_learnt(out / "shapes.learnt.txt") == learnt_in(data.parent / "train")
    assert disc["val"]["boxes"] == 4
    assert person["backing"] == "none"
    assert card["training"]["base"] == coco_base.name
    assert card["training"]["epochs"] == 2
    assert (out / "shapes.pt").stat().st_size < 6_000_000
    model.detector().detect(np.zeros((96, 128, 3), np.uint8))
    seen = cvinspect("evaluate", "detections", data, "--split", "train", "--model", out / "shapes.yaml")
    assert (seen.code, len(seen.errors)) == (6, 1)
    assert "model shapes has learnt from all 8 pictures of train" in seen.errors[0]
    further = cvinspect(*words(data, out / "shapes.pt", tmp_path / "further", "--epochs", 1, "--teacher", coco_base))
    assert further.code == 0, further.err
    again = cvinspect(*words(data, coco_base, out, "--epochs", 2))
    assert again.code == 5
    assert "--resume" in again.errors[0]


def test_what_the_base_rested_on_and_learnt_from_stays_known(data: Path, coco_base: Path, tmp_path: Path) -> None:
    base = Path(shutil.copyfile(coco_base, tmp_path / "first.pt"))
    before = (
        CardLabel(name="disc", backing=Backing.REAL, threshold=0.3, training=TrainingBoxes(real=900, synthetic=3)),
        CardLabel(name="square", backing=Backing.REAL, threshold=0.3, training=TrainingBoxes(real=2, synthetic=70)),
        CardLabel(name="person", backing=Backing.SYNTHETIC, threshold=0.3),
    )
    card = read_card(shipped("models/street-26n.yaml"))
    write_card(base.with_suffix(".yaml"), card.model_copy(update={"labels": before, "families": ()}))
    val = sorted((data.parent / "val" / "images").iterdir())
    write_learnt(learnt_path(base), [picture_digits(val[0])])
    out = tmp_path / "run"
    done = cvinspect(*words(data, base, out, "--epochs", 1, "--name", "shapes"))
    assert done.code == 0, done.err
    base.with_suffix(".yaml").unlink()
    learnt_path(base).unlink()
    done = cvinspect(*words(data, base, out, "--epochs", 2, "--name", "shapes", "--resume"))
    assert done.code == 0, done.err
    assert "1 of 4 pictures of val measure nothing: the base has learnt from them" in done.err
    disc, square, person = read_card(out / "shapes.yaml").labels
    assert disc.training == TrainingBoxes(real=900, synthetic=3, drawn=8)
    assert square.training == TrainingBoxes(real=8, synthetic=70, drawn=8)
    assert person.backing is Backing.SYNTHETIC
    assert disc.val is not None
    assert disc.val.boxes == 3
    assert read_learnt(out / "shapes.learnt.txt") == learnt_in(data.parent / "train") | {picture_digits(val[0])}


def learnt_in(folder: Path) -> frozenset[str]:
    return frozenset(map(picture_digits, (folder / "images").iterdir()))


def test_a_careful_network_is_trained_for_so_many_minutes(data: Path, tmp_path: Path) -> None:
    base, out = saved(untrained(NAMES), tmp_path / "careful.pt"), tmp_path / "run"
    more = ("--size", "careful", "--minutes", 0.1, "--shown", 6, "--looked-at", 2, "--name", "shapes")
    done = cvinspect(*words(data, base, out, *more))
    assert done.code == 0, done.err
    assert "8 pictures to learn from (6 an epoch)" in done.err
    model = load_model(load_site(None), out / "shapes.yaml")
    assert model.card.input_shapes == ((640, 640),)
    assert model.card.about.startswith("YOLO-World-s")
    assert model.card.training is not None
    assert model.card.training.epochs >= 1
    model.detector().detect(np.zeros((96, 128, 3), np.uint8))
    wrong = cvinspect(*words(data, base, tmp_path / "other"))
    assert wrong.errors == [f"{base}: is a careful network; allowed: a quick one, or another --size"]


def test_a_killed_run_goes_on_after_its_last_whole_epoch(data: Path, coco_base: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    code = "import sys; from cvinspect.cli.app import main; sys.argv = sys.argv[1:]; main()"
    command = [sys.executable, "-c", code, "cvinspect", *map(str, words(data, coco_base, out, "--epochs", 50))]
    last = out / "weights" / "last.pt"
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        deadline = time.monotonic() + 180
        while not last.exists() and time.monotonic() < deadline and process.poll() is None:
            time.sleep(0.2)
        process.send_signal(signal.SIGKILL)
    assert last.exists()
    before = epochs(out)
    done = cvinspect(*words(data, coco_base, out, "--epochs", before[-1] + 2, "--resume"))
    assert done.code == 0, done.err
    assert epochs(out)[-1] == before[-1] + 2
    assert epochs(out)[: len(before)] == before
    finished = cvinspect(*words(data, coco_base, out, "--epochs", 1, "--resume"))
    assert finished.code == 4
    assert "more --epochs" in finished.errors[0]


def test_a_full_disk_costs_one_line_and_no_checkpoint(data: Path, coco_base: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    assert cvinspect(*words(data, coco_base, out, "--epochs", 1)).code == 0
    before = (out / "weights" / "last.pt").read_bytes()
    with files_no_larger_than(1_000_000):
        done = cvinspect(*words(data, coco_base, out, "--epochs", 3, "--resume"))
    assert done.code == 5
    assert len(done.errors) == 1
    assert "--resume" in done.errors[0]
    assert (out / "weights" / "last.pt").read_bytes() == before


def test_a_base_that_knows_nothing_of_ours_is_refused(data: Path, coco_base: Path, tmp_path: Path) -> None:
    data.write_text(data.read_text(encoding="utf-8").replace("person", "triangle"), encoding="utf-8")
    done = cvinspect(*words(data, coco_base, tmp_path / "run"))
    assert done.code == 4
    assert len(done.errors) == 1
    assert "triangle" in done.errors[0]


@pytest.mark.parametrize("content", [b"", b"not a checkpoint", b"PK\x03\x04 half a file"])
def test_a_base_that_is_no_checkpoint_is_refused(data: Path, tmp_path: Path, content: bytes) -> None:
    base = tmp_path / "base.pt"
    base.write_bytes(content)
    done = cvinspect(*words(data, base, tmp_path / "run"))
    assert done.code == 4
    assert done.errors[0].startswith(f"{base}: ")


def test_nothing_to_start_from_and_nothing_to_go_on_with(data: Path, tmp_path: Path) -> None:
    none = cvinspect("train", data, "--base", "nowhere.pt", "--out", tmp_path / "run")
    assert none.code == 4
    assert none.errors[0].startswith("nowhere.pt: ")
    nowhere = cvinspect("train", data, "--out", tmp_path / "run", "--resume")
    assert nowhere.code == 4
    assert "nothing to go on with" in nowhere.errors[0]


def test_a_faulty_label_is_told_before_anything_is_written(data: Path, tmp_path: Path) -> None:
    (data.parent / "train/labels/train3.txt").write_text("0 0.5 0.5 0.1 0.1\n9 0.5 0.5 0.1 0.1\n", encoding="utf-8")
    done = cvinspect("train", data, "--base", "nowhere.pt", "--out", tmp_path / "run")
    assert done.code == 6
    assert "train3.txt:2" in done.errors[0]
    assert not (tmp_path / "run").exists()


def test_a_picture_that_does_not_decode_is_named(data: Path, tmp_path: Path) -> None:
    (data.parent / "train/images/train5.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    done = cvinspect("train", data, "--base", "nowhere.pt", "--out", tmp_path / "run")
    assert done.code == 6
    assert "train5.png" in done.errors[0]
