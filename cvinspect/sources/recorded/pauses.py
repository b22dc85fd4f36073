"""Pauses within a video file: recorders that start when something moves write one file with hours in between."""

from array import array
from statistics import median

WORTH_TELLING_S = 30.0
"""Shorter ones are followed over."""

_UNLIKE = 3.0
"""A pause is so many times what usually lies between two frames: time-lapse has none."""

_KNOWN = 10_000
"""Distances that are remembered: which one is usual is known by then."""


class Pauses:
    """Grows with each decoded frame of a file; the distances of its first frames are kept, 8 bytes each."""

    def __init__(self) -> None:
        self._usual_s = array("d")
        self._long: list[tuple[float, int]] = []
        self._reached_s: float | None = None

    def note(self, media_s: float, *, frames: int = 1) -> None:
        """Another frame, at `media_s`, which comes `frames` after the one that was noted before."""
        if self._reached_s is not None:
            step_s, frames = media_s - self._reached_s, max(1, frames)
            if len(self._usual_s) < _KNOWN:
                self._usual_s.append(step_s / frames)
            if step_s > WORTH_TELLING_S:
                self._long.append((step_s, frames))
        self._reached_s = media_s

    @property
    def lengths_s(self) -> list[float]:
        """Seconds of each pause, by what is usual between the frames noted so far."""
        if not self._long:
            return []
        usual_s = median(self._usual_s)
        lengths_s = [step_s - frames * usual_s for step_s, frames in self._long if step_s > _UNLIKE * frames * usual_s]
        return [one for one in lengths_s if one > WORTH_TELLING_S]
