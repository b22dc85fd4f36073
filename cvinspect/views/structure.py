"""A street's structure in a small grey picture: what stays of it in any light, and by how much it is shifted."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from cvinspect.domain import Pixels
from cvinspect.opencv import cv2, parts_in_common, shift_of

SIZE = (160, 90)
"""Columns and rows, whatever the picture's: pictures of one view in two sizes can be compared."""

_SMOOTH = (5, 5)
"""Pixels of the small picture: thin lines on a bare road are still the same when they shake by one."""

_NEIGHBOURHOOD = 15
"""Pixels of the small picture over which light and contrast are evened out."""

_NOISE = 4.0
"""Gray levels of contrast under which there is nothing to even out."""

_FLAT = 4.0
"""Gray levels of deviation under which a picture shows nothing: a covered lens, a black picture."""

_GREY_LEVELS = 2.0
"""Mean difference of the colours under which a picture is black and white: a camera by night, lit by infrared."""

_BARE = 0.3
"""Root of the mean square of an evened picture under which it has hardly any structure, such as a wall: streets have
0.45 and more, in fog as well."""

_BLACK_LEVELS, _BLACK_SHARE = 30, 0.99
"""A street by night has lamps; the grey of a lens cap stays under 30."""

_DARK_LEVELS, _DARK_SHARE = 40, 0.9

Small = NDArray[np.float32]
"""(90, 160) float32."""


