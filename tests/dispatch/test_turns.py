"""Events that are always refused starve nobody: not those that wait beside them, nor those behind."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text

from cvinspect.dispatch.back_off import BackOff
from cvinspect.dispatch.cloudevents import CloudEvent
from cvinspect.dispatch.deliverer import Deliverer
from cvinspect.dispatch.turns import Turns
from cvinspect.errors import DeliveryDelayed
from cvinspect.store import SinkState
from cvinspect.store.database import Database
from cvinspect.store.ledger_store import LedgerStore
from cvinspect.store.outbox import SqlOutbox
from tests.dispatch.sink_fakes import Clock, ScriptedSink, a_deliverer, step_through
from tests.incident_makers import CAMERA
from tests.store.ledger_makers import entry, sqlite_at, stores, story

ONE = DeliveryDelayed("500", one_event=True)
ALL = DeliveryDelayed("502")
ASKS = DeliveryDelayed("500", one_event=True, retry_after_s=3600)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with closing(Database(sqlite_at(tmp_path / "ledger.db"))) as opened:
        yield opened


@pytest.fixture
def ledger(database: Database) -> LedgerStore:
    return stores(database)[0]


@pytest.fixture
def outbox(database: Database) -> SqlOutbox:
    found = stores(database)[1]
    found.register("platform")
    return found


def refusing(clock: Clock, *, always: int, until_s: float, trouble: DeliveryDelayed = ONE) -> ScriptedSink:
    """Refuses so many incidents always, another one until then, and takes all others."""

    def said(event: CloudEvent) -> Exception | None:
        number = int(event.record.incident_id.removeprefix("inc-"))
        return trouble if number < always or (number == always and clock.seconds < until_s) else None

    return ScriptedSink(trouble=said)


@pytest.mark.parametrize("trouble", [ONE, ASKS], ids=["500", "500 with Retry-After"])
def test_two_that_are_always_refused_do_not_keep_out_a_third(
    ledger: LedgerStore, outbox: SqlOutbox, trouble: DeliveryDelayed
) -> None:
    clock = Clock()
    sink = refusing(clock, always=2, until_s=150)
    deliverer = a_deliverer(sink, outbox, clock)
    ledger.record(CAMERA.id, [entry(f"inc-{number}") for number in range(3)])
    step_through(deliverer, clock, for_s=150)
    before = len(sink.tried)
    step_through(deliverer, clock, for_s=60)
    assert sink.taken == ["inc-2/1"]
    assert outbox.states()[0].set_aside == 2
    assert {sink.tried[before:].count(f"inc-{number}/1") >= 2 for number in range(2)} == {True}


@pytest.mark.parametrize("always", [3, 12])
def test_however_many_are_always_refused_each_of_the_others_gets_its_turn(
    ledger: LedgerStore, outbox: SqlOutbox, always: int
) -> None:
    clock = Clock()
    sink = refusing(clock, always=always, until_s=600)
    deliverer = a_deliverer(sink, outbox, clock)
    ledger.record(CAMERA.id, [entry(f"inc-{number}") for number in range(always + 1)])
    step_through(deliverer, clock, for_s=600)
    step_through(deliverer, clock, for_s=20 * (always + 3) / 3)
    assert sink.taken == [f"inc-{always}/1"]


def test_of_those_that_wait_all_are_looked_at(database: Database, ledger: LedgerStore, outbox: SqlOutbox) -> None:
    ledger.record(CAMERA.id, [*(entry(f"inc-{number}") for number in range(700)), entry("inc-3", 2)])
    wait = "INSERT INTO attempts SELECT 'platform', sequence, incident_id, 1 FROM outbox"
    with database.writing() as connection:
        connection.execute(text(wait))
    assert list(outbox.waiting("platform")) == list(range(1, 701))
    last = outbox.waiting_event("platform", 700)
    assert last is not None
    assert (last.incident_id, last.attempts) == ("inc-699", 1)
    outbox.delivered("platform", last, receipt=None)
    assert outbox.waiting_event("platform", 700) is None


@pytest.mark.parametrize("asked_s", [None, 300.0])
def test_an_event_that_brings_the_whole_receiver_down_keeps_out_none(
    ledger: LedgerStore, outbox: SqlOutbox, asked_s: float | None
) -> None:
    clock = Clock()
    sink = refusing(clock, always=2, until_s=0, trouble=DeliveryDelayed("503", retry_after_s=asked_s))
    deliverer = a_deliverer(sink, outbox, clock)
    ledger.record(CAMERA.id, [entry("inc-0"), entry("inc-1"), *story("inc-2", 3)])
    step_through(deliverer, clock, for_s=60 + 3 * (asked_s or 0))
    assert sink.taken == ["inc-2/0", "inc-2/1", "inc-2/2"]
    step_through(deliverer, clock, for_s=600)
    ledger.record(CAMERA.id, [entry(f"inc-{number}") for number in range(3, 40)])
    step_through(deliverer, clock, for_s=30)
    assert len(sink.taken) == 3 + 37


def test_what_fails_alone_and_for_ever_as_if_the_whole_sink_did_is_given_up(
    ledger: LedgerStore, outbox: SqlOutbox
) -> None:
    clock = Clock()
    sink = refusing(clock, always=1, until_s=0, trouble=ALL)
    deliverer = Deliverer(sink, outbox, back_off=BackOff(lambda: 0.5), seconds=clock, give_up_after=5)
    for number in range(20):
        ledger.record(CAMERA.id, [entry(f"inc-{number}")])
        step_through(deliverer, clock, for_s=20)
    assert [(one.incident_id, one.reason) for one in outbox.dead_letters()] == [
        ("inc-0", "given up after 5 attempts: 502")
    ]
    assert len(sink.taken) == 19


def test_a_receiver_that_is_down_makes_no_dead_letters_however_long_it_takes(
    ledger: LedgerStore, outbox: SqlOutbox
) -> None:
    clock = Clock()
    sink = ScriptedSink(trouble=lambda _: ALL if clock.seconds < 900 else None)
    deliverer = Deliverer(sink, outbox, back_off=BackOff(lambda: 0.5), seconds=clock, give_up_after=5)
    ledger.record(CAMERA.id, [*story("a", 3), *story("b", 3)])
    step_through(deliverer, clock, for_s=900)
    assert (outbox.states()[0].dead, len(sink.tried) > 50) == (0, True)
    step_through(deliverer, clock, for_s=30)
    assert list(outbox.states()) == [SinkState("platform", 6, pending=0, set_aside=0, dead=0)]
    assert [one for one in sink.taken if one.startswith("a")] == ["a/0", "a/1", "a/2"]


def test_of_those_that_are_due_the_one_tried_longest_ago_is_next() -> None:
    turns, waiting = Turns(), [1, 2, 3]
    tried = []
    for now_s in range(6):
        found = turns.next(waiting, now_s)
        assert found is not None
        turns.tried(found, again_s=now_s + 1)
        tried.append(found)
    assert tried == [1, 2, 3, 1, 2, 3]
    assert [turns.tries(one) for one in waiting] == [2, 2, 2]


def test_what_is_not_due_is_passed_over_and_what_waits_no_more_is_forgotten() -> None:
    turns = Turns()
    assert (turns.next([], 0.0), turns.first_due_s()) == (None, float("inf"))
    turns.next([7], 0.0)
    turns.tried(7, again_s=9.0)
    assert [turns.next([7], 1.0), turns.first_due_s()] == [None, 9.0]
    assert turns.next([7, 8], 1.0) == 8
    turns.next([8], 1.0)
    assert turns.next([7, 8], 2.0) == 8  # 7 is new again, and stands behind
    assert turns.tries(7) == 0
