import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import openvino
import pytest
from openvino import opset13 as layers

from cvinspect.config.site import shipped
from cvinspect.detect.model import ModelCard, load_card
from cvinspect.detect.onnx_backend import OnnxBackend
from cvinspect.detect.openvino_backend import OpenVinoBackend
from cvinspect.detect.yolo import YoloDetector
from cvinspect.errors import ModelError
from cvinspect.opencv import cv2
from cvinspect.train.agreement import agreement
from tests.command_line import cvinspect
from tests.fakes import texture
from tests.networks import SHIPPED, converted, with_card

LABELS = ("car", "stall")
ROW = [10.0, 20.0, 110.0, 220.0, 0.75, 1.0]
SHIPPED_INT8 = sorted(SHIPPED.parent.glob("*-int8.yaml"))


@pytest.fixture(scope="module")
def card() -> ModelCard:
    return load_card(SHIPPED.with_suffix(".yaml"))


@pytest.fixture(scope="module")
def street(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return converted(tmp_path_factory.mktemp("networks"))


@pytest.fixture(scope="module")
def backend(street: Path, card: ModelCard) -> OpenVinoBackend:
    return OpenVinoBackend(street, street.with_suffix(".bin"), labels=card.names)


def tiny(path: Path, *, names: str | None = "{0: 'car', 1: 'stall'}", rows: object = (ROW,)) -> Path:
    """A network that takes any picture and answers the same rows, whatever it is shown."""
    picture = layers.parameter([-1, 3, -1, -1], np.float32, name="images")
    nothing = layers.multiply(layers.reduce_mean(picture, np.array([0, 1, 2, 3]), True), np.float32(0))
    output = layers.add(layers.squeeze(nothing, np.array([0])), np.asarray([rows], np.float32))
    network = openvino.Model([output], [picture], "tiny")
    if names is not None:
        network.set_rt_info(names, ["framework", "names"])
    openvino.save_model(network, path, compress_to_fp16=False)
    return path


def opened(path: Path, labels: tuple[str, ...] = LABELS) -> OpenVinoBackend:
    return OpenVinoBackend(path, path.with_suffix(".bin"), labels=labels)


def refusal(path: Path, labels: tuple[str, ...] = LABELS) -> str:
    with pytest.raises(ModelError) as caught:
        opened(path, labels).infer(np.zeros((1, 3, 64, 64), np.float32))
    assert "\n" not in str(caught.value)
    return str(caught.value).replace(f"{path.parent}/", "")


def test_it_says_what_onnx_runtime_says_of_the_same_network(backend: OpenVinoBackend, card: ModelCard) -> None:
    onnx = OnnxBackend(SHIPPED, labels=card.names)
    for shape in card.input_shapes:
        found = agreement(onnx, backend, [texture(i, 640, 360) for i in range(3)], shape=shape, floor=0.001)
        assert found.things > 0
        assert (found.alone, found.score_largest < 1e-4, found.box_largest_px < 0.01) == (0, True, True)


def test_one_answer_does_not_overwrite_another(backend: OpenVinoBackend) -> None:
    first = backend.infer(np.zeros((1, 3, 384, 640), np.float32))
    kept = first.copy()
    backend.infer(np.ones((1, 3, 384, 640), np.float32))

    assert (first.shape, first.dtype) == ((300, 6), np.dtype(np.float32))
    assert np.array_equal(first, kept)


def test_the_same_picture_gives_the_same_detections(backend: OpenVinoBackend, card: ModelCard) -> None:
    eyes = YoloDetector(backend, labels=card.names, shapes=card.input_shapes, floor=0.01)
    pixels = texture(3, 640, 360)

    assert eyes.detect(pixels) == eyes.detect(pixels.copy())


def test_its_rows_are_those_of_the_network(tmp_path: Path) -> None:
    rows = opened(tiny(tmp_path / "tiny.xml")).infer(np.zeros((1, 3, 64, 96), np.float32))

    assert rows.tolist() == [ROW]


def test_labels_in_another_order_are_refused(tmp_path: Path) -> None:
    path = tiny(tmp_path / "tiny.xml")

    assert refusal(path, ("stall", "car")) == "tiny.xml: its labels are car, stall; its card says stall, car"


@pytest.mark.parametrize("names", [None, "", "car stall", "[1"], ids=["none", "empty", "words", "broken"])
def test_a_network_without_labels_is_refused(tmp_path: Path, names: str | None) -> None:
    path = tiny(tmp_path / "tiny.xml", names=names)

    assert refusal(path) == "tiny.xml: its labels are not written in it; its card says car, stall"


def test_a_head_of_another_kind_is_refused(tmp_path: Path) -> None:
    path = tiny(tmp_path / "tiny.xml", rows=[[1.0, 2.0, 3.0, 4.0, 0.5]])

    assert refusal(path) == (
        "tiny.xml: output has shape [1, 1, 5]; allowed: [1, n, 6], an end-to-end head, or [1, 6, n]"
    )


@pytest.mark.parametrize("content", [b"", b"no network", b"<html><b>gone</b></html>"], ids=["empty", "text", "page"])
def test_a_file_that_is_no_network_is_named(tmp_path: Path, content: bytes) -> None:
    path = tiny(tmp_path / "tiny.xml")
    path.write_bytes(content)

    assert refusal(path).startswith("tiny.xml: not a network that OpenVINO can load: Unable to read the model")


def test_weights_cut_short_are_named(tmp_path: Path, street: Path, card: ModelCard) -> None:
    path = Path(shutil.copy(street, tmp_path))
    path.with_suffix(".bin").write_bytes(street.with_suffix(".bin").read_bytes()[:1_000_000])

    assert refusal(path, card.names) == (
        "street.xml: not a network that OpenVINO can load: Incorrect weights in bin file!"
    )


def test_a_missing_network_is_named(tmp_path: Path) -> None:
    assert refusal(tmp_path / "none.xml").startswith("none.xml: not a network that OpenVINO can load: ")


def test_an_input_that_the_network_cannot_take_is_a_model_error(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"tiny\.xml: the network failed: "):
        opened(tiny(tmp_path / "tiny.xml")).infer(np.zeros((1, 4, 64, 64), np.float32))


def test_without_the_extra_one_line_says_which_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tiny(tmp_path / "tiny.xml")
    monkeypatch.setitem(sys.modules, "openvino", None)

    assert refusal(path) == "tiny.xml: needs OpenVINO, which is not installed: pip install 'cvinspect[openvino]'"


def test_run_ends_with_the_exit_code_of_a_model_without_the_extra(
    street: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = with_card(street)
    monkeypatch.setitem(sys.modules, "openvino", None)
    outcome = cvinspect("run", "samples/street.mp4", "--model", path, "--out", tmp_path / "out")

    assert (outcome.code, outcome.errors) == (
        4,
        [f"{street}: needs OpenVINO, which is not installed: pip install 'cvinspect[openvino]'"],
    )


@pytest.mark.parametrize("suffix", [".yaml", ".xml"])
def test_detect_takes_the_network_or_its_card(street: Path, tmp_path: Path, suffix: str) -> None:
    with_card(street)
    picture = tmp_path / "picture.png"
    cv2.imwrite(str(picture), texture(1, 640, 360))
    ours = cvinspect("detect", picture, "--model", street.with_suffix(suffix), "--confidence", 0.001)
    theirs = cvinspect("detect", picture, "--model", shipped("models/street-26n.yaml"), "--confidence", 0.001)

    assert (ours.code, ours.err) == (0, "")
    assert ours.out.count('"label"') == theirs.out.count('"label"') > 0


def test_weights_that_were_changed_do_not_pass_their_card(street: Path, tmp_path: Path) -> None:
    copied = Path(shutil.copy(street, tmp_path))
    shutil.copy(street.with_suffix(".bin"), tmp_path)
    path = with_card(copied)
    with copied.with_suffix(".bin").open("ab") as weights:
        weights.write(b"!")

    with pytest.raises(ModelError, match=rf"{tmp_path}/street\.bin: sha256 is "):
        load_card(path)


@pytest.mark.parametrize("path", SHIPPED_INT8, ids=lambda path: path.stem)
def test_the_shipped_int8_network_sees_what_the_fp32_one_sees(path: Path) -> None:
    small, full = load_card(path), load_card(shipped("models/street-26n.yaml"))
    assert small.weights_file is not None
    ours = OpenVinoBackend(path.parent / small.file, path.parent / small.weights_file, labels=small.names)
    theirs = OnnxBackend(SHIPPED, labels=full.names)
    assert small.names == full.names
    pictures = [texture(i, 640, 360) for i in range(4)]
    assert agreement(theirs, ours, pictures, shape=(384, 640), floor=0.01).score_median < 0.1


def test_nothing_that_reports_to_others_is_loaded() -> None:
    code = (
        "import sys; from pathlib import Path; from cvinspect.detect.openvino_backend import _openvino\n"
        "_openvino(Path('x.xml')).Core(); _openvino(Path('x.xml'))\n"
        "print([name for name in sys.modules if 'telemetry' in name or 'ovc' in name])"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert ran.stdout == "[]\n"


FIRST_CALLS = """
import sys, threading
from pathlib import Path
import openvino
from cvinspect.detect.openvino_backend import OpenVinoBackend

sys.setswitchinterval(1e-6)
path = Path(sys.argv[1])
OpenVinoBackend(path, path.with_suffix(".bin"), labels=("car", "stall")).warm_up(64, 64)
barrier = threading.Barrier(16)
threads = [threading.Thread(target=lambda: (barrier.wait(), openvino.Type.f32.to_dtype())) for _ in range(16)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print("done")
"""


def test_what_threads_must_not_do_first_at_the_same_time_is_done_by_the_warm_up(tmp_path: Path) -> None:
    # Without a first inference two in three of these processes hang for ever.
    path = tiny(tmp_path / "tiny.xml")

    for _ in range(4):
        ran = subprocess.run(
            [sys.executable, "-c", FIRST_CALLS, str(path)], capture_output=True, text=True, timeout=60, check=True
        )
        assert ran.stdout == "done\n"
