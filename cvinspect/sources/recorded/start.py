"""When a recording began, as far as its file tells."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from pathlib import Path

CHINA = timezone(timedelta(hours=8), "Asia/Shanghai")
"""One time for the whole country, without summer time since 1991: no time zone database needed."""

_KEYS = ("com.apple.quicktime.creationdate", "creation_time")
"""The first is the moment of capture with the local offset, the second may be when the file was written."""

_EARLIEST = datetime(2000, 1, 2, tzinfo=UTC)
"""Clocks that lost their battery start at 1904, 1970, 1980 or on 1 January 2000."""

_LATEST = datetime(2100, 1, 1, tzinfo=UTC)

_CLOCK_ERROR = timedelta(days=1)
"""How much later than the file's last change a recording may say it began: archives keep local times."""


def plausible(moment: datetime) -> bool:
    """Whether a camera's clock that shows this aware moment seems to have been set."""
    return _EARLIEST <= moment < _LATEST


def as_utc(moment: datetime) -> datetime:
    """The same moment in UTC. Raises ValueError where `moment` has no time zone."""
    if moment.tzinfo is None:
        raise ValueError(f"{moment.isoformat()} has no time zone")
    return moment.astimezone(UTC)


def modified_at(path: Path) -> datetime:
    """When the file was last changed, aware UTC."""
    try:
        return datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except (ValueError, OverflowError):  # beyond the year 9999: a damaged file system
        return datetime(1970, 1, 1, tzinfo=UTC)


def stated_start(metadata: Iterable[Mapping[str, str]], *, modified: datetime, local: tzinfo) -> datetime | None:
    """The start that a container's metadata state, aware UTC, or None where they state none to be believed.

    `metadata` are the container's and the stream's, `modified` is the file's last change; times without a
    zone are read in `local`.
    """
    tables = list(metadata)
    for key in _KEYS:
        for table in tables:
            moment = _parsed(table.get(key, ""), local)
            if moment is None or not plausible(moment):
                continue
            if plausible(modified) and moment > modified + _CLOCK_ERROR:
                continue
            return moment
    return None


def _parsed(text: str, local: tzinfo) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text.strip())
        return (moment if moment.tzinfo else moment.replace(tzinfo=local)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
