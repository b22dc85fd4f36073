"""What disks, databases and receivers do."""

import os
import shutil
import signal
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from random import Random

from cvinspect.store.database import Database
from tests.dispatch.http_server import Answer, hangs, resets, says, sends
from tests.faults.house import ACCEPTS, House
from tests.faults.scoring import Span
from tests.faults.stand import Outcome, Stand, delivered, finish, wait, whole

_SETTLED_S = 8.0
_FAULT_S = 8.0
_DISK, _LONG_DISK = "6m", "40m"
"""Pictures of the whole run have room on it beside the ballast, which fills what is left."""


def locked(stand: Stand) -> list[Outcome]:
    """Another program holds the database, alone."""

    def hold(house: House) -> None:
        with closing(sqlite3.connect(house.database, isolation_level=None, timeout=10)) as other:
            other.execute("BEGIN EXCLUSIVE")
            wait(60.0 if stand.is_long else _FAULT_S)
            other.execute("ROLLBACK")

    return [_through(stand, "database locked", hold)]


def readonly(stand: Stand) -> list[Outcome]:
    """SQLite refuses to write, as on a file system that was mounted read-only after a fault."""

    def refuse(house: House) -> None:
        house.order("readonly 1")
        wait(60.0 if stand.is_long else _FAULT_S)
        house.order("readonly 0")

    return [_through(stand, "database read-only", refuse, note="`PRAGMA query_only` on every connection")]


def disk_full(stand: Stand) -> list[Outcome]:
    """Ledger, pictures and the one sink's file on a disk that is full for a while."""

    def fill(house: House) -> None:
        ballast = house.folder / "data" / "ballast"
        with suppress(OSError), ballast.open("wb", buffering=0) as file:
            while True:
                file.write(bytes(4096))
        wait(60.0 if stand.is_long else _FAULT_S)
        ballast.unlink()

    size = _LONG_DISK if stand.is_long else _DISK
    note = f"a tmpfs of {size}"
    with _small_disk(stand.folder / "disk-full" / "data", size) as is_real:
        return [_through(stand, "disk full", fill, note=note)] if is_real else []


def power_cut(stand: Stand) -> list[Outcome]:
    """Copies of the files at random moments, of which one is what a power cut leaves."""
    random, faults = Random(6), list[str]()
    times = 100 if stand.is_long else 10

    def copy(house: House) -> None:
        for number in range(times):
            wait(random.uniform(0.2, 2.5))
            faults.extend(_copied(house, house.folder / f"copy-{number}", random))

    outcome = _through(stand, "power cut, copied files", copy, repeats=1)
    return [Outcome("power cut, copied files", times, outcome.score, outcome.delivery, (), (*outcome.faults, *faults))]


def sinks(stand: Stand) -> list[Outcome]:
    """A receiver that is down, fails, is slow, hangs, answers twice, or takes an event and does not say so."""
    once = b"HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n"
    days: dict[str, Answer] = {
        "sink down": resets,
        "sink fails": says("503 Busy"),
        "sink slow": _slowly,
        "sink hangs": hangs,
        "sink answers twice": sends(once + once),
    }

    taking = ("sink slow", "sink answers twice")

    def spend_all(house: House) -> None:
        for name, answer in days.items():
            house.receive(house.takes(answer) if name in taking else answer)
            wait(120.0 if stand.is_long else _FAULT_S)
            house.receive()
            recorded = len(house.rows("SELECT sequence FROM outbox"))
            house.until(lambda: len(house.lines) >= recorded, within_s=5, what="the other sink")  # noqa: B023

    return [_through(stand, ", ".join(days), spend_all, repeats=1, within_s=400 if stand.is_long else 60)]


def _slowly(connection: object) -> None:
    wait(1.5)
    ACCEPTS(connection)  # type: ignore[arg-type]


def _through(
    stand: Stand,
    name: str,
    fault: Callable[[House], None],
    *,
    repeats: int | None = None,
    within_s: float = 60.0,
    note: str = "",
) -> Outcome:
    """A fault in the middle of a scene, of which nothing may be lost; time to recover is until all is delivered."""
    times = repeats or (5 if stand.is_long else 1)
    recoveries_s = []
    with stand.spots("one") as spots, stand.house(name.replace(" ", "-")[:20], spots) as house:
        house.start()
        house.until_inspected()
        began_s = time.time()
        for _ in range(times):
            wait(4.0)
            fault(house)
            recoveries_s.append(house.until_delivered(within_s=within_s))
        wait(_SETTLED_S)
        seen = Span(began_s, time.time())
        wrong = finish(house, spots)
        found = whole(house, spots, {}, seen)
        return Outcome(name, times, found, delivered(house), tuple(recoveries_s), tuple(wrong), note)


@contextmanager
def _small_disk(folder: Path, size: str) -> Iterator[bool]:
    """A disk of its own at that folder; False where this user may not mount one."""
    folder.mkdir(parents=True, exist_ok=True)
    order = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
    is_real = os.geteuid() == 0 and subprocess.run(order, capture_output=True, check=False).returncode == 0
    try:
        yield is_real
    finally:
        if is_real:
            subprocess.run(["umount", "--lazy", str(folder)], check=True)


def _copied(house: House, folder: Path, random: Random) -> list[str]:
    """What is wrong with a copy of the ledger's files at this moment, and with one whose journal is torn."""
    assert house.pid is not None
    folder.mkdir()
    os.kill(house.pid, signal.SIGSTOP)
    try:
        received = {*house.lines, *house.taken}
        for suffix in ("", "-wal"):
            shutil.copy(f"{house.database}{suffix}", folder / f"ledger.db{suffix}")
    finally:
        os.kill(house.pid, signal.SIGCONT)
    torn = folder / "torn"
    shutil.copytree(folder, torn, ignore=shutil.ignore_patterns("torn"))
    journal = torn / "ledger.db-wal"
    os.truncate(journal, random.randint(0, journal.stat().st_size))
    _, faults = _opened(torn)
    recorded, more = _opened(folder)
    return [*faults, *more, *(f"{folder.name}: {one} was sent and is not in it" for one in received - recorded)]


def _opened(folder: Path) -> tuple[set[str], list[str]]:
    """The events in a copy, and what is wrong with it."""
    Database(f"sqlite:///{folder / 'ledger.db'}").close()
    with closing(sqlite3.connect(folder / "ledger.db")) as copy:
        verdict = copy.execute("PRAGMA integrity_check").fetchone()[0]
        events = {f"{a}/{b}" for a, b in copy.execute("SELECT incident_id, revision FROM outbox")}
        revisions = {f"{a}/{b}" for a, b in copy.execute("SELECT incident_id, revision FROM revisions")}
    faults = [] if verdict == "ok" else [f"{folder.name}: {verdict}"]
    return events, faults if events == revisions else [*faults, f"{folder.name}: half a transaction"]
