"""What was found is on disk, whole, and can be gone on from."""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from cvinspect.domain import ChangeKind, Incident, Moment, SeenObject, Status
from cvinspect.errors import DeliveryError
from cvinspect.geometry import Box
from cvinspect.store import Snapshot
from cvinspect.store.database import Database
from cvinspect.store.incident_json import incident_from_json, incident_to_json
from cvinspect.store.ledger_store import LedgerStore
from cvinspect.store.queries import IncidentFilter, IncidentQueries
from cvinspect.store.tables import EVIDENCE, LEDGERS_SET_ASIDE, OUTBOX
from tests.incident_makers import CAMERA, START, a_violation, an_incident, at
from tests.store.databases import KINDS, new_address
from tests.store.ledger_makers import entry, picture, stores, story


@pytest.fixture(params=KINDS)
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return new_address(request.param, tmp_path)


@pytest.fixture
def database(address: str) -> Iterator[Database]:
    with closing(Database(address)) as opened:
        yield opened


def outbox_rows(database: Database) -> list[tuple[str, int]]:
    with database.reading() as connection:
        query = select(OUTBOX.c.incident_id, OUTBOX.c.revision).order_by(OUTBOX.c.sequence)
        return [(row.incident_id, row.revision) for row in connection.execute(query)]


def test_a_revision_its_outbox_row_and_the_ledgers_state_are_recorded_together(database: Database) -> None:
    ledger, _ = stores(database)
    [first, second] = story("inc-1", 2)
    state = Snapshot(3, '{"cases": ["车"]}')
    assert ledger.record(CAMERA.id, [first, second], snapshot=state) == 2
    assert outbox_rows(database) == [("inc-1", 0), ("inc-1", 1)]
    assert ledger.history("inc-1") == (first.record, second.record)
    assert ledger.snapshot(CAMERA.id) == state
    assert ledger.standing(CAMERA.id) == (second.incident,)


def test_what_fails_in_the_middle_leaves_nothing_behind(database: Database) -> None:
    ledger, _ = stores(database)
    ledger.record(CAMERA.id, [entry("inc-1", 5)], snapshot=Snapshot(1, "before"))
    with pytest.raises(DeliveryError, match="revision 4 comes after revision 5"):
        ledger.record(CAMERA.id, [entry("inc-2", 1), entry("inc-1", 4)], snapshot=Snapshot(1, "after"))
    assert (outbox_rows(database), ledger.snapshot(CAMERA.id)) == ([("inc-1", 5)], Snapshot(1, "before"))
    assert [one.id for one in ledger.standing(CAMERA.id)] == ["inc-1"]


def test_recording_again_after_a_doubtful_end_changes_nothing(database: Database) -> None:
    ledger, _ = stores(database)
    entries = story("inc-1", 3)
    assert [ledger.record(CAMERA.id, entries) for _ in range(2)] == [3, 0]
    assert outbox_rows(database) == [("inc-1", 0), ("inc-1", 1), ("inc-1", 2)]


def test_a_revision_that_says_something_else_now_is_refused(database: Database) -> None:
    ledger, _ = stores(database)
    ledger.record(CAMERA.id, [entry()])
    with pytest.raises(DeliveryError, match="inc-1: revision 1 is recorded already and says something else"):
        ledger.record(CAMERA.id, [entry(last_seen=at(11))])


def test_a_record_that_tells_of_another_incident_is_refused(database: Database) -> None:
    ledger, _ = stores(database)
    wrong = replace(entry("inc-1"), record=entry("inc-2").record)
    with pytest.raises(DeliveryError, match="inc-1: its record tells of inc-2"):
        ledger.record(CAMERA.id, [wrong])
    with pytest.raises(DeliveryError, match="camera kerb-01"):
        ledger.record("another", [entry()])


def test_after_a_restart_only_what_is_open_at_that_camera_stands(address: str) -> None:
    database = Database(address)
    ledger, _ = stores(database)
    ledger.record(CAMERA.id, [*story("open", 2), *story("pre", 1)])
    ledger.record(CAMERA.id, [entry("gone"), entry("gone", 2, ChangeKind.CLEARED)])
    ledger.record(CAMERA.id, [*story("lapsed", 1), entry("lapsed", 1, ChangeKind.CLOSED)])
    ledger.record("other", [entry("elsewhere", camera="other")])
    database.close()
    with closing(Database(address)) as reopened:
        again, _ = stores(reopened)
        assert [one.id for one in again.standing(CAMERA.id)] == ["open", "pre"]
        found = IncidentQueries(reopened).page(IncidentFilter()).records
        assert Counter(one.status for one in found) == {Status.OPEN: 3, Status.CLEARED: 1, Status.CLOSED: 1}


def test_an_incident_goes_on_under_the_rule_as_it_is_now(database: Database) -> None:
    ledger, _ = stores(database)
    ledger.record(CAMERA.id, [entry()])
    longer = a_violation(dwell_s=900.0)
    [standing] = ledger.standing(CAMERA.id, rules={longer.id: longer})
    assert standing == replace(entry().incident, violation=longer)


