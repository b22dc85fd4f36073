"""These need torch and are skipped where the extra `train` is not installed."""

from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cvinspect.config.site import shipped
from cvinspect.detect.model import ModelCard, load_card, read_card
from cvinspect.detect.onnx_backend import OnnxBackend
from cvinspect.detect.yolo import fit, network_input
from cvinspect.errors import ModelError
from cvinspect.evaluate.labelled.learnt import learnt_path, read_learnt
from cvinspect.opencv import cv2
from cvinspect.train.export import export
from cvinspect.train.torch_setup import prepare
from tests.command_line import cvinspect
from tests.fakes import texture

pytestmark = [
    pytest.mark.skipif(
        not all(map(find_spec, ("torch", "ultralytics", "onnx"))),
        reason="the extra `train` is not installed",
    ),
    pytest.mark.filterwarnings("ignore::Warning"),  # torch and its exporter deprecate their own parts
]


@pytest.fixture(scope="module")
def card() -> ModelCard:
    return read_card(shipped("models/street-26n.yaml"))


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("pictures")
    for i in range(3):
        cv2.imwrite(str(folder / f"{i}.png"), texture(i, 640, 360))
    return sorted(folder.iterdir())


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory, card: ModelCard) -> Path:
    return untrained(tmp_path_factory.mktemp("weights") / "best.pt", card.names)


def untrained(path: Path, names: tuple[str, ...]) -> Path:
    """A checkpoint as Ultralytics leaves it, of a network that learnt nothing and yet is surer of some things."""
    prepare()
    import torch
    from ultralytics.nn.tasks import DetectionModel

    torch.manual_seed(1)
    network = DetectionModel("yolo26n.yaml", nc=len(names), verbose=False)
    network.names = dict(enumerate(names))
    head = network.model[-1]
    for branches, spread, level in ((head.one2one_cv2, 0.01, 2.0), (head.one2one_cv3, 0.05, -4.0)):
        for branch in branches:
            torch.nn.init.normal_(branch[-1].weight, std=spread)
            torch.nn.init.constant_(branch[-1].bias, level)
    _settle(network, torch)
    network.args = {"task": "detect"}
    torch.save({"model": network, "train_args": {"task": "detect"}, "epoch": -1}, path)
    return path


def _settle(network: Any, torch: Any) -> None:
    """Let its layers see two pictures: without statistics, all that goes through them fades away."""
    for layer in network.modules():
        if isinstance(layer, torch.nn.BatchNorm2d):
            layer.momentum = 1.0
    shape = (384, 640)
    inputs = np.concatenate([network_input(texture(i, 640, 360), fit(640, 360, shape), shape) for i in range(2)])
    with torch.no_grad():
        network.train()(torch.from_numpy(inputs))


def refusal(path: Path, out: Path, card: ModelCard, pictures: list[Path]) -> str:
    with pytest.raises(ModelError) as caught:
        export(path, out, template=card, pictures=pictures, tell=print)
    assert "\n" not in str(caught.value)
    assert not list(out.glob("*.yaml"))
    return str(caught.value).replace(f"{path.parent}/", "")


def test_every_export_agrees_with_torch_and_its_card_loads(
    checkpoint: Path, tmp_path: Path, card: ModelCard, pictures: list[Path]
) -> None:
    said: list[str] = []
    done = export(checkpoint, tmp_path, template=card, pictures=pictures, static=True, tell=said.append)

    assert [one.card.name for one in done] == ["street-26n", "street-26n-384x640", "street-26n-640x640"]
    assert [one.card.input_shapes for one in done[1:]] == [((384, 640),), ((640, 640),)]
    assert [len(one.checks) for one in done] == [2, 1, 1]
    assert len(said) == 4
    for one in done:
        assert load_card(one.card_path) == one.card
        shape = one.card.input_shapes[0]
        rows = OnnxBackend(one.network, labels=card.names).infer(np.zeros((1, 3, *shape), np.float32))
        assert rows.shape == (300, 6)
        assert all(check.things > 0 for check in one.checks)


def test_the_same_checkpoint_gives_the_same_file(
    checkpoint: Path, tmp_path: Path, card: ModelCard, pictures: list[Path]
) -> None:
    hashes = {
        export(checkpoint, tmp_path / name, template=card, pictures=pictures[:1], tell=print)[0].card.sha256
        for name in ("one", "two")
    }
    assert len(hashes) == 1


def test_nothing_is_written_beside_the_checkpoint(checkpoint: Path) -> None:
    assert [path.name for path in checkpoint.parent.iterdir()] == ["best.pt"]


def test_a_network_with_other_labels_is_refused(tmp_path: Path, card: ModelCard, pictures: list[Path]) -> None:
    path = untrained(tmp_path / "best.pt", ("car", "stall"))

    assert refusal(path, tmp_path / "out", card, pictures) == (
        f"best.pt: its labels are car, stall; the card to write says {', '.join(card.names)}"
    )


class Stranger:
    """What a pickle from elsewhere may hold: a call to be made when it is opened."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return Path.touch, (Path("touched"),)  # type: ignore[return-value]


@pytest.mark.parametrize("kind", ["empty", "text", "a dictionary", "half", "a stranger's pickle"])
def test_a_file_that_is_no_checkpoint_is_named_and_nothing_in_it_runs(
    kind: str, checkpoint: Path, tmp_path: Path, card: ModelCard, pictures: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch

    monkeypatch.chdir(tmp_path)
    path = tmp_path / "best.pt"
    match kind:
        case "a dictionary":
            torch.save({"a": 1}, path)
        case "half":
            path.write_bytes(checkpoint.read_bytes()[:500_000])
        case "a stranger's pickle":
            torch.save({"model": Stranger()}, path)
        case _:
            path.write_bytes(b"" if kind == "empty" else b"no checkpoint")

    assert refusal(path, tmp_path / "out", card, pictures) == "best.pt: not a YOLO checkpoint, or not all of one"
    assert not (tmp_path / "touched").exists()


def test_a_missing_checkpoint_is_named(tmp_path: Path, card: ModelCard, pictures: list[Path]) -> None:
    assert refusal(tmp_path / "none.pt", tmp_path / "out", card, pictures) == (
        "none.pt: cannot be read: No such file or directory; name a checkpoint (.pt)"
    )


def test_the_command_prints_the_cards_that_it_wrote(checkpoint: Path, tmp_path: Path, pictures: list[Path]) -> None:
    outcome = cvinspect("export", checkpoint, "--pictures", pictures[0].parent, "--out", tmp_path, "--name", "trial")

    assert (outcome.code, outcome.out) == (0, f"{tmp_path}/trial.yaml\n")
    assert len(outcome.err.splitlines()) == 2
    assert load_card(tmp_path / "trial.yaml").name == "trial"
    shipped_list = learnt_path(shipped("models/street-26n.yaml"))
    assert read_learnt(learnt_path(tmp_path / "trial.yaml")) == read_learnt(shipped_list)
