"""One thread for each sink, so that a dead one holds up no other."""

import logging
import threading
from collections.abc import Sequence

from cvinspect.dispatch.deliverer import Deliverer
from cvinspect.dispatch.threads import ended

_LOG = logging.getLogger(__name__)

_AFTER_A_FAULT_S = 5.0


class Dispatcher:
    """Runs the deliverers from `start` to `stop`."""

    def __init__(self, deliverers: Sequence[Deliverer]) -> None:
        self._lines = _lines(deliverers)
        self._is_started = False

    @property
    def deliverers(self) -> tuple[Deliverer, ...]:
        """One for each sink."""
        return tuple(line.deliverer for line in self._lines)

    def start(self) -> None:
        """Begin to deliver; once."""
        self._is_started = True
        for line in self._lines:
            line.start()

    @property
    def ended(self) -> tuple[str, ...]:
        """Sinks whose thread has ended; before `stop` that is a fault of this program."""
        return tuple(line.deliverer.sink.name for line in self._lines if line.ident is not None and not line.is_alive())

    def wake(self) -> None:
        """Something was recorded: look at once instead of soon."""
        for line in self._lines:
            line.news.set()

    def replace(self, deliverers: Sequence[Deliverer], *, timeout_s: float) -> bool:
        """Other sinks, or the same ones anew, from now on; whether the old ones finished in time.

        Nothing is lost: a sink's cursor is its name's.
        """
        lines, before = _lines(deliverers), self._lines
        done = _stop(before, timeout_s=timeout_s)
        self._lines = lines
        if self._is_started:
            self.start()
        return done

    def stop(self, *, timeout_s: float) -> bool:
        """Let every sink finish what it is sending, then close it; whether all did so in time.

        What was not sent stays in the outbox. A thread that hangs is left behind; it ends with the program.
        """
        return _stop(self._lines, timeout_s=timeout_s)


class _Line(threading.Thread):
    """One sink's thread."""

    def __init__(self, deliverer: Deliverer) -> None:
        super().__init__(name=f"sink {deliverer.sink.name}", daemon=True)
        self.deliverer = deliverer
        self.news = threading.Event()
        self._stopping = threading.Event()

    def run(self) -> None:
        try:
            while not self._stopping.is_set():
                self.news.clear()
                pause_s = self._step()
                if pause_s > 0 and not self._stopping.is_set():
                    self.news.wait(pause_s)
        finally:
            self.deliverer.sink.close()

    def _step(self) -> float:
        """Whatever a step comes to, the thread goes on: without it nothing would be sent, in silence."""
        try:
            return self.deliverer.step()
        except BaseException:  # noqa: BLE001  # also what would end a program: this is but a thread
            _LOG.exception("sink %s: a fault of this program; its deliveries go on", self.deliverer.sink.name)
            return _AFTER_A_FAULT_S

    def leave(self) -> None:
        """End after the present step."""
        self._stopping.set()
        self.news.set()


def _lines(deliverers: Sequence[Deliverer]) -> tuple[_Line, ...]:
    if len({one.sink.name for one in deliverers}) < len(deliverers):
        raise ValueError("two sinks of one name would share a cursor")
    return tuple(_Line(one) for one in deliverers)


def _stop(lines: Sequence[_Line], *, timeout_s: float) -> bool:
    for line in lines:
        line.leave()
    return ended(lines, timeout_s=timeout_s)
