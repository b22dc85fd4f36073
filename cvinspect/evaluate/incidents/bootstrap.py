"""Intervals that know that events of one clip are alike: clips are drawn anew, not events."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cvinspect.evaluate.incidents.event_scores import WatchedClip, tally_of

LEAST_CLIPS = 10
"""With fewer, the draws repeat each other and the intervals are too narrow."""

_DRAWS = 2000
_SEED = 0
"""The same clips give the same intervals."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Interval:
    """The middle 95 % of what the draws gave; shares in [0, 1]."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class ClipIntervals:
    """95 % intervals over draws of whole clips; None where no draw gave a value."""

    clips: int
    precision: Interval | None
    lenient_precision: Interval | None
    recall: Interval | None
    f1: Interval | None
    macro_precision: Interval | None
    macro_recall: Interval | None
    macro_f1: Interval | None


def clip_intervals(clips: Sequence[WatchedClip]) -> ClipIntervals | None:
    """The percentile bootstrap of Efron and Tibshirani (1993), chapter 13, by clip; None for fewer than ten clips."""
    if len(clips) < LEAST_CLIPS:
        return None
    random = np.random.default_rng(_SEED)
    counts = _counts(clips)
    share_of_each = np.full(len(clips), 1 / len(clips))
    flat = counts.reshape(len(clips), -1)
    draws = np.stack([random.multinomial(len(clips), share_of_each) @ flat for _ in range(_DRAWS)])
    by_class = draws.reshape(_DRAWS, *counts.shape[1:])
    micro, each = _rates(by_class.sum(axis=1)), _rates(by_class)
    is_present = (by_class[..., 0] + by_class[..., 1]) > 0
    return ClipIntervals(
        len(clips),
        *(_interval(values) for values in micro),
        *(_interval(_mean(each[i], is_present)) for i in (0, 2, 3)),
    )


def _counts(clips: Sequence[WatchedClip]) -> Floats:
    """(clips, classes, 4): hits, misses, false alarms, duplicates."""
    judged = [{one.incident.class_id for one in clip.matching.incidents} for clip in clips]
    labelled = [{account.truth.class_id for account in clip.matching.events} for clip in clips]
    classes = sorted(set[str]().union(*judged, *labelled))
    counts = np.zeros((len(clips), max(1, len(classes)), 4))
    for i, clip in enumerate(clips):
        for class_id in judged[i] | labelled[i]:
            one = tally_of(clip, class_id)
            counts[i, classes.index(class_id)] = one.hits, one.misses, one.false_alarms, one.duplicates
    return counts


def _rates(counts: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """Precision, lenient precision, recall and F1 of (..., 4) counts: (...) each, NaN without trials."""
    hits, misses, false_alarms, duplicates = np.moveaxis(counts, -1, 0)
    raised = hits + false_alarms + duplicates
    return (
        _share(hits, raised),
        _share(hits, hits + false_alarms),
        _share(hits, hits + misses),
        _share(2 * hits, raised + hits + misses),
    )


def _share(hits: Floats, of: Floats) -> Floats:
    shares: Floats = np.divide(hits, of, out=np.full(hits.shape, np.nan), where=of > 0)
    return shares


def _mean(values: Floats, is_present: NDArray[np.bool_]) -> Floats:
    """The mean of (draws, classes) over the classes that had something to find and have a value."""
    counts = is_present & ~np.isnan(values)
    return _share(np.where(counts, values, 0.0).sum(axis=1), counts.sum(axis=1).astype(float))


def _interval(values: Floats) -> Interval | None:
    known = values[~np.isnan(values)]
    if not len(known):
        return None
    low, high = np.quantile(known, (0.025, 0.975))
    return Interval(float(low), float(high))
