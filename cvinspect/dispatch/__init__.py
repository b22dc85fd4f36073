"""Recorded incidents go to the platforms: at least once, in order within each incident, each sink at its own pace.

What waits to be sent is kept in `store`; which sinks there are is decided in `daemon`.
"""

from dataclasses import dataclass
from typing import Protocol

from cvinspect.dispatch.cloudevents import CloudEvent


@dataclass(frozen=True, slots=True)
class Answer:
    """What a sink did with an event."""

    taken: bool = True
    """False: it has no use for events of this kind."""
    receipt: str | None = None
    """What the platform calls it, such as a service request's id; handed back with the incident's later events."""


class Sink(Protocol):
    """A place that events are sent to."""

    @property
    def name(self) -> str:
        """What the sink's cursor is kept under; never changed while its events matter."""
        ...

    def deliver(self, event: CloudEvent, *, receipt: str | None) -> Answer:
        """Send one event and return when the receiver has it for good.

        `receipt` is what the sink answered to an earlier revision of the incident. Sending again is harmless: the
        event's id says so. Raises DeliveryDelayed when trying again may help, DeliveryRejected when it does not.
        """
        ...

    def close(self) -> None:
        """Release what is open; safe to call twice."""
        ...
