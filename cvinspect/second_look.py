"""When the careful network looks at a camera's picture, and what it sees that the quick one does not.

It looks on patrol, every sixth of the shortest dwell that may come about there, and whenever the ledger wants a verdict
borne out. Either way it sees everything: what the quick network follows already is a word for or against it, and what
only the careful one sees is a sighting of its own, followed from look to look.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from typing import Protocol

from cvinspect.assignment import best_pairs
from cvinspect.detect import Detector
from cvinspect.detect.windows import View, detect_in
from cvinspect.domain import CarefulLook, Detection, Frame, Sighting, Track
from cvinspect.geometry import covered_share, iou
from cvinspect.rules import Judge
from cvinspect.track import Tracker

_SAME_THING_IOU = 0.3
"""Two networks draw one thing differently; two things that overlap so much are told apart by going to one each."""

_SAME_THING_COVERED = 0.7

_FIRST_TRACK = 1_000_000_000
"""Tracks of the careful network are numbered from here on: no quick one ever comes so far in a run."""


class Allowance(Protocol):
    """How much of the machine the careful network may take."""

    def grants_patrol(self, camera: str, *, overdue_s: float) -> bool:
        """Whether a look that is overdue by so many seconds may be taken now; else it is asked for again."""
        ...

    def look(self, camera: str) -> AbstractContextManager[None]:
        """Around each look at a camera's picture, to count what it costs."""
        ...


class Unlimited:
    """Recordings: they are looked at by their own time, so that any machine finds the same."""

    def grants_patrol(self, camera: str, *, overdue_s: float) -> bool:  # noqa: ARG002
        """Always."""
        return True

    def look(self, camera: str) -> AbstractContextManager[None]:  # noqa: ARG002
        """Nothing is counted."""
        return nullcontext()


@dataclass(frozen=True, slots=True)
class Seen:
    """What one look adds to a frame."""

    look: CarefulLook
    tracks: tuple[Track, ...]
    """Things that no quick track follows."""
    sightings: tuple[Sighting, ...]
    """Of these, those that meet a rule."""


@dataclass(slots=True)
class LookCounts:
    """What was looked at so far."""

    looks: int = 0
    on_patrol: int = 0
    """Of them, those that nobody had asked for."""
    longest_wait_s: float = 0.0
    """The longest time from one look to the next, or that the next is waited for."""

    def __str__(self) -> str:
        wanted = self.looks - self.on_patrol
        return f"{self.looks} times, {wanted} of them because a verdict was near"


class SecondLook:
    """The careful network's looks at one camera."""

    def __init__(  # noqa: PLR0913
        self,
        *,
        camera: str,
        detector: Detector,
        new_tracker: Callable[[], Tracker],
        judge: Judge,
        view: View | None,
        agrees_from: dict[str, float],
        sure_from: dict[str, float],
        patrol_s: float,
        allowance: Allowance | None = None,
    ) -> None:
        """Look every `patrol_s` media seconds, as far as the `allowance` goes, and whenever a look is wanted.

        `agrees_from` and `sure_from`: confidences by label, see `CarefulLook`. `new_tracker` and `judge` are its own.
        """
        self.patrol_s = patrol_s
        self.counts = LookCounts()
        self.is_asked_for = False
        """Somebody wants the next frame looked at."""
        self._camera = camera
        self._detector = detector
        self._new_tracker = new_tracker
        self._judge = judge
        self._view = view
        self._agrees_from = agrees_from
        self._sure_from = sure_from
        self._allowance = allowance or Unlimited()
        self._tracker = new_tracker()
        self._looked_s: float | None = None
        self._since_s: float | None = None
        """When a look was due first, of a run of which none was taken yet."""

    def begin_run(self) -> None:
        """The frames to come are of another run: media time and track numbers begin anew."""
        self._judge.begin_run()
        self._tracker = self._new_tracker()
        self._looked_s = self._since_s = None

    def see(
        self, frame: Frame, tracks: Sequence[Track], only: Callable[[list[Detection]], list[Detection]], *, wanted: bool
    ) -> Seen | None:
        """What the careful network sees in the frame; None where it is not its turn.

        `tracks`: what the quick network follows in it. `only` takes out what is nothing in the street. `wanted`: a
        verdict waits for it.
        """
        is_wanted = wanted or self.is_asked_for
        if not is_wanted and not self._is_patrol_due(frame.media_s):
            return None
        self._count(frame.media_s, on_patrol=not is_wanted)
        with self._allowance.look(self._camera):
            found = only(detect_in(self._view, self._detector, frame.pixels))
        own = [replace(one, id=one.id + _FIRST_TRACK) for one in self._tracker.update(found, at_s=frame.media_s)]
        new = {one.id for one in _unfollowed(own, tracks)}
        everything = [*own, *tracks]  # a rider is one, whoever sees him
        sightings = [one for one in self._judge.judge(everything, frame) if one.track in new]
        return Seen(
            CarefulLook(tuple(found), self._agrees_from, self._sure_from),
            tuple(one for one in own if one.id in new),
            tuple(replace(one, by_careful=True) for one in sightings),
        )

    def _is_patrol_due(self, at_s: float) -> bool:
        if self._looked_s is None:
            self._since_s = at_s if self._since_s is None else self._since_s
            waited_s = at_s - self._since_s
            overdue_s = self.patrol_s + waited_s
        else:
            waited_s = at_s - self._looked_s
            overdue_s = waited_s - self.patrol_s
        self.counts.longest_wait_s = max(self.counts.longest_wait_s, waited_s)
        return overdue_s >= 0 and self._allowance.grants_patrol(self._camera, overdue_s=overdue_s)

    def _count(self, at_s: float, *, on_patrol: bool) -> None:
        self.counts.looks += 1
        self.counts.on_patrol += on_patrol
        if self._looked_s is not None:
            self.counts.longest_wait_s = max(self.counts.longest_wait_s, at_s - self._looked_s)
        self._looked_s, self.is_asked_for = at_s, False


def _unfollowed(own: Sequence[Track], tracks: Sequence[Track]) -> list[Track]:
    """Those of its own that are none of the things which the quick network follows."""
    fits = [[iou(one.box, other.box) if one.label == other.label else 0.0 for other in tracks] for one in own]
    known = {row for row, _ in best_pairs(fits, least=_SAME_THING_IOU)}
    return [
        one
        for row, one in enumerate(own)
        if row not in known and not any(_is_part_of_it(one, other) for other in tracks)
    ]


def _is_part_of_it(one: Track, other: Track) -> bool:
    within = max(covered_share(one.box, other.box), covered_share(other.box, one.box))
    return one.label == other.label and within > _SAME_THING_COVERED
