"""One sink's deliveries: what to send next, what to do with the answer, how long to wait."""

import logging
from collections.abc import Callable
from functools import partial

from cvinspect.dispatch import Answer, Sink
from cvinspect.dispatch.back_off import BackOff
from cvinspect.dispatch.cloudevents import cloud_event
from cvinspect.errors import DeliveryDelayed, DeliveryError, DeliveryRejected
from cvinspect.store import Outbox, OutboxEvent

_LOG = logging.getLogger(__name__)

IDLE_S = 1.0
"""How often to look for what another program has recorded."""

_DOWN_AFTER = 3
"""Failures in a row at different events from which on it is the sink that fails, not the events."""

GIVE_UP_AFTER = 2000
"""Attempts at one event that fails while others go through; at 15 s each, about eight hours."""

_LOOKED_AT = 500
"""Waiting incidents to look through for one that is due."""


class Deliverer:
    """Takes one sink's events in order and sends them, one attempt a step. For one thread."""

    def __init__(
        self,
        sink: Sink,
        outbox: Outbox,
        *,
        back_off: BackOff,
        seconds: Callable[[], float],
        idle_s: float = IDLE_S,
        give_up_after: int = GIVE_UP_AFTER,
    ) -> None:
        """`seconds` is a clock that only goes forward; what steps of the wall clock do is nothing to it."""
        self.sink = sink
        self._outbox = outbox
        self._back_off = back_off
        self._seconds = seconds
        self._idle_s = idle_s
        self._give_up_after = give_up_after
        self._is_registered = False
        self._failures = 0
        self._paused_until_s = seconds()
        self._due_s: dict[int, float] = {}
        """When to try a waiting event again, by sequence; what is not in it is due at once, as after a restart."""
        self._owed: Callable[[], None] | None = None
        """What the database could not be told of the last attempt: told before anything else is sent."""
        self._asked_s: float | None = None
        self._is_fresh_ones_turn = False
        self.sent = 0
        self.rejected = 0
        self.trouble: str | None = None
        """Why the last attempt failed, one line without secrets; None after a success."""

    def step(self) -> float:
        """Make at most one attempt; returns the seconds until the next step is worthwhile, 0 for at once."""
        now_s = self._seconds()
        if now_s < self._paused_until_s:
            return self._paused_until_s - now_s
        try:
            self._register()
            self._pay()
            event = self._next(now_s)
            if event is None:
                return self._until_due_s(now_s)
            self._owed = self._attempt(event)
            self._pay()
        except DeliveryError as error:  # the database's: the sink's own are dealt with in the attempt
            self._fail(str(error), asked_s=None)
            self._pause()
        return max(0.0, self._paused_until_s - self._seconds())

    def _register(self) -> None:
        """A sink that nobody has registered begins here; else nothing would ever be sent to it, in silence."""
        if not self._is_registered:
            self._outbox.register(self.sink.name)
            self._is_registered = True

    def _pay(self) -> None:
        """Tell the database; raises DeliveryError and stays owing."""
        if self._owed is not None:
            self._owed()
            self._owed = None

    def _next(self, now_s: float) -> OutboxEvent | None:
        """By turns: as many waiting ones as are due at every step would keep fresh ones out for hours."""
        due = self._due(now_s)
        if due is None or self._is_fresh_ones_turn:
            fresh = self._outbox.next_event(self.sink.name)
            if fresh is not None:
                self._is_fresh_ones_turn = False
                return fresh
        self._is_fresh_ones_turn = True
        return due

    def _due(self, now_s: float) -> OutboxEvent | None:
        waiting = self._outbox.set_aside(self.sink.name, limit=_LOOKED_AT)
        self._due_s = {one.sequence: self._due_s.get(one.sequence, now_s) for one in waiting}
        return next((one for one in waiting if self._due_s[one.sequence] <= now_s), None)

    def _until_due_s(self, now_s: float) -> float:
        return min([self._idle_s, *(due_s - now_s for due_s in self._due_s.values())])

    def _attempt(self, event: OutboxEvent) -> Callable[[], None] | None:
        """Send it; returns what the database must be told, or None when nothing has changed."""
        name = self.sink.name
        if event.is_superseded:
            return self._reject(event, f"superseded by revision {event.taken}")
        try:
            answer = self._deliver(event)
        except DeliveryRejected as error:
            self._succeed()  # the sink is there and has answered
            return self._reject(event, str(error))
        except DeliveryDelayed as error:
            return self._delay(event, error)
        except DeliveryError as error:
            return self._delay(event, DeliveryDelayed(str(error)))
        self._succeed()
        if not answer.taken:
            return partial(self._outbox.skipped, name, event)
        self.sent += 1
        return partial(self._outbox.delivered, name, event, receipt=answer.receipt)

    def _deliver(self, event: OutboxEvent) -> Answer:
        """A fault in a sink's own code is taken for a failure at this one event: it must not end all deliveries."""
        try:
            return self.sink.deliver(cloud_event(event.body), receipt=event.receipt)
        except DeliveryError:
            raise
        except Exception as error:
            _LOG.exception("sink %s: a fault of this program", self.sink.name)
            raise DeliveryDelayed(f"a fault of this program: {type(error).__name__}", one_event=True) from error

    def _reject(self, event: OutboxEvent, reason: str) -> Callable[[], None]:
        self.rejected += 1
        _LOG.warning(
            "sink %s: incident %s revision %d is now a dead letter: %s",
            self.sink.name, event.incident_id, event.revision, reason,
        )  # fmt: skip
        return partial(self._outbox.rejected, self.sink.name, event, reason=reason)

    def _delay(self, event: OutboxEvent, error: DeliveryDelayed) -> Callable[[], None] | None:
        self._fail(str(error), asked_s=error.retry_after_s)
        if not error.one_event:
            self._pause()
            return None
        attempts = event.attempts + 1
        if attempts >= self._give_up_after:
            return self._reject(event, f"given up after {attempts} attempts: {error}")
        if self._failures >= _DOWN_AFTER:
            self._pause()
        pause_s = self._back_off.pause_s(attempts, asked_s=error.retry_after_s)
        self._due_s[event.sequence] = max(self._seconds() + pause_s, self._paused_until_s)
        return partial(self._outbox.postponed, self.sink.name, event)

    def _fail(self, reason: str, *, asked_s: float | None) -> None:
        if self.trouble is None:
            _LOG.warning("sink %s: delayed: %s", self.sink.name, reason)
        self.trouble, self._asked_s = reason, asked_s
        self._failures += 1

    def _pause(self) -> None:
        pause_s = self._back_off.pause_s(self._failures, asked_s=self._asked_s)
        self._paused_until_s = self._seconds() + pause_s

    def _succeed(self) -> None:
        if self.trouble is not None:
            _LOG.info("sink %s: delivers again after %d failures", self.sink.name, self._failures)
        self._failures, self.trouble = 0, None
