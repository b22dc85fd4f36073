"""Opening, upgrading and losing a database."""

import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from itertools import count
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, text

from cvinspect.domain import Status
from cvinspect.errors import ConfigError, DeliveryDelayed, DeliveryError
from cvinspect.store import Snapshot
from cvinspect.store.claim import FileClaim, ServerClaim
from cvinspect.store.database import Database
from cvinspect.store.ledger_store import LedgerStore
from cvinspect.store.migration import upgrade
from cvinspect.store.queries import IncidentFilter, IncidentQueries
from cvinspect.store.site_store import CameraState, PlatformNote, PlatformStatus, SiteStore
from cvinspect.store.tables import METADATA
from tests.full_disk import files_no_larger_than
from tests.incident_makers import CAMERA, START
from tests.store import postgres
from tests.store.databases import KINDS, new_address
from tests.store.ledger_makers import entry, sqlite_at, stores, story

TAKEN = "another `cvinspect watch` uses this ledger"


@pytest.fixture(params=KINDS)
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return new_address(request.param, tmp_path)


@pytest.fixture
def database(address: str) -> Iterator[Database]:
    with closing(Database(address)) as opened:
        yield opened


def test_the_migrations_make_the_tables_that_the_program_uses(database: Database) -> None:
    with database.reading() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, METADATA) == []


def test_an_old_database_is_upgraded_with_all_it_holds(address: str) -> None:
    engine = create_engine(address.replace("postgresql:", "postgresql+psycopg:"))
    with engine.begin() as connection:
        upgrade(connection, "old", to="0001")
        connection.execute(
            text(
                "INSERT INTO incidents VALUES ('old-1', 'gate', 'road_damage', 'violation', 'cleared', 2,"
                " '2026-01-01T00:00:00.000000Z', '2026-01-01T00:00:05.000000Z', NULL, '{}')"
            )
        )
    engine.dispose()
    with closing(Database(address)) as database:
        ledger, _ = stores(database)
        assert IncidentQueries(database).page(IncidentFilter(status=Status.CLEARED), limit=0).total == 1
        ledger.record(CAMERA.id, [entry()], snapshot=Snapshot(1, "new"))
        assert ledger.snapshot(CAMERA.id) == Snapshot(1, "new")


def test_a_database_of_a_newer_program_is_refused_in_one_line(address: str) -> None:
    with closing(Database(address)) as database, database.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(DeliveryError) as failure:
        Database(address)
    told = str(failure.value)
    assert "is of version 9999, made by a newer cvinspect; this one knows versions up to 0004" in told
    assert "\n" not in told


def test_a_database_of_another_program_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "theirs.db"
    with closing(sqlite3.connect(path)) as theirs:
        theirs.execute("CREATE TABLE customers (name TEXT)")
    with pytest.raises(DeliveryError, match="is a database of another program"):
        Database(sqlite_at(path))
    with closing(sqlite3.connect(path)) as theirs:
        assert theirs.execute("SELECT name FROM sqlite_master").fetchall() == [("customers",)]


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("", "no address of a database"),
        ("ledger.db", "no address of a database"),
        ("sqlite://", "an SQLite database needs a file"),
        ("sqlite:///:memory:", "an SQLite database needs a file"),
        ("mysql://localhost/x", "mysql is none that this program knows; allowed: sqlite, postgresql"),
        ("postgresql://city:s3cret@db/ledger", "holds a password; put it into PGPASSWORD"),
        ("postgresql://city@db/ledger?password=s3cret", "holds a password; put it into PGPASSWORD"),
    ],
)
def test_an_address_that_is_none_is_told_without_its_secrets(address: str, told: str) -> None:
    with pytest.raises(ConfigError, match=told) as failure:
        Database(address)
    assert "s3cret" not in str(failure.value)


def test_a_server_that_is_away_may_come_back() -> None:
    with pytest.raises(DeliveryDelayed, match=r"postgresql://127\.0\.0\.1:1/ledger: "):
        Database("postgresql://someone@127.0.0.1:1/ledger")


