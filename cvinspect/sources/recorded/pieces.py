"""Which video files are pieces of one camera's recording, and in which order: recorders export minutes a file."""

import re
from collections.abc import Callable, Hashable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from itertools import pairwise
from pathlib import Path

from cvinspect.errors import ConfigError
from cvinspect.sources import Clock
from cvinspect.sources.recorded.headers import SLACK_S, Header, header_of, is_next
from cvinspect.sources.recorded.length import believed_length_s
from cvinspect.sources.recorded.name_time import NamedTime, time_in_name
from cvinspect.sources.recorded.pictures import natural_key
from cvinspect.sources.recorded.start import modified_at

_USUAL = {".mp4", ".m4v", ".mov", ".3gp", ".mkv", ".webm", ".flv", ".avi"}
_STREAMS = {".ts", ".m2ts", ".mts", ".mpg", ".mpeg", ".ps"}
_OTHERS = {".dav", ".asf", ".wmv", ".h264", ".264", ".h265", ".265"}
VIDEO_SUFFIXES = frozenset(_USUAL | _STREAMS | _OTHERS)
"""Of files that a folder's recording is made of, in lower case."""

_LONGEST_HOLE = timedelta(days=1)
"""What comes later is another recording."""

_NEXT_S = 60.0
"""Names that hold no time belong together only where one file begins this soon after the one before ended."""

_DAY_LIKE = re.compile(r"^[\d\W_]+$")
_COUNTER = re.compile(r"(?P<before>.*?)(?P<number>\d{3,})[\W_]*")
"""Of three digits and more, as recorders count files; cameras have fewer."""

_WORD = re.compile(r"[A-Za-z]+\d{0,2}|\d{1,2}")


@dataclass(frozen=True, slots=True)
class Piece:
    """One file of a recording."""

    path: Path
    started_at: datetime | None = None
    """Aware UTC; None: as the file itself says, or where the one before it ended."""
    clock: Clock = Clock.GIVEN
    """What `started_at` rests on."""
    exact_s: float = 1.0
    """It leaves out what is less than this many seconds."""


@dataclass(frozen=True, slots=True)
class Series:
    """The files of one recording in order of time."""

    pieces: tuple[Piece, ...]
    order: str = ""
    """What the order rests on."""
    prefix: str = ""
    """What their names begin with, where they hold a time."""


def videos_in(folder: Path, *, deep: bool = True) -> list[Path]:
    """The video files of a folder, else where `deep` those of the folders in it, in natural order; it may have none."""

    def videos(found: Iterable[Path]) -> list[Path]:
        fitting = (one for one in found if one.suffix.lower() in VIDEO_SUFFIXES and not one.name.startswith("."))
        return [one for one in fitting if one.is_file()]

    with suppress(OSError):
        found = videos(folder.iterdir()) or (videos(folder.rglob("*")) if deep else [])
        return sorted(found, key=lambda path: (natural_key(path.parent), natural_key(path)))
    return []


def one_series(paths: Sequence[Path], *, local: tzinfo) -> Series:
    """The files as one recording: by the times in their names, else by those they state, else as they come.

    Raises ConfigError where only some names hold times, and not all files state theirs.
    """
    named = [time_in_name(path, local=local) for path in paths]
    if all(named):
        return _by_names([(path, one) for path, one in zip(paths, named, strict=True) if one is not None])
    headers = [header_of(path, local) for path in paths]
    readable = [one for one in headers if one is not None]
    stated = [one.stated for one in readable if one.stated is not None]
    if len(paths) > 1 and readable and len(stated) == len(readable) and _are_apart(readable):
        return _by_headers(paths, headers)
    if any(named):
        untimed = paths[named.index(None)]
        raise ConfigError(
            f"{untimed}: its name holds no time, as other names do, so its place among them is not known; "
            "put the time of its beginning into its name, or inspect it by itself"
        )
    if len(paths) > 1 and _is_one_clock(readable):
        return _by_clocks(paths, headers, readable[0])
    return Series(tuple(Piece(path) for path in paths), "taken to follow each other without a hole, in the order given")


