"""Pixels of a scripted street, drawn only where somebody looks: thousands of frames cost next to nothing."""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from cvinspect.geometry import Box
from cvinspect.opencv import cv2
from samples.scenarios.scene import HEIGHT, WIDTH, Scene, Thing, View

Picture = NDArray[np.uint8]

_MARGIN_PX = 260
"""Street beyond the picture's edges, for a camera that is knocked askew."""

_BACKDROPS = 8
_GRAIN_SHIFTS = 64


class Canvas:
    """Stands in for a frame's pixels, (720, 1280, 3) uint8: it has their shape, and any part of it can be cut out."""

    shape = (HEIGHT, WIDTH, 3)
    dtype = np.dtype(np.uint8)

    def __init__(self, scene: Scene, at_s: float, *, backdrop: int) -> None:
        """The street of `scene` at one scene second, before one of a few backdrops."""
        self.at_s = at_s
        self.view = scene.view(at_s)
        self.present = scene.present(at_s)
        self._backdrop = (backdrop + 3 * self.view.street) % _BACKDROPS

    def __getitem__(self, part: tuple[slice, slice] | tuple[slice, slice, int]) -> Picture:
        """Rows, columns and perhaps a channel as of an array; steps are allowed, negative numbers are not."""
        rows, columns = (range(length)[cut] for length, cut in zip(self.shape[:2], part[:2], strict=True))
        if self.view.cover is not None:
            cut = np.full((len(rows), len(columns), 3), self.view.cover, np.uint8)
        else:
            cut = self._street(rows, columns)
        painted = _exposed(cut, self.view, self.at_s)
        return painted[:, :, part[2]] if len(part) > 2 else painted

    def _street(self, rows: range, columns: range) -> Picture:
        dx, dy = round(self.view.dx_px), round(self.view.dy_px)
        backdrop = _street_picture(self._backdrop)
        cut = backdrop[_cut(rows, _MARGIN_PX - dy), _cut(columns, _MARGIN_PX - dx)].copy()
        for thing, box in self.present:
            if not thing.is_false:
                _paint(cut, thing, box, rows, columns, (dx, dy))
        return cut


def _cut(line: range, offset: int) -> slice:
    return slice(line.start + offset, line.stop + offset, line.step)


def _paint(cut: Picture, thing: Thing, box: Box, rows: range, columns: range, shift: tuple[int, int]) -> None:
    """The thing onto those rows and columns of the picture."""
    width, height = round(box.width), round(box.height)
    across = _part(columns, round(box.x0) + shift[0], width)
    down = _part(rows, round(box.y0) + shift[1], height)
    if across is None or down is None:
        return
    (here_x, body_x), (here_y, body_y) = across, down
    if thing.light:
        cut[here_y, here_x] = np.minimum(cut[here_y, here_x] + np.float32(thing.light), 255).astype(np.uint8)
    else:
        cut[here_y, here_x] = _body(thing.look, width, height)[body_y, body_x]


def _part(line: range, start: int, length: int) -> tuple[slice, slice] | None:
    """Which part of a line of pixels a thing takes, and which part of the thing that is; None: none."""
    first = max(0, -((line.start - start) // line.step))
    last = min(len(line), -((line.start - start - length) // line.step))
    if last <= first:
        return None
    begin = line.start + first * line.step - start
    return slice(first, last), slice(begin, begin + (last - first - 1) * line.step + 1, line.step)


def _exposed(cut: Picture, view: View, at_s: float) -> Picture:
    """The light of the hour and the camera's noise, which is another one at every moment."""
    shift = int(at_s * 7919) % _GRAIN_SHIFTS
    grain = _grain(view.grain)[shift : shift + cut.shape[0], shift : shift + cut.shape[1]]
    lit = (
        cut if view.gain == 1.0 and view.offset == 0.0 else cv2.convertScaleAbs(cut, alpha=view.gain, beta=view.offset)
    )
    return np.asarray(cv2.add(np.ascontiguousarray(lit), grain, dtype=cv2.CV_8U), dtype=np.uint8)


@cache
def _grain(sigma: float) -> NDArray[np.int16]:
    size = (HEIGHT + _GRAIN_SHIFTS, WIDTH + _GRAIN_SHIFTS, 3)
    return np.random.default_rng(5).normal(0.0, sigma, size).astype(np.int16)


@cache
def _street_picture(seed: int) -> Picture:
    """Grey asphalt and walls: broad shapes, and fine ones of less contrast."""
    width, height = WIDTH + 2 * _MARGIN_PX, HEIGHT + 2 * _MARGIN_PX
    broad = _blotches(seed, 24, width, height, contrast=90)
    fine = _blotches(seed + 1000, 130, width, height, contrast=50)
    grey = (broad + fine).mean(axis=2, keepdims=True)
    return np.asarray(np.clip(110 + 0.2 * (broad + fine) + 1.4 * grey, 0, 255), dtype=np.uint8)


@cache
def _body(seed: int, width: int, height: int) -> Picture:
    """A colour, blotches, and what all of them share: dark windows, light in between, a shadow below.

    That makes two of them look alike by about 0.3, as two cars in one bay do.
    """
    colour = np.random.default_rng(seed).integers(50, 205, 3)
    shared = np.interp(np.linspace(0, 1, height), (0, 0.2, 0.35, 0.5, 0.85, 1), (20, -45, -35, 25, 15, -50))
    own = _blotches(seed, 6, width, height, contrast=120)
    return np.asarray(np.clip(colour + own + shared[:, None, None], 0, 255), dtype=np.uint8)


def _blotches(seed: int, across: int, width: int, height: int, *, contrast: float) -> NDArray[np.float32]:
    """Around 0, `contrast` gray levels from the darkest to the brightest, (height, width, 3)."""
    down = max(2, round(across * height / width))
    coarse = np.random.default_rng(seed).uniform(-contrast / 2, contrast / 2, (down, across, 3)).astype(np.float32)
    return np.asarray(cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC), dtype=np.float32)
