"""Live cameras: what came last waits for inspection, what is older is given up for it."""

import threading
from collections.abc import Callable
from datetime import datetime
from fractions import Fraction
from functools import partial

from cvinspect.domain import Pace
from cvinspect.sources.decoding.packet_ring import PacketRing
from cvinspect.sources.decoding.sampling_choice import EVERY_FRAME, SamplingChoice, SamplingRule
from cvinspect.sources.live.address import Address
from cvinspect.sources.live.faults import usual_time_out_s
from cvinspect.sources.live.opening import Opener
from cvinspect.sources.live.patience import Patience
from cvinspect.sources.live.pause import BackOff
from cvinspect.sources.live.reader import Handover, Reader, copied
from cvinspect.sources.live.states import Link, LinkLostError, LiveCounts, Reason, Sample

_MOST_HANGING = 2
"""Threads that hang in a decoder at the same time; with so many, no further one is tried until one comes back."""


class LiveCamera:
    """One camera, read in a thread of its own for as long as it is started.

    The thread drains the stream, makes pictures of the sampled frames only and keeps the newest few. It connects
    again by itself. A thread that hangs is given up and replaced, which `take` and `watch` see to: one of the two must
    be called every few seconds. May be used from any thread, but started and stopped from one.
    """

    def __init__(  # noqa: PLR0913
        self,
        address: Address,
        *,
        camera: str,
        fps: float,
        now: Callable[[], datetime],
        seconds: Callable[[], float],
        jitter: Callable[[], float],
        arrived: Callable[[], None] = lambda: None,
        rule: SamplingRule = EVERY_FRAME,
        ring: PacketRing | None = None,
        aspect: Fraction | None = None,
    ) -> None:
        """`fps` samples a second; `now` is the wall clock (aware), `seconds` a steady one, `jitter` in [0, 1).

        `arrived` is called from the reader's thread when there is a new sample. `rule` says which
        frames are decoded; of those, `fps` are taken. `ring` holds
        the coded video of the last seconds, where clips are wanted, by the same steady clock. `aspect` is the width to
        height of the picture as it is to be shown, where the stream does not say or is wrong.
        """
        self.camera = camera
        self._place = address.place
        self._handover = Handover(now=now, seconds=seconds)
        back_off = BackOff(jitter)
        self._patience = Patience(usual_time_out_s(address))
        self._new_reader = partial(
            Reader,
            self._handover,
            Opener(address),
            camera=camera,
            fps=fps,
            rule=rule,
            back_off=back_off,
            patience=self._patience,
            now=now,
            seconds=seconds,
            arrived=arrived,
            ring=ring,
            aspect=aspect,
        )
        self._changing = threading.Lock()
        self._reader: Reader | None = None
        self._hanging: list[Reader] = []
        self._is_started = False

    def start(self) -> None:
        """Begin to read; a camera that cannot be reached is tried again and again."""
        with self._changing:
            self._is_started = True
            self._read_on()

    def stop(self, *, timeout_s: float) -> bool:
        """End the reading; whether the thread ended in time. It lays down no picture any more in any case."""
        with self._changing:
            self._is_started = False
            reader, self._reader = self._reader, None
        if reader is None:
            return True
        with self._handover.lock:
            reader.leave()
            self._handover.waiting.clear()
        reader.join(timeout_s)
        return not reader.is_alive()

    def take(self) -> Sample | None:
        """The next sample, each at most once; None where there is none. Never blocks."""
        self.watch()
        with self._handover.lock:
            return self._handover.waiting.popleft() if self._handover.waiting else None

    def go(self, pace: Pace) -> None:
        """Where nothing but key frames is decoded: leave some out, or decode each."""
        reader = self._reader
        if reader is not None:
            reader.go(pace)

    def watch(self) -> None:
        """Replace a reader that hangs."""
        with self._changing:
            if self._is_started and (self._reader is None or self._reader.hangs):
                self._give_up()
                self._read_on()

    @property
    def link(self) -> Link:
        """How the connection is."""
        return self._handover.link

    @property
    def counts(self) -> LiveCounts:
        """What has become of frames and connections so far: a copy."""
        with self._handover.lock:
            return copied(self._handover.counts)

    @property
    def lag_s(self) -> float | None:
        """How late the last frame came after its capture; None unless the link is up."""
        return self._handover.lag_s

    @property
    def sampling(self) -> SamplingChoice | None:
        """Which frames are decoded and why; None before the first one."""
        return self._handover.sampling

    @property
    def clock_trouble(self) -> str | None:
        """Why the camera's time stamps are not believed, in words; None while they are, or there are none."""
        return self._handover.clock_trouble

    @property
    def drift(self) -> float | None:
        """How much faster the camera's clock runs than ours, as a share; None until that can be told."""
        return self._handover.drift

    def _give_up(self) -> None:
        """The thread that hangs is told to leave, should it ever come back, and waited for no longer."""
        reader, self._reader = self._reader, None
        if reader is None:
            return
        with self._handover.lock:
            reader.leave()
            pace = reader.pace
            self._patience.learn(pace, Reason.HUNG)
            if pace.is_counting_anew:
                reader.leave_packets_unordered()
            self._handover.lost(LinkLostError(Reason.HUNG, f"{self._place}: reading it hangs; begun anew"))
        self._hanging.append(reader)

    def _read_on(self) -> None:
        self._hanging = [reader for reader in self._hanging if reader.is_alive()]
        if self._reader is None and len(self._hanging) < _MOST_HANGING:
            reader = self._new_reader()
            reader.start()
            self._reader = reader
