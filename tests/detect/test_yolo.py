import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cvinspect.detect.yolo import YoloDetector, best_shape, distinct, fit, network_input
from cvinspect.domain import Detection
from cvinspect.geometry import Box, iou
from tests.fakes import FakeBackend, shifted, texture

SHAPES = ((384, 640), (640, 640), (640, 384))
LABELS = ("car", "person")
SIDES = st.integers(1, 4000)


@st.composite
def detections(draw: st.DrawFn) -> Detection:
    x0, y0 = draw(st.integers(0, 60)), draw(st.integers(0, 60))
    box = Box(x0, y0, x0 + draw(st.integers(1, 60)), y0 + draw(st.integers(1, 60)))
    return Detection(draw(st.sampled_from(LABELS)), draw(st.sampled_from([0.2, 0.4, 0.6, 0.8])), box)


@given(SIDES, SIDES, st.sampled_from(SHAPES))
def test_a_picture_lies_whole_and_centred_in_the_input(width: int, height: int, shape: tuple[int, int]) -> None:
    box = fit(width, height, shape)
    across, down = max(1, round(width * box.scale)), max(1, round(height * box.scale))

    assert across == shape[1] or down == shape[0]
    assert 0 <= shape[1] - across - 2 * box.left <= 1
    assert 0 <= shape[0] - down - 2 * box.top <= 1


@given(SIDES, SIDES, st.sampled_from(SHAPES), st.lists(st.floats(0, 1), min_size=4, max_size=4))
def test_what_the_letterbox_does_is_undone(
    width: int, height: int, shape: tuple[int, int], corners: list[float]
) -> None:
    box = fit(width, height, shape)
    x0, x1 = sorted(corner * width for corner in corners[:2])
    y0, y1 = sorted(corner * height for corner in corners[2:])
    scaled = [x0 * box.scale + box.left, y0 * box.scale + box.top, x1 * box.scale + box.left, y1 * box.scale + box.top]

    assert box.to_picture(scaled).xyxy == pytest.approx((x0, y0, x1, y1), abs=1e-6)


@given(SIDES, SIDES, st.sampled_from(SHAPES), st.lists(st.floats(-5000, 5000), min_size=4, max_size=4))
def test_boxes_come_back_inside_the_picture(
    width: int, height: int, shape: tuple[int, int], corners: list[float]
) -> None:
    x0, x1, y0, y1 = *sorted(corners[:2]), *sorted(corners[2:])
    found = fit(width, height, shape).to_picture([x0, y0, x1, y1])

    assert 0 <= found.x0 <= found.x1 <= width
    assert 0 <= found.y0 <= found.y1 <= height


@pytest.mark.parametrize(
    ("size", "shape"),
    [
        ((1920, 1080), (384, 640)),
        ((640, 480), (640, 640)),
        ((1080, 1920), (640, 384)),
        ((720, 720), (640, 640)),
        ((1, 1), (640, 640)),
        ((3840, 600), (384, 640)),
    ],
)
def test_the_input_that_shows_a_picture_largest_is_taken_and_no_larger_one(
    size: tuple[int, int], shape: tuple[int, int]
) -> None:
    assert best_shape(*size, SHAPES) == shape
    assert best_shape(*size, SHAPES[::-1]) == shape


def test_the_network_gets_red_green_and_blue_in_shares_with_gray_around() -> None:
    blue = np.zeros((50, 100, 3), np.uint8)
    blue[:, :, 0] = 255
    tensor = network_input(blue, fit(100, 50, (640, 640)), (640, 640))

    assert (tensor.shape, tensor.dtype) == ((1, 3, 640, 640), np.dtype(np.float32))
    assert tensor[0, :, 320, 320].tolist() == [0.0, 0.0, 1.0]
    assert tensor[0, :, 5, 320].tolist() == pytest.approx([114 / 255] * 3)


@pytest.mark.parametrize("size", [(1, 1), (2000, 1), (1, 2000), (33, 47), (640, 384)])
def test_pictures_of_any_size_become_inputs(size: tuple[int, int]) -> None:
    pixels = texture(1, *size)
    shape = best_shape(*size, SHAPES)

    assert network_input(pixels, fit(*size, shape), shape).shape == (1, 3, *shape)


@given(st.lists(detections(), max_size=12))
def test_taking_out_echoes_twice_takes_out_no_more(many: list[Detection]) -> None:
    once = distinct(many)

    assert distinct(once) == once


@given(st.lists(detections(), max_size=12))
def test_what_is_left_is_sorted_and_holds_the_surest_of_every_label(many: list[Detection]) -> None:
    left = distinct(many)

    assert [d.confidence for d in left] == sorted((d.confidence for d in left), reverse=True)
    for label in {d.label for d in many}:
        surest = max(d.confidence for d in many if d.label == label)
        assert max(d.confidence for d in left if d.label == label) == surest


