"""Two runs over the same truth: which differences are more than chance."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from statistics import median

from cvinspect.evaluate.incidents.event_matching import Account, Fate, Judged, Outcome, RaisedIncident, match_incidents
from cvinspect.evaluate.incidents.event_scores import WatchedClip
from cvinspect.evaluate.incidents.sampling_facts import Alike, alike, sampled_in_words
from cvinspect.evaluate.truth.truth_clip import TruthClip, TruthEvent

CHANCE = 0.05
"""A difference is beyond chance below this probability, all the differences looked at taken together."""

_NOWHERE = Path()
"""Of a clip that only its incidents are known of."""

_SLOWER_S = 0.25
"""Alarms nearer than this came at the same sample."""


class Measure(StrEnum):
    """What is compared."""

    FOUND = "found"
    """Events found in one run only."""
    FALSE = "false"
    """False incidents raised in one run only."""
    DUPLICATES = "duplicates"
    """Events of which one run told more often."""
    LATENCY = "latency"
    """Events found in both, of which one run told sooner."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One measure of two runs, paired case by case."""

    measure: Measure
    class_id: str | None
    """None: all classes."""
    better: int
    """Cases in which the new run does better."""
    worse: int
    p: float
    """Chance of so uneven a split, or a more uneven one, where neither run is better: two-sided, in [0, 1]."""
    is_beyond_chance: bool = False


@dataclass(frozen=True, slots=True)
class Comparison:
    """A run against an earlier one."""

    clips: int
    """That both runs scored."""
    events: int
    """Due in both, with the same class, times and place."""
    left_out: int
    """Events of those clips that only one of the runs knows, or whose dwell differs."""
    median_latency_change_s: float | None
    """Over the events found in both; negative: sooner than before."""
    differences: tuple[Difference, ...]
    sampling: Alike = Alike.UNKNOWN
    """Whether both runs sampled those clips in the same way."""
    sampling_before: str = "not known"
    """How the earlier run sampled them, in words."""


def compare(now: Sequence[WatchedClip], before: Sequence[WatchedClip]) -> Comparison:
    """How the run `now` differs from the run `before` on the clips that both scored.

    Each measure is a test of matched pairs: McNemar (1947), Psychometrika 12, p. 153-157, in its exact form, which is
    the sign test on the cases where the runs disagree. All of them are judged together by the step-down rule of
    Holm (1979), Scandinavian Journal of Statistics 6, p. 65-70.
    """
    earlier = {clip.name: clip for clip in before}
    pairs = [(clip, earlier[clip.name]) for clip in now if clip.name in earlier]
    events, left_out = _common_events(pairs)
    false = [found for new, old in pairs for found in _false_in_one(new, old)]
    changes_s = [change for new, old in events if (change := _latency_change_s(new, old)) is not None]
    return Comparison(
        clips=len(pairs),
        events=len(events),
        left_out=left_out,
        median_latency_change_s=median(changes_s) if changes_s else None,
        differences=beyond_chance(_differences(events, false)),
        sampling=alike((new.sampled, old.sampled) for new, old in pairs),
        sampling_before=sampled_in_words([(old.sampled, old.watched_s) for _, old in pairs]),
    )


def sign_test(better: int, worse: int) -> float:
    """Two-sided chance of so uneven a split of fair coins.

    >>> sign_test(8, 1), sign_test(0, 0)
    (0.0390625, 1.0)
    """
    count, fewer = better + worse, min(better, worse)
    ways = total = 1  # whole numbers: chances this small must not be lost
    for i in range(fewer):
        ways = ways * (count - i) // (i + 1)
        total += ways
    chance: float = 2 * total / 2**count
    return min(1.0, chance)


def beyond_chance(differences: Sequence[Difference]) -> tuple[Difference, ...]:
    """The same, each marked that is beyond chance by Holm's rule; those without a case take no part."""
    asked = sorted((one for one in differences if one.better + one.worse), key=lambda one: one.p)
    marked: list[Difference] = []
    for i, one in enumerate(asked):
        if one.p > CHANCE / (len(asked) - i):
            break
        marked.append(one)
    return tuple(replace(one, is_beyond_chance=one in marked) for one in differences)


