"""Faces, found by CenterFace (Xu et al. 2019, arXiv 1911.03599): each is a point of a map, with its size beside it."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from cvinspect.detect import Layers
from cvinspect.detect.windows import WHOLE, View, detect_in
from cvinspect.detect.yolo import Letterbox, best_shape, distinct, fit, laid_in
from cvinspect.domain import Detection, Pixels
from cvinspect.geometry import Box
from cvinspect.opencv import cv2

LABEL = "face"

_STRIDE = 4
"""Pixels of the input to a cell of the map."""

_TILE_PX = 1000
"""Of a larger picture each part of about this size is looked at by itself, so that a face keeps its pixels."""

_MOST_TILES = 3
"""Along each side."""

_SMALLEST_PX = 1.0


class FaceFinder:
    """Pictures of any size in, faces in their pixels out."""

    def __init__(self, layers: Layers, *, shapes: Sequence[tuple[int, int]], floor: float) -> None:
        """`shapes`: (height, width) that the network is fed; take what is at least `floor` confident."""
        self._layers = layers
        self._shapes = tuple(shapes)
        self._floor = floor

    def find(self, pixels: Pixels) -> list[Detection]:
        """Every face of the picture, in its tiles and as a whole; boxes in its pixels and inside it."""
        tiles = min(-(-max(pixels.shape[:2]) // _TILE_PX), _MOST_TILES)
        return detect_in(View(WHOLE, tiles, closer=(WHOLE,)) if tiles > 1 else None, self, pixels)

    def detect(self, pixels: Pixels) -> list[Detection]:
        """Every face at one look, the most confident first; boxes in pixels of the picture and inside it."""
        height, width = pixels.shape[:2]
        shape = best_shape(width, height, self._shapes)
        box = fit(width, height, shape)
        # RGB from 0 to 255, as its makers feed it
        tensor = cv2.dnn.blobFromImage(laid_in(pixels, box, shape), swapRB=True).astype(np.float32, copy=False)
        heat, size, offset, *_ = self._layers.outputs(tensor)
        return distinct(self._decode(heat[0, 0], size[0], offset[0], box))

    def _decode(
        self, heat: NDArray[np.float32], size: NDArray[np.float32], offset: NDArray[np.float32], box: Letterbox
    ) -> list[Detection]:
        """`heat` (rows, columns) is the confidence; `size` and `offset` (2, rows, columns) are of y, then of x."""
        rows, columns = np.nonzero(heat >= self._floor)
        cells = np.stack([rows, columns], axis=1)
        centres = (cells + offset[:, rows, columns].T + 0.5) * _STRIDE
        halves = np.exp(np.minimum(size[:, rows, columns].T, 8.0)) * _STRIDE / 2
        corners = np.concatenate([centres - halves, centres + halves], axis=1)
        found = []
        for (y0, x0, y1, x1), confidence in zip(corners.tolist(), heat[rows, columns].tolist(), strict=True):
            face: Box = box.to_picture((x0, y0, x1, y1))
            if min(face.width, face.height) >= _SMALLEST_PX:
                found.append(Detection(LABEL, min(confidence, 1.0), face))
        return found
