"""Which raised incident tells of which true event: one to one, by class, time and place."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from cvinspect.assignment import best_pairs
from cvinspect.evaluate.truth.truth_clip import Spell, TruthClip, TruthEvent
from cvinspect.geometry import Box, iou

MATCH_S = 1.0
"""An incident and an event of the same thing share at least this much time, or all of a shorter event."""

MATCH_IOU = 0.2
"""From here on two boxes are one place. Low, since truth by eye and a half-hidden thing's box are rough."""

EARLY_S = 1.0
"""An alarm this much before it was due is early; truth by eye is no better than that."""


_TIE = 1e-9
"""Likenesses are no surer than this: of equal ones the incident and the event that came first are taken."""


@dataclass(frozen=True, slots=True)
class RaisedIncident:
    """A violation that a run opened, as it matters for its accuracy."""

    clip: str
    incident_id: str
    class_id: str
    first_seen_s: float
    """Media seconds at which it came to rest."""
    confirmed_s: float
    """Media seconds at which it was raised."""
    end_s: float
    """Media seconds at which it was last seen, or raised where that is later."""
    box: Box | None = None
    """Where it was raised, as shares of width and height; None: anywhere."""
    related: tuple[str, ...] = ()
    """Ids of classes that it took in at its place."""


class Outcome(StrEnum):
    """What a raised incident turns out to be."""

    HIT = "hit"
    """It tells of an event that no other incident tells of better."""
    DUPLICATE = "duplicate"
    """It tells once more of an event that another incident tells of."""
    FALSE = "false"
    """There is no such violation: nothing there, or it left before the dwell."""
    IGNORED = "ignored"
    """Nobody can judge it: in a place the truth leaves out, or of a class that was not labelled."""


class Fate(StrEnum):
    """What became of a true event."""

    FOUND = "found"
    MISSED = "missed"
    TAKEN_IN = "taken_in"
    """Told as `related` within the incident of another class at its place: neither found nor missed."""
    NOT_DUE = "not_due"
    """It left, or the clip ended, before its dwell: it must not be raised."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A raised incident and what it turns out to be."""

    incident: RaisedIncident
    outcome: Outcome
    truth: TruthEvent | None = None
    """The event that it tells of; for a false one, the event that was not due."""
    why: str | None = None
    """What the truth says is there, for false and ignored ones."""


@dataclass(frozen=True, slots=True)
class Account:
    """A true event and what was told of it."""

    truth: TruthEvent
    dwell_s: float
    fate: Fate
    incident: RaisedIncident | None = None
    """The incident that tells of it, also of one that was not due."""
    duplicates: tuple[RaisedIncident, ...] = ()
    """Further incidents of an event that was found, in order of time."""

    @property
    def latency_s(self) -> float | None:
        """Seconds from the moment it was due to its first alarm, duplicates included; negative: the alarm came before.

        None where it was not found.
        """
        if self.fate is not Fate.FOUND or self.incident is None:
            return None
        first_s = min(one.confirmed_s for one in (self.incident, *self.duplicates))
        return first_s - self.truth.due_s(self.dwell_s)

    @property
    def is_early(self) -> bool:
        """Whether it was found clearly before it was due."""
        return self.latency_s is not None and self.latency_s < -EARLY_S

    @property
    def switches(self) -> int:
        """How often another incident took over when the one before had lost sight of the thing."""
        if self.fate is not Fate.FOUND or self.incident is None:
            return 0
        told = sorted((self.incident, *self.duplicates), key=_in_time)
        return sum(after.confirmed_s > before.end_s for before, after in pairwise(told))


@dataclass(frozen=True, slots=True)
class Matching:
    """Every raised incident and every true event of some clips, judged."""

    incidents: tuple[Judged, ...]
    events: tuple[Account, ...]

    def __add__(self, other: "Matching") -> "Matching":
        return Matching(self.incidents + other.incidents, self.events + other.events)


def match_incidents(clip: TruthClip, raised: Iterable[RaisedIncident], *, dwell_s: Mapping[str, float]) -> Matching:
    """Judge what a run raised in one clip; the order of incidents and events does not matter.

    They belong together when class and time agree (at least a second of overlap, or the whole of a shorter event)
    and so does the place (IoU >= 0.2, or the incident's centre within the event's box), where both say one. Of all
    ways to pair them one to one, that with the most pairs is taken, among those the one in which places and times
    overlap most. Events that were not due take part: what fits them best is false, not another event's hit.

    `dwell_s` is the dwell of each class by id, in seconds. Raises KeyError for an event of another class.
    """
    events = sorted(clip.events, key=_event_order)
    incidents = sorted(raised, key=_in_time)
    partner = _partners(incidents, events)
    fitting = [_best_event(one, events) for one in incidents]
    judged = tuple(
        _judge(clip, one, _at(events, partner.get(i)), _at(events, fitting[i]), dwell_s)
        for i, one in enumerate(incidents)
    )
    return Matching(judged, tuple(_account(event, judged, dwell_s[event.class_id]) for event in events))


def overlap_s(one: RaisedIncident, event: TruthEvent) -> float:
    """Seconds in which both stand."""
    return max(0.0, min(one.end_s, event.end_s) - max(one.first_seen_s, event.start_s))