@dataclass(frozen=True)
class Structure:
    """One picture, small and grey."""

    grey: Small
    """Gray levels, smoothed a little."""
    is_grey: bool = False
    """Whether the picture was black and white: lit by infrared, as a rule."""

    @classmethod
    def of(cls, pixels: Pixels) -> "Structure":
        """From a picture of any size, (h, w, 3) BGR. Takes about half a millisecond."""
        height, width = pixels.shape[:2]
        down, across = max(1, height // (2 * SIZE[1])), max(1, width // (2 * SIZE[0]))
        thinned = np.ascontiguousarray(pixels[::down, ::across, 1])
        green = cv2.GaussianBlur(cv2.resize(thinned, SIZE, interpolation=cv2.INTER_AREA), _SMOOTH, 0)
        return cls(green.astype(np.float32), _is_grey(pixels[:: 4 * down, :: 4 * across]))

    @cached_property
    def evened(self) -> Small:
        """Without the light: each pixel against its neighbourhood, in units of the neighbourhood's contrast."""
        size = (_NEIGHBOURHOOD, _NEIGHBOURHOOD)
        local = self.grey - cv2.blur(self.grey, size)
        return np.asarray(local / (cv2.sqrt(np.maximum(cv2.blur(local * local, size), 0.0)) + _NOISE), np.float32)

    @cached_property
    def edges(self) -> Small:
        """Where something ends, whichever side is the brighter: under infrared leaves are white."""
        across, down = cv2.Sobel(self.evened, cv2.CV_32F, 1, 0), cv2.Sobel(self.evened, cv2.CV_32F, 0, 1)
        strength = cv2.blur(cv2.magnitude(across, down), (3, 3))
        return np.asarray(strength - cv2.blur(strength, (_NEIGHBOURHOOD, _NEIGHBOURHOOD)), np.float32)

    @cached_property
    def centred(self) -> Small:
        """The gray levels around their mean."""
        return np.asarray(self.grey - self.grey.mean(), np.float32)

    @cached_property
    def is_flat(self) -> bool:
        """Whether it shows nothing at all."""
        return float(self.grey.std()) < _FLAT

    @cached_property
    def is_bare(self) -> bool:
        """Whether it has hardly any structure: then only its light is left to compare."""
        return float(np.sqrt(np.mean(self.evened * self.evened))) < _BARE

    @cached_property
    def is_black(self) -> bool:
        """Whether there is no light in it."""
        return float(np.mean(self.grey < _BLACK_LEVELS)) >= _BLACK_SHARE

    @cached_property
    def is_dark(self) -> bool:
        """Whether there is hardly any."""
        return float(np.mean(self.grey < _DARK_LEVELS)) >= _DARK_SHARE

    def mixed(self, other: "Structure", share: float) -> "Structure":
        """With so much of the other one, in [0, 1]."""
        return Structure(np.asarray((1 - share) * self.grey + share * other.grey, np.float32), self.is_grey)


def _is_grey(pixels: Pixels) -> bool:
    blue, green, red = np.moveaxis(np.asarray(pixels).astype(np.int16), 2, 0)
    return max(float(np.abs(green - red).mean()), float(np.abs(green - blue).mean())) < _GREY_LEVELS


def correlation(a: Small, b: Small) -> float:
    """In [-1, 1], of pictures around zero; 0 where one of them shows nothing."""
    energy = float(np.vdot(a, a)) * float(np.vdot(b, b))
    return float(np.vdot(a, b)) / float(np.sqrt(energy)) if energy > 0 else 0.0


_TILES = (3, 4)
"""Rows and columns of tiles, each compared by itself: what stands before a part of a view hides that alone."""

_IN_SIGHT = 4
"""So many of the twelve tiles must be in sight."""

_BY_CHANCE = 0.1
"""The fourth best tile of two other views has up to 0.28 in common, their whole pictures up to 0.15."""


def likeness_of(a: Small, b: Small) -> float:
    """In [-1, 1]: what two pictures have in common, as a whole or in the third of it that agrees best."""
    energy = np.sqrt(_by_tile(a * a) * _by_tile(b * b))
    tiles = np.sort(_by_tile(a * b) / np.maximum(energy, 1e-3))
    return max(correlation(a, b), float(tiles[-_IN_SIGHT]) - _BY_CHANCE)


def _by_tile(values: Small) -> Small:
    rows, columns = _TILES
    shape = rows, SIZE[1] // rows, columns, SIZE[0] // columns
    return np.asarray(values.reshape(shape).sum(axis=(1, 3)).ravel(), np.float32)


_UNMOVED = 0.9
"""From this correlation of gray levels on nothing is shifted."""

_FITS, _BETTER = 0.7, 0.1
"""How well gray levels must fit once shifted, and by how much better than unshifted: traffic leaves 0.83 to 0.98, other
views under 0.3. A lorry that draws up moves nothing else."""

_FITS_EVENED, _BETTER_EVENED = 0.6, 0.25
"""The same without the light."""

_SAME = 0.5
"""From this correlation of evened pictures on it is not asked whether the light hides a shift."""

_LEAST_SHIFT_SHARE = 0.006
"""Of the width: what a pole sways in the wind. Places forgive that much."""

_FARTHEST_SHIFT_SHARE = 0.4
"""A view that has less in common with the one before is another one."""


def shift_between(before: Structure, now: Structure) -> tuple[float, float] | None:
    """By which shares of width and height a view lies further right and down; None: not at all, or it is another.

    Gray levels tell a shift of broad shapes, evened pictures one in another light. Takes a millisecond where it is in
    doubt.
    """
    likeness, alike = correlation(before.centred, now.centred), correlation(before.evened, now.evened)
    if likeness >= _UNMOVED or before.is_bare:  # a ramp fits itself wherever it is laid
        return None
    found = _fitting(before.centred, now.centred, max(_FITS, likeness + _BETTER))
    if found is None and alike < _SAME:
        found = _fitting(before.evened, now.evened, max(_FITS_EVENED, alike + _BETTER_EVENED))
    return found


def _fitting(before: Small, now: Small, least: float) -> tuple[float, float] | None:
    dx, dy = shift_of(before, now)
    if not _LEAST_SHIFT_SHARE * SIZE[0] <= float(np.hypot(dx, dy)) <= _FARTHEST_SHIFT_SHARE * SIZE[0]:
        return None
    here, there = parts_in_common(before, now, round(dx), round(dy))
    if not here.size or correlation(here - here.mean(), there - there.mean()) < least:
        return None
    return dx / SIZE[0], dy / SIZE[1]
