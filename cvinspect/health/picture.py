"""The state of one camera's pictures, judged from the sampled ones."""

from collections.abc import Callable, Mapping

from cvinspect.domain import Frame, Pixels
from cvinspect.health import HealthState
from cvinspect.health.lasting import Lasting, lasting_states
from cvinspect.health.novelty import Novelty
from cvinspect.health.sharpness import sharpness
from cvinspect.views import Outlook, Why

_LOOKS_EVERY_S = 1.9
"""A look takes 2 ms at 1080 rows; what lasts for seconds need not be looked for in every frame."""

_FROZEN_S = 60.0
"""Longer than any group of pictures: a quiet street shows something new with each key frame, 20 s apart at most."""

_FROZEN_LOOKS = 10
"""Nor is a picture called frozen on fewer looks, however far apart."""

_BLURRED_SHARE = 0.5
_SHARP_AGAIN_SHARE = 0.6
"""Of the camera's own sharpness, which street life, dusk and fog move by a tenth and a night's noise by a third; half
is a lens 4 px out of focus at 1080 rows."""

_LEARNT_LOOKS = 30
_REMEMBERED_LOOKS = 1800
"""Its own sharpness is the mean of about an hour's looks, and not known before a minute's."""


_TROUBLE = {
    HealthState.BLACK: Why.BLACK,
    HealthState.FROZEN: Why.FROZEN,
    HealthState.BLURRED: Why.BLURRED,
    HealthState.MOVED: Why.MOVED,
}
"""What is elsewhere is told picture by picture, by its view."""


class PictureHealth:
    """Frozen, black, blurred, moved, elsewhere: each begins and ends when it has lasted.

    Which view a picture shows is told elsewhere (`views`). Slow changes, such as dirt, are not noticed.
    """

    def __init__(self, *, seconds: Callable[[], float]) -> None:
        """`seconds` is a clock that only goes forward."""
        self._seconds = seconds
        self._looked_s: float | None = None
        self._novelty = Novelty()
        self._new_s = 0.0
        self._looks_since_new = 0
        self._sharpness = 0.0
        self._sharpness_looks = 0
        self._states = {
            HealthState.FROZEN: Lasting(begins_s=0.0, ends_s=10.0),
            HealthState.BLACK: Lasting(begins_s=5.0, ends_s=5.0),
            HealthState.BLURRED: Lasting(begins_s=30.0, ends_s=30.0),
            HealthState.MOVED: Lasting(begins_s=10.0, ends_s=10.0),
            HealthState.ELSEWHERE: Lasting(begins_s=10.0, ends_s=2.0),
        }

    def see(self, frame: Frame, outlook: Outlook) -> None:
        """Take in a sampled picture, and what it shows. Looks at no more than about one in two seconds."""
        at_s = self._seconds()
        if self._looked_s is not None and at_s - self._looked_s < _LOOKS_EVERY_S:
            return
        if self._looked_s is None:
            self._new_s = at_s
        self._looked_s = at_s
        self._see_frozen(frame.pixels, at_s)
        self._tell(HealthState.BLACK, at_s, is_so=outlook.why is Why.BLACK)
        if outlook.why in (Why.BLACK, Why.COVERED):
            return
        is_sharp = self._see_blurred(frame.pixels, at_s) if outlook.view is not None else True
        if is_sharp:
            self._tell(HealthState.MOVED, at_s, is_so=outlook.is_shifted)
            self._tell(HealthState.ELSEWHERE, at_s, is_so=outlook.view is None)

    @property
    def states(self) -> Mapping[HealthState, float]:
        """What is so, and since which second of the clock."""
        return lasting_states(self._states)

    @property
    def trouble(self) -> Why | None:
        """Why nothing can be said of the street by these pictures; None: something can."""
        states = self.states
        return next((why for state, why in _TROUBLE.items() if state in states), None)

    def _see_frozen(self, pixels: Pixels, at_s: float) -> None:
        if self._novelty.is_new(pixels):
            self._new_s, self._looks_since_new = at_s, 0
        self._looks_since_new += 1
        is_frozen = at_s - self._new_s >= _FROZEN_S and self._looks_since_new > _FROZEN_LOOKS
        self._tell(HealthState.FROZEN, at_s, is_so=is_frozen)

    def _see_blurred(self, pixels: Pixels, at_s: float) -> bool:
        """Whether it is as sharp as ever."""
        now, usual = sharpness(pixels), self._sharpness
        is_known = self._sharpness_looks >= _LEARNT_LOOKS
        counts_as_blurred = HealthState.BLURRED in self.states
        least = usual * (_SHARP_AGAIN_SHARE if counts_as_blurred else _BLURRED_SHARE)
        is_blurred = is_known and now < least
        self._tell(HealthState.BLURRED, at_s, is_so=is_blurred)
        if not is_known or now >= usual * _SHARP_AGAIN_SHARE:
            self._sharpness_looks = min(self._sharpness_looks + 1, _REMEMBERED_LOOKS)
            self._sharpness += (now - usual) / self._sharpness_looks
        return not is_blurred

    def _tell(self, state: HealthState, at_s: float, *, is_so: bool) -> None:
        self._states[state].see(is_so=is_so, at_s=at_s)
