"""Number plates, found in vehicles by a RetinaFace (Deng et al. 2019, arXiv 1905.00641) that was taught plates."""

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from cvinspect.detect import Layers
from cvinspect.detect.yolo import distinct
from cvinspect.domain import Detection, Pixels
from cvinspect.geometry import Box
from cvinspect.opencv import cv2

LABEL = "plate"

_MEAN_BGR = (104.0, 117.0, 123.0)
_ANCHORS = ((8, (24, 48)), (16, (96, 192)), (32, (384, 768)))
"""Pixels between places, and sides of the squares that stand at each."""
_VARIANCES = 0.1, 0.2
"""Of places and of sizes: what the network was taught in."""

_AROUND_SHARE = 0.05
"""Of a vehicle's size, shown around it: boxes cut bumpers."""
_SMALLEST_VEHICLE_PX = 60.0
"""The plate of a smaller one has some fifteen pixels across, and nobody reads it."""
_NARROWEST, _WIDEST = 1.2, 6.0
"""Times as wide as high; seen from the side, plates get narrow."""
_MULTIPLE_PX = 32
"""Sides of an input are a multiple of it: the network halves them five times."""
_MOST_SHARE = 0.45
"""Of the picture of the vehicle: what takes more is no plate."""


class PlateFinder:
    """Vehicles of pictures in, plates out."""

    def __init__(self, layers: Layers, *, side: int, floor: float) -> None:
        """`side`: what the longer side of a vehicle is made, in pixels; take what is at least `floor` confident."""
        self._layers = layers
        self._side = side
        self._floor = floor

    def find(self, pixels: Pixels, vehicles: Iterable[Box]) -> list[Detection]:
        """The plates of these vehicles, the most confident first; boxes in pixels of the picture and inside it."""
        return distinct([plate for vehicle in vehicles for plate in self._of(pixels, vehicle)])

    def _of(self, pixels: Pixels, vehicle: Box) -> Iterator[Detection]:
        height, width = pixels.shape[:2]
        around = vehicle.grown(_AROUND_SHARE).clipped(width, height)
        x0, y0, x1, y1 = int(around.x0), int(around.y0), round(around.x1), round(around.y1)
        if max(vehicle.width, vehicle.height) < _SMALLEST_VEHICLE_PX or x1 - x0 < 1 or y1 - y0 < 1:
            return
        for one in self.detect(pixels[y0:y1, x0:x1]):
            yield Detection(LABEL, one.confidence, one.box.moved(x0, y0))

    def detect(self, pixels: Pixels) -> list[Detection]:
        """The plates in a picture of one vehicle, the most confident first; boxes in its pixels and inside it."""
        height, width = pixels.shape[:2]
        scale = self._side / max(width, height)
        tensor = _input(pixels, scale)
        places, scores, *_ = self._layers.outputs(tensor)
        corners, confidences = self._decode(places[0], scores[0, :, 1], tensor.shape[2:])
        boxes = (Box(*(value / scale for value in row)).clipped(width, height) for row in corners)
        found = [Detection(LABEL, min(c, 1.0), box) for c, box in zip(confidences, boxes, strict=True)]
        return distinct([one for one in found if _looks_like_one(one.box, width * height)])

    def _decode(
        self, places: NDArray[np.float32], scores: NDArray[np.float32], shape: tuple[int, ...]
    ) -> tuple[list[list[float]], list[float]]:
        """Corners in pixels of the input and confidences.

        `places` (anchors, 4): how far each is from its anchor; `scores` (anchors).
        """
        chosen = np.flatnonzero(scores >= self._floor)
        anchors, told = _anchors(*shape)[chosen], places[chosen]
        centres = anchors[:, :2] + told[:, :2] * _VARIANCES[0] * anchors[:, 2:]
        halves = anchors[:, 2:] * np.exp(np.minimum(told[:, 2:] * _VARIANCES[1], 8.0)) / 2
        return np.concatenate([centres - halves, centres + halves], axis=1).tolist(), scores[chosen].tolist()


def _input(pixels: Pixels, scale: float) -> NDArray[np.float32]:
    """The picture enlarged, its last row and column repeated as far as the network needs."""
    height, width = pixels.shape[:2]
    size = max(1, round(width * scale)), max(1, round(height * scale))
    enlarged = cv2.resize(pixels, size, interpolation=cv2.INTER_CUBIC)
    right, below = (-side % _MULTIPLE_PX for side in size)
    canvas = cv2.copyMakeBorder(enlarged, 0, below, 0, right, cv2.BORDER_REPLICATE)
    return cv2.dnn.blobFromImage(canvas, mean=_MEAN_BGR, swapRB=False).astype(np.float32, copy=False)


def _looks_like_one(plate: Box, whole_px: float) -> bool:
    if not 0 < plate.area < _MOST_SHARE * whole_px:
        return False
    return _NARROWEST <= plate.width / plate.height <= _WIDEST


def _anchors(height: int, width: int) -> NDArray[np.float32]:
    """Rows (anchors, 4) of centre x, y, width, height in pixels of an input, in the network's order."""
    rows = []
    for step, sizes in _ANCHORS:
        across, down = ((np.arange(-(-side // step)) + 0.5) * step for side in (width, height))
        y, x = np.meshgrid(down, across, indexing="ij")
        for_each = [np.stack([x, y, np.full_like(x, size), np.full_like(x, size)], axis=-1) for size in sizes]
        rows.append(np.stack(for_each, axis=2).reshape(-1, 4))
    return np.concatenate(rows).astype(np.float32)
