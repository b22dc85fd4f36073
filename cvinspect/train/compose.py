"""Rendered objects laid into real pictures, with their shadow and the picture's own sharpness, noise and light.

A detector that learns from renderings alone learns what a rendering looks like. Here every object stands among real
things, is as blurred and as noisy as they are, and its boxes come from the renderer's masks.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cvinspect.domain import Pixels
from cvinspect.errors import DatasetError
from cvinspect.opencv import cv2

Reals = NDArray[np.float32]
Box = tuple[str, NDArray[np.float64]]
"""A label, and x0 y0 x1 y1."""

_SEEN_ENOUGH = 0.35
"""A box that this much or less remains of is no longer a box, but nobody can say that nothing is there."""

_LEAST_CONTRAST = 22.0
"""Mean change of a channel, of 255, under an object: what changes less cannot be made out, and is not laid down."""
SIZES = (0.22, 0.75)
"""Longer side of an object, as a share of the picture's shorter one."""
_MOST_ENLARGED = 2.0
"""Times as large as it was taken: beyond that it is a blur."""
_PLACES = 6
_PLACES_TO_HANG = 16
_SKY_BRIGHT, _SKY_FLAT = 150.0, 9.0
"""Mean grey of a sky at the least, and the most that neighbouring patches of it differ (standard deviation)."""


@dataclass(frozen=True, slots=True)
class RenderedObject:
    """One line of an index of renderings."""

    label: str
    picture: Path
    """RGBA, straight alpha, sRGB."""
    shadow: Path | None
    """Grey, 255 = no light."""
    boxes: tuple[Box, ...]
    """In pixels of the picture."""
    stands_on: str
    """"ground", "wall" or "line"."""


@dataclass(frozen=True, slots=True)
class Composite:
    """A picture that something was laid into."""

    pixels: Pixels
    """(h, w, 3) BGR."""
    boxes: tuple[Box, ...]
    """In fractions of width and height."""
    hidden: tuple[Box, ...]
    """Boxes of the picture below that are mostly covered now."""


def read_objects(folder: Path) -> tuple[RenderedObject, ...]:
    """What `index.jsonl` in the folder lists; raises DatasetError with the line that is wrong."""
    index = folder / "index.jsonl"
    try:
        lines = index.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise DatasetError(f"{index}: cannot be read: {error.strerror}") from error
    found = []
    for number, line in enumerate(lines, start=1):
        try:
            found.append(_object(folder, json.loads(line)))
        except (KeyError, TypeError, ValueError) as error:
            raise DatasetError(f"{index}:{number}: not an object of a rendering: {error}") from error
    return tuple(found)


def _object(folder: Path, line: Mapping[str, Any]) -> RenderedObject:
    boxes = tuple((str(item["label"]), np.array(item["box"], dtype=np.float64)) for item in line["boxes"])
    shadow = line.get("shadow")
    return RenderedObject(
        label=str(line["label"]),
        picture=folder / line["file"],
        shadow=folder / shadow if shadow else None,
        boxes=boxes,
        stands_on=str(line["stands_on"]),
    )


def compose(
    picture: Pixels,
    boxes: Sequence[Box],
    objects: Sequence[RenderedObject],
    rng: np.random.Generator,
    *,
    sizes: tuple[float, float] = SIZES,
) -> Composite:
    """Lay the objects into the picture (h, w, 3; BGR), the first one farthest away.

    `boxes` are the picture's own, in fractions of width and height; `sizes` is the range of an object's longer side,
    as a share of the picture's shorter one. An object that could hardly be seen is left out, and so is one that hangs
    where only sky is behind it everywhere that was tried.
    """
    canvas = picture
    height, width = picture.shape[:2]
    scale = np.array([width, height, width, height], dtype=np.float64)
    kept = [(label, box * scale) for label, box in boxes]
    hidden: list[Box] = []
    shares = sorted(float(rng.uniform(*sizes)) for _ in objects)
    for thing, share in zip(objects, shares, strict=True):
        layer = _layer(thing, share, canvas, kept, rng)
        if layer is None:
            continue
        laid = layer.laid_on(canvas, rng)
        if layer.contrast(canvas, laid) < _LEAST_CONTRAST:
            continue
        canvas = laid
        kept, lost = _split_by_cover(kept, layer)
        hidden += lost
        kept += layer.boxes
    return Composite(
        canvas,
        tuple((label, np.clip(box / scale, 0, 1)) for label, box in kept),
        tuple((label, np.clip(box / scale, 0, 1)) for label, box in hidden),
    )


