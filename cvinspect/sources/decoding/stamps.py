"""Single presentation times that cannot be right, put right before anything is decoded.

Recorders write a wrong time now and then, or the same one over and over. What comes after tells: a time that leaps and
comes back is wrong, a leap that stays is a pause, and times that fall back for good are a clock that began anew. Only
the first is mended here; the others are a `MediaClock`'s to read.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from fractions import Fraction
from itertools import islice, pairwise
from statistics import median

from av.packet import Packet
from av.video.stream import VideoStream

AHEAD = 250
"""Packets that are looked through for whether a time comes back: ten seconds of most cameras."""

_AHEAD_BYTES = 32_000_000
"""More is not held for it."""

_NEAR_S = 1.0
"""Less than this is never called a leap."""

_NEAR_FRAMES, _NEAR_REORDERED_FRAMES = 4, 16
"""Nor less than so many frames: of coded pictures that are not in the order of showing, H.264 and H.265 hold back at
most 16 (H.264 A.3.1, max_dec_frame_buffering)."""

_LONE_FIRST_S = 60.0
"""A first time that the others leave behind at once by more than this was written before the clock was known."""

_STEADY_SHARE = 0.05
"""The others are then this much closer to each other, at the least."""

_SLOWEST = 0.25
"""Times that stand still and then go on by less of what has passed were not rounded: the clock stood still."""

_REMEMBERED = 32
_LEAST_KNOWN = 3


class StampLine:
    """Reads one stream's presentation times in the order of coding, seconds on the stream's own clock."""

    def __init__(self, *, frame_s: float, reorders: bool) -> None:
        """`frame_s` is the stated distance of two frames, `reorders` whether they are shown in another order."""
        self._frame_s = frame_s
        self._near_frames = _NEAR_REORDERED_FRAMES if reorders else _NEAR_FRAMES
        self._reorders = reorders
        self._known: deque[float] = deque(maxlen=_REMEMBERED)
        self._front_s = 0.0
        """The latest time on the line."""
        self._last_s: float | None = None
        """As written."""
        self.has_spread = False
        """Whether times that stood still were put apart: another place may have the same time."""

    def mended(self, stamp_s: float, ahead: Callable[[], Sequence[float]]) -> float:
        """The time to believe; `ahead` gives those that follow, and is asked only where this one is in doubt."""
        last_s, self._last_s = self._last_s, stamp_s
        if last_s is None:
            return self._take(self._first(stamp_s, ahead()))
        if stamp_s == last_s:
            self.has_spread = True
            return self._take(self._spread(stamp_s, ahead()))
        if abs(stamp_s - self._front_s) <= _NEAR_S:
            return self._take(stamp_s)
        rest = ahead()
        step_s = self._step_s(stamp_s, rest)
        near_s = max(_NEAR_S, self._near_frames * step_s)
        is_near = self._back_to_s - near_s <= stamp_s <= self._front_s + near_s
        if is_near or not self._is_stray(stamp_s, rest, near_s):
            return self._take(stamp_s, is_line=not is_near)
        on_line = [one for one in rest if self._front_s < one <= self._front_s + near_s]
        room_s = min(on_line, default=self._front_s + 2 * step_s) - self._front_s
        return self._take(self._front_s + min(step_s, room_s / 2))

    def _take(self, stamp_s: float, *, is_line: bool = False) -> float:
        self._front_s = stamp_s if is_line else max(stamp_s, self._front_s) if self._known else stamp_s
        self._known.append(stamp_s)
        return stamp_s

    @property
    def _back_to_s(self) -> float:
        """What is shown before a pause may be coded after what is shown after it."""
        return min(list(self._known)[-_NEAR_REORDERED_FRAMES:]) if self._reorders else self._front_s

    def _first(self, stamp_s: float, rest: Sequence[float]) -> float:
        if len(rest) < _LEAST_KNOWN:
            return stamp_s
        step_s, next_s = self._step_of(rest), min(rest)
        leap_s = next_s - stamp_s
        is_lone = leap_s > _LONE_FIRST_S and step_s < _STEADY_SHARE * leap_s
        return next_s - step_s if is_lone else stamp_s

    def _spread(self, stamp_s: float, rest: Sequence[float]) -> float:
        """A time that stands still goes on at the rate of the frames, so as to meet the next one where that is near."""
        step_s = self._step_s(None, rest)
        same = next((i for i, one in enumerate(rest) if one != stamp_s), None)
        if same is not None:
            room_s, usual_s = rest[same] - self._front_s, self._frame_s * (same + 2)
            if _SLOWEST * usual_s <= room_s <= self._near_frames * usual_s:
                step_s = room_s / (same + 2)
        return self._front_s + step_s

    def _is_stray(self, stamp_s: float, rest: Sequence[float], near_s: float) -> bool:
        """Whether most of what follows goes on from where the times were before this one, not from it.

        Nobody bears out the last one.
        """
        here_s, there_s, is_back, back = stamp_s, self._front_s, False, 0
        for one in rest:
            if abs(one - here_s) > max(near_s, abs(one - there_s)):
                here_s, there_s, is_back = there_s, here_s, not is_back
            here_s, back = one, back + is_back
        return 2 * back >= len(rest)

    def _step_s(self, stamp_s: float | None, rest: Sequence[float]) -> float:
        known = [*self._known, *rest[:_REMEMBERED]]
        if len(known) < _LEAST_KNOWN and stamp_s is not None:
            known.append(stamp_s)
        return self._step_of(known)

    def _step_of(self, stamps_s: Sequence[float]) -> float:
        """The usual distance of two frames: as stated where times do not tell."""
        steps_s = [after - before for before, after in pairwise(sorted(stamps_s)) if after > before]
        return median(steps_s) if steps_s else self._frame_s


class MendedPackets:
    """The packets of one stream, with times that cannot be right put right."""

    def __init__(
        self, packets: Iterable["Packet[VideoStream]"], *, base: Fraction | None, frame_s: float, reorders: bool
    ) -> None:
        """`base`: the length of a tick in seconds; without one nothing is mended."""
        self._packets = iter(packets)
        self._held: deque[Packet[VideoStream]] = deque()
        self._base = base
        self._line = StampLine(frame_s=frame_s, reorders=reorders)
        self.latest_s: float | None = None
        """The latest time as written, seconds on the stream's own clock."""
        self.mended = 0
        """How many times were put right."""

    @property
    def has_spread(self) -> bool:
        """Whether times that stood still were put apart: another place may have the same time."""
        return self._line.has_spread

    def __iter__(self) -> Iterator["Packet[VideoStream]"]:
        """Each packet once."""
        return self

    def __next__(self) -> "Packet[VideoStream]":
        packet = self._held.popleft() if self._held else next(self._packets)
        if packet.pts is not None and self._base is not None:
            written_s = float(packet.pts * self._base)
            self.latest_s = max(written_s, written_s if self.latest_s is None else self.latest_s)
            believed_s = self._line.mended(written_s, self._ahead)
            if believed_s != written_s:
                self.mended += 1
                packet.pts = round(believed_s / self._base)
        return packet

    def _ahead(self) -> list[float]:
        room = AHEAD - len(self._held)
        held_bytes = sum(packet.size for packet in self._held)
        for packet in islice(self._packets, max(0, room)):
            self._held.append(packet)
            held_bytes += packet.size
            if held_bytes > _AHEAD_BYTES:
                break
        base = self._base or 1
        return [float(packet.pts * base) for packet in self._held if packet.pts is not None]
