"""What is hidden between two looks into a video: each part is carried from one to the next."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cvinspect.geometry import Box, bounding, centre_distance

HELD_S = 0.45
"""How long before and after it was seen a part is hidden: one that a look or two overlooks stays hidden."""

_SAME_SIZES = 3.0
"""Of its size: no head goes farther from one look to the next."""


@dataclass(frozen=True, slots=True)
class Look:
    """What one picture of a video shows that must be hidden."""

    at_s: float
    regions: Sequence[Box]
    """Pixels of the picture."""


def carried(looks: Sequence[Look], at_s: float) -> list[Box]:
    """The parts hidden at that second: those of looks around it, and the way of each from one look to the next.

    `looks` in order of time.
    """
    near = [look for look in looks if abs(look.at_s - at_s) <= HELD_S]
    before = next((look for look in reversed(looks) if look.at_s <= at_s), None)
    after = next((look for look in looks if look.at_s > at_s), None)
    for one in (before, after):  # however far apart they are
        if one is not None and one not in near:
            near.append(one)
    parts = [region for look in near for region in look.regions]
    return parts if before is None or after is None else [*parts, *_ways(before.regions, after.regions)]


def _ways(before: Sequence[Box], after: Sequence[Box]) -> Iterator[Box]:
    """Where things went that lay at one place, and at another one not far off afterwards."""
    for one in before:
        nearest = min(after, key=lambda other: centre_distance(one, other), default=None)
        if nearest is not None and centre_distance(one, nearest) <= _SAME_SIZES * max(one.size, nearest.size):
            yield bounding([one, nearest])
