"""The two kinds of network that are trained here."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any


class Size(StrEnum):
    """How much a look costs, and so how often one can be afforded."""

    QUICK = "quick"
    """YOLO26 with its end-to-end head: looks at every sample."""
    CAREFUL = "careful"
    """YOLO-World with a learnt vector a label in place of text: some ten times the cost, for looks that are rare."""


@dataclass(frozen=True, slots=True)
class Habits:
    """What is done with a size where nothing else is said."""

    name: str
    """Of the shipped network and its card."""
    base: str
    """Shipped file that training starts from."""
    imgsz: int
    """Side of the squares that training sees, in pixels."""
    learning_rate: float
    """At the start."""
    shapes: tuple[tuple[int, int], ...]
    """(height, width) of a card's inputs: video, everything else, video upright; or the one that the file has."""
    inner_boxes: bool
    """As the card says it."""
    about: str
    """Beginning of the card's words."""


HABITS: Mapping[Size, Habits] = MappingProxyType(
    {
        Size.QUICK: Habits(
            name="street-26n",
            base="models/street-26n.pt",
            imgsz=416,
            learning_rate=1e-3,
            shapes=((384, 640), (640, 640), (640, 384)),
            inner_boxes=False,
            about="YOLO26n with its end-to-end head (no suppression left to do), free input size.",
        ),
        Size.CAREFUL: Habits(
            name="street-world-s",
            base="models/street-world-s.onnx",
            imgsz=640,
            learning_rate=1e-4,
            shapes=((640, 640),),
            inner_boxes=True,
            about="YOLO-World-s with a learnt vector a label in place of text, 640x640, suppression left to do.",
        ),
    }
)


def size_of(network: Any) -> Size | None:
    """Which of the two a network in torch is; None for any other.

    A YOLO-World that still takes its vectors from a text encoder is none: theirs are no parameter.
    """
    layers = getattr(network, "model", None)
    if not layers:
        return None
    if getattr(layers[-1], "one2one_cv2", None) is not None:
        return Size.QUICK
    return Size.CAREFUL if "txt_feats" in getattr(network, "_parameters", {}) else None
