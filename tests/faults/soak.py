"""Two dozen cameras for a while: memory, threads and file descriptors stay as they are, and nothing lags."""

import os
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from tests.faults.house import House
from tests.faults.scoring import Span
from tests.faults.stand import Outcome, Stand, delivered, finish, whole

CAMERAS = 24
SIZE = (640, 360)
MOST_LAG_S = 5.0

_GROWTH_SHARE = 0.05
_MORE_FILES = 4
"""Connections to the database and the API come and go."""


@dataclass(frozen=True, slots=True)
class Usage:
    """Of a process at one moment."""

    resident_mb: float
    threads: int
    files: int


def soak(stand: Stand) -> list[Outcome]:
    """All cameras at 360p, one sample a second each."""
    warm_s, watched_s = (120.0, 480.0) if stand.is_long else (15.0, 30.0)
    names = [f"camera-{number:02}" for number in range(CAMERAS)]
    with stand.spots(*names, size=SIZE) as spots, stand.house("soak", spots, fps=1.0) as house:
        house.start()
        house.until_inspected(within_s=120)
        began_s = time.time()
        _measured(house, warm_s)
        from_s = time.time()
        usages = _measured(house, watched_s)
        seen = Span(began_s, time.time())
        lags_s = [view.lag_s or 0.0 for views in house.views.values() for view in list(views) if view.at_s > from_s]
        faults = [*_grown(usages), *finish(house, spots, within_s=120)]
        if max(lags_s) > MOST_LAG_S:
            faults.append(f"lag of {max(lags_s):.1f} s")
        last = usages[-1]
        note = (
            f"{watched_s:.0f} s: {_typical(usages, first=True):.0f} → {_typical(usages, first=False):.0f} MB, "
            f"{last.threads} threads, {last.files} files, lag ≤ {max(lags_s):.1f} s"
        )
        found = whole(house, spots, {}, seen)
        return [Outcome(f"{CAMERAS} cameras at 360p", 1, found, delivered(house), faults=tuple(faults), note=note)]


def _measured(house: House, seconds: float) -> list[Usage]:
    usages, ends_s = [], time.monotonic() + seconds
    while time.monotonic() < ends_s:
        assert house.pid is not None
        usages.append(_usage(house.pid))
        threading.Event().wait(0.5)
    return usages


def _usage(pid: int) -> Usage:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    status = dict(line.split(":\t", 1) for line in lines if ":\t" in line)
    files = len(os.listdir(f"/proc/{pid}/fd"))  # noqa: PTH208  links to sockets are no paths
    return Usage(int(status["VmRSS"].split()[0]) / 1024, int(status["Threads"]), files)


def _typical(usages: Sequence[Usage], *, first: bool) -> float:
    """Median memory of the first or last third."""
    third = len(usages) // 3
    return median(one.resident_mb for one in (usages[:third] if first else usages[-third:]))


def _grown(usages: Sequence[Usage]) -> list[str]:
    before, after, third = _typical(usages, first=True), _typical(usages, first=False), len(usages) // 3
    faults = [] if after <= before * (1 + _GROWTH_SHARE) else [f"memory grew from {before:.0f} to {after:.0f} MB"]
    for what in ("threads", "files"):
        early, late = (median(getattr(one, what) for one in part) for part in (usages[:third], usages[-third:]))
        if late > early + (_MORE_FILES if what == "files" else 0):
            faults.append(f"{what} grew from {early:g} to {late:g}")
    return faults
