"""Plates are looked for in vehicles, each enlarged by itself."""

import numpy as np
import pytest

from cvinspect.detect.plates import PlateFinder, _anchors
from cvinspect.geometry import Box

Floats = np.ndarray
SIDE = 480


class OnePlate:
    """Says that each input shows one plate of `width` x `height` px around (244, 244)."""

    def __init__(self, width: float, height: float, confidence: float = 0.5) -> None:
        self.size = width, height
        self.confidence = confidence
        self.inputs: list[Floats] = []

    def outputs(self, tensor: Floats) -> list[Floats]:
        self.inputs.append(tensor)
        anchors = _anchors(*tensor.shape[2:])
        at = int(np.flatnonzero((anchors == (244, 244, 48, 48)).all(axis=1))[0])
        places, scores = np.zeros((1, len(anchors), 4), np.float32), np.zeros((1, len(anchors), 2), np.float32)
        places[0, at, 2:] = np.log(np.array(self.size) / 48) / 0.2
        scores[0, at, 1] = self.confidence
        return [places, scores, np.zeros((1, len(anchors), 8), np.float32)]


def finder(layers: OnePlate) -> PlateFinder:
    return PlateFinder(layers, side=SIDE, floor=0.2)


def test_anchors_stand_in_the_networks_order() -> None:
    anchors = _anchors(480, 480)
    assert len(anchors) == 2 * (60 * 60 + 30 * 30 + 15 * 15)
    assert anchors[:3].tolist() == [[4, 4, 24, 24], [4, 4, 48, 48], [12, 4, 24, 24]]
    assert anchors[-1].tolist() == [464, 464, 768, 768]
    assert _anchors(32, 64)[[0, 2, 15, -1]].tolist() == [
        [4, 4, 24, 24],
        [12, 4, 24, 24],
        [60, 4, 48, 48],
        [48, 16, 768, 768],
    ]


def test_a_plate_is_told_in_pixels_of_the_whole_picture() -> None:
    layers = OnePlate(96, 32)
    vehicle = Box(1000, 500, 1240, 740)  # shown with 12 px around: 264 px enlarged to 480
    (plate,) = finder(layers).find(np.zeros((1080, 1920, 3), np.uint8), [vehicle])
    scale = 264 / 480
    assert (plate.label, plate.confidence) == ("plate", pytest.approx(0.5))
    centre = (988 + 244 * scale, 488 + 244 * scale)
    assert plate.box.centre == pytest.approx(centre)
    assert (plate.box.width, plate.box.height) == pytest.approx((96 * scale, 32 * scale), rel=1e-4)


def test_the_network_is_fed_blue_first_less_its_mean() -> None:
    layers = OnePlate(96, 32)
    finder(layers).detect(np.full((480, 480, 3), (104, 127, 123), np.uint8))
    assert layers.inputs[0][0, :, 9, 9].tolist() == [0.0, 10.0, 0.0]


@pytest.mark.parametrize(
    ("width", "height", "found"),
    [(96, 32, 1), (60, 52, 0), (63, 52, 1), (130, 21, 0), (119, 20, 1), (440, 230, 1), (440, 260, 0)],
)
def test_what_is_not_shaped_like_a_plate_is_none(width: int, height: int, found: int) -> None:
    assert len(finder(OnePlate(width, height)).detect(np.zeros((480, 480, 3), np.uint8))) == found


def test_a_vehicle_that_is_wide_is_not_padded_to_a_square() -> None:
    layers = OnePlate(96, 32)
    finder(layers).detect(np.zeros((200, 300, 3), np.uint8))
    assert layers.inputs[0].shape == (1, 3, 320, 480)


def test_without_a_vehicle_the_network_is_not_asked() -> None:
    layers = OnePlate(96, 32)
    assert finder(layers).find(np.zeros((480, 480, 3), np.uint8), []) == []
    too_small, outside = Box(10, 10, 65, 65), Box(600, 600, 700, 700)
    assert finder(layers).find(np.zeros((480, 480, 3), np.uint8), [too_small, outside]) == []
    assert layers.inputs == []


def test_one_plate_seen_in_two_boxes_is_one() -> None:
    vehicle = Box(100, 100, 340, 340)
    found = finder(OnePlate(96, 32)).find(np.zeros((480, 480, 3), np.uint8), [vehicle, vehicle.moved(2, 0)])
    assert len(found) == 1
