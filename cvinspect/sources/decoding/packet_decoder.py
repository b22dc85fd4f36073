"""A stream's key frames decoded alone, with the rest at hand.

A key frame costs one decoded picture; the picture 2 s later in between costs fifty, because each builds on the one
before. Where key frames come often enough, the rest need not be decoded at all.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import takewhile

import av
from av import VideoFrame
from av.packet import Packet
from av.video.codeccontext import VideoCodecContext
from av.video.stream import VideoStream

from cvinspect.domain import Pace
from cvinspect.sources.decoding.passage import CodedPassage, PassageKeeper
from cvinspect.sources.decoding.sampler import SLACK_S
from cvinspect.sources.decoding.sampling_choice import KeyframeWatch, SamplingRule

_SKIPPING = frozenset({"h264"})
"""Codings in which a frame that is marked so is built on by no other, whatever its layer."""


@dataclass(frozen=True, slots=True)
class Numbered:
    """A decoded frame and its place among the frames of the stream, from 0; frames left out count.

    Where pictures of the group before follow a key frame in the stream (open groups), its place is told so many too
    early.
    """

    index: int
    frame: VideoFrame


class PacketDecoder:
    """Decodes the packets of one stream in order: all, or key frames alone with the rest at hand.

    Between two key frames the packets are kept, so that everything can be decoded when the next key frame is
    overdue, and looked at later.
    """

    def __init__(
        self,
        stream: VideoStream,
        rule: SamplingRule,
        *,
        broke: Callable[[], None],
        is_damaged: Callable[[], bool] | None = None,
    ) -> None:
        """`broke` is called for each part that cannot be decoded.

        With `is_damaged`, which says whether the decoder found damage in what it was given last, nothing is shown after
        a broken part before the next whole key frame: what builds on it is smeared. Without it, the next frame that
        the decoder calls whole is.
        """
        self.watch = KeyframeWatch(rule)
        self._stream = stream
        self._context: VideoCodecContext = stream.codec_context
        self._can_skip = self._context.name in _SKIPPING
        self._broke = broke
        self._is_damaged = is_damaged
        self._is_broken = False
        """Something was broken: nothing can be shown before the next whole key frame."""
        self._has_keys = False
        """Whether a key frame has come, whole or not."""
        self._has_shown = False
        self._kept: list[Packet[VideoStream]] = []
        """Since the last key frame, with it, while key frames are decoded alone; else empty."""
        self._passed = PassageKeeper(stream)
        self._looked_s: float | None = None
        """When the last frame stood that was wanted."""
        self._now_s = 0.0
        self._pace = Pace.USUAL
        self._latest_pts: int | None = None
        """Of the frame that came out last."""
        self._idle_until_pts = 0.0
        self._skips = False
        self._may_lack: list[int] = []
        """Presentation times of frames that the decoder was free to leave out, and that are not counted yet."""
        self._is_emptied = False
        """Nothing but a key frame can be decoded next, or what was kept."""
        self._is_torn = False
        """Packets were left out for good: nothing can be decoded before the next key frame."""
        self._shown_pts: int | None = None
        """Of the last key frame that came out alone; decoded once more with what follows it, it is left out."""
        self._packets = 0
        self._index = 0

    def go(self, pace: Pace) -> None:
        """Sparse: decode not even every key frame. From any thread."""
        self._pace = pace

    def taken(self, *, rest_s: float) -> CodedPassage | None:
        """The frame that came last is a sample; what came since the one before, where that was not decoded.

        For `rest_s` none is wanted: what nothing builds on need not be decoded.
        """
        pts, base = self._latest_pts, self._stream.time_base
        self._looked_s = self._seconds(pts)
        self._idle_until_pts = 0.0 if pts is None or base is None else pts + (rest_s - SLACK_S) / base
        return self._passed.until(pts)

    @property
    def is_waiting(self) -> bool:
        """Whether nothing can be shown before the next whole key frame."""
        return self._is_broken or not self._has_shown

    def frames(
        self, packet: "Packet[VideoStream]", *, is_late: bool = False, is_holed: bool = False
    ) -> Iterator[Numbered]:
        """The whole frames that the decoder gives for the next packet; of late packets only key frames are decoded.

        `is_holed`: something of it, or of what came just before it, was lost on the way.
        """
        at_s = self._seconds(packet.pts)
        self._now_s = self._now_s if at_s is None else at_s
        if packet.is_keyframe:
            self.watch.key(at_s)
            self._has_keys = True
        if is_holed:
            self._break_off()
        if packet.is_keyframe and not is_holed:
            self._is_torn = self._is_broken = False
            yield from self._key(packet, at_s, is_late=is_late)
        elif self._is_broken:
            self._broke()
        elif is_late or self._is_torn:
            self._is_torn, self._kept = True, []
            self._passed.clear()
        elif not self._kept:
            yield from self._numbered(self._decoded(packet))
        else:
            self._kept.append(packet)
            if self._is_overdue:
                yield from self._catch_up()
        self._packets += 1

    def remaining(self) -> Iterator[Numbered]:
        """What follows the last key frame, or is held back for reordering; the stream has ended."""
        yield from self._catch_up()
        yield from self._numbered(self._decoded(None))

    def _key(self, packet: "Packet[VideoStream]", at_s: float | None, *, is_late: bool) -> Iterator[Numbered]:
        is_alone = is_late or self.watch.choice.keyframes_only
        if is_alone and self._kept:
            self._passed.add(self._kept)
        else:
            self._passed.clear()
        self._kept = [packet] if is_alone else []
        if is_alone and not self._is_emptied:
            yield from self._numbered(self._emptied())
        if self._is_emptied:
            self._index = self._packets
        self._shown_pts = None
        if is_alone and self._may_pass(packet, at_s):
            return
        self._is_emptied = False
        yield from self._numbered(self._decoded(packet))
        if is_alone:
            yield from self._numbered(self._emptied())  # else it would come out with the next one only
            self._shown_pts = packet.pts

    def _may_pass(self, packet: "Packet[VideoStream]", at_s: float | None) -> bool:
        """Whether this key frame, of which all before is decoded or left out, may be left out as well."""
        if at_s is None or self._looked_s is None:
            return False
        is_calm = self._pace is Pace.SPARSE and self.watch.may_pass(at_s, looked_at_s=self._looked_s)
        return is_calm or self._is_idle(packet.pts)

    def _is_idle(self, pts: int | None) -> bool:
        return pts is not None and self._latest_pts is not None and self._latest_pts <= pts < self._idle_until_pts

    def _emptied(self) -> list[VideoFrame]:
        """What the decoder still held."""
        held = self._decoded(None)
        self._context.flush_buffers()
        self._is_emptied = True
        return held

    def _catch_up(self) -> Iterator[Numbered]:
        """Decode what was kept."""
        kept, self._kept = self._kept, []
        self._passed.clear()
        self._is_emptied = self._is_emptied and not kept
        for packet in kept:
            if not self._is_broken:
                yield from self._numbered(self._decoded(packet))

    def _numbered(self, frames: Iterable[VideoFrame]) -> Iterator[Numbered]:
        for frame in frames:
            if self._was_shown(frame.pts):
                continue
            self._latest_pts = frame.pts
            self._count_left_out(frame.pts)
            self._has_shown = True
            yield Numbered(self._index, frame)
            self._index += 1

    def _was_shown(self, pts: int | None) -> bool:
        return self._shown_pts is not None and pts is not None and pts <= self._shown_pts

    def _count_left_out(self, pts: int | None) -> None:
        """Those that would have come before the frame that comes now."""
        if self._may_lack and pts is not None:
            self._index += sum(one < pts for one in self._may_lack)
            self._may_lack = [one for one in self._may_lack if one > pts]

    @property
    def _is_overdue(self) -> bool:
        late_s = 0.0 if self._looked_s is None else self._now_s - self._looked_s
        return late_s > self.watch.longest_s

    def _decoded(self, packet: "Packet[VideoStream] | None") -> list[VideoFrame]:
        if packet is not None and self._can_skip:
            self._skip_unreferenced(packet)
        try:
            frames = self._context.decode(packet)
        except av.EOFError:
            return []
        except (av.FFmpegError, ValueError):
            if self._is_damaged is None or self._has_keys or self._has_shown:
                self._broke()  # before the first key frame nothing is broken, only nothing can be shown
            self._break_off()
            return []
        whole = [frame for frame in frames if not frame.is_corrupt]
        for _ in range(len(frames) - len(whole)):
            self._broke()
        if self._is_damaged is None:
            return whole
        is_damaged, is_whole = self._is_damaged(), len(whole) == len(frames)
        if is_damaged and is_whole:
            self._broke()
        if is_damaged or not is_whole:
            self._break_off()
            return [] if is_whole else list(takewhile(lambda frame: not frame.is_corrupt, frames))
        return whole

    def _break_off(self) -> None:
        """Show nothing that builds on what is broken; where no key frames are told, the decoder knows what is whole."""
        if self._is_damaged is None:
            return
        self._is_damaged()  # what has been said of it so far is taken in
        self._is_broken, self._kept = self._has_keys, []
        self._passed.clear()
        self._context.flush_buffers()
        self._is_emptied = True

    def _skip_unreferenced(self, packet: "Packet[VideoStream]") -> None:
        """Have the decoder leave a frame out on which no other builds, where it is not wanted."""
        skips = self._is_idle(packet.pts)
        if skips != self._skips:
            self._context.skip_frame = "NONREF" if skips else "DEFAULT"
            self._skips = skips
        if skips and packet.pts is not None and not self._was_shown(packet.pts):
            self._may_lack.append(packet.pts)

    def _seconds(self, pts: int | None) -> float | None:
        if pts is None or self._stream.time_base is None:
            return None
        return float(pts * self._stream.time_base)
