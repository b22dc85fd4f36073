"""Recordings cut together from clips of two real cameras: each view goes on where it stopped."""

import json
from collections.abc import Sequence
from itertools import combinations, islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from cvinspect.domain import Pixels
from cvinspect.geometry import Box, iou
from cvinspect.opencv import cv2
from cvinspect.sources.recorded.video import open_video
from tests import clips
from tests.command_line import cvinspect, latest, records

FOOTAGE = Path(__file__).parents[1] / ".." / "shared" / "footage"
LOT, KERB, PASSERS = "lot_two_leave.mp4", "more/kerbs_bus_passes.mp4", "pass_by.mp4"
SIZE, FPS = (640, 360), 8

pytestmark = pytest.mark.skipif(not FOOTAGE.is_dir(), reason=f"needs the real clips in {FOOTAGE}, which are not here")

Part = tuple[str, float, float]
"""A clip, from one of its seconds to another."""


def shown(clip: str, from_s: float, until_s: float) -> list[Pixels]:
    frames = open_video(FOOTAGE / clip, camera="x", fps=FPS).frames()
    found = (one.pixels for one in frames if one.media_s >= from_s)
    pictures = islice(found, round((until_s - from_s) * FPS))
    return [np.asarray(cv2.resize(one, SIZE, interpolation=cv2.INTER_AREA), np.uint8) for one in pictures]


def cut_together(path: Path, parts: Sequence[Part]) -> Path:
    pictures = [one for part in parts for one in shown(*part)]
    options = {"crf": "20", "g": str(4 * FPS), "preset": "veryfast"}
    return clips.encode(
        path, size=SIZE, fps=FPS, ticks=range(len(pictures)), picture=pictures.__getitem__, options=options
    )


def inspected(
    tmp_path: Path, parts: Sequence[Part], zones: Sequence[dict[str, Any]] = ()
) -> tuple[Path, dict[str, Any]]:
    """The output folder, and what the summary says of the recording."""
    clip, config, out = cut_together(tmp_path / "cut.mp4", parts), tmp_path / "config.yaml", tmp_path / "out"
    rules = {"illegal_parking_motor": {"dwell_s": 5.0, "pre_alarm_s": 2.0}}
    camera = {"id": "gate", "source": str(clip), "zones": list(zones)}
    config.write_text(yaml.safe_dump({"cameras": [camera], "violations": rules}), encoding="utf-8")
    outcome = cvinspect("run", clip, "--config", config, "--out", out, "--careful", "none")
    assert outcome.code == 0, outcome.err
    [summary] = json.loads((out / "summary.json").read_text(encoding="utf-8"))["inputs"]
    return out, summary


def box_of(record: dict[str, Any]) -> Box:
    return Box(*record["objects"][0]["box"])


def seconds_of(summary: dict[str, Any]) -> dict[str, float]:
    return {one["reason"]: one["seconds"] for one in summary["unjudged"]}


def test_what_is_parked_in_a_view_is_one_incident_though_another_view_came_between(tmp_path: Path) -> None:
    out, summary = inspected(tmp_path, [(LOT, 0, 9), (KERB, 0, 14), (LOT, 9, 16)])

    assert [one["id"] for one in summary["views"]] == ["1", "2"]
    assert seconds_of(summary) == {"other_view": pytest.approx(3, abs=1.5)}
    assert [one for one in records(out) if one["event"] == "cleared" and 9 <= one["media"]["cleared_s"] <= 23] == []
    found = [one for one in latest(out) if one["class_id"] == "illegal_parking_motor"]
    first, second = (
        [one for one in found if (one["media"]["first_seen_s"] < 9) is is_first] for is_first in (True, False)
    )
    assert len(first) >= 3
    assert len(second) >= 3
    assert max(one["media"]["last_seen_s"] for one in first) >= 29
    for of_view in (first, second):
        assert not [pair for pair in combinations(of_view, 2) if iou(*map(box_of, pair)) > 0.5]


def test_zones_hold_in_the_view_that_is_shown_longest_and_the_run_says_so(tmp_path: Path) -> None:
    truth = json.loads((FOOTAGE / "more" / "truth.json").read_text(encoding="utf-8"))["clips"]
    zones = truth["kerbs_bus_passes.mp4"]["zones"]
    out, summary = inspected(tmp_path, [(PASSERS, 0, 4), (KERB, 0, 16)], zones)

    assert {one["zone"]["id"] for one in latest(out)} - {"near-kerb"} == {"far-kerb"}
    assert seconds_of(summary) == {"other_view": pytest.approx(4, abs=1.5)}
    assert any("shows 2 views: zones hold in the one that is shown longest" in note for note in summary["notes"])


