"""How many of the drawn faces and plates are hidden, and how many signs are not."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from cvinspect.evaluate.masking.masking_truth import KINDS, DrawnBox, DrawnPicture
from cvinspect.evaluate.statistics.rates import Rate
from cvinspect.geometry import Box

HIDDEN_SHARE = 0.75
"""Of a face's or plate's box, from which on it counts as hidden: boxes drawn by eye are exact to a tenth."""
COVERED_SHARE = 0.1
"""Of a sign's box, from which on it counts as covered."""


@dataclass(frozen=True, slots=True)
class Judged:
    """One drawn box and how much of it is hidden."""

    picture: DrawnPicture
    drawn: DrawnBox
    hidden_share: float
    """In [0, 1]."""

    @property
    def counts(self) -> bool:
        """Whether a face or plate is hidden, or a sign covered."""
        return self.hidden_share >= (COVERED_SHARE if self.drawn.kind == "sign" else HIDDEN_SHARE)

    @property
    def is_fault(self) -> bool:
        """Whether it is not as it should be."""
        return self.counts == (self.drawn.kind == "sign")


def judged(picture: DrawnPicture, regions: Iterable[Box], *, width: int, height: int) -> list[Judged]:
    """Each drawn box of a picture of that size (pixels), in which these regions are hidden."""
    hidden = np.zeros((height, width), bool)
    for region in regions:
        hidden[_part(region, width, height)] = True
    return [Judged(picture, one, _share(hidden[_part(one.box, width, height)])) for one in picture.boxes]


def rates(results: Sequence[Judged]) -> dict[str, Rate]:
    """By kind, and by `KIND group` where there are groups: how many of how many are hidden, of signs covered."""
    named: dict[str, list[Judged]] = {kind: [] for kind in KINDS}
    for one in results:
        named[one.drawn.kind].append(one)
        if one.drawn.group:
            named.setdefault(f"{one.drawn.kind} {one.drawn.group}", []).append(one)
    return {name: Rate(sum(one.counts for one in some), len(some)) for name, some in sorted(named.items()) if some}


def _part(box: Box, width: int, height: int) -> tuple[slice, slice]:
    inside = box.clipped(width, height)
    return slice(int(inside.y0), math.ceil(inside.y1)), slice(int(inside.x0), math.ceil(inside.x1))


def _share(part: "np.ndarray[tuple[int, ...], np.dtype[np.bool_]]") -> float:
    return float(part.mean()) if part.size else 0.0
