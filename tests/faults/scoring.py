"""What should have been found, held against what the ledger holds and what each sink received.

A stay is *owed* when it could be seen for long enough, whatever was done to the daemon meanwhile. What was owed and has
no violation is lost; what has two is duplicated; a violation that belongs to no stay of its dwell is false.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from tests.faults.house import DWELL_S, GAP_S, LONG_DWELL_S, LONG_GAP_S, House
from tests.faults.painted import BIKE, CAR, SIZE, Scene, slot_of

CLASSES = {CAR: "illegal_parking_motor", BIKE: "illegal_parking_nonmotor"}
DWELLS_S = {CAR: DWELL_S, BIKE: LONG_DWELL_S}
GAPS_S = {CAR: GAP_S, BIKE: LONG_GAP_S}

_SAMPLED_S = 3.0
"""A stop is noticed, smoothed and judged within this, on a machine that is busy."""
_NOTED_S = 3.0
"""What was at rest in sight for so long is known to the ledger's database, and outlives the process."""
_EARLY_S = 0.8
"""So much shorter than its dwell a stay may be and still count: clips and samples have steps."""
_TOLERANCE_S = 1.5


@dataclass(frozen=True, slots=True)
class Span:
    """From one moment to another, seconds since 1970 by the machine's clock."""

    from_s: float
    until_s: float

    @property
    def length_s(self) -> float:
        return self.until_s - self.from_s


@dataclass(frozen=True, slots=True)
class Stay:
    """A thing stood in front of a camera: the truth."""

    camera: str
    label: str
    slot: int
    span: Span


@dataclass(frozen=True, slots=True)
class Found:
    """A violation in the ledger."""

    incident_id: str
    camera: str
    class_id: str
    slot: int | None
    span: Span
    """From first sight to last sight."""
    dwell_s: float
    status: str


@dataclass(frozen=True, slots=True)
class Score:
    """How a ledger compares with the truth."""

    owed: int
    found: int
    """Violations, owed or not."""
    lost: tuple[Stay, ...]
    duplicated: tuple[Found, ...]
    false: tuple[Found, ...]
    standing: tuple[Found, ...]
    """Open, though their things were seen to be gone."""
    late: tuple[Found, ...] = ()
    """Their dwell was begun anew, though they had been seen before and were not away for longer than their grace."""
    starved_s: float = 0.0
    """For so long the machine was too busy to look."""


