"""Cameras watched day and night: their threads, turns and trouble, and what they do at this moment.

How a camera is read is in `sources.live`, how its pictures are judged in the stages; the HTTP API is `api`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from cvinspect.store.site_store import CameraState


@dataclass(frozen=True, slots=True)
class Durations:
    """How long something took, over all times it was done."""

    count: int = 0
    total_s: float = 0.0
    longest_s: float = 0.0

    def plus(self, passed_s: float) -> "Durations":
        """Done once more."""
        return Durations(self.count + 1, self.total_s + passed_s, max(self.longest_s, passed_s))


@dataclass(frozen=True, slots=True)
class CarefulLooks:
    """What the careful network does at a camera."""

    cost: Durations
    on_patrol: int
    """How many of them nobody had asked for."""
    planned_s: float
    """From one patrol to the next, where there is room for all."""
    longest_wait_s: float
    """From one look to the next, in seconds of video."""


@dataclass(frozen=True, slots=True)
class CameraStatus:
    """One camera at this moment; counts are since the program began."""

    id: str
    states: tuple[CameraState, ...]
    """What is so with it, such as up or lagging, the oldest first."""
    frames_read: int
    """Decoded, whether used or not."""
    frames_sampled: int
    """Became pictures."""
    frames_inspected: int
    """Went through detector and ledger."""
    drops: Mapping[str, int] = field(default_factory=dict)
    """Frames that were due and not inspected, by reason: overtaken (given up for newer ones), broken, unusable."""
    connections: int = 0
    """How often it was connected to."""
    failures: Mapping[str, int] = field(default_factory=dict)
    """Failed connections by reason, such as refused, stalled, ended, not_found, unauthorised, garbage."""
    lag_s: float | None = None
    """From capture to the end of inspection of the last frame; None before the first one."""
    drift: float | None = None
    """How much faster the camera's clock runs than ours, as a share; None until that can be told."""
    sampling: str | None = None
    """Which frames are decoded and why; None before the first one."""
    gate: Mapping[str, int] = field(default_factory=dict)
    """Samples that the change gate left out, audited, and missed something in; empty without one."""
    last_frame_at: datetime | None = None
    """Aware UTC: when the last inspected frame was captured."""
    inference: Durations = Durations()
    careful: CarefulLooks | None = None
    """None where the quick network looks alone."""
    incidents: Mapping[str, int] = field(default_factory=dict)
    """Violations opened, by class."""
    doubted: Mapping[str, int] = field(default_factory=dict)
    """Pre-alarms that the careful network does not bear out, by class."""
    standing: int = 0
    """Incidents that stand open now."""
    unrecorded: int = 0
    """Revisions that wait for the database."""
    view: str | None = None
    """Which of its views was judged last; None: what it shows now is not judged."""
    judged_s: float = 0.0
    """Seconds that were judged."""
    unjudged_s: Mapping[str, float] = field(default_factory=dict)
    """Seconds that were not, by reason, such as other_view, black, gap."""
    set_aside: int = 0
    """How often what was stored of its ledger could not be read, and was gone on from the incidents."""


class Cameras(Protocol):
    """All cameras of one running daemon. Safe to call from any thread."""

    @property
    def started_at(self) -> datetime:
        """Aware UTC."""
        ...

    @property
    def configured(self) -> Sequence[str]:
        """Ids of all cameras that are to be watched, begun or not."""
        ...

    @property
    def classes(self) -> Sequence[str]:
        """Ids of all classes of violations that can be raised."""
        ...

    def statuses(self) -> Sequence[CameraStatus]:
        """Every camera that was begun, in the order of the configuration."""
        ...

    @property
    def trouble(self) -> str | None:
        """Why the daemon as a whole cannot do its work, one line without secrets, such as a database that cannot
        be written; None when it can."""
        ...

    @property
    def config_sha256(self) -> str:
        """Of the configuration in force."""
        ...

    @property
    def reload_error(self) -> str | None:
        """Why the last changed configuration was refused, one line; None when it was taken."""
        ...

    def heard(self, incident_id: str) -> None:
        """A platform has said something of an incident: look at it with the camera's next frame."""
        ...
