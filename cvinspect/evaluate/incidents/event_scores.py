"""How right a run's incidents are: counts, and the rates that follow from them."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Self

from cvinspect.evaluate.incidents.event_matching import Account, Fate, Judged, Matching, Outcome
from cvinspect.evaluate.incidents.sampling_facts import Sampled
from cvinspect.evaluate.statistics.poisson import Frequency
from cvinspect.evaluate.statistics.rates import Rate

_DAY_S = 86400.0


@dataclass(frozen=True, slots=True)
class EventTally:
    """What was right and wrong in some footage."""

    hits: int = 0
    """Events that were due and raised."""
    misses: int = 0
    """Events that were due and not raised."""
    false_alarms: int = 0
    """Incidents of nothing, or of what left before the dwell; duplicates are not among them."""
    duplicates: int = 0
    """Second and further incidents of one event."""
    not_due: int = 0
    """Events that left before their dwell, or whose clip ended before it."""
    not_due_raised: int = 0
    """Those that were raised all the same; each is a false alarm."""
    taken_in: int = 0
    """Events told within another class's incident."""
    ignored: int = 0
    """Incidents that nobody can judge."""
    switches: int = 0
    """How often an event went from one incident to the next."""
    early: int = 0
    """Hits that were raised clearly before they were due."""
    latencies_s: tuple[float, ...] = ()
    """Of each hit, ascending: seconds from the moment it was due to the alarm."""
    watched_s: float = 0.0
    """Seconds of footage of one camera each."""

    def __add__(self, other: Self) -> "EventTally":
        return EventTally(
            hits=self.hits + other.hits,
            misses=self.misses + other.misses,
            false_alarms=self.false_alarms + other.false_alarms,
            duplicates=self.duplicates + other.duplicates,
            not_due=self.not_due + other.not_due,
            not_due_raised=self.not_due_raised + other.not_due_raised,
            taken_in=self.taken_in + other.taken_in,
            ignored=self.ignored + other.ignored,
            switches=self.switches + other.switches,
            early=self.early + other.early,
            latencies_s=tuple(sorted(self.latencies_s + other.latencies_s)),
            watched_s=self.watched_s + other.watched_s,
        )

    @property
    def raised(self) -> int:
        """Incidents that can be judged."""
        return self.hits + self.duplicates + self.false_alarms

    @property
    def precision(self) -> Rate:
        """Hits of all that was raised: what the field calls accuracy, with duplicates as false."""
        return Rate(self.hits, self.raised)

    @property
    def lenient_precision(self) -> Rate:
        """Hits of what was raised, duplicates left out."""
        return Rate(self.hits, self.hits + self.false_alarms)

    @property
    def recall(self) -> Rate:
        """Hits of the events that were due."""
        return Rate(self.hits, self.hits + self.misses)

    @property
    def f1(self) -> float | None:
        """Harmonic mean of strict precision and recall, in [0, 1]; None without events and incidents."""
        total = self.hits + self.misses + self.raised
        return 2 * self.hits / total if total else None

    @property
    def duplicate_rate(self) -> Rate:
        """Duplicates of all that was raised."""
        return Rate(self.duplicates, self.raised)

    @property
    def false_frequency(self) -> Frequency:
        """False incidents a camera-day, duplicates left out."""
        return Frequency(self.false_alarms, self.watched_s / _DAY_S)

    @property
    def median_latency_s(self) -> float | None:
        """None without a hit."""
        return median(self.latencies_s) if self.latencies_s else None

    @property
    def p95_latency_s(self) -> float | None:
        """The smallest latency that 95 % of the hits do not exceed (nearest rank); None without a hit."""
        if not self.latencies_s:
            return None
        return self.latencies_s[math.ceil(0.95 * len(self.latencies_s)) - 1]


@dataclass(frozen=True, slots=True)
class MacroScores:
    """Means over the classes that have an event that was due; shares in [0, 1], None without such a class."""

    classes: int
    precision: float | None
    """Over those of the classes of which something was raised."""
    lenient_precision: float | None
    """Likewise."""
    recall: float | None
    f1: float | None


@dataclass(frozen=True, slots=True)
class WatchedClip:
    """One clip that was inspected, with everything judged."""

    name: str
    camera: str
    watched_s: float
    """Seconds of its footage that were inspected."""
    matching: Matching
    sampled: Sampled | None = None
    """None: nobody wrote it down."""


