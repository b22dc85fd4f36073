"""Whether the camera still shows the street that the ledger knows: covered, knocked askew, or as ever."""

from dataclasses import dataclass

import numpy as np

from cvinspect.domain import Frame, Pixels
from cvinspect.geometry import Box
from cvinspect.incidents import Look, LookMatcher
from cvinspect.incidents.look import OTHER_LOOK, SIMILAR_LOOK, UNMOVED_LOOK
from cvinspect.incidents.packing import SmallPicture
from cvinspect.opencv import parts_in_common, shift_of

_THUMB_ROWS = 90
"""Rows of the small grey picture in which a shift of the whole view is looked for, to a fifth of a pixel."""

_LEAST_SHIFT_SHARE = 0.006
"""Of the picture's width: what a pole sways in the wind. Places forgive that much."""

_FARTHEST_SHIFT_SHARE = 0.25
"""A view that has less in common with the one before is another one."""

_FITS_SHIFTED = 0.7
"""From this correlation on two pictures are one view, moved: traffic leaves 0.83 to 0.98, other views under 0.3."""

_BETTER = 0.1
"""By so much a shifted picture fits better than one that is as it was."""

_SETTLED_S = 3.0
"""A view that was moved stays where it is for this long before its places are moved along: a gust is over by then."""

_NEW_VIEW_S = 60.0
"""A wholly different picture, with structure, is another view from then on; a hand before the lens is not."""

_FOLLOW_S = 50.0
"""Time constant with which the known view follows the light and what comes and goes in it."""

_FLAT = 4.0
"""Gray levels of deviation under which a picture shows nothing: a covered lens, a black picture."""

