"""All cameras of one daemon: started, watched over, changed while the others go on, and stopped without loss."""

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial

from cvinspect.daemon import CameraStatus
from cvinspect.daemon.camera_queue import CameraQueue
from cvinspect.daemon.inference_threads import InferenceThreads
from cvinspect.daemon.ledger_writer import LedgerWriter
from cvinspect.daemon.starting import Start
from cvinspect.daemon.watched_camera import WatchedCamera
from cvinspect.errors import DeliveryError
from cvinspect.store.site_store import PlatformStatus, SiteStore

_LOG = logging.getLogger(__name__)

_FRAME_S = 3.0
"""How long the inspection of one frame may take before nobody waits for it any more."""


class CameraSet:
    """Safe to call from any thread, but for `start`, `change` and `stop`, which one thread calls."""

    def __init__(
        self,
        *,
        writer: LedgerWriter,
        sites: SiteStore,
        queue: CameraQueue,
        threads: InferenceThreads,
        watched_cameras: dict[str, WatchedCamera],
        now: Callable[[], datetime],
    ) -> None:
        """`watched_cameras` is what `queue` and `threads` know, empty still."""
        self.writer = writer
        self._sites = sites
        self._queue = queue
        self._threads = threads
        self._watched_cameras = watched_cameras
        self._order: tuple[str, ...] = ()
        self._now = now
        self._lock = threading.Lock()
        self._known_states: dict[str, frozenset[tuple[str, str | None]]] = {}
        self.classes: tuple[str, ...] = ()
        self.is_stopping = False
        """No camera is begun any more."""
        self.started_at = now()
        self.config_sha256 = ""
        self.reload_error: str | None = None
        self.outside_trouble: str | None = None
        """Why something beside the cameras does not work."""

    def start(self) -> None:
        """Begin to write and to inspect; the cameras come with `change`."""
        self.writer.start()
        self._threads.start()

    def change(
        self,
        order: Sequence[str],
        *,
        gone: Sequence[str],
        new_stations: Mapping[str, Callable[[], WatchedCamera]],
        config_sha256: str,
    ) -> None:
        """Stop the cameras that are `gone`, start new ones; one that is both was changed. Others are not touched.

        Raises DeliveryError when what is known of a new camera cannot be read back; it is then left out.
        """
        is_written = True
        for camera in gone:
            is_written = self._remove(camera, flush_s=_FRAME_S if is_written else 0.0)
        self._order, self.config_sha256 = tuple(order), config_sha256
        tasks = {camera: partial(self._begin, camera, new) for camera, new in new_stations.items()}
        failed = Start(tasks, is_stopping=lambda: self.is_stopping).go()
        if failed:
            raise DeliveryError("; ".join(failed))

    def _begin(self, camera: str, new_camera: Callable[[], WatchedCamera]) -> None:
        self._refuse_unrecorded(camera)
        watched = new_camera()
        self._listen_again(watched)
        with self._lock:
            if self.is_stopping:
                return
            self._watched_cameras[camera] = watched
            watched.start()

    def end_start(self) -> None:
        """Begin no camera any more; from any thread, and from a handler of signals as well."""
        self.is_stopping = True

    @property
    def configured(self) -> Sequence[str]:
        """Ids of all cameras that are to be watched, begun or not."""
        return self._order

    def statuses(self) -> Sequence[CameraStatus]:
        """Every camera, in the order of the configuration."""
        return [watched.view() for watched in self.watched_cameras()]

    @property
    def trouble(self) -> str | None:
        """Why the daemon as a whole cannot do its work; None when it can."""
        if self._threads.ended:
            return "an inference thread has ended"
        return self.writer.trouble or self.outside_trouble

    def heard(self, incident_id: str) -> None:
        """A platform has said something of an incident; raises DeliveryError when it cannot be read."""
        notes, cameras = self._sites.notes(incident_id), self.watched_cameras()
        is_called_so = bool(notes) and notes[-1].status is PlatformStatus.RESOLVED
        if is_called_so and cameras and cameras[0].inspection.contradicted(incident_id, notes[-1].at):
            return  # it was said again, and is answered
        for watched in cameras:
            if is_called_so:
                watched.inspection.resolved(incident_id)
            else:
                watched.inspection.not_resolved(incident_id)

    def note_states(self) -> None:
        """Write down what is so with each camera, where that has changed; raises DeliveryError."""
        for watched in self.watched_cameras():
            states = watched.states()
            told = frozenset((one.state, one.detail) for one in states)
            if self._known_states.get(watched.id) != told:
                self._sites.set_camera(watched.id, states)
                self._known_states[watched.id] = told

    def stop(self, *, timeout_s: float) -> bool:
        """Read no more, finish the frames at hand, write everything down; whether all that was done in time."""
        self.end_start()
        share_s = timeout_s / 3
        watched_cameras = self.watched_cameras()
        for watched in watched_cameras:
            watched.stop(timeout_s=0.0)
        done = self._threads.stop(timeout_s=share_s)
        if not done:
            _LOG.error("a frame's inspection did not end in time and is left out; what was found before is not lost")
        for watched in watched_cameras:
            watched.inspection.save()
        done = self.writer.stop(timeout_s=share_s) and done
        for watched in watched_cameras:
            watched.stop(timeout_s=share_s / max(1, len(watched_cameras)))
        return done

    def watched_cameras(self) -> list[WatchedCamera]:
        """Every camera's, in the order of the configuration."""
        with self._lock:
            watched_cameras = dict(self._watched_cameras)
        ordered = [watched_cameras.pop(camera) for camera in self._order if camera in watched_cameras]
        return [*ordered, *watched_cameras.values()]

    def _remove(self, camera: str, *, flush_s: float) -> bool:
        """Whether all that was found is written down."""
        with self._lock:
            watched = self._watched_cameras.pop(camera, None)
        if watched is None:
            return True
        watched.stop(timeout_s=_FRAME_S)
        self._queue.forget(camera, timeout_s=_FRAME_S)
        watched.inspection.save()
        self._known_states.pop(camera, None)
        return self.writer.flush(timeout_s=flush_s)  # its successor reads back what it knew

    def _refuse_unrecorded(self, camera: str) -> None:
        """A new one reads back what the one before it wrote: not before that is written. Raises DeliveryError."""
        if self.writer.holds(camera):
            raise DeliveryError(f"camera {camera}: what it found before it was changed is not recorded yet")

    def _listen_again(self, watched: WatchedCamera) -> None:
        """What was called resolved before the restart is still to be borne out."""
        for incident_id in watched.inspection.standing_ids:
            notes = self._sites.notes(incident_id)
            if (
                notes
                and notes[-1].status is PlatformStatus.RESOLVED
                and not watched.inspection.contradicted(incident_id, notes[-1].at)
            ):
                watched.inspection.resolved(incident_id)
