"""How much of the machine the careful network may take: looks that are wanted always, patrols up to a share."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from cvinspect.daemon import Durations

_SAVED_S = 5.0
"""Seconds of looking that may be saved up, so that a quiet hour is not followed by a burst."""

_ASKED_LATELY_S = 5.0
"""Who has not asked for so long does not wait: its camera is away."""


class CarefulShare:
    """Seconds of looking that fill up with time and are spent by looks, for all cameras. Safe for many threads."""

    def __init__(self, share: float, threads: int, *, seconds: Callable[[], float]) -> None:
        """`share` of the time of so many threads, in (0, 1), by a clock that nobody sets."""
        self._rate = share * threads
        self._seconds = seconds
        self._lock = threading.Lock()
        self._left_s = _SAVED_S
        self._filled_s = seconds()
        self._waiting: dict[str, tuple[float, float]] = {}
        """By camera: by how much it was overdue when it asked last, and when that was."""

    def of(self, camera: str) -> "CameraAllowance":
        """One camera's part of it."""
        return CameraAllowance(self, camera, seconds=self._seconds)

    def grants_patrol(self, camera: str, overdue_s: float) -> bool:
        """Whether there is time left, and no other camera that waits has waited longer."""
        with self._lock:
            now_s = self._fill()
            self._waiting[camera] = overdue_s, now_s
            self._waiting = {key: one for key, one in self._waiting.items() if now_s - one[1] <= _ASKED_LATELY_S}
            since_s = {key: asked_s - late_s for key, (late_s, asked_s) in self._waiting.items()}
            if self._left_s <= 0 or since_s[camera] > min(since_s.values()):
                return False
            del self._waiting[camera]
            return True

    def spend(self, passed_s: float) -> None:
        """A look took so long."""
        with self._lock:
            self._fill()
            self._left_s -= passed_s

    def _fill(self) -> float:
        now_s = self._seconds()
        self._left_s = min(_SAVED_S, self._left_s + self._rate * (now_s - self._filled_s))
        self._filled_s = now_s
        return now_s


class CameraAllowance:
    """What one camera's careful looks may take, and have taken. For one thread at a time."""

    def __init__(self, share: CarefulShare, camera: str, *, seconds: Callable[[], float]) -> None:
        self._share = share
        self._camera = camera
        self._seconds = seconds
        self.spent = Durations()

    def grants_patrol(self, *, overdue_s: float) -> bool:
        """Whether a look that is overdue by so many seconds may be taken now."""
        return self._share.grants_patrol(self._camera, overdue_s)

    @contextmanager
    def look(self) -> Iterator[None]:
        """Around each look."""
        began_s = self._seconds()
        try:
            yield
        finally:
            passed_s = self._seconds() - began_s
            self.spent = self.spent.plus(passed_s)
            self._share.spend(passed_s)