@dataclass(frozen=True, slots=True)
class EventScores:
    """The scores of one run over labelled clips."""

    by_class: Mapping[str, EventTally]
    """Every class of which something was labelled, raised or asked for."""
    by_camera: Mapping[str, EventTally]
    total: EventTally
    """Micro: every event and incident counts the same."""
    macro: MacroScores


def tally(incidents: Iterable[Judged], events: Iterable[Account], *, watched_s: float) -> EventTally:
    """The counts of some judged incidents and events, seen in that much footage."""
    outcomes = [one.outcome for one in incidents]
    accounts = list(events)
    fates = [account.fate for account in accounts]
    latencies = [account.latency_s for account in accounts if account.latency_s is not None]
    return EventTally(
        hits=fates.count(Fate.FOUND),
        misses=fates.count(Fate.MISSED),
        false_alarms=outcomes.count(Outcome.FALSE),
        duplicates=outcomes.count(Outcome.DUPLICATE),
        not_due=fates.count(Fate.NOT_DUE),
        not_due_raised=sum(account.fate is Fate.NOT_DUE and account.incident is not None for account in accounts),
        taken_in=fates.count(Fate.TAKEN_IN),
        ignored=outcomes.count(Outcome.IGNORED),
        switches=sum(account.switches for account in accounts),
        early=sum(account.is_early for account in accounts),
        latencies_s=tuple(sorted(latencies)),
        watched_s=watched_s,
    )


def tally_of(clip: WatchedClip, class_id: str | None = None) -> EventTally:
    """The counts of one clip, of one class or of all."""
    incidents, events = clip.matching.incidents, clip.matching.events
    if class_id is not None:
        incidents = tuple(one for one in incidents if one.incident.class_id == class_id)
        events = tuple(account for account in events if account.truth.class_id == class_id)
    return tally(incidents, events, watched_s=clip.watched_s)


def score(clips: Sequence[WatchedClip], *, classes: Iterable[str] = ()) -> EventScores:
    """Scores per class and camera and over all; `classes` are listed even where nothing of them happened."""
    cameras: dict[str, list[WatchedClip]] = {}
    for clip in clips:
        cameras.setdefault(clip.camera, []).append(clip)
    by_class = _by_class(clips, classes)
    by_camera = {name: _total(cameras[name]) for name in sorted(cameras)}
    return EventScores(by_class, by_camera, _total(clips), macro(by_class.values()))


def macro(tallies: Iterable[EventTally]) -> MacroScores:
    """The means over the classes present; a false alarm of an absent class shows in the micro scores only."""
    present = [one for one in tallies if one.recall.of]

    def mean(share: Callable[[EventTally], float | None]) -> float | None:
        values = [value for one in present if (value := share(one)) is not None]
        return math.fsum(values) / len(values) if values else None

    return MacroScores(
        classes=len(present),
        precision=mean(lambda one: one.precision.share),
        lenient_precision=mean(lambda one: one.lenient_precision.share),
        recall=mean(lambda one: one.recall.share),
        f1=mean(lambda one: one.f1),
    )


def _by_class(clips: Sequence[WatchedClip], classes: Iterable[str]) -> dict[str, EventTally]:
    """Each class was looked for in every clip."""
    incidents: dict[str, list[Judged]] = {}
    events: dict[str, list[Account]] = {}
    for clip in clips:
        for one in clip.matching.incidents:
            incidents.setdefault(one.incident.class_id, []).append(one)
        for account in clip.matching.events:
            events.setdefault(account.truth.class_id, []).append(account)
    watched_s = math.fsum(clip.watched_s for clip in clips)
    listed = dict.fromkeys([*classes, *sorted(incidents.keys() | events.keys())])
    return {name: tally(incidents.get(name, ()), events.get(name, ()), watched_s=watched_s) for name in listed}


def _total(clips: Iterable[WatchedClip]) -> EventTally:
    chosen = list(clips)
    incidents = [one for clip in chosen for one in clip.matching.incidents]
    events = [account for clip in chosen for account in clip.matching.events]
    return tally(incidents, events, watched_s=math.fsum(clip.watched_s for clip in chosen))
