"""Which parts of a picture the network looks at: the part where rules hold, in tiles where that is asked for."""

from dataclasses import dataclass
from itertools import product

from cvinspect.detect import Detector
from cvinspect.detect.yolo import distinct
from cvinspect.domain import Detection, Pixels
from cvinspect.geometry import Area, Box

_OVERLAP_SHARE = 0.15
"""Tiles overlap by this share of their sides, so that what one cuts is whole in the next."""

WHOLE: Area = (0.0, 0.0, 1.0, 1.0)

_CUT_PX = 2.0
"""A box that ends this near to a window's edge is cut by it."""


@dataclass(frozen=True, slots=True)
class View:
    """Which part of the picture is looked at, and which parts of it once more by themselves."""

    area: Area = WHOLE
    tiles: int = 1
    """Of the area, along each side."""
    closer: tuple[Area, ...] = ()

    @property
    def is_whole(self) -> bool:
        """Whether it leaves nothing of the picture out."""
        return self.area == WHOLE

    def windows(self, width: int, height: int) -> list[tuple[int, int, int, int]]:
        """x0, y0, x1, y1 of each tile, in whole pixels of a picture of this size."""
        parts = ((self.area, self.tiles), *((area, 1) for area in self.closer))
        return [window for area, tiles in parts for window in _tiled(area, tiles, width, height)]


def detect_in(view: View | None, detector: Detector, pixels: Pixels) -> list[Detection]:
    """What the detector sees in the view of the picture, the most confident first; boxes in pixels of the picture.

    What a window cuts is left out where the picture goes on: it is whole in another one, or outside of the view.
    """
    if view is None:
        return detector.detect(pixels)
    height, width = pixels.shape[:2]
    found: list[Detection] = []
    windows = view.windows(width, height)
    for window in windows:
        x0, y0, x1, y1 = window
        for one in detector.detect(pixels[y0:y1, x0:x1]):
            left, top, right, bottom = one.box.xyxy
            box = Box(left + x0, top + y0, right + x0, bottom + y0)
            if not _is_cut(box, window, width, height):
                found.append(Detection(one.label, one.confidence, box))
    return found if len(windows) == 1 else distinct(found)


def _is_cut(box: Box, window: tuple[int, int, int, int], width: int, height: int) -> bool:
    x0, y0, x1, y1 = window
    return (
        (x0 > 0 and box.x0 < x0 + _CUT_PX)
        or (y0 > 0 and box.y0 < y0 + _CUT_PX)
        or (x1 < width and box.x1 > x1 - _CUT_PX)
        or (y1 < height and box.y1 > y1 - _CUT_PX)
    )


def _tiled(area: Area, tiles: int, width: int, height: int) -> list[tuple[int, int, int, int]]:
    x0, y0, x1, y1 = area
    across = _spans(x0 * width, x1 * width, tiles, width)
    down = _spans(y0 * height, y1 * height, tiles, height)
    return [(left, top, right, bottom) for (top, bottom), (left, right) in product(down, across)]


def _spans(low: float, high: float, count: int, limit: int) -> list[tuple[int, int]]:
    """`count` spans of one length that overlap and cover low to high, in whole pixels below `limit`."""
    length = (high - low) / (count - (count - 1) * _OVERLAP_SHARE)
    step = length * (1 - _OVERLAP_SHARE)
    starts = [low + i * step for i in range(count)]
    return [(max(0, round(start)), min(limit, round(start + length))) for start in starts]
