"""Of one recording: which of its time was judged, and why the rest was not."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from cvinspect.domain import Camera
from cvinspect.records.summary import Stretch, Unjudged, ViewSummary
from cvinspect.rules.obstacles import NotRaised, obstacles_configured, obstacles_in
from cvinspect.rules.sample_times import SampleTimes
from cvinspect.taxonomy import Obstacle, Violation
from cvinspect.tour import Tour
from cvinspect.views import Why
from cvinspect.views.unjudged import Span

_PLANNED_INTERVALS = 3.0
_MOST_STRETCHES = 200


@dataclass(frozen=True, slots=True)
class TimeJudged:
    """What became of some seconds of a recording."""

    judged_s: float = 0.0
    unjudged: tuple[Unjudged, ...] = ()
    views: tuple[ViewSummary, ...] = ()

    @classmethod
    def of(cls, spans: Sequence[Span], camera: Camera) -> "TimeJudged":
        """The sums."""
        views = dict.fromkeys(span.view for span in spans if span.view is not None)
        shown = [
            ViewSummary(
                id=view,
                shown_s=sum(one.lasts_s for one in spans if one.view == view and one.why in _SEEN),
                judged=camera.showing(view) is not None,
            )
            for view in views
        ]
        return cls(
            sum(span.lasts_s for span in spans if span.why is None),
            tuple(_unjudged(why, [span for span in spans if span.why is why]) for why in _reasons(spans)),
            tuple(one for one in shown if one.shown_s > 0),
        )


_SEEN = (None, Why.SHORT, Why.OTHER_VIEW)


def _reasons(spans: Iterable[Span]) -> list[Why]:
    """Those that there were, in the order of their definition."""
    found = {span.why for span in spans if span.lasts_s > 0}
    return [why for why in Why if why in found]


def _unjudged(why: Why, spans: Sequence[Span]) -> Unjudged:
    stretches = tuple(Stretch(begin_s=one.begin_s, end_s=one.end_s) for one in spans[:_MOST_STRETCHES])
    return Unjudged(reason=why, seconds=sum(one.lasts_s for one in spans), stretches=stretches)


def spans_of(
    tour: Tour, camera: Camera, rules: Sequence[Violation], is_backed: Callable[[Violation], bool]
) -> list[Span]:
    """The recording's time, what was shown for less than any dwell told apart."""
    found = [replace(span) for span in tour.time.spans]
    for one in tour.visited:
        shown, judged = camera.showing(one.id), [span for span in found if (span.view, span.why) == (one.id, None)]
        if shown is None:
            continue
        open_to = [rule for rule in rules if not obstacles_configured(rule, shown, is_backed=is_backed(rule))]
        long_enough: set[int] = set()
        for rule in open_to:
            gap_s = max(rule.gap_s, _PLANNED_INTERVALS * one.planned_s)
            long_enough |= _in_stretches(judged, gap_s=gap_s, least_s=rule.dwell_s)
        for number, span in enumerate(judged):
            if open_to and number not in long_enough:
                span.why = Why.SHORT
    return found


def _in_stretches(spans: Sequence[Span], *, gap_s: float, least_s: float) -> set[int]:
    """Which of the spans lie in a stretch that lasts so long; what lacks for no longer than the gap breaks none."""
    found: set[int] = set()
    begin = 0
    for number, span in enumerate(spans):
        is_last = number + 1 == len(spans) or spans[number + 1].begin_s - span.end_s > gap_s
        if is_last:
            if span.end_s - spans[begin].begin_s >= least_s:
                found |= {*range(begin, number + 1)}
            begin = number + 1
    return found


def within(spans: Iterable[Span], begin_s: float, end_s: float) -> Iterator[Span]:
    """What of them lies between two seconds."""
    for span in spans:
        if span.end_s > begin_s and span.begin_s < end_s:
            yield replace(span, begin_s=max(begin_s, span.begin_s), end_s=min(end_s, span.end_s))


def obstacles_over(
    violation: Violation,
    camera: Camera,
    seen: "dict[str, SampleTimes]",
    empty: SampleTimes,
    *,
    is_backed: bool,
    was_looked_at: bool,
) -> tuple[NotRaised, ...]:
    """Why a class could not have been raised in any of the views that a recording shows; empty: in one it could."""
    nearest: tuple[float, tuple[NotRaised, ...]] | None = None
    for view, times in seen.items():
        shown = camera.showing(view)
        if shown is None:
            continue
        found = obstacles_in(violation, shown, times, is_backed=is_backed)
        if not found:
            return ()
        if nearest is None or times.whole_s > nearest[0]:
            nearest = times.whole_s, found
    if nearest is not None:
        return nearest[1]
    first = camera.showing(camera.view_ids[0]) or camera
    found = obstacles_in(violation, first, empty, is_backed=is_backed)
    if not was_looked_at:
        return found
    return tuple(
        replace(one, obstacle=Obstacle.OTHER_VIEW) if one.obstacle is Obstacle.NO_PICTURE else one for one in found
    )
