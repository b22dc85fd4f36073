"""What is due in a photograph if it were a street in which nothing moves: the truth of a still."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from statistics import median

from cvinspect.domain import Zone
from cvinspect.evaluate.labelled.label_file import LabelledBox
from cvinspect.evaluate.labelled.picture_size import PictureSize
from cvinspect.evaluate.labelled.yolo_dataset import LabelledPicture
from cvinspect.evaluate.truth.truth_clip import Spell, TruthClip, TruthEvent
from cvinspect.geometry import Box, bounding, covered_share
from cvinspect.incidents.merge import is_near
from cvinspect.rules.judge import is_cut_off
from cvinspect.rules.zones import WHOLE_PICTURE
from cvinspect.taxonomy import Violation

LARGEST_PX = 640
"""No still is wider or higher."""

_LEAST_PX = 16.0
"""Of the shorter side, with the picture's longer one at 640: what is smaller is neither due nor wrong."""

_SURELY_LARGE = 1.15
"""A class's smallest size is met for certain this much above it: a detector's box is a little smaller or larger."""

_NEAR_EDGE = 0.01
"""Of the picture: so near to its edge nobody can say whether a thing is cut off by it."""

_MARGIN = 0.25
"""Of a thing's size: what its zone reaches beyond it."""

_ON_IT_SHARE = 0.3
"""As the rule has it: a person of whom so much lies within a two-wheeler's box rides it."""


_LEAST_PERSON_PX, _LARGEST_PERSON = 24.0, 0.6
"""Nobody who walks through is lower than that, or higher than that share of the picture."""


class Front(StrEnum):
    """What a stall stands on, which decides its class; the value is the kind of zone."""

    STREET = "no_vending"
    SHOP = "shop_front"


@dataclass(frozen=True, slots=True)
class Still:
    """One photograph as a camera's view."""

    name: str
    picture: LabelledPicture
    size: PictureSize
    """As shown: at most 640 either way."""
    truth: TruthClip
    whole: frozenset[str]
    """Labels of which every thing in the picture is drawn."""
    person_px: float
    """How high somebody is who walks through."""

    @property
    def due(self) -> frozenset[str]:
        """Ids of the classes of which something is due."""
        return frozenset(event.class_id for event in self.truth.events)


@dataclass(frozen=True, slots=True)
class _Drawn:
    """Something that is drawn, and what may be asked of it."""

    violation: Violation
    box: Box
    """In pixels of the still."""
    why: str | None = None
    """Why it need not be raised; None: it must."""
    is_wrong: bool = False
    """Whether raising it is wrong; else what need not be raised is neither right nor wrong."""

    def spell(self, shown: PictureSize) -> Spell:
        """As the truth has it."""
        return Spell(self.why or "", _share(self.box, shown), class_id=self.violation.id)


def still_of(
    picture: LabelledPicture,
    size: PictureSize,
    unsure: Sequence[LabelledBox],
    names: tuple[str, ...],
    violations: Sequence[Violation],
    front: Front,
    *,
    seconds: float,
) -> Still:
    """The still of a picture of that size in pixels; `unsure` are places where who drew was in doubt.

    With a shop's front nothing is judged but what belongs there; else everything that can be. What is due stays from
    the first second to the last.
    """
    shown = shown_size(size)
    whole = frozenset(names[label] for label in picture.complete)
    held = _held(violations, whole, front)
    name = f"{picture.path.stem}-{front.name.lower()}"
    drawn = _sorted(picture, unsure, names, held, whole, shown)
    due, beside = _due(held, drawn)
    events, zones = _events(name, due, shown, seconds)
    ignored = [*beside, *(one for one in drawn if one.why is not None and not one.is_wrong)]
    truth = TruthClip(
        name=name,
        path=picture.path,
        camera=name,
        duration_s=seconds,
        zones=(*zones, *_rest(held)),
        events=events,
        negatives=tuple(one.spell(shown) for one in drawn if one.is_wrong),
        ignored=tuple(one.spell(shown) for one in ignored),
        classes=frozenset(one.id for one in held),
    )
    return Still(name, picture, shown, truth, whole, _person_px(picture, names, shown))


def _held(violations: Sequence[Violation], whole: frozenset[str], front: Front) -> list[Violation]:
    """The classes that can be judged."""
    some = [one for one in violations if whole & {*one.labels}]
    if front is Front.SHOP:
        return [one for one in some if Front.SHOP in one.zones]
    return [one for one in some if Front.SHOP not in one.zones]


def _due(held: Sequence[Violation], drawn: Sequence[_Drawn]) -> tuple[list[_Drawn], list[_Drawn]]:
    """What is one violation each; and what another class takes in at its place, which need not be raised."""
    having = [(one, [thing.box for thing in drawn if thing.violation is one and thing.why is None]) for one in held]
    groups = [_Drawn(one, box) for one, boxes in having for box in clusters_of(boxes, one.reach)]
    judged = [replace(one, why=_rival(one, groups)) for one in groups]
    return [one for one in judged if one.why is None], [one for one in judged if one.why is not None]


