from pathlib import Path

import numpy as np
import pytest

from cvinspect.config.site import shipped
from cvinspect.detect.model import ModelCard, load_card
from cvinspect.detect.onnx_backend import OnnxBackend
from cvinspect.detect.yolo import YoloDetector
from cvinspect.errors import ModelError
from tests.fakes import texture

CARD = shipped("models/street-26n.yaml")


@pytest.fixture(scope="module")
def card() -> ModelCard:
    return load_card(CARD)


@pytest.fixture(scope="module")
def backend(card: ModelCard) -> OnnxBackend:
    return OnnxBackend(CARD.parent / card.file, labels=card.names)


def refusal(path: Path, labels: tuple[str, ...]) -> str:
    with pytest.raises(ModelError) as caught:
        OnnxBackend(path, labels=labels).warm_up(384, 640)
    assert "\n" not in str(caught.value)
    return str(caught.value).replace(f"{path.parent}/", "")


def test_the_shipped_network_answers_rows_of_box_confidence_and_label(backend: OnnxBackend, card: ModelCard) -> None:
    rows = backend.infer(np.full((1, 3, 384, 640), 0.5, np.float32))

    assert (rows.shape, rows.dtype) == ((300, 6), np.dtype(np.float32))
    assert np.isfinite(rows).all()
    assert ((rows[:, 4] >= 0) & (rows[:, 4] <= 1)).all()
    assert set(rows[:, 5].tolist()) <= set(range(len(card.labels)))


def test_it_takes_every_input_shape_of_its_card(backend: OnnxBackend, card: ModelCard) -> None:
    shapes = [backend.infer(np.zeros((1, 3, *shape), np.float32)).shape for shape in card.input_shapes]

    assert shapes == [(300, 6)] * 3


def test_the_same_picture_gives_the_same_detections(backend: OnnxBackend, card: ModelCard) -> None:
    eyes = YoloDetector(backend, labels=card.names, shapes=card.input_shapes, floor=0.01)
    pixels = texture(3, 640, 360)

    assert eyes.detect(pixels) == eyes.detect(pixels.copy())


def test_labels_in_another_order_are_refused(card: ModelCard) -> None:
    swapped = (card.names[1], card.names[0], *card.names[2:])

    assert refusal(CARD.parent / card.file, swapped) == (
        f"street-26n.onnx: its labels are {', '.join(card.names)}; its card says {', '.join(swapped)}"
    )


def test_a_label_less_is_refused(card: ModelCard) -> None:
    assert refusal(CARD.parent / card.file, card.names[:-1]).startswith("street-26n.onnx: its labels are ")


@pytest.mark.parametrize(
    "content", [b"", b"no network at all", b"PK\x03\x04" + bytes(200)], ids=["empty", "text", "zip"]
)
def test_a_file_that_is_no_network_is_named(tmp_path: Path, content: bytes, card: ModelCard) -> None:
    path = tmp_path / "other.onnx"
    path.write_bytes(content)

    assert refusal(path, card.names).startswith("other.onnx: ")


def test_a_network_cut_short_is_named(tmp_path: Path, card: ModelCard) -> None:
    path = tmp_path / "half.onnx"
    path.write_bytes((CARD.parent / card.file).read_bytes()[:5_000_000])

    assert refusal(path, card.names).startswith("half.onnx: not a network that ONNX Runtime can load: ")


def test_a_missing_network_is_named(tmp_path: Path, card: ModelCard) -> None:
    assert refusal(tmp_path / "none.onnx", card.names).startswith("none.onnx: not a network that ONNX Runtime can load")


def test_an_input_that_the_network_cannot_take_is_a_model_error(backend: OnnxBackend) -> None:
    with pytest.raises(ModelError, match=r"street-26n\.onnx: "):
        backend.infer(np.zeros((1, 4, 384, 640), np.float32))


def test_a_shipped_network_that_was_tampered_with_does_not_pass_its_card(tmp_path: Path, card: ModelCard) -> None:
    data = bytearray((CARD.parent / card.file).read_bytes())
    data[len(data) // 2] ^= 1
    (tmp_path / card.file).write_bytes(data)
    (tmp_path / CARD.name).write_bytes(CARD.read_bytes())

    with pytest.raises(ModelError, match=rf"{tmp_path}/street-26n\.onnx: sha256 is "):
        load_card(tmp_path / CARD.name)
