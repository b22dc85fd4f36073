"""An incident that was cleared wrongly goes on with its evidence: in one process, after a restart, after a fault."""

import hashlib
from collections.abc import Iterable
from contextlib import closing
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import text

from cvinspect.geometry import Box
from cvinspect.records.incident import IncidentRecord
from cvinspect.store.database import Database
from tests.daemon.inspection_makers import Daemon
from tests.fakes import Thing
from tests.store.ledger_makers import sqlite_at

EVENTS = ["pre_alarm", "opened", "updated", "cleared", "reopened", "cleared"]
NAMES = ["panorama_1.jpg", "closeup_1.jpg", "panorama_2.jpg", "after_1.jpg", "after_2.jpg"]


def street(*, leaves_s: float = 120.0) -> list[Thing]:
    """From 60 to 80 s a tarpaulin hides the car, nothing that the detector knows: the place counts as empty."""
    tarpaulin = Thing(Box(60, 30, 260, 130), stays=((60, 80),), missed=((60, 80),), paint=7)
    return [Thing(stays=((5, leaves_s),), missed=((60, 80),)), tarpaulin]


def names(record: IncidentRecord) -> list[str]:
    return [one.uri.removeprefix(f"evidence/{record.incident_id}_") for one in record.evidence]


def files_of(records: Iterable[IncidentRecord]) -> set[tuple[str, str]]:
    """Every file that the records name, with the hash they give it."""
    pictures = [one for record in records for one in record.evidence]
    originals = [one.original for one in pictures if one.original is not None]
    return {(one.uri, one.sha256) for one in pictures} | {(one.uri, one.sha256) for one in originals}


def assert_whole(folder: Path, records: list[IncidentRecord]) -> None:
    """No revision loses a picture, every hash ever recorded is its file's, and the database claims each of them."""
    assert all(set(names(earlier)) <= set(names(later)) for earlier, later in pairwise(records))
    for uri, recorded in files_of(records):
        assert hashlib.sha256((folder / uri).read_bytes()).hexdigest() == recorded, uri
    with closing(Database(sqlite_at(folder / "ledger.db"))) as database, database.reading() as connection:
        rows = connection.execute(text("SELECT uri, original_uri FROM evidence")).all()
    assert {uri for row in rows for uri in row} == {uri for uri, _ in files_of(records)}


def test_a_reopened_incident_keeps_its_evidence(tmp_path: Path) -> None:
    daemon = Daemon(tmp_path, street())
    daemon.sees(0, 160)
    records = daemon.records()
    daemon.crash()
    assert [one.event.value for one in records] == EVENTS
    assert names(records[4]) == NAMES[:4]
    assert names(records[5]) == NAMES
    assert_whole(tmp_path, records)


@pytest.mark.parametrize("boot", ["first", "second"])
@pytest.mark.parametrize("crash_s", [70.0, 90.0], ids=["before it is reopened", "afterwards"])
def test_a_reopened_incident_keeps_its_evidence_over_a_restart(tmp_path: Path, crash_s: float, boot: str) -> None:
    first = Daemon(tmp_path, street())
    first.sees(0, crash_s)
    first.crash()
    second = Daemon(tmp_path, street(), boot=boot)
    second.sees(crash_s + 0.5, 160)
    records = second.records()
    second.crash()
    assert [one.event.value for one in records] == EVENTS
    assert names(records[5]) == NAMES
    assert_whole(tmp_path, records)


@pytest.mark.parametrize("at_s", [60.0, 79.0, 110.0], ids=["cleared", "reopened", "cleared again"])
@pytest.mark.parametrize("where", ["ledger", "backing", "pictures", "clock", "store"])
def test_a_reopened_incident_keeps_its_evidence_whatever_fails(tmp_path: Path, where: str, at_s: float) -> None:
    daemon = Daemon(tmp_path, street(), faults_s={where: at_s})
    daemon.sees(0, 160)
    records = daemon.records()
    daemon.crash()
    assert daemon.faults.happened == [where]
    assert [one.event.value for one in records] == EVENTS
    assert [one.role for one in records[-1].evidence] == ["panorama", "closeup", "panorama", "after", "after"]
    assert_whole(tmp_path, records)


def test_the_picture_that_proved_it_is_not_replaced_where_a_platform_is_contradicted(tmp_path: Path) -> None:
    daemon = Daemon(tmp_path, street(leaves_s=400))
    daemon.sees(0, 100)
    daemon.inspection.resolved(daemon.records()[0].incident_id)
    daemon.sees(103, 120, run=2)
    records = daemon.records()
    daemon.crash()
    assert records[-1].event.value == "not_cleared"
    assert names(records[-1]) == [*NAMES[:4], "panorama_3.jpg"]
    assert_whole(tmp_path, records)
