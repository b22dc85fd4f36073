"""The two kinds of network that are trained here."""

from enum import StrEnum
from typing import Any


class Size(StrEnum):
    """How much a look costs, and so how often one can be afforded."""

    QUICK = "quick"
    """YOLO26 with its end-to-end head: looks at every sample."""
    CAREFUL = "careful"
    """YOLO-World with a learnt vector a label in place of text: some ten times the cost, for looks that are rare."""


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