def series_among(
    paths: Sequence[Path], *, local: tzinfo, key: Callable[[Path], Hashable | None]
) -> tuple[list[Series], list[Path]]:
    """Recordings of several files each among these, and the files that make up none.

    Files of one camera have the same name but for the time and lie in the same folder but for folders of a day; `key`
    says of which camera they are where that is known, else None.
    """
    named: dict[Hashable, list[tuple[Path, NamedTime]]] = {}
    unnamed: dict[Hashable, list[Path]] = {}
    for path in dict.fromkeys(paths):
        time, camera = time_in_name(path, local=local), key(path)
        if time is not None:
            named.setdefault(camera or (_place(path), time.prefix.casefold()), []).append((path, time))
        else:
            unnamed.setdefault(camera or (path.parent, re.sub(r"\d+", "#", path.name)), []).append(path)
    found = [
        _by_names(run) for group in named.values() for part in _views(group, local) for run in _runs(part) if run[1:]
    ]
    found += [series for group in unnamed.values() if group[1:] for series in _chains(group, local)]
    taken = {piece.path for series in found for piece in series.pieces}
    return found, [path for path in paths if path not in taken]


def cameras_among(paths: Sequence[Path], *, local: tzinfo) -> tuple[list[Series], list[Path]]:
    """One series for each camera that the names of a folder's files tell apart, be it one file; and the untimed files.

    What is before the time says of which camera a file is, unless files are merely counted there.
    """
    groups: dict[Hashable, list[tuple[Path, NamedTime]]] = {}
    untimed: list[Path] = []
    for path in paths:
        time = time_in_name(path, local=local)
        if time is None:
            untimed.append(path)
        else:
            groups.setdefault((_place(path), time.prefix.casefold()), []).append((path, time))
    parts = [part for group in groups.values() for part in _views(group, local)]
    if _are_counted(parts, local):
        parts = [[file for part in parts for file in part]]
    return [_by_names(part) for part in parts], untimed


def is_untimed(path: Path, *, local: tzinfo) -> bool:
    """Whether neither the file's name nor the file says when it was recorded."""
    if time_in_name(path, local=local) is not None:
        return False
    header = header_of(path, local)
    return header is not None and header.stated is None


def _by_names(files: Sequence[tuple[Path, NamedTime]]) -> Series:
    ordered = sorted(files, key=lambda file: (file[1].at, natural_key(file[0])))
    pieces = tuple(Piece(path, named.at, Clock.NAME, named.exact_s) for path, named in ordered)
    return Series(pieces, "in order of the times in their names", ordered[0][1].prefix)


def _by_headers(paths: Sequence[Path], headers: Sequence[Header | None]) -> Series:
    """A file that cannot be read stays behind the one that it was named after."""
    pieces, latest = [], None
    for path, header in zip(paths, headers, strict=True):
        latest = header.stated if header is not None else latest
        pieces.append((latest, Piece(path, None if header is None else header.stated, Clock.CONTAINER)))
    pieces.sort(key=lambda one: (one[0] is not None, one[0]))
    return Series(tuple(piece for _, piece in pieces), "in order of the times that the files state")


def _is_one_clock(headers: Sequence[Header]) -> bool:
    """Whether the files' own clocks go on from one to the next, be it with holes."""
    return len(headers) > 1 and all(
        before.length_s is not None and after.begins_s >= before.begins_s + before.length_s - SLACK_S
        for before, after in pairwise(headers)
    )


def _by_clocks(paths: Sequence[Path], headers: Sequence[Header | None], first: Header) -> Series:
    """Only how far apart they are is known: the first one is dated by its file."""
    began_at = modified_at(first.path) - timedelta(seconds=believed_length_s(first.path, first.length_s) or 0.0)
    starts = [None if one is None else began_at + timedelta(seconds=one.begins_s - first.begins_s) for one in headers]
    pieces = tuple(Piece(path, start, Clock.FILE) for path, start in zip(paths, starts, strict=True))
    return Series(pieces, "each of which goes on with the clock of the one before it")


def _are_apart(headers: Sequence[Header]) -> bool:
    """Whether the times that files state can be those of recording: an export writes all of them at one time."""
    ordered = sorted((one for one in headers if one.stated is not None), key=_stated_s)
    return all(_hole_s(before, after) > -(before.length_s or 0.0) / 2 for before, after in pairwise(ordered))


def _stated_s(header: Header) -> float:
    return 0.0 if header.stated is None else header.stated.timestamp()