Thumb = SmallPicture


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a frame shows of the street."""

    observable: bool = True
    """Whether anything can be said about the places in it."""
    shift: tuple[float, float] | None = None
    """Pixels to the right and down by which everything now lies elsewhere, from this frame on."""


_AS_EVER = Outlook()
_NOTHING = Outlook(observable=False)


@dataclass(slots=True, eq=False)
class KnownView:
    """The whole picture as the camera has shown it so far."""

    shape: tuple[int, ...] = ()
    look: Look | None = None
    thumb: Thumb | None = None
    seen_s: float = 0.0
    """When it was last brought up to date, media seconds."""
    other: tuple[float, Look] | None = None
    """Since when another view is shown, media seconds, and how that looks."""
    moved: tuple[float, tuple[float, float]] | None = None
    """Since when the view is shifted, media seconds, and by how much."""


class ViewWatch:
    """Compares each whole picture with what the camera has shown so far."""

    def __init__(self, matcher: LookMatcher) -> None:
        """A matcher that sees nothing finds every picture as ever."""
        self._matcher = matcher
        self.known = KnownView()

    def see(self, frame: Frame) -> Outlook:
        """Take the next frame in; media seconds never go back."""
        height, width = frame.pixels.shape[:2]
        look = self._matcher.look(frame.pixels, Box(0, 0, width, height))
        if look is None:
            return _AS_EVER
        if self.known.look is None or self.known.shape != frame.pixels.shape or _is_flat(self.known.look):
            return self._begin_with(look, frame)
        shift = self._shift(frame)
        if shift is not None:
            return self._shifted(shift, look, frame)
        self.known.moved = None
        likeness = self._matcher.likeness(self.known.look, look)
        return self._follow(look, frame) if likeness >= OTHER_LOOK else self._strange(look, frame)

    def _begin_with(self, look: Look, frame: Frame) -> Outlook:
        self.known.shape, self.known.look, self.known.thumb = frame.pixels.shape, look, _thumb(frame.pixels)
        self.known.seen_s, self.known.other, self.known.moved = frame.media_s, None, None
        return _AS_EVER

    def _follow(self, look: Look, frame: Frame) -> Outlook:
        self.known.other = self.known.moved = None
        share = 1 - np.exp(-(frame.media_s - self.known.seen_s) / _FOLLOW_S)
        if share >= _FOLLOW_STEP and self.known.look is not None and self.known.thumb is not None:
            self.known.look = np.asarray((1 - share) * self.known.look + share * look, np.float32)
            self.known.thumb = np.asarray((1 - share) * self.known.thumb + share * _thumb(frame.pixels), np.float32)
            self.known.seen_s = frame.media_s
        return _AS_EVER

    def _shift(self, frame: Frame) -> tuple[float, float] | None:
        """By how many pixels the picture lies elsewhere; None where it does not, or is another one.

        Asked of the thumb, since the look is too coarse: 33 px across a street of broad shapes leave that at 0.91.
        """
        if self.known.thumb is None:
            return None
        now = _thumb(frame.pixels)
        if _correlation(self.known.thumb, now) >= UNMOVED_LOOK:
            return None
        step = _step(frame.pixels)
        dx, dy = shift_of(_centred(self.known.thumb), _centred(now))
        moved = float(np.hypot(dx, dy)) * step
        width = frame.pixels.shape[1]
        if not _LEAST_SHIFT_SHARE * width <= moved <= _FARTHEST_SHIFT_SHARE * width:
            return None
        return (dx * step, dy * step) if _fits_shifted(self.known.thumb, now, round(dx), round(dy)) else None

    def _shifted(self, shift: tuple[float, float], look: Look, frame: Frame) -> Outlook:
        """Nothing is said until the camera has come to rest; then all places move along."""
        near_px = _LEAST_SHIFT_SHARE * frame.pixels.shape[1]
        before = self.known.moved
        if before is None or np.hypot(shift[0] - before[1][0], shift[1] - before[1][1]) > near_px:
            self.known.moved = frame.media_s, shift
            return _NOTHING
        if frame.media_s - before[0] < _SETTLED_S:
            return _NOTHING
        self._begin_with(look, frame)
        return Outlook(shift=shift)

    def _strange(self, look: Look, frame: Frame) -> Outlook:
        """A picture of something else says nothing of the street, until it has proved to be the view from now on."""
        if (
            self.known.other is None
            or self._matcher.likeness(self.known.other[1], look) < SIMILAR_LOOK
            or _is_flat(look)
        ):
            self.known.other = frame.media_s, look
        elif frame.media_s - self.known.other[0] >= _NEW_VIEW_S:
            return self._begin_with(look, frame)
        return _NOTHING


_FOLLOW_STEP = 0.05
"""The known view is brought up to date in steps of this weight, every few seconds: that is often enough."""


def _is_flat(look: Look) -> bool:
    return float(look.std(axis=(0, 1)).max()) < _FLAT


def _step(pixels: Pixels) -> int:
    return max(1, int(pixels.shape[0]) // _THUMB_ROWS)


def _thumb(pixels: Pixels) -> Thumb:
    """Every few pixels of the picture, grey: float32, about 90 rows."""
    step = _step(pixels)
    blue, green, red = np.moveaxis(pixels[::step, ::step].astype(np.float32), 2, 0)
    return np.asarray((blue + green + red) / 3, dtype=np.float32)


def _fits_shifted(before: Thumb, now: Thumb, dx: int, dy: int) -> bool:
    """Whether the two agree once one is moved, and do not unless it is: a lorry that draws up moves nothing else."""
    return _correlation(*parts_in_common(before, now, dx, dy)) >= max(
        _FITS_SHIFTED, _correlation(before, now) + _BETTER
    )


def _correlation(a: Thumb, b: Thumb) -> float:
    """In [-1, 1]; 0 where one of them shows nothing."""
    if not a.size:
        return 0.0
    a, b = _centred(a), _centred(b)
    energy = float(np.sqrt((a * a).sum() * (b * b).sum()))
    return float((a * b).sum()) / energy if energy > 0 else 0.0


def _centred(thumb: Thumb) -> Thumb:
    return np.asarray(thumb - thumb.mean(), dtype=np.float32)
