"""Which view each of a camera's pictures shows: one it is known to have, that one knocked askew, or none."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import count

import numpy as np

from cvinspect.domain import FIRST_VIEW, Pixels
from cvinspect.views import Outlook, Why
from cvinspect.views.known import IS_IT, KnownView
from cvinspect.views.structure import Structure, likeness_of

_STILL_IS = 0.2
"""Down to this likeness it still shows the one it has been showing."""

_BETTER = 0.15
"""By so much another known view must fit better than the one it has been showing."""

_RESTS = 0.5
"""From this likeness on two unknown pictures are of one place: a swinging camera's are not."""

_SETTLED_S = 3.0
"""A view that was moved stays where it is for this long before that is taken for lasting: a gust is over by then."""

_NEAR_SHARE = 0.006
"""Of the width: within this two shifts are one."""


@dataclass(slots=True)
class _Unknown:
    """A picture of no known view."""

    since_s: float
    structure: Structure
    is_searched: bool = False
    """Whether it was looked for among the other known views, shifted."""


class ViewWatch:
    """Compares whole pictures with the views that a camera is known to have. Takes under a millisecond a picture."""

    def __init__(
        self,
        views: Iterable[KnownView] = (),
        *,
        adopts_after_s: float | None = None,
        follows_shifts: bool = False,
        acknowledges_after_s: float | None = None,
    ) -> None:
        """`views`: what is known from before. The first picture that shows something is a view where none is known.

        `adopts_after_s`: an unknown picture that rests for so long is another view from then on; None: never.
        `follows_shifts`: a view knocked askew that rests is the view from then on, and all lies elsewhere in it; else
        nothing can be said of it until it is back. `acknowledges_after_s`: until a known view has been seen, both hold,
        after so long: who starts the program anew takes for right what the camera shows then. None: they do not.
        """
        self.views = list(views)
        self._adopts_after_s = adopts_after_s
        self._follows_shifts = follows_shifts
        self._acknowledges_after_s = acknowledges_after_s
        """None, too, once a known view has been seen."""
        self._shown: KnownView | None = None
        """What was shown last."""
        self._unknown: _Unknown | None = None
        self._moved: tuple[float, tuple[float, float]] | None = None
        """Since when the view is shifted, and by how much."""

    def see(self, pixels: Pixels, at_s: float) -> Outlook:
        """Take the next picture in; `at_s`, seconds of a clock of the camera, never goes back."""
        now = Structure.of(pixels)
        if now.is_flat:
            return self._blind(Why.BLACK if now.is_black else Why.COVERED)
        if not any(view.is_known for view in self.views):
            return self._begin(now, at_s)
        view = self._match(now)
        shifted = view or self._shown or self._only
        shift = None if shifted is None else shifted.shift_to(now)
        if shifted is not None and shift is not None:
            return self._askew(shifted, shift, now, at_s)
        self._moved = None
        if view is None:
            return self._strange(now, at_s)
        self._shown, self._unknown, self._acknowledges_after_s = view, None, None
        if not view.knows(now) or view.likeness(now) >= IS_IT:
            view.follow(now, at_s=at_s)
        return Outlook(view.id)

    def remember(self, view: KnownView | None) -> None:
        """How a view looked before a restart, where that is not known better by a picture of it."""
        if view is None:
            return
        known = next((one for one in self.views if one.id == view.id), None)
        if known is None:
            self.views.append(view)
        elif known.still == view.still:
            known.colour, known.infrared, known.followed_s = view.colour, view.infrared, None

    def begin_run(self) -> None:
        """What comes next has nothing to do with the last picture; what is known of the views holds."""
        self._unknown = self._moved = None

    @property
    def _only(self) -> KnownView | None:
        return self.views[0] if len(self.views) == 1 else None

    def _blind(self, why: Why) -> Outlook:
        self._unknown = None
        return Outlook(None if self._shown is None else self._shown.id, why)

    def _begin(self, now: Structure, at_s: float) -> Outlook:
        """The first picture of all tells how the first view looks."""
        if not self.views:
            self.views.append(KnownView(FIRST_VIEW))
        self._shown, self._acknowledges_after_s = self.views[0], None
        self._shown.learn(now, at_s=at_s)
        return Outlook(self._shown.id)

    def _match(self, now: Structure) -> KnownView | None:
        likely = {view.id: view.likeness(now) for view in self.views if view.is_known}
        shown = self._shown
        kept = 0.0 if shown is None or self._unknown is not None else likely.get(shown.id, 0.0)
        best = max((view for view in self.views if view.is_known), key=lambda view: likely[view.id])
        if shown is not None and kept >= _STILL_IS and likely[best.id] < kept + _BETTER:
            return shown
        return best if likely[best.id] >= IS_IT else None

    def _askew(self, view: KnownView, shift: tuple[float, float], now: Structure, at_s: float) -> Outlook:
        """Nothing is said until the camera has come to rest; then all places move along, or nothing is said at all."""
        before = self._moved
        if before is None or self._shown is not view or _apart(shift, before[1]) > _NEAR_SHARE:
            self._moved = at_s, shift
            self._shown, self._unknown = view, None
            return Outlook(view.id, Why.MOVING, is_shifted=True)
        if at_s - before[0] < _SETTLED_S:
            return Outlook(view.id, Why.MOVING, is_shifted=True)
        if not self._follows_shifts and self._acknowledges_after_s is None:
            return Outlook(view.id, Why.MOVED, is_shifted=True)
        self._moved = self._acknowledges_after_s = None
        view.learn(now, at_s=at_s)
        view.forget_others(now)
        return Outlook(view.id, shift=shift)

    def _strange(self, now: Structure, at_s: float) -> Outlook:
        """None of the known views: on its way, or another place."""
        before = self._unknown
        why = Why.TOO_DARK if now.is_dark else Why.OTHER_VIEW
        if before is None or likeness_of(before.structure.evened, now.evened) < _RESTS:
            self._unknown = _Unknown(at_s, now)
            return Outlook(None, why if before is None else Why.MOVING)
        if not before.is_searched:
            before.is_searched = True
            found = next(((view, shift) for view in self.views if (shift := view.shift_to(now)) is not None), None)
            if found is not None:
                return self._askew(*found, now, at_s)
        least_s = self._adopts_after_s if self._acknowledges_after_s is None else self._acknowledges_after_s
        if least_s is None or now.is_dark or at_s - before.since_s < least_s:
            return Outlook(None, why)
        return self._adopt(now, at_s)

    def _adopt(self, now: Structure, at_s: float) -> Outlook:
        taken = {view.id for view in self.views}
        view = KnownView(next(name for number in count(len(self.views) + 1) if (name := str(number)) not in taken))
        view.learn(now, at_s=at_s)
        self.views.append(view)
        self._shown, self._unknown, self._acknowledges_after_s = view, None, None
        return Outlook(view.id)


def _apart(one: tuple[float, float], other: tuple[float, float]) -> float:
    return float(np.hypot(one[0] - other[0], one[1] - other[1]))
