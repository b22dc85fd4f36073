"""Writes down what the cameras find: one thread, so that a slow or locked database holds up no inspection."""

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from cvinspect.dispatch.back_off import BackOff
from cvinspect.errors import DeliveryError, DeliveryRejected
from cvinspect.store import Entry, Snapshot
from cvinspect.store.spool import Unwritten

_LOG = logging.getLogger(__name__)


class Journal(Protocol):
    """Where revisions are recorded for good; a `LedgerStore` is one."""

    def record(self, camera: str, entries: Sequence[Entry], *, snapshot: Snapshot | None = None) -> int:
        """Record all of it or nothing; raises DeliveryRejected when it never can be, DeliveryError else."""
        ...


@dataclass(slots=True)
class _Page:
    """What one camera has still to be written down."""

    entries: list[Entry] = field(default_factory=list)
    snapshot: Snapshot | None = None


class LedgerWriter:
    """Records in order for each camera. What cannot be recorded now waits, and is recorded as soon as it can be."""

    def __init__(self, journal: Journal, *, back_off: BackOff, recorded: Callable[[], None]) -> None:
        """`recorded` is called after revisions were recorded."""
        self._journal = journal
        self._back_off = back_off
        self._recorded = recorded
        self._condition = threading.Condition()
        self._pages: dict[str, _Page] = {}
        self._writing: dict[str, _Page] = {}
        self._stopping = False
        self._failures = 0
        self._trouble: str | None = None
        self._thread = threading.Thread(target=self._run, name="ledger writer", daemon=True)

    def start(self) -> None:
        """Begin to write; once."""
        self._thread.start()

    @property
    def trouble(self) -> str | None:
        """Why nothing can be recorded at this moment, one line; None when it can."""
        if self._thread.ident is not None and not self._thread.is_alive() and not self._stopping:
            return "the thread that records what was found has ended"
        return self._trouble

    def put(self, camera: str, entries: Sequence[Entry], snapshot: Snapshot | None) -> None:
        """Have these revisions recorded, together with the ledger's state after them. Never blocks."""
        with self._condition:
            before = self._pages.get(camera, _Page())
            self._pages[camera] = _Page([*before.entries, *entries], snapshot or before.snapshot)
            self._condition.notify_all()

    def waiting(self, camera: str) -> int:
        """How many revisions of a camera are not recorded yet."""
        with self._condition:
            pages = (self._pages.get(camera), self._writing.get(camera))
            return sum(len(page.entries) for page in pages if page is not None)

    def holds(self, camera: str) -> bool:
        """Whether something of a camera is not recorded yet."""
        with self._condition:
            return camera in self._pages or camera in self._writing

    def unwritten(self) -> dict[str, Unwritten]:
        """What is not recorded yet, by camera; of what is just being recorded, all."""
        with self._condition:
            found = {}
            for camera in dict.fromkeys((*self._writing, *self._pages)):
                first, then = self._writing.get(camera, _Page()), self._pages.get(camera, _Page())
                entries, snapshot = (*first.entries, *then.entries), then.snapshot or first.snapshot
                if entries or snapshot is not None:
                    found[camera] = Unwritten(entries, snapshot)
            return found

    def flush(self, *, timeout_s: float) -> bool:
        """Wait until everything is written; whether that came in time."""
        with self._condition:
            return self._condition.wait_for(lambda: not self._pages and not self._writing, timeout_s)

    def stop(self, *, timeout_s: float) -> bool:
        """Write what there is, then end; whether all was written in time."""
        done = self.flush(timeout_s=timeout_s)
        with self._condition:
            self._stopping = True
            self._condition.notify_all()
        self._thread.join(1.0 if done else 0.0)
        return done

    def _run(self) -> None:
        while True:
            with self._condition:
                self._condition.wait_for(lambda: self._pages or self._stopping)
                if self._stopping:
                    return
                camera = next(iter(self._pages))
                page = self._writing[camera] = self._pages.pop(camera)
            self._write(camera, page)

    def _write(self, camera: str, page: _Page) -> None:
        while page.entries or page.snapshot is not None:
            try:
                if self._record(camera, page):
                    self._recorded()
            except DeliveryError as error:
                self._put_back(camera, page, str(error))
                return
            except BaseException as error:  # noqa: BLE001  # else nothing would be recorded any more
                _LOG.exception("camera %s: a fault of this program while recording", camera)
                self._put_back(camera, page, f"a fault of this program: {type(error).__name__}")
                return
        self._finish(camera)

    def _record(self, camera: str, page: _Page) -> int:
        """Record a page, or else as much of it as can be; how much was new. Raises DeliveryError when it must wait."""
        try:
            new = self._journal.record(camera, page.entries, snapshot=page.snapshot)
        except DeliveryRejected as error:
            if len(page.entries) > 1:  # one revision that contradicts what is recorded must not hold up the others
                return self._record_first(camera, page)
            _LOG.error("camera %s: a revision is left out: %s", camera, error)
            page.entries.clear()
            return 0
        page.entries.clear()
        page.snapshot = None
        return new

    def _record_first(self, camera: str, page: _Page) -> int:
        first = _Page(page.entries[:1])
        new = self._record(camera, first)
        del page.entries[0]
        return new

    def _finish(self, camera: str) -> None:
        with self._condition:
            if self._trouble is not None:
                _LOG.info("the ledger can be written again after %d failures", self._failures)
            self._failures, self._trouble = 0, None
            self._writing.pop(camera, None)
            self._condition.notify_all()

    def _put_back(self, camera: str, page: _Page, reason: str) -> None:
        """In front of what has come since; then wait, unless the end is near."""
        with self._condition:
            if self._trouble is None:
                _LOG.error("the ledger cannot be written: %s; what is found waits", reason)
            self._trouble, self._failures = reason, self._failures + 1
            later = self._pages.get(camera, _Page())
            self._pages[camera] = _Page([*page.entries, *later.entries], later.snapshot or page.snapshot)
            self._writing.pop(camera, None)
            self._condition.wait_for(lambda: self._stopping, self._back_off.pause_s(self._failures))
