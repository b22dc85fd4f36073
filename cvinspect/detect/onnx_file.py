"""What an ONNX file says of itself, read without building anything: whether its weights are in it."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

from cvinspect.errors import ModelError

_WITHIN: Mapping[str, Mapping[int, str]] = MappingProxyType(
    {
        "model": {7: "graph", 25: "function"},
        "graph": {1: "node", 5: "tensor", 15: "sparse"},
        "function": {7: "node"},
        "node": {5: "attribute"},
        "attribute": {5: "tensor", 6: "graph", 10: "tensor", 11: "graph", 22: "sparse", 23: "sparse"},
        "sparse": {1: "tensor", 2: "tensor"},
        "tensor": {},
    }
)
"""Numbers of the fields that lead to tensors, by message (onnx.proto3)."""
_EXTERNAL_DATA, _DATA_LOCATION = 13, 14
_VARINT, _FIXED_64, _BYTES, _GROUP, _GROUP_END, _FIXED_32 = range(6)


def refuse_external_weights(path: Path) -> None:
    """Raises ModelError where tensors of the ONNX file at `path` lie in other files, which no hash of it covers.

    What is no ONNX file passes: the runtime says so in its own words. Raises OSError.
    """
    data = memoryview(path.read_bytes())
    messages = [("model", data)]
    while messages:
        kind, message = messages.pop()
        for number, wire, value in _fields(message):
            if kind == "tensor" and (number == _EXTERNAL_DATA or (number == _DATA_LOCATION and _is_one(value))):
                raise ModelError(
                    f"{path}: keeps weights in other files, which its card's hash does not cover; allowed: a network "
                    "with its weights in itself"
                )
            if wire == _BYTES and isinstance(value, memoryview) and number in _WITHIN[kind]:
                messages.append((_WITHIN[kind][number], value))


def _fields(message: memoryview) -> Iterator[tuple[int, int, int | memoryview]]:
    """Number, wire type and value of each field; ends where it is no such message."""
    at = 0
    while at < len(message):
        key, at = _varint(message, at)
        number, wire = key >> 3, key & 7
        if wire == _VARINT:
            value, at = _varint(message, at)
            yield number, wire, value
        elif wire in (_FIXED_64, _FIXED_32):
            at += 8 if wire == _FIXED_64 else 4
        elif wire == _BYTES:
            length, at = _varint(message, at)
            yield number, wire, message[at : at + length]
            at += length
        elif wire not in (_GROUP, _GROUP_END):  # what is in a group is looked at as if it stood outside
            return


def _is_one(value: int | memoryview) -> bool:
    """As an enumeration is read: of a longer number its last 32 bits."""
    return isinstance(value, int) and value & 0xFFFFFFFF == 1


def _varint(message: memoryview, at: int) -> tuple[int, int]:
    """A number and where the next one begins; what breaks off within counts as its end."""
    value = shift = 0
    while at < len(message):
        byte = message[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80 or shift > 63:
            break
        shift += 7
    return value, at
