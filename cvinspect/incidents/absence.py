"""What passes between two sightings of a thing, and which of it counts towards its dwell once it is sighted again."""

from dataclasses import dataclass

from cvinspect.domain import Moment

EMPTY_FRAMES = 3
"""A place is not called empty on fewer looks than these, however far apart."""

WATCHED_STEP_S = 10.0
"""Samples this near each other see a street all the time. Between others nobody saw it, nor does one frame after a long
silence prove more than this much of absence."""

_PLANNED_STEPS = 3.0
"""So many planned intervals may pass without a sample before what is there after begins a dwell of its own."""


def longest_unseen_s(*, gap_s: float, interval_s: float) -> float:
    """For how long nobody may have seen a place, at a stretch, so that it counts towards a dwell.

    `gap_s`: the rule's grace; `interval_s`: how far apart samples are planned to be.
    """
    return max(gap_s, _PLANNED_STEPS * interval_s)


@dataclass(slots=True, eq=False)
class Absence:
    """Since a thing was last sighted."""

    unseen_s: float = 0.0
    """Nobody saw the place: something was in front of it, or nothing came for no longer than counts."""
    lost_s: float = 0.0
    """Nothing came of the street, for longer than counts or while its thing was away."""
    empty_s: float = 0.0
    """The place was seen empty."""
    empty_frames: int = 0
    """The longest row of frames in which it was."""
    begins_anew: Moment | None = None
    """The first look after a stretch that does not count: of what is not reported, the dwell begins anew after that."""

    missed: Moment | None = None
    """The last frame, where nothing came of the street for longer than a watched step before it."""
    missed_s: float = 0.0
    """For how long, as far as it is among the unseen seconds."""
    is_away: bool = False
    """Whether that frame showed the place empty."""

    def miss(self, passed_s: float, *, longest_s: float, now: Moment) -> None:
        """Nothing came of the street for so long, until now; up to `longest_s` of it may count. 0: it was watched.

        What follows a frame with the empty place does not count either: nobody saw when its thing came.
        """
        is_lost = passed_s > longest_s or (self.is_away and passed_s > 0)
        self.missed, self.missed_s, self.is_away = now if passed_s > WATCHED_STEP_S else None, passed_s, False
        self.unseen_s += passed_s
        if is_lost:
            self._lose(now)

    def hide(self, passed_s: float) -> None:
        """Something else is in front of the place, `passed_s` after the frame before; what was missed counts once."""
        self.unseen_s += passed_s if self.missed is None else 0.0

    def empty(self, passed_s: float, *, row: int) -> None:
        """The place was seen empty for the `row`th time in a row.

        Its thing had left, nobody saw when: what nobody saw before that does not count, though it is short enough.
        """
        self.empty_s += passed_s if row > 1 and self.missed is None else 0.0
        self.empty_frames = max(self.empty_frames, row)
        if self.missed is not None:
            self.is_away = True
            self._lose(self.missed)

    def since(self, begin: Moment) -> "Absence":
        """What is left of it for a dwell that began then: nobody saw the last step, or it was watched."""
        step_s = 0.0 if self.missed is None else self.missed.media_s - begin.media_s
        return Absence(unseen_s=min(max(step_s, 0.0), self.missed_s))

    def _lose(self, now: Moment) -> None:
        """What nobody saw before the last frame, now, does not count."""
        self.unseen_s -= self.missed_s
        self.lost_s += self.missed_s
        self.missed_s, self.begins_anew = 0.0, now

    @property
    def was_empty(self) -> bool:
        """Whether its thing had surely left: the place was seen empty, and more than once in a row."""
        return self.empty_frames >= EMPTY_FRAMES

    @property
    def uncounted_s(self) -> float:
        """What does not count, whatever is there after."""
        return self.lost_s + (self.empty_s if self.was_empty else 0.0)
