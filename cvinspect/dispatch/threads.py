"""Waiting for threads that were told to end."""

import threading
from collections.abc import Sequence


def ended(threads: Sequence[threading.Thread], *, timeout_s: float) -> bool:
    """Wait until all of them have ended, for each an equal share of the time; whether they did.

    One that was never started has.
    """
    for thread in threads:
        if thread.ident is not None:
            thread.join(timeout_s / len(threads))
    return not any(thread.is_alive() for thread in threads)
