"""Text that a camera draws into its pictures, its clock and its name: found by never following the scene's light.

A clock is known sooner, by the digit that ticks (`ticking.py`).
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cvinspect.detect.text_lines import Grid, Line, grown, joined, lines_in
from cvinspect.detect.ticking import Changes
from cvinspect.domain import Detection, Pixels
from cvinspect.geometry import Box
from cvinspect.opencv import cv2

_BAND_SHARE = 0.2
"""Of the height, at the upper and at the lower edge: there cameras write, also where recorders add black bars."""

_COLUMNS = 640
"""Every n-th pixel is looked at, so that about so many are left across. Means would mix thin strokes with the scene."""

_APART_S = 1.0
_FEWEST = 8
"""Of samples, before anything is said."""

_SEARCHED_EVERY, _AT_FIRST_EVERY, _AT_FIRST = 30, 4, 32
"""Text is looked for at every so many samples, more often among the first ones."""

_LONGEST = 3600
"""The statistics are those of about so many samples, an hour's; what came before fades."""

_STROKE_PX, _STROKE_LEVELS = 9, 40
"""A stroke is narrower than this, and brighter by so much than what is beside it."""

_MOST_LEVELS = 24.0
"""No sample counts for more than this: one flash, or one picture that came broken, disproves nothing."""

_MOST_DUE = 1.5 * _MOST_LEVELS
"""No more is expected of a thing of the scene, since no more of its changes is counted."""

_BRIGHT = 120.0
"""What is darker changes so little with the light that its standing still proves nothing."""

_WHITE = 250.0
"""What is as white as can be may have followed the light where no pixel shows it: it needs twice the proof."""

_PROOF_LEVELS = 8.0
"""By so much a thing of the scene would have had to change before its standing still means anything."""

_HELD_SHARE = 1 / 3
"""Text changed by less than this share of what a thing of the scene would have."""

_AROUND_PX, _LEAST_SCENE = 9, 0.1
"""What is beside a stroke: so near, and so much of that area at least."""

_CELL_PX, _DARKEST_CELL, _LEAST_LIT = 4, 20.0, 0.25
"""Light is judged by cells of so many of the pixels looked at, dark ones left out, if enough are left."""

_ALWAYS, _HALF, _SOMETIMES = 0.7, 0.5, 0.05
"""In which share of the samples a pixel is part of a stroke."""

_HELD_TO_FIND = 0.6
"""Which share of a line's strokes must stand still: a camera that shakes has still strokes with edges that are not."""

_FOLLOWED_SHARE, _FOLLOWED_TO_DROP = 0.7, 0.5
"""A stroke that changed by so much of what a thing of the scene would have is one; a line of so many is no text."""

_PAD_SHARE = 0.15
"""Boxes that networks draw round letters are higher than these, by about this share above and below."""

_COVERED_SHARE = 0.6

Grey = NDArray[np.uint8]


class _Spread:
    """Mean and spread of grids that come one after the other."""

    def __init__(self, first: Grid) -> None:
        self.mean = first
        self._variance = np.zeros_like(first)

    def add(self, values: Grid, weight: float) -> None:
        step = values - self.mean
        self.mean += weight * step
        np.clip(step, -_MOST_LEVELS, _MOST_LEVELS, out=step)
        step *= step
        step *= 1 - weight
        step -= self._variance
        step *= weight
        self._variance += step

    @property
    def deviation(self) -> Grid:
        return np.sqrt(self._variance)


class _Light(NamedTuple):
    """By which share the scene's brightness has changed; what passes through a part of it is no light."""

    everywhere: float
    """By no less in nearly all of the picture, also in the shade."""
    mostly: float
    """By no less in most of it."""


class _Band:
    """What one edge of the picture was like."""

    def __init__(self, grey: Grey) -> None:
        self.levels = _Spread(grey.astype(np.float32))
        self.strokes = _strokes(grey)
        """In which share of the samples each pixel was part of a stroke."""
        self.changes = Changes(grey)
        self.lines: list[Line] = []

    def add(self, grey: Grey, weight: float) -> None:
        self.levels.add(grey.astype(np.float32), weight)
        self.strokes += weight * (_strokes(grey) - self.strokes)
        self.changes.add(grey)

    def search(self, light: _Light) -> None:
        """Looks for lines anew, given how the light has changed, and keeps the old ones that are not disproved."""
        deviation = self.levels.deviation
        due = self._due(light, deviation)
        is_bright = self.levels.mean >= _BRIGHT
        proof = np.where(self.levels.mean >= _WHITE, 2 * _PROOF_LEVELS, _PROOF_LEVELS)
        always = (self.strokes >= _ALWAYS) & is_bright
        tried = always & (due >= proof)
        held = tried & (deviation <= due * _HELD_SHARE)
        followed = tried & (deviation >= np.minimum(due, _MOST_LEVELS) * _FOLLOWED_SHARE)
        ticking = (self.strokes >= _SOMETIMES) & (self.strokes < _ALWAYS) & (deviation >= _PROOF_LEVELS)
        found = [
            line
            for line in lines_in(held, self.levels.mean)
            if line.of(held).sum() >= _HELD_TO_FIND * line.of(tried).sum()
        ]
        clocks = self.changes.clocks(always, self.levels.mean)
        found = joined([*(grown(line, held | ticking) for line in found), *clocks])
        kept = [
            line
            for line in self.lines
            if not any(map(line.meets, found))
            and line.of(always).any()
            and line.of(followed).sum() <= _FOLLOWED_TO_DROP * line.of(always).sum()
        ]
        self.lines = found + kept

    def _due(self, light: _Light, deviation: Grid) -> Grid:
        """By how many levels each pixel would have changed, were it of the scene."""
        is_scene = (self.strokes < _HALF).astype(np.float32)
        around = (_AROUND_PX, _AROUND_PX)
        beside = cv2.blur(deviation * is_scene, around) / np.maximum(cv2.blur(is_scene, around), _LEAST_SCENE)
        light_due = np.minimum(light.mostly * self.levels.mean, beside)
        return np.asarray(np.clip(np.maximum(light.everywhere * self.levels.mean, light_due), 0.0, _MOST_DUE))