@given(st.lists(detections(), max_size=12))
def test_a_detection_goes_only_for_a_surer_one_of_its_label_at_its_place(many: list[Detection]) -> None:
    left = distinct(many)

    for gone in (d for d in many if d not in left):
        assert any(
            other.label == gone.label and other.confidence >= gone.confidence and iou(other.box, gone.box) > 0
            for other in left
        )


@given(st.lists(detections(), max_size=12))
def test_labels_do_not_meddle_with_each_other(many: list[Detection]) -> None:
    apart = [d for label in LABELS for d in distinct([d for d in many if d.label == label])]

    assert sorted(map(repr, distinct(many))) == sorted(map(repr, apart))


CAR = [100.0, 120.0, 200.0, 180.0, 0.9, 0.0]


def detector(*rows: list[float], budget: int = 100) -> YoloDetector:
    return YoloDetector(FakeBackend(rows), labels=LABELS, shapes=SHAPES, budget=budget)


def test_detections_come_in_pixels_of_the_picture() -> None:
    pixels = texture(1, 1280, 720)  # scaled by a half, 12 pixels of gray above

    assert detector(CAR).detect(pixels) == [Detection("car", pytest.approx(0.9), Box(200.0, 216.0, 400.0, 336.0))]


def test_the_surest_comes_first_and_echoes_are_left_out() -> None:
    person, echo = [300.0, 120.0, 320.0, 180.0, 0.95, 1.0], [102.0, 121.0, 199.0, 179.0, 0.5, 0.0]

    found = detector(echo, CAR, person).detect(texture(1, 640, 360))
    assert [(d.label, d.confidence) for d in found] == [("person", pytest.approx(0.95)), ("car", pytest.approx(0.9))]


def test_a_box_inside_a_surer_one_is_an_echo_unless_the_head_leaves_none() -> None:
    inner = [105.0, 125.0, 150.0, 175.0, 0.5, 0.0]
    same = [102.0, 121.0, 199.0, 179.0, 0.6, 0.0]
    shown = {"labels": LABELS, "shapes": SHAPES}
    picture = texture(1, 640, 360)

    assert len(YoloDetector(FakeBackend([CAR, same, inner]), **shown).detect(picture)) == 1
    found = YoloDetector(FakeBackend([CAR, same, inner]), **shown, inner_boxes=True).detect(picture)
    assert [d.confidence for d in found] == [pytest.approx(0.9), pytest.approx(0.5)]


@pytest.mark.parametrize(
    "row",
    [
        pytest.param([*CAR[:4], 0.09, 0.0], id="under the floor"),
        pytest.param([*CAR[:4], 0.9, 2.0], id="no such label"),
        pytest.param([*CAR[:4], 0.9, -1.0], id="a negative label"),
        pytest.param([100.0, 0.0, 200.0, 11.0, 0.9, 0.0], id="in the gray above the picture"),
        pytest.param([100.0, 120.0, 100.5, 180.0, 0.9, 0.0], id="narrower than a pixel"),
        pytest.param([200.0, 180.0, 100.0, 120.0, 0.9, 0.0], id="inside out"),
        pytest.param([*CAR[:4], float("nan"), 0.0], id="a confidence that is none"),
        pytest.param([float("nan"), *CAR[1:]], id="a corner that is none"),
    ],
)
def test_rows_that_say_nothing_of_the_picture_are_left_out(row: list[float]) -> None:
    assert detector(row).detect(texture(1, 640, 360)) == []


def test_a_confidence_over_one_is_one() -> None:
    [found] = detector([*CAR[:4], 1.0001, 0.0]).detect(texture(1, 640, 360))

    assert found.confidence == 1.0


def test_what_is_over_the_budget_is_counted_and_the_least_sure() -> None:
    rows = [[*shifted(Box(0, 12, 30, 50), 40 * i).xyxy, 0.3 + i / 100, 0.0] for i in range(10)]
    eyes = detector(*rows, budget=4)

    found = [eyes.detect(texture(1, 640, 360)) for _ in range(2)]
    assert [[round(d.confidence, 2) for d in one] for one in found] == [[0.39, 0.38, 0.37, 0.36]] * 2
    assert eyes.cut == 12


def test_every_picture_is_fed_in_the_shape_that_suits_it() -> None:
    backend = FakeBackend([])
    eyes = YoloDetector(backend, labels=LABELS, shapes=SHAPES)
    for size in ((1280, 720), (720, 1280), (500, 500)):
        eyes.detect(texture(1, *size))

    assert [tensor.shape for tensor in backend.inputs] == [(1, 3, 384, 640), (1, 3, 640, 384), (1, 3, 640, 640)]
