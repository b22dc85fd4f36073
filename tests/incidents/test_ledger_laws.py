from collections import defaultdict
from dataclasses import replace
from itertools import accumulate, combinations, pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cvinspect.detect.yolo import distinct
from cvinspect.domain import Change, ChangeKind, Frame, Incident, Status
from cvinspect.geometry import Box, iou
from cvinspect.incidents import LookMatcher
from cvinspect.incidents.ledger import PlaceLedger
from cvinspect.incidents.look import PatchMatcher
from tests.fakes import BlindMatcher, Thing, detected, frame, painted, pipeline, seconds, violation

UNTIL_S = 60
EXACT_S = 1e-6
QUICK = {"dwell_s": 10.0, "pre_alarm_s": 2.0, "clear_s": 3.0, "gap_s": 6.0, "second_picture_s": 5.0}
PARKING = violation(**QUICK)
RUBBISH = violation(id="rubbish", labels=("bag",), reach=0.5, **QUICK)
RULES = (PARKING, RUBBISH)
PATIENT = tuple(replace(rule, gap_s=30.0, dwell_s=30.0, clear_s=40.0) for rule in RULES)


@st.composite
def spans(draw: st.DrawFn, most: int) -> tuple[tuple[float, float], ...]:
    """Up to so many spans of the footage, one after the other."""
    ends = sorted(draw(st.lists(st.integers(0, UNTIL_S + 10), max_size=2 * most, unique=True)))
    return tuple(zip(ends[::2], ends[1::2], strict=False))


@st.composite
def things(draw: st.DrawFn, paces: tuple[int, ...] = (0, 0, 0, 1, 30)) -> Thing:
    """Something at one of a few places, that may creep, come back, be missed, be unsure and look like another."""
    x0, y0 = 40 + 25 * draw(st.integers(0, 5)), 40 + 20 * draw(st.integers(0, 2))
    px_s = draw(st.sampled_from(paces))

    def where(media_s: float) -> Box:
        return Box(x0 + px_s * media_s, y0, x0 + px_s * media_s + 50, y0 + 36)

    return Thing(
        where,
        draw(st.sampled_from(["motor_vehicle", "motor_vehicle", "bag", "person"])),
        stays=draw(spans(2)) or ((0, UNTIL_S + 1),),
        missed=draw(spans(3)),
        confidence=draw(st.sampled_from([0.3, 0.6, 0.9])),
        paint=draw(st.sampled_from([None, 1, 2, 3])),
    )


STILL_OR_PASSING = st.lists(things(paces=(0, 0, 30)), min_size=1, max_size=5)
SCENES = st.lists(things(), min_size=1, max_size=5)
MATCHERS = st.sampled_from([PatchMatcher(), BlindMatcher()])
RELAXED = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def played(scene: list[Thing], matcher: LookMatcher) -> tuple[list[Change], list[tuple[float, tuple[Incident, ...]]]]:
    """What is said of a scene, and what stands after every frame."""
    times = seconds(UNTIL_S, fps=1.0)
    line = pipeline([distinct(detected(scene, s)) for s in times], RULES, matcher=matcher, fps=1.0)
    standing: list[tuple[float, tuple[Incident, ...]]] = []

    def onlooker(seen: Frame, _d: object, _t: object, incidents: tuple[Incident, ...]) -> None:
        standing.append((seen.media_s, incidents))

    changes = list(line.incidents((frame(s, painted(scene, s)) for s in times), onlooker))  # type: ignore[arg-type]
    return changes, standing


@st.composite
def samplings(draw: st.DrawFn) -> list[float]:
    """When samples are taken: a second apart, with holes; or all of them far apart."""
    steps_s = draw(st.lists(st.sampled_from([1, 1, 1, 4, 12, 25]), min_size=20, max_size=40))
    return [0.0, *accumulate(map(float, steps_s))]


@st.composite
def hidden_now_and_then(draw: st.DrawFn) -> list[Thing]:
    """A car that may leave and come back, and a bus that stops in front of it for a while."""
    place, bus = Box(100, 60, 150, 96), Box(70, 30, 190, 130)
    hidden = draw(spans(2))
    parked = Thing(place, stays=draw(st.sampled_from([((0, 1000),), ((0, 40), (55, 1000)), ((0, 90), (140, 1000))])))
    return [replace(parked, missed=hidden), Thing(bus, "person", stays=hidden, paint=7)]


def sampled(scene: list[Thing], matcher: LookMatcher, times: list[float], *, interval_s: float) -> list[Change]:
    """What is said of a scene that is seen at these seconds, by rules with a long grace."""
    line = pipeline([distinct(detected(scene, s)) for s in times], PATIENT, fps=1.0)
    line.ledger = PlaceLedger("gate", matcher=matcher, source="clip.mp4", interval_s=interval_s)
    return list(line.incidents(frame(s, painted(scene, s)) for s in times))


