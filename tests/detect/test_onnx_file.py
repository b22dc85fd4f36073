"""A network whose weights lie in other files is refused: nothing would tell that they were changed."""

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cvinspect.config.site import shipped
from cvinspect.detect.model import load_card, read_card, sha256_of
from cvinspect.detect.onnx_file import refuse_external_weights
from cvinspect.errors import ModelError
from cvinspect.train.card import write_card

EXTERNAL = b"\x70\x01"
"""Field 14 of a tensor, `data_location`: EXTERNAL."""
LOCATION = b"\x6a\x04\x0a\x02no"
"""Field 13, `external_data`."""


def field(number: int, *payloads: bytes) -> bytes:
    payload = b"".join(payloads)
    return bytes([*varint(number << 3 | 2), *varint(len(payload))]) + payload


def varint(value: int) -> list[int]:
    return [value] if value < 128 else [value & 127 | 128, *varint(value >> 7)]


@pytest.mark.parametrize(
    "model",
    [
        field(7, field(5, EXTERNAL)),
        field(7, field(5, b"\x08\x03", LOCATION)),
        field(7, field(1, field(5, field(5, EXTERNAL)))),
        field(7, field(1, field(5, field(6, field(5, EXTERNAL))))),
        field(7, field(15, field(1, EXTERNAL))),
        field(25, field(7, field(5, field(5, EXTERNAL)))),
        b"\xfb\x01\x08\x07\xfc\x01" + field(7, field(5, EXTERNAL)),
        field(7, field(5, b"\x70\x81\x80\x80\x80\x10")),
        field(8, b"\x08\x11") + field(7, field(5, b"\x70\x00"), field(5, EXTERNAL)),
    ],
    ids=[
        "weights",
        "place alone",
        "constant",
        "loop's graph",
        "sparse",
        "function",
        "after a group",
        "a long number",
        "the second",
    ],
)
def test_wherever_a_tensor_lies_elsewhere_the_file_is_refused(tmp_path: Path, model: bytes) -> None:
    path = tmp_path / "net.onnx"
    path.write_bytes(model)
    with pytest.raises(ModelError, match=r"net\.onnx: keeps weights in other files"):
        refuse_external_weights(path)


def test_weights_in_the_file_and_what_is_no_network_pass(tmp_path: Path) -> None:
    path = tmp_path / "net.onnx"
    for content in (b"", b"no network " * 99, field(7, field(5, field(9, EXTERNAL * 20)))):
        path.write_bytes(content)
        refuse_external_weights(path)
    refuse_external_weights(shipped("models/street-26n.onnx"))


@given(st.binary(max_size=200))
def test_no_file_is_too_odd(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "odd.onnx"
    path.write_bytes(content)
    with suppress(ModelError):
        refuse_external_weights(path)


def test_a_card_is_not_enough(tmp_path: Path) -> None:
    (tmp_path / "net.onnx").write_bytes(field(7, field(5, EXTERNAL)))
    card = read_card(shipped("models/street-26n.yaml"))
    fields = {"file": "net.onnx", "sha256": sha256_of(tmp_path / "net.onnx")}
    write_card(tmp_path / "net.yaml", card.model_copy(update=fields))
    with pytest.raises(ModelError, match="keeps weights in other files"):
        load_card(tmp_path / "net.yaml")
