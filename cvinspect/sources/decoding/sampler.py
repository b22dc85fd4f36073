"""Which frames of a video to use: pure functions of presentation times."""

import math
from collections.abc import Iterable, Iterator

RESET_S = 1.0
"""A presentation time that falls back by more than this starts a new count (a camera that restarted inside
one file); less is the jitter of reordered frames."""

LEAP_S = 86_400.0
"""A presentation time that leaps ahead by more than this is damaged and taken for missing: recordings
started by motion have long gaps, but not of a day."""

WRAPS_S = (2**32 / 90_000, 2**24 / 1000)
"""By so much a clock of 32 bits at 90 kHz (RTP) or of 24 bits in milliseconds (old FLV) is off once it has wrapped and
the recorder took that for time."""

_WRAP_SLACK_S = 5.0

REORDER_FRAMES = 16
"""H.264 and H.265 hold back at most this many frames (H.264 A.3.1, max_dec_frame_buffering)."""

SLACK_S = 0.002
"""Matroska and FLV round times to the millisecond, that of the first frame too: a frame that is due may come
this much early and still counts."""


class MediaClock:
    """Turns presentation times into media seconds: 0 at the first frame, never back.

    A missing time is estimated from the frame rate. A leap is believed, be it a pause or not: single wrong times are to
    be mended before (`stamps`). `frame_s` is the usual distance of two frames in seconds,
    greater than 0.
    """

    def __init__(self, *, frame_s: float) -> None:
        self._frame_s = frame_s
        self._reset_s = max(RESET_S, REORDER_FRAMES * frame_s)
        self._offset_s: float | None = None
        self._media_s: float | None = None

    def advance(self, presented_s: float | None, *, frames: int = 1) -> float:
        """Media seconds of the frame that comes `frames` after the one before, never back, to the microsecond."""
        self._media_s = round(self._next(presented_s, frames), 6)
        return self._media_s

    def _next(self, presented_s: float | None, frames: int) -> float:
        expected_s = 0.0 if self._media_s is None else self._media_s + frames * self._frame_s
        if presented_s is None:
            return expected_s
        if self._offset_s is None or self._media_s is None:
            self._offset_s = presented_s - expected_s
            return expected_s
        media_s = presented_s - self._offset_s
        leap_s = media_s - self._media_s
        if not -self._reset_s <= leap_s <= LEAP_S or any(abs(leap_s - one) < _WRAP_SLACK_S for one in WRAPS_S):
            self._offset_s = presented_s - expected_s
            return expected_s
        return max(media_s, self._media_s)


class Sampler:
    """Chooses the first frame at or after each due time 0, 1/fps, 2/fps, ...

    After a gap the due times stay on the grid, so that nothing is made up for. `fps` is in frames per second,
    greater than 0; more than the video has takes every frame that moves the time on.

    >>> sampler = Sampler(fps=2.0)
    >>> [media_s for media_s in (0.0, 0.4, 0.8, 1.2, 9.9, 10.0) if sampler.takes(media_s)]
    [0.0, 0.8, 1.2, 9.9, 10.0]
    """

    def __init__(self, *, fps: float) -> None:
        if not (math.isfinite(fps) and fps > 0):
            raise ValueError(f"fps is {fps}; it must be a number above 0")
        self._fps = fps
        self._due = 0

    def takes(self, media_s: float) -> bool:
        """Whether the frame at `media_s` (not before the frame asked about last) is to be used."""
        reached = math.floor((media_s + SLACK_S) * self._fps)
        if reached < self._due:
            return False
        self._due = reached + 1
        return True

    def rest_s(self, media_s: float) -> float:
        """Seconds from `media_s` until the next frame is due."""
        return self._due / self._fps - media_s


def sampled(presented_s: Iterable[float | None], *, fps: float, frame_s: float) -> Iterator[float]:
    """Media seconds of the frames to use, of a video with these presentation times (None where unknown).

    >>> list(sampled([5.0, 5.25, 5.5, None, 6.0], fps=2.0, frame_s=0.25))
    [0.0, 0.5, 1.0]
    """
    clock = MediaClock(frame_s=frame_s)
    sampler = Sampler(fps=fps)
    return (media_s for media_s in map(clock.advance, presented_s) if sampler.takes(media_s))
