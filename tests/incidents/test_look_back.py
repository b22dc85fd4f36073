"""Samples are seconds apart; when a thing came is looked up in what was sent between them."""

import gc
import weakref
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import time

import pytest

from cvinspect.domain import Change, Frame, Glimpse, Incident, Stage
from cvinspect.geometry import Box
from cvinspect.incidents.ledger import PlaceLedger
from cvinspect.incidents.look import PatchEye
from cvinspect.incidents.snapshot import state_from_text, state_to_text
from cvinspect.taxonomy import Hours
from tests.fakes import BAY, Thing, detected, frame, moving, opened, painted, pipeline, shifted, violation

RULE = violation(pre_alarm_s=0.0)
KEYS_S = [2.0 * i for i in range(15)]
CLOSE_S = [30.0 + 0.5 * i for i in range(21)]
"""Key frames alone, and everything from the second on at which a dwell of 30 s may end."""


@dataclass(eq=False)
class Sent:
    """What the camera sent in the two seconds before a sample, and how often somebody looked at it."""

    things: Sequence[Thing]
    until_s: float
    looked: list[float] = field(default_factory=list)
    span_s: float = 2.0

    def stretches(self) -> Iterator[Iterator[Glimpse]]:
        yield self._glimpses()

    def _glimpses(self) -> Iterator[Glimpse]:
        for number in range(10, 0, -1):
            self.looked.append(self.until_s - number / 5)
            yield Glimpse(number / 5, painted(self.things, self.until_s - number / 5))


def sampled(things: Sequence[Thing], *, looked: list[float] | None = None) -> list[Frame]:
    """Key frames with what came in between, then a closer look."""
    keys = [
        replace(frame(at_s, painted(things, at_s)), passage=Sent(things, at_s, [] if looked is None else looked))
        for at_s in KEYS_S
    ]
    return [*keys, *(frame(at_s, painted(things, at_s)) for at_s in CLOSE_S)]


def said(things: Sequence[Thing], frames: Sequence[Frame] | None = None, rule: object = RULE) -> list[Change]:
    """What comes of a scene whose detector sees its samples only."""
    script = [detected(things, at_s) for at_s in (*KEYS_S, *CLOSE_S)]
    return list(pipeline(script, [rule]).incidents(frames or sampled(things)))  # type: ignore[list-item]


def arriving(at_s: float, leaves_s: float = 100.0) -> Thing:
    """A car that drives into its bay for a second and a half."""
    start = shifted(BAY, -60)
    return Thing(where=moving(start, px_s=40.0, from_s=at_s - 1.5, until_s=at_s), stays=((at_s - 1.5, leaves_s),))


@pytest.mark.parametrize("came_s", [4.2, 4.6, 5.0, 5.4, 5.8])
def test_when_a_thing_came_is_known_to_a_fraction_of_a_second(came_s: float) -> None:
    (change,) = opened(said([arriving(came_s)]))

    assert change.incident.first_seen.media_s == pytest.approx(came_s, abs=0.3)
    assert (change.incident.first_seen.at - change.frame.captured_at).total_seconds() == pytest.approx(
        change.incident.first_seen.media_s - change.frame.media_s
    )


def test_what_leaves_a_second_after_its_dwell_is_raised_and_what_leaves_before_it_is_not() -> None:
    late, early = arriving(4.4, leaves_s=35.4), arriving(4.4, leaves_s=33.9)
    unaided = [replace(one, passage=None) for one in sampled([late])]

    assert len(opened(said([late]))) == 1
    assert opened(said([early])) == []
    assert opened(said([late], unaided)) == []


def test_a_key_frame_that_shows_it_about_to_stop_is_not_yet_its_rest() -> None:
    stopping = moving(shifted(BAY, -6), px_s=12.0, from_s=6.0, until_s=6.5)

    (change,) = opened(said([replace(arriving(6.5), where=stopping)]))

    assert 6.2 <= change.incident.first_seen.media_s <= 6.8


def test_who_passes_in_front_does_not_hide_when_it_came() -> None:
    passer_by = Thing(where=Box(110, 40, 140, 110), label="person", stays=((5.3, 5.9),), paint=7)

    (change,) = opened(said([arriving(4.6), passer_by]))

    assert change.incident.first_seen.media_s == pytest.approx(4.6, abs=0.3)


