"""Where the camera stands, and where things land in its picture. Metres; pixels with y down."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Points = npt.NDArray[np.float64]
HAND_HELD_SHARE = 0.25
"""Of the pictures; most real ones are taken with a telephone, most cameras hang on poles."""


@dataclass(frozen=True, slots=True)
class View:
    """A pinhole camera that looks past the object and shows only the region round it."""

    at: tuple[float, float, float]
    axes: npt.NDArray[np.float64]
    """(3, 3): columns are the camera's right, up and backward in the world."""
    focal_px: float
    region: tuple[float, float, float, float]
    """x0, y0, x1, y1 from the principal point, in pixels."""
    height_m: float
    pitch_deg: float
    pixels_per_metre: float

    @property
    def size_px(self) -> tuple[int, int]:
        """Width and height of the region."""
        return round(self.region[2] - self.region[0]), round(self.region[3] - self.region[1])

    def project(self, points: Points) -> Points:
        """(n, 3) world points to (n, 2) pixels of the region."""
        local = (points - np.array(self.at)) @ self.axes
        depth = np.maximum(-local[:, 2], 0.05)
        x = self.focal_px * local[:, 0] / depth - self.region[0]
        y = -self.focal_px * local[:, 1] / depth - self.region[1]
        return np.stack([x, y], axis=1)


def _axes(yaw: float, pitch: float, roll: float) -> npt.NDArray[np.float64]:
    """Right, up, backward of a camera that looks along `yaw` (from +x), `pitch` radians down."""
    ahead = np.array([math.cos(pitch) * math.cos(yaw), math.cos(pitch) * math.sin(yaw), -math.sin(pitch)])
    right = np.array([math.sin(yaw), -math.cos(yaw), 0.0])
    up = np.cross(right, ahead)
    c, s = math.cos(roll), math.sin(roll)
    return np.stack([c * right + s * up, c * up - s * right, -ahead], axis=1)


def _stance(rng: random.Random, centre: Points, radius: float) -> tuple[float, float, float, float]:
    """Height above the ground, distance on the ground, and the least and greatest pitch (degrees)."""
    if rng.random() < HAND_HELD_SHARE:
        return rng.uniform(1.4, 1.8), radius * rng.uniform(1.5, 3.2) + rng.uniform(0.8, 2.5), 0.0, 15.0
    height, down = rng.uniform(3, 8), math.radians(rng.uniform(15, 45))
    above = height - float(centre[2])
    far = above / math.tan(down) if above > 0.8 else rng.uniform(4, 14)
    return height, max(far, 1.3 * radius + 1.2), 15.0, 45.0


def choose(rng: random.Random, points: Points, shadow: Points | None, *, side_deg: float, long_px: int) -> View:
    """A view from `side_deg` (0: from -y) that shows `points` with a long side of `long_px`, and room for `shadow`."""
    low, high = points.min(axis=0), points.max(axis=0)
    centre, radius = (low + high) / 2, float(np.linalg.norm(high - low)) / 2
    height, far, least, most = _stance(rng, centre, radius)
    side = math.radians(side_deg) - math.pi / 2
    at = (float(centre[0]) + far * math.cos(side), float(centre[1]) + far * math.sin(side), height)
    down = math.degrees(math.atan2(height - float(centre[2]), far))
    pitch = min(most, max(least, down + rng.uniform(-7, 7)))
    yaw = side + math.pi + math.radians(rng.uniform(-17, 17))
    axes = _axes(yaw, math.radians(pitch), math.radians(rng.gauss(0, 1.2)))
    unit = View(at, axes, 1.0, (0, 0, 0, 0), height, pitch, 0)
    flat = unit.project(points)
    focal = long_px / float((flat.max(axis=0) - flat.min(axis=0)).max())
    region = _region(flat * focal, None if shadow is None else unit.project(shadow) * focal)
    depth = float(-((centre - np.array(at)) @ axes)[2])
    return View(at, axes, focal, region, height, pitch, focal / depth)


def _region(content: Points, shadow: Points | None) -> tuple[float, float, float, float]:
    """The content's rectangle, widened by at most 0.4 of its size where the shadow falls."""
    low, high = content.min(axis=0), content.max(axis=0)
    size = high - low
    edge = 3.0 if shadow is None else 0.07 * float(size.max())
    low, high = low - edge, high + edge
    if shadow is not None:
        low = np.minimum(low, np.maximum(shadow.min(axis=0) - 4, low - 0.4 * size))
        high = np.maximum(high, np.minimum(shadow.max(axis=0) + 4, high + 0.4 * size))
    (x0, y0), (x1, y1) = np.floor(low), np.ceil(high)
    return float(x0), float(y0), float(x1), float(y1)
