"""What a network in torch sees in labelled pictures, many at a time."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import torch

from cvinspect.detect.suppression import suppressed
from cvinspect.detect.yolo import fit, network_input
from cvinspect.evaluate.detections.matching import Predictions
from cvinspect.evaluate.labelled.picture_check import CheckedPicture
from cvinspect.evaluate.labelled.yolo_dataset import LabelledPicture
from cvinspect.sources.recorded.pictures import read_picture
from cvinspect.train.sizes import Size, size_of

if TYPE_CHECKING:
    from ultralytics.nn.tasks import DetectionModel

_FLOOR = 0.001
_STRIDE = 32
_BATCH = 16


@torch.inference_mode()
def predictions_of(
    network: "DetectionModel",
    pictures: Sequence[LabelledPicture],
    sizes: Sequence[CheckedPicture],
    *,
    side: int,
) -> list[Predictions]:
    """All that the network says from a confidence of 0.001 on, the longer side scaled to `side` pixels.

    The end-to-end head's word where there is one, else what suppression leaves.
    """
    network.eval()
    size = size_of(network)
    if size is Size.QUICK:
        network.model[-1].end2end = True
    device = next(network.parameters()).device
    shapes = [_shape(size, side) for size in sizes]
    found: dict[int, Predictions] = {}
    for shape in sorted(set(shapes)):
        alike = [i for i in range(len(pictures)) if shapes[i] == shape]
        for part in (alike[k : k + _BATCH] for k in range(0, len(alike), _BATCH)):
            boxes = [fit(sizes[i].width_px, sizes[i].height_px, shape) for i in part]
            inputs = [
                network_input(read_picture(pictures[i].path), box, shape) for i, box in zip(part, boxes, strict=True)
            ]
            rows = network(torch.from_numpy(np.concatenate(inputs)).to(device))[0].float().cpu().numpy()
            if size is Size.CAREFUL:
                rows = [suppressed(output, floor=_FLOOR) for output in rows]
            for i, box, one in zip(part, boxes, rows, strict=True):
                kept = one[one[:, 4] >= _FLOOR].astype(np.float64)
                xyxy = (kept[:, :4] - [box.left, box.top, box.left, box.top]) / box.scale
                found[i] = Predictions(
                    pictures[i].path,
                    sizes[i].width_px,
                    sizes[i].height_px,
                    kept[:, 5].astype(np.int64),
                    np.clip(kept[:, 4], 0, 1),
                    np.clip(xyxy, 0, [box.width, box.height, box.width, box.height]),
                )
    return [found[i] for i in range(len(pictures))]


def _shape(size: CheckedPicture, side: int) -> tuple[int, int]:
    scale = side / max(size.width_px, size.height_px)
    height, width = (
        max(1, -(-round(length * scale) // _STRIDE)) * _STRIDE for length in (size.height_px, size.width_px)
    )
    return height, width