@dataclass(frozen=True, slots=True)
class _Layer:
    """An object scaled and placed: everything in pixels of the picture."""

    x: int
    y: int
    colour: Reals
    """(h, w, 3) BGR, 0..255."""
    alpha: Reals
    shadow: Reals
    boxes: list[Box]

    def laid_on(self, canvas: Pixels, rng: np.random.Generator) -> Pixels:
        """The canvas with shadow and object."""
        there, part = self._windows(canvas)
        below = canvas[there].astype(np.float32)
        colour, alpha = _matched(self.colour[part], self.alpha[part], below, canvas, rng)
        shaded = below * (1 - rng.uniform(0.35, 0.8) * self.shadow[part][..., None])
        mixed = shaded * (1 - alpha[..., None]) + colour * alpha[..., None]
        result = canvas.copy()
        result[there] = np.clip(mixed, 0, 255).astype(np.uint8)
        return result

    def contrast(self, before: Pixels, after: Pixels) -> float:
        """Mean change of a channel, 0 to 255, over the object's own pixels."""
        there, part = self._windows(before)
        change = np.abs(after[there].astype(np.float32) - before[there]).mean(axis=2)
        own = self.alpha[part]
        return float((change * own).sum() / max(float(own.sum()), 1.0))

    def hangs_on_sky(self, canvas: Pixels) -> bool:
        """Whether what it hides is bright and all of one kind: sky, or a wall so white that it says nothing."""
        there, _ = self._windows(canvas)
        patches = cv2.resize(cv2.cvtColor(canvas[there], cv2.COLOR_BGR2GRAY), (8, 8), interpolation=cv2.INTER_AREA)
        return bool(patches.mean() > _SKY_BRIGHT and patches.std() < _SKY_FLAT)

    def _windows(self, canvas: Pixels) -> tuple[tuple[slice, slice], tuple[slice, slice]]:
        """Where it lies in the canvas, and which part of it that is."""
        height, width = self.alpha.shape
        top, left = max(self.y, 0), max(self.x, 0)
        bottom, right = min(self.y + height, canvas.shape[0]), min(self.x + width, canvas.shape[1])
        there = (slice(top, bottom), slice(left, right))
        return there, (slice(top - self.y, bottom - self.y), slice(left - self.x, right - self.x))

    def cover_of(self, box: NDArray[np.float64]) -> float:
        """Share of the box, in pixels of the picture, that this object hides."""
        left, top, right, bottom = np.round(box - np.array([self.x, self.y, self.x, self.y])).astype(int)
        area = max((right - left) * (bottom - top), 1)
        hidden = self.alpha[max(top, 0) : max(bottom, 0), max(left, 0) : max(right, 0)]
        return float(hidden.sum()) / float(area)


def _layer(
    thing: RenderedObject, share: float, canvas: Pixels, taken: Sequence[Box], rng: np.random.Generator
) -> _Layer | None:
    """The object so large that its longer side is `share` of the picture's shorter one, where it hides least."""
    rgba = cv2.imread(str(thing.picture), cv2.IMREAD_UNCHANGED)
    if rgba is None or rgba.ndim != 3 or rgba.shape[2] != 4:
        raise DatasetError(f"{thing.picture}: not a picture with four channels")
    shadow = None if thing.shadow is None else cv2.imread(str(thing.shadow), cv2.IMREAD_GRAYSCALE)
    if shadow is None:
        shadow = np.zeros(rgba.shape[:2], np.uint8)
    mirrored = rng.random() < 0.5
    if mirrored and thing.label != "banner":  # its words would read backwards
        rgba, shadow = rgba[:, ::-1], shadow[:, ::-1]
    else:
        mirrored = False
    factor = min(share * min(canvas.shape[:2]) / max(rgba.shape[:2]), _MOST_ENLARGED)
    size = (max(round(rgba.shape[1] * factor), 2), max(round(rgba.shape[0] * factor), 2))
    colours, shade = _resized(rgba, size), _resized(shadow, size) / np.float32(255)
    alpha: Reals = colours[..., 3] / np.float32(255)
    boxes = [(label, _scaled(box, factor, size[0], mirrored)) for label, box in thing.boxes]
    hangs = thing.stands_on != "ground"
    places = [_place(thing, size, canvas.shape[:2], rng) for _ in range(_PLACES_TO_HANG if hangs else _PLACES)]
    layers = [_Layer(x, y, colours[..., :3], alpha, shade, _visible(boxes, x, y, canvas.shape[:2])) for x, y in places]
    layers = [layer for layer in layers if layer.boxes and not (hangs and layer.hangs_on_sky(canvas))]
    return min(layers, key=lambda layer: sum(layer.cover_of(box) for _, box in taken), default=None)


