"""YOLO with an end-to-end head: picture -> network input, network output -> detections."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cvinspect.detect import Backend
from cvinspect.domain import Detection, Pixels
from cvinspect.geometry import Box, covered_share, iou
from cvinspect.opencv import cv2

_PADDING_GRAY = 114
"""What YOLO was trained with (ultralytics data/augment.py, LetterBox)."""

_SAME_THING_IOU = 0.6
_SAME_THING_CONTAINED = 0.85
"""The end-to-end head now and then gives one thing two boxes; an inner box this far inside a surer one of the
same label is its echo."""

_SMALLEST_PX = 1.0


@dataclass(frozen=True, slots=True)
class Letterbox:
    """How a picture lies in the network's input: scaled by `scale`, then moved by (left, top) pixels."""

    scale: float
    left: int
    top: int
    width: int
    """Of the picture, pixels."""
    height: int

    def to_picture(self, xyxy: Sequence[float]) -> Box:
        """A box of the input as a box of the picture, clipped to it."""
        x0, y0, x1, y1 = xyxy
        box = Box(
            (x0 - self.left) / self.scale,
            (y0 - self.top) / self.scale,
            (x1 - self.left) / self.scale,
            (y1 - self.top) / self.scale,
        )
        return box.clipped(self.width, self.height)


def fit(width: int, height: int, shape: tuple[int, int]) -> Letterbox:
    """Where a picture of (width, height) lies in an input of shape (height, width): whole, centred."""
    scale = min(shape[0] / height, shape[1] / width)
    across, down = _scaled(width, height, scale)
    return Letterbox(scale, (shape[1] - across) // 2, (shape[0] - down) // 2, width, height)


def best_shape(width: int, height: int, shapes: Sequence[tuple[int, int]]) -> tuple[int, int]:
    """The input shape (height, width) that shows the picture largest; among equals the smallest one."""
    return max(shapes, key=lambda shape: (fit(width, height, shape).scale, -shape[0] * shape[1]))


def network_input(pixels: Pixels, box: Letterbox, shape: tuple[int, int]) -> NDArray[np.float32]:
    """The picture as (1, 3, h, w) float32 RGB in [0, 1], gray around it."""
    canvas = laid_in(pixels, box, shape)
    tensor: NDArray[np.float32] = cv2.dnn.blobFromImage(canvas, 1 / 255, swapRB=True).astype(np.float32, copy=False)
    return tensor


def laid_in(pixels: Pixels, box: Letterbox, shape: tuple[int, int]) -> Pixels:
    """The picture scaled to where it lies in an input of shape (height, width), gray around it."""
    across, down = _scaled(box.width, box.height, box.scale)
    canvas = np.full((*shape, 3), _PADDING_GRAY, np.uint8)
    inner = canvas[box.top : box.top + down, box.left : box.left + across]
    inner[:] = cv2.resize(pixels, (across, down), interpolation=cv2.INTER_LINEAR)
    return canvas


def _scaled(width: int, height: int, scale: float) -> tuple[int, int]:
    return max(1, round(width * scale)), max(1, round(height * scale))


def distinct(detections: Sequence[Detection], *, inner_boxes: bool = False) -> list[Detection]:
    """The detections, the most confident first, without echoes of the same label.

    With `inner_boxes` what lies inside a surer box stands for a thing of its own, as a car before a bus does.
    """
    kept: list[Detection] = []
    for detection in sorted(detections, key=lambda d: -d.confidence):
        if not any(_is_echo(detection, other, inner_boxes=inner_boxes) for other in kept):
            kept.append(detection)
    return kept


def _is_echo(weaker: Detection, surer: Detection, *, inner_boxes: bool) -> bool:
    if weaker.label != surer.label:
        return False
    if iou(weaker.box, surer.box) > _SAME_THING_IOU:
        return True
    return not inner_boxes and covered_share(weaker.box, surer.box) > _SAME_THING_CONTAINED


class YoloDetector:
    """A backend with its labels: pictures of any size in, detections in their pixels out."""

    def __init__(
        self,
        backend: Backend,
        *,
        labels: tuple[str, ...],
        shapes: Sequence[tuple[int, int]],
        floor: float = 0.1,
        budget: int = 100,
        inner_boxes: bool = False,
    ) -> None:
        """Take what is at least `floor` confident, at most `budget` things a picture.

        What the budget cuts is counted in `cut`. `inner_boxes` as in `distinct`.
        """
        self._backend = backend
        self._labels = labels
        self._shapes = tuple(shapes)
        self._floor = floor
        self._budget = budget
        self._inner_boxes = inner_boxes
        self.cut = 0

    def detect(self, pixels: Pixels) -> list[Detection]:
        """Everything seen, the most confident first; boxes in pixels of the picture and inside it."""
        height, width = pixels.shape[:2]
        shape = best_shape(width, height, self._shapes)
        box = fit(width, height, shape)
        rows = self._backend.infer(network_input(pixels, box, shape))
        found = distinct(list(self._decode(rows, box)), inner_boxes=self._inner_boxes)
        self.cut += max(0, len(found) - self._budget)
        return found[: self._budget]

    def _decode(self, rows: NDArray[np.float32], letterbox: Letterbox) -> list[Detection]:
        found = []
        for row in rows[(rows[:, 4] >= self._floor) & np.isfinite(rows).all(axis=1)].astype(float).tolist():
            box = letterbox.to_picture(row[:4])
            index = int(row[5])
            if min(box.width, box.height) >= _SMALLEST_PX and 0 <= index < len(self._labels):
                found.append(Detection(self._labels[index], min(row[4], 1.0), box))
        return found
