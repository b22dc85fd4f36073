"""Samples are seconds apart; how long a thing stayed is looked up in what was sent between them, where that decides."""

import gc
import weakref
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import time
from pathlib import Path

import numpy as np
import pytest

from cvinspect.domain import Change, Frame, Glimpse, Stage
from cvinspect.geometry import Box
from cvinspect.incidents.ledger import PlaceLedger
from cvinspect.incidents.look import PatchMatcher
from cvinspect.incidents.snapshot import state_from_text, state_to_text
from cvinspect.modes import Sampling
from cvinspect.sources.decoding.sampling_choice import SamplingRule
from cvinspect.taxonomy import Hours, Violation
from tests.clips import encode
from tests.fakes import (
    BAY,
    HEIGHT,
    WIDTH,
    Thing,
    detected,
    frame,
    kinds,
    moving,
    opened,
    painted,
    pipeline,
    shifted,
    violation,
)
from tests.reading import opened as opened_video

RULE = violation(pre_alarm_s=0.0)
KEYS_S = [2.0 * i for i in range(31)]


@dataclass(eq=False)
class Sent:
    """What the camera sent in the two seconds before a sample, and at what of it somebody looked."""

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
    """Key frames, with what came in between."""
    return [
        replace(frame(at_s, painted(things, at_s)), passage=Sent(things, at_s, [] if looked is None else looked))
        for at_s in KEYS_S
    ]


def said(things: Sequence[Thing], frames: Sequence[Frame] | None = None, rule: Violation = RULE) -> list[Change]:
    """What comes of a scene whose detector sees its samples only."""
    script = [detected(things, at_s) for at_s in KEYS_S]
    return list(pipeline(script, [rule]).incidents(frames or sampled(things)))


def car(came_s: float, left_s: float = 100.0) -> Thing:
    """It drives into its bay for a second and a half, and out of it as it came."""
    arrives = moving(shifted(BAY, -60), px_s=40.0, from_s=came_s - 1.5, until_s=came_s)
    leaves = moving(BAY, px_s=40.0, from_s=left_s)
    return Thing(lambda at_s: arrives(at_s) if at_s < left_s else leaves(at_s), stays=((came_s - 1.5, left_s + 3.0),))


@pytest.mark.parametrize("came_s", [4.2, 4.6, 5.0, 5.4, 5.8, 6.2])
def test_what_leaves_a_second_after_its_dwell_is_raised_with_its_times_and_its_picture(came_s: float) -> None:
    things = [car(came_s, came_s + 31.0)]

    (change,) = opened(said(things))

    incident = change.incident
    assert incident.first_seen.media_s == pytest.approx(came_s, abs=0.3)
    assert incident.last_seen.media_s == pytest.approx(came_s + 31.0, abs=0.5)
    assert incident.confirmed == incident.last_seen
    assert (change.frame.media_s, change.frame.captured_at) == (incident.last_seen.media_s, incident.last_seen.at)
    np.testing.assert_array_equal(change.frame.pixels, painted(things, change.frame.media_s))


@pytest.mark.parametrize("came_s", [4.2, 4.6, 5.0, 5.4, 5.8, 6.2])
def test_what_leaves_a_second_before_its_dwell_ends_is_not_raised(came_s: float) -> None:
    assert opened(said([car(came_s, came_s + 29.0)])) == []


def test_without_what_was_sent_in_between_nothing_is_raised_that_may_not_be_due() -> None:
    things = [car(4.4, 35.4)]

    assert opened(said(things, [replace(one, passage=None) for one in sampled(things)])) == []


def test_it_is_cleared_like_any_other() -> None:
    assert kinds(said([car(4.4, 35.4)])) == ["pre_alarm", "opened", "cleared"]


def test_what_stays_is_raised_without_a_look_back() -> None:
    looked: list[float] = []
    things = [car(5.0)]

    (change,) = opened(said(things, sampled(things, looked=looked)))

    assert change.incident.first_seen.media_s == 6.0
    assert change.frame.media_s == 38.0  # at 36 it may just have been about to leave
    assert looked == []


def test_what_has_gone_long_before_is_not_looked_back_at() -> None:
    looked: list[float] = []
    things = [car(5.0, 20.0)]

    assert opened(said(things, sampled(things, looked=looked))) == []
    assert looked == []


def test_each_end_is_looked_at_once_from_the_last_key_frame_back() -> None:
    looked: list[float] = []
    things = [car(4.4, 35.4)]

    assert opened(said(things, sampled(things, looked=looked)))
    assert len(looked) == len(set(looked)) <= 40


