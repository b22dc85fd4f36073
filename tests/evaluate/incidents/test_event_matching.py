"""Which incident tells of which event: by class, time and place, one to one."""

from itertools import combinations, permutations
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cvinspect.evaluate.incidents.event_matching import (
    Account,
    Fate,
    Judged,
    Matching,
    Outcome,
    RaisedIncident,
    is_at,
    match_incidents,
    overlap_s,
)
from cvinspect.evaluate.truth.truth_clip import Spell, TruthClip, TruthEvent
from cvinspect.geometry import Box
from tests.evaluate.event_makers import BAY, DWELL_S, FAR, NEXT_BAY, PARKING, RUBBISH, clip, event, raised


def outcomes(where: TruthClip, *incidents: RaisedIncident) -> list[Outcome]:
    return [one.outcome for one in match_incidents(where, incidents, dwell_s=DWELL_S).incidents]


def fates(where: TruthClip, *incidents: RaisedIncident) -> list[Fate]:
    return [one.fate for one in match_incidents(where, incidents, dwell_s=DWELL_S).events]


def test_an_event_that_is_raised_once_is_a_hit() -> None:
    assert match_incidents(clip(event()), [raised()], dwell_s=DWELL_S) == Matching(
        (Judged(raised(), Outcome.HIT, event()),), (Account(event(), 5.0, Fate.FOUND, raised()),)
    )


def test_nothing_labelled_and_nothing_raised_is_nothing() -> None:
    assert match_incidents(clip(), [], dwell_s=DWELL_S) == Matching((), ())


def test_an_event_of_which_nothing_is_raised_is_missed() -> None:
    assert fates(clip(event())) == [Fate.MISSED]


@pytest.mark.parametrize(
    "other",
    [
        raised(class_id=RUBBISH),
        raised(box=FAR),
        raised(21, 30),
        raised(19.1, 30),  # 0.9 s in common
    ],
)
def test_another_class_place_or_time_is_false_and_the_event_missed(other: RaisedIncident) -> None:
    assert outcomes(clip(event()), other) == [Outcome.FALSE]
    assert fates(clip(event()), other) == [Fate.MISSED]


def test_a_second_in_common_is_enough() -> None:
    assert outcomes(clip(event()), raised(19, 30)) == [Outcome.HIT]


def test_of_an_event_shorter_than_a_second_all_must_be_in_common() -> None:
    short = event(4, 4.5)
    dwell_s = {PARKING: 0.0}
    for begin_s, outcome in ((4.0, Outcome.HIT), (4.1, Outcome.FALSE)):
        matching = match_incidents(clip(short), [raised(begin_s, 30)], dwell_s=dwell_s)
        assert [one.outcome for one in matching.incidents] == [outcome]


def test_a_place_is_the_same_from_an_iou_of_a_fifth_on_or_with_the_centre_inside() -> None:
    assert is_at(Box(0.1, 0.1, 0.3, 0.34), Box(0.1, 0.3, 0.3, 0.42)) is False  # IoU 0.125, centre outside
    assert is_at(Box(0, 0, 0.3, 0.1), Box(0.2, 0, 0.5, 0.1)) is True  # IoU exactly 0.2, centre outside
    assert is_at(Box(0, 0, 0.298, 0.1), Box(0.2, 0, 0.5, 0.1)) is False
    assert is_at(Box(0.15, 0.15, 0.16, 0.16), BAY) is True  # IoU 0.0025, centre inside
    assert is_at(BAY, Box(0.15, 0.15, 0.16, 0.16)) is False  # a small thing somewhere in a great box is another


def test_where_the_truth_does_not_say_where_the_place_is_not_asked() -> None:
    assert outcomes(clip(event(box=None)), raised(box=FAR)) == [Outcome.HIT]
    assert outcomes(clip(event()), raised(box=None)) == [Outcome.HIT]


def test_a_second_incident_of_one_event_is_a_duplicate() -> None:
    better, worse = raised(), raised(12, 20, incident_id="i2")
    matching = match_incidents(clip(event()), [worse, better], dwell_s=DWELL_S)
    assert matching.incidents == (Judged(better, Outcome.HIT, event()), Judged(worse, Outcome.DUPLICATE, event()))
    assert matching.events == (Account(event(), 5.0, Fate.FOUND, better, (worse,)),)


def test_the_best_pairs_are_those_that_leave_the_fewest_alone() -> None:
    """The broad incident fits the right car best, yet the narrow one fits nothing else."""
    left, right = event(box=BAY), event(box=NEXT_BAY)
    broad, narrow = raised(box=Box(0.2, 0.1, 0.5, 0.3)), raised(box=NEXT_BAY, incident_id="i2")
    assert outcomes(clip(left, right), broad, narrow) == [Outcome.HIT, Outcome.HIT]


