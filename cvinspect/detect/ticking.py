"""The clock that a camera writes: something as small as a digit that changes every second, at the end of still ones."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from cvinspect.detect.text_lines import Grid, Line, Mask, is_clear
from cvinspect.opencv import cv2

_CHANGED_LEVELS = 40
_STEPS = 16
"""So many changes from one sample to the next are remembered, a bit each."""

_FEWEST_STEPS = 10
_OFTEN, _SELDOM = 0.3, 0.1
"""A pixel of the digit changes in so large a share of the steps, one that is beside it in no larger one than that."""

_NEARLY_EVERY, _MOST_BLINKING = 0.9, 0.2
"""Two digits have strokes in common: of more pixels than this share that change in nearly every step, it is a lamp."""

_LOWEST_PX, _NARROWEST, _WIDEST = 5, 0.25, 1.1
"""A digit's least height; its least and largest width, in heights."""

_NEAR_PX, _STILL_SHARE = 5, 0.6
"""How near to what is restless a pixel counts so too, and how much of the line must be far from it."""

_SAME_LEVEL_SHARE = 0.12
_GAP, _SHORTEST, _FEWEST_CHARACTERS = 1.2, 2.5, 4
"""The widest gap between two characters and the least length of what stands still beside the digit, in heights, and how
many characters that is."""

History = NDArray[np.uint16]


class Changes:
    """Which pixels changed from each sample to the next."""

    def __init__(self, grey: NDArray[np.uint8]) -> None:
        self.last = grey
        self.count = 0
        self._history: History = np.zeros(grey.shape, np.uint16)

    def add(self, grey: NDArray[np.uint8]) -> None:
        """Takes in the next sample, of the same shape."""
        self._history <<= 1
        self._history |= cv2.absdiff(grey, self.last) >= _CHANGED_LEVELS
        self.last = grey
        self.count = min(self.count + 1, _STEPS)

    def clocks(self, always: Mask, levels: Grid) -> list[Line]:
        """The lines that end in a digit which ticks; `always` (h, w) are still strokes, `levels` their brightness."""
        if self.count < _FEWEST_STEPS:
            return []
        often = np.bitwise_count(self._history)
        restless = often > max(1.0, _SELDOM * self.count)
        # A camera that shakes makes the edges of all letters restless.
        near = cv2.dilate(restless.astype(np.uint8), np.ones((_NEAR_PX, _NEAR_PX), np.uint8)) > 0
        digits = self._digits(often, restless)
        lines = (_still_beside(digit, always, near, levels, self.last) for digit in digits)
        return [line for line in lines if line is not None]

    def _digits(self, often: NDArray[np.uint8], restless: Mask) -> Iterator[Line]:
        """Where something as small as a digit changed in every step, and nothing around it."""
        ticking = (often >= _OFTEN * self.count).astype(np.uint8)
        near = cv2.morphologyEx(ticking, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
        _, _, spans, _ = cv2.connectedComponentsWithStats(near, connectivity=8)
        every = (1 << self.count) - 1
        for x, y, width, height, _ in spans[1:].tolist():
            digit = Line(x, y, x + width, y + height)
            is_shaped = height >= _LOWEST_PX and _NARROWEST * height <= width <= _WIDEST * height
            if not is_shaped or not digit.is_whole(often.shape[0]):
                continue
            steps = int(np.bitwise_or.reduce(digit.of(self._history), axis=None)) & every
            is_lamp = (digit.of(often) >= _NEARLY_EVERY * self.count).mean() > _MOST_BLINKING
            is_alone = is_clear(digit.beside(restless), digit.of(restless))
            if steps.bit_count() >= self.count - 1 and is_alone and not is_lamp:
                yield digit


def _still_beside(digit: Line, always: Mask, restless: Mask, levels: Grid, now: NDArray[np.uint8]) -> Line | None:
    """The line of the digit and of what stands still beside it, as high and as bright; None: too little does."""
    level = float(digit.of(now).max())
    strokes = always & (np.abs(levels - level) <= _SAME_LEVEL_SHARE * level)
    ink = strokes & ~restless
    row = Line(0, digit.y0, ink.shape[1], digit.y1)
    columns = np.flatnonzero(row.of(ink).any(axis=0))
    gap = _GAP * digit.height
    x0, x1 = digit.x0, digit.x1
    for x in columns[columns < digit.x0][::-1].tolist():
        if x0 - x > gap:
            break
        x0 = x
    for x in columns[columns >= digit.x1].tolist():
        if x - x1 > gap:
            break
        x1 = x + 1
    line = Line(x0, digit.y0, x1, digit.y1)
    still = columns[((columns >= x0) & (columns < digit.x0)) | ((columns >= digit.x1) & (columns < x1))]
    is_long = x1 - x0 - (digit.x1 - digit.x0) >= _SHORTEST * digit.height
    is_written = is_long and 1 + (np.diff(still) > 1).sum() >= _FEWEST_CHARACTERS
    # Something white may stand behind its feet, or behind its heads.
    is_apart = is_clear(line.above(ink), line.of(ink)) or is_clear(line.below(ink), line.of(ink))
    is_still = line.of(ink).sum() >= _STILL_SHARE * line.of(strokes).sum()
    return line if is_written and is_apart and is_still else None
