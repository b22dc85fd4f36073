"""A stop that gives up says what it leaves, keeps it, and the next start writes it, once."""

import logging
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from cvinspect.daemon.ledger_writer import LedgerWriter
from cvinspect.daemon.unwritten import UnwrittenKeeper, spools_of
from cvinspect.dispatch.back_off import BackOff
from cvinspect.store import Snapshot
from cvinspect.store.database import Database
from cvinspect.store.ledger_store import LedgerStore
from cvinspect.store.spool import Spool
from tests.store.ledger_makers import LockedJournal, sqlite_at, stores, story

FAULT = (
    Path(__file__).parents[2] / ".." / "shared" / "faults" / "adv-10-stop-drops-what-is-unwritten-and-does-not-say-so"
)
GATE, YARD = "kerb-01", "yard"
SOON_S = 20.0


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[LedgerStore]:
    database = Database(sqlite_at(tmp_path / "ledger.db"))
    yield stores(database)[0]
    database.close()


def keeper_of(journal: LockedJournal | LedgerStore, *paths: Path) -> tuple[LedgerWriter, UnwrittenKeeper]:
    back_off = BackOff(lambda: 0.0, first_s=0.01, longest_s=0.01)
    writer = LedgerWriter(journal, back_off=back_off, recorded=lambda: None)
    return writer, UnwrittenKeeper(writer, [Spool(path) for path in paths])


def revisions(ledger: LedgerStore, incident_id: str = "inc-1") -> list[int]:
    return [one.revision for one in ledger.history(incident_id)]


def stopped_while_locked(ledger: LedgerStore, *paths: Path) -> None:
    """A daemon that found three revisions of one camera and the state of another."""
    writer, keeper = keeper_of(LockedJournal(ledger), *paths)
    writer.start()
    writer.put(GATE, story("inc-1", 3), Snapshot(1, "three"))
    writer.put(YARD, [], Snapshot(1, "calm"))
    assert not writer.stop(timeout_s=0.1)
    keeper.keep()


