"""Detection: a few threads take turns over all cameras."""

import logging
import threading
from collections.abc import Mapping, Sequence

from cvinspect.daemon.camera_queue import CameraQueue
from cvinspect.daemon.watched_camera import WatchedCamera
from cvinspect.detect import Detector
from cvinspect.dispatch.threads import ended

_LOG = logging.getLogger(__name__)

INFERENCE = "inference "
"""Beginning of the threads' names."""

_LOOK_S = 1.0
"""How long a thread waits for news before it looks whether it is to end."""


class InferenceThreads:
    """Threads that inspect whatever camera has waited longest."""

    def __init__(
        self, detectors: Sequence[Detector], *, queue: CameraQueue, watched_cameras: Mapping[str, WatchedCamera]
    ) -> None:
        """A worker for each of the detectors; `watched_cameras` may change while they run."""
        self._queue = queue
        self._watched_cameras = watched_cameras
        self._threads = [
            threading.Thread(target=self._run, args=(detector,), name=f"{INFERENCE}{number}", daemon=True)
            for number, detector in enumerate(detectors)
        ]

    def start(self) -> None:
        """Begin; once."""
        for thread in self._threads:
            thread.start()

    @property
    def ended(self) -> int:
        """How many have ended; before `stop` that is a fault of this program."""
        return sum(thread.ident is not None and not thread.is_alive() for thread in self._threads)

    def stop(self, *, timeout_s: float) -> bool:
        """Let each finish its frame; whether all did so in time."""
        self._queue.close()
        return ended(self._threads, timeout_s=timeout_s)

    def _run(self, detector: Detector) -> None:
        while not self._queue.is_closed:
            camera = self._queue.take(_LOOK_S)
            if camera is None:
                continue
            watched = self._watched_cameras.get(camera)
            try:
                if watched is not None:
                    watched.turn(detector)
            except Exception:  # noqa: BLE001  # nobody would begin another thread
                _LOG.exception("camera %s: a fault of this program; its turn is left out", camera)
            finally:
                self._queue.done(camera)
