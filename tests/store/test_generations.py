"""What a ledger records after it was restored belongs to another generation, and waits until that is adopted."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from cvinspect.errors import DeliveryDelayed
from cvinspect.store.database import Database
from cvinspect.store.generations import Generation, Generations, Reached
from cvinspect.store.outbox import SqlOutbox
from cvinspect.store.reached_file import ReachedFile
from tests.incident_makers import CAMERA, START
from tests.store.databases import KINDS, new_address
from tests.store.ledger_makers import entry, stores


@pytest.fixture(params=KINDS)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    with closing(Database(new_address(request.param, tmp_path))) as opened:
        yield opened


def generations(database: Database) -> Generations:
    return Generations(database, now=lambda: START)


def test_a_ledger_begins_as_the_first_and_is_new_until_a_sink_begins(database: Database) -> None:
    own = generations(database)
    assert (own.reached(), own.is_new(), own.last_recorded_at(), own.unadopted()) == (Reached(1, 0), True, None, None)
    stores(database)[1].register("platform")
    assert not own.is_new()
    stores(database)[0].record(CAMERA.id, [entry("a"), entry("b")])
    assert (own.reached(), own.last_recorded_at()) == (Reached(1, 2), START)


def test_until_it_is_adopted_nothing_is_handed_out_and_everything_is_recorded(database: Database) -> None:
    ledger, outbox = stores(database)
    outbox.register("platform", from_start=True)
    ledger.record(CAMERA.id, [entry("before")])
    generations(database).begin(2, reason="it is older", is_adopted=False)
    ledger.record(CAMERA.id, [entry("after")])
    for ask in (lambda: outbox.next_event("platform"), lambda: outbox.waiting("platform")):
        with pytest.raises(DeliveryDelayed, match="was restored from a backup: it is older; nothing is sent until `cv"):
            ask()
    assert (outbox.held_back or "").endswith("until `cvinspect incidents adopt CONFIG`")
    assert generations(database).adopt(above=1) == Generation(2, 1, "it is older")
    handed_out = []
    while (event := outbox.next_event("platform")) is not None:
        handed_out.append((event.incident_id, event.ledger))
        outbox.delivered("platform", event, receipt=None)
    assert (handed_out, outbox.held_back) == ([("before", 1), ("after", 2)], None)


def test_a_number_is_above_all_that_others_have_seen(database: Database) -> None:
    own = generations(database)
    own.begin(2, reason="once", is_adopted=False)
    own.begin(2, reason="again", is_adopted=False)
    assert own.adopt(above=6) == Generation(7, 0, "once")
    stores(database)[0].record(CAMERA.id, [entry("a")])
    assert own.adopt(above=1) == Generation(8, 1, "as somebody said")
    assert (own.reached(), own.unadopted()) == (Reached(8, 1), None)


def test_how_far_it_has_come_is_noted_before_an_event_is_handed_out(database: Database, tmp_path: Path) -> None:
    file = ReachedFile(tmp_path / "folder" / "ledger.reached")
    outbox = SqlOutbox(database, now=lambda: START, reached=file)
    outbox.register("platform")
    stores(database)[0].record(CAMERA.id, [entry("a"), entry("b")])
    assert file.read() is None
    event = outbox.next_event("platform")
    assert (event and event.sequence, file.read()) == (1, Reached(1, 1))
    assert event is not None
    outbox.postponed("platform", event)
    outbox.next_event("platform")
    outbox.waiting_event("platform", 1)
    assert file.read() == Reached(1, 2)


def test_the_note_only_goes_forward_also_over_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "ledger.reached"
    file = ReachedFile(path)
    for reached in (Reached(1, 7), Reached(1, 3), Reached(2, 4), Reached(1, 900)):
        file.note(reached)
    assert file.read() == Reached(2, 4)
    ReachedFile(path).note(Reached(1, 5000))
    assert ReachedFile(path).read() == Reached(2, 4)
    assert [one.name for one in tmp_path.iterdir()] == ["ledger.reached"]


@pytest.mark.parametrize(
    "content", [b"", b"{}", b"\xff", b"[" * 100_000, b'{"format": "x"}', b'{"format": "cvinspect.reached/1"}', b"7"]
)
def test_a_note_that_cannot_be_read_is_none_and_is_written_anew(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "ledger.reached"
    path.write_bytes(content)
    assert ReachedFile(path).read() is None
    ReachedFile(path).note(Reached(1, 1))
    assert ReachedFile(path).read() == Reached(1, 1)


def test_a_note_that_cannot_be_written_is_told_once_and_keeps_nothing_back(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("in the way of a folder")
    file = ReachedFile(tmp_path / "file" / "ledger.reached")
    for sequence in range(3):
        file.note(Reached(1, sequence))
    assert [record.message.split(": ", 1)[1] for record in caplog.records] == [
        "cannot be written: File exists; a restored backup would not be noticed"
    ]
