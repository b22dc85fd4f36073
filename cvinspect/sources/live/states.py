"""What a live camera hands out: its newest picture, and how the link to it is."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from cvinspect.domain import Frame
from cvinspect.errors import SourceLostError


class LinkState(StrEnum):
    """Whether pictures come."""

    CONNECTING = "connecting"
    """At the start: it is not known yet whether the camera can be reached."""
    UP = "up"
    WAITING = "waiting_for_key_frame"
    """Connected, and video comes, but nothing of it can be shown before the next whole key frame."""
    DOWN = "down"
    """Until pictures come again, however often it is tried meanwhile."""


class Reason(StrEnum):
    """Why no pictures come."""

    REFUSED = "refused"
    """The camera's machine is there, but nobody listens at the port."""
    UNREACHABLE = "unreachable"
    """No such name, no way to it, or nobody answers there."""
    SILENT = "silent"
    """The connection was accepted, then nothing was said."""
    UNAUTHORISED = "unauthorised"
    NOT_FOUND = "not_found"
    """No such stream, or no such file."""
    FAULTY = "faulty"
    """The camera answers that it has a fault of its own (5xx)."""
    GARBAGE = "garbage"
    """What comes is no video, or none that can be decoded; a connection that is torn may look the same."""
    NO_KEY_FRAME = "no_key_frame"
    """Video comes, but for minutes no whole key frame, without which nothing can be shown."""
    STALLED = "stalled"
    """Pictures came, then nothing."""
    ENDED = "ended"
    """The stream was ended. A live one has no end, so this is a failure too."""
    ELSEWHERE = "elsewhere"
    """The camera sends us to a host that it may not send us to."""
    HUNG = "hung"
    """The decoder did not come back; its thread was given up."""


@dataclass(frozen=True, slots=True)
class Link:
    """How the connection to a camera is."""

    state: LinkState
    since: datetime
    """Aware UTC."""
    reason: Reason | None = None
    """Why it is down, by the last attempt; None unless it is, also where it waits for a key frame."""
    detail: str | None = None
    """One line, without secrets."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One sampled picture of a live camera."""

    frame: Frame
    """`media_s` since its run began; `captured_at` is our wall clock's time of capture."""
    run: int
    """Number of the connection, or of a picture size within one; from 1, rises. With a new one tracks end."""
    captured_s: float
    """When it was captured, on the steady clock."""


@dataclass(slots=True)
class LiveCounts:
    """What became of a live camera's frames and connections since the start."""

    read: int = 0
    """Frames decoded, whether used or not."""
    sampled: int = 0
    """Frames that became pictures."""
    overtaken: int = 0
    """Pictures that nobody took in time, given up for newer ones."""
    broken: int = 0
    """Packets or frames that were lost or could not be decoded, and those that build on them."""
    skipped: int = 0
    """Packets not decoded, because the reader had fallen behind and caught up."""
    connections: int = 0
    """Connections, or loops of a file, from which pictures came."""
    failures: Counter[str] = field(default_factory=Counter)
    """Connections that failed or broke off, by reason."""


class LinkLostError(SourceLostError):
    """A camera that cannot be read at the moment. The message holds no secrets."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail
