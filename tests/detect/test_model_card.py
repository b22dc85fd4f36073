import hashlib
from pathlib import Path
from typing import Any

import pytest
import yaml

from cvinspect.config.site import shipped
from cvinspect.detect.model import Backing, ModelCard, load_card
from cvinspect.errors import ModelError

NETWORK = b"a network"
CARD: dict[str, Any] = {
    "schema": "cvinspect.model/v1",
    "name": "tiny",
    "file": "tiny.onnx",
    "sha256": hashlib.sha256(NETWORK).hexdigest(),
    "licence": "AGPL-3.0-or-later",
    "input_shapes": [[384, 640]],
    "labels": [
        {"name": "car", "backing": "real", "threshold": 0.3},
        {"name": "stall", "backing": "synthetic", "threshold": 0.5},
        {"name": "banner", "backing": "none", "threshold": 0.25},
    ],
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "tiny.onnx").write_bytes(NETWORK)
    return tmp_path / "tiny.yaml"


def written(path: Path, **changed: object) -> Path:
    path.write_text(yaml.safe_dump({**CARD, **changed}), encoding="utf-8")
    return path


def message(path: Path) -> str:
    with pytest.raises(ModelError) as caught:
        load_card(path)
    assert "\n" not in str(caught.value)
    return str(caught.value).replace(f"{path.parent}/", "")


def test_a_card_is_read_with_what_follows_from_it(path: Path) -> None:
    card = load_card(written(path))

    assert (card.name, card.input_shapes) == ("tiny", ((384, 640),))
    assert card.names == ("car", "stall", "banner")
    assert card.thresholds == {"car": 0.3, "stall": 0.5, "banner": 0.25}
    assert [label.backing for label in card.labels] == [Backing.REAL, Backing.SYNTHETIC, Backing.NONE]


def test_a_network_that_was_changed_is_refused(path: Path) -> None:
    (path.parent / "tiny.onnx").write_bytes(NETWORK + b"!")

    assert message(written(path)) == (
        f"tiny.onnx: sha256 is {hashlib.sha256(NETWORK + b'!').hexdigest()[:12]}…, but its card tiny.yaml says "
        f"{CARD['sha256'][:12]}…: one of the two was changed; take both from the same release"
    )


def test_a_missing_network_is_named_with_its_card(path: Path) -> None:
    (path.parent / "tiny.onnx").unlink()

    assert message(written(path)) == (
        "tiny.onnx: cannot be read: No such file or directory; tiny.yaml names it as its network"
    )


def test_a_missing_card_is_named(path: Path) -> None:
    assert message(path) == "tiny.yaml: model card cannot be read: No such file or directory"


@pytest.mark.parametrize(
    "content", [b"labels: [a\n", b"name: \xff\n", b"\x08\x01\x12\x07pytorch"], ids=["yaml", "text", "network"]
)
def test_what_is_no_card_is_named(path: Path, content: bytes) -> None:
    path.write_bytes(content)

    assert message(path).startswith("tiny.yaml: not a model card: ")


def test_a_card_takes_no_merges_which_versions_of_pyyaml_read_differently(path: Path) -> None:
    path.write_text("input: {<<: {name: a}}\n", encoding="utf-8")

    assert message(path).startswith(
        "tiny.yaml: not a model card: a card takes no merges, '<<'; write out what it merges in"
    )


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"schema": "cvinspect.model/v2"}, "schema: Input should be 'cvinspect.model/v1'; found 'cvinspect.model/v2'"),
        ({"sha256": "beef"}, "sha256: String should match pattern '^[0-9a-f]{64}$'; found 'beef'"),
        ({"input_shapes": [[380, 640]]}, "input_shapes.0.0: Input should be a multiple of 32; found 380"),
        ({"colour": "red"}, "colour: Extra inputs are not permitted; found 'red'"),
        (
            {"labels": [{"name": "car", "backing": "guessed", "threshold": 0.3}]},
            "labels.0.backing: Input should be 'real', 'synthetic' or 'none'; found 'guessed'",
        ),
        (
            {"labels": [{"name": "car", "backing": "real", "threshold": 30}]},
            "labels.0.threshold: Input should be less than or equal to 1; found 30",
        ),
        (
            {"labels": [{**CARD["labels"][0], "agrees": {"threshold": 31, "boxes": 89}}]},
            "labels.0.agrees.threshold: Input should be less than or equal to 1; found 31",
        ),
        (
            {"labels": [{**CARD["labels"][0], "agrees": {"threshold": 0.31}}]},
            "labels.0.agrees.boxes: Field required; found {'threshold': 0.31}",
        ),
        (
            {"labels": [{**CARD["labels"][0], "training": {"real": 9, "synthetic": 0, "places": -1}}]},
            "labels.0.training.places: Input should be greater than or equal to 0; found -1",
        ),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, dict) else "",
)
def test_a_mistake_in_a_card_is_named_with_its_key(path: Path, changed: dict[str, Any], said: str) -> None:
    assert message(written(path, **changed)) == f"tiny.yaml: {said}"


def test_a_careful_network_agrees_when_it_is_sure_where_its_card_does_not_say(path: Path) -> None:
    labels = [{**CARD["labels"][0], "agrees": {"threshold": 0.31, "boxes": 89}}, *CARD["labels"][1:]]
    assert load_card(written(path, labels=labels)).agree_thresholds == {"car": 0.31, "stall": 0.5, "banner": 0.25}


WEIGHTS = b"weights"
SPLIT: dict[str, Any] = {
    "file": "tiny.xml",
    "weights_file": "tiny.bin",
    "weights_sha256": hashlib.sha256(WEIGHTS).hexdigest(),
}


def test_a_network_in_two_files_has_both_checked(path: Path) -> None:
    (path.parent / "tiny.xml").write_bytes(NETWORK)
    (path.parent / "tiny.bin").write_bytes(WEIGHTS)
    assert load_card(written(path, **SPLIT)).weights_file == "tiny.bin"

    (path.parent / "tiny.bin").write_bytes(WEIGHTS + b"!")
    assert message(path).startswith("tiny.bin: sha256 is ")

    (path.parent / "tiny.bin").unlink()
    assert message(path) == "tiny.bin: cannot be read: No such file or directory; tiny.yaml names it as its network"


@pytest.mark.parametrize("missing", ["weights_file", "weights_sha256"])
def test_a_network_in_two_files_needs_both_named(path: Path, missing: str) -> None:
    said = message(written(path, **{key: value for key, value in SPLIT.items() if key != missing}))

    assert said.startswith(
        "tiny.yaml: the whole file: Value error, tiny.xml needs both weights_file and weights_sha256; found "
    )


def test_a_network_in_one_file_has_no_weights_beside_it(path: Path) -> None:
    said = message(written(path, **{**SPLIT, "file": "tiny.onnx"}))

    assert said.startswith("tiny.yaml: the whole file: Value error, tiny.onnx has its weights in itself; found ")


def test_a_label_named_twice_is_refused(path: Path) -> None:
    said = message(written(path, labels=[CARD["labels"][0], CARD["labels"][0]]))

    assert said.startswith("tiny.yaml: the whole file: Value error, labels named twice: car")


def test_the_shipped_card_belongs_to_its_network() -> None:
    card = load_card(shipped("models/street-26n.yaml"))

    assert isinstance(card, ModelCard)
    assert len(card.labels) == 15
    assert set(card.thresholds) == {label.name for label in card.labels if label.backing is not Backing.NONE}
    assert {label.backing for label in card.labels} == {Backing.REAL}