def test_who_stands_in_front_when_it_is_looked_at_next_makes_it_no_earlier_than_it_is_seen() -> None:
    passer_by = Thing(where=Box(110, 40, 140, 110), label="person", stays=((5.3, 7.7),), paint=7)

    (change,) = opened(said([arriving(4.6), passer_by]))

    assert 4.3 <= change.incident.first_seen.media_s <= 8.0


def test_a_thing_that_the_detector_saw_late_has_stood_since_it_came() -> None:
    car = replace(arriving(4.6), missed=((0.0, 9.0),))

    (change,) = opened(said([car]))

    assert change.incident.first_seen.media_s == pytest.approx(4.6, abs=0.3)


def test_where_it_looked_so_all_along_nothing_is_told() -> None:
    (change,) = opened(said([Thing(missed=((0.0, 5.0),))]))

    assert change.incident.first_seen.media_s == 6.0


def test_nobody_looks_before_a_dwell_may_end_and_then_once() -> None:
    looked: list[float] = []
    things = [arriving(5.0)]
    frames = sampled(things, looked=looked)
    line = pipeline([detected(things, at_s) for at_s in (*KEYS_S, *CLOSE_S)], [RULE])

    changes = line.incidents(one for one in frames if one.media_s < 18)
    assert list(changes)
    assert looked == []

    looked.clear()
    assert opened(said(things, frames))
    assert len(looked) == len(set(looked)) <= 20


def test_nobody_looks_for_what_has_gone_before() -> None:
    looked: list[float] = []

    said([arriving(5.0, leaves_s=15.0)], sampled([arriving(5.0, leaves_s=15.0)], looked=looked))

    assert looked == []


def test_of_many_candidates_video_is_kept_for_few_and_the_oldest_are_looked_up_early() -> None:
    bays = [shifted(BAY, dx, dy) for dy in (-50, 10) for dx in (-90, -10, 70)]
    looked: list[float] = []
    cars = [Thing(where=bay, paint=n + 1, stays=((0.6 + 4.0 * n, 100.0),)) for n, bay in enumerate(bays)]
    frames = sampled(cars, looked=looked)
    kept = [weakref.ref(one.passage) for one in frames if one.passage is not None]
    line = pipeline([detected(cars, at_s) for at_s in (*KEYS_S, *CLOSE_S)], [violation(dwell_s=600.0)])

    list(line.incidents(iter(frames)))
    del frames
    gc.collect()

    assert looked
    assert max(looked) < 4.0  # of the first one, when the sixth came
    assert 0 < sum(ref() is not None for ref in kept) < len(KEYS_S) - 2


def test_a_rule_of_certain_hours_counts_from_when_it_holds() -> None:
    """The car came at 4.2 s; at noon and 6 s the rule begins to hold."""
    rule = violation(pre_alarm_s=0.0, hours=(Hours(time(12, 0, 6), time(20, 0)),))

    (change,) = opened(said([arriving(4.2)], rule=rule))

    assert change.incident.first_seen.media_s >= 4.9


def test_what_is_kept_for_a_candidate_is_let_go_with_it() -> None:
    things = [arriving(5.0, leaves_s=12.0)]
    frames = sampled(things)
    kept = [weakref.ref(one.passage) for one in frames if one.passage is not None]
    line = pipeline([detected(things, at_s) for at_s in (*KEYS_S, *CLOSE_S)], [RULE])

    said_so_far = list(line.incidents(iter(frames)))
    del frames, said_so_far
    gc.collect()

    assert [ref() for ref in kept if ref() is not None] == []


def test_after_a_restart_what_is_known_holds_and_nothing_more_is_told() -> None:
    things = [arriving(4.4, leaves_s=100.0)]
    line = pipeline([detected(things, at_s) for at_s in KEYS_S], [RULE])
    list(line.incidents(sampled(things)[:10]))
    ledger = line.ledger
    assert isinstance(ledger, PlaceLedger)

    again = PlaceLedger("gate", eye=PatchEye())
    again.resume(state_from_text(state_to_text(ledger.state), rules={}))

    (known,) = again.standing
    assert known == candidate(ledger)
    assert known.first_seen.media_s >= 5.0


def candidate(ledger: PlaceLedger) -> Incident:
    (one,) = ledger.standing
    assert one.stage is Stage.PRE_ALARM
    return one
