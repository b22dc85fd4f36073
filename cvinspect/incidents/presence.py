"""In how many frames a thing was there, and for how long by now it has not been."""

from dataclasses import dataclass

_LEAST_SURE_FRAMES = 2
"""What lasts was surely detected more than once."""


@dataclass(slots=True, eq=False)
class Presence:
    """Frames and seconds in which the place of a thing was in sight."""

    sure_frames: int = 0
    observable_frames: int = 0
    exempt_s: float = 0.0
    """How long it was detected without being sighted: no rule held, or its rider was there."""
    unseen_s: float = 0.0
    """Observable time since the thing was last detected."""
    empty_s: float = 0.0
    """Observable time since its place was first seen empty; what hides it stops this clock."""
    empty_frames: int = 0

    def sighted(self, *, sure: bool) -> None:
        """It was there, and its rule held."""
        self.sure_frames += sure
        self.detected()
        self.exempt_s = 0.0

    def detected(self, passed_s: float = 0.0) -> None:
        """Something that fits was detected, still or not: the place is not empty."""
        self.exempt_s += passed_s
        self.observable_frames += 1
        self.unseen_s = 0.0
        self.empty_s, self.empty_frames = 0.0, 0

    def unchanged(self, passed_s: float) -> None:
        """Nothing was detected in the place, which looks as before."""
        self.observable_frames += 1
        self.unseen_s += passed_s
        self.empty_s, self.empty_frames = 0.0, 0

    def empty(self, passed_s: float) -> None:
        """Nothing was detected in the place, which looks otherwise."""
        self.observable_frames += 1
        self.unseen_s += passed_s
        self.empty_s += passed_s if self.empty_frames else 0.0
        self.empty_frames += 1

    def begin_again(self) -> None:
        """What was seen before proves nothing of the dwell that begins now."""
        self.sure_frames = self.observable_frames = 0

    def is_credible(self, *, seen_share: float, lasts: bool) -> bool:
        """Whether it was surely detected in that share of the frames in which it could have been."""
        least = _LEAST_SURE_FRAMES if lasts else 1
        return self.sure_frames >= max(least, seen_share * self.observable_frames)
