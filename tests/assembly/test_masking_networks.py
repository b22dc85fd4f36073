"""The shipped networks for masking, and what is done where they are not there."""

from pathlib import Path

import numpy as np
import pytest

from cvinspect.assembly import masking
from cvinspect.assembly.masking import Masking, opened_masking
from cvinspect.config.site import shipped
from cvinspect.detect.model import load_card
from cvinspect.detect.onnx_backend import OnnxLayers
from cvinspect.domain import Detection
from cvinspect.errors import ModelError
from cvinspect.evidence.masking import head
from cvinspect.geometry import Box

FOOTAGE = Path(__file__).parents[2] / ".." / "shared" / "footage"

PERSON = Detection("person", 0.9, Box(10, 10, 40, 110))


@pytest.mark.masking
def test_both_are_there_and_whole() -> None:
    assert opened_masking().notes == ()
    assert [load_card(shipped(f"models/masking/{name}.yaml")).licence for name in ("faces", "plates")] == [
        "MIT",
        "Apache-2.0",
    ]


@pytest.mark.masking
def test_where_nothing_is_seen_nothing_but_heads_is_hidden() -> None:
    hide = opened_masking()
    picture = np.full((180, 320, 3), 120, np.uint8)
    car = Detection("motor_vehicle", 0.9, Box(100, 60, 160, 100))
    assert hide(picture, [PERSON, car]) == [head(PERSON.box)]


@pytest.mark.masking
def test_networks_that_are_not_there_are_told_and_heads_are_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(masking, "FOLDER", "models/gone")
    hide = opened_masking()
    assert [note.partition(" is not there: ")[2] for note in hide.notes] == [
        "faces are masked only as heads of the persons that the detector sees",
        "number plates are not masked",
    ]
    assert hide(np.zeros((180, 320, 3), np.uint8), [PERSON]) == [head(PERSON.box)]


@pytest.mark.masking
def test_a_network_that_was_changed_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    card = shipped("models/masking/faces.yaml")
    (tmp_path / "faces.yaml").write_bytes(card.read_bytes())
    (tmp_path / "faces.onnx").write_bytes(card.with_suffix(".onnx").read_bytes() + b"\0")
    monkeypatch.setattr(masking, "shipped", lambda name: tmp_path / Path(name).name)
    with pytest.raises(ModelError, match="sha256 is"):
        opened_masking()


def test_layers_of_another_network_are_refused() -> None:
    with pytest.raises(ModelError, match=r"its labels are face; its card says plate"):
        OnnxLayers(shipped("models/masking/faces.onnx"), labels=("plate",))


def test_nobody_asked_for_networks_and_heads_are_hidden() -> None:
    assert Masking()(np.zeros((180, 320, 3), np.uint8), [PERSON]) == [head(PERSON.box)]


@pytest.mark.masking
def test_a_face_in_a_crowd_is_hidden() -> None:
    """A woman who walks towards the camera, 25 px of face in 1080p."""
    av = pytest.importorskip("av")
    path = FOOTAGE / "town_centre_1080p.mp4"
    if not path.exists():
        pytest.skip(f"{path} is not here")
    with av.open(str(path)) as container:
        pixels = next(container.decode(video=0)).to_ndarray(format="bgr24")
    found = opened_masking()(pixels, [])
    assert any(box.x0 < 270 and box.x1 > 288 and box.y0 < 805 and box.y1 > 834 for box in found)