def _resized(picture: NDArray[Any], size: tuple[int, int]) -> Reals:
    return cv2.resize(np.ascontiguousarray(picture), size, interpolation=cv2.INTER_AREA).astype(np.float32)


def _scaled(box: NDArray[np.float64], factor: float, width: int, mirrored: bool) -> NDArray[np.float64]:
    scaled: NDArray[np.float64] = box * factor
    if mirrored:
        scaled = np.array([width - scaled[2], scaled[1], width - scaled[0], scaled[3]])
    return scaled


def _place(
    thing: RenderedObject, size: tuple[int, int], shape: tuple[int, ...], rng: np.random.Generator
) -> tuple[int, int]:
    """Left upper corner: things on the ground end in the lower part, things that hang are anywhere above it."""
    height, width = shape[:2]
    x = rng.uniform(-0.15 * size[0], width - 0.85 * size[0])
    if thing.stands_on == "ground":
        y = height * rng.uniform(0.5, 1.03) - size[1]
    else:
        y = rng.uniform(-0.1 * size[1], max(0.66 * height - size[1], 0.1 * height))
    return round(x), round(y)


def _visible(boxes: Sequence[Box], x: int, y: int, shape: tuple[int, ...]) -> list[Box]:
    """The boxes at this place, cut to the picture; those mostly outside are left out."""
    height, width = shape[:2]
    found = []
    for label, box in boxes:
        moved = box + np.array([x, y, x, y])
        cut = np.clip(moved, 0, [width, height, width, height])
        area = (moved[2] - moved[0]) * (moved[3] - moved[1])
        if (cut[2] - cut[0]) * (cut[3] - cut[1]) > _SEEN_ENOUGH * area and min(cut[2:] - cut[:2]) > 3:
            found.append((label, cut))
    return found


def _split_by_cover(boxes: Sequence[Box], layer: _Layer) -> tuple[list[Box], list[Box]]:
    kept: list[Box] = []
    lost: list[Box] = []
    for label, box in boxes:
        (lost if layer.cover_of(box) > 1 - _SEEN_ENOUGH else kept).append((label, box))
    return kept, lost


def _matched(
    colour: Reals,
    alpha: Reals,
    below: Reals,
    canvas: Pixels,
    rng: np.random.Generator,
) -> tuple[Reals, Reals]:
    """The object in the light, sharpness and noise of where it is laid."""
    inside = alpha > 0.5
    if inside.any():
        mine, theirs = colour[inside].mean(), below.mean()
        colour = colour * (1 + rng.uniform(0, 0.7) * (np.clip(theirs / max(mine, 1.0), 0.4, 1.8) - 1))
    colour = ((colour - 128) * rng.uniform(0.75, 1.1) + 128 + rng.normal(0, 6, size=3)).astype(np.float32)
    detail = cv2.Laplacian(cv2.cvtColor(canvas, cv2.COLOR_BGR2GRAY), cv2.CV_32F)
    sharpness = float(np.abs(detail).mean())
    blur = float(np.clip(6.0 / max(sharpness, 1.0), 0.3, 1.6)) * rng.uniform(0.6, 1.2)
    grain = float(np.median(np.abs(detail))) * 0.12
    noisy = colour + rng.normal(0, grain, size=colour.shape)
    softened: Reals = cv2.GaussianBlur(noisy.astype(np.float32), (0, 0), blur).astype(np.float32)
    edge: Reals = cv2.GaussianBlur(alpha, (0, 0), max(0.6, blur * 0.8)).astype(np.float32)
    return softened, edge
