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
    planned_s = {one.id: one.planned_s for one in tour.visited}
    found: list[Span] = []
    for number, span in enumerate(tour.time.spans):
        shown = None if span.view is None else camera.showing(span.view)
        if span.why is None and shown is not None and span.view is not None:
            open_to = [one for one in rules if not obstacles_configured(one, shown, is_backed=is_backed(one))]
            is_short = bool(open_to) and not any(
                _stretch_s(tour.time.spans, number, max(one.gap_s, _PLANNED_INTERVALS * planned_s.get(span.view, 0.0)))
                >= one.dwell_s
                for one in open_to
            )
            found.append(replace(span, why=Why.SHORT if is_short else None))
        else:
            found.append(replace(span))
    return found


def _stretch_s(spans: Sequence[Span], number: int, gap_s: float) -> float:
    """How long a view was watched around a span, not counting as broken what lacks for no longer than the gap."""
    view, begin_s, end_s = spans[number].view, spans[number].begin_s, spans[number].end_s
    for before in reversed(spans[:number]):
        if begin_s - before.end_s > gap_s:
            break
        if (before.view, before.why) == (view, None):
            begin_s = before.begin_s
    for after in spans[number + 1 :]:
        if after.begin_s - end_s > gap_s:
            break
        if (after.view, after.why) == (view, None):
            end_s = after.end_s
    return end_s - begin_s


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