def test_who_passes_in_front_does_not_hide_when_it_came() -> None:
    passer_by = Thing(Box(110, 40, 140, 110), label="person", stays=((5.3, 5.9),), paint=7)

    (change,) = opened(said([car(4.6, 35.6), passer_by]))

    assert change.incident.first_seen.media_s == pytest.approx(4.6, abs=0.3)


def test_who_stands_in_front_of_it_at_the_next_sample_makes_it_no_earlier_than_it_was() -> None:
    passer_by = Thing(Box(110, 40, 140, 110), label="person", stays=((5.3, 7.7),), paint=7)

    assert opened(said([car(4.6, 33.6), passer_by])) == []


def test_a_thing_that_the_detector_saw_late_has_stood_since_it_came() -> None:
    late = replace(car(4.6, 35.6), missed=((0.0, 9.0),))

    (change,) = opened(said([late]))

    assert change.incident.first_seen.media_s == pytest.approx(4.6, abs=0.3)


def test_where_it_looked_so_all_along_nothing_is_told_of_when_it_came() -> None:
    assert opened(said([Thing(stays=((0.0, 35.0),), missed=((0.0, 5.0),))])) == []


def test_a_rule_of_certain_hours_counts_from_when_it_holds() -> None:
    """The car came at 4.2 s; at noon and 6 s the rule begins to hold."""
    rule = replace(RULE, hours=(Hours(time(12, 0, 6), time(20, 0)),))

    assert opened(said([car(4.2, 35.2)], rule=rule)) == []
    assert len(opened(said([car(4.2, 37.2)], rule=rule))) == 1


def test_of_many_candidates_video_is_kept_for_few_and_the_oldest_are_looked_up_early() -> None:
    bays = [shifted(BAY, dx, dy) for dy in (-50, 10) for dx in (-90, -10, 70)]
    looked: list[float] = []
    cars = [Thing(bay, paint=n + 1, stays=((0.6 + 4.0 * n, 100.0),)) for n, bay in enumerate(bays)]
    frames = sampled(cars, looked=looked)[:20]
    kept = [weakref.ref(one.passage) for one in frames if one.passage is not None]
    line = pipeline([detected(cars, at_s) for at_s in KEYS_S], [violation(dwell_s=600.0)])

    list(line.incidents(iter(frames)))
    del frames
    gc.collect()

    assert looked
    assert max(looked) < 4.0  # of the first one, when the sixth came
    assert 0 < sum(ref() is not None for ref in kept) < 20


def test_what_is_kept_for_a_candidate_is_let_go_with_it() -> None:
    things = [car(5.0, 12.0)]
    frames = sampled(things)
    kept = [weakref.ref(one.passage) for one in frames if one.passage is not None]
    line = pipeline([detected(things, at_s) for at_s in KEYS_S], [RULE])

    assert kinds(line.incidents(iter(frames))) == ["pre_alarm", "closed"]
    del frames
    gc.collect()

    assert sum(ref() is not None for ref in kept) <= 4  # those that came last


def test_in_a_recording_of_which_key_frames_alone_are_decoded_it_is_found_too(tmp_path: Path) -> None:
    things = [car(4.4, 35.4)]
    path = encode(
        tmp_path / "a.mp4", size=(WIDTH, HEIGHT), fps=10, ticks=range(581), picture=lambda i: painted(things, i / 10),
        options={"g": "20", "keyint_min": "20", "sc_threshold": "0", "bf": "0", "crf": "16"},
    )  # fmt: skip
    line = pipeline([detected(things, at_s) for at_s in KEYS_S], [RULE])

    with opened_video(path, fps=2, rule=SamplingRule(Sampling.KEYFRAMES)) as source:
        changes = list(line.incidents(source.frames()))

    assert kinds(changes) == ["pre_alarm", "opened", "cleared"]
    assert changes[1].incident.first_seen.media_s == pytest.approx(4.4, abs=0.3)
    assert changes[1].incident.last_seen.media_s == pytest.approx(35.4, abs=0.5)
    np.testing.assert_allclose(
        changes[1].frame.pixels[60:100, 100:160].mean(), painted(things, 20)[60:100, 100:160].mean(), atol=4
    )


def test_after_a_restart_what_is_known_holds_and_no_video_is_asked_for() -> None:
    things = [car(4.4, 35.4)]
    script = [detected(things, at_s) for at_s in KEYS_S]
    first = pipeline(script[:10], [RULE])
    list(first.incidents(sampled(things)[:10]))
    assert isinstance(first.ledger, PlaceLedger)

    again = pipeline(script[10:], [RULE])
    again.ledger = PlaceLedger("gate", matcher=PatchMatcher())
    again.ledger.resume(state_from_text(state_to_text(first.ledger.state), rules={}))
    (known,) = again.ledger.standing

    assert known.stage is Stage.PRE_ALARM
    assert opened(again.incidents(sampled(things)[10:])) == []
