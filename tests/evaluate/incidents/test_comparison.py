"""Two runs over the same truth."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cvinspect.evaluate.incidents.comparison import Comparison, Difference, Measure, beyond_chance, compare, sign_test
from cvinspect.evaluate.incidents.event_matching import RaisedIncident
from cvinspect.evaluate.incidents.event_scores import WatchedClip
from cvinspect.evaluate.incidents.sampling_facts import Alike, Sampled
from cvinspect.modes import Sampling
from tests.evaluate.event_makers import BAY, FAR, PARKING, event, raised, watched


def run(*incidents: list[RaisedIncident]) -> list[WatchedClip]:
    """Clips with a car in the bay each, and what was raised in them."""
    return [watched([event()], each, name=f"{i}.mp4") for i, each in enumerate(incidents)]


def test_a_run_compared_with_itself_differs_in_nothing() -> None:
    clips = run([raised()], [], [raised(), raised(box=FAR)])
    nothing = tuple(Difference(measure, None, 0, 0, 1.0) for measure in Measure)
    assert compare(clips, clips) == Comparison(3, 3, 0, 0.0, nothing)


def test_events_found_in_one_run_only_are_counted_for_it() -> None:
    comparison = compare(run(*[[raised()]] * 8, []), run(*[[]] * 8, [raised()]))
    assert comparison.differences[0] == Difference(Measure.FOUND, None, 8, 1, 0.0390625)
    assert comparison.differences[-1] == Difference(Measure.FOUND, PARKING, 8, 1, 0.0390625)


def test_a_clear_difference_is_beyond_chance_even_though_several_were_looked_at() -> None:
    comparison = compare(run(*[[raised()]] * 12), run(*[[]] * 12))
    assert [one.is_beyond_chance for one in comparison.differences if one.measure is Measure.FOUND] == [True, True]


def test_a_false_incident_that_both_raise_is_no_difference() -> None:
    both, gone = raised(box=FAR), raised(box=BAY, class_id="road_damage")
    shifted = raised(0.5, 19, box=FAR, incident_id="another")
    comparison = compare(run([raised(), shifted]), run([raised(), both, gone]))
    assert comparison.differences[1] == Difference(Measure.FALSE, None, 1, 0, 1.0)


def test_sooner_alarms_and_fewer_duplicates_are_better() -> None:
    comparison = compare(run([raised(confirmed_s=6)]), run([raised(confirmed_s=8), raised(12, 20, incident_id="i2")]))
    assert comparison.differences[2:] == (
        Difference(Measure.DUPLICATES, None, 1, 0, 1.0),
        Difference(Measure.LATENCY, None, 1, 0, 1.0),
    )
    assert comparison.median_latency_change_s == -2.0


def test_only_what_both_runs_had_to_find_is_compared() -> None:
    now = [watched([event(), event(25, 30)], [], name="a"), watched([event()], [], name="b")]
    before = [watched([event(), event(1, 20, box=FAR)], [], name="a"), watched([event()], [], name="c")]
    comparison = compare(now, before)
    assert (comparison.clips, comparison.events, comparison.left_out) == (1, 1, 2)


AUTO = Sampled(Sampling.AUTO, 2.0, keyframes_only=True, samples=21)


@pytest.mark.parametrize(
    ("now", "before", "found"),
    [
        (AUTO, AUTO, Alike.SAME),
        (AUTO, replace(AUTO, samples=23), Alike.SAME),
        (AUTO, replace(AUTO, keyframes_only=False), Alike.OTHER),
        (AUTO, replace(AUTO, mode=Sampling.ALL), Alike.OTHER),
        (AUTO, replace(AUTO, fps=1.0), Alike.OTHER),
        (AUTO, None, Alike.UNKNOWN),
    ],
)
def test_runs_that_were_sampled_otherwise_are_told_apart(now: Sampled, before: Sampled | None, found: Alike) -> None:
    comparison = compare([watched([], [], sampled=now)], [watched([], [], sampled=before)])
    assert comparison.sampling is found


def test_how_the_earlier_run_was_sampled_is_told_in_words() -> None:
    before = [watched([], [], sampled=AUTO), watched([], [], name="elsewhere.mp4", sampled=AUTO)]
    comparison = compare([watched([], [], sampled=replace(AUTO, mode=Sampling.ALL))], before)
    said = "auto, key frames alone in 1 of 1 clips: 21 samples in 30.0 s, at most 2 a second"
    assert comparison.sampling_before == said


@pytest.mark.parametrize(("better", "worse", "p"), [(0, 0, 1.0), (1, 0, 1.0), (5, 5, 1.0), (6, 0, 0.03125)])
def test_the_sign_test_is_exact(better: int, worse: int, p: float) -> None:
    assert sign_test(better, worse) == pytest.approx(p)


@settings(deadline=None)
@given(st.integers(0, 5000), st.integers(0, 5000))
def test_the_sign_test_is_a_chance_and_takes_no_side(better: int, worse: int) -> None:
    assert 0 <= sign_test(better, worse) <= 1
    assert sign_test(better, worse) == sign_test(worse, better)


def test_holm_asks_more_of_the_smallest_chance_and_stops_at_the_first_that_fails() -> None:
    differences = [Difference(Measure.FOUND, str(i), 9, 1, p) for i, p in enumerate((0.04, 0.001, 0.03))]
    assert [one.is_beyond_chance for one in beyond_chance(differences)] == [False, True, False]
    assert [one.is_beyond_chance for one in beyond_chance(differences[:1])] == [True]
