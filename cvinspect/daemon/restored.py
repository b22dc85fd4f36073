"""A ledger that was restored from a backup: found at the start, told, held back from the sinks, and adopted."""

import json
import logging
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cvinspect.dispatch import Sink
from cvinspect.dispatch.jsonl import JsonLines
from cvinspect.store.database import Database
from cvinspect.store.generations import FIRST, Generation, Generations, Reached, held_back
from cvinspect.store.outbox import SqlOutbox
from cvinspect.store.queries import IncidentQueries
from cvinspect.store.reached_file import ReachedFile

_LOG = logging.getLogger(__name__)

_LEDGER = re.compile(r"/cameras/[^?]*(?:\?ledger=([0-9]{1,9}))?")


def reached_file_of(evidence: Path) -> ReachedFile:
    """Where it is noted how far the ledger had come: in the folder of its evidence.

    Whoever restores a ledger puts away what is named like it, and may call the new one otherwise.
    """
    return ReachedFile(evidence / "ledger.reached")


@dataclass(frozen=True, slots=True)
class SentEvent:
    """The last event that a sink of files holds."""

    where: str
    generation: int
    incident_id: str
    revision: int
    data: Any
    """The record, as JSON has it."""


def sent_last(database: Database, sinks: Iterable[Sink], *, now: Callable[[], datetime]) -> list[SentEvent]:
    """What the sinks that can be asked for it hold last, of those that had begun in this ledger."""
    known = [state.name for state in SqlOutbox(database, now=now).states()]
    files = [sink for sink in sinks if isinstance(sink, JsonLines) and sink.name in known]
    found = [_sent(str(sink.path), sink.last_line()) for sink in files]
    return [one for one in found if one is not None]


def look_for_restore(
    database: Database, reached: ReachedFile, sinks: Iterable[Sink], *, now: Callable[[], datetime]
) -> None:
    """At the start, before anything is recorded or sent: hold a restored ledger back, and tell of it.

    Raises DeliveryError when the database cannot be used.
    """
    generations = Generations(database, now=now)
    if generations.unadopted() is None:
        _Finder(generations, IncidentQueries(database)).find(reached.read(), sent_last(database, sinks, now=now))
    found = generations.unadopted()
    if found is not None:
        _LOG.error("%s", held_back(generations.place, found))


@dataclass(frozen=True, slots=True)
class _Finder:
    generations: Generations
    queries: IncidentQueries

    def find(self, noted: Reached | None, sent: Sequence[SentEvent]) -> None:
        """Begin a generation where the ledger has come less far than what was sent from it."""
        here = self.generations.reached()
        reason = self._reason(here, noted, sent)
        if reason is None:
            return
        number = 1 + _highest(here, noted, sent)
        if self.generations.is_new():
            _LOG.info("%s: is new, beside what an earlier ledger has sent: its events carry ?ledger=%d",
                      self.generations.place, number)  # fmt: skip
            self.generations.begin(number, reason=reason, is_adopted=True)
            return
        last_at = self.generations.last_recorded_at()
        until = (
            "in which nothing was recorded" if last_at is None else f"of {last_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
        )
        self.generations.begin(number, reason=f"it is one {until}, and {reason}", is_adopted=False)

    def _reason(self, here: Reached, noted: Reached | None, sent: Sequence[SentEvent]) -> str | None:
        if noted is not None and noted > here:
            later = "" if noted.generation == here.generation else f" of ledger {noted.generation}"
            return f"event {noted.sequence}{later} had been sent, where it holds {here.sequence}"
        ahead = self.generations.sink_ahead()
        if ahead is not None:
            return f"sink {ahead} has had events beyond event {here.sequence}, where it ends"
        return next((fault for fault in (self._fault(here, one) for one in sent) if fault is not None), None)

    def _fault(self, here: Reached, sent: SentEvent) -> str | None:
        """What a sink holds speaks for a later ledger where this one knows it not, or otherwise."""
        name = f"{sent.incident_id}/{sent.revision}"
        if sent.generation < here.generation:
            return None
        if sent.generation > here.generation:
            return f"{sent.where} holds {name} of ledger {sent.generation}"
        body = self.queries.revision(sent.incident_id, sent.revision)
        if body is None:
            return f"{sent.where} holds {name}, which it does not know"
        return None if json.loads(body) == sent.data else f"{sent.where} holds {name} with other content"


def adopt(
    database: Database, reached: ReachedFile, sinks: Iterable[Sink], *, now: Callable[[], datetime]
) -> Generation:
    """Let a restored ledger be sent from, as a generation that nobody has had anything of. Raises DeliveryError."""
    sent = sent_last(database, sinks, now=now)
    return Generations(database, now=now).adopt(above=_highest(Reached(FIRST, 0), reached.read(), sent))


def _highest(here: Reached, noted: Reached | None, sent: Sequence[SentEvent]) -> int:
    """Of all generations that have been sent from."""
    return max([here.generation, noted.generation if noted else FIRST, *(one.generation for one in sent)])


def _sent(where: str, line: bytes | None) -> SentEvent | None:
    """None for what is no event of ours: files are other people's, too."""
    try:
        event: Any = json.loads(line or b"")
        source = _LEDGER.fullmatch(event["source"])
        incident_id, _, revision = event["id"].rpartition("/")
        if source is None:
            return None
        return SentEvent(where, int(source[1] or FIRST), incident_id, int(revision), event["data"])
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return None