class BurnedInText:
    """What one camera writes into its own pictures, as far as the scene's changes have proved it."""

    def __init__(self) -> None:
        self.dropped = 0
        """Detections that `without` has left out so far."""
        self._shape: tuple[int, ...] = ()
        self._cells = _Spread(np.zeros((1, 1), np.float32))
        self._bands: tuple[_Band, ...] = ()
        self._count = 0
        self._seen_s = 0.0

    def see(self, pixels: Pixels, at_s: float) -> None:
        """Takes the picture of media second `at_s` into account, once a second at most; another size begins anew."""
        if pixels.shape != self._shape:
            self._shape, self._count = pixels.shape, 0
        if self._count and 0 <= at_s - self._seen_s < _APART_S:
            return
        self._seen_s = at_s
        self._count += 1
        greys = _thinned(pixels)
        if self._count == 1:
            self._cells, self._bands = _Spread(_cells(pixels)), tuple(map(_Band, greys))
            return
        weight = max(1 / self._count, 1 / _LONGEST)
        self._cells.add(_cells(pixels), weight)
        for band, grey in zip(self._bands, greys, strict=True):
            band.add(grey, weight)
        every = _AT_FIRST_EVERY if self._count <= _AT_FIRST else _SEARCHED_EVERY
        if self._count >= _FEWEST and self._count % every == 0:
            light = _light(self._cells)
            for band in self._bands:
                band.search(light)

    @property
    def regions(self) -> list[Box]:
        """The lines of text found so far, with a margin, in pixels of the picture."""
        if not self._shape:
            return []
        step, height = _step(self._shape[1]), self._shape[0]
        tops = (0, height - _depth(height))
        return [
            Box(line.x0 * step, top + (line.y0 - pad) * step, line.x1 * step, top + (line.y1 + pad) * step)
            for top, band in zip(tops, self._bands, strict=True)
            for line in band.lines
            for pad in (_PAD_SHARE * line.height,)
        ]

    def covers(self, box: Box) -> bool:
        """Whether the box, in pixels of the picture, is mostly text that was burned in."""
        return _is_covered(box, self.regions)

    def without(self, detections: Sequence[Detection]) -> list[Detection]:
        """The detections, but for those of burned-in text, which are counted."""
        regions = self.regions
        kept = [one for one in detections if not _is_covered(one.box, regions)]
        self.dropped += len(detections) - len(kept)
        return kept

    @property
    def notes(self) -> tuple[str, ...]:
        """What was left out so far, in a line for the user; none where nothing was."""
        things = "detection lay" if self.dropped == 1 else "detections lay"
        line = f"{self.dropped} {things} on the camera's own text (clock, name) and did not count"
        return (line,) if self.dropped else ()


def _step(width: int) -> int:
    return max(1, round(width / _COLUMNS))


def _depth(height: int) -> int:
    return int(height * _BAND_SHARE)


def _thinned(pixels: Pixels) -> tuple[Grey, Grey]:
    """The upper and the lower band, every n-th pixel of their green."""
    step, depth = _step(pixels.shape[1]), max(1, _depth(pixels.shape[0]))
    upper, lower = pixels[:depth:step, ::step, 1], pixels[pixels.shape[0] - depth :: step, ::step, 1]
    return np.ascontiguousarray(upper), np.ascontiguousarray(lower)


def _cells(pixels: Pixels) -> Grid:
    """The whole picture as the means of some pixels of each cell."""
    green = np.ascontiguousarray(pixels[:: 4 * _step(pixels.shape[1]), :: 4 * _step(pixels.shape[1]), 1])
    height, width = (max(1, side // _CELL_PX) for side in green.shape)
    return np.asarray(cv2.resize(green, (width, height), interpolation=cv2.INTER_AREA), np.float32)


def _strokes(grey: Grey) -> Grid:
    kernel = np.ones((_STROKE_PX, _STROKE_PX), np.uint8)
    return np.asarray(cv2.morphologyEx(grey, cv2.MORPH_TOPHAT, kernel) >= _STROKE_LEVELS, np.float32)


def _light(cells: _Spread) -> _Light:
    is_lit = cells.mean >= _DARKEST_CELL
    if is_lit.mean() < _LEAST_LIT:
        return _Light(0.0, 0.0)
    everywhere, mostly = np.quantile((cells.deviation / np.maximum(cells.mean, 1.0))[is_lit], (0.2, 0.4))
    return _Light(float(everywhere), float(mostly))


def _is_covered(box: Box, regions: Sequence[Box]) -> bool:
    shared = sum(_shared_area(box, region) for region in regions)
    return shared > 0 and shared >= _COVERED_SHARE * box.area


def _shared_area(box: Box, region: Box) -> float:
    width = min(box.x1, region.x1) - max(box.x0, region.x0)
    height = min(box.y1, region.y1) - max(box.y0, region.y0)
    return max(0.0, width) * max(0.0, height)
