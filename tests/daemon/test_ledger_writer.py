from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from cvinspect.daemon.ledger_writer import LedgerWriter
from cvinspect.dispatch.back_off import BackOff
from cvinspect.errors import DeliveryDelayed, DeliveryError
from cvinspect.store import Entry, Snapshot
from cvinspect.store.database import Database
from cvinspect.store.ledger_store import LedgerStore
from tests.incident_makers import CAMERA
from tests.store.ledger_makers import entry, sqlite_at, stores, story

AT_ONCE = BackOff(lambda: 0.0, first_s=0.01, longest_s=0.01)
GATE = CAMERA.id
SOON_S = 20.0


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[LedgerStore]:
    database = Database(sqlite_at(tmp_path / "ledger.db"))
    yield stores(database)[0]
    database.close()


class FailingJournal:
    """Fails as it is told to, then does what the real one does."""

    def __init__(self, journal: LedgerStore, *failures: Exception) -> None:
        self._journal = journal
        self._failures = list(failures)
        self.calls = 0

    def record(self, camera: str, entries: Sequence[Entry], *, snapshot: Snapshot | None = None) -> int:
        self.calls += 1
        if self._failures:
            raise self._failures.pop(0)
        return self._journal.record(camera, entries, snapshot=snapshot)


def written(ledger: LedgerStore, incident_id: str = "inc-1") -> list[int]:
    return [record.revision for record in ledger.history(incident_id)]


def state(number: int) -> Snapshot:
    return Snapshot(1, f"state {number}")


def test_revisions_are_recorded_in_order_with_the_latest_state(ledger: LedgerStore) -> None:
    news: list[bool] = []
    writer = LedgerWriter(ledger, back_off=AT_ONCE, recorded=lambda: news.append(True))
    for number, one in enumerate(story("inc-1", 4)):
        writer.put(GATE, [one], state(number))
    assert writer.waiting(GATE) == 4
    writer.start()
    assert writer.stop(timeout_s=SOON_S)
    assert (written(ledger), ledger.snapshot(GATE), writer.waiting(GATE)) == ([0, 1, 2, 3], state(3), 0)
    assert news


@pytest.mark.parametrize(
    "failure",
    [DeliveryDelayed("database is locked"), DeliveryError("attempt to write a readonly database"), OSError("a fault")],
)
def test_what_cannot_be_recorded_now_is_recorded_later_and_nothing_overtakes_it(
    ledger: LedgerStore, failure: Exception
) -> None:
    journal = FailingJournal(ledger, *[failure] * 3)
    writer = LedgerWriter(journal, back_off=AT_ONCE, recorded=lambda: None)
    writer.start()
    for number, one in enumerate(story("inc-1", 3)):
        writer.put(GATE, [one], state(number))
    assert writer.flush(timeout_s=SOON_S)
    assert (written(ledger), ledger.snapshot(GATE), writer.trouble) == ([0, 1, 2], state(2), None)
    assert journal.calls >= 4
    writer.stop(timeout_s=SOON_S)


def test_its_trouble_can_be_asked_for_while_it_lasts(ledger: LedgerStore) -> None:
    slow = BackOff(lambda: 1.0, first_s=60.0, longest_s=60.0)
    writer = LedgerWriter(FailingJournal(ledger, DeliveryDelayed("disk is full")), back_off=slow, recorded=lambda: None)
    writer.start()
    writer.put(GATE, story("inc-1", 1), state(0))
    assert not writer.flush(timeout_s=1.0)
    assert (writer.trouble, writer.waiting(GATE)) == ("disk is full", 1)
    writer.stop(timeout_s=0.0)


def test_a_revision_that_contradicts_what_is_recorded_holds_up_no_other(ledger: LedgerStore) -> None:
    first, second, third = story("inc-1", 3)
    other = entry("inc-1", 1, confidence=0.123)
    ledger.record(GATE, [first, second])
    writer = LedgerWriter(ledger, back_off=AT_ONCE, recorded=lambda: None)
    writer.put(GATE, [other, third], state(7))
    writer.start()
    assert writer.stop(timeout_s=SOON_S)
    assert (written(ledger), ledger.snapshot(GATE)) == ([0, 1, 2], state(7))
    assert ledger.history("inc-1")[1] == second.record


def test_what_is_there_at_the_end_is_still_written(ledger: LedgerStore) -> None:
    writer = LedgerWriter(ledger, back_off=AT_ONCE, recorded=lambda: None)
    writer.start()
    for number in range(20):
        writer.put(f"{GATE}-{number}", [], state(number))
    assert writer.stop(timeout_s=SOON_S)
    assert [ledger.snapshot(f"{GATE}-{number}") for number in range(20)] == [state(number) for number in range(20)]
