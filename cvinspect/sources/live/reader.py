"""The thread that reads one camera, and the handover on which it lays what it has."""

import threading
from collections import deque
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from fractions import Fraction

import av
from av import VideoFrame

from cvinspect.domain import Frame, Pace, Passage, Pixels
from cvinspect.sources.decoding.conversion import PixelShape, ToBgr
from cvinspect.sources.decoding.packet_ring import PacketRing
from cvinspect.sources.decoding.passage import CodedPassage
from cvinspect.sources.decoding.sampler import Sampler
from cvinspect.sources.decoding.sampling_choice import SamplingChoice, SamplingRule
from cvinspect.sources.live.connection import Wanted, connect
from cvinspect.sources.live.feed import Arrival, Feed, FeedPace, Watched
from cvinspect.sources.live.loop import open_loop
from cvinspect.sources.live.opening import Opener
from cvinspect.sources.live.patience import Patience
from cvinspect.sources.live.pause import BackOff, wait
from cvinspect.sources.live.states import Link, LinkLostError, LinkState, LiveCounts, Reason, Sample

_OPENING_TIME_OUTS = 4
"""Opening takes up to two time-outs, a name that nobody can resolve as long again."""

_READING_TIME_OUTS = 2
"""FFmpeg notices by itself when nothing comes; not so a camera that goes on sending reports, and no video."""

_WAITING = 5
_WAITING_S = 2.5
"""As many pictures, of so much time, may wait to be inspected: many cameras' key frames come at one moment. What is
older is given up for what is new."""


class Handover:
    """What is known of a camera at this moment. Safe to use from any thread."""

    def __init__(self, *, now: Callable[[], datetime], seconds: Callable[[], float]) -> None:
        self.lock = threading.Lock()
        self.counts = LiveCounts()
        self.link = Link(LinkState.CONNECTING, now())
        self.waiting: deque[Sample] = deque()
        """What nobody took yet, the oldest first."""
        self.lag_s: float | None = None
        self.drift: float | None = None
        self.clock_trouble: str | None = None
        self.sampling: SamplingChoice | None = None
        self.runs = 0
        self._now = now
        self._seconds = seconds
        self._up_since_s: float | None = None

    def arrived(self, lag_s: float, feed: Feed) -> None:
        """A frame came, whether it is used or not."""
        self.counts.read += 1
        self.lag_s = lag_s
        self.sampling, self.drift, self.clock_trouble = feed.sampling, feed.drift, feed.clock_trouble
        if self._up_since_s is None:
            self._up_since_s = self._seconds()
        if self.link.state is not LinkState.UP:
            self.link = Link(LinkState.UP, self._now())

    def waits(self, detail: str) -> None:
        """Data comes, and nothing of it can be shown."""
        if self.link.state is not LinkState.WAITING:
            self.link = Link(LinkState.WAITING, self._now(), None, detail)
            self.lag_s = None

    def lay(self, sample: Sample) -> None:
        """The next picture; those that have waited for too long make room."""
        self.counts.sampled += 1
        oldest_s = sample.captured_s - _WAITING_S
        while self.waiting and (len(self.waiting) >= _WAITING or self.waiting[0].captured_s < oldest_s):
            self.waiting.popleft()
            self.counts.overtaken += 1
        self.waiting.append(sample)

    def lost(self, lost: LinkLostError) -> float:
        """No pictures come; returns for how many seconds they had come."""
        up_s = 0.0 if self._up_since_s is None else self._seconds() - self._up_since_s
        since = self.link.since if self.link.state is LinkState.DOWN else self._now()
        self.counts.failures[lost.reason.value] += 1
        self.link = Link(LinkState.DOWN, since, lost.reason, lost.detail)
        self.lag_s = self._up_since_s = None
        return up_s


