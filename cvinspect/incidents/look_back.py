"""Since when a thing has stood in its place: found in the video between samples, when it decides something.

Samples are seconds apart, so that when a thing came is known to seconds only. A dwell that ends a moment before the
thing leaves is missed by that. What the camera sent in between is kept for each candidate, and looked at when its dwell
is about to end: the place looks as it did when the candidate began from the moment on at which the thing came.
"""

from collections import deque
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import chain, islice

from cvinspect.domain import Frame, Glimpse, Moment, Passage, Pixels
from cvinspect.geometry import Box
from cvinspect.incidents import Eye, Look
from cvinspect.incidents.case import Case
from cvinspect.incidents.look import UNMOVED_LOOK

_PASSAGES = 4
"""A thing is sighted once it was seen twice, and the detector may miss it twice."""

_AHEAD_S = 10.0
"""So long before a dwell may end it is looked up when it began: two samples and more."""

_HELD = 4
"""Candidates for which coded video is kept, some megabytes each. Where more come, the oldest is looked up before its
time, unless it is so young that it will hardly stay."""

_STAYING_S = 20.0


@dataclass(slots=True)
class _Beginning:
    """What a case's beginning can be told from."""

    began: Moment
    view: Box
    look: Look
    """As the view was when the case began."""
    earliest_s: float
    """Nothing can be told of what was before."""
    passages: tuple[tuple[Moment, Passage], ...]
    """Each with the moment at which it ends, the oldest first; empty once it was looked up."""
    since: Moment | None = None
    """What that told."""


class LookBack:
    """Keeps what candidates' beginnings can be told from. Nothing of it outlives the process."""

    def __init__(self, eye: Eye) -> None:
        self._eye = eye
        self._passages: deque[tuple[Moment, Passage]] = deque(maxlen=_PASSAGES)
        self._beginnings: dict[Case, _Beginning] = {}
        """In the order in which they began."""

    def saw(self, frame: Frame) -> None:
        """The next sample, in the ledger's own time."""
        if frame.passage is None:
            self._passages.clear()
        else:
            self._passages.append((Moment(frame.media_s, frame.captured_at), frame.passage))

    def begin(self, case: Case, moment: Moment, pixels: Pixels) -> None:
        """A candidate began with this sample."""
        look = self._eye.look(pixels, case.place)
        if look is None or not self._passages or not self._has_room(moment):
            return
        ends, first = self._passages[0]
        earliest_s = ends.media_s - first.span_s
        self._beginnings[case] = _Beginning(moment, case.place, look, earliest_s, tuple(self._passages))

    def keep(self, cases: Collection[Case]) -> None:
        """Forget what is no candidate any more."""
        if self._beginnings:
            kept = {one for one in cases if not one.is_confirmed}
            self._beginnings = {case: one for case, one in self._beginnings.items() if case in kept}

    def since(self, case: Case, moment: Moment, pixels: Pixels) -> Moment | None:
        """When the case's thing came, where its dwell is about to end and that can be told; else None.

        Told at most once for each case.
        """
        beginning = self._beginnings.get(case)
        rule = case.incident.violation
        if beginning is None or moment.media_s + _AHEAD_S < beginning.earliest_s + rule.dwell_s:
            return None
        if case.incident.first_seen.media_s > beginning.began.media_s:  # it has moved since
            del self._beginnings[case]
            return None
        if not self._is_as_then(beginning, pixels):
            return None
        del self._beginnings[case]
        self._look_up(beginning)
        since = beginning.since
        if since is None or not (rule.hours or rule.exempt_hours):
            return since
        # It may have stood there before the hour at which its rule holds.
        return max(since, case.incident.first_seen, key=lambda known: known.media_s)

    def _has_room(self, moment: Moment) -> bool:
        held = [one for one in self._beginnings.values() if one.passages]
        if len(held) < _HELD:
            return True
        if moment.media_s - held[0].began.media_s < _STAYING_S:
            return False
        self._look_up(held[0])
        return True

    def _look_up(self, beginning: _Beginning) -> None:
        if beginning.passages:
            beginning.since = self._earliest(beginning)
            beginning.passages = ()

    def _is_as_then(self, beginning: _Beginning, pixels: Pixels) -> bool:
        now = self._eye.look(pixels, beginning.view)
        return now is not None and self._eye.likeness(beginning.look, now) >= UNMOVED_LOOK

    def _earliest(self, beginning: _Beginning) -> Moment | None:
        """When the place began to look as it did later; None where it always had, or never did before."""
        since = None
        for ends, stretch in _stretches(beginning.passages):
            first = next(stretch, None)
            if first is None:
                return since
            if self._is_as_then(beginning, first.pixels):
                since = _moment(ends, first)
                continue
            return self._within(beginning, ends, stretch) or since
        return None

    def _within(self, beginning: _Beginning, ends: Moment, stretch: Iterator[Glimpse]) -> Moment | None:
        """The second moment of a stretch at which it looks so: at the first one it may be about to come to rest.

        Who passes in front of it later changes nothing of its being there.
        """
        alike = (one for one in stretch if self._is_as_then(beginning, one.pixels))
        second = next(islice(alike, 1, None), None)
        return None if second is None else _moment(ends, second)


def _stretches(passages: Iterable[tuple[Moment, Passage]]) -> Iterator[tuple[Moment, Iterator[Glimpse]]]:
    return chain.from_iterable(
        ((ends, stretch) for stretch in passage.stretches()) for ends, passage in reversed(tuple(passages))
    )


def _moment(ends: Moment, glimpse: Glimpse) -> Moment:
    return Moment(ends.media_s - glimpse.before_s, ends.at - timedelta(seconds=glimpse.before_s))
