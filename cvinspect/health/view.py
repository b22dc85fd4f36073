"""Whether a camera still looks where it looked at first, told by the street's structure rather than its light."""

from dataclasses import dataclass
from enum import Enum, auto

import numpy as np
from numpy.typing import NDArray

from cvinspect.domain import Pixels
from cvinspect.opencv import cv2, parts_in_common, shift_of

_ROWS = 90
_NEIGHBOURHOOD = 15
"""Thumb pixels over which light and contrast are evened out."""

_NOISE = 4.0
"""Gray levels of contrast under which there is nothing to even out."""

_SAME = 0.5
"""From this correlation on it is the same view: traffic leaves 0.67 and more."""

_OTHER = 0.3
"""Under this correlation, wherever it is laid, it is another view, or the same one rolled: night, fog and glare
leave 0.8, other streets under 0.05."""

_SHIFTED = 0.45
_BETTER = 0.15
"""How well the first view must fit once shifted, and by how much better than unshifted."""

_LEAST_SHIFT_SHARE = 0.01
_FARTHEST_SHIFT_SHARE = 0.4
"""Of the width. Less is wind, more leaves too little to compare."""

_FOLLOW = 0.02
"""Weight of each picture in the remembered view, so that it keeps up with sun and shadows."""

_SMOOTH = (5, 5)
"""Thumb pixels: thin lines on a bare road are still the same when they shake by one."""

_GREY_LEVELS = 2.0
"""Mean difference of the colours under which a picture is black and white: a camera by night, lit by infrared."""

Thumb = NDArray[np.float32]


class Aim(Enum):
    """Where a camera looks."""

    SAME = auto()
    ELSEWHERE = auto()
    """Shifted, as far as can be proved."""
    OTHER = auto()
    """Nothing in common with the view as it was: turned away, or something is in front."""
    UNKNOWN = auto()


@dataclass(frozen=True, slots=True)
class _View:
    thumb: Thumb
    is_grey: bool


class AimWatch:
    """Compares whole pictures with the first view; one for colour and one for infrared, which share no light."""

    def __init__(self) -> None:
        self._first: dict[tuple[bool, tuple[int, ...]], Thumb] = {}

    def see(self, pixels: Pixels) -> Aim:
        """Take in a picture that shows something. The first one of a kind tells where the camera is to look."""
        view = _view(pixels)
        key = view.is_grey, pixels.shape
        first = self._first.get(key)
        if first is None:
            self._first[key] = view.thumb
            return Aim.UNKNOWN if len(self._first) > 1 else Aim.SAME
        likeness = _correlation(first, view.thumb)
        if likeness >= _SAME:
            self._first[key] = np.asarray((1 - _FOLLOW) * first + _FOLLOW * view.thumb, np.float32)
            return Aim.SAME
        shift_share = _shift_share(first, view.thumb, likeness)
        if shift_share is not None:
            return Aim.ELSEWHERE if shift_share >= _LEAST_SHIFT_SHARE else Aim.SAME
        return Aim.OTHER if likeness < _OTHER else Aim.UNKNOWN


def _view(pixels: Pixels) -> _View:
    step = max(1, pixels.shape[0] // (2 * _ROWS))
    thinned = np.ascontiguousarray(pixels[::step, ::step])
    half = thinned.shape[1] // 2, thinned.shape[0] // 2
    small = cv2.resize(thinned, half, interpolation=cv2.INTER_AREA)
    blue, green, red = cv2.split(small)
    is_grey = max(cv2.mean(cv2.absdiff(green, red))[0], cv2.mean(cv2.absdiff(green, blue))[0]) < _GREY_LEVELS
    return _View(_evened(cv2.GaussianBlur(green, _SMOOTH, 0).astype(np.float32)), is_grey)


def _evened(grey: Thumb) -> Thumb:
    """Without the light: each pixel against its neighbourhood, in units of the neighbourhood's contrast."""
    size = (_NEIGHBOURHOOD, _NEIGHBOURHOOD)
    local = grey - cv2.blur(grey, size)
    return np.asarray(local / (cv2.sqrt(np.maximum(cv2.blur(local * local, size), 0.0)) + _NOISE), np.float32)


def _shift_share(first: Thumb, now: Thumb, likeness: float) -> float | None:
    """How far the first view lies off, as a share of the width; None where it does not fit anywhere."""
    dx, dy = shift_of(first, now)
    share = float(np.hypot(dx, dy)) / first.shape[1]
    if share > _FARTHEST_SHIFT_SHARE:
        return None
    fit = _correlation(*parts_in_common(first, now, round(dx), round(dy)))
    return share if fit >= max(_SHIFTED, likeness + _BETTER) else None


def _correlation(a: Thumb, b: Thumb) -> float:
    """In [-1, 1]; evened pictures have no mean to speak of. 0 where one of them shows nothing."""
    energy = float(cv2.norm(a)) * float(cv2.norm(b))
    return float(np.vdot(a, b)) / energy if energy > 0 else 0.0
