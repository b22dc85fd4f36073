"""Data comes, and nothing of it can be shown: for how long that is in order."""

from collections.abc import Callable

from cvinspect.sources.live.address import Address
from cvinspect.sources.live.states import LinkLostError, Reason

_TOLD_AT_FIRST_S = 3.0
_TOLD_S = 10.0
"""Without a picture for so long, at the start and later, is told as a state of the camera."""

_GARBAGE_S = 30.0
_GARBAGE_KEYS = 2
"""Whole key frames of which no picture comes, in so much time, are none."""

_LONGEST_S = 300.0
"""Cameras that save bandwidth send a key frame a minute, some every few; who sends none for this long is asked anew."""

_FIRST = "sends video, but no key frame yet; nothing can be shown before one"
_BROKEN = "a part of its stream was lost or broken; nothing can be shown before the next whole key frame"


class KeyFrameWait:
    """Counts how long nothing could be shown. Seconds are of a steady clock."""

    def __init__(self, address: Address, *, began_s: float) -> None:
        self._place = address.place
        self._pictured_s = began_s
        self._is_first = True
        self._keys = 0

    def pictured(self, at_s: float) -> None:
        """A picture came, or would have come if it had been wanted."""
        self._pictured_s, self._is_first, self._keys = at_s, False, 0

    def see(self, at_s: float, *, is_key: bool, is_holed: bool, tell: Callable[[str], None]) -> None:
        """A packet came that led to no picture; `tell` is told once it has lasted. Raises LinkLostError."""
        self._keys += is_key and not is_holed
        waited_s = at_s - self._pictured_s
        if waited_s > _GARBAGE_S and self._keys >= _GARBAGE_KEYS:
            raise LinkLostError(Reason.GARBAGE, f"{self._place}: sent data for {_GARBAGE_S:g} s, and no picture in it")
        if waited_s > _LONGEST_S:
            raise LinkLostError(
                Reason.NO_KEY_FRAME, f"{self._place}: sent video for {_LONGEST_S:g} s without a whole key frame"
            )
        if waited_s > (_TOLD_AT_FIRST_S if self._is_first else _TOLD_S):
            tell(_FIRST if self._is_first else _BROKEN)
