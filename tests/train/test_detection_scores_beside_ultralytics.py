"""Our detection scores beside those that `yolo val` computes from the same detections, by its own validator."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cvinspect.evaluate.detections.columns import Size
from cvinspect.evaluate.detections.matching import Predictions
from cvinspect.evaluate.detections.scoreboard import Scoreboard
from tests.detection_makers import SIDE_PX, Thing, a_picture

NAMES = ("bag", "bin", "car")
PICTURES = 250


def scenes() -> list[tuple[list[Thing], Any]]:
    """Things and detections (n, 6) xyxy confidence label: loose boxes, misses, doubles, false alarms, wrong labels."""
    rng = np.random.default_rng(11)
    made = []
    for _ in range(PICTURES):
        corners = rng.uniform(0, 70, (int(rng.integers(1, 7)), 2))
        things = np.hstack([corners, corners + rng.uniform(8, 30, corners.shape)])
        labels = rng.integers(0, 3, len(things))
        again = np.repeat(np.arange(len(things)), rng.integers(0, 3, len(things)))
        loose = things[again] + rng.normal(0, 2.0, (len(again), 4))
        taken_for = np.where(rng.random(len(again)) < 0.1, rng.integers(0, 3, len(again)), labels[again])
        spare = rng.uniform(0, 70, (int(rng.integers(0, 4)), 2))
        nothing = np.hstack([spare, spare + rng.uniform(8, 30, spare.shape)])
        boxes = np.clip(np.vstack([loose, nothing]), 0, SIDE_PX)
        sure = np.concatenate([rng.beta(3, 2, len(loose)), rng.beta(2, 4, len(nothing))])
        named = np.concatenate([taken_for, rng.integers(0, 3, len(nothing))])
        found = np.column_stack([boxes, sure, named])
        drawn = [(int(label), tuple(place)) for label, place in zip(labels, things.tolist(), strict=True)]
        made.append((drawn, found[np.argsort(-found[:, 4])]))
    return made


def ours(views: list[tuple[list[Thing], Any]]) -> Any:
    board = Scoreboard(NAMES, thresholds=(0.5, 0.5, 0.5))
    for number, (things, found) in enumerate(views):
        name = f"{number:04}.jpg"
        seen = Predictions(
            Path(name), SIDE_PX, SIDE_PX, found[:, 5].astype(np.int64), found[:, 4].copy(), found[:, :4].copy()
        )
        board.add(a_picture(name, *things, complete=(0, 1, 2)), seen)
    averages = [score.averages[Size.ALL] for score in board.labels]
    return [(average.ap50, average.ap50_95) for average in averages]


def theirs(views: list[tuple[list[Thing], Any]], folder: Path) -> Any:
    import torch
    from ultralytics.models.yolo.detect import DetectionValidator

    validator = DetectionValidator(save_dir=folder, args={"plots": False, "project": str(folder), "name": "val"})
    validator.metrics.names = dict(enumerate(NAMES))
    for things, found in views:
        rows = torch.from_numpy(found).float()
        drawn = torch.tensor([place for _, place in things]).float()
        target = torch.tensor([label for label, _ in things]).float()
        seen = {"bboxes": rows[:, :4], "conf": rows[:, 4], "cls": rows[:, 5]}
        matched = validator._process_batch(seen, {"bboxes": drawn, "cls": target})
        statistics = {
            "target_cls": target.numpy(),
            "target_img": np.unique(target.numpy()),
            "conf": rows[:, 4].numpy(),
            "pred_cls": rows[:, 5].numpy(),
        }
        validator.metrics.update_stats({**matched, **statistics, "im_name": ""})
    validator.metrics.process(save_dir=folder)
    box = validator.metrics.box
    return list(zip(box.ap50.tolist(), box.ap.tolist(), strict=True))


def test_average_precision_is_that_of_yolo_val_within_half_a_point(tmp_path: Path) -> None:
    views = scenes()
    for own, peer in zip(ours(views), theirs(views, tmp_path), strict=True):
        assert own == pytest.approx(peer, abs=0.005)
        assert 0.1 < own[1] < own[0] < 0.95
