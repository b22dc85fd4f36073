"""Pictures are not kept for ever: they go by age, by a budget, and none are taken where the disk runs out of room.

Records stay. Pictures of an incident that still stands or is held stay, however old and however large they are. What
goes is told in `deletions.jsonl`.
"""

import logging
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from itertools import chain
from os import DirEntry, scandir
from pathlib import Path
from stat import S_ISREG

from cvinspect.config.site import Site
from cvinspect.daemon.holds import Holds
from cvinspect.daemon.journal import append_lines
from cvinspect.daemon.wall_clock import WallClock
from cvinspect.errors import DeliveryError
from cvinspect.store.evidence_index import Claim, EvidenceIndex

_LOG = logging.getLogger(__name__)

GIGABYTE = 10**9

ORIGINALS = "evidence/original"
MASKED = "evidence/masked"
"""Clips that were masked for somebody: they go with their clip."""
PICTURE_FOLDERS = ("evidence", ORIGINALS, MASKED)
DELETIONS = "deletions.jsonl"
"""Beside the folder of pictures: a line for each file that went, with its reason."""
_OWN_NAME = re.compile(r"[^.].*_((panorama|closeup|after)_\d+\.jpg|clip_\d+\.mp4)|frame_.+\.jpg")
"""What this program calls its pictures and clips: of files that no incident names, no others are touched."""
_PART_NAME = re.compile(r"\..+(\.jpg|_clip_\d+\.mp4)\.part")
_PART_DAYS = 1.0
"""A picture that has been half written for so long was left by a crash."""


class Reason(StrEnum):
    """Why a file goes."""

    AGE = "age"
    """Its incidents ended long ago."""
    BUDGET = "budget"
    """There are more pictures than there may be, and its incidents ended first."""
    UNCLAIMED = "unclaimed"
    """No incident names it: a crash came between the picture and its record."""


@dataclass(frozen=True, slots=True)
class Doomed:
    """A file that is to go."""

    uri: str
    """Relative to the folder, as in the records."""
    size_bytes: int
    reason: Reason
    ended_at: datetime | None
    """Aware UTC: when its last incident ended; None for a file of none."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to go, and what then is left."""

    files: tuple[Doomed, ...]
    """What ended first comes first."""
    kept_bytes: int
    over_budget_bytes: int = 0
    """By how much what must be kept is more than the budget."""
    doubt: str | None = None
    """Why the clock is not believed, and nothing goes by its age; None where it is."""

    @property
    def size_bytes(self) -> int:
        """Of all files that are to go."""
        return sum(one.size_bytes for one in self.files)


@dataclass(frozen=True, slots=True)
class _File:
    uri: str
    name: str
    size_bytes: int
    changed_at: datetime


class Retention:
    """Throws away the pictures below one folder that need not be kept any longer."""

    def __init__(
        self,
        folder: Path,
        index: EvidenceIndex,
        *,
        evidence_days: float,
        disk_budget_bytes: int | None,
        now: Callable[[], datetime],
        seconds: Callable[[], float] | None = None,
        originals_days: float | None = None,
    ) -> None:
        """`folder` is what the records' URIs are relative to; `now` is the wall clock, aware.

        `seconds` is a clock that nobody sets, for a program that runs on. `originals_days`: how long untouched
        pictures stay; None: as long as the others.
        """
        self._originals_days = originals_days
        self._holds = Holds(folder, now=now)
        self._folder = folder
        self._index = index
        self._evidence_days = evidence_days
        self._disk_budget_bytes = disk_budget_bytes
        self._now = now
        self._clock = WallClock(index, now=now, seconds=seconds)

    def plan(self) -> Plan:
        """What would go now; changes nothing. Raises DeliveryError or DeliveryDelayed."""
        files = {file.uri: file for file in self._files()}
        held = self._holds.held().keys()
        # After the files: what is taken meanwhile is not in the list.
        claims = self._index.claims(files.keys(), held=held)
        doubt = self._clock.doubt()
        aged = [] if doubt else [*self._aged(files, claims), *self._unclaimed(files, claims)]
        left = {uri: file for uri, file in files.items() if uri not in {one.uri for one in aged}}
        left_bytes = sum(file.size_bytes for file in left.values())
        excess_bytes = 0 if self._disk_budget_bytes is None else max(0, left_bytes - self._disk_budget_bytes)
        surplus = _oldest(left, claims, excess_bytes)
        freed_bytes = sum(one.size_bytes for one in surplus)
        return Plan((*aged, *surplus), left_bytes - freed_bytes, max(0, excess_bytes - freed_bytes), doubt)

    def carry_out(self, plan: Plan) -> tuple[Doomed, ...]:
        """Remove the files; returns those that are gone. One that cannot be removed is told in the log and left."""
        gone = []
        for one in plan.files:
            try:
                (self._folder / one.uri).unlink(missing_ok=True)
            except OSError as error:
                _LOG.warning("%s: cannot be removed: %s", self._folder / one.uri, error.strerror or error)
            else:
                gone.append(one)
                self._forget_masked(one.uri)
        self._note(gone)
        if plan.doubt is not None:
            _LOG.warning("%s: no picture goes by its age: %s", self._folder, plan.doubt)
        if plan.over_budget_bytes:
            _LOG.warning(
                "%s: %.1f GB over watch.retention.disk_budget_gb, and nothing more of ended incidents to remove",
                self._folder, plan.over_budget_bytes / GIGABYTE,
            )  # fmt: skip
        return tuple(gone)

    def prune(self) -> tuple[Doomed, ...]:
        """Remove what need not be kept; returns what is gone. Raises DeliveryError or DeliveryDelayed."""
        gone = self.carry_out(self.plan())
        if gone:
            _LOG.info(
                "%s: removed %d files, %.3f GB", self._folder, len(gone), sum(one.size_bytes for one in gone) / GIGABYTE
            )
        return gone

    def _aged(self, files: Mapping[str, _File], claims: Mapping[str, Claim]) -> list[Doomed]:
        now, ended = self._now(), _ended(files, claims)
        old = [(at, file) for at, file in ended if at < now - timedelta(days=self._days(file.uri))]
        return [Doomed(file.uri, file.size_bytes, Reason.AGE, at) for at, file in old]

    def _days(self, uri: str) -> float:
        is_own = self._originals_days is not None and uri.startswith(f"{ORIGINALS}/")
        return self._originals_days if is_own and self._originals_days is not None else self._evidence_days

    def _unclaimed(self, files: Mapping[str, _File], claims: Mapping[str, Claim]) -> Iterator[Doomed]:
        for uri in sorted(files.keys() - claims.keys()):
            file = files[uri]
            days = _PART_DAYS if _PART_NAME.fullmatch(file.name) else self._days(uri)
            if file.changed_at < self._now() - timedelta(days=days):
                yield Doomed(uri, file.size_bytes, Reason.UNCLAIMED, None)

    def _forget_masked(self, uri: str) -> None:
        """What was made of a clip for somebody goes with it."""
        if uri.endswith(".mp4"):
            with suppress(OSError):
                (self._folder / MASKED / uri.rpartition("/")[2]).unlink(missing_ok=True)

    def _note(self, gone: Sequence[Doomed]) -> None:
        """What went is told in the log where the file of deletions cannot be written: the disk may be full."""
        at = self._now().astimezone(UTC).isoformat()
        rows = [_row(one, at) for one in gone]
        try:
            if rows:
                append_lines(self._folder / DELETIONS, rows)
        except DeliveryError as error:
            _LOG.warning("%s; removed: %s", error, ", ".join(one.uri for one in gone))

    def _files(self) -> Iterator[_File]:
        return chain.from_iterable(_listed(self._folder, name) for name in PICTURE_FOLDERS)


