"""What a stream sent between two samples: kept coded, and decoded only where it turns out to matter."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from typing import cast

import av
from av import VideoFrame
from av.codec.context import CodecContext
from av.packet import Packet
from av.video.codeccontext import VideoCodecContext
from av.video.stream import VideoStream

from cvinspect.domain import Glimpse
from cvinspect.sources.decoding.conversion import Orientation, PixelShape, ToBgr

GLIMPSES_S = 0.2
"""Decoding is what costs; to make a picture of every frame would double it."""

_EARLY_S = 0.01
"""Times of live pictures are shaped by when they came; one that is due may be this early and still counts."""

_MOST_BYTES = 8_000_000

Group = Sequence["Packet[VideoStream]"]
"""A key frame and what follows up to the next one."""


@dataclass(frozen=True, slots=True)
class CodedPassage:
    """May be looked at in any thread, and after the stream was closed, with a decoder of its own."""

    codec: str
    extradata: bytes | None
    groups: tuple[Group, ...]
    """At least one, none of them empty."""
    until_pts: int
    """Of the sample that ends it."""
    time_base: Fraction
    turned: Orientation | None = None
    """How the samples were turned, where the container says so."""
    shape: PixelShape | None = None
    """By which the samples' pixels were made squares."""

    @property
    def span_s(self) -> float:
        """How many seconds before the sample it begins."""
        first = self.groups[0][0].pts
        return 0.0 if first is None else self._before_s(first)

    def stretches(self) -> Iterator[Iterator[Glimpse]]:
        """The last first, each in order of time from its key frame on, decoded as far as it is asked for."""
        for group in reversed(self.groups):
            yield self._glimpses(group)

    def _glimpses(self, group: Group) -> Iterator[Glimpse]:
        """Ends early where something cannot be decoded or shown."""
        convert = ToBgr(self.turned, self.shape)
        due_pts = group[0].pts or 0
        with suppress(av.FFmpegError, ValueError):
            for frame in self._frames(group):
                if frame.is_corrupt:
                    return  # what builds on it is smeared
                if frame.pts is None or not due_pts <= frame.pts < self.until_pts:
                    continue
                due_pts = frame.pts + round((GLIMPSES_S - _EARLY_S) / self.time_base)
                yield Glimpse(self._before_s(frame.pts), convert(frame))

    def _frames(self, group: Group) -> Iterator[VideoFrame]:
        context = cast("VideoCodecContext", CodecContext.create(self.codec, "r"))
        context.extradata = self.extradata
        context.thread_count = 1
        for packet in (*group, None):
            yield from context.decode(packet)

    def _before_s(self, pts: int) -> float:
        return float((self.until_pts - pts) * self.time_base)


class PassageKeeper:
    """Collects the packets of a stream of which key frames alone are decoded."""

    def __init__(self, stream: VideoStream) -> None:
        self._stream = stream
        self._groups: list[Group] = []

    def add(self, group: Group) -> None:
        """A group is complete and only its key frame was decoded, if that; groups of many megabytes are not kept."""
        self._groups.append(group)
        size = sum(packet.size for one in self._groups for packet in one)
        while self._groups and size > _MOST_BYTES:
            size -= sum(packet.size for packet in self._groups.pop(0))

    def clear(self) -> None:
        """There is a gap, or everything was decoded."""
        self._groups = []

    def until(self, pts: int | None) -> CodedPassage | None:
        """What came before the sample with this time and since the sample before, where there is any."""
        groups, self._groups = tuple(self._groups), []
        base = self._stream.time_base
        if not groups or pts is None or base is None or groups[0][0].pts is None:
            return None
        context = self._stream.codec_context
        return CodedPassage(context.name, context.extradata, groups, pts, base)