def _hole_s(before: Header, after: Header) -> float:
    """Seconds from the end of one to the beginning of the other, both stated; below 0 where they overlap."""
    if before.stated is None or after.stated is None:
        return float("inf")
    return (after.stated - before.stated).total_seconds() - (before.length_s or 0.0)


def _place(path: Path) -> tuple[str, ...]:
    """The folder without the folders of days and hours in it."""
    return tuple(part for part in path.absolute().parent.parts if not _DAY_LIKE.match(part) or part == path.anchor)


def _are_counted(groups: Sequence[Sequence[tuple[Path, NamedTime]]], local: tzinfo) -> bool:
    """Whether names differ before the time by nothing but a counter: one file each, and none overlaps the next."""
    files = sorted((group[0] for group in groups), key=lambda file: file[1].at)
    found = [_COUNTER.fullmatch(named.prefix) for _, named in files]
    counters = [(one["before"].casefold(), int(one["number"])) for one in found if one is not None]
    return (
        len(groups) > 1
        and len(counters) == len(groups)
        and all(len(group) == 1 for group in groups)
        and all(before[0] == after[0] and before[1] < after[1] for before, after in pairwise(counters))
        and all(
            before[1].at < after[1].at and _end(*before, local) <= after[1].at + timedelta(seconds=SLACK_S)
            for before, after in pairwise(files)
        )
    )


def _end(path: Path, named: NamedTime, local: tzinfo) -> datetime:
    header = header_of(path, local)
    return named.at + timedelta(seconds=(header and header.length_s) or 0.0)


def _views(files: list[tuple[Path, NamedTime]], local: tzinfo) -> list[list[tuple[Path, NamedTime]]]:
    """Files whose names end otherwise are of several cameras where they were recorded at the same time."""
    parts: dict[tuple[str, ...], list[tuple[Path, NamedTime]]] = {}
    for path, named in files:
        words = tuple(word.casefold() for word in re.findall(r"[^\W_]+", named.suffix) if _WORD.fullmatch(word))
        parts.setdefault(words, []).append((path, named))
    if len(parts) < 2:
        return [files]
    ends = {path: _end(path, named, local) for path, named in files}
    ordered = sorted((named.at, ends[path], words) for words, part in parts.items() for path, named in part)
    slack = timedelta(seconds=SLACK_S)
    overlap = any(
        after[0] + slack < before[1] and before[2] != after[2]
        for i, before in enumerate(ordered)
        for after in ordered[i + 1 : i + 2 + len(parts)]
    )
    return list(parts.values()) if overlap else [files]


def _runs(files: list[tuple[Path, NamedTime]]) -> list[list[tuple[Path, NamedTime]]]:
    """In order of time, parted where a day lies between two."""
    runs: list[list[tuple[Path, NamedTime]]] = []
    for file in sorted(files, key=lambda one: one[1].at):
        if runs and file[1].at - runs[-1][-1][1].at <= _LONGEST_HOLE:
            runs[-1].append(file)
        else:
            runs.append([file])
    return runs


def _chains(paths: Sequence[Path], local: tzinfo) -> list[Series]:
    """Files that state when they begin, each just after the end of another, or whose clocks go on."""
    headers = [(path, header) for path in paths if (header := header_of(path, local)) is not None]
    stated = sorted((one for one in headers if one[1].stated is not None), key=lambda one: _stated_s(one[1]))
    found = []
    for run in _linked(stated, lambda before, after: -SLACK_S <= _hole_s(before, after) <= _NEXT_S):
        pieces = tuple(Piece(path, header.stated, Clock.CONTAINER) for path, header in run)
        found.append(Series(pieces, "in order of the times that the files state"))
    untimed = sorted((one for one in headers if one[1].stated is None), key=lambda one: natural_key(one[0]))
    for run in _linked(untimed, is_next):
        pieces = tuple(Piece(path) for path, _ in run)
        found.append(Series(pieces, "each of which goes on where the one before it ends, by its clock or its number"))
    return found


def _linked(
    files: Sequence[tuple[Path, Header]], follows: Callable[[Header, Header], bool]
) -> list[list[tuple[Path, Header]]]:
    """Runs of two and more."""
    runs: list[list[tuple[Path, Header]]] = []
    for file in files:
        if runs and follows(runs[-1][-1][1], file[1]):
            runs[-1].append(file)
        else:
            runs.append([file])
    return [run for run in runs if run[1:]]
