"""How a standing's place looks with its thing in it, and what has stood in front of it."""

import math
from collections.abc import Callable
from dataclasses import dataclass

from cvinspect.domain import Moment
from cvinspect.geometry import Box
from cvinspect.incidents import Look
from cvinspect.incidents.look import SAME_LOOK, SIMILAR_LOOK
from cvinspect.incidents.merge import is_as_placed

_LOOK_S = 20.0
"""Time constant with which a look follows: dusk is followed, a passer-by or a slow departure is not."""

_ALIKE_SHARE = 0.5
"""Of a parked car's looks at least so many are alike, with whoever passes unnoticed; of a lane's at most a third."""

_NEW_THING_S = 10.0
"""A passer-by or a car that turns is gone again by then."""


@dataclass(slots=True, eq=False)
class Appearance:
    """What is remembered of a place's look."""

    view: Box
    """The part of the picture that `look` shows; it stays where it was taken."""
    look: Look | None = None
    bare: Look | None = None
    """How `view` looked before the thing came; None where nobody knows."""
    strange: tuple[Look, Moment] | None = None
    """A look that did not fit, and since when: waiting to be confirmed or forgotten."""
    hidden: tuple[float, Look] | None = None
    """When something was last seen in front of it, media seconds, and how the place looked then."""
    alike: int = 0
    """In how many frames of the dwell it was in sight and looked as before."""
    otherwise: int = 0
    """In how many it was in sight and did not."""
    alike_s: tuple[float, float] | None = None
    """From when till when it has looked as before without a break, media seconds."""

    def is_of_one_thing(self, dwell_s: float) -> bool:
        """Whether it looked alike in most frames in which that could be told, or in all of the last `dwell_s` seconds.

        Traffic that flows does not.
        """
        if self.alike_s is not None and self.alike_s[1] - self.alike_s[0] >= dwell_s:
            return True
        return self.alike >= _ALIKE_SHARE * (self.alike + self.otherwise)

    def count(self, likeness: float | None, at_s: float) -> None:
        """It was in sight at media second `at_s`, looking so much as before; what says neither is not counted."""
        if likeness is None:
            return
        if likeness >= SAME_LOOK:
            self.alike += 1
            self.alike_s = (at_s if self.alike_s is None else self.alike_s[0], at_s)
        elif likeness < SIMILAR_LOOK:
            self.otherwise += 1
            self.alike_s = None

    def begin_again(self) -> None:
        """What is in it now begins a dwell of its own."""
        self.alike, self.otherwise, self.alike_s = 0, 0, None

    def shows(self, place: Box) -> bool:
        """Whether the look is still that of the place."""
        return self.look is not None and is_as_placed(place, self.view)

    def take(self, look: Look | None, place: Box, bare: Look | None = None) -> None:
        """Take the look of the place as it is now; `bare`: as it was before the thing came."""
        self.look, self.view, self.bare, self.strange = look, place, bare, None

    def remember(self, look: Look | None, *, passed_s: float) -> None:
        """Keep in mind how the view looks with the thing in it, `passed_s` after it was last seen."""
        self.strange = None
        if look is not None and self.look is not None:
            share = 1 - math.exp(-passed_s / _LOOK_S)
            self.look = (1 - share) * self.look + share * look

    def hide(self, look: Look | None, at_s: float) -> None:
        """Something else is in front at media second `at_s`, and this is how the place looks then."""
        self.strange = None
        self.hidden = None if look is None else (at_s, look)

    def settle(self) -> None:
        """Nothing is under watch here any more; only how it looked last is kept."""
        self.strange = self.hidden = None

    def wonder(self, look: Look, moment: Moment, *, as_before: Callable[[Look, Look], bool]) -> Moment | None:
        """The place looks otherwise although something is detected in it; since when, once that has proved to stay.

        Somebody who passes in front goes on. A look that stays is another light or another thing.
        """
        if self.strange is None or not as_before(self.strange[0], look):
            self.strange = look, moment
            return None
        since = self.strange[1]
        if moment.media_s - since.media_s < _NEW_THING_S:
            return None
        self.look, self.strange = look, None
        return since

    def move(self, dx: float, dy: float) -> None:
        """The whole picture lies so many pixels further right and down."""
        self.view = self.view.moved(dx, dy)
        self.strange = self.hidden = None

    def scale(self, across: float, down: float) -> None:
        """The picture has another size; a look is of one size whatever it shows."""
        self.view = self.view.scaled(across, down)
        self.strange = self.hidden = None
