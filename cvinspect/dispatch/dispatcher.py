"""One thread for each sink, so that a dead one holds up no other."""

import threading
from collections.abc import Sequence

from cvinspect.dispatch.deliverer import Deliverer


class Dispatcher:
    """Runs the deliverers from `start` to `stop`."""

    def __init__(self, deliverers: Sequence[Deliverer]) -> None:
        self.deliverers = tuple(deliverers)
        self._stopping = threading.Event()
        self._news = {one.sink.name: threading.Event() for one in self.deliverers}
        if len(self._news) < len(self.deliverers):
            raise ValueError("two sinks of one name would share a cursor")
        self._threads = [
            threading.Thread(target=self._run, args=(one,), name=f"sink {one.sink.name}", daemon=True)
            for one in self.deliverers
        ]

    def start(self) -> None:
        """Begin to deliver; once."""
        for thread in self._threads:
            thread.start()

    @property
    def ended(self) -> tuple[str, ...]:
        """Sinks whose thread has ended; before `stop` that is a fault of this program."""
        pairs = zip(self.deliverers, self._threads, strict=True)
        return tuple(one.sink.name for one, thread in pairs if thread.ident is not None and not thread.is_alive())

    def wake(self) -> None:
        """Something was recorded: look at once instead of soon."""
        for news in self._news.values():
            news.set()

    def stop(self, *, timeout_s: float) -> bool:
        """Let every sink finish what it is sending, then close it; whether all did so in time.

        What was not sent stays in the outbox. A thread that hangs is left behind; it ends with the program.
        """
        self._stopping.set()
        self.wake()
        share_s = timeout_s / max(1, len(self._threads))
        for thread in self._threads:
            thread.join(share_s)
        return not any(thread.is_alive() for thread in self._threads)

    def _run(self, deliverer: Deliverer) -> None:
        news = self._news[deliverer.sink.name]
        try:
            while not self._stopping.is_set():
                news.clear()
                pause_s = deliverer.step()
                if pause_s > 0:
                    news.wait(pause_s)
        finally:
            deliverer.sink.close()
