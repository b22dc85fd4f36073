"""How a place looks: normalised cross-correlation of small patches.

A fixed camera shows a still thing as the same pixels again and again. So a place that looks as it did when the
thing was last seen still has it, whatever the detector says; one that looks different and is not hidden has
lost it.
"""

import math

import numpy as np

from cvinspect.domain import Pixels
from cvinspect.geometry import Box
from cvinspect.incidents import Look
from cvinspect.opencv import cv2

UNMOVED_LOOK = 0.9
"""From this likeness on a thing stands where it stood (noise and compression leave 0.95 and more)."""

SAME_LOOK = 0.8
"""From this likeness on a place looks as it did with the thing in it (somebody may stand at its side)."""

SIMILAR_LOOK = 0.65
"""From this likeness on what is detected there may well be the same thing, with somebody passing in front."""

OTHER_LOOK = 0.3
"""Under this likeness it is another thing, or none, whatever was detected there."""

_SIDE = 24
"""Pixels of a patch's side: fine enough to tell a car from the road, coarse enough to forgive a shaking pole."""

_SAMPLES = 4
"""Of a large place, so many rows and columns go into a pixel of the patch, and no more are read."""

_FLAT = 4.0
"""Gray levels of deviation under which a patch has no structure to correlate."""

_FLAT_CHANGE = 32.0
"""Gray levels by which a flat patch's mean must change to count as wholly different."""

_SMALLEST_PX = 4


class PatchMatcher:
    """Compares places by the correlation of their colours, whatever the light's gain and offset."""

    def look(self, pixels: Pixels, place: Box) -> Look | None:
        """(24, 24, 3) float32, or None for a place of under four pixels."""
        height, width = pixels.shape[:2]
        inside = place.clipped(width, height)
        x0, y0, x1, y1 = (round(value) for value in inside.xyxy)
        if min(x1 - x0, y1 - y0) < _SMALLEST_PX:
            return None
        step = max(1, min(x1 - x0, y1 - y0) // (_SAMPLES * _SIDE))
        patch = cv2.resize(pixels[y0:y1:step, x0:x1:step], (_SIDE, _SIDE), interpolation=cv2.INTER_AREA)
        return np.asarray(cv2.GaussianBlur(patch, (3, 3), 0), dtype=np.float32)

    def likeness(self, before: Look, after: Look) -> float:
        """Correlation in [-1, 1]; flat patches are compared by their means."""
        (mean_a, a), (mean_b, b) = _centred(before), _centred(after)
        spread_a, spread_b = math.sqrt(a @ a / a.size), math.sqrt(b @ b / b.size)
        if max(spread_a, spread_b) < _FLAT:
            return 1.0 - float(np.abs(mean_a - mean_b).max()) / _FLAT_CHANGE
        return float(a @ b) / a.size / max(spread_a * spread_b, _FLAT * _FLAT / 4)


def _centred(patch: Look) -> tuple[Look, Look]:
    """Mean of each colour, and the patch without it as one row."""
    pixels = patch.reshape(-1, patch.shape[-1])
    mean = np.add.reduce(pixels) / np.float32(len(pixels))
    return mean, (pixels - mean).ravel()