_Pair = tuple[Account, Account]
"""One event in the new run and in the earlier one."""


def _common_events(pairs: Iterable[tuple[WatchedClip, WatchedClip]]) -> tuple[list[_Pair], int]:
    """The events that both runs had to find, and how many of either run are left out."""
    common: list[_Pair] = []
    left_out = 0
    for new, old in pairs:
        ours = {_key(one): one for one in new.matching.events}
        theirs = {_key(one): one for one in old.matching.events}
        shared = ours.keys() & theirs.keys()
        left_out += len(ours.keys() ^ theirs.keys())
        due = [key for key in ours if key in shared and ours[key].fate is not Fate.NOT_DUE]
        common += [(ours[key], theirs[key]) for key in due]
    return common, left_out


def _key(account: Account) -> tuple[object, ...]:
    event = account.truth
    place = None if event.box is None else tuple(round(value, 6) for value in event.box.xyxy)
    return event.class_id, round(event.start_s, 3), round(event.end_s, 3), place, account.dwell_s


def _false_in_one(new: WatchedClip, old: WatchedClip) -> list[tuple[str, bool]]:
    """Class of each false incident that only one run raised, and whether that was the earlier one."""
    ours, theirs = _false(new.matching.incidents), _false(old.matching.incidents)
    known = TruthClip(new.name, _NOWHERE, new.camera, None, (), tuple(_as_event(one, new) for one in theirs))
    matching = match_incidents(known, ours, dwell_s={one.class_id: 0.0 for one in theirs})
    only_ours = [(one.incident.class_id, False) for one in matching.incidents if one.outcome is not Outcome.HIT]
    return only_ours + [(one.truth.class_id, True) for one in matching.events if one.fate is not Fate.FOUND]


def _false(incidents: Iterable[Judged]) -> list[RaisedIncident]:
    return [one.incident for one in incidents if one.outcome is Outcome.FALSE]


def _as_event(one: RaisedIncident, clip: WatchedClip) -> TruthEvent:
    return TruthEvent(clip.name, clip.camera, one.class_id, one.first_seen_s, one.end_s, box=one.box)


def _latency_change_s(new: Account, old: Account) -> float | None:
    if new.latency_s is None or old.latency_s is None:
        return None
    return new.latency_s - old.latency_s


def _differences(events: Sequence[_Pair], false: Sequence[tuple[str, bool]]) -> list[Difference]:
    """Every measure over all classes; found and false also for each class in which the runs disagree."""
    duplicates = [len(new.duplicates) - len(old.duplicates) for new, old in events]
    slower_s = [_latency_change_s(new, old) or 0.0 for new, old in events]
    found = [(new.truth.class_id, new.fate is Fate.FOUND) for new, old in events if _is_found_once(new, old)]
    whole = [
        _difference(Measure.FOUND, None, [better for _, better in found]),
        _difference(Measure.FALSE, None, [better for _, better in false]),
        _difference(Measure.DUPLICATES, None, [change < 0 for change in duplicates if change]),
        _difference(Measure.LATENCY, None, [change < 0 for change in slower_s if abs(change) >= _SLOWER_S]),
    ]
    return whole + _per_class(Measure.FOUND, found) + _per_class(Measure.FALSE, false)


def _is_found_once(new: Account, old: Account) -> bool:
    return (new.fate is Fate.FOUND) is not (old.fate is Fate.FOUND)


def _per_class(measure: Measure, cases: Sequence[tuple[str, bool]]) -> list[Difference]:
    by_class: dict[str, list[bool]] = {}
    for class_id, better in cases:
        by_class.setdefault(class_id, []).append(better)
    return [_difference(measure, class_id, by_class[class_id]) for class_id in sorted(by_class)]


def _difference(measure: Measure, class_id: str | None, cases: Sequence[bool]) -> Difference:
    better = sum(cases)
    return Difference(measure, class_id, better, len(cases) - better, sign_test(better, len(cases) - better))
