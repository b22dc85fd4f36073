"""What a daemon's API says of its cameras."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class View:
    """What the daemon said of a camera at one moment."""

    at_s: float
    """Seconds since 1970 by the machine's clock."""
    inspected: int
    last_frame_s: float | None
    """When the last inspected frame was captured, by the daemon's wall clock."""
    lag_s: float | None
    connections: int
    unrecorded: int
    """Revisions that wait for the database."""
    states: tuple[str, ...]


def view_of(told: Mapping[str, Any], at_s: float) -> View:
    """Of what `GET /cameras` answers for one of them, asked at that moment."""
    last = told["last_frame_at"]
    return View(
        at_s,
        told["frames_inspected"],
        None if last is None else datetime.fromisoformat(last).timestamp(),
        told["lag_s"],
        told["connections"],
        told["unrecorded"],
        tuple(state["state"] for state in told["states"]),
    )
