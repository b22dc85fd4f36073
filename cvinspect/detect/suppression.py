"""Non-maximum suppression, for networks whose head names one thing many times."""

import numpy as np
from numpy.typing import NDArray

FLOOR = 0.001
"""What is less sure is left out: scores look no lower."""

_SAME_THING_IOU = 0.6
_CANDIDATES = 3000
"""Of these at most, the surest, one is chosen after the other; a street has a few hundred."""
_MOST = 300
"""As many rows as the end-to-end head has."""

Floats = NDArray[np.float32]


def suppressed(output: Floats, *, floor: float = FLOOR) -> Floats:
    """Rows (n, 6) of x0 y0 x1 y1 confidence label-index, the surest first, at most 300.

    `output` (4 + labels, places): centre, size, and a score in [0, 1] for each label. One place may stand for several
    labels; of boxes of one label that overlap by more than an IoU of 0.6 the surest stays.
    """
    labels, places = np.nonzero(output[4:] >= floor)
    scores = output[4:][labels, places]
    order = np.argsort(-scores, kind="stable")[:_CANDIDATES]
    labels, places, scores = labels[order], places[order], scores[order]
    half = output[2:4, places] / 2
    boxes = np.concatenate([output[:2, places] - half, output[:2, places] + half]).T
    kept = _kept(boxes, labels)
    return np.concatenate([boxes[kept], scores[kept, None], labels[kept, None]], axis=1).astype(np.float32)


def _kept(boxes: Floats, labels: NDArray[np.intp]) -> list[int]:
    """Places of what stays, of boxes (n, 4) that come the surest first."""
    areas = (boxes[:, 2:] - boxes[:, :2]).prod(axis=1)
    alive = np.ones(len(boxes), bool)
    kept: list[int] = []
    for place in range(len(boxes)):
        if not alive[place]:
            continue
        kept.append(place)
        if len(kept) == _MOST:
            break
        rest = np.flatnonzero(alive & (labels == labels[place]))
        rest = rest[rest > place]
        low = np.maximum(boxes[place, :2], boxes[rest, :2])
        high = np.minimum(boxes[place, 2:], boxes[rest, 2:])
        common = np.clip(high - low, 0, None).prod(axis=1)
        whole = areas[place] + areas[rest] - common
        alive[rest[common > _SAME_THING_IOU * whole]] = False
    return kept
