"""What the careful network says of a standing, look by look: most of its looks decide."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from cvinspect.domain import CarefulLook, Detection
from cvinspect.geometry import Box, covered_share, iou
from cvinspect.taxonomy import ON_IT_SHARE, Violation

SAME_PLACE_IOU = 0.3

LOOKS_A_DWELL = 6
"""A false thing is rarely seen five times out of six, a true one is."""

_REMEMBERED = 2 * LOOKS_A_DWELL

_DOUBTED_S = 10.0
"""What is doubted is not looked at more often, however short its dwell: it may stand there for ever."""

_ALONE_SHARE = 0.8
_ALONE_LOOKS = 3
"""What the quick network does not bear out needs nearly all looks, and more than two."""


@dataclass(slots=True, eq=False)
class Testimony:
    """The last looks of the dwell at which its place was in sight."""

    agreed: list[bool] = field(default_factory=list)
    """Whether it was seen there, the oldest first."""
    sure: list[bool] = field(default_factory=list)
    """Whether that was beyond doubt."""
    looked_s: float = 0.0
    """The dwell at the last look."""
    is_doubt_told: bool = False
    carries: bool = False
    """Whether the careful network alone sighted it last."""

    def begin_again(self) -> None:
        """What was said before says nothing of the dwell that begins now."""
        self.agreed, self.sure, self.looked_s = [], [], 0.0

    def hear(self, *, agreed: bool, sure: bool, dwell_s: float) -> None:
        """One look more, `dwell_s` into the dwell."""
        self.agreed = [*self.agreed, agreed][-_REMEMBERED:]
        self.sure = [*self.sure, sure][-_REMEMBERED:]
        self.looked_s = dwell_s

    @property
    def is_heard(self) -> bool:
        """Whether there was any look."""
        return bool(self.agreed)

    @property
    def agrees(self) -> bool:
        """Whether it was seen in most of the looks."""
        return 2 * sum(self.agreed) > len(self.agreed)

    def is_sure_alone(self, *, lasts: bool) -> bool:
        """Whether the careful network's word is enough, whatever the quick one sees; `lasts`: of more than one look."""
        return len(self.sure) >= (_ALONE_LOOKS if lasts else 1) and sum(self.sure) >= _ALONE_SHARE * len(self.sure)

    def wants_look(self, dwell_s: float, *, needed_s: float) -> bool:
        """Whether it is time to look again, so far into a dwell of which `needed_s` make a violation.

        What is doubted is looked at less often.
        """
        is_over = dwell_s >= needed_s
        apart_s = max(needed_s, _DOUBTED_S) if is_over and self.is_doubt_told else needed_s / LOOKS_A_DWELL
        return dwell_s - self.looked_s >= apart_s or (is_over and not self.is_heard)


def best_of(look: CarefulLook, violation: Violation, everywhere: Sequence[Sequence[Box]]) -> list[Detection | None]:
    """The surest thing of the violation's labels that the careful network saw at each of its standings.

    `everywhere` are the places of each. One thing speaks for one standing, that which it covers best: two boxes
    around one car are no two cars.
    """
    best: list[Detection | None] = [None] * len(everywhere)
    for one in look.detections:
        if one.label in violation.labels:
            overlaps = [max((iou(one.box, place) for place in places), default=0.0) for places in everywhere]
            most = max(overlaps, default=0.0)
            if most > SAME_PLACE_IOU:
                before = best[overlaps.index(most)]
                if before is None or one.confidence > before.confidence:
                    best[overlaps.index(most)] = one
    return best


def is_attended(look: CarefulLook, violation: Violation, box: Box) -> bool:
    """Whether something is on it that makes it none, such as its rider."""
    others = _sure(look, violation.unless_with)
    return any(covered_share(other.box, box) >= ON_IT_SHARE for other in others)


def _sure(look: CarefulLook, labels: Sequence[str]) -> Iterable[Detection]:
    return (
        one for one in look.detections if one.label in labels and one.confidence >= look.sure_from.get(one.label, 1.0)
    )
