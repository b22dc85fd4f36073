"""A clock that is moved by hand, and a sink that does what it is told."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from cvinspect.dispatch import Answer
from cvinspect.dispatch.back_off import BackOff
from cvinspect.dispatch.cloudevents import CloudEvent, cloud_event
from cvinspect.dispatch.deliverer import Deliverer
from cvinspect.store import Outbox
from tests.incident_makers import START
from tests.store.ledger_makers import entry


class Clock:
    """Seconds that pass when told to."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds

    def now(self) -> datetime:
        return START + timedelta(seconds=self.seconds)


class ScriptedSink:
    """Takes events, unless `trouble` has an error for one; keeps the ids of what it was sent and of what it took."""

    def __init__(
        self, name: str = "platform", trouble: Callable[[CloudEvent], Exception | None] = lambda _: None
    ) -> None:
        self.name = name
        self.trouble = trouble
        self.tried: list[str] = []
        self.taken: list[str] = []
        self.receipts: list[str | None] = []
        self.is_closed = False

    def deliver(self, event: CloudEvent, *, receipt: str | None) -> Answer:
        self.tried.append(event.id)
        error = self.trouble(event)
        if error is not None:
            raise error
        self.taken.append(event.id)
        self.receipts.append(receipt)
        return Answer(receipt=f"case of {event.record.incident_id}")

    def close(self) -> None:
        self.is_closed = True


def a_deliverer(sink: ScriptedSink, outbox: Outbox, clock: Clock) -> Deliverer:
    """With pauses of three quarters of 1, 2, 4 … 20 s."""
    return Deliverer(sink, outbox, back_off=BackOff(lambda: 0.5), seconds=clock, idle_s=300.0)


def step_through(deliverer: Deliverer, clock: Clock, *, for_s: float) -> None:
    """Step whenever it is worthwhile, until that much time has passed."""
    end_s = clock.seconds + for_s
    while clock.seconds < end_s:
        clock.seconds += max(deliverer.step(), 0.001)


def an_event(**given: object) -> CloudEvent:
    """The opening of a car at a kerb."""
    return cloud_event(entry(**given).record.to_json())  # type: ignore[arg-type]


def ids(*pairs: Sequence[object]) -> list[str]:
    """`incident/revision` for each."""
    return [f"{incident}/{revision}" for incident, revision in pairs]
