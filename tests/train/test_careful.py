"""The second kind of network: YOLO-World with a learnt vector a label."""

from copy import deepcopy
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cvinspect.detect.model import Backing, CardLabel, ModelCard, load_card
from cvinspect.detect.onnx_backend import OnnxBackend
from cvinspect.errors import ModelError
from cvinspect.opencv import cv2
from cvinspect.train.sizes import Size, size_of
from tests.command_line import cvinspect
from tests.fakes import texture
from tests.train.careful_networks import saved, untrained

torch = pytest.importorskip("torch", reason="the extra `train` is not installed")

NAMES = ("bin", "person", "banner")

pytestmark = pytest.mark.filterwarnings("ignore::Warning")  # torch and its exporter deprecate their own parts


@pytest.fixture(scope="module")
def network(torch_is_there: None) -> Any:
    return untrained(NAMES)


@pytest.fixture(scope="module")
def checkpoint(network: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return saved(deepcopy(network), tmp_path_factory.mktemp("careful") / "careful.pt")


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("pictures")
    for i in range(2):
        cv2.imwrite(str(folder / f"{i}.png"), texture(i, 640, 360))
    return sorted(folder.iterdir())


@pytest.fixture(scope="module")
def card() -> ModelCard:
    labels = tuple(CardLabel(name=name, backing=Backing.NONE, threshold=0.25) for name in NAMES)
    fields = {"name": "careful", "file": "careful.onnx", "sha256": "0" * 64, "licence": "AGPL-3.0-or-later"}
    return ModelCard(schema="cvinspect.model/v1", input_shapes=((384, 640),), labels=labels, **fields)


@pytest.fixture(scope="module")
def exported(checkpoint: Path, card: ModelCard, pictures: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Any:
    from cvinspect.train.export import export

    said: list[str] = []
    out = tmp_path_factory.mktemp("exported")
    (done,) = export(checkpoint, out, template=card, pictures=pictures, tell=said.append)
    assert len(said) == 1
    return done


def read(path: Path, copy: Path) -> Any:
    from cvinspect.train.checkpoint import read_base

    return read_base(path, copy=copy / "copy.pt").model


def test_the_reader_takes_it_and_knows_its_size(checkpoint: Path, tmp_path: Path) -> None:
    assert size_of(read(checkpoint, tmp_path)) is Size.CAREFUL


def test_one_that_still_takes_its_vectors_from_text_is_refused(tmp_path: Path, network: Any) -> None:
    texts = deepcopy(network)
    vectors = texts.txt_feats.detach()
    del texts.txt_feats
    texts.txt_feats = vectors

    with pytest.raises(ModelError, match=r"text\.pt: has no end-to-end detection head and no learnt label vectors"):
        read(saved(texts, tmp_path / "text.pt"), tmp_path)


def test_known_labels_keep_their_vectors_and_new_ones_start_between_them(network: Any) -> None:
    from cvinspect.train.network import adopt

    adopted, before = deepcopy(network), network.txt_feats.detach()[0]
    adopt(adopted, ("stall", "person"))

    after = adopted.txt_feats.detach()[0]
    assert torch.allclose(after, torch.stack([before.mean(dim=0), before[1]]))
    assert adopted.names == {0: "stall", 1: "person"}
    assert isinstance(adopted.txt_feats, torch.nn.Parameter)


def test_without_marks_the_loss_is_ultralytics_own_and_an_undrawn_label_costs_less(network: Any) -> None:
    from ultralytics.cfg import get_cfg
    from ultralytics.utils.loss import v8DetectionLoss

    from cvinspect.train.partial import partial_criterion

    model = deepcopy(network).train()
    model.args = get_cfg()
    with torch.no_grad():
        said = model(torch.rand(1, 3, 64, 64))
    plain = v8DetectionLoss(model)(said, batch())[0]
    assert torch.allclose(partial_criterion(model)(said, batch())[0], plain)
    marked = partial_criterion(model)(said, batch((len(NAMES) + 1, 0.5, 0.5, 1, 1)))[0]
    assert marked[1] < 0.9 * plain[1]
    assert torch.allclose(marked[[0, 2]], plain[[0, 2]])


def batch(*marks: tuple[float, ...]) -> dict[str, Any]:
    rows = torch.tensor([(0, 0.5, 0.5, 0.3, 0.3), *marks], dtype=torch.float32)
    return {"cls": rows[:, :1], "bboxes": rows[:, 1:], "batch_idx": torch.zeros(len(rows))}


@pytest.mark.parametrize("side", [7, 20, 24])
def test_nine_parts_are_what_adaptive_pooling_takes(side: int) -> None:
    from cvinspect.train.careful_file import NineParts

    torch.manual_seed(0)
    x = torch.rand(2, 3, side, side + 2)

    assert torch.equal(NineParts()(x), torch.nn.AdaptiveMaxPool2d(3)(x).flatten(2))


def test_the_file_agrees_with_torch_and_has_one_size(exported: Any) -> None:
    assert load_card(exported.card_path) == exported.card
    assert exported.card.input_shapes == ((640, 640),)
    assert exported.network.stat().st_size < 28_000_000
    (check,) = exported.checks
    assert check.things > 0
    backend = OnnxBackend(exported.network, labels=NAMES)
    rows = backend.infer(np.full((1, 3, 640, 640), 0.5, np.float32))
    assert rows.shape[1] == 6
    assert set(rows[:, 5].tolist()) <= {0, 1, 2}
    with pytest.raises(ModelError, match=r"careful\.onnx: the network failed"):
        backend.infer(np.zeros((1, 3, 384, 640), np.float32))


def test_training_starts_from_the_file_as_from_the_checkpoint(exported: Any, checkpoint: Path, tmp_path: Path) -> None:
    before, after = (read(path, tmp_path).float().state_dict() for path in (checkpoint, exported.network))

    assert before.keys() == after.keys()
    assert all(torch.equal(before[name], after[name]) for name in before if not name.endswith("num_batches_tracked"))


def test_a_file_that_is_no_careful_network_is_refused(exported: Any, tmp_path: Path) -> None:
    half = tmp_path / "half.onnx"
    half.write_bytes(exported.network.read_bytes()[:1_000_000])

    for path in (half, tmp_path / "none.onnx"):
        with pytest.raises(ModelError, match=rf"{path}: not a careful network in ONNX, or not all of one: "):
            read(path, tmp_path)


def test_it_has_no_other_sizes(checkpoint: Path, card: ModelCard, pictures: list[Path], tmp_path: Path) -> None:
    from cvinspect.train.export import export

    with pytest.raises(ModelError, match="a careful network has one size, 640x640; leave out --static"):
        export(checkpoint, tmp_path, template=card, pictures=pictures[:1], static=True, tell=print)


def test_it_has_no_teacher(checkpoint: Path) -> None:
    taught = cvinspect("train", "data.yaml", "--size", "careful", "--teacher", checkpoint)

    assert taught.code == 2
    assert taught.errors[0].startswith("--teacher: ")


def test_training_begins_with_the_shipped_file(tmp_path: Path) -> None:
    from ultralytics.nn.tasks import DetectionModel, load_checkpoint

    from cvinspect.train.base import checkpoint_from

    network, _ = load_checkpoint(checkpoint_from(Path("models/street-world-s.onnx"), tmp_path / "start.pt"))
    assert isinstance(network, DetectionModel)
    assert len(network.names) == network.txt_feats.shape[1] == 15