class Reader(threading.Thread):
    """Reads one camera until told to leave, connecting again whenever the link is lost."""

    def __init__(  # noqa: PLR0913
        self,
        handover: Handover,
        opener: Opener,
        *,
        camera: str,
        fps: float,
        rule: SamplingRule,
        back_off: BackOff,
        patience: Patience,
        now: Callable[[], datetime],
        seconds: Callable[[], float],
        arrived: Callable[[], None],
        ring: PacketRing | None,
        aspect: Fraction | None = None,
    ) -> None:
        super().__init__(name=f"reader of {camera}", daemon=True)
        self._handover = handover
        self._opener = opener
        self._address = opener.address
        self._camera = camera
        self._fps = fps
        self._rule = rule
        self._back_off = back_off
        self._patience = patience
        self._time_out_s = patience.time_out_s
        self._now = now
        self._seconds = seconds
        self._tell_arrived = arrived
        self._leaves = threading.Event()
        self._feed: Feed | None = None
        self._alive_s = seconds()
        self._watched = Watched(
            seconds, self._show_life, self._count_broken, self._count_skipped, self._tell_wait, ring
        )  # fmt: skip
        self._aspect = aspect
        self._shape = PixelShape(picture=aspect)
        self._convert = ToBgr(shape=self._shape)

    def go(self, pace: Pace) -> None:
        """Where nothing but key frames is decoded: leave some out, or decode each.

        From any thread.
        """
        feed = self._feed
        if feed is not None:
            feed.go(pace)

    def leave(self) -> None:
        """Lay nothing on the handover any more, and end as soon as the decoder comes back."""
        self._leaves.set()

    @property
    def hangs(self) -> bool:
        """Whether the decoder has not come back for longer than all its time-outs, or will not for long."""
        time_outs = _OPENING_TIME_OUTS if self._feed is None else _READING_TIME_OUTS
        is_long = self._seconds() - self._alive_s > time_outs * self._time_out_s
        return is_long or self.pace.is_counting_anew or not self.is_alive()

    def leave_packets_unordered(self) -> None:
        """In connections to come, of this reader or another: this camera's numbers cannot be gone by."""
        self._opener.keeps_order = False

    @property
    def pace(self) -> FeedPace:
        """How fast packets have come in the present connection."""
        feed = self._feed
        return FeedPace() if feed is None else feed.pace

    def run(self) -> None:
        """The thread's work."""
        while not self._leaves.is_set():
            lost = self._read_until_lost()
            with self._handover.lock:
                if self._leaves.is_set():
                    return
                pause_s = self._back_off.pause_s(lost.reason, up_s=self._handover.lost(lost)) if lost else 0.0
            if lost:
                self._alive_s = self._seconds() + pause_s
                wait(pause_s, lost.reason, self._address, stop=self._leaves)
                self._show_life()

    def _read_until_lost(self) -> LinkLostError | None:
        """One connection; None where a file was played to its end, or we are to leave."""
        try:
            with closing(self._opened()) as feed:
                self._show_life()
                self._feed = feed
                self._read(feed)
        except LinkLostError as lost:
            self._learn(lost.reason)
            return lost
        except Exception as error:  # noqa: BLE001  whatever a decoder throws, the camera is tried again
            # Not the error's words: they may hold the URL with its password.
            return LinkLostError(Reason.GARBAGE, f"{self._address.place}: reading failed ({type(error).__name__})")
        finally:
            self._feed = None
        return None

    def _opened(self) -> Feed:
        if self._address.is_file:
            return open_loop(self._address, self._watched, self._rule, stop=self._leaves)
        self._time_out_s = self._patience.time_out_s
        wanted = Wanted(self._rule, self._fps, self._time_out_s, self._handover.clock_trouble)
        return connect(self._opener, self._watched, wanted, stop=self._leaves)

    def _learn(self, reason: Reason) -> None:
        """For the next connection, unless another reader has taken over."""
        if self._leaves.is_set():
            return
        if self._feed is None:
            self._patience.refused(reason, is_http=self._address.scheme.startswith("http"))
        else:
            self._patience.learn(self._feed.pace, reason)

    def _read(self, feed: Feed) -> None:
        sampler, run, first = Sampler(fps=self._fps), 0, 0
        is_first = True
        self._shape = PixelShape(feed.stated_pixel, self._aspect)
        self._convert = ToBgr(shape=self._shape)
        for arrival in feed.arrivals():
            self._show_life()
            with self._handover.lock:
                if self._leaves.is_set():
                    return
                self._handover.counts.connections += is_first
                if arrival.begins_run:
                    self._handover.runs += 1
                    sampler, run, first = Sampler(fps=self._fps), self._handover.runs, arrival.index
                self._handover.arrived(arrival.arrived_s - arrival.stamp.captured_s, feed)
            is_first = False
            if sampler.takes(arrival.stamp.media_s):
                passage = feed.taken(rest_s=sampler.rest_s(arrival.stamp.media_s))
                self._lay(arrival, run, arrival.index - first, None if arrival.begins_run else passage)

    def _lay(self, arrival: Arrival, run: int, index: int, passage: Passage | None) -> None:
        pixels = self._picture(arrival.frame)
        if pixels is None:
            return
        if isinstance(passage, CodedPassage):
            passage = replace(passage, shape=self._shape)
        stamp = arrival.stamp
        captured_at = self._now() - timedelta(seconds=self._seconds() - stamp.captured_s)
        frame = Frame(self._camera, index, stamp.media_s, captured_at, pixels, passage)
        with self._handover.lock:
            if self._leaves.is_set():
                return
            self._handover.lay(Sample(frame, run, stamp.captured_s))
        self._tell_arrived()

    def _picture(self, frame: VideoFrame) -> Pixels | None:
        try:
            return self._convert(frame)
        except (av.FFmpegError, ValueError):
            self._count_broken()
            return None

    def _show_life(self) -> None:
        self._alive_s = self._seconds()

    def _tell_wait(self, detail: str) -> None:
        with self._handover.lock:
            if not self._leaves.is_set():
                self._handover.waits(f"{self._address.place}: {detail}")

    def _count_broken(self) -> None:
        with self._handover.lock:
            if not self._leaves.is_set():
                self._handover.counts.broken += 1

    def _count_skipped(self) -> None:
        with self._handover.lock:
            if not self._leaves.is_set():
                self._handover.counts.skipped += 1


def copied(counts: LiveCounts) -> LiveCounts:
    """The counts as they stand, to be kept."""
    return replace(counts, failures=counts.failures.copy())
