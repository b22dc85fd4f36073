"""What fails does not keep out what is new, nor the other way round."""

from contextlib import closing
from pathlib import Path

from cvinspect.errors import DeliveryDelayed
from cvinspect.store.database import Database
from cvinspect.store.ledger_store import LedgerStore
from cvinspect.store.outbox import SqlOutbox
from tests.dispatch.sink_fakes import Clock, ScriptedSink, a_deliverer, ids, step_through
from tests.incident_makers import CAMERA
from tests.store.ledger_makers import entry, sqlite_at, stores, story


def test_however_many_events_fail_fresh_ones_get_their_turn(tmp_path: Path) -> None:
    with closing(Database(sqlite_at(tmp_path / "ledger.db"))) as database:
        failing_and_fresh(*stores(database))


def failing_and_fresh(ledger: LedgerStore, outbox: SqlOutbox) -> None:
    outbox.register("platform")
    sink, clock = ScriptedSink(), Clock()
    fault = DeliveryDelayed("500", one_event=True)
    sink.trouble = lambda event: fault if event.id.startswith("bad") else None
    deliverer = a_deliverer(sink, outbox, clock)
    ledger.record(CAMERA.id, [entry(f"bad-{number}") for number in range(30)])
    step_through(deliverer, clock, for_s=1800)
    before = len(sink.tried)
    ledger.record(CAMERA.id, [one for number in range(5) for one in story(f"good-{number}", 3)])
    step_through(deliverer, clock, for_s=60)
    assert sink.taken == ids(*((f"good-{incident}", revision) for incident in range(5) for revision in range(3)))
    tries = "".join("g" if one.startswith("good") else "b" for one in sink.tried[before:])
    assert "gg" not in tries.rstrip("b")  # those that failed get theirs, too