def test_what_left_before_the_dwell_must_not_be_raised() -> None:
    brief = event(0, 4.9)
    matching = match_incidents(clip(brief), [raised(0, 10)], dwell_s=DWELL_S)
    assert matching.incidents == (Judged(raised(0, 10), Outcome.FALSE, brief),)
    assert matching.events == (Account(brief, 5.0, Fate.NOT_DUE, raised(0, 10)),)
    assert fates(clip(brief)) == [Fate.NOT_DUE]


def test_what_stays_for_exactly_the_dwell_is_due_whatever_the_rounding() -> None:
    assert event(4.8, 9.8).is_due(5.0)
    assert event(0.1, 0.4).is_due(0.3)
    assert not event(4.8, 9.79).is_due(5.0)


def test_one_that_left_too_early_does_not_take_the_hit_of_the_next_in_its_bay() -> None:
    brief, lasting = event(0, 4), event(5, 25)
    assert outcomes(clip(brief, lasting), raised(4.5, 25)) == [Outcome.HIT]
    assert fates(clip(brief, lasting), raised(4.5, 25)) == [Fate.NOT_DUE, Fate.FOUND]


def test_what_belongs_to_a_brief_neighbour_is_false_even_if_a_lasting_event_is_found() -> None:
    lasting, brief = event(box=BAY), event(0, 4, box=NEXT_BAY)
    near = raised(0, 7, box=Box(0.28, 0.1, 0.5, 0.3), incident_id="i2")
    assert outcomes(clip(lasting, brief), raised(), near) == [Outcome.FALSE, Outcome.HIT]


def test_incidents_in_an_ignored_place_are_neither_right_nor_wrong() -> None:
    half = Spell("half a vehicle at the edge", FAR)
    matching = match_incidents(clip(ignored=(half,)), [raised(box=FAR)], dwell_s=DWELL_S)
    assert matching.incidents == (Judged(raised(box=FAR), Outcome.IGNORED, why="half a vehicle at the edge"),)


@pytest.mark.parametrize(
    "spell", [Spell("later", FAR, 21, 30), Spell("elsewhere", BAY), Spell("rubbish", FAR, class_id=RUBBISH)]
)
def test_an_ignored_place_holds_for_its_time_and_class_only(spell: Spell) -> None:
    assert outcomes(clip(ignored=(spell,)), raised(box=FAR)) == [Outcome.FALSE]


def test_an_event_within_an_ignored_place_still_counts() -> None:
    assert outcomes(clip(event(), ignored=(Spell("all of it"),)), raised()) == [Outcome.HIT]


def test_a_false_incident_says_which_negative_it_is() -> None:
    drives_by = Spell("a car drives through", FAR, 0, 10)
    [judged] = match_incidents(clip(negatives=(drives_by,)), [raised(box=FAR)], dwell_s=DWELL_S).incidents
    assert judged == Judged(raised(box=FAR), Outcome.FALSE, why="a car drives through")


def test_incidents_of_a_class_that_was_not_labelled_are_not_judged() -> None:
    assert outcomes(clip(classes=frozenset({PARKING})), raised(class_id=RUBBISH), raised(box=FAR)) == [
        Outcome.IGNORED,
        Outcome.FALSE,
    ]


def test_an_event_told_as_related_within_another_incident_is_neither_found_nor_missed() -> None:
    stall = raised(class_id=RUBBISH, related=(PARKING,))
    assert fates(clip(event(), event(box=FAR)), stall) == [Fate.TAKEN_IN, Fate.MISSED]


def test_latency_counts_from_the_moment_the_dwell_is_reached() -> None:
    [account] = match_incidents(clip(event(4.8, 16.6)), [raised(5, confirmed_s=11)], dwell_s=DWELL_S).events
    assert account.latency_s == pytest.approx(1.2)
    assert not account.is_early


def test_the_first_alarm_counts_even_if_a_later_incident_is_the_better_match() -> None:
    first, better = raised(0, 9, confirmed_s=6), raised(10, 60, confirmed_s=16, incident_id="i2")
    [account] = match_incidents(clip(event(0, 60)), [first, better], dwell_s=DWELL_S).events
    assert (account.incident, account.duplicates, account.latency_s) == (better, (first,), 1.0)


def test_of_equal_incidents_the_first_is_the_hit() -> None:
    twins = [raised(incident_id=name) for name in ("i3", "i1", "i2")]
    matching = match_incidents(clip(event()), twins, dwell_s=DWELL_S)
    assert [(one.incident.incident_id, one.outcome) for one in matching.incidents] == [
        ("i1", Outcome.HIT),
        ("i2", Outcome.DUPLICATE),
        ("i3", Outcome.DUPLICATE),
    ]


def test_an_alarm_more_than_a_second_before_it_is_due_is_early() -> None:
    for confirmed_s, early in ((3.9, True), (4.0, False)):
        [account] = match_incidents(clip(event()), [raised(confirmed_s=confirmed_s)], dwell_s=DWELL_S).events
        assert account.is_early is early