def _row(one: Doomed, at: str) -> dict[str, object]:
    ended = None if one.ended_at is None else one.ended_at.astimezone(UTC).isoformat()
    return {"at": at, "uri": one.uri, "bytes": one.size_bytes, "reason": one.reason.value, "ended_at": ended}


def retention_of(
    site: Site, index: EvidenceIndex, *, now: Callable[[], datetime], seconds: Callable[[], float] | None = None
) -> Retention:
    """As the site's configuration wants it; `seconds` is a clock that nobody sets, for a program that runs on."""
    wanted = site.config.watch.retention
    budget_gb = wanted.disk_budget_gb
    return Retention(
        site.evidence,
        index,
        evidence_days=wanted.evidence_days,
        disk_budget_bytes=None if budget_gb is None else round(budget_gb * GIGABYTE),
        now=now,
        seconds=seconds,
        originals_days=wanted.originals_days,
    )


def _listed(folder: Path, below: str) -> Sequence[_File]:
    """The pictures that lie in one folder; none where there is no such folder yet. Raises DeliveryError."""
    try:
        with scandir(folder / below) as entries:
            found = [_file(entry, below) for entry in entries if _is_own(entry.name)]
    except FileNotFoundError:
        return []
    except OSError as error:
        raise DeliveryError(f"{folder / below}: cannot be read: {error.strerror or error}") from error
    return [file for file in found if file is not None]


def _is_own(name: str) -> bool:
    return _OWN_NAME.fullmatch(name) is not None or _PART_NAME.fullmatch(name) is not None


def _file(entry: DirEntry[str], below: str) -> _File | None:
    """None for what is no ordinary file, or is gone meanwhile."""
    try:
        stat = entry.stat(follow_symlinks=False)
    except FileNotFoundError:
        return None
    changed_at = datetime.fromtimestamp(stat.st_mtime, UTC)
    return _File(f"{below}/{entry.name}", entry.name, stat.st_size, changed_at) if S_ISREG(stat.st_mode) else None


def _ended(files: Mapping[str, _File], claims: Mapping[str, Claim]) -> list[tuple[datetime, _File]]:
    """The files of ended incidents with the moment of their end, what ended first first."""
    pairs = [(claims[uri].ended_at, file) for uri, file in files.items() if uri in claims]
    return sorted([(at, file) for at, file in pairs if at is not None], key=lambda pair: (pair[0], pair[1].uri))


def _oldest(files: Mapping[str, _File], claims: Mapping[str, Claim], excess_bytes: int) -> list[Doomed]:
    """Files of ended incidents, what ended first, until `excess_bytes` are reached or there are no more."""
    chosen: list[Doomed] = []
    for at, file in _ended(files, claims):
        if excess_bytes <= 0:
            break
        excess_bytes -= file.size_bytes
        chosen.append(Doomed(file.uri, file.size_bytes, Reason.BUDGET, at))
    return chosen
