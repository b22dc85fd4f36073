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
    """Nothing came of the street, and for longer than counts."""
    empty_s: float = 0.0
    """The place was seen empty."""
    empty_frames: int = 0
    """The longest row of frames in which it was."""
    begins_anew: Moment | None = None
    """The first look after a stretch that does not count: of what is not reported, the dwell begins anew after that."""

    def miss(self, passed_s: float, *, longest_s: float, now: Moment) -> None:
        """Nothing came of the street for so long, until now; up to `longest_s` of it may count."""
        if passed_s <= longest_s:
            self.unseen_s += passed_s
        else:
            self.lost_s += passed_s
            self.begins_anew = now

    def hide(self, passed_s: float) -> None:
        """Something else is in front of the place."""
        self.unseen_s += passed_s

    def empty(self, passed_s: float, *, row: int) -> None:
        """The place was seen empty for the `row`th time in a row."""
        self.empty_s += passed_s if row > 1 else 0.0
        self.empty_frames = max(self.empty_frames, row)

    @property
    def was_empty(self) -> bool:
        """Whether its thing had surely left: the place was seen empty, and more than once in a row."""
        return self.empty_frames >= EMPTY_FRAMES

    @property
    def uncounted_s(self) -> float:
        """What does not count, whatever is there after."""
        return self.lost_s + (self.empty_s if self.was_empty else 0.0)
