"""One camera's place in the daemon: its reader, its inspection and its health, and how all that is at this moment."""

import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from cvinspect.daemon import CameraView
from cvinspect.daemon.post import CameraPost, Sample
from cvinspect.detect import Detector
from cvinspect.domain import Frame
from cvinspect.store.site_store import CameraState

_LOG = logging.getLogger(__name__)


class Link(Protocol):
    """How a camera's connection is."""

    @property
    def state(self) -> StrEnum:
        """Connecting, up or down."""
        ...

    @property
    def since(self) -> datetime:
        """Aware UTC."""
        ...

    @property
    def reason(self) -> str | None:
        """A short word."""
        ...

    @property
    def detail(self) -> str | None:
        """One line, without secrets."""
        ...


class LiveCounts(Protocol):
    """What became of a camera's frames and connections since the program began."""

    read: int
    sampled: int
    overtaken: int
    broken: int
    connections: int

    @property
    def failures(self) -> Mapping[str, int]:
        """Failed connections by reason."""
        ...


class Reader(Protocol):
    """Drains a camera's stream and keeps its newest sampled frame."""

    @property
    def link(self) -> Link:
        """How the connection is."""
        ...

    @property
    def counts(self) -> LiveCounts:
        """What became of the frames."""
        ...

    @property
    def drift(self) -> float | None:
        """How much faster the camera's clock runs than ours, as a share; None until that can be told."""
        ...

    def start(self) -> None:
        """Begin to read; once."""
        ...

    def stop(self, *, timeout_s: float) -> bool:
        """Read no more; whether that came in time."""
        ...

    def watch(self) -> None:
        """Replace a thread that hangs; to be called every few seconds."""
        ...

    def take(self) -> Sample | None:
        """The newest sampled frame, each at most once; never blocks."""
        ...


class Health(Protocol):
    """What a camera's pictures say of the camera."""

    def see(self, frame: Frame) -> None:
        """Take the next sampled picture in."""
        ...

    @property
    def judgeable(self) -> bool:
        """Whether the pictures show the street that the zones were drawn for."""
        ...

    @property
    def states(self) -> Mapping[StrEnum, float]:
        """What is so, and since when, seconds by the clock that nobody sets."""
        ...


class Station:
    """Reads, checks and inspects one camera. `turn` is for one thread at a time, the rest for any."""

    def __init__(
        self,
        post: CameraPost,
        reader: Reader,
        health: Health,
        *,
        now: Callable[[], datetime],
        seconds: Callable[[], float],
        waiting: Callable[[str], int],
    ) -> None:
        """`waiting` says how many of a camera's revisions are not recorded yet."""
        self.post = post
        self._reader = reader
        self._health = health
        self._now = now
        self._seconds = seconds
        self._waiting = waiting
        self._unusable = 0
        self._faults = 0
        self._told: frozenset[str] = frozenset()

    @property
    def id(self) -> str:
        """The camera's."""
        return self.post.camera.id

    def start(self) -> None:
        """Begin to read; once."""
        self._reader.start()

    def stop(self, *, timeout_s: float) -> bool:
        """Read no more; whether the reader ended in time."""
        return self._reader.stop(timeout_s=timeout_s)

    def watch(self) -> None:
        """See to it that the reader reads; every few seconds."""
        self._reader.watch()

    def turn(self, detector: Detector) -> None:
        """Inspect the newest sample, where there is one."""
        sample = self._reader.take()
        if sample is None:
            return
        try:
            self._inspect(sample, detector)
        except Exception:  # noqa: BLE001  # one camera must not stop the others
            self._faults += 1
            self.post.look_away()
            _LOG.exception("camera %s: a fault of this program; the frame is left out", self.id)

    def _inspect(self, sample: Sample, detector: Detector) -> None:
        self._health.see(sample.frame)
        self._tell_states()
        if not self._health.judgeable:
            self._unusable += 1
            self.post.look_away()
            return
        self.post.inspect(sample, detector)

    def states(self) -> tuple[CameraState, ...]:
        """What is so with the camera, the oldest first."""
        link, now, now_s = self._reader.link, self._now(), self._seconds()
        found = [CameraState(link.state.value, link.since, _words(link.reason, link.detail))]
        found += [
            CameraState(state.value, now - timedelta(seconds=max(0.0, now_s - since_s)))
            for state, since_s in self._health.states.items()
        ]
        return tuple(sorted(found, key=lambda one: one.since))

    def view(self) -> CameraView:
        """Everything at this moment."""
        counts, post = self._reader.counts, self.post
        drops = {"overtaken": counts.overtaken, "broken": counts.broken, "unusable": self._unusable}
        return CameraView(
            id=self.id,
            states=self.states(),
            frames_read=counts.read,
            frames_sampled=counts.sampled,
            frames_inspected=post.inspected,
            drops={**drops, "fault": self._faults},
            connections=counts.connections,
            failures=dict(counts.failures),
            lag_s=post.lag_s,
            drift=self._reader.drift,
            last_frame_at=post.last_frame_at,
            inference=post.inference,
            incidents=dict(post.opened),
            standing=post.standing,
            unrecorded=self._waiting(self.id),
        )

    def _tell_states(self) -> None:
        now = frozenset(state.value for state in self._health.states)
        for word in sorted(now - self._told):
            _LOG.warning("camera %s: %s", self.id, word)
        for word in sorted(self._told - now):
            _LOG.info("camera %s: no longer %s", self.id, word)
        self._told = now


def _words(reason: str | None, detail: str | None) -> str | None:
    return detail or reason
