"""When a file was recorded, by its name: what cameras, recorders and FFmpeg call their files.

`docs/recordings.md` lists the patterns.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from pathlib import Path

from cvinspect.sources.recorded.start import as_utc, plausible

_DAY = r"(?P<year>20\d\d)(?P<d>[-_. ]?)(?P<month>0[1-9]|1[0-2])(?P=d)(?P<day>0[1-9]|[12]\d|3[01])"
_HOUR = r"(?P<hour>[01]\d|2[0-3])(?P<t>[-_.:： ]?)(?P<minute>[0-5]\d)"
_FRACTION = r"(?:(?:\.|(?<=\d))(?P<fraction>\d{3}))?"
_ZONE = r"(?P<zone>Z|(?<=\d)[+-](?:0\d|1[0-4]):?[0-5]\d)?"

_STAMP = re.compile(
    rf"(?<!\d){_DAY}(?P<between>[-_.@ ]{{0,3}}|T){_HOUR}(?:(?P=t)(?P<second>[0-5]\d){_FRACTION})?{_ZONE}(?!\d)"
)
_IN_LETTERS = re.compile(
    rf"(?<!\d){_DAY}[-_.@ T]{{0,3}}(?P<hour>\d\d)[hH](?P<minute>\d\d)(?:[mM](?:(?P<second>\d\d)[sS]?)?)?(?!\d)"
)
_IN_CHINESE = re.compile(
    r"(?P<year>20\d\d)年(?P<month>\d\d?)月(?P<day>\d\d?)日[-_ ]*(?P<hour>\d\d?)[时點点](?P<minute>\d\d?)分"
    r"(?:(?P<second>\d\d?)秒)?"
)
_EPOCH = re.compile(
    r"(?:\d\dM\d\dS_)?(?<!\d)(?P<seconds>1\d{9})(?:(?P<milliseconds>\d{3})|\.(?P<fraction>\d{1,9}))?(?!\d)"
)
"""Seconds or milliseconds since 1970: Frigate's clips, Xiaomi's cameras."""

_OF_DAY = re.compile(r"^(?P<hour>[01]\d|2[0-3])(?P<t>[-.:_]?)(?P<minute>[0-5]\d)(?P=t)(?P<second>[0-5]\d)(?!\d)")
_DAY_FOLDER = re.compile(r"^(?P<year>20\d\d)(?P<d>[-_.]?)(?P<month>0[1-9]|1[0-2])(?P=d)(?P<day>0[1-9]|[12]\d|3[01])$")
"""Dahua's recorders keep 2026-11-21/001/dav/08/08.00.00-08.05.00[M][0@0][0].dav."""

_FRIGATE = re.compile(
    r"(?P<year>20\d\d)-(?P<month>\d\d)-(?P<day>\d\d)/(?P<hour>\d\d)/(?P<camera>[^/]+)/(?P<minute>\d\d)\.(?P<second>\d\d)$"
)
"""Frigate keeps 2026-11-21/08/front/05.00.mp4, in UTC."""

_DAY_FOLDERS_UP = 4
_END = re.compile(r"^[-_~ ]{1,3}[A-Za-z]{0,3}[-_]?(?:20\d{6}[-_]?)?(?:[01]\d|2[0-3])[-.:_]?[0-5]\d[-.:_]?[0-5]\d(?!\d)")
"""Where a name also says when the file ends."""

_MINUTE_S, _SECOND_S, _MILLISECOND_S = 60.0, 1.0, 0.001


@dataclass(frozen=True, slots=True)
class NamedTime:
    """What a file's name tells of its beginning."""

    at: datetime
    """Aware UTC."""
    exact_s: float
    """The name leaves out what is less than this many seconds."""
    prefix: str
    """Of the name, up to the time: the same for all files of a camera."""
    suffix: str
    """Of the name, after the time and without its ending."""


def time_in_name(path: Path, *, local: tzinfo) -> NamedTime | None:
    """The time in a file's name, or in those of its folders; None where there is none to be believed.

    A time without a zone is read in `local`.

    >>> time_in_name(Path("ch01_20261121080000.mp4"), local=UTC).at.isoformat()
    '2026-11-21T08:00:00+00:00'
    """
    stem = path.name.removesuffix(path.suffix) if not path.suffix[1:].isdecimal() else path.name
    for pattern in (_STAMP, _IN_LETTERS, _IN_CHINESE):
        for match in pattern.finditer(stem):
            named = _named(stem, match, _moment(match.groupdict(), local))
            if named is not None:
                return named
    return _from_epoch(stem) or _from_folders(path, stem, local)


def _named(stem: str, match: re.Match[str], at: datetime | None) -> NamedTime | None:
    if at is None or not plausible(at):
        return None
    parts = match.groupdict()
    exact_s = _MILLISECOND_S if parts.get("fraction") else _SECOND_S if parts.get("second") else _MINUTE_S
    rest = stem[match.end() :]
    return NamedTime(at, exact_s, stem[: match.start()], rest[end.end() :] if (end := _END.match(rest)) else rest)


def _moment(parts: dict[str, str | None], local: tzinfo) -> datetime | None:
    numbers = [int(parts.get(name) or 0) for name in ("year", "month", "day", "hour", "minute", "second")]
    fraction_us = 1000 * int(parts.get("fraction") or 0)
    try:
        year, month, day, hour, minute, second = numbers
        return as_utc(datetime(year, month, day, hour, minute, second, fraction_us, _zone(parts.get("zone"), local)))
    except (ValueError, OverflowError):  # the 31st of a short month
        return None


def _zone(text: str | None, local: tzinfo) -> tzinfo:
    if not text:
        return local
    if text == "Z":
        return UTC
    offset = timedelta(hours=int(text[1:3]), minutes=int(text[-2:]))
    return timezone(-offset if text[0] == "-" else offset)


def _from_epoch(stem: str) -> NamedTime | None:
    match = _EPOCH.search(stem)
    if match is None:
        return None
    digits = match["milliseconds"] or (match["fraction"] or "").ljust(3, "0")[:3]
    at = datetime.fromtimestamp(int(match["seconds"]), UTC) + timedelta(milliseconds=int(digits))
    exact_s = _MILLISECOND_S if int(digits) else _SECOND_S
    return NamedTime(at, exact_s, stem[: match.start()], "") if plausible(at) else None


def _from_folders(path: Path, stem: str, local: tzinfo) -> NamedTime | None:
    whole = path.parent.as_posix() + "/" + stem
    frigate = _FRIGATE.search(whole)
    if frigate is not None:
        at = _moment(frigate.groupdict(), UTC)
        return None if at is None else NamedTime(at, _SECOND_S, frigate["camera"], "")
    clock = _OF_DAY.match(stem)
    if clock is None:
        return None
    for folder in path.parents[:_DAY_FOLDERS_UP]:
        day = _DAY_FOLDER.match(folder.name)
        if day is not None:
            at = _moment(day.groupdict() | clock.groupdict(), local)
            return _named(stem, clock, at)
    return None
