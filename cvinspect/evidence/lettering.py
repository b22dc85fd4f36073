"""Text on pictures, Chinese included: OpenCV 5 brings a font for it."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from cvinspect.domain import Pixels
from cvinspect.opencv import cv2

Colour = tuple[int, int, int]
"""Blue, green, red; each 0 to 255."""

REGULAR = 400
BOLD = 700

_LINE_SHARE = 1.45
"""Height of a line as a share of the letters': below 1.3 Chinese lines touch."""


@dataclass(frozen=True, slots=True)
class Text:
    """A piece of text that stays on one line."""

    words: str
    colour: Colour
    weight: int = REGULAR


@dataclass(frozen=True, slots=True)
class Placed:
    """A text and where its baseline begins, in pixels."""

    text: Text
    x: int
    y: int


@dataclass(frozen=True, slots=True)
class Layout:
    """Texts in lines, and how high they stand together."""

    placed: tuple[Placed, ...]
    height_px: int


@cache
def _font() -> cv2.FontFace:
    return cv2.FontFace("uni")


def one_line(words: str) -> str:
    """The words without line ends and other characters that cannot be drawn.

    >>> one_line("north\\ngate")
    'north gate'
    """
    return "".join(letter if letter.isprintable() else " " for letter in words)


def text_width(words: str, size_px: int, weight: int = REGULAR) -> int:
    """Width in pixels."""
    return int(cv2.getTextSize((0, 0), words, (0, 0), _font(), size_px, weight)[2]) if words else 0


def elided(words: str, size_px: int, weight: int, width_px: int) -> str:
    """The words, or as many of their letters as fit into the width, with `…` for the rest.

    >>> elided("short", 16, 400, 500)
    'short'
    """
    if text_width(words, size_px, weight) <= width_px:
        return words
    low, high = 0, len(words)
    while low < high:
        middle = (low + high + 1) // 2
        fits = text_width(words[:middle] + "…", size_px, weight) <= width_px
        low, high = (middle, high) if fits else (low, middle - 1)
    return words[:low].rstrip() + "…"


def line_height(size_px: int) -> int:
    """Pixels from one baseline to the next."""
    return round(size_px * _LINE_SHARE)


def flow(texts: Sequence[Text], *, size_px: int, width_px: int) -> Layout:
    """Set texts one after the other, a new line where the next does not fit; too long ones are elided."""
    placed: list[Placed] = []
    gap = size_px
    x, line = 0, 0
    for text in texts:
        words = elided(one_line(text.words), size_px, text.weight, width_px)
        width = text_width(words, size_px, text.weight)
        if x > 0 and x + width > width_px:
            x, line = 0, line + 1
        placed.append(Placed(Text(words, text.colour, text.weight), x, line * line_height(size_px) + size_px))
        x += width + gap
    return Layout(tuple(placed), (line + 1) * line_height(size_px) if placed else 0)


def write(canvas: Pixels, text: Text, at: tuple[int, int], size_px: int) -> None:
    """Draw into the canvas; `at` is where the baseline begins."""
    cv2.putText(canvas, text.words, at, text.colour, _font(), size_px, text.weight)