def test_shots_that_are_too_short_for_anything_are_told_as_not_judged(tmp_path: Path) -> None:
    out, summary = inspected(tmp_path, [(PASSERS, 0, 3), (KERB, 0, 2), (LOT, 0, 2), (KERB, 2, 4)])

    assert latest(out) == []
    assert sum(seconds_of(summary).values()) == pytest.approx(9, abs=1.0)
    assert "illegal_parking_motor" in {one["class_id"] for one in summary["not_judged"]}


def test_a_tour_of_three_real_streets_is_set_up_by_its_own_stills_and_dwells_count_across_it(tmp_path: Path) -> None:
    """Seven seconds each; no visit is as long as the dwell of 12 s."""
    parts: list[Part] = []
    for number in range(3):
        parts += [(PASSERS, 0, 7), (KERB, 21 * number + 7, 21 * number + 14), (LOT, 0, 7)]
    clip, config, out = cut_together(tmp_path / "tour.mp4", parts), tmp_path / "site.yaml", tmp_path / "out"
    camera = f"cameras:\n  - id: dome\n    source: {clip}\n"
    config.write_text(camera, encoding="utf-8")
    taken = cvinspect("views", "take", config, "dome")
    assert taken.code == 0, taken.err
    written = yaml.safe_load(camera + taken.out)
    assert [one["id"] for one in written["cameras"][0]["views"]] == ["view-1", "view-2", "view-3"]

    truth = json.loads((FOOTAGE / "more" / "truth.json").read_text(encoding="utf-8"))["clips"]
    written["cameras"][0]["views"][1]["zones"] = truth["kerbs_bus_passes.mp4"]["zones"]
    written["violations"] = {"illegal_parking_motor": {"dwell_s": 12.0, "pre_alarm_s": 5.0}}
    config.write_text(yaml.safe_dump(written), encoding="utf-8")
    outcome = cvinspect("run", clip, "--config", config, "--out", out, "--careful", "none")
    assert outcome.code == 0, outcome.err

    kerb = [one for one in latest(out) if one["view"] == "view-2"]
    assert kerb
    for one in kerb:
        assert one["zone"]["id"] in {"near-kerb", "far-kerb"}
        assert one["status"] == "open"
        assert one["unseen_s"] >= 14
    assert {one["status"] for one in latest(out)} == {"open"}
    [summary] = json.loads((out / "summary.json").read_text(encoding="utf-8"))["inputs"]
    assert sum(seconds_of(summary).values()) <= 1.0
    assert [one["judged"] for one in summary["views"]] == [True] * 3


def test_a_camera_with_stills_that_cannot_be_used_is_told_in_one_line(tmp_path: Path) -> None:
    clip, config = cut_together(tmp_path / "clip.mp4", [(LOT, 0, 2)]), tmp_path / "site.yaml"
    cv2.imwrite(str(tmp_path / "grey.png"), np.full((90, 160, 3), 128, np.uint8))
    cv2.imwrite(str(tmp_path / "lot.png"), shown(LOT, 0, 1)[0])
    (tmp_path / "text.jpg").write_text("no picture", encoding="ascii")
    views = "cameras:\n  - id: dome\n    source: clip.mp4\n    views:\n"
    told = {}
    for still in ("missing.jpg", "grey.png", "text.jpg", "lot.png"):
        lines = [f"      - {{id: a, still: {still}}}", "      - {id: b, still: lot.png}"]
        config.write_text(views + "\n".join(lines) + "\n", encoding="ascii")
        outcome = cvinspect(
            "run", clip, "--config", config, "--out", tmp_path / "out", "--careful", "none", "--overwrite"
        )
        assert outcome.code == 2
        told[still] = outcome.err
    assert "cameras.0.views.0.still: missing.jpg cannot be read" in told["missing.jpg"]
    assert "cameras.0.views.0.still: grey.png shows nothing" in told["grey.png"]
    assert "cameras.0.views.0.still: text.jpg is no picture" in told["text.jpg"]
    assert "cameras.0.views: a and b look alike" in told["lot.png"]
