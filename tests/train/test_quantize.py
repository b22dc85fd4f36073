"""These need NNCF and are skipped where the extra `train` is not installed."""

from pathlib import Path

import openvino
import pytest

from cvinspect.config.site import shipped
from cvinspect.detect.model import load_card, read_card, sha256_of
from cvinspect.errors import ModelError
from cvinspect.opencv import cv2
from tests.fakes import texture

pytest.importorskip("nncf", reason="the extra `train` is not installed")

from cvinspect.train.export import Exported
from cvinspect.train.quantize import quantize

pytestmark = pytest.mark.filterwarnings("ignore::Warning")  # NNCF's own

NETWORK = shipped("models/street-26n.onnx")


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("pictures")
    for i, size in enumerate([(640, 360), (360, 640), (320, 320)]):
        cv2.imwrite(str(folder / f"{i}.png"), texture(i, *size))
    return sorted(folder.iterdir())


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory, pictures: list[Path]) -> Exported:
    card = load_card(NETWORK.with_suffix(".yaml"))
    said: list[str] = []
    done = quantize(NETWORK, pictures, tmp_path_factory.mktemp("int8"), template=card, tell=said.append)
    assert [line.split(",")[0] for line in said] == ["street-26n-int8 against street-26n.onnx"]
    return done


def test_both_files_have_a_card_that_loads(small: Exported) -> None:
    card = load_card(small.card_path)

    assert card == small.card
    assert (card.name, card.file, card.weights_file) == (
        "street-26n-int8",
        "street-26n-int8.xml",
        "street-26n-int8.bin",
    )
    assert card.names == load_card(NETWORK.with_suffix(".yaml")).names
    assert small.network.with_suffix(".bin").stat().st_size < NETWORK.stat().st_size / 2


def test_the_hash_of_the_first_file_stands_for_both(small: Exported) -> None:
    network = openvino.Core().read_model(small.network)

    assert network.get_rt_info(["cvinspect", "weights_sha256"]).astype(str) == small.card.weights_sha256
    assert sha256_of(small.network.with_suffix(".bin")) == small.card.weights_sha256


def test_only_convolutions_calculate_in_int8_and_the_first_and_those_of_the_head_do_not(small: Exported) -> None:
    fed = _fed_in_int8(small.network)
    parts = {(kind, name.split("/")[1]) for kind, name in fed}

    assert {kind for kind, _ in parts} <= {"Convolution", "GroupConvolution"}
    assert not {"model.0", "model.23"} & {part for _, part in parts}
    assert len(parts) > 15


def test_of_a_careful_network_the_head_and_the_attention_between_labels_and_picture_do_not(
    pictures: list[Path], tmp_path: Path
) -> None:
    network = shipped("models/street-world-s.onnx")
    done = quantize(network, pictures, tmp_path, template=read_card(network.with_suffix(".yaml")), tell=print)
    fed = _fed_in_int8(done.network)

    assert {kind for kind, _ in fed} == {"Convolution"}
    assert not [name for _, name in fed if "attn" in name or "projections" in name or "model.23/" in name]
    assert len(fed) > 40
    assert load_card(done.card_path).inner_boxes


def _fed_in_int8(network: Path) -> set[tuple[str, str]]:
    """Type and name of every layer that takes numbers in int8."""
    return {
        (target.get_node().get_type_name(), target.get_node().get_friendly_name())
        for layer in openvino.Core().read_model(network).get_ops()
        if layer.get_type_name() == "FakeQuantize"
        for target in layer.output(0).get_target_inputs()
    }


def test_a_file_that_is_no_network_is_named(tmp_path: Path, pictures: list[Path]) -> None:
    (tmp_path / "text.onnx").write_text("no network")
    card = load_card(NETWORK.with_suffix(".yaml"))

    with pytest.raises(ModelError, match=r"text\.onnx: not a network that OpenVINO can load: "):
        quantize(tmp_path / "text.onnx", pictures, tmp_path, template=card, tell=print)
