"""Small pictures as text and back, for what is kept over a restart."""

import base64
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import PlainSerializer, PlainValidator


def _pack(pixels: NDArray[np.float32]) -> list[Any]:
    return [list(pixels.shape), base64.b85encode(pixels.astype(np.float16).tobytes()).decode()]


def _unpack(packed: Any) -> NDArray[np.float32]:  # noqa: ANN401
    if isinstance(packed, np.ndarray):
        return packed
    shape, data = packed
    return np.frombuffer(base64.b85decode(data), np.float16).reshape(shape).astype(np.float32)


SmallPicture = Annotated[NDArray[np.float32], PlainValidator(_unpack), PlainSerializer(_pack)]
"""float32 gray levels; packed in half precision, which tells them apart to a sixteenth."""
