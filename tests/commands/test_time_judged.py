"""Which time of a recording was judged, and why the rest was not."""

from types import SimpleNamespace
from typing import Any

import pytest

from cvinspect.commands.time_judged import TimeJudged, spans_of, within
from cvinspect.domain import Camera, View, Zone
from cvinspect.records.summary import Stretch
from cvinspect.views import Why
from cvinspect.views.unjudged import Span, TimeAccount
from tests.fakes import square, violation

ZONE = Zone("kerb", "no_parking", square(0, 0, 1, 1))


def judged(
    spans: list[Span], *, planned_s: float = 0.0, camera: Camera | None = None, **rule: object
) -> dict[str, float]:
    """Seconds by reason, and those that were judged."""
    views = dict.fromkeys(span.view for span in spans if span.view is not None)
    visited = [SimpleNamespace(id=view, planned_s=planned_s) for view in views]
    tour: Any = SimpleNamespace(time=TimeAccount(spans), visited=visited)
    place = camera or Camera("gate")
    found = TimeJudged.of(spans_of(tour, place, [violation(**rule)], lambda _: True), place)
    return {"judged": found.judged_s, **{one.reason.value: one.seconds for one in found.unjudged}}


def visits(*stops: tuple[str, float], swing_s: float = 2.0) -> list[Span]:
    spans, at_s = [], 0.0
    for view, lasts_s in stops:
        spans += [
            Span(at_s, at_s + lasts_s, None, view),
            Span(at_s + lasts_s, at_s + lasts_s + swing_s, Why.MOVING, None),
        ]
        at_s += lasts_s + swing_s
    return spans


def test_a_view_that_was_shown_for_less_than_the_dwell_was_not_judged() -> None:
    assert judged(visits(("1", 20), ("2", 60)), dwell_s=30.0) == {"judged": 60, "moving": 4, "short": 20}


def test_short_visits_of_a_tour_add_up_where_the_time_between_them_counts() -> None:
    tour = visits(*[("a", 10), ("b", 50)] * 6)

    assert judged(tour, planned_s=64.0, dwell_s=300.0) == {"judged": 360, "moving": 24}
    assert judged(tour, dwell_s=300.0, gap_s=30.0) == {"judged": 300, "moving": 24, "short": 60}


def test_what_no_class_could_have_been_raised_in_is_not_called_too_short() -> None:
    camera = Camera("gate", zones=(Zone("bins", "waste_point", square(0, 0, 1, 1)),))
    assert judged(visits(("1", 5)), camera=camera, zones=("no_parking",)) == {"judged": 5, "moving": 2}


def test_views_without_zones_are_told_apart_from_those_in_which_something_is_judged() -> None:
    spans = [Span(0, 4, Why.OTHER_VIEW, "2"), Span(4, 40, None, "1")]
    found = TimeJudged.of(spans, Camera("gate", zones=(ZONE,)))

    assert [(one.id, one.shown_s, one.judged) for one in found.views] == [("2", 4, False), ("1", 36, True)]
    assert found.unjudged[0].stretches == (Stretch(begin_s=0, end_s=4),)


def test_a_piece_of_a_recording_has_its_own_part_of_the_time() -> None:
    spans = visits(("1", 20), ("1", 20))
    assert [(one.begin_s, one.end_s) for one in within(spans, 10, 25)] == [(10, 20), (20, 22), (22, 25)]


def test_a_day_of_tours_is_summed_up_at_once() -> None:
    day = visits(*[("a", 10), ("b", 20), ("c", 60)] * 900)
    names = tuple(View(name) for name in "abc")

    assert judged(day, planned_s=96.0, camera=Camera("gate", views=names), dwell_s=300.0)["judged"] == pytest.approx(
        81_000
    )


def test_an_account_merges_what_goes_on_and_keeps_its_sums_beyond_its_spans() -> None:
    account = TimeAccount(most_spans=2)
    for number in range(10):
        account.add(number, number + 1, None if number % 5 else Why.GAP, "1")

    assert (len(account.spans), account.spans[1].end_s) == (2, 5)
    assert (account.unjudged_s, account.judged_s) == ({Why.GAP: 2}, {"1": 8})
