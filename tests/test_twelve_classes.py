"""Each of the 12 violation classes, from pictures to an incident: photographs of real streets, or the rendered clip."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from cvinspect.detect.model import Backing, read_card
from cvinspect.geometry import Box, iou
from cvinspect.sources.recorded.pictures import read_picture
from tests.command_line import cvinspect, latest

ROOT = Path(__file__).parents[1]
STREET = ROOT / ".." / "shared" / "data" / "street"
TABLE = yaml.safe_load((ROOT / "configs" / "violations.yaml").read_text(encoding="utf-8"))
DWELL_S = 5

CARD = ROOT / "models" / "street-26n.yaml"
"""Boxes of its int8 form differ by a few pixels, and photographs are judged by them."""

PHOTOGRAPHS = {
    "exposed_garbage": "at_002021.jpg",
    "bagged_garbage": "saul_valid_IMG_4396_jpeg.jpg",
    "overflowing_bin": "at_002899.jpg",
    "illegal_parking_motor": "coco_000000005037.jpg",
    "illegal_parking_nonmotor": "coco_000000013177.jpg",
    "illegal_advertising": "storm_IMG_20180724_124820.jpg",
    "road_damage": "jade_img_559_jpg.jpg",
    "street_vendor": "dl_10087.jpg",
    "piled_materials": "rare_dfayzur_mdc_photo_cdv_photo_010_1472929852743.jpg",
    "illegal_umbrella": "hs_01603.jpg",
    "street_drying": "hs_02746.jpg",
}
"""Validation pictures: the model has not learnt from them."""

IN_THE_SAMPLE = {
    "exposed_garbage",
    "illegal_parking_motor",
    "illegal_umbrella",
    "street_drying",
    "street_vendor",
}
"""What tests/test_sample.py finds in the rendered clip."""


def config(folder: Path, class_id: str, source: Path, zone: str | None = None) -> Path:
    """One camera whose whole picture is one zone, or every kind where none is named; short dwell times."""
    whole = [[0, 0], [1, 0], [1, 1], [0, 1]]
    zones = [] if zone is None else [{"id": "all", "kind": zone, "polygon": whole}]
    path = folder / "config.yaml"
    camera = {"id": "test", "source": str(source), "zones": zones}
    path.write_text(
        yaml.safe_dump({"cameras": [camera], "violations": {class_id: {"dwell_s": DWELL_S}}}), encoding="utf-8"
    )
    return path


def labels_of(class_id: str) -> set[str]:
    return set(TABLE["violations"][class_id]["labels"])


def incidents(out: Path, class_id: str) -> list[dict[str, Any]]:
    return [record for record in latest(out) if record["class_id"] == class_id]


def drawn(picture: Path, labels: set[str]) -> list[Box]:
    """Boxes of these labels in pixels, as people drew them."""
    height, width = read_picture(picture).shape[:2]
    names = list(yaml.safe_load((STREET / "data.yaml").read_text(encoding="utf-8"))["names"].values())
    found = []
    for line in (STREET / "val" / "labels" / f"{picture.stem}.txt").read_text(encoding="utf-8").splitlines():
        label, x, y, wide, high = (float(word) for word in line.split()[:5])
        if names[int(label)] in labels:
            box = Box((x - wide / 2) * width, (y - high / 2) * height, (x + wide / 2) * width, (y + high / 2) * height)
            found.append(box)
    return found


@pytest.mark.parametrize(("class_id", "name"), PHOTOGRAPHS.items())
@pytest.mark.skipif(not STREET.is_dir(), reason=f"needs the labelled pictures in {STREET}, which are not here")
def test_what_stays_in_a_real_street_becomes_an_incident_where_people_drew_it(
    class_id: str, name: str, tmp_path: Path
) -> None:
    folder = tmp_path / "pictures"
    folder.mkdir()
    for second in range(3 * DWELL_S):
        (folder / f"{second:02d}.jpg").symlink_to(STREET.resolve() / "val" / "images" / name)
    out = tmp_path / "out"
    words = ("run", folder, "--config", config(tmp_path, class_id, folder), "--out", out, "--fps", 1, "--model", CARD)
    outcome = cvinspect(*words)
    assert outcome.code == 0, outcome.err
    raised = incidents(out, class_id)
    truth = drawn(STREET / "val" / "images" / name, labels_of(class_id))
    assert raised
    assert len(raised) <= len(truth)
    backing = {label.name: label.backing.value for label in read_card(CARD).labels}
    for record in raised:
        assert record["backing"] == backing[record["objects"][0]["label"]]
        assert any(iou(Box(*thing["box"]), box) > 0.5 for thing in record["objects"] for box in truth)


def test_a_stall_in_front_of_a_shop_is_an_out_of_store_operation(tmp_path: Path) -> None:
    clip, class_id = ROOT / "samples" / "street.mp4", "out_of_store_operation"
    out = tmp_path / "out"
    words = ("run", clip, "--config", config(tmp_path, class_id, clip, zone="shop_front"), "--out", out)
    outcome = cvinspect(*words)
    assert outcome.code == 0, outcome.err
    [record] = incidents(out, class_id)
    events = json.loads((ROOT / "samples" / "street.truth.json").read_text(encoding="utf-8"))["clips"][clip.name][
        "events"
    ]
    shares = next(event["box"] for event in events if event["class"] == "street_vendor")
    stall = Box(*(share * side for share, side in zip(shares, (1280, 720) * 2, strict=True)))
    assert any(iou(Box(*thing["box"]), stall) > 0.3 for thing in record["objects"])


def test_every_class_has_a_test_and_the_card_says_what_is_hardly_seen() -> None:
    assert set(TABLE["violations"]) == {*PHOTOGRAPHS, *IN_THE_SAMPLE, "out_of_store_operation"}
    card = read_card(CARD)
    backed = {label.name for label in card.labels if label.backing is not Backing.NONE}
    assert {name for name in TABLE["violations"] if not labels_of(name) & backed} == set()
    seen = {label.name for label in card.labels if label.val is not None and (label.val.ap50 or 0) >= 0.05}
    assert {name for name in TABLE["violations"] if not labels_of(name) & seen} == set()
