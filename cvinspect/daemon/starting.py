"""Many things begun at once, each of which may take its time, and given up together when the program is to end."""

import logging
import threading
from collections import deque
from collections.abc import Callable, Mapping

from cvinspect.errors import CvinspectError

_LOG = logging.getLogger(__name__)

_AT_ONCE = 4
"""They read the database, and wait for it; more would not be faster where it is a file."""
_LOOK_EVERY_S = 0.1


class Start:
    """Of cameras: each is made in one of a few threads, and then begun there."""

    def __init__(self, tasks: Mapping[str, Callable[[], None]], *, is_stopping: Callable[[], bool]) -> None:
        """What is to be done for each camera; raises what it likes."""
        self._left = deque(tasks.items())
        self._is_stopping = is_stopping
        self._lock = threading.Lock()
        self._failed: dict[str, str] = {}

    def go(self) -> list[str]:
        """Do it all; returns why some failed. When the program is to end, what is at work is left to itself."""
        order = [name for name, _ in self._left]
        threads = [
            threading.Thread(target=self._work, name=f"starter {number}", daemon=True)
            for number in range(min(_AT_ONCE, len(order)))
        ]
        for thread in threads:
            thread.start()
        while any(thread.is_alive() for thread in threads) and not self._is_stopping():
            for thread in threads:
                thread.join(_LOOK_EVERY_S / len(threads))
        with self._lock:
            return [self._failed[name] for name in order if name in self._failed]

    def _work(self) -> None:
        while not self._is_stopping():
            try:
                name, task = self._left.popleft()
            except IndexError:
                return
            try:
                task()
            except CvinspectError as error:
                self._note(name, str(error))
            except Exception as error:  # noqa: BLE001  # the other cameras are to be started
                _LOG.exception("camera %s cannot be started: a fault of this program", name)
                self._note(name, f"camera {name}: a fault of this program: {type(error).__name__}")

    def _note(self, name: str, says: str) -> None:
        with self._lock:
            self._failed[name] = says
