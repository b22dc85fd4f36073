"""What is kept of each detection until the end: 26 bytes, in a file where they are many."""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from cvinspect.evaluate.detections.curves import Ranked, ranked
from cvinspect.evaluate.detections.pairing import IOU_THRESHOLDS, Flags, Floats, Integers, areas, pair_each
from cvinspect.evaluate.labelled.spill_file import Records, SpillFile

SIZE_SIDE_PX = 640
"""Sizes are measured as if each picture's longer side had this many pixels, as COCO's pictures do."""


class Size(IntEnum):
    """COCO's size ranges by a box's area, and the whole range."""

    ALL = 0
    SMALL = 1
    MEDIUM = 2
    LARGE = 3


SIZE_RANGES_PX2: Floats = np.array([(0.0, 1e10), (0.0, 32.0**2), (32.0**2, 96.0**2), (96.0**2, 1e10)])
"""(4, 2) least and largest area of each Size, both included, as COCO has it (pycocotools, Params.areaRng)."""

_LEVELS = len(IOU_THRESHOLDS)
_BITS = 1 << np.arange(len(Size) * _LEVELS, dtype=np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class Grouped:
    """Boxes of one picture, each of a group, which is a label or a family."""

    groups: Integers
    """(n,) from 0."""
    boxes_xyxy: Floats
    """(n, 4) shares of width and height."""

    def areas_px2(self, width_px: int, height_px: int) -> Floats:
        """(n,) in a picture whose longer side has SIZE_SIDE_PX."""
        scale = SIZE_SIDE_PX / max(width_px, height_px)
        return areas(self.boxes_xyxy) * (width_px * scale) * (height_px * scale)


_ROW = np.dtype([("group", np.int16), ("confidence", np.float64), ("hits", np.int64), ("ignored", np.int64)])
"""A detection; a bit for each size and IoU level."""


class Columns:
    """Detections in the order of the pictures, each with its group and what became of it at every IoU and size."""

    def __init__(self, groups: int) -> None:
        self._rows = SpillFile(_ROW)
        self.things: Integers = np.zeros((groups, len(Size)), np.int64)
        """To be found, by group and size."""

    def add(
        self,
        things: Grouped,
        detections: Grouped,
        confidences: Floats,
        *,
        overlap: Floats,
        sides_px: tuple[int, int],
    ) -> None:
        """One picture's, the surest detection first; `overlap` is that of `overlaps`, `sides_px` width and height."""
        if not len(confidences) and not len(things.groups):
            return
        own, others = (_within(boxes.areas_px2(*sides_px)) for boxes in (things, detections))
        np.add.at(self.things, things.groups, own.T)
        hits, ignored = pair_each(overlap, own)
        ignored |= ~hits & ~others[:, None, :]
        rows = np.empty(len(confidences), _ROW)
        rows["group"], rows["confidence"] = detections.groups, confidences
        rows["hits"], rows["ignored"] = (_BITS @ flags.reshape(len(_BITS), -1) for flags in (hits, ignored))
        self._rows.add(rows)

    def of(self, group: int) -> "Column":
        """The group's. Raises DeliveryError."""
        rows = np.concatenate([np.zeros(0, _ROW), *(part[part["group"] == group] for part in self._rows.blocks())])
        return Column(rows, self.things[group])


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """Detections of one group."""

    rows: Records
    things: Integers
    """(4,) to be found, by size."""

    def ranked(self, size: Size, level: int) -> Ranked:
        """Those that count for things of this size at IOU_THRESHOLDS[level]."""
        bit = 1 << (int(size) * _LEVELS + level)
        hits, ignored = ((self.rows[name] & bit) != 0 for name in ("hits", "ignored"))
        return ranked(self.rows["confidence"], hits, ignored, things=int(self.things[size]))


def _within(areas_px2: Floats) -> Flags:
    """(4, n) whether each area is of each Size."""
    least, largest = SIZE_RANGES_PX2[:, :1], SIZE_RANGES_PX2[:, 1:]
    within: Flags = (areas_px2 >= least) & (areas_px2 <= largest)
    return within