def test_a_stop_that_gives_up_says_in_one_line_how_much_of_which_camera_and_where_it_is(
    ledger: LedgerStore, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        stopped_while_locked(ledger, tmp_path / "spool")
    assert [one for one in caplog.messages if "not written" in one] == [
        "not written in time: 3 revisions of camera kerb-01, and its state; 0 revisions of camera yard, and its state; "
        f"kept in {tmp_path}/spool, from which the next start writes it"
    ]


def test_the_next_start_writes_it_once_and_removes_the_file(ledger: LedgerStore, tmp_path: Path) -> None:
    stopped_while_locked(ledger, tmp_path / "spool")
    writer, keeper = keeper_of(ledger, tmp_path / "spool")
    keeper.take_in()
    assert keeper.cameras == {GATE, YARD}
    writer.start()
    assert writer.flush(timeout_s=SOON_S)
    keeper.settle()
    assert (keeper.cameras, (tmp_path / "spool").exists()) == (frozenset(), False)
    assert (revisions(ledger), ledger.snapshot(GATE), ledger.snapshot(YARD)) == (
        [0, 1, 2], Snapshot(1, "three"), Snapshot(1, "calm"),
    )  # fmt: skip
    writer.stop(timeout_s=SOON_S)


def test_what_was_written_after_all_is_not_written_twice(ledger: LedgerStore, tmp_path: Path) -> None:
    """The database was let go while the file was being laid down; or the program was killed before it removed it."""
    stopped_while_locked(ledger, tmp_path / "spool")
    ledger.record(GATE, story("inc-1", 2), snapshot=None)
    for _ in range(2):
        shutil.copy(tmp_path / "spool", tmp_path / "again")
        writer, keeper = keeper_of(ledger, tmp_path / "again")
        keeper.take_in()
        writer.start()
        assert writer.flush(timeout_s=SOON_S)
        keeper.settle()
        writer.stop(timeout_s=SOON_S)
    assert revisions(ledger) == [0, 1, 2]


def test_a_start_that_cannot_write_either_loses_nothing_at_its_stop(ledger: LedgerStore, tmp_path: Path) -> None:
    stopped_while_locked(ledger, tmp_path / "spool")
    writer, keeper = keeper_of(LockedJournal(ledger), tmp_path / "spool")
    keeper.take_in()
    writer.start()
    keeper.settle()
    assert keeper.cameras == {GATE, YARD}  # they must not begin yet
    writer.put(GATE, story("inc-1", 4)[3:], Snapshot(1, "four"))
    writer.stop(timeout_s=0.1)
    keeper.keep()
    kept = Spool(tmp_path / "spool").kept()
    assert [one.record.revision for one in kept[GATE].entries] == [0, 1, 2, 3]
    assert kept[GATE].snapshot == Snapshot(1, "four")


def test_a_damaged_file_is_set_aside_and_told_and_the_start_goes_on(
    ledger: LedgerStore, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    stopped_while_locked(ledger, tmp_path / "spool")
    (tmp_path / "spool").write_bytes((tmp_path / "spool").read_bytes()[:-20])
    caplog.clear()
    _, keeper = keeper_of(ledger, tmp_path / "spool")
    keeper.take_in()
    assert keeper.cameras == frozenset()
    assert caplog.messages == [
        f"{tmp_path}/spool is damaged: its hash is another one; what it held of the last stop is not written; "
        f"it is kept as {tmp_path}/spool.damaged-1"
    ]
    assert (tmp_path / "spool.damaged-1").exists()


def test_where_the_first_place_cannot_be_written_to_the_second_is_taken(ledger: LedgerStore, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="ascii")
    stopped_while_locked(ledger, tmp_path / "file" / "spool", tmp_path / "spare")
    assert Spool(tmp_path / "spare").kept().keys() == {GATE, YARD}
    writer, keeper = keeper_of(ledger, tmp_path / "spool", tmp_path / "spare")
    keeper.take_in()
    assert writer.waiting(GATE) == 3


def test_what_can_be_kept_nowhere_is_told_as_lost(
    ledger: LedgerStore, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("", encoding="ascii")
    stopped_while_locked(ledger, tmp_path / "file" / "spool")
    [line] = [one for one in caplog.messages if "not written" in one]
    assert line.startswith("not written in time, and lost: 3 revisions of camera kerb-01, and its state; 0 revisions")
    assert line.endswith(f"it could not be kept either: {tmp_path}/file/spool: cannot be written: File exists")


def test_a_stop_that_wrote_everything_leaves_no_file(ledger: LedgerStore, tmp_path: Path) -> None:
    writer, keeper = keeper_of(ledger, tmp_path / "spool")
    writer.start()
    writer.put(GATE, story("inc-1", 3), Snapshot(1, "three"))
    assert writer.stop(timeout_s=SOON_S)
    keeper.keep()
    assert not (tmp_path / "spool").exists()


def test_it_lies_beside_the_real_file_of_the_ledger_or_else_with_the_evidence(tmp_path: Path) -> None:
    (tmp_path / "real.db").write_bytes(b"")
    (tmp_path / "link.db").symlink_to("real.db")
    first, spare = spools_of(f"sqlite:///{tmp_path}/link.db", tmp_path / "evidence")
    assert first.path == tmp_path / "real.db.unwritten"
    [server] = spools_of("postgresql://host/ledger", tmp_path / "evidence")
    assert (spare.path.parent, server.path.parent) == (tmp_path / "evidence", tmp_path / "evidence")
    assert spare.path.name != server.path.name


def _watched(folder: Path, log: Path) -> "subprocess.Popen[bytes]":
    program = "from cvinspect.cli.app import main; main()"
    with log.open("wb") as file:
        words = [sys.executable, "-c", program, "watch", str(folder / "site.yaml")]
        return subprocess.Popen(words, stderr=file, cwd=folder, env={**os.environ})


def _until(log: Path, words: str, *, within_s: float = 90.0) -> None:
    for _ in range(int(within_s * 5)):
        if words in log.read_text(encoding="utf-8"):
            return
        threading.Event().wait(0.2)
    raise AssertionError(log.read_text(encoding="utf-8"))


@pytest.mark.skipif(not FAULT.is_dir(), reason=f"needs the clip of {FAULT}, which is not here")
def test_a_ledger_that_is_locked_over_the_stop_has_everything_after_the_next_start(tmp_path: Path) -> None:
    for name in ("lot.mp4", "site.yaml"):
        shutil.copy(FAULT / name, tmp_path / name)
    first, second, ledger = tmp_path / "1.log", tmp_path / "2.log", tmp_path / "data" / "ledger.db"
    with _watched(tmp_path, first) as daemon:
        _until(first, "watching 1")
        with closing(sqlite3.connect(ledger, isolation_level=None, timeout=20)) as other:
            other.execute("BEGIN EXCLUSIVE")
            _until(first, "is opened")
            daemon.send_signal(signal.SIGTERM)
            assert daemon.wait(30) == 1
    [line] = [one for one in first.read_text(encoding="utf-8").splitlines() if "not written in time" in one]
    count = int(line.split("not written in time: ")[1].split(" ")[0])
    assert (" ERROR " in line, f"kept in {tmp_path.resolve()}/data/ledger.db.unwritten" in line) == (True, True)
    assert count > 0
    with _watched(tmp_path, second) as daemon:
        _until(second, "what the last stop could not write is in the ledger")
        _until(second, "watching 1")
        daemon.send_signal(signal.SIGTERM)
        daemon.wait(30)
    with closing(sqlite3.connect(ledger)) as connection:
        [[held]] = connection.execute("SELECT count(*) FROM revisions").fetchall()
        [[distinct]] = connection.execute("SELECT count(DISTINCT incident_id || revision) FROM revisions").fetchall()
    assert held == distinct >= count
    assert not (tmp_path / "data" / "ledger.db.unwritten").exists()
