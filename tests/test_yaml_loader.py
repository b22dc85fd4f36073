"""A few lines of YAML that stand for billions of values end in one line."""

from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from cvinspect.config.site import load_site
from cvinspect.config.strict_yaml import read_yaml
from cvinspect.detect.model import read_card
from cvinspect.errors import CvinspectError
from cvinspect.evaluate.labelled.manifest import read_manifest
from cvinspect.yaml_loader import BoundedLoader

LINES = ["&a0 [x, x, x, x, x, x, x, x, x]", *(f"&a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 11))]
BOMB = f"[{', '.join(LINES)}]"
KEYS = "\n".join(["a0: &a0 {k: v}", *(f"a{i}: &a{i} {{l: *a{i - 1}, r: *a{i - 1}}}" for i in range(1, 40))])


def loaded(text: str) -> object:
    return yaml.load(text, BoundedLoader)


@pytest.mark.parametrize("text", [BOMB, f"deep:\n  down: {BOMB}\n", KEYS], ids=["list", "deep down", "keys"])
def test_references_within_references_are_refused(text: str) -> None:
    with pytest.raises(yaml.YAMLError, match=r"references \(&, \*\) within references: .* values; allowed: 200000"):
        loaded(text)


def test_what_holds_itself_is_refused() -> None:
    with pytest.raises(yaml.YAMLError, match="refers to what it stands in itself"):
        loaded("a: &a [1, *a]")


def test_a_zone_that_a_hundred_cameras_share_and_a_long_file_are_taken() -> None:
    shared = "zone: &zone [[0, 0], [1, 0], [1, 1]]\n" + "".join(f"c{i}: *zone\n" for i in range(100))
    assert loaded(shared)["c99"] == [[0, 0], [1, 0], [1, 1]]  # type: ignore[index]
    assert len(loaded("[" + "0, " * 250_000 + "0]")) == 250_001  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("read", "text"),
    [
        (read_yaml, BOMB),
        (load_site, f"violations:\n  illegal_parking_motor:\n    hours: {BOMB}\n"),
        (load_site, f"cameras:\n- id: {BOMB}\n"),
        (read_card, f"name: {BOMB}\n"),
        (read_card, f"labels: {BOMB}\n"),
        (read_manifest, f"names: {BOMB}\nval: a\n"),
    ],
)
def test_every_file_is_read_so(tmp_path: Path, read: Callable[[Path], object], text: str) -> None:
    path = tmp_path / "bomb.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CvinspectError, match=r"bomb\.yaml: .*references") as caught:
        read(path)
    assert "\n" not in str(caught.value)
