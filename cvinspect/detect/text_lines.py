"""Where letters stand side by side: from pixels that may be ink to lines of text."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from cvinspect.opencv import cv2

_MOST_GLYPHS = 400
"""More than so many spots of ink are no text but leaves before the sky."""

_FEWEST_GLYPHS, _LOWEST_PX, _REACH = 3, 4, 0.8
"""Of a line: its fewest glyphs, their least height, and how far each reaches for the next, in heights."""

_TALL_SHARE = 0.6
"""A small letter's height as a share of its line's."""

_LIKE_SHARE = 0.15
"""Text is of one brightness; its brightest pixels, letter for letter, differ by no more from their median."""

_MOST_ALIKE = 0.8
"""Of the letters: white cars behind half a letter make it brighter."""

_LEAST_LENGTH = 3.0
"""Of a line, in heights, with what its first and last glyph reach for."""

_LEAST_INK, _MOST_INK, _BESIDE_SHARE = 0.08, 0.7, 0.15
"""Shares of a line's area that strokes fill, and of that ink what may lie on as much area close above and below."""

_WIDEST = 4
"""Of letters that hang together, in heights."""

_MOST_DIGITS, _DIGIT_WIDTH = 12, 0.7
"""How many digits beside a line may change, and the width of one, in heights."""

Grid = NDArray[np.float32]
Mask = NDArray[np.bool_]
Scalar = TypeVar("Scalar", bound=np.generic)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text, in pixels of the thinned band."""

    x0: int
    y0: int
    x1: int
    y1: int

    @property
    def height(self) -> int:
        """In rows."""
        return self.y1 - self.y0

    def of(self, grid: NDArray[Scalar]) -> NDArray[Scalar]:
        """Of the grid, what lies in the line."""
        return grid[self.y0 : self.y1, self.x0 : self.x1]

    def above(self, mask: Mask) -> Mask:
        """Of the mask, what lies close above the line."""
        return mask[max(0, self.y0 - 1 - self._depth) : max(0, self.y0 - 1), self.x0 : self.x1]

    def below(self, mask: Mask) -> Mask:
        """Of the mask, what lies close below the line."""
        return mask[self.y1 + 1 : self.y1 + 1 + self._depth, self.x0 : self.x1]

    def beside(self, mask: Mask) -> Mask:
        """Both."""
        return np.concatenate([self.above(mask), self.below(mask)])

    def is_whole(self, rows: int) -> bool:
        """Whether a band of so many rows shows what is above and below, and it is no higher than letters are."""
        return self.y0 > 1 and self.y1 < rows - 1 and self.height <= rows // 2

    @property
    def _depth(self) -> int:
        return max(2, self.height // 4)

    def meets(self, other: "Line") -> bool:
        """Whether the two share a pixel."""
        return self.x0 < other.x1 and other.x0 < self.x1 and self.y0 < other.y1 and other.y0 < self.y1


class _Glyph(NamedTuple):
    """Strokes that hang together, in pixels of the thinned band."""

    x: int
    y: int
    width: int
    height: int
    peak: float
    """The mean level of its brightest pixel."""


def lines_in(ink: Mask, levels: Grid) -> list[Line]:
    """Where strokes (h, w) stand side by side as letters do, with their mean `levels` (h, w) of 255."""
    glyphs = _glyphs(ink, levels)
    canvas = np.zeros(ink.shape, np.uint8)
    for x, y, width, height, _ in glyphs:
        reach = round(_REACH * height)
        canvas[y : y + height, max(0, x - reach) : x + width + reach] = 1
    _, names, spans, _ = cv2.connectedComponentsWithStats(canvas, connectivity=4)
    members: dict[int, list[_Glyph]] = {}
    for glyph in glyphs:
        members.setdefault(int(names[glyph.y, glyph.x]), []).append(glyph)
    lines = [(Line(x, y, x + w, y + h), members.get(name, [])) for name, (x, y, w, h, _) in enumerate(spans.tolist())]
    return [line for line, glyphs in lines if _is_even(line, glyphs) and _is_written(line, ink)]


def _glyphs(ink: Mask, levels: Grid) -> list[_Glyph]:
    count, names, spans, _ = cv2.connectedComponentsWithStats(ink.astype(np.uint8), connectivity=8)
    if count > _MOST_GLYPHS:
        return []
    highest = ink.shape[0] // 2
    return [
        _Glyph(x, y, w, h, float(levels[y : y + h, x : x + w][names[y : y + h, x : x + w] == name].max()))
        for name, (x, y, w, h, _) in enumerate(spans.tolist())
        if name and _LOWEST_PX <= h <= highest and w <= _WIDEST * h
    ]


def _is_even(line: Line, glyphs: Sequence[_Glyph]) -> bool:
    """Whether enough of the glyphs are as high as the line, and those of one brightness."""
    peaks = np.array([glyph.peak for glyph in glyphs if glyph.height >= _TALL_SHARE * line.height])
    if peaks.size < _FEWEST_GLYPHS:
        return False
    middle = np.median(peaks)
    return bool((np.abs(peaks - middle) <= _LIKE_SHARE * middle).mean() >= _MOST_ALIKE)


def _is_written(line: Line, strokes: Mask) -> bool:
    """Whether strokes fill the line as letters do, and nothing above or below is like them."""
    ink, beside = line.of(strokes), line.beside(strokes)
    is_long = line.x1 - line.x0 >= _LEAST_LENGTH * line.height
    return bool(
        line.is_whole(strokes.shape[0]) and is_long and _LEAST_INK <= ink.mean() <= _MOST_INK and is_clear(beside, ink)
    )


def grown(line: Line, ink: Mask) -> Line:
    """The line with the digits beside it that change, as those of a clock."""
    step = max(2, round(_DIGIT_WIDTH * line.height))
    for _ in range(_MOST_DIGITS):
        left = Line(max(0, line.x0 - step), line.y0, line.x0, line.y1)
        right = Line(line.x1, line.y0, min(ink.shape[1], line.x1 + step), line.y1)
        wider = line
        if _is_glyph(left, ink):
            wider = replace(wider, x0=left.x0)
        if _is_glyph(right, ink):
            wider = replace(wider, x1=right.x1)
        if wider == line:
            break
        line = wider
    return line


def joined(lines: Sequence[Line]) -> list[Line]:
    """The lines, those that meet made one.

    >>> joined([Line(0, 0, 5, 2), Line(9, 0, 12, 2), Line(4, 1, 10, 3)])
    [Line(x0=0, y0=0, x1=12, y1=3)]
    """
    apart: list[Line] = []
    for one in lines:
        line = one
        while others := [other for other in apart if line.meets(other)]:
            apart = [other for other in apart if other not in others]
            line = Line(
                min(line.x0, *(other.x0 for other in others)),
                min(line.y0, *(other.y0 for other in others)),
                max(line.x1, *(other.x1 for other in others)),
                max(line.y1, *(other.y1 for other in others)),
            )
        apart.append(line)
    return apart


def _is_glyph(part: Line, ink: Mask) -> bool:
    inside, beside = part.of(ink), part.beside(ink)
    return bool(inside.size and inside.mean() >= _LEAST_INK and is_clear(beside, inside))


def is_clear(beside: Mask, ink: Mask) -> bool:
    """Whether hardly any of the ink lies beside it."""
    return not beside.size or bool(beside.mean() <= _BESIDE_SHARE * ink.mean())
