"""The last seconds of a camera's coded video, from which a clip can be cut without decoding anything."""

import threading
from collections import deque
from dataclasses import dataclass, field
from itertools import takewhile
from pathlib import Path

from av.packet import Packet
from av.video.stream import VideoStream

from cvinspect.errors import DeliveryError
from cvinspect.sources.decoding.remux import CodedPicture, Coding

_KEPT_S = 12.0
"""What a clip shows before and after, and the 5 s that inspection may be late."""

_KEPT_BYTES = 16_000_000

_LEAP_S = 10.0
"""Presentation times that leap by more than this begin another piece of video."""


@dataclass(slots=True)
class _Group:
    """A key frame and what builds on it."""

    piece: int
    """Groups of one piece follow each other without a gap."""
    coding: Coding
    pictures: list[CodedPicture] = field(default_factory=list)
    size_bytes: int = 0

    @property
    def begins_s(self) -> float:
        return self.pictures[0].captured_s


@dataclass(frozen=True, slots=True)
class Cutting:
    """A piece of video from a key frame on."""

    coding: Coding
    pictures: tuple[CodedPicture, ...]

    @property
    def begins_s(self) -> float:
        """When its first picture was captured, on the clock of the ring."""
        return self.pictures[0].captured_s

    @property
    def duration_s(self) -> float:
        """Up to the end of its last picture."""
        shown = [one.pts for one in self.pictures]
        last = max(self.pictures, key=lambda one: one.pts)
        usual = last.duration or (max(shown) - min(shown)) // max(1, len(shown) - 1)
        return float((last.pts + usual - min(shown)) * self.coding.time_base)

    @property
    def width(self) -> int:
        """Pixels."""
        return self.coding.width

    @property
    def height(self) -> int:
        """Pixels."""
        return self.coding.height

    def write(self, path: Path) -> None:
        """Write it as MP4, without decoding or encoding. Raises DeliveryError."""
        self.coding.write(path, self.pictures)


class PacketRing:
    """Safe to use from many threads. Holds whole groups of pictures: the oldest go first."""

    def __init__(self, *, kept_s: float = _KEPT_S, kept_bytes: int = _KEPT_BYTES) -> None:
        """The last `kept_s`, from a key frame on, and never more than `kept_bytes`."""
        self._kept_s = kept_s
        self._kept_bytes = kept_bytes
        self._lock = threading.Lock()
        self._groups: deque[_Group] = deque()
        self._size_bytes = 0
        self._newest_s = float("-inf")
        self._pieces = 0
        self._tap: Tap | None = None
        self.trouble: str | None = None
        """Why nothing can be kept of what comes now; None when it can."""

    def tap(self) -> "Tap":
        """What a new connection hands its packets to; an earlier connection's are not taken any more."""
        with self._lock:
            self._tap = Tap(self)
            self._pieces += 1
            return self._tap

    @property
    def newest_s(self) -> float:
        """When the newest picture was captured; minus infinity before the first."""
        return self._newest_s

    @property
    def size_bytes(self) -> int:
        """Of all packets held."""
        return self._size_bytes

    def cut(self, at_s: float, *, before_s: float, after_s: float) -> Cutting | None:
        """The video around a moment, from the last key frame on that comes `before_s` before it.

        Shorter where the connection began or ended in between, or so much is not held any more; None where nothing
        of that moment is held.
        """
        with self._lock:
            groups = [group for group in self._groups if group.begins_s <= at_s + after_s]
            middle = next((group for group in reversed(groups) if group.begins_s <= at_s), next(iter(groups), None))
            if middle is None:
                return None
            joined = [group for group in groups if group.piece == middle.piece and group.coding is middle.coding]
            early = [group for group in joined if group.begins_s <= at_s - before_s]
            wanted = joined[max(0, len(early) - 1) :]
            first, *rest = (one for group in wanted for one in group.pictures)
        # In an open group what is shown before the key frame builds on the group before.
        pictures = [first, *(one for one in rest if one.pts >= first.pts)]
        shown = tuple(takewhile(lambda one: one.captured_s <= at_s + after_s, pictures))
        return Cutting(middle.coding, shown) if shown[-1].captured_s >= at_s - before_s else None

    def _take(self, tap: "Tap", stream: VideoStream, picture: CodedPicture) -> None:
        with self._lock:
            if tap is not self._tap:
                return
            is_leap = abs(float((picture.pts - tap.last_pts) * (stream.time_base or 0))) > _LEAP_S
            tap.last_pts = picture.pts
            if picture.is_key:
                self._begin_group(tap, stream, follows=not (is_leap or tap.is_torn))
            elif is_leap:
                tap.is_torn = True
            if tap.is_torn:
                return
            group = self._groups[-1]
            group.pictures.append(picture)
            group.size_bytes += len(picture.data)
            self._size_bytes += len(picture.data)
            self._newest_s = picture.captured_s
            self._drop_old()

    def _begin_group(self, tap: "Tap", stream: VideoStream, *, follows: bool) -> None:
        tap.is_torn = True
        if not stream.codec_context.width:
            return
        if tap.coding is None or not tap.coding.fits(stream):
            try:
                tap.coding = Coding(stream)
            except DeliveryError as error:
                self.trouble = str(error)
                return
        self._pieces += not follows
        self._groups.append(_Group(self._pieces, tap.coding))
        self.trouble, tap.is_torn = None, False

    def _drop_old(self) -> None:
        oldest_s = self._newest_s - self._kept_s
        while len(self._groups) > 1 and (self._groups[1].begins_s <= oldest_s or self._size_bytes > self._kept_bytes):
            self._size_bytes -= self._groups.popleft().size_bytes
        if self._size_bytes > self._kept_bytes and self._tap is not None:
            self._groups.clear()  # one group alone is too much; nothing can be kept before the next key frame
            self._size_bytes = 0
            self._tap.is_torn = True


class Tap:
    """One connection's way into a ring. For one thread."""

    def __init__(self, ring: PacketRing) -> None:
        self._ring = ring
        self.coding: Coding | None = None
        self.last_pts = 0
        self.is_torn = True
        """Whether a key frame must come before anything can be held."""

    def add(
        self, stream: VideoStream, packet: "Packet[VideoStream]", captured_s: float, *, is_timed: bool = True
    ) -> None:
        """Hold the connection's next packet, captured at that second; best after it was decoded.

        `is_timed` is false where the packet's own times are made up.
        """
        pts, dts = (packet.dts if packet.pts is None else packet.pts), packet.dts
        if not is_timed and stream.time_base is not None:
            pts = dts = round(captured_s / stream.time_base)
        if pts is None:
            self.is_torn = True
            return
        picture = CodedPicture(
            bytes(packet), pts, dts, packet.duration or 0, is_key=packet.is_keyframe, captured_s=captured_s
        )
        self._ring._take(self, stream, picture)