def test_an_incident_that_takes_over_from_a_lost_one_is_a_switch_one_beside_it_is_not() -> None:
    after, beside = raised(10, 20, incident_id="i2"), raised(1, 20, incident_id="i2")
    for other, switches in ((after, 1), (beside, 0)):
        [account] = match_incidents(clip(event()), [raised(0, 9), other], dwell_s=DWELL_S).events
        assert (account.fate, account.switches, len(account.duplicates)) == (Fate.FOUND, switches, 1)


seconds = st.integers(0, 12).map(float)
boxes = st.sampled_from([BAY, NEXT_BAY, Box(0.2, 0.1, 0.4, 0.3), FAR, None])
classes = st.sampled_from([PARKING, RUBBISH])
events = st.builds(
    lambda start_s, length_s, box, class_id: event(start_s, start_s + 1 + length_s, box=box, class_id=class_id),
    seconds, seconds, boxes, classes,
)  # fmt: skip
incidents = st.builds(
    lambda start_s, length_s, box, class_id: raised(start_s, start_s + 6 + length_s, box=box, class_id=class_id),
    seconds, seconds, boxes, classes,
)  # fmt: skip


@settings(deadline=None)
@given(st.lists(events, max_size=5), st.lists(incidents, max_size=5), st.randoms())
def test_the_order_in_which_they_come_does_not_matter(
    all_events: list[TruthEvent], all_incidents: list[RaisedIncident], random: Random
) -> None:
    before = match_incidents(clip(*all_events), all_incidents, dwell_s=DWELL_S)
    random.shuffle(all_events)
    random.shuffle(all_incidents)
    after = match_incidents(clip(*all_events), all_incidents, dwell_s=DWELL_S)
    assert [one.outcome for one in after.incidents] == [one.outcome for one in before.incidents]
    assert [one.fate for one in after.events] == [one.fate for one in before.events]


@settings(deadline=None)
@given(st.lists(events, max_size=5), st.lists(incidents, max_size=5))
def test_every_incident_and_event_is_judged_once_and_hits_are_one_to_one(
    all_events: list[TruthEvent], all_incidents: list[RaisedIncident]
) -> None:
    matching = match_incidents(clip(*all_events), all_incidents, dwell_s=DWELL_S)
    assert len(matching.incidents) == len(all_incidents)
    assert len(matching.events) == len(all_events)
    hits = [one for one in matching.incidents if one.outcome is Outcome.HIT]
    found = [one for one in matching.events if one.fate is Fate.FOUND]
    assert len(hits) == len(found)
    for one in matching.incidents:
        if one.truth is not None:
            assert one.truth.class_id == one.incident.class_id
            assert overlap_s(one.incident, one.truth) >= 1
            assert is_at(one.incident.box, one.truth.box)


@settings(deadline=None)
@given(st.lists(events, min_size=1, max_size=4), st.lists(incidents, max_size=4))
def test_no_other_way_to_pair_them_makes_more_pairs(
    all_events: list[TruthEvent], all_incidents: list[RaisedIncident]
) -> None:
    def fits(one: RaisedIncident, its: TruthEvent) -> bool:
        return one.class_id == its.class_id and overlap_s(one, its) >= 1 and is_at(one.box, its.box)

    most = max(
        size
        for size in range(min(len(all_events), len(all_incidents)) + 1)
        for chosen in combinations(all_incidents, size)
        for partners in permutations(all_events, size)
        if all(fits(one, its) for one, its in zip(chosen, partners, strict=True))
    )
    due_at_once = dict.fromkeys(DWELL_S, 0.0)
    matching = match_incidents(clip(*all_events), all_incidents, dwell_s=due_at_once)
    assert sum(one.outcome is Outcome.HIT for one in matching.incidents) == most


@settings(deadline=None)
@given(st.lists(events, max_size=6))
def test_a_run_that_raises_exactly_what_was_due_has_nothing_false_and_nothing_missed(
    all_events: list[TruthEvent],
) -> None:
    due = [its for its in all_events if its.is_due(DWELL_S[its.class_id])]
    told = [
        raised(its.start_s, its.end_s, box=its.box, class_id=its.class_id, confirmed_s=its.due_s(DWELL_S[its.class_id]))
        for its in due
    ]
    matching = match_incidents(clip(*all_events), told, dwell_s=DWELL_S)
    assert [one.outcome for one in matching.incidents] == [Outcome.HIT] * len(due)
    fates_of_due = [one.fate for one in matching.events if one.truth.is_due(DWELL_S[one.truth.class_id])]
    assert fates_of_due == [Fate.FOUND] * len(due)


@settings(deadline=None)
@given(st.lists(events, max_size=5), st.lists(incidents, max_size=5))
def test_an_incident_far_from_everything_adds_one_false_alarm_and_changes_nothing_else(
    all_events: list[TruthEvent], all_incidents: list[RaisedIncident]
) -> None:
    late = raised(100, 120, box=FAR, incident_id="late")
    before = match_incidents(clip(*all_events), all_incidents, dwell_s=DWELL_S)
    after = match_incidents(clip(*all_events), [late, *all_incidents], dwell_s=DWELL_S)
    assert after == Matching((*before.incidents, Judged(late, Outcome.FALSE)), before.events)
