"""What the benchmark prints, and what it refuses."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from benchmarks import stills as benchmark
from benchmarks.stills import as_json, as_markdown, as_text, cells
from cvinspect.evaluate.incidents.event_matching import RaisedIncident, match_incidents
from cvinspect.evaluate.incidents.event_scores import EventScores, WatchedClip, score
from cvinspect.evaluate.labelled.label_file import LabelledBox
from cvinspect.evaluate.labelled.manifest import Split
from cvinspect.evaluate.labelled.picture_size import PictureSize
from cvinspect.evaluate.labelled.yolo_dataset import LabelledPicture
from cvinspect.geometry import Box
from cvinspect.opencv import cv2
from samples.stills.play import site_of
from samples.stills.scene import Front, Still, still_of

SITE = site_of(20.0)
WALLS = [Box(0.1, 0.1, 0.3, 0.3), Box(0.6, 0.6, 0.9, 0.9)]
NOWHERE = Box(0.1, 0.7, 0.2, 0.8)


@dataclass(frozen=True)
class Results:
    stills: list[Still]
    clips: list[WatchedClip]

    @property
    def scores(self) -> EventScores:
        return score(self.clips, classes=[one.id for one in SITE.violations(period_s=1.0)])


@pytest.fixture
def results() -> Results:
    """Two walls with graffiti; one was found, and something beside them raised."""
    boxes = tuple(LabelledBox(0, box) for box in WALLS)
    picture = LabelledPicture(Path("wall.jpg"), Split.VAL, "here", frozenset({0}), boxes)
    violations = SITE.violations(period_s=1.0)
    still = still_of(picture, PictureSize(400, 400), (), ("graffiti",), violations, Front.STREET, seconds=60.0)
    raised = [
        RaisedIncident(still.name, str(number), "illegal_advertising", 1.0, 21.0, 60.0, box)
        for number, box in enumerate([WALLS[0], NOWHERE])
    ]
    dwell_s = {one.id: one.dwell_s for one in violations}
    matching = match_incidents(still.truth, raised, dwell_s=dwell_s)
    return Results([still], [WatchedClip(still.name, still.name, 60.0, matching)])


def test_each_class_has_its_row_with_intervals_then_all_things_and_the_mean_of_the_classes(results: Results) -> None:
    rows = cells(results.stills, results.scores)
    by_name = {row[0]: row for row in rows}
    half = "50 % (9 to 91)"
    assert len(rows) == 12 + 2
    assert by_name["illegal_advertising"][1:] == ("1", "2", "1", half, "2", "1", "0", half)
    assert by_name["road_damage"][1:] == ("0", "0", "0", "-", "0", "0", "0", "-")
    assert by_name["all"][1:] == by_name["illegal_advertising"][1:]
    assert [by_name["mean of 1 classes"][place] for place in (4, 8)] == ["50 %", "50 %"]


@pytest.mark.parametrize("written", [as_text, as_markdown])
def test_every_table_says_that_they_are_stills(results: Results, written: Callable[..., str]) -> None:
    text = written(results.stills, results.scores)
    assert text.startswith("Stills that live: photographs")
    assert "Not footage" in text
    assert "illegal_advertising" in text


def test_the_json_has_the_numbers_and_what_went_wrong_where(results: Results) -> None:
    data = json.loads(as_json(results.stills, results.clips, results.scores))
    assert data["classes"]["illegal_advertising"]["false"] == 1
    assert data["all"]["recall"]["share"] == 0.5
    (still,) = data["stills"]
    assert still["picture"] == "wall.jpg"
    assert [one["what"] for one in still["due"]] == ["found", "missed"]
    assert still["raised"][1] == {"class": "illegal_advertising", "box": [0.1, 0.7, 0.2, 0.8], "what": "false"}


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (["--pictures", "0"], "--pictures 0 --empty 12; allowed: 1 or more, 0 or more"),
        (["--dwell", "60"], "--dwell 60 --seconds 60; allowed: 1 <= dwell < seconds <= 3600"),
        (["--fps", "0"], "--fps: 0; allowed: above 0, 25 at most"),
        (["--out", "x.csv"], "--out: x.csv; allowed: a name that ends with .md or .json"),
        (["--out", "not there/x.md"], "--out: not there/x.md: no folder not there; make it first"),
        (["--only", "parking"], "--only: allowed: out_of_store_operation, "),
    ],
)
def test_what_cannot_be_is_refused(given: list[str], says: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        benchmark.main(["data.yaml", *given])
    assert left.value.code == 2
    assert says in capsys.readouterr().err


def test_a_set_that_is_not_there_is_told_in_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        benchmark.main([str(tmp_path / "data.yaml")])
    err = capsys.readouterr().err
    assert left.value.code == 6
    assert len(err.splitlines()) == 1
    assert "data.yaml" in err


def test_a_whole_run_on_one_picture(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for split in ("train", "val"):
        for what in ("images", "labels"):
            (tmp_path / split / what).mkdir(parents=True)
        (tmp_path / split / "labels" / "a.txt").write_text("0 0.5 0.5 0.4 0.4\n")
        gray = np.full((96, 128, 3), 100 if split == "train" else 120, np.uint8)
        cv2.imwrite(str(tmp_path / split / "images" / "a.png"), gray)
    (tmp_path / "data.yaml").write_text("train: train/images\nval: val/images\nnames:\n  0: road_damage\n")
    (tmp_path / "source.csv").write_text(
        "split,image,source,labels_human\ntrain,a.png,here,road_damage\nval,a.png,here,road_damage\n"
    )
    out = tmp_path / "stills.json"
    benchmark.main([str(tmp_path / "data.yaml"), "--seconds", "4", "--dwell", "2", "--out", str(out)])
    printed = capsys.readouterr()
    assert "1 of 1: a-street" in printed.err
    assert "road_damage" in printed.out
    assert json.loads(out.read_text())["classes"]["road_damage"]["due"] == 1
