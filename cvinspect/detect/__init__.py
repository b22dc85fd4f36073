"""What is in a picture: networks and their cards, from pixels to boxes with a label and a confidence.

One picture at a time: what lasts is told by `track` and `incidents`, what is forbidden by `rules`.
"""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from cvinspect.domain import Detection, Pixels


class Detector(Protocol):
    """Finds things in one picture."""

    def detect(self, pixels: Pixels) -> list[Detection]:
        """Everything seen, the most confident first; boxes in pixels of the picture and inside it."""
        ...


class Backend(Protocol):
    """Runs a network."""

    def infer(self, tensor: NDArray[np.float32]) -> NDArray[np.float32]:
        """Rows (n, 6) of x0 y0 x1 y1 confidence label-index for one input (1, 3, h, w), RGB in [0, 1].

        Boxes are in pixels of the input. Raises ModelError when the network cannot be run.
        """
        ...


class Layers(Protocol):
    """Runs a network whose outputs are decoded elsewhere."""

    def outputs(self, tensor: NDArray[np.float32]) -> list[NDArray[np.float32]]:
        """What the network says of one input (1, 3, h, w), output by output. Raises ModelError where it cannot."""
        ...
