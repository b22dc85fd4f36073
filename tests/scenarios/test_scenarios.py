"""The scenario suite in its short form: one scene of each family, on seeds that were not used to mend anything.

`benchmarks/scenarios.py` plays as many as one likes and prints the intervals.
"""

from dataclasses import replace

import pytest

from cvinspect.evaluate.incidents.event_matching import Outcome
from cvinspect.geometry import Box
from samples.scenarios.families import plain
from samples.scenarios.play import faults, played
from samples.scenarios.scene import ALWAYS, event, moved
from samples.scenarios.suite import FAMILIES, scene_of

SEED = 1000


@pytest.mark.parametrize("family", FAMILIES)
def test_everything_due_is_raised_once_and_nothing_else(family: str) -> None:
    scene = scene_of(family, SEED)
    assert (scene.miss_share >= 0.1, scene.jitter_px) == (True, 2.0)
    assert faults(played(scene, seed=SEED)) == []


def test_the_same_seed_gives_the_same_incidents() -> None:
    first, second = (played(scene_of("vendor", 7), seed=7) for _ in range(2))
    assert first == second
    assert [one.outcome for one in first.watched.matching.incidents] == [Outcome.HIT]


def test_a_truth_that_is_not_what_happens_is_a_miss_and_a_false_incident() -> None:
    scene = scene_of("vendor", 7)
    elsewhere = event("street_vendor", moved(Box(130, 396, 301, 500), 0, -40), 20, 320)
    wrong = faults(played(replace(scene, truth=(elsewhere,)), seed=7))
    assert [line.split(" at ")[0] for line in wrong] == ["false street_vendor raised", "missed street_vendor"]


def test_a_detector_that_sees_nothing_misses_everything_that_was_due() -> None:
    shown = scene_of("plain", SEED)
    scene = replace(shown, things=tuple(replace(thing, drops=ALWAYS) for thing in shown.things))
    due = [one for one in scene.truth if one.is_due(300.0)]
    assert due
    assert len(faults(played(scene, seed=SEED))) == len(due)


def test_every_family_says_what_it_holds() -> None:
    assert {family for family, make in FAMILIES.items() if make.__doc__} == set(FAMILIES)
    assert plain.scene.__module__.endswith(".plain")
