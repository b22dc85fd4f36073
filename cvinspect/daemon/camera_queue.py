"""Whose turn it is: cameras with news queue up once each, and no camera is inspected twice at the same time."""

import threading
from collections import deque


class CameraQueue:
    """A fair queue of camera names. Safe to use from many threads."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._waiting: deque[str] = deque()
        self._busy: set[str] = set()
        self._again: set[str] = set()
        """Had news while they were being inspected."""
        self._closed = False

    def ready(self, camera: str) -> None:
        """A camera has news; any number of times until its turn comes."""
        with self._condition:
            if camera in self._busy:
                self._again.add(camera)
            elif camera not in self._waiting:
                self._waiting.append(camera)
                self._condition.notify()

    def take(self, timeout_s: float) -> str | None:
        """The camera that has waited longest, busy until `done`; None when none came in time or all is closed."""
        with self._condition:
            self._condition.wait_for(lambda: self._waiting or self._closed, timeout_s)
            if self._closed or not self._waiting:
                return None
            camera = self._waiting.popleft()
            self._busy.add(camera)
            return camera

    def done(self, camera: str) -> None:
        """Its inspection is over; what came meanwhile lines up behind all others."""
        with self._condition:
            self._busy.discard(camera)
            if camera in self._again:
                self._again.discard(camera)
                self._waiting.append(camera)
                self._condition.notify()
            self._condition.notify_all()

    def forget(self, camera: str, *, timeout_s: float) -> bool:
        """Take a camera out of the queue and wait until nobody inspects it any more; whether that came in time."""
        with self._condition:
            if camera in self._waiting:
                self._waiting.remove(camera)
            self._again.discard(camera)
            return self._condition.wait_for(lambda: camera not in self._busy, timeout_s)

    @property
    def is_closed(self) -> bool:
        """Whether nobody gets a turn any more."""
        return self._closed

    def close(self) -> None:
        """Let everybody who waits for a turn go."""
        with self._condition:
            self._closed = True
            self._condition.notify_all()
