"""One sink's deliveries: what to send next, what to do with the answer, how long to wait."""

import logging
from collections.abc import Callable
from functools import partial

from cvinspect.dispatch import Answer, Sink
from cvinspect.dispatch.back_off import BackOff
from cvinspect.dispatch.cloudevents import cloud_event
from cvinspect.dispatch.turns import Turns
from cvinspect.errors import DeliveryDelayed, DeliveryError, DeliveryRejected
from cvinspect.store import Outbox, OutboxEvent
from cvinspect.store.texts import can_be_kept, kept

_LOG = logging.getLogger(__name__)

IDLE_S = 1.0
"""How often to look for what another program has recorded."""

_DOWN_AFTER = 3
"""So many different events failed at, none taken in between: it is the sink that fails, and it pauses."""

_SHORTEST_S = 0.05
"""Between two looks at events of which none is due."""

GIVE_UP_AFTER = 2000
"""Attempts at one event that fails while others go through; at 15 s each, about eight hours."""

_LONGEST_SAID = 1000
"""Letters of a reason or a receipt."""


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
        self._turns = Turns()
        self._failed_at: set[int] = set()
        """Events that failed, each by itself, since the last success or pause."""
        self._owed: Callable[[], None] | None = None
        """What the database could not be told of the last attempt: told before anything else is sent."""
        self._is_fresh_ones_turn = False
        self._tried_last = 0
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
            self._tried_last = event.sequence
            self._owed = self._attempt(event)
            self._pay()
        except DeliveryError as error:  # the database's: the sink's own are dealt with in the attempt
            self._fail(str(error))
            self._pause()
        except Exception as error:  # noqa: BLE001  # whatever it was, later steps go on
            _LOG.exception("sink %s: a fault of this program", self.sink.name)
            self._fail(f"a fault of this program: {type(error).__name__}")
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
        if due is None or self._is_fresh_ones_turn or due.sequence == self._tried_last:
            fresh = self._outbox.next_event(self.sink.name)
            if fresh is not None:
                self._is_fresh_ones_turn = False
                return fresh
        self._is_fresh_ones_turn = True
        return due

    def _due(self, now_s: float) -> OutboxEvent | None:
        sequence = self._turns.next(self._outbox.waiting(self.sink.name), now_s)
        return None if sequence is None else self._outbox.waiting_event(self.sink.name, sequence)

    def _until_due_s(self, now_s: float) -> float:
        return max(_SHORTEST_S, min(self._idle_s, self._turns.first_due_s() - now_s))

    def _attempt(self, event: OutboxEvent) -> Callable[[], None] | None:
        """Send it; returns what the database must be told, or None when nothing has changed."""
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
        return self._taken(event, answer)

    def _taken(self, event: OutboxEvent, answer: Answer) -> Callable[[], None]:
        if not answer.taken:
            return partial(self._outbox.skipped, self.sink.name, event)
        if answer.receipt is not None and not _is_keepable(answer.receipt):
            return self._reject(event, "taken, but what it answered cannot be kept; look there before you replay")
        self.sent += 1
        return partial(self._outbox.delivered, self.sink.name, event, receipt=answer.receipt)

    def _deliver(self, event: OutboxEvent) -> Answer:
        """A fault in a sink's own code is taken for a failure at this one event: it must not end all deliveries."""
        try:
            return self.sink.deliver(cloud_event(event.body, ledger=event.ledger), receipt=event.receipt)
        except DeliveryError:
            raise
        except Exception as error:
            _LOG.exception("sink %s: a fault of this program", self.sink.name)
            raise DeliveryDelayed(f"a fault of this program: {type(error).__name__}", one_event=True) from error

    def _reject(self, event: OutboxEvent, reason: str) -> Callable[[], None]:
        self.rejected += 1
        reason = _keepable(reason)
        _LOG.warning(
            "sink %s: incident %s revision %d is now a dead letter: %s",
            self.sink.name, event.incident_id, event.revision, reason,
        )  # fmt: skip
        return partial(self._outbox.rejected, self.sink.name, event, reason=reason)

    def _delay(self, event: OutboxEvent, error: DeliveryDelayed) -> Callable[[], None] | None:
        """It steps aside also where the whole sink fails: it may be the event that brings the receiver down."""
        self._fail(str(error))
        if error.one_event or self._turns.stands_alone(event.sequence):
            return self._delay_one(event, error)
        self._pause(asked_s=error.retry_after_s)
        self._try_again(event, tries=self._turns.tries(event.sequence) + 1)
        return None if event.waits else partial(self._outbox.postponed, self.sink.name, event, counts=False)

    def _try_again(self, event: OutboxEvent, *, tries: int, asked_s: float | None = None) -> None:
        due_s = self._seconds() + self._back_off.pause_s(tries, asked_s=asked_s)
        self._turns.tried(event.sequence, again_s=max(due_s, self._paused_until_s))

    def _delay_one(self, event: OutboxEvent, error: DeliveryDelayed) -> Callable[[], None]:
        """The sink is there, or is there for others: what it asks for keeps none of these waiting."""
        attempts = event.attempts + 1
        if attempts >= self._give_up_after:
            return self._reject(event, f"given up after {attempts} attempts: {error}")
        self._failed_at.add(event.sequence)
        if len(self._failed_at) >= _DOWN_AFTER:
            self._pause()
        self._try_again(event, tries=attempts, asked_s=error.retry_after_s)
        return partial(self._outbox.postponed, self.sink.name, event)

    def _fail(self, reason: str) -> None:
        reason = _keepable(reason)
        if self.trouble is None:
            _LOG.warning("sink %s: delayed: %s", self.sink.name, reason)
        self.trouble = reason
        self._failures += 1

    def _pause(self, *, asked_s: float | None = None) -> None:
        self._failed_at = set()
        pause_s = self._back_off.pause_s(self._failures, asked_s=asked_s)
        self._paused_until_s = self._seconds() + pause_s

    def _succeed(self) -> None:
        if self.trouble is not None:
            _LOG.info("sink %s: delivers again after %d failures", self.sink.name, self._failures)
        self._failures, self.trouble, self._failed_at = 0, None, set()
        self._turns.taken()


def _is_keepable(receipt: str) -> bool:
    return len(receipt) <= _LONGEST_SAID and can_be_kept(receipt)


def _keepable(reason: str) -> str:
    """Whatever a receiver, or a library in its place, has said: a line that every database can hold."""
    line = kept(" ".join(reason.split()))
    return line if len(line) <= _LONGEST_SAID else f"{line[:_LONGEST_SAID]}…"