def _events(
    name: str, due: Sequence[_Drawn], shown: PictureSize, seconds: float
) -> tuple[tuple[TruthEvent, ...], tuple[Zone, ...]]:
    """What is due, and the zones around it."""
    zones = [_zone_around(one, shown, number) for number, one in enumerate(due)]
    events = tuple(
        TruthEvent(
            name, name, one.violation.id, 0.0, seconds, True, _share(one.box, shown), None if zone is None else zone.id
        )
        for one, zone in zip(due, zones, strict=True)
    )
    return events, tuple(zone for zone in zones if zone is not None)


def _rest(held: Sequence[Violation]) -> Iterator[Zone]:
    """Zones over the whole picture: what is raised where nothing is drawn is wrong."""
    for kind in dict.fromkeys(kind for one in held for kind in one.zones):
        yield Zone(f"{kind}-rest", kind, WHOLE_PICTURE)


def shown_size(size: PictureSize) -> PictureSize:
    """Of a picture of that size as it is shown: as it is, or smaller."""
    scale = min(1.0, LARGEST_PX / max(size.width_px, size.height_px))
    return PictureSize(round(size.width_px * scale), round(size.height_px * scale))


def clusters_of(boxes: Sequence[Box], reach: float) -> list[Box]:
    """What the ledger would call one thing each: boxes within `reach` of one another, over others if need be."""
    groups: list[list[Box]] = []
    for box in boxes:
        near = [one for one in groups if reach and any(is_near(box, other, reach) for other in one)]
        groups = [one for one in groups if one not in near] + [[box, *(other for one in near for other in one)]]
    return [bounding(one) for one in groups]


def class_of(label: str, held: Sequence[Violation]) -> Violation | None:
    """The class that a thing of this label belongs to, wherever it lies; None: none that is held."""
    having = [one for one in held if label in one.labels]
    ids = {one.id for one in having}
    return next((one for one in having if not ids & {*one.yields_to, *one.joins}), None)


def _sorted(
    picture: LabelledPicture,
    unsure: Sequence[LabelledBox],
    names: tuple[str, ...],
    held: Sequence[Violation],
    whole: frozenset[str],
    shown: PictureSize,
) -> list[_Drawn]:
    """Everything that belongs to a class and may be judged, or must not be."""
    size = shown.width_px, shown.height_px
    boxes = [(names[one.label], one.box.scaled(*size)) for one in picture.boxes]
    sure = ((class_of(label, held), box) for label, box in boxes if label in whole)
    drawn = [_asked(one, box, boxes, whole, size) for one, box in sure if one is not None]
    doubtful = ((class_of(names[one.label], held), one.box.scaled(*size)) for one in (*unsure, *picture.doubtful))
    return drawn + [_Drawn(one, box, "in doubt") for one, box in doubtful if one is not None]


def _asked(
    violation: Violation, box: Box, boxes: Sequence[tuple[str, Box]], whole: frozenset[str], size: tuple[int, int]
) -> _Drawn:
    """What may be asked of a thing, among all `boxes` of the picture with their labels."""
    riders = [other for name, other in boxes if name in violation.unless_with and name in whole]
    if any(covered_share(other, box) >= _ON_IT_SHARE for other in riders):
        return _Drawn(violation, box, "somebody on it", is_wrong=True)
    return _Drawn(violation, box, _too_little(violation, box, size))


def _too_little(violation: Violation, box: Box, size: tuple[int, int]) -> str | None:
    """Why a thing need not be raised; None: it must."""
    if min(box.width, box.height) * LARGEST_PX / max(size) < _LEAST_PX:
        return "too small"
    if box.size < _SURELY_LARGE * violation.min_size_share * (size[0] * size[1]) ** 0.5:
        return "too small"
    across, down = (_NEAR_EDGE * side for side in size)
    nearer = Box(box.x0 - across, box.y0 - down, box.x1 + across, box.y1 + down)
    return "cut off" if violation.whole and is_cut_off(nearer, size) else None


def _rival(thing: _Drawn, groups: Sequence[_Drawn]) -> str | None:
    """Says which class goes before this one at its place, where something of it is there; None: none."""
    violation = thing.violation
    stronger, reach = {*violation.yields_to, *violation.joins}, violation.yield_reach
    near = (one.violation.id for one in groups if is_near(thing.box, one.box, reach))
    return next((f"beside {id_}" for id_ in near if id_ in stronger), None)


def _zone_around(thing: _Drawn, shown: PictureSize, number: int) -> Zone | None:
    """Of the kind that the class's rule asks for, or names; None where it asks for none."""
    kind = next(iter((*thing.violation.zones, *thing.violation.named_zones)), None)
    if kind is None:
        return None
    x0, y0, x1, y1 = _share(thing.box.grown(_MARGIN), shown).clipped(1.0, 1.0).xyxy
    return Zone(f"{kind}-{number}", kind, ((x0, y0), (x1, y0), (x1, y1), (x0, y1)))


def _share(box: Box, shown: PictureSize) -> Box:
    return box.scaled(1 / shown.width_px, 1 / shown.height_px)


def _person_px(picture: LabelledPicture, names: tuple[str, ...], shown: PictureSize) -> float:
    """As high as people, or a little higher than vehicles, that are drawn; without any, half as high as the picture."""
    for label, times in (("person", 1.0), ("motor_vehicle", 1.1)):
        heights = [one.box.height * shown.height_px for one in picture.boxes if names[one.label] == label]
        if heights:
            return min(max(times * median(heights), _LEAST_PERSON_PX), _LARGEST_PERSON * shown.height_px)
    return 0.5 * shown.height_px
