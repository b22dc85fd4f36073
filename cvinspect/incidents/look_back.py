"""How long a thing stayed that has just gone: found in the video between samples, where that decides something.

Samples are seconds apart, so that when a thing came and went is known to seconds only. As long as it is there that does
not matter: it is raised a sample later. What goes in the very seconds in which its dwell ends would be missed. So what
the camera sent around the beginning of each candidate is kept, and where the dwell may have ended by the time at which
the place is empty, both ends are looked up: the place looks as it did with the thing in it from when it came until it
went.
"""

from collections import deque
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import chain, islice

from cvinspect.domain import Frame, Glimpse, Moment, Passage, Pixels
from cvinspect.geometry import Box
from cvinspect.incidents import Look, LookMatcher
from cvinspect.incidents.look import UNMOVED_LOOK
from cvinspect.incidents.standing import Standing

_PASSAGES = 4
"""A thing is sighted once it was seen twice, and the detector may miss it twice."""

_HELD = 4
"""Candidates for which coded video is kept, some megabytes each. Where more come, the oldest is looked up before its
time, unless it is so young that it will hardly stay."""

_STAYING_S = 20.0

_DOUBT_S = 0.6
"""By so much a sample may show a thing at rest too early, about to stop or pulling off."""

_OVER_S = 5.0
"""What was in sight for so long after its dwell and not raised was not raised for a reason."""


@dataclass(slots=True)
class _Beginning:
    """What a standing's beginning can be told from."""

    began: Moment
    view: Box
    look: Look
    """As the view was when the standing began."""
    earliest_s: float
    """Nothing can be told of what was before."""
    passages: tuple[tuple[Moment, Passage], ...]
    """Each with the moment at which it ends, the oldest first; empty once it was looked up."""
    since: Moment | None = None
    """What that told."""


@dataclass(frozen=True, slots=True)
class Stay:
    """A thing that came and went."""

    since: Moment
    until: Moment
    pixels: Pixels
    """The picture at its last moment."""


class LookBack:
    """Keeps what candidates' beginnings and ends can be told from. Nothing of it outlives the process."""

    def __init__(self, matcher: LookMatcher) -> None:
        self._matcher = matcher
        self._passages: deque[tuple[Moment, Passage]] = deque(maxlen=_PASSAGES)
        self._beginnings: dict[Standing, _Beginning] = {}
        """In the order in which they began."""

    def saw(self, frame: Frame) -> None:
        """The next sample, in the ledger's own time."""
        if frame.passage is None:
            self._passages.clear()
        else:
            self._passages.append((Moment(frame.media_s, frame.captured_at), frame.passage))

    def begin(self, standing: Standing, moment: Moment, pixels: Pixels) -> None:
        """A candidate began with this sample."""
        look = self._matcher.look(pixels, standing.place)
        if look is None or not self._passages or not self._has_room(moment):
            return
        ends, first = self._passages[0]
        earliest_s = ends.media_s - first.span_s
        self._beginnings[standing] = _Beginning(moment, standing.place, look, earliest_s, tuple(self._passages))

    def keep(self, standings: Collection[Standing]) -> None:
        """Forget what is no candidate any more."""
        if self._beginnings:
            kept = {one for one in standings if not one.is_confirmed}
            self._beginnings = {standing: one for standing, one in self._beginnings.items() if standing in kept}

    def forget(self, standing: Standing) -> None:
        """Nobody saw it for so long that its stay is told from no earlier than now."""
        self._beginnings.pop(standing, None)

    def doubts(self, standing: Standing) -> bool:
        """Whether a dwell that has just ended should be borne out by one sample more, or by a look at the end."""
        over_s = standing.incident.dwell_s - standing.incident.violation.dwell_s
        return 0 <= over_s < _DOUBT_S and self._beginning(standing) is not None

    def stay(self, standing: Standing, moment: Moment) -> Stay | None:
        """How long a candidate's thing was there that is gone by now, where that was its dwell; else None."""
        dwell_s = standing.incident.violation.dwell_s
        beginning = self._beginning(standing)
        if beginning is None or moment.media_s - beginning.earliest_s < dwell_s:
            return None
        if standing.incident.dwell_s >= dwell_s + _OVER_S:
            return None
        until, pixels = self._last(beginning) or (None, None)
        if until is None or pixels is None or until.media_s - beginning.earliest_s < dwell_s:
            return None
        since = self._since(standing, beginning)
        return Stay(since, until, pixels) if until.media_s - since.media_s >= dwell_s else None

    def _beginning(self, standing: Standing) -> _Beginning | None:
        """None where it is not known, or its thing has moved since."""
        beginning = self._beginnings.get(standing)
        has_moved = beginning is not None and standing.incident.first_seen.media_s > beginning.began.media_s
        return None if has_moved else beginning

    def _since(self, standing: Standing, beginning: _Beginning) -> Moment:
        """When it came, as far as can be told."""
        known, rule = standing.incident.first_seen, standing.incident.violation
        self._look_up(beginning)
        since = beginning.since or known
        # It may have stood there before the hour at which its rule holds.
        return max(since, known, key=lambda one: one.media_s) if rule.hours or rule.exempt_hours else since

    def _last(self, beginning: _Beginning) -> tuple[Moment, Pixels] | None:
        """The last moment at which the place looked as then, and the picture; None where it never did of late."""
        for ends, stretch in _stretches(self._passages):
            alike = deque(self._alike(beginning, stretch), maxlen=2)
            if alike:  # of the last one it may have pulled off already
                return _moment(ends, alike[0]), alike[0].pixels
        return None

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
        now = self._matcher.look(pixels, beginning.view)
        return now is not None and self._matcher.likeness(beginning.look, now) >= UNMOVED_LOOK

    def _alike(self, beginning: _Beginning, stretch: Iterator[Glimpse]) -> Iterator[Glimpse]:
        return (one for one in stretch if self._is_as_then(beginning, one.pixels))

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
        second = next(islice(self._alike(beginning, stretch), 1, None), None)
        return None if second is None else _moment(ends, second)


def _stretches(passages: Iterable[tuple[Moment, Passage]]) -> Iterator[tuple[Moment, Iterator[Glimpse]]]:
    return chain.from_iterable(
        ((ends, stretch) for stretch in passage.stretches()) for ends, passage in reversed(tuple(passages))
    )


def _moment(ends: Moment, glimpse: Glimpse) -> Moment:
    return Moment(ends.media_s - glimpse.before_s, ends.at - timedelta(seconds=glimpse.before_s))
