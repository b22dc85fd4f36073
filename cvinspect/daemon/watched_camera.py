"""One camera's place in the daemon: its reader, its inspection and its health, and how all that is at this moment."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from cvinspect.daemon import CameraStatus
from cvinspect.daemon.camera_inspection import CameraInspection
from cvinspect.detect import Detector
from cvinspect.health import HealthState
from cvinspect.health.link import LinkHealth
from cvinspect.health.picture import PictureHealth
from cvinspect.sources.live.rtsp import LiveCamera
from cvinspect.sources.live.states import LinkState, Sample
from cvinspect.store.site_store import CameraState

_LOG = logging.getLogger(__name__)

_AT_ONCE = 5
"""As many samples as may wait; more wait for the camera's next turn."""


class WatchedCamera:
    """Reads, checks and inspects one camera. `turn` is for one thread at a time, the rest for any."""

    def __init__(
        self,
        post: CameraInspection,
        reader: LiveCamera,
        pictures: PictureHealth,
        link: LinkHealth,
        *,
        now: Callable[[], datetime],
        seconds: Callable[[], float],
        waiting: Callable[[str], int],
    ) -> None:
        """`waiting` says how many of a camera's revisions are not recorded yet."""
        self.inspection = post
        self._reader = reader
        self._pictures = pictures
        self._link = link
        self._now = now
        self._seconds = seconds
        self._waiting = waiting
        self._unusable = 0
        self._faults = 0
        self._told: frozenset[HealthState] = frozenset()
        self._told_link: tuple[LinkState, str] | None = None
        self._told_sampling: bool | None = None

    @property
    def id(self) -> str:
        """The camera's."""
        return self.inspection.camera.id

    def start(self) -> None:
        """Begin to read; once."""
        self._reader.start()

    def stop(self, *, timeout_s: float) -> bool:
        """Read no more; whether the reader ended in time."""
        return self._reader.stop(timeout_s=timeout_s)

    def watch(self) -> None:
        """See to it that the reader reads, and how the link is; every second or so."""
        reader = self._reader
        reader.watch()
        self._link.see(
            is_up=reader.link.state is LinkState.UP,
            lag_s=self._lag_s,
            drift=reader.drift,
            is_clock_wrong=reader.clock_trouble is not None,
        )
        self._tell_link()
        self._tell_states()
        self._tell_sampling()

    @property
    def _lag_s(self) -> float | None:
        """How late pictures come, or how late they are inspected, whichever is worse."""
        lags = [one for one in (self._reader.lag_s, self.inspection.lag_s) if one is not None]
        return max(lags, default=None)

    @property
    def _health(self) -> dict[HealthState, float]:
        link: dict[HealthState, float] = dict(self._link.states)
        link.pop(HealthState.UP, None)
        return {**link, **self._pictures.states}

    def turn(self, detector: Detector) -> None:
        """Inspect the samples that wait."""
        for _ in range(_AT_ONCE):
            try:
                sample = self._reader.take()
                if sample is None:
                    return
                self._inspect(sample, detector)
            except Exception:  # noqa: BLE001  # one camera must not stop the others
                self._faults += 1
                self.inspection.look_away()
                _LOG.exception("camera %s: a fault of this program; the frame is left out", self.id)

    def _inspect(self, sample: Sample, detector: Detector) -> None:
        outlook = self.inspection.look(sample)
        self._pictures.see(sample.frame, outlook)
        trouble = self._pictures.trouble
        self._unusable += trouble is not None or outlook.why is not None or outlook.view is None
        if trouble is not None:
            self.inspection.leave_out(sample, trouble)
        else:
            self.inspection.inspect(sample, detector)

    def states(self) -> tuple[CameraState, ...]:
        """What is so with the camera, the oldest first."""
        link, now, now_s = self._reader.link, self._now(), self._seconds()
        found = [CameraState(link.state.value, link.since, link.detail or link.reason)]
        found += [
            CameraState(state.value, now - timedelta(seconds=max(0.0, now_s - since_s)), self._detail(state))
            for state, since_s in self._health.items()
        ]
        return tuple(sorted(found, key=lambda one: one.since))

    def _detail(self, state: HealthState) -> str | None:
        """What is known beyond the state itself, in words."""
        return self._reader.clock_trouble if state is HealthState.CLOCK_WRONG else None

    def view(self) -> CameraStatus:
        """Everything at this moment."""
        counts, post = self._reader.counts, self.inspection
        drops = {"overtaken": counts.overtaken, "broken": counts.broken, "unusable": self._unusable}
        return CameraStatus(
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
            sampling=None if self._reader.sampling is None else str(self._reader.sampling),
            gate=post.gate,
            last_frame_at=post.last_frame_at,
            inference=post.inference,
            careful=post.careful,
            incidents=dict(post.opened),
            doubted=dict(post.doubted),
            standing=post.standing,
            unrecorded=self._waiting(self.id),
            view=post.tour.present,
            judged_s=sum(post.tour.time.judged_s.values()),
            unjudged_s={why.value: seconds for why, seconds in post.tour.time.unjudged_s.items()},
            set_aside=post.set_aside,
        )

    def _tell_link(self) -> None:
        """Once each time it changes, not for each attempt."""
        link = self._reader.link
        now = link.state, link.detail or link.reason or ""
        if now == self._told_link or link.state is LinkState.CONNECTING:
            return
        self._told_link = now
        if link.state is LinkState.UP:
            _LOG.info("camera %s: up", self.id)
        else:
            _LOG.warning("camera %s: %s: %s", self.id, *now)

    def _tell_states(self) -> None:
        now = frozenset(self._health)
        for state in sorted(now - self._told):
            detail = self._detail(state)
            _LOG.warning("camera %s: %s", self.id, f"{state.value}: {detail}" if detail else state.value)
        for state in sorted(self._told - now):
            _LOG.info("camera %s: no longer %s", self.id, state.value)
        self._told = now

    def _tell_sampling(self) -> None:
        sampling = self._reader.sampling
        if sampling is not None and sampling.is_final and sampling.keyframes_only is not self._told_sampling:
            self._told_sampling = sampling.keyframes_only
            _LOG.info("camera %s: %s", self.id, sampling)
