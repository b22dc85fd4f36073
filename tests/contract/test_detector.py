"""What every detector keeps to."""

import numpy as np
import pytest

from cvinspect.config.site import shipped
from cvinspect.detect import Detector
from cvinspect.detect.model import load_card
from cvinspect.detect.onnx_backend import OnnxBackend
from cvinspect.detect.yolo import YoloDetector
from tests.fakes import BAY, FakeBackend, ScriptedDetector, detection, shifted, texture

SHAPES = ((384, 640), (640, 640), (640, 384))
ROWS = [[5.0 + 40 * i, -20.0, 60.0 + 40 * i, 700.0, 0.3 + i / 20, float(i % 2)] for i in range(12)]


def scripted() -> Detector:
    return ScriptedDetector([[detection(confidence=0.3), detection(shifted(BAY, 70))]] * 9)


def yolo() -> Detector:
    return YoloDetector(FakeBackend(ROWS), labels=("motor_vehicle", "person"), shapes=SHAPES)


def shipped_network() -> Detector:
    return network("street-26n")


def careful_network() -> Detector:
    return network("street-world-s")


def network(name: str) -> Detector:
    path = shipped(f"models/{name}.yaml")
    card = load_card(path)
    backend = OnnxBackend(path.parent / card.file, labels=card.names)
    return YoloDetector(backend, labels=card.names, shapes=card.input_shapes, floor=0.001)


@pytest.fixture(
    params=[scripted, yolo, shipped_network, careful_network],
    ids=["scripted", "yolo", "the shipped network", "the careful network"],
)
def detector(request: pytest.FixtureRequest) -> Detector:
    made: Detector = request.param()
    return made


@pytest.mark.parametrize("size", [(320, 180), (180, 320), (333, 331)])
def test_the_most_confident_comes_first_and_boxes_lie_in_the_picture(detector: Detector, size: tuple[int, int]) -> None:
    width, height = size
    found = detector.detect(texture(5, width, height))

    assert [d.confidence for d in found] == sorted((d.confidence for d in found), reverse=True)
    assert all(0 <= d.confidence <= 1 for d in found)
    assert all(0 <= d.box.x0 < d.box.x1 <= max(size) and 0 <= d.box.y0 < d.box.y1 <= max(size) for d in found)


def test_the_same_picture_gives_the_same_answer_and_is_left_as_it_was(detector: Detector) -> None:
    pixels = texture(5, 320, 180).copy()
    before = pixels.copy()

    assert detector.detect(pixels) == detector.detect(pixels)
    assert np.array_equal(pixels, before)
