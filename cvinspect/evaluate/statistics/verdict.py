"""May it be said that a share is at least 95 %? An answer from the sample, not from the point in its middle."""

import math
from dataclasses import dataclass
from enum import StrEnum
from statistics import NormalDist

from cvinspect.evaluate.statistics.rates import Rate

TARGET = 0.95
"""What tenders in this field ask for."""

_Z95 = NormalDist().inv_cdf(0.975)
"""The two-sided 95 % quantile, as in the interval of `Rate`."""


class Answer(StrEnum):
    """Whether a sample supports a claim."""

    SUPPORTED = "supported"
    """Even the lower end of the 95 % interval reaches the target."""
    NOT_SUPPORTED = "not_supported"
    """Even the upper end stays below it."""
    NOT_ENOUGH_DATA = "not_enough_data"
    """The interval holds the target."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer for one rate."""

    rate: Rate
    target: float
    answer: Answer
    needed: int | None
    """Further trials that would support the claim if every one of them were a hit: fewer never do. None where the
    answer is clear."""
    needed_at_this_share: int | None
    """Further trials at the present share; None where that share never supports it, or the answer is clear."""


def verdict(rate: Rate, *, target: float = TARGET) -> Verdict:
    """Whether the sample supports a share of at least `target` (in (0, 1)), by its Wilson interval."""
    if rate.of and rate.low >= target:
        return Verdict(rate, target, Answer.SUPPORTED, None, None)
    if rate.of and rate.high < target:
        return Verdict(rate, target, Answer.NOT_SUPPORTED, None, None)
    return Verdict(rate, target, Answer.NOT_ENOUGH_DATA, _needed(rate, target), _needed_at_this_share(rate, target))


def in_words(found: Verdict) -> str:
    """One line.

    >>> in_words(verdict(Rate(194, 200)))
    '≥ 95 % not enough data: 194 of 200, 93.6 to 98.6 %; at least 57 more needed, 257 at this share'
    """
    rate = found.rate
    claim = f"≥ {100 * found.target:g} %"
    sample = f"{rate.hits} of {rate.of}, {100 * rate.low:.1f} to {100 * rate.high:.1f} %" if rate.of else "no sample"
    match found.answer:
        case Answer.SUPPORTED:
            return f"{claim} supported: {sample}"
        case Answer.NOT_SUPPORTED:
            return f"{claim} not supported: {sample}"
    at_this_share = "" if found.needed_at_this_share is None else f", {found.needed_at_this_share} at this share"
    return f"{claim} not enough data: {sample}; at least {found.needed} more needed{at_this_share}"


def _needed(rate: Rate, target: float) -> int:
    """The lower end reaches the target where (share - target)^2 >= z^2 target (1 - target) / trials: solved for the
    trials while the number of failures stays."""
    failures, spread = rate.of - rate.hits, _Z95 * math.sqrt(target * (1 - target))
    root = (spread + math.sqrt(spread**2 + 4 * (1 - target) * failures)) / (2 * (1 - target))
    more = max(0, math.ceil(root**2) - rate.of - 1)
    while Rate(rate.hits + more, rate.of + more).low < target:  # the last digit of the root
        more += 1
    return more


def _needed_at_this_share(rate: Rate, target: float) -> int | None:
    """The same, solved for the trials while the share stays."""
    if rate.share is None or rate.share <= target:
        return None
    return max(0, math.ceil(_Z95**2 * target * (1 - target) / (rate.share - target) ** 2) - rate.of)
