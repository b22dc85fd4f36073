"""`cvinspect incidents adopt` prints the number that a restored ledger's events carry, and tells what that means."""

from contextlib import closing
from pathlib import Path

import pytest

from cvinspect.daemon.restored import reached_file_of
from cvinspect.store.database import Database
from cvinspect.store.generations import Generations, Reached
from tests.command_line import cvinspect
from tests.incident_makers import CAMERA, START
from tests.store.ledger_makers import entry, sqlite_at, stores


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A ledger that holds two events, of which a sink has had none yet."""
    path = tmp_path / "site.yaml"
    path.write_text(
        "cameras: [{id: gate}]\nwatch: {database: sqlite:///ledger.db, evidence: data}\n"
        "sinks: [{type: jsonl, name: file, path: sink.jsonl}]\n"
    )
    with closing(Database(sqlite_at(tmp_path / "ledger.db"))) as database:
        ledger, outbox = stores(database)
        outbox.register("file")
        ledger.record(CAMERA.id, [entry("a"), entry("b")])
    return path


def test_a_ledger_that_was_found_to_be_restored_is_adopted(config: Path) -> None:
    file = config.parent / "ledger.db"
    with closing(Database(sqlite_at(file))) as database:
        Generations(database, now=lambda: START).begin(3, reason="it is older", is_adopted=False)
    outcome = cvinspect("incidents", "adopt", config)
    assert (outcome.code, outcome.out) == (0, "3\n")
    assert outcome.err.splitlines() == [
        f"{file}: what is recorded after event 2 is sent with ?ledger=3",
        "sink file: 2 events wait; what was recorded before the backup may come a second time",
        "note: incidents that were opened after the backup was made stay open at their receivers: close them there",
    ]
    with closing(Database(sqlite_at(file))) as database:
        assert Generations(database, now=lambda: START).unadopted() is None


def test_whoever_knows_of_a_restore_adopts_before_the_first_start(config: Path) -> None:
    reached_file_of(config.parent / "data").note(Reached(4, 900))
    (config.parent / "sink.jsonl").write_text('{"source": "/cameras/gate?ledger=6", "id": "x/1", "data": {}}\n')
    assert cvinspect("incidents", "adopt", config).out == "7\n"


def test_without_a_ledger_nothing_is_made_and_it_is_told(tmp_path: Path) -> None:
    config = tmp_path / "site.yaml"
    config.write_text("watch:\n  database: sqlite:///data/ledger.db\n")
    outcome = cvinspect("incidents", "adopt", config)
    assert outcome.code == 2
    assert "ledger.db is not there yet" in outcome.errors[0]
    assert list(tmp_path.iterdir()) == [config]