def is_at(box: Box | None, place: Box | None) -> bool:
    """Whether a raised box is at a labelled place; yes where one of them is not known."""
    if box is None or place is None:
        return True
    x, y = box.centre
    is_inside = place.x0 <= x <= place.x1 and place.y0 <= y <= place.y1
    return is_inside or round(iou(box, place), 12) >= MATCH_IOU


def _partners(incidents: Sequence[RaisedIncident], events: Sequence[TruthEvent]) -> dict[int, int]:
    """Position of the event that each paired incident tells of."""
    pairs: dict[int, int] = {}
    for class_id in sorted({event.class_id for event in events}):
        rows = [i for i, one in enumerate(incidents) if one.class_id == class_id]
        columns = [i for i, event in enumerate(events) if event.class_id == class_id]
        more = min(len(rows), len(columns)) + 1.0  # one pair more outweighs any better overlap of the others
        fits = [
            [
                _weight(incidents[row], events[column], more + _TIE / ((1 + i) * (1 + j)))
                for j, column in enumerate(columns)
            ]
            for i, row in enumerate(rows)
        ]
        pairs |= {rows[row]: columns[column] for row, column in best_pairs(fits, least=more)}
    return pairs


def _weight(one: RaisedIncident, event: TruthEvent, more: float) -> float:
    likeness = _likeness(one, event)
    return 0.0 if likeness is None else more + likeness


def _likeness(one: RaisedIncident, event: TruthEvent) -> float | None:
    """How much time and place overlap, in [0, 1]; None: they do not belong together."""
    shared_s = overlap_s(one, event)
    if shared_s < min(MATCH_S, event.end_s - event.start_s) or not is_at(one.box, event.box):
        return None
    in_time = shared_s / (max(one.end_s, event.end_s) - min(one.first_seen_s, event.start_s))
    if one.box is None or event.box is None:
        return in_time
    return (in_time + iou(one.box, event.box)) / 2


def _best_event(one: RaisedIncident, events: Sequence[TruthEvent]) -> int | None:
    """Position of the event that it is most like, paired or not."""
    same = [i for i, event in enumerate(events) if event.class_id == one.class_id]
    likeness = {i: found for i in same if (found := _likeness(one, events[i])) is not None}
    return max(likeness, key=lambda i: likeness[i], default=None)


def _judge(
    clip: TruthClip,
    one: RaisedIncident,
    partner: TruthEvent | None,
    most_like: TruthEvent | None,
    dwell_s: Mapping[str, float],
) -> Judged:
    truth = partner or most_like
    if truth is not None:
        if not truth.is_due(dwell_s[truth.class_id]):
            return Judged(one, Outcome.FALSE, truth)
        return Judged(one, Outcome.DUPLICATE if partner is None else Outcome.HIT, truth)
    if clip.classes is not None and one.class_id not in clip.classes:
        return Judged(one, Outcome.IGNORED, why=f"{one.class_id} was not labelled")
    spell = _spell(one, clip.ignored)
    if spell is not None:
        return Judged(one, Outcome.IGNORED, why=spell.why)
    negative = _spell(one, clip.negatives)
    return Judged(one, Outcome.FALSE, why=None if negative is None else negative.why)


def _spell(one: RaisedIncident, spells: Iterable[Spell]) -> Spell | None:
    for spell in spells:
        is_then = one.first_seen_s <= spell.to_s and one.end_s >= spell.from_s
        if is_then and spell.class_id in (None, one.class_id) and is_at(one.box, spell.box):
            return spell
    return None


def _account(event: TruthEvent, judged: Sequence[Judged], dwell_s: float) -> Account:
    own = [one for one in judged if one.truth is event]
    if not event.is_due(dwell_s):
        return Account(event, dwell_s, Fate.NOT_DUE, own[0].incident if own else None)
    hits = [one.incident for one in own if one.outcome is Outcome.HIT]
    if hits:
        duplicates = tuple(one.incident for one in own if one.outcome is Outcome.DUPLICATE)
        return Account(event, dwell_s, Fate.FOUND, hits[0], duplicates)
    holder = next((one.incident for one in judged if _takes_in(one.incident, event)), None)
    return Account(event, dwell_s, Fate.TAKEN_IN if holder else Fate.MISSED, holder)


def _takes_in(one: RaisedIncident, event: TruthEvent) -> bool:
    """Whether the incident of another class names this event's class as `related`, there and then."""
    if event.class_id not in one.related or overlap_s(one, event) < min(MATCH_S, event.end_s - event.start_s):
        return False
    return is_at(one.box, event.box) or is_at(event.box, one.box)


def _at(events: Sequence[TruthEvent], position: int | None) -> TruthEvent | None:
    return None if position is None else events[position]


def _in_time(one: RaisedIncident) -> tuple[float, float, float, str, str, tuple[float, ...]]:
    place = one.box.xyxy if one.box else ()
    return one.first_seen_s, one.confirmed_s, one.end_s, one.class_id, one.incident_id, place


def _event_order(event: TruthEvent) -> tuple[float, float, str, tuple[float, ...]]:
    return event.start_s, event.end_s, event.class_id, event.box.xyxy if event.box else ()
