"""A ledger that was restored from a backup is found by what it had sent, and no receiver takes new content for old."""

import json
import logging
import random
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from cvinspect.assembly.models import Model, load_model
from cvinspect.commands.watch import Watch
from cvinspect.config.site import load_site
from cvinspect.daemon.camera_builder import Surroundings
from cvinspect.daemon.restored import adopt, look_for_restore, reached_file_of
from cvinspect.dispatch.jsonl import JsonLines
from cvinspect.domain import ChangeKind
from cvinspect.store import Entry
from cvinspect.store.database import Database
from cvinspect.store.generations import Generations
from cvinspect.store.ledger_store import LedgerStore
from cvinspect.store.outbox import SqlOutbox
from tests.dispatch.sink_fakes import Clock, a_deliverer, step_through
from tests.incident_makers import CAMERA, START, at
from tests.store.ledger_makers import entry, sqlite_at, story


def now() -> datetime:
    return START


class Yard:
    """One ledger, one sink that is a file, and the folder of the evidence."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.database = folder / "ledger.db"
        self.file = folder / "sink.jsonl"
        self.reached = reached_file_of(folder / "data")

    @contextmanager
    def running(self) -> Iterator[Database]:
        """The database, looked at as at each start."""
        with closing(Database(sqlite_at(self.database))) as database, closing(self.sink()) as sink:
            look_for_restore(database, self.reached, [sink], now=now)
            self.outbox(database).register("file")
            yield database

    def sink(self) -> JsonLines:
        return JsonLines("file", self.file, sync="system")

    def outbox(self, database: Database) -> SqlOutbox:
        return SqlOutbox(database, now=now, reached=self.reached)

    def work(self, *entries: Entry) -> str | None:
        """Start, record these, send for half a minute, end; what kept events from being sent."""
        with self.running() as database, closing(self.sink()) as sink:
            outbox, clock = self.outbox(database), Clock()
            LedgerStore(database, now=now).record(CAMERA.id, entries)
            step_through(a_deliverer(sink, outbox, clock), clock, for_s=30)  # type: ignore[arg-type]
            return outbox.held_back

    def back_up(self) -> None:
        shutil.copy(self.database, self.folder / "backup.db")

    def restore(self) -> None:
        for file in self.folder.glob("ledger.db*"):
            file.unlink()
        shutil.copy(self.folder / "backup.db", self.database)

    def adopt(self) -> int:
        with closing(Database(sqlite_at(self.database))) as database, closing(self.sink()) as sink:
            return adopt(database, self.reached, [sink], now=now).number

    def sent(self) -> list[tuple[str, str]]:
        """Source and id of each event."""
        return [(one["source"], one["id"]) for one in map(json.loads, self.file.read_text().splitlines())]

    def sent_otherwise(self) -> list[tuple[str, str]]:
        """Those that came twice with different content."""
        known: dict[tuple[str, str], Any] = {}
        events = list(map(json.loads, self.file.read_text().splitlines()))
        keys = [(one["source"], one["id"]) for one in events]
        return [key for key, one in zip(keys, events, strict=True) if known.setdefault(key, one["data"]) != one["data"]]


@pytest.fixture
def yard(tmp_path: Path) -> Yard:
    return Yard(tmp_path)


def later(incident_id: str, revision: int, *, seconds: float) -> Entry:
    """An update that tells of another moment than the one before."""
    made = entry(incident_id, revision, ChangeKind.UPDATED)
    incident = replace(made.incident, last_seen=at(seconds))
    return entry(incident_id, revision, ChangeKind.UPDATED, last_seen=incident.last_seen)


def restored(yard: Yard) -> None:
    """Six events had been sent; the backup holds two of them."""
    yard.work(*story("a", 2))
    yard.back_up()
    yard.work(later("a", 2, seconds=20), later("a", 3, seconds=30), entry("b"), later("b", 2, seconds=21))
    yard.restore()


def test_an_untouched_ledger_is_never_held_back(yard: Yard) -> None:
    for number in range(3):
        assert yard.work(entry(f"inc-{number}")) is None
    assert yard.sent() == [("/cameras/kerb-01", f"inc-{number}/1") for number in range(3)]


def test_a_restored_one_is_told_and_held_back_and_goes_on_as_another_once_it_is_adopted(
    yard: Yard, caplog: pytest.LogCaptureFixture
) -> None:
    restored(yard)
    before = yard.sent()
    trouble = yard.work(later("a", 2, seconds=99), entry("c"))
    assert trouble is not None
    assert trouble.endswith(
        "ledger.db: was restored from a backup: it is one of 2026-11-21T02:00:00Z, and event 6 had been sent, "
        "where it holds 2; nothing is sent until `cvinspect incidents adopt CONFIG`"
    )
    assert trouble in [record.message for record in caplog.records if record.levelno == logging.ERROR]
    assert yard.sent() == before
    assert yard.work(later("c", 2, seconds=40)) == trouble  # also after another start
    assert yard.adopt() == 2
    assert yard.work(later("c", 3, seconds=41)) is None
    assert yard.sent()[len(before) :] == [("/cameras/kerb-01?ledger=2", one) for one in ("a/2", "c/1", "c/2", "c/3")]
    assert yard.sent_otherwise() == []
    assert yard.work(later("c", 4, seconds=42)) is None


def test_what_the_backup_had_still_to_send_comes_again_as_it_was(yard: Yard) -> None:
    with yard.running() as database:
        LedgerStore(database, now=now).record(CAMERA.id, story("a", 2))
    yard.back_up()
    yard.work(entry("b"))
    yard.restore()
    before = yard.sent()
    assert yard.work(entry("c")) is not None
    yard.adopt()
    yard.work()
    assert before[:2] == [("/cameras/kerb-01", "a/0"), ("/cameras/kerb-01", "a/1")]
    assert yard.sent()[3:] == [*before[:2], ("/cameras/kerb-01?ledger=2", "c/1")]
    assert yard.sent_otherwise() == []


def test_one_that_was_restored_under_another_name_is_found_too(yard: Yard) -> None:
    restored(yard)
    shutil.move(yard.database, yard.folder / "other.db")
    yard.database = yard.folder / "other.db"
    assert "was restored from a backup" in (yard.work(entry("c")) or "")


def test_each_restore_from_the_same_backup_is_another_generation(yard: Yard) -> None:
    restored(yard)
    for number in (2, 3, 4):
        assert yard.work(later("a", 2, seconds=90.0 + number)) is not None
        assert yard.adopt() == number
        assert yard.work(later("a", 3, seconds=90.0 + number)) is None
        yard.restore()
    assert yard.sent_otherwise() == []
    assert {source for source, _ in yard.sent()} == {"/cameras/kerb-01"} | {
        f"/cameras/kerb-01?ledger={number}" for number in (2, 3, 4)
    }


def test_one_that_was_restored_with_its_notes_is_found_by_what_a_file_of_events_holds(yard: Yard) -> None:
    restored(yard)
    yard.reached.path.unlink()
    trouble = yard.work(entry("c"))
    assert trouble is not None
    assert "sink.jsonl holds b/2, which it does not know" in trouble
    assert yard.adopt() == 2
    assert yard.work(entry("d")) is None


def test_content_that_differs_gives_it_away_too(yard: Yard) -> None:
    restored(yard)
    with closing(Database(sqlite_at(yard.database))) as database:  # by a program that did not look
        LedgerStore(database, now=now).record(CAMERA.id, [entry("b"), later("b", 2, seconds=77)])
    yard.reached.path.unlink()
    assert "sink.jsonl holds b/2 with other content" in (yard.work() or "")


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"\n",
        b"no event\n",
        b'{"source": "/other", "id": "x/1", "data": {}}\n',
        b'{"source": "/cameras/a", "id": "x", "data": {}}\n',
        b'{"source": 7, "id": null}\n',
        b"[" * 100_000 + b"\n",
        b'{"source": "/cameras/a", "id": "torn/1", "data',
    ],
)
def test_what_other_programs_wrote_into_the_file_proves_nothing(yard: Yard, line: bytes) -> None:
    yard.work(entry("a"))
    with yard.file.open("ab") as file:
        file.write(line)
    assert yard.work(entry("b")) is None


def test_of_a_restore_of_some_tables_nothing_that_is_recorded_later_is_passed_over(yard: Yard) -> None:
    yard.work(entry("a"))
    with closing(Database(sqlite_at(yard.database))) as database, database.writing() as connection:
        connection.execute(text("UPDATE sinks SET cursor = 50"))
    assert "sink file has had events beyond event 1, where it ends" in (yard.work(entry("b")) or "")
    yard.adopt()
    assert yard.work(entry("c")) is None
    assert yard.sent() == [("/cameras/kerb-01", "a/1"), *(("/cameras/kerb-01?ledger=2", f"{one}/1") for one in "bc")]


def test_adopting_before_the_first_start_is_right_too(yard: Yard) -> None:
    restored(yard)
    assert yard.adopt() == 2
    assert yard.work(entry("c")) is None
    assert yard.sent()[-1] == ("/cameras/kerb-01?ledger=2", "c/1")


def test_a_ledger_that_is_begun_anew_waits_for_nobody_and_is_another_one(yard: Yard) -> None:
    restored(yard)
    for file in yard.folder.glob("ledger.db*"):
        file.unlink()
    assert yard.work(entry("a", 2)) is None
    assert yard.sent()[-1] == ("/cameras/kerb-01?ledger=2", "a/2")


class Blind(Model):
    """A card, and a network that sees nothing."""

    def detectors(self, count: int, **given: object) -> Any:  # noqa: ANN401
        return [object()] * count


def test_a_daemon_on_a_restored_ledger_says_that_it_is_in_trouble(yard: Yard) -> None:
    restored(yard)
    path = yard.folder / "site.yaml"
    camera = "cameras: [{id: gate, source: 'rtsp://127.0.0.1:1/x'}]"
    kept = "watch: {api: null, database: 'sqlite:///ledger.db', evidence: data}"
    path.write_text(f"{camera}\n{kept}\nsinks: [{{type: jsonl, name: file, path: sink.jsonl}}]\n", encoding="ascii")
    real = load_model(load_site(None), None)
    around = Surroundings(lambda: datetime.now(UTC), time.monotonic, random.random, {})
    watch = Watch(lambda: (load_site(path), Blind(real.card, real.path)), around, workers=1)
    watch.start()
    try:
        assert "was restored from a backup" in (trouble_of(watch, is_there=True) or "")
        assert yard.adopt() == 2
        assert trouble_of(watch, is_there=False) is None
    finally:
        watch.stop()
    with closing(Database(sqlite_at(yard.database))) as database:
        assert Generations(database, now=now).unadopted() is None


def trouble_of(watch: Watch, *, is_there: bool) -> str | None:
    """As soon as there is one, or none; the sink looks again within half a minute."""
    until_s = time.monotonic() + 30
    while True:
        watch.tick()
        found = watch._cameras.trouble
        if (found is not None) == is_there or time.monotonic() > until_s:
            return found
        watch._dispatcher.wake()
        threading.Event().wait(0.05)