def test_a_server_that_restarts_is_found_again() -> None:
    with closing(Database(postgres.new_database())) as database:
        ledger, _ = stores(database)
        ledger.record(CAMERA.id, [entry("before")])
        postgres.restart()
        ledger.record(CAMERA.id, [entry("after")])
        assert [one.id for one in ledger.standing(CAMERA.id)] == ["after", "before"]


def test_a_locked_database_delays_and_nothing_is_half_recorded(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    with closing(Database(sqlite_at(path), lock_timeout_s=0.05)) as database:
        ledger, _ = stores(database)
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(DeliveryDelayed, match=r"ledger\.db: database is locked"):
                ledger.record(CAMERA.id, [entry()])
            assert ledger.standing(CAMERA.id) == ()  # reading goes on meanwhile
        assert ledger.record(CAMERA.id, [entry()]) == 1


def record_until_it_fails(ledger: LedgerStore, numbers: Iterator[int]) -> None:
    for number in numbers:
        ledger.record(CAMERA.id, story(f"inc-{number}", 3))


def test_a_full_disk_delays_and_what_was_recorded_stays(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    with closing(Database(sqlite_at(path))) as database:
        ledger, _ = stores(database)
        numbers = count()
        with files_no_larger_than(600_000), pytest.raises(DeliveryDelayed, match=r"ledger\.db: "):
            record_until_it_fails(ledger, numbers)
        assert len(ledger.standing(CAMERA.id)) == next(numbers) - 1 > 3
        assert ledger.record(CAMERA.id, story("later", 3)) == 3


def test_a_database_that_may_only_be_read_is_told_of_in_one_line() -> None:
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "ledger.db"
        Database(sqlite_at(path)).close()
        path.chmod(0o444)
        path.parent.chmod(0o555)
        command = [sys.executable, "-c", _OPEN_AS_NOBODY, str(path)]
        told = subprocess.run(command, capture_output=True, text=True, check=True, cwd=Path.cwd()).stdout.splitlines()
        path.parent.chmod(0o755)
    assert len(told) == 1
    assert told[0].startswith(f"DeliveryError {path}: ")
    assert "readonly" in told[0] or "unable to open" in told[0]


_OPEN_AS_NOBODY = """
import os, sys
from cvinspect.errors import DeliveryError
from cvinspect.store.database import Database
import alembic.command, alembic.autogenerate
if os.getuid() == 0:
    os.setuid(65534)
try:
    Database(f"sqlite:///{sys.argv[1]}")
except DeliveryError as error:
    print(type(error).__name__, error)
"""


@pytest.mark.parametrize("content", [b"not a database at all, but long enough to be looked at" * 40])
def test_a_file_that_is_no_database_is_told_of_and_kept(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "ledger.db"
    path.write_bytes(content)
    with pytest.raises(DeliveryError, match=r"ledger\.db: file is not a database"):
        Database(sqlite_at(path))
    assert path.read_bytes() == content


def test_a_folder_that_cannot_be_made_is_told_of(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(DeliveryError, match="its folder cannot be made"):
        Database(sqlite_at(tmp_path / "file" / "ledger.db"))


def test_a_power_cut_at_any_byte_leaves_whole_transactions(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    with closing(Database(sqlite_at(path))) as database:
        ledger, _ = stores(database)
        for number in range(6):
            ledger.record(CAMERA.id, story(f"inc-{number}", 3), snapshot=Snapshot(1, str(number)))
        whole = (tmp_path / "ledger.db-wal").read_bytes()
        kept = [_after_a_cut(path, tmp_path / f"cut-{size}", whole[:size]) for size in range(0, len(whole), 9973)]
    assert kept == sorted(kept)
    assert kept[-1] >= 4
    assert kept[0] == 0


def _after_a_cut(path: Path, folder: Path, log: bytes) -> int:
    """How many incidents a copy holds whose log ends there; that all of it belongs together is asserted."""
    folder.mkdir()
    shutil.copy(path, folder / "ledger.db")
    (folder / "ledger.db-wal").write_bytes(log)
    with closing(Database(sqlite_at(folder / "ledger.db"))) as database:
        ledger, outbox = stores(database)
        standing = ledger.standing(CAMERA.id)
        outbox.register("all", from_start=True)
        [state] = outbox.states()
        last = ledger.snapshot(CAMERA.id)
        assert state.pending == 3 * len(standing)
        assert (None if last is None else int(last.document) + 1) == (len(standing) or None)
        return len(standing)


def test_cameras_and_platforms_words_are_kept(database: Database) -> None:
    site = SiteStore(database, now=lambda: START)
    ledger, _ = stores(database)
    ledger.record(CAMERA.id, [entry()])
    site.set_camera("门口", [CameraState("up", START), CameraState("lagging", START, "12 s behind")])
    site.set_camera("门口", [CameraState("up", START)])
    site.note("inc-1", PlatformStatus.ACCEPTED, by_whom="平台")
    site.note("inc-1", PlatformStatus.REJECTED, by_whom="平台", why="not ours")
    assert site.cameras() == {"门口": (CameraState("up", START),)}
    assert site.notes("inc-1") == (
        PlatformNote(PlatformStatus.ACCEPTED, "平台", None, START),
        PlatformNote(PlatformStatus.REJECTED, "平台", "not ours", START),
    )
    with pytest.raises(DeliveryError, match="incident inc-9: is not known"):
        site.note("inc-9", PlatformStatus.CLOSED, by_whom="x")


def test_two_programs_that_open_a_new_database_at_once_both_get_it(tmp_path: Path) -> None:
    code = "import sys; from cvinspect.store.database import Database; Database(sys.argv[1]).close()"
    command = [sys.executable, "-c", code, sqlite_at(tmp_path / "ledger.db")]
    running = [subprocess.Popen(command, env={**os.environ}) for _ in range(2)]
    assert [one.wait(60) for one in running] == [0, 0]


def test_a_ledger_is_claimed_by_one_daemon_until_that_ends(address: str, database: Database) -> None:
    with closing(Database(address, claims=True)) as daemon:
        with pytest.raises(DeliveryError, match=TAKEN):
            Database(address, lock_timeout_s=0.3, claims=True)
        assert LedgerStore(database, now=lambda: START).standing("gate") == ()  # other commands go on
        daemon.keep_claim()
    Database(address, lock_timeout_s=0.3, claims=True).close()


def test_a_ledger_that_another_daemon_has_is_not_brought_up_to_date(address: str, tmp_path: Path) -> None:
    engine = create_engine(address.replace("postgresql:", "postgresql+psycopg:"))
    with engine.begin() as connection:
        upgrade(connection, "old", to="0002")
    older = (
        ServerClaim(engine, "old", timeout_s=1.0)
        if address.startswith("postgresql")
        else FileClaim(tmp_path / "ledger.db", timeout_s=1.0)
    )
    with pytest.raises(DeliveryError, match=TAKEN):
        Database(address, lock_timeout_s=0.3, claims=True)
    with engine.begin() as connection:
        assert MigrationContext.configure(connection).get_current_revision() == "0002"
    older.close()
    engine.dispose()


def test_a_ledger_by_another_name_is_the_same_ledger(tmp_path: Path) -> None:
    with closing(Database(sqlite_at(tmp_path / "ledger.db"), claims=True)):
        (tmp_path / "link.db").symlink_to("ledger.db")
        with pytest.raises(DeliveryError, match=TAKEN):
            Database(sqlite_at(tmp_path / "link.db"), lock_timeout_s=0.3, claims=True)


def test_a_lock_file_that_was_removed_is_made_again(tmp_path: Path) -> None:
    address, lock = sqlite_at(tmp_path / "ledger.db"), tmp_path / "ledger.db.lock"
    with closing(Database(address, claims=True)) as one:
        lock.unlink()
        one.keep_claim()
        with pytest.raises(DeliveryError, match=TAKEN):
            Database(address, lock_timeout_s=0.3, claims=True)
        lock.unlink()
        with closing(Database(address, lock_timeout_s=0.3, claims=True)), pytest.raises(DeliveryError, match=TAKEN):
            one.keep_claim()
        one.keep_claim()
