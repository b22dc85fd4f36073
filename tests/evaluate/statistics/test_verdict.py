"""What may be claimed of a share, and of a frequency."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cvinspect.evaluate.statistics.poisson import Frequency
from cvinspect.evaluate.statistics.rates import Rate
from cvinspect.evaluate.statistics.verdict import Answer, Verdict, in_words, verdict


def test_194_of_200_is_not_enough_for_95_percent() -> None:
    rate = Rate(194, 200)
    assert verdict(rate) == Verdict(rate, 0.95, Answer.NOT_ENOUGH_DATA, 57, 257)


@pytest.mark.parametrize(
    ("rate", "words"),
    [
        (Rate(0, 0), "≥ 95 % not enough data: no sample; at least 73 more needed"),
        (Rate(73, 73), "≥ 95 % supported: 73 of 73, 95.0 to 100.0 %"),
        (Rate(72, 72), "≥ 95 % not enough data: 72 of 72, 94.9 to 100.0 %; at least 1 more needed, 1 at this share"),
        (Rate(9, 10), "≥ 95 % not enough data: 9 of 10, 59.6 to 98.2 %; at least 100 more needed"),
        (Rate(50, 100), "≥ 95 % not supported: 50 of 100, 40.4 to 59.6 %"),
        (Rate(0, 1), "≥ 95 % not supported: 0 of 1, 0.0 to 79.3 %"),
    ],
)
def test_the_verdict_in_words(rate: Rate, words: str) -> None:
    assert in_words(verdict(rate)) == words


@settings(deadline=None)
@given(st.integers(0, 3000), st.integers(0, 200), st.sampled_from([0.5, 0.9, 0.95, 0.99]))
def test_what_is_said_to_be_needed_is_enough_and_one_less_is_not(hits: int, misses: int, target: float) -> None:
    found = verdict(Rate(hits, hits + misses), target=target)
    if found.needed is None:
        assert found.answer is not Answer.NOT_ENOUGH_DATA
        return
    more = found.needed
    assert more >= 1
    assert Rate(hits + more, hits + misses + more).low >= target
    assert Rate(hits + more - 1, hits + misses + more - 1).low < target


@settings(deadline=None)
@given(st.integers(1, 300), st.integers(1, 30))
def test_what_is_needed_at_this_share_is_the_size_at_which_the_interval_excludes_less(hits: int, misses: int) -> None:
    rate = Rate(hits, hits + misses)
    found = verdict(rate)
    if found.needed_at_this_share is None:
        assert found.answer is not Answer.NOT_ENOUGH_DATA or hits / rate.of <= 0.95
        return
    times = math.ceil((rate.of + found.needed_at_this_share) / rate.of)
    assert Rate(times * hits, times * rate.of).low >= 0.95
    if times > 2:
        assert Rate((times - 2) * hits, (times - 2) * rate.of).low < 0.95


def test_no_false_alarm_in_a_day_still_allows_nearly_four() -> None:
    quiet = Frequency(0, 1.0)
    assert (quiet.per_day, quiet.low, round(quiet.high, 4)) == (0.0, 0.0, 3.6889)


@pytest.mark.parametrize(
    ("count", "low", "high"),
    [(1, 0.025318, 5.571643), (10, 4.795389, 18.390356), (100, 81.363991, 121.626794), (1000, 938.973, 1063.952)],
)  # scipy: chi2.ppf(0.025, 2 * count) / 2, chi2.ppf(0.975, 2 * count + 2) / 2
def test_the_interval_is_the_exact_one(count: int, low: float, high: float) -> None:
    frequency = Frequency(count, 2.0)
    assert (round(2 * frequency.low, 3), round(2 * frequency.high, 3)) == (round(low, 3), round(high, 3))


def test_without_footage_nothing_is_known() -> None:
    assert (Frequency(0, 0.0).per_day, Frequency(0, 0.0).low, Frequency(0, 0.0).high) == (None, 0.0, math.inf)
