"""The parts of the training objects' generator that need no Blender."""

import importlib.util
import random
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest


def load(name: str) -> ModuleType:
    path = Path(__file__).parent.parent / f"samples/objects/{name}.py"
    spec = importlib.util.spec_from_file_location(f"sample_objects_{name}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


view = load("view")
CUBE = np.array([[x, y, z] for x in (-1.0, 1.0) for y in (-1.0, 1.0) for z in (0.0, 2.0)])


@pytest.mark.parametrize("seed", range(12))
def test_the_object_has_the_length_asked_for_and_lies_in_the_picture(seed: int) -> None:
    eye = view.choose(random.Random(seed), CUBE, None, side_deg=seed * 9.0, long_px=384)
    flat = eye.project(CUBE)
    assert np.ptp(flat, axis=0).max() == pytest.approx(384, abs=0.01)
    assert flat.min() >= 0
    assert (flat <= np.array(eye.size_px)).all()


@pytest.mark.parametrize("seed", range(12))
def test_a_hand_held_camera_looks_ahead_and_one_on_a_pole_looks_down(seed: int) -> None:
    eye = view.choose(random.Random(seed), CUBE, None, side_deg=0.0, long_px=384)
    assert 0 <= eye.pitch_deg <= 15 if eye.height_m < 2 else 15 <= eye.pitch_deg <= 45


def test_boxes_come_from_masks_and_hidden_things_have_none() -> None:
    pytest.importorskip("PIL", reason="the extra `scenes` is not installed")
    develop = load("develop")
    index = np.zeros((20, 30), np.int64)
    index[5:15, 4:10] = 1
    index[6:8, 10:12] = 2
    behind = np.zeros((20, 30), bool)
    behind[6:8, 2:12] = True
    alone = {"table": index == 1, "chair": behind}
    boxes = [("table_or_chair", ("table",)), ("table_or_chair", ("chair",))]
    found = develop.labelled(index, alone, boxes, {"table": 1, "chair": 2}, (3, 5), least_share=0.35)
    assert found == [{"label": "table_or_chair", "box": [1, 0, 7, 10], "visible_share": 1.0}]
