"""CenterFace's map becomes boxes in the picture."""

import numpy as np
import pytest

from cvinspect.detect.faces import FaceFinder
from cvinspect.domain import Detection

SHAPES = ((96, 160), (160, 160), (160, 96))

Floats = np.ndarray


class OneFace:
    """Says that each input it is given shows one face: 20 x 40 px around (42, 26) of the input."""

    def __init__(self) -> None:
        self.inputs: list[Floats] = []

    def outputs(self, tensor: Floats) -> list[Floats]:
        self.inputs.append(tensor)
        rows, columns = (side // 4 for side in tensor.shape[2:])
        heat = np.zeros((1, 1, rows, columns), np.float32)
        size, offset = (np.zeros((1, 2, rows, columns), np.float32) for _ in range(2))
        heat[0, 0, 6, 10] = 0.75
        size[0, :, 6, 10] = np.log([40 / 4, 20 / 4])
        offset[0, :, 6, 10] = 0.0, 0.0
        return [heat, size, offset, np.zeros((1, 10, rows, columns), np.float32)]


def test_a_point_and_its_size_are_a_box() -> None:
    layers = OneFace()
    found = FaceFinder(layers, shapes=SHAPES, floor=0.2).detect(np.zeros((96, 160, 3), np.uint8))
    (one,) = found
    assert (one.label, one.confidence) == ("face", 0.75)
    assert one.box.xyxy == pytest.approx((32, 6, 52, 46), abs=0.001)


def test_the_network_is_fed_red_first_from_0_to_255() -> None:
    layers = OneFace()
    picture = np.full((96, 160, 3), (10, 20, 255), np.uint8)
    FaceFinder(layers, shapes=SHAPES, floor=0.2).detect(picture)
    assert layers.inputs[0][0, :, 50, 50].tolist() == [255.0, 20.0, 10.0]


def test_boxes_are_in_pixels_of_the_picture_and_inside_it() -> None:
    half_size = FaceFinder(OneFace(), shapes=SHAPES, floor=0.2).detect(np.zeros((48, 80, 3), np.uint8))
    assert [one.box.xyxy for one in half_size] == [pytest.approx((16, 3, 26, 23), abs=0.001)]
    square = FaceFinder(OneFace(), shapes=((96, 96),), floor=0.2).detect(np.zeros((20, 96, 3), np.uint8))
    assert [one.box.y0 for one in square] == [0.0]


def test_what_is_less_sure_than_the_floor_is_left_out() -> None:
    assert FaceFinder(OneFace(), shapes=SHAPES, floor=0.76).detect(np.zeros((96, 160, 3), np.uint8)) == []


def test_a_large_picture_is_looked_at_in_tiles_and_as_a_whole() -> None:
    layers = OneFace()
    finder = FaceFinder(layers, shapes=SHAPES, floor=0.2)
    found = finder.find(np.zeros((1080, 1920, 3), np.uint8))
    assert (len(layers.inputs), all(isinstance(one, Detection) for one in found)) == (5, True)
    assert all(0 <= one.box.x0 < one.box.x1 <= 1920 and 0 <= one.box.y0 < one.box.y1 <= 1080 for one in found)
    finder.find(np.zeros((576, 960, 3), np.uint8))
    assert len(layers.inputs) == 6


def test_numbers_that_are_none_do_no_harm() -> None:
    class Broken(OneFace):
        def outputs(self, tensor: Floats) -> list[Floats]:
            heat, size, offset, rest = super().outputs(tensor)
            size[0, :, 6, 10] = 1e9, np.nan
            return [heat, size, offset, rest]

    finder = FaceFinder(Broken(), shapes=SHAPES, floor=0.2)
    assert finder.detect(np.zeros((96, 160, 3), np.uint8)) == []