def test_a_picture_is_noted_once_however_many_revisions_name_it(database: Database) -> None:
    ledger, _ = stores(database)
    one, two = picture("evidence/1.jpg"), picture("evidence/2.jpg")
    ledger.record(CAMERA.id, [entry(evidence=(one,)), entry(revision=2, kind=ChangeKind.UPDATED, evidence=(one, two))])
    with database.reading() as connection:
        rows = connection.execute(select(EVIDENCE).order_by(EVIDENCE.c.uri)).all()
    assert [(row.uri, row.size_bytes, row.captured_at) for row in rows] == [
        ("evidence/1.jpg", 12_345, START),
        ("evidence/2.jpg", 12_345, START),
    ]


def test_many_cameras_record_at_once_without_a_gap_or_a_loss(database: Database) -> None:
    ledger, _ = stores(database)

    def watch(camera: str) -> None:
        for number in range(10):
            ledger.record(camera, story(f"{camera}-{number}", 3, camera=camera), snapshot=Snapshot(1, str(number)))

    threads = [threading.Thread(target=watch, args=(f"cam-{number}",)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    rows = outbox_rows(database)
    assert len(rows) == len(set(rows)) == 6 * 10 * 3
    assert all(ledger.snapshot(f"cam-{number}") == Snapshot(1, "9") for number in range(6))


def test_names_of_any_script_and_hostile_text_come_back_as_they_were(database: Database) -> None:
    ledger, _ = stores(database)
    name = "门口'; DROP TABLE incidents; -- 🚗"
    ledger.record(name, [entry("x' OR 1=1", camera=name)])
    assert [(one.id, one.camera) for one in ledger.standing(name)] == [("x' OR 1=1", name)]
    assert ledger.history("no such") == ()


numbers = st.floats(allow_nan=False)
moments = st.builds(Moment, numbers, st.datetimes().map(lambda moment: moment.replace(tzinfo=START.tzinfo)))
boxes = st.builds(Box, numbers, numbers, numbers, numbers)
things = st.builds(SeenObject, st.text(), numbers, boxes, st.integers())


@given(objects=st.tuples(things), first=moments, cleared=st.none() | moments, name=st.text(), days=numbers)
@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_any_incident_is_read_back_as_it_was(
    objects: tuple[SeenObject, ...], first: Moment, cleared: Moment | None, name: str, days: float
) -> None:
    incident: Incident = an_incident(
        objects=objects, first_seen=first, cleared=cleared, id=name, violation=a_violation(recurrence_days=days)
    )
    assert incident_from_json(incident_to_json(incident), name=name) == incident


@pytest.mark.parametrize("text", ["", "{}", "[]", "null", '{"violation": {"id": 3}}', '{"violation": "x"}'])
def test_a_stored_incident_that_is_none_is_named_in_one_line(text: str) -> None:
    with pytest.raises(DeliveryError, match="incident x: what is stored of it cannot be read: ") as failure:
        incident_from_json(text, name="x")
    assert "\n" not in str(failure.value)


def test_the_store_needs_nothing_but_a_clock(database: Database) -> None:
    ledger = LedgerStore(database, now=lambda: START)
    assert (ledger.history("inc-1"), ledger.snapshot("gate"), ledger.standing("gate")) == ((), None, ())


def test_the_last_ten_states_that_cannot_be_gone_on_from_are_kept_of_each_camera(database: Database) -> None:
    ledger, _ = stores(database)
    ledger.set_aside("yard", Snapshot(1, "of another camera"), reason="damaged")
    numbers = [ledger.set_aside("gate", Snapshot(1, f"state {number}"), reason="damaged") for number in range(13)]
    kept = select(LEDGERS_SET_ASIDE.c.number, LEDGERS_SET_ASIDE.c.camera_id).order_by(LEDGERS_SET_ASIDE.c.number)
    with database.reading() as connection:
        found = [(row.number, row.camera_id) for row in connection.execute(kept)]
    assert found == [(1, "yard"), *((number, "gate") for number in numbers[3:])]


def test_a_cursor_that_follows_many_writers_misses_nothing(database: Database) -> None:
    ledger, outbox = stores(database)
    outbox.register("follower")

    def watch(camera: str) -> None:
        for number in range(8):
            ledger.record(camera, story(f"{camera}-{number}", 2, camera=camera))

    threads = [threading.Thread(target=watch, args=(f"cam-{number}",)) for number in range(5)]
    for thread in threads:
        thread.start()
    seen = []
    while any(thread.is_alive() for thread in threads) or outbox.next_event("follower") is not None:
        event = outbox.next_event("follower")
        if event is not None:
            seen.append((event.incident_id, event.revision))
            outbox.skipped("follower", event)
    assert seen == outbox_rows(database)
    assert len(seen) == 5 * 8 * 2
