"""When the pictures of a folder were taken: by EXIF, by their names, by the files' dates, or evenly spaced."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo
from itertools import groupby, pairwise
from pathlib import Path
from statistics import median

from cvinspect.sources import Clock
from cvinspect.sources.recorded.exif import taken_at
from cvinspect.sources.recorded.name_time import time_in_name
from cvinspect.sources.recorded.start import modified_at

_LEAST_S, _USUAL_S, _MOST_S = 1.0, 2.0, 7200.0
"""Files that are copied get new dates, fractions of a second apart: dates of taking lie at least so far apart, usually
more, and not for ever."""

_UNEVEN = 6.0
"""A camera that sends pictures by the clock leaves out some; dates further apart than so many steps are others."""

_LIKE_SHARE = 0.5
"""Dates as far apart as the user says, but for this share, are believed."""


@dataclass(frozen=True, slots=True)
class PictureTimes:
    """Seconds of each picture after the first one, in the order of `paths`."""

    paths: tuple[Path, ...]
    media_s: tuple[float, ...]
    started_at: datetime
    """Aware UTC."""
    clock: Clock
    """What `started_at` rests on."""
    interval_s: float | None
    """The usual distance of two pictures, or the one that the user says where that is more; None of a single one."""
    note: str | None
    """What was chosen; None where there was nothing to choose."""


def picture_times(
    paths: Sequence[Path], *, interval_s: float, is_asked: bool, local: tzinfo, foreign: frozenset[Path] = frozenset()
) -> PictureTimes:
    """The times of pictures in natural order of their names; `foreign` are files that are no pictures and have none.

    `interval_s` is how far apart they are where nothing tells, `is_asked` whether the user says so.
    """
    stamps = [taken_at(path, local=local) for path in paths]
    by_exif = _timed(paths, stamps, Clock.EXIF, foreign) if _ascend(stamps, paths, foreign) else None
    timed = by_exif or _by_names(paths, local, foreign) or _by_dates(paths, interval_s, foreign, is_asked=is_asked)
    if timed is not None:
        usual_s = timed.interval_s
        return replace(timed, interval_s=max(usual_s, interval_s)) if is_asked and usual_s is not None else timed
    taken = [i for i, path in enumerate(paths) if path not in foreign] or [0]
    first, last = taken[0], taken[-1]
    named = time_in_name(paths[first], local=local)
    started_at, clock = modified_at(paths[first]), Clock.FILE
    if is_asked:  # counted forward from a copy's date, hours of pictures would lie in the future
        started_at = modified_at(paths[last]) - timedelta(seconds=(last - first) * interval_s)
    if named is not None:
        started_at, clock = named.at, Clock.NAME
    exif = stamps[first]
    if exif is not None:
        started_at, clock = exif, Clock.EXIF
    media_s = tuple(round((i - first) * interval_s, 6) for i in range(len(paths)))
    note = f"no usable capture times: taken {interval_s:g} s apart; --interval sets that"
    return PictureTimes(
        tuple(paths), media_s, started_at, clock, interval_s if paths[1:] else None, note if paths[1:] else None
    )


def _by_names(paths: Sequence[Path], local: tzinfo, foreign: frozenset[Path]) -> PictureTimes | None:
    named = {path: time for path in paths if (time := time_in_name(path, local=local)) is not None}
    if any(path not in named and path not in foreign for path in paths):
        return None
    ordered = sorted(named, key=lambda path: named[path].at)  # what has the same time stays in order of names
    stamps: list[datetime | None] = []
    for moment, same in groupby(ordered, key=lambda path: named[path].at):
        burst = list(same)
        step_s = named[burst[0]].exact_s / len(burst)
        stamps += [moment + timedelta(seconds=i * step_s) for i in range(len(burst))]
    untimed = [path for path in paths if path not in named]  # no pictures, to be counted as broken
    return _timed([*ordered, *untimed], [*stamps, *[None] * len(untimed)], Clock.NAME, foreign)


def _by_dates(
    paths: Sequence[Path], interval_s: float, foreign: frozenset[Path], *, is_asked: bool
) -> PictureTimes | None:
    """None where the dates seem to be those of a copy."""
    dates: list[datetime | None] = [None if path in foreign else modified_at(path) for path in paths]
    known = [date for date in dates if date is not None]
    steps_s = [(after - before).total_seconds() for before, after in pairwise(known)]
    if len(steps_s) < 2 or min(steps_s) < _LEAST_S:
        return None
    usual_s = median(steps_s)
    is_even = _USUAL_S <= usual_s <= _MOST_S and max(steps_s) <= _UNEVEN * usual_s
    if not is_even or (is_asked and abs(usual_s - interval_s) > _LIKE_SHARE * interval_s):
        return None
    return _timed(paths, dates, Clock.FILE, foreign)


_SAYS = {
    Clock.EXIF: "times are those of EXIF",
    Clock.NAME: "times are those in the names",
    Clock.FILE: "times are the files' dates, which a copy would have changed; --interval says otherwise",
}


def _timed(
    paths: Sequence[Path], stamps: Sequence[datetime | None], clock: Clock, foreign: frozenset[Path]
) -> PictureTimes | None:
    """A file that is no picture and so has no time keeps its place, to be counted as broken."""
    known = [stamp for path, stamp in zip(paths, stamps, strict=True) if stamp is not None and path not in foreign]
    if not known:
        return None
    first = taken = known[0]
    media_s = []
    for path, stamp in zip(paths, stamps, strict=True):
        taken = stamp if stamp is not None and path not in foreign else taken
        media_s.append((taken - first).total_seconds())
    steps_s = [(after - before).total_seconds() for before, after in pairwise(known)]
    usual_s = median(steps_s) if steps_s else None
    note = f"{_SAYS[clock]}, usually {usual_s:g} s apart" if steps_s else None
    return PictureTimes(tuple(paths), tuple(media_s), first, clock, usual_s, note)


def _ascend(stamps: Sequence[datetime | None], paths: Sequence[Path], foreign: frozenset[Path]) -> bool:
    wanted = [stamp for path, stamp in zip(paths, stamps, strict=True) if path not in foreign]
    known = [stamp for stamp in wanted if stamp is not None]
    return len(known) == len(wanted) and all(before < after for before, after in pairwise(known))
