"""Ctrl-C, a shutdown and a closed terminal."""

import signal
from collections.abc import Callable
from types import FrameType


def on_interrupt(handler: Callable[[int, FrameType | None], None] | signal.Handlers) -> None:
    """Let Ctrl-C, a shutdown and a closed terminal call this, where our parent does not want them ignored."""
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, handler)
