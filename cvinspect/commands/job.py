"""One input of a run, opened."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC
from typing import Protocol

from cvinspect.domain import Camera
from cvinspect.evidence import Picture
from cvinspect.evidence.annotated import AnnotatedVideo
from cvinspect.records.incident import RecordContext
from cvinspect.records.summary import InputSummary
from cvinspect.rules.sample_times import SampleTimes
from cvinspect.sources import Counts, Source
from cvinspect.sources.recorded.pieces import Piece
from cvinspect.tour import Tour


class Watcher(Protocol):
    """Is told how a run goes on; a progress bar is one."""

    def begins(self, name: str, source: Source) -> None:
        """An input is open and will now be read."""
        ...

    def moves(self, counts: Counts) -> None:
        """Another frame was looked at."""
        ...

    def ends(self, summary: InputSummary) -> None:
        """An input is done with, whether it could be read or not."""
        ...


class Clips(Protocol):
    """Takes clips of one input's violations."""

    def take(self, incident_id: str) -> Picture | None:
        """Store the clip of an incident that the last frame proved; None where there is none to be had."""
        ...


@dataclass(frozen=True, slots=True)
class Job:
    """One input, opened, with everything that is needed to inspect it."""

    piece: Piece
    source: Source
    camera: Camera
    pipeline: Tour
    context: RecordContext
    annotated: AnnotatedVideo | None
    notes: Callable[[], tuple[str, ...]]
    """What was skipped or cut, one line each; asked for at the end."""
    clips: Clips | None = None
    """None: none are wanted, or there is no video."""
    begins_s: float | None = None
    """Second of the recording at which it begins; None: it is a recording by itself."""
    seen: dict[str, SampleTimes] = field(default_factory=dict)
    """When the pictures of its recording were taken that were inspected, by view."""
    sample_times: Callable[[], SampleTimes] = lambda: SampleTimes(UTC)
    """Of one more view."""
    raised: set[str] = field(default_factory=set)
    """Classes of which its recording opened violations."""
