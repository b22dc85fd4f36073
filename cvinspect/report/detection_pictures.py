"""Pictures with what people drew and what was detected, as the page of `evaluate detections` shows them."""

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import numpy as np

from cvinspect.domain import Detection, Pixels, as_text
from cvinspect.errors import SourceOpenError
from cvinspect.evidence.lettering import BOLD, Colour, line_height, text_width
from cvinspect.evidence.masking import Hiding, heads, masked
from cvinspect.evidence.overlay import AMBER, GREEN, RED, draw_box, draw_label, stroke_px
from cvinspect.geometry import Box, covered_share
from cvinspect.opencv import cv2
from cvinspect.sources.recorded.pictures import read_picture

_JPEG_QUALITY = 80
_LARGEST_PX = 1000
_LEAST_PX = 640
"""Longer side of an embedded picture: small ones are enlarged, so that letters stay smaller than things."""
_LETTERS_PX = 14


class Mark(StrEnum):
    """What a box on a picture means."""

    FOUND = "found"
    MISSED = "missed"
    HIT = "hit"
    FALSE_ALARM = "false_alarm"


_COLOURS: dict[Mark, Colour] = {
    Mark.FOUND: GREEN,
    Mark.MISSED: RED,
    Mark.HIT: (225, 160, 40),
    Mark.FALSE_ALARM: AMBER,
}
"""Blue, green, red. Drawn in this order: what is wrong lies on top."""

_WRONG = (Mark.MISSED, Mark.FALSE_ALARM)


@dataclass(frozen=True, slots=True)
class MarkedBox:
    """A box to be drawn."""

    label: str
    box: Box
    """Shares of width and height."""
    mark: Mark
    confidence: float | None
    """In [0, 1]; None for what people drew."""


@dataclass(frozen=True, slots=True)
class ShownPicture:
    """One picture on the page."""

    name: str
    source: str | None
    """A data URI; None where the file cannot be read."""
    width: int
    height: int
    """Pixels of the embedded picture."""
    taken_px: tuple[int, int] | None
    """Width and height of the picture itself, which is what its time follows; None where it cannot be read."""
    misses: tuple[str, ...]
    """Labels, once for each thing."""
    false_alarms: tuple[str, ...]
    elapsed_ms: float | None


def shown_picture(
    path: Path, boxes: Sequence[MarkedBox], *, elapsed_ms: float | None, hide: Hiding = heads
) -> ShownPicture:
    """The picture with its boxes; what `hide` says of it, given persons and vehicles drawn or detected, is masked."""
    misses, false_alarms = (tuple(one.label for one in boxes if one.mark is mark) for mark in _WRONG)
    name = as_text(path.name)
    try:
        pixels = read_picture(path)
    except SourceOpenError:
        return ShownPicture(name, None, 0, 0, None, misses, false_alarms, elapsed_ms)
    drawn, taken_px = marked(pixels, boxes, hide), (pixels.shape[1], pixels.shape[0])
    _, encoded = cv2.imencode(".jpg", drawn, [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY])
    source = f"data:image/jpeg;base64,{b64encode(encoded.tobytes()).decode()}"
    height, width = drawn.shape[:2]
    return ShownPicture(name, source, width, height, taken_px, misses, false_alarms, elapsed_ms)


def marked(pixels: Pixels, boxes: Sequence[MarkedBox], hide: Hiding = heads) -> Pixels:
    """A copy, masked, resized for the page, and the boxes drawn into it."""
    size = pixels.shape[1], pixels.shape[0]
    known = [Detection(one.label, one.confidence or 1.0, _in_pixels(one.box, *size)) for one in boxes]
    canvas = _resized(masked(pixels, hide(pixels, known)))
    height, width = canvas.shape[:2]
    placed = [(one, _in_pixels(one.box, width, height)) for one in boxes]
    stroke = stroke_px(canvas)
    tags: list[Box] = []
    for one, box in placed:
        if one.mark in _WRONG:
            tags.append(_free_tag(_words(one), box, tags, height))
            draw_label(canvas, _words(one), _below(tags[-1]), _COLOURS[one.mark], _LETTERS_PX)
    for mark, colour in _COLOURS.items():
        for _, box in (pair for pair in placed if pair[0].mark is mark):
            draw_box(canvas, box, colour, stroke if mark in _WRONG else max(1, stroke // 2))
    return canvas


def _free_tag(words: str, box: Box, taken: Sequence[Box], height: int) -> Box:
    """Where the tag of a box covers no other one: above it, under it, or inside; above where none is free."""
    tag_width, tag_height = text_width(words, _LETTERS_PX, BOLD) + _LETTERS_PX // 2, line_height(_LETTERS_PX)
    tops = (box.y0 - tag_height, box.y1, box.y0, box.y1 - tag_height)
    tags = [Box(box.x0, top, box.x0 + tag_width, top + tag_height) for top in tops if 0 <= top <= height - tag_height]
    free = (tag for tag in tags if not any(covered_share(tag, other) for other in taken))
    return next(free, tags[0] if tags else Box(box.x0, 0.0, box.x0 + tag_width, float(tag_height)))


def _below(tag: Box) -> Box:
    """A box over which the tag would be written."""
    return Box(tag.x0, tag.y1, tag.x1, tag.y1 + 1)


def _words(one: MarkedBox) -> str:
    return one.label if one.confidence is None else f"{one.label} {one.confidence:.2f}"


def _in_pixels(box: Box, width: int, height: int) -> Box:
    return box.scaled(width, height)


def _resized(pixels: Pixels) -> Pixels:
    height, width = pixels.shape[:2]
    longer = max(height, width)
    scale = min(max(longer, _LEAST_PX), _LARGEST_PX) / longer
    size = max(1, round(width * scale)), max(1, round(height * scale))
    resized = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)
    return np.ascontiguousarray(resized, np.uint8)
