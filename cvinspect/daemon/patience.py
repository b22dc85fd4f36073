"""Asking something that may keep one waiting."""

import threading
from collections.abc import Callable
from contextlib import suppress
from queue import Empty, SimpleQueue

from cvinspect.errors import CvinspectError


def ends_within(timeout_s: float, task: Callable[[], object], *, name: str) -> bool:
    """Whether the task, in a thread of that name, ends so soon and without an error; else it is left to itself."""
    ended: SimpleQueue[None] = SimpleQueue()

    def run() -> None:
        with suppress(CvinspectError):
            task()
            ended.put(None)

    threading.Thread(target=run, name=name, daemon=True).start()
    with suppress(Empty):
        ended.get(timeout=timeout_s)
        return True
    return False
