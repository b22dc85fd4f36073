"""Whatever a receiver or a library says can be kept, and a sink's thread outlives everything."""

import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from cvinspect.dispatch import Answer
from cvinspect.dispatch.back_off import BackOff
from cvinspect.dispatch.cloudevents import CloudEvent
from cvinspect.dispatch.deliverer import Deliverer
from cvinspect.dispatch.dispatcher import Dispatcher
from cvinspect.errors import DeliveryDelayed, DeliveryRejected
from cvinspect.store.database import Database
from cvinspect.store.outbox import SqlOutbox
from tests.dispatch.sink_fakes import Clock, ScriptedSink, a_deliverer, step_through
from tests.incident_makers import CAMERA, START
from tests.store.ledger_makers import entry, sqlite_at, stores

WORDS = ["a\0b", "\ud800 half", "\udcff", "路" * 5000, "\x1b[2J\r\nline", "\u202e", "\U0001f600" * 2000]


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with closing(Database(sqlite_at(tmp_path / "ledger.db"))) as opened:
        yield opened


class Answering(ScriptedSink):
    """Takes everything, and calls it something."""

    def __init__(self, receipt: str) -> None:
        super().__init__()
        self.receipt = receipt

    def deliver(self, event: CloudEvent, *, receipt: str | None) -> Answer:
        super().deliver(event, receipt=receipt)
        return Answer(receipt=self.receipt)


def delivered_by(sink: ScriptedSink, database: Database) -> tuple[Deliverer, SqlOutbox]:
    ledger, outbox = stores(database)
    outbox.register("platform")
    ledger.record(CAMERA.id, [entry("a"), entry("b")])
    clock = Clock()
    deliverer = a_deliverer(sink, outbox, clock)
    step_through(deliverer, clock, for_s=30)
    return deliverer, outbox


@pytest.mark.parametrize("word", WORDS)
def test_a_refusal_in_any_words_is_a_dead_letter(database: Database, word: str) -> None:
    sink = ScriptedSink(trouble=lambda _: DeliveryRejected(f"422: {word}"))
    _, outbox = delivered_by(sink, database)
    letters = outbox.dead_letters()
    assert [letter.incident_id for letter in letters] == ["a", "b"]
    assert all(letter.reason.startswith("422: ") and len(letter.reason) <= 1001 for letter in letters)
    assert sink.tried == ["a/1", "b/1"]


@pytest.mark.parametrize("word", WORDS)
def test_a_delay_in_any_words_is_told_and_given_up_some_day(database: Database, word: str) -> None:
    ledger, outbox = stores(database)
    outbox.register("platform")
    ledger.record(CAMERA.id, [entry("a")])
    sink, clock = ScriptedSink(trouble=lambda _: DeliveryDelayed(word, one_event=True)), Clock()
    deliverer = Deliverer(sink, outbox, back_off=BackOff(lambda: 0.5), seconds=clock, give_up_after=3)
    step_through(deliverer, clock, for_s=60)
    assert [letter.incident_id for letter in outbox.dead_letters()] == ["a"]
    assert (deliverer.trouble or "").encode("utf-8")


@pytest.mark.parametrize("word", ["a\0b", "\ud800", "x" * 2000])
def test_what_was_taken_under_a_name_that_cannot_be_kept_is_looked_at_by_a_person(
    database: Database, word: str
) -> None:
    sink = Answering(word)
    _, outbox = delivered_by(sink, database)
    assert [letter.reason for letter in outbox.dead_letters()] == [
        "taken, but what it answered cannot be kept; look there before you replay"
    ] * 2
    assert sink.taken == ["a/1", "b/1"]


class BadDay(SqlOutbox):
    """Fails in ways that nobody has thought of, once each."""

    faults: list[BaseException]

    def waiting(self, sink: str) -> list[int]:
        if self.faults:
            raise self.faults.pop()
        return list(super().waiting(sink))


def test_a_fault_of_this_program_between_deliveries_is_told_and_they_go_on(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    ledger, clock = stores(database)[0], Clock()
    outbox = BadDay(database, now=clock.now)
    outbox.faults = [UnicodeEncodeError("utf-8", "\ud800", 0, 1, "no"), MemoryError(), RecursionError()]
    outbox.register("platform")
    ledger.record(CAMERA.id, [entry("a")])
    sink = ScriptedSink()
    deliverer = a_deliverer(sink, outbox, clock)
    deliverer.step()
    assert deliverer.trouble == "a fault of this program: RecursionError"
    step_through(deliverer, clock, for_s=60)
    assert (sink.taken, deliverer.trouble) == (["a/1"], None)
    assert "a fault of this program" in caplog.text


def test_a_sinks_thread_outlives_everything(database: Database, caplog: pytest.LogCaptureFixture) -> None:
    outbox = BadDay(database, now=lambda: START)
    outbox.faults = [SystemExit(3)]
    seen = threading.Event()
    sink = ScriptedSink()
    deliverer = Deliverer(sink, outbox, back_off=BackOff(lambda: 0.0), seconds=ticking(), idle_s=0.01)
    dispatcher = Dispatcher([deliverer])
    outbox.register("platform")
    stores(database)[0].record(CAMERA.id, [entry("a")])
    sink.trouble = lambda _: seen.set()  # type: ignore[func-returns-value]
    dispatcher.start()
    try:
        for _ in range(200):
            dispatcher.wake()
            if seen.wait(0.05):
                break
        assert (seen.is_set(), dispatcher.ended) == (True, ())
    finally:
        assert dispatcher.stop(timeout_s=5.0)
    assert "its deliveries go on" in caplog.text


def ticking() -> Callable[[], float]:
    """A clock that is a second further whenever it is asked."""
    numbers = iter(range(10**9))
    return lambda: float(next(numbers))