def by_incident(changes: list[Change]) -> list[list[Change]]:
    grouped = defaultdict(list)
    for change in changes:
        grouped[change.incident.id].append(change)
    return list(grouped.values())


@RELAXED
@given(SCENES, MATCHERS)
def test_revisions_follow_each_other_and_an_incident_opens_at_most_once(
    scene: list[Thing], matcher: LookMatcher
) -> None:
    for told in by_incident(played(scene, matcher)[0]):
        first = told[0]
        assert (first.kind, first.incident.revision) in [(ChangeKind.PRE_ALARM, 0), (ChangeKind.OPENED, 1)]
        assert [c.incident.revision for c in told] == [first.incident.revision + i for i in range(len(told))]
        assert [c.kind for c in told].count(ChangeKind.PRE_ALARM) <= 1
        assert [c.kind for c in told].count(ChangeKind.OPENED) <= 1


@RELAXED
@given(SCENES, MATCHERS)
def test_only_what_was_opened_is_updated_or_cleared_and_nothing_follows_a_closing(
    scene: list[Thing], matcher: LookMatcher
) -> None:
    for told in by_incident(played(scene, matcher)[0]):
        kinds = [c.kind for c in told]
        later = kinds[kinds.index(ChangeKind.OPENED) :] if ChangeKind.OPENED in kinds else []
        assert not {ChangeKind.UPDATED, ChangeKind.CLEARED} & set(kinds[: len(kinds) - len(later)])
        assert ChangeKind.CLOSED not in kinds[:-1]
        for before, after in pairwise(told):  # what was cleared may only be reopened
            if before.kind is ChangeKind.CLEARED:
                assert (after.kind, after.incident.status) == (ChangeKind.REOPENED, Status.OPEN)


@RELAXED
@given(SCENES, MATCHERS)
def test_times_are_in_order_and_durations_are_kept(scene: list[Thing], matcher: LookMatcher) -> None:
    changes, _ = played(scene, matcher)
    for change in changes:
        one = change.incident
        assert 0 <= one.first_seen.media_s <= one.last_seen.media_s <= change.frame.media_s
        assert one.confirmed is None or one.confirmed.media_s - one.first_seen.media_s >= one.violation.dwell_s
        assert one.cleared is None or one.cleared.media_s - one.last_seen.media_s >= one.violation.clear_s
        assert (one.status is Status.CLEARED) == (one.cleared is not None)
    for told in by_incident(changes):
        last_seen = [c.incident.last_seen.media_s for c in told]
        assert last_seen == sorted(last_seen)


@settings(RELAXED, max_examples=60)
@given(SCENES | hidden_now_and_then(), MATCHERS, samplings(), st.sampled_from([0.5, 20.0]))
def test_a_second_is_seen_or_unseen_or_does_not_count_and_what_was_seen_stays_seen(
    scene: list[Thing], matcher: LookMatcher, times: list[float], interval_s: float
) -> None:
    """A later revision says no less of the seconds that were seen, unless the dwell has begun anew since."""
    told = by_incident(sampled(scene, matcher, times, interval_s=interval_s))
    for one in (change.incident for changes in told for change in changes):
        assert one.uncounted_s >= 0
        assert -EXACT_S <= one.unseen_s <= one.dwell_s + EXACT_S
        assert one.dwell_s + one.uncounted_s == pytest.approx(one.last_seen.media_s - one.first_seen.media_s)
    for before, after in ((a.incident, b.incident) for changes in told for a, b in pairwise(changes)):
        if after.first_seen == before.first_seen:
            assert after.dwell_s - after.unseen_s >= before.dwell_s - before.unseen_s - EXACT_S


@RELAXED
@given(STILL_OR_PASSING)
def test_no_two_things_that_stand_are_one_unless_both_are_in_sight(scene: list[Thing]) -> None:
    for media_s, incidents in played(scene, BlindMatcher())[1]:
        for one, other in combinations((i for i in incidents if i.violation.reach == 0), 2):
            both_seen = one.last_seen.media_s == other.last_seen.media_s == media_s
            assert both_seen or iou(one.objects[0].box, other.objects[0].box) < 0.75


@RELAXED
@given(SCENES, MATCHERS)
def test_what_stands_was_announced_and_is_not_over(scene: list[Thing], matcher: LookMatcher) -> None:
    changes, standing = played(scene, matcher)
    for media_s, incidents in standing:
        told = {c.incident.id: c.incident for c in changes if c.frame.media_s <= media_s}
        # the end of the footage may tell the last ones once more
        assert {i.id for i in incidents} == {name for name, i in told.items() if i.status is Status.OPEN}


@settings(RELAXED, max_examples=10)
@given(SCENES, MATCHERS)
def test_the_same_scene_tells_the_same_story(scene: list[Thing], matcher: LookMatcher) -> None:
    first, second = ([(c.kind, c.incident) for c in played(scene, matcher)[0]] for _ in range(2))

    assert first == second