def stays(camera: str, scene: Scene, *, began_s: float, seen: Span) -> list[Stay]:
    """Everything that stood before a camera while it was watched, and what of it before and after.

    The scene began at `began_s` and is repeated.
    """
    found = []
    for loop in range(int((seen.until_s - began_s) // scene.period_s) + 1):
        at_s = began_s + loop * scene.period_s
        for thing in scene.things:
            span = Span(at_s + thing.comes_s, at_s + thing.goes_s)
            if span.until_s > seen.from_s and span.from_s < seen.until_s:
                found.append(Stay(camera, thing.label, thing.slot, span))
    return found


def is_owed(stay: Stay, disturbed: Sequence[Span]) -> bool:
    """Whether it was to be seen for its dwell without a break, or with breaks that its grace bridges.

    >>> stay = Stay("gate", "motor_vehicle", 0, Span(0, 12))
    >>> is_owed(stay, []), is_owed(stay, [Span(4, 12)]), is_owed(stay, [Span(4, 7)]), is_owed(stay, [Span(2, 9.5)])
    (True, False, True, False)
    """
    needed_s = DWELLS_S[stay.label] + _SAMPLED_S
    clear = list(_clear(stay.span, disturbed))
    if any(span.length_s >= needed_s for span in clear):
        return True
    noted = [span for span in clear if span.length_s >= _NOTED_S]
    return (
        len(noted) > 1
        and noted[-1].until_s - noted[0].from_s >= needed_s
        and all(b.from_s - a.until_s < GAPS_S[stay.label] - _SAMPLED_S for a, b in pairwise(noted))
    )


def score(truth: Sequence[Stay], found: Sequence[Found], disturbed: Mapping[str, Sequence[Span]]) -> Score:
    """Each violation belongs to the stay in its place that it overlaps longest."""
    owners: dict[Stay, list[Found]] = defaultdict(list)
    strays = []
    for one in found:
        stay = max((stay for stay in truth if _may_be(one, stay)), key=lambda stay: _common_s(one, stay), default=None)
        if stay is None or stay.span.length_s < DWELLS_S[stay.label] - _EARLY_S:
            strays.append(one)
        else:
            owners[stay].append(one)
    owed = [stay for stay in truth if is_owed(stay, disturbed.get(stay.camera, ()))]
    return Score(
        owed=len(owed),
        found=len(found),
        lost=tuple(stay for stay in owed if stay not in owners),
        duplicated=tuple(one for several in owners.values() for one in several[1:]),
        false=tuple(strays),
        standing=tuple(
            one
            for stay, several in owners.items()
            for one in several
            if one.status == "open" and _was_seen_gone(stay, disturbed.get(stay.camera, ()), truth)
        ),
        late=tuple(
            several[0]
            for stay, several in owners.items()
            if several[0].span.from_s > stay.span.from_s + _SAMPLED_S
            and stay in owed
            and _was_noted_at_once(stay, disturbed)
        ),
    )


def _was_noted_at_once(stay: Stay, disturbed: Mapping[str, Sequence[Span]]) -> bool:
    """Whether it was seen when it came, and never away for longer than its grace."""
    noted = [one for one in _clear(stay.span, disturbed.get(stay.camera, ())) if one.length_s >= _NOTED_S]
    begins = noted[0].from_s == stay.span.from_s if noted else False
    return begins and all(b.from_s - a.until_s < GAPS_S[stay.label] - _SAMPLED_S for a, b in pairwise(noted))


def found_in(house: House) -> list[Found]:
    """The violations in a house's ledger."""
    revisions: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for (body,) in house.rows("SELECT body FROM revisions ORDER BY incident_id, revision"):
        record = json.loads(body)
        revisions[record["incident_id"]].append(record)
    violations = [one for one in revisions.values() if any(each["stage"] == "violation" for each in one)]
    return [_found(house, one) for one in violations if one[-1]["duplicate_of"] is None]


def faults_of_delivery(house: House, more: Mapping[str, Sequence[str]] | None = None) -> list[str]:
    """What is wrong with the ledger's revisions or with what a sink received, one line each; none when all is well.

    `more`: the ids of the events that sinks beside the two of every house received, in order.
    """
    recorded = [f"{name}/{revision}" for name, revision in house.rows("SELECT incident_id, revision FROM outbox")]
    counted = house.rows("SELECT incident_id, revision FROM revisions")
    faults = [] if sorted(recorded) == sorted(f"{a}/{b}" for a, b in counted) else ["revisions and outbox differ"]
    faults += _holes(recorded)
    for sink, received in {"lines": house.lines, "hook": house.taken, **(more or {})}.items():
        faults += [f"{sink}: {one} was lost" for one in sorted(set(_passed(house, sink)) - set(received))]
        faults += [f"{sink}: {one} is in no ledger" for one in sorted(set(received) - set(recorded))]
        faults += [f"{sink}: {one} came after a later revision" for one in _out_of_order(received)]
    return faults


def _passed(house: House, sink: str) -> list[str]:
    """What the sink's cursor has passed; all that was found before the end, as was waited for."""
    query = f"SELECT incident_id, revision FROM outbox, sinks WHERE sink = '{sink}' AND sequence <= cursor"
    return [f"{name}/{revision}" for name, revision in house.rows(query)]


def repeated(received: Iterable[str]) -> int:
    """How many events came again, which is allowed."""
    return sum(count - 1 for count in Counter(received).values())


def _holes(recorded: Sequence[str]) -> list[str]:
    """Revisions count up from 0 or 1, each in the outbox after the one before."""
    of: dict[str, list[int]] = defaultdict(list)
    for one in recorded:
        name, _, revision = one.rpartition("/")
        of[name].append(int(revision))
    return [f"{name}: revisions {all_}" for name, all_ in of.items() if all_ != [*range(all_[0], all_[0] + len(all_))]]


def _out_of_order(received: Sequence[str]) -> list[str]:
    highest: dict[str, int] = {}
    seen: set[str] = set()
    late = []
    for one in received:
        name, _, revision = one.rpartition("/")
        if one not in seen and int(revision) < highest.get(name, -1):
            late.append(one)
        seen.add(one)
        highest[name] = max(highest.get(name, -1), int(revision))
    return late


def _found(house: House, revisions: Sequence[Mapping[str, Any]]) -> Found:
    opened = next(one for one in revisions if one["stage"] == "violation")
    last = revisions[-1]
    pictures = opened["evidence"]
    original = pictures[0]["original"] if pictures else None
    size = (original["width"], original["height"]) if original else SIZE
    first_s, last_s = (house.true_s(_seconds(last[key])) for key in ("first_seen_at", "last_seen_at"))
    return Found(
        last["incident_id"],
        last["camera"]["id"],
        last["class_id"],
        slot_of(opened["objects"][0]["box"], size),
        Span(first_s, last_s),
        last["dwell_s"],
        last["status"],
    )


def _seconds(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


def _may_be(one: Found, stay: Stay) -> bool:
    place = (stay.camera, CLASSES[stay.label], stay.slot)
    return (one.camera, one.class_id, one.slot) == place and _common_s(one, stay) > -_TOLERANCE_S


def _common_s(one: Found, stay: Stay) -> float:
    return min(one.span.until_s, stay.span.until_s) - max(one.span.from_s, stay.span.from_s)


def _was_seen_gone(stay: Stay, disturbed: Sequence[Span], truth: Sequence[Stay]) -> bool:
    """Whether its place was to be seen empty for long enough after it had left."""
    end_s = stay.span.until_s
    following = [
        other.span.from_s
        for other in truth
        if (other.camera, other.slot) == (stay.camera, stay.slot) and other.span.from_s > end_s
    ]
    watched_s = max(other.span.until_s for other in truth if other.camera == stay.camera)
    empty = Span(end_s, min([*following, watched_s]))
    return any(span.length_s >= 2 * _SAMPLED_S for span in _clear(empty, disturbed))


def _clear(span: Span, disturbed: Sequence[Span]) -> Iterator[Span]:
    """The parts of a span in which nothing was disturbed."""
    from_s = span.from_s
    for one in sorted(disturbed, key=lambda one: one.from_s):
        if one.until_s <= from_s or one.from_s >= span.until_s:
            continue
        if one.from_s > from_s:
            yield Span(from_s, one.from_s)
        from_s = max(from_s, one.until_s)
    if from_s < span.until_s:
        yield Span(from_s, span.until_s)
