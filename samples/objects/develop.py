"""From float pictures to files: exposure and tone, crop, shadow mask, boxes from masks. No Blender here."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image

Plane = npt.NDArray[np.float32]
Bytes = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Rect:
    """Half-open pixels, origin top-left."""

    x0: int
    y0: int
    x1: int
    y1: int

    def moved(self, x: int, y: int) -> Rect:
        """The same, seen from an origin shifted by (-x, -y)."""
        return Rect(self.x0 + x, self.y0 + y, self.x1 + x, self.y1 + y)


def bounds(mask: Mask) -> Rect | None:
    """The rectangle round all true pixels; None where there are none."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if rows.size == 0:
        return None
    return Rect(int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)


def exposed(colour: Plane, rng: random.Random, *, exposure: float, auto: float | None) -> Bytes:
    """Premultiplied linear (h, w, 4) to straight sRGB (h, w, 4), as some camera would show it."""
    alpha = np.clip(colour[..., 3:], 0, 1)
    light = colour[..., :3] / np.maximum(alpha, 1e-3)
    if auto is not None:
        seen = light[alpha[..., 0] > 0.5].mean(axis=1)
        exposure *= auto / max(1e-4, float(np.percentile(seen, 92))) if seen.size else 1.0
    gains = np.array([rng.gauss(1, 0.04), 1.0, rng.gauss(1, 0.05)], np.float32)
    light = np.maximum(light * exposure * gains, 0)
    shoulder = rng.uniform(1.2, 6.0)
    light = light * (1 + light / shoulder**2) / (1 + light)  # extended Reinhard, white at `shoulder`
    light *= rng.uniform(1.3, 1.75)
    grey = light @ np.array([0.2126, 0.7152, 0.0722], np.float32)
    light = grey[..., None] + (light - grey[..., None]) * rng.uniform(0.7, 1.12)
    light = np.clip(light, 0, 1) ** rng.uniform(0.9, 1.2)
    shown = np.where(light <= 0.0031308, 12.92 * light, 1.055 * np.maximum(light, 1e-6) ** (1 / 2.4) - 0.055)
    shown = np.clip(shown + rng.uniform(-0.01, 0.03) * (1 - shown), 0, 1)
    shown = np.where(alpha > 1e-3, shown, shown[alpha[..., 0] > 0.5].mean(axis=0) if (alpha > 0.5).any() else 0)
    made: Bytes = np.rint(np.concatenate([shown, alpha], axis=2) * 255).astype(np.uint8)
    return made


def shade(shadow: Plane, size_px: tuple[int, int]) -> Bytes:
    """The small render's share of light to a mask of `size_px`: 255 is full dark, 0 at the picture's edge."""
    dark = np.clip(1 - shadow, 0, 1)
    dark = np.clip((dark - 0.03) / 0.97, 0, 1)
    picture = Image.fromarray(np.rint(dark * 255).astype(np.uint8)).resize(size_px, Image.Resampling.BICUBIC)
    width, tall = size_px
    reach = max(4.0, 0.06 * max(size_px))
    x, y = np.arange(width) + 0.5, np.arange(tall) + 0.5
    inside = np.minimum.outer(np.minimum(y, tall - y), np.minimum(x, width - x))
    made: Bytes = np.rint(np.asarray(picture) * np.clip(inside / reach, 0, 1)).astype(np.uint8)
    return made


def crop(alpha: Bytes, shadow: Bytes) -> Rect:
    """What to keep: the object, and its shadow where one sees it."""
    found = bounds((alpha > 8) | (shadow > 10))
    if found is None:
        raise ValueError("the camera sees nothing")
    return found


def labelled(
    index: npt.NDArray[np.int64],
    alone: Mapping[str, Mask] | None,
    boxes: Sequence[tuple[str, tuple[str, ...]]],
    numbers: Mapping[str, int],
    origin: tuple[int, int],
    *,
    least_share: float = 0.0,
) -> list[dict[str, object]]:
    """A record per (label, groups) that is seen; `alone` holds each group's mask without the others."""
    records: list[dict[str, object]] = []
    for label, groups in boxes:
        mask = np.isin(index, [numbers[group] for group in groups])
        found = bounds(mask)
        if found is None:
            continue
        share = 1.0
        if alone is not None:
            whole = np.any([alone[group] for group in groups], axis=0)
            share = min(1.0, float(mask.sum()) / max(1.0, float((whole | mask).sum())))
        if share < least_share:
            continue
        rect = found.moved(-origin[0], -origin[1])
        box = [rect.x0, rect.y0, rect.x1, rect.y1]
        records.append({"label": label, "box": box, "visible_share": round(share, 3)})
    return records
