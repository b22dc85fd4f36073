"""At least once, in order within each incident, and no event holds up another incident's."""

import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from cvinspect.dispatch.back_off import BackOff
from cvinspect.dispatch.cloudevents import CloudEvent
from cvinspect.dispatch.deliverer import Deliverer
from cvinspect.domain import ChangeKind
from cvinspect.errors import ConfigError, DeliveryDelayed, DeliveryError, DeliveryRejected
from cvinspect.store import SinkState
from cvinspect.store.database import Database
from cvinspect.store.ledger_store import LedgerStore
from cvinspect.store.outbox import SqlOutbox
from tests.dispatch.sink_fakes import Clock, ScriptedSink, a_deliverer, ids, step_through
from tests.incident_makers import CAMERA
from tests.store.ledger_makers import entry, sqlite_at, stores, story


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with closing(Database(sqlite_at(tmp_path / "ledger.db"))) as opened:
        yield opened


def record_two_stories(ledger: LedgerStore) -> None:
    for one, two in zip(story("a", 3), story("b", 3), strict=True):
        ledger.record(CAMERA.id, [one, two])


BOTH = ids(("a", 0), ("b", 0), ("a", 1), ("b", 1), ("a", 2), ("b", 2))


@pytest.fixture
def ledger(database: Database) -> LedgerStore:
    return stores(database)[0]


@pytest.fixture
def outbox(database: Database) -> SqlOutbox:
    found = stores(database)[1]
    found.register("platform")
    return found


def test_everything_is_sent_once_in_the_order_of_recording(ledger: LedgerStore, outbox: SqlOutbox) -> None:
    sink, clock = ScriptedSink(), Clock()
    record_two_stories(ledger)
    step_through(a_deliverer(sink, outbox, clock), clock, for_s=5)
    assert sink.tried == BOTH
    assert list(outbox.states()) == [SinkState("platform", 6, pending=0, set_aside=0, dead=0)]


def test_what_the_sink_answered_is_handed_back_with_later_revisions(ledger: LedgerStore, outbox: SqlOutbox) -> None:
    sink, clock = ScriptedSink(), Clock()
    ledger.record(CAMERA.id, story("a", 3))
    step_through(a_deliverer(sink, outbox, clock), clock, for_s=5)
    assert sink.receipts == [None, "case of a", "case of a"]


def test_a_sink_that_is_down_is_asked_ever_more_rarely_and_loses_nothing(
    ledger: LedgerStore, outbox: SqlOutbox
) -> None:
    clock = Clock()
    sink = ScriptedSink(trouble=lambda _: DeliveryDelayed("away") if clock.seconds < 3600 else None)
    deliverer = a_deliverer(sink, outbox, clock)
    record_two_stories(ledger)
    step_through(deliverer, clock, for_s=3600)
    assert (set(sink.tried), deliverer.trouble) == ({"a/0", "b/0"}, "away")
    assert set(sink.tried[:3]) == {"a/0", "b/0"}
    assert 3600 / 20 < len(sink.tried) < 3600 / 10
    step_through(deliverer, clock, for_s=30)
    assert (sorted(sink.taken), deliverer.trouble) == (sorted(BOTH), None)
    assert list(outbox.states()) == [SinkState("platform", 6, pending=0, set_aside=0, dead=0)]


@pytest.mark.parametrize("one_event", [False, True])
@pytest.mark.parametrize(("away_s", "seed"), [(120.0, 1), (120.0, 2), (1800.0, 3)])
def test_a_sink_that_comes_back_has_everything_within_half_a_minute(
    ledger: LedgerStore, outbox: SqlOutbox, away_s: float, one_event: bool, seed: int
) -> None:
    clock, recorded = Clock(), 12
    away = DeliveryDelayed("away, or there and broken", one_event=one_event)
    sink = ScriptedSink(trouble=lambda _: away if clock.seconds < away_s else None)
    deliverer = Deliverer(sink, outbox, back_off=BackOff(Random(seed).random), seconds=clock)
    for number in range(recorded):
        ledger.record(CAMERA.id, story(f"inc-{number}", 3))
        step_through(deliverer, clock, for_s=away_s / recorded)
    step_through(deliverer, clock, for_s=away_s + 25 - clock.seconds)
    assert len(sink.taken) == 3 * recorded
    assert list(outbox.states()) == [SinkState("platform", 3 * recorded, pending=0, set_aside=0, dead=0)]


def test_a_receiver_that_asks_for_time_gets_it(ledger: LedgerStore, outbox: SqlOutbox) -> None:
    clock = Clock()
    sink = ScriptedSink(trouble=lambda _: DeliveryDelayed("busy", retry_after_s=90) if clock.seconds < 1 else None)
    ledger.record(CAMERA.id, [entry()])
    deliverer = a_deliverer(sink, outbox, clock)
    step_through(deliverer, clock, for_s=89)
    assert len(sink.tried) == 1
    step_through(deliverer, clock, for_s=2)
    assert sink.taken == ["inc-1/1"]


def test_an_event_at_which_only_it_fails_steps_aside_with_its_later_revisions(
    ledger: LedgerStore, outbox: SqlOutbox
) -> None:
    clock = Clock()

    def trouble(event: CloudEvent) -> Exception | None:
        fails = event.id == "a/1" and clock.seconds < 60
        return DeliveryDelayed("500", one_event=True) if fails else None

    sink = ScriptedSink(trouble=trouble)
    deliverer = a_deliverer(sink, outbox, clock)
    record_two_stories(ledger)
    step_through(deliverer, clock, for_s=30)
    assert sink.taken == ids(("a", 0), ("b", 0), ("b", 1), ("b", 2))
    assert list(outbox.states()) == [SinkState("platform", 6, pending=2, set_aside=2, dead=0)]
    step_through(deliverer, clock, for_s=100)
    assert sink.taken[4:] == ids(("a", 1), ("a", 2))


def test_what_fails_for_ever_becomes_a_dead_letter_and_holds_up_its_incident_no_longer(
    ledger: LedgerStore, outbox: SqlOutbox
) -> None:
    def trouble(event: CloudEvent) -> Exception | None:
        return DeliveryDelayed("500: a fault", one_event=True) if event.id == "a/1" else None

    sink, clock = ScriptedSink(trouble=trouble), Clock()
    record_two_stories(ledger)
    deliverer = Deliverer(sink, outbox, back_off=BackOff(lambda: 0.5), seconds=clock, give_up_after=40)
    step_through(deliverer, clock, for_s=40 * 15)
    [letter] = outbox.dead_letters()
    assert (letter.incident_id, letter.revision, letter.reason) == (
        "a", 1, "given up after 40 attempts: 500: a fault",
    )  # fmt: skip
    assert sink.taken[-1] == "a/2"


def test_a_sink_that_fails_at_everything_does_not_run_through_the_whole_outbox(
    ledger: LedgerStore, outbox: SqlOutbox
) -> None:
    sink, clock = ScriptedSink(trouble=lambda _: DeliveryDelayed("500", one_event=True)), Clock()
    for number in range(200):
        ledger.record(CAMERA.id, [entry(f"inc-{number}")])
    step_through(a_deliverer(sink, outbox, clock), clock, for_s=600)
    assert len(sink.tried) < 3 * 600 / 14  # three different ones, and a pause of 15 s


def test_a_rejected_event_is_a_dead_letter_and_later_revisions_go_on(ledger: LedgerStore, outbox: SqlOutbox) -> None:
    sink, clock = ScriptedSink(trouble=lambda one: DeliveryRejected("422: no") if one.id == "a/1" else None), Clock()
    record_two_stories(ledger)
    step_through(a_deliverer(sink, outbox, clock), clock, for_s=5)
    [letter] = outbox.dead_letters("platform")
    assert sink.taken == [one for one in BOTH if one != "a/1"]
    assert (letter.incident_id, letter.revision, letter.reason, letter.is_superseded) == ("a", 1, "422: no", True)


def test_replay_sends_dead_letters_again_but_never_an_old_state_after_a_new_one(
    ledger: LedgerStore, outbox: SqlOutbox
) -> None:
    sink, clock = ScriptedSink(trouble=lambda one: DeliveryRejected("401") if one.id != "a/2" else None), Clock()
    record_two_stories(ledger)
    deliverer = a_deliverer(sink, outbox, clock)
    step_through(deliverer, clock, for_s=5)
    sink.trouble = lambda _: None
    assert outbox.replay("platform") == 3
    step_through(deliverer, clock, for_s=5)
    assert sink.taken == ids(("a", 2), ("b", 0), ("b", 1), ("b", 2))
    assert [(one.incident_id, one.revision, one.is_superseded) for one in outbox.dead_letters()] == [
        ("a", 0, True),
        ("a", 1, True),
    ]
    assert outbox.discard("platform", [one.sequence for one in outbox.dead_letters()]) == 2
    assert outbox.dead_letters() == []
    assert [record.revision for record in ledger.history("a")] == [0, 1, 2]


def test_replaying_or_discarding_at_a_sink_that_is_none_names_the_sinks(outbox: SqlOutbox) -> None:
    for act in (lambda: outbox.replay("platfrom"), lambda: outbox.discard("platfrom", [1])):
        with pytest.raises(ConfigError, match="sink 'platfrom': is not known; allowed: platform"):
            act()


def test_a_dead_sink_holds_up_no_other(ledger: LedgerStore, outbox: SqlOutbox) -> None:
    outbox.register("dead")
    clock = Clock()
    dead, alive = ScriptedSink("dead", trouble=lambda _: DeliveryDelayed("away")), ScriptedSink()
    record_two_stories(ledger)
    step_through(a_deliverer(dead, outbox, clock), clock, for_s=60)
    step_through(a_deliverer(alive, outbox, clock), clock, for_s=5)
    assert alive.taken == BOTH
    assert {state.name: state.pending for state in outbox.states()} == {"dead": 6, "platform": 0}


def test_a_sink_that_nobody_registered_begins_with_its_first_step(ledger: LedgerStore, outbox: SqlOutbox) -> None:
    sink, clock = ScriptedSink("forgotten"), Clock()
    deliverer = a_deliverer(sink, outbox, clock)
    deliverer.step()
    ledger.record(CAMERA.id, [entry()])
    step_through(deliverer, clock, for_s=5)
    assert sink.taken == ["inc-1/1"]


def test_a_new_sink_begins_with_what_is_recorded_from_then_on(ledger: LedgerStore, outbox: SqlOutbox) -> None:
    ledger.record(CAMERA.id, [entry("old")])
    outbox.register("new")
    outbox.register("archive", from_start=True)
    ledger.record(CAMERA.id, [entry("new")])
    outbox.register("new", from_start=True)  # has a cursor already
    sinks = [ScriptedSink("new"), ScriptedSink("archive")]
    for sink in sinks:
        clock = Clock()
        step_through(a_deliverer(sink, outbox, clock), clock, for_s=5)
    assert [sink.taken for sink in sinks] == [["new/1"], ["old/1", "new/1"]]


def test_a_fault_in_a_sinks_own_code_ends_no_deliveries(
    ledger: LedgerStore, outbox: SqlOutbox, caplog: pytest.LogCaptureFixture
) -> None:
    sink, clock = ScriptedSink(trouble=lambda one: KeyError("oops") if one.id == "a/0" else None), Clock()
    ledger.record(CAMERA.id, [*story("a", 1), *story("b", 1)])
    deliverer = a_deliverer(sink, outbox, clock)
    step_through(deliverer, clock, for_s=5)
    assert sink.taken == ["b/0"]
    assert "a fault of this program" in caplog.text


def test_a_record_that_cannot_be_read_is_a_dead_letter(database: Database, outbox: SqlOutbox) -> None:
    stores(database)[0].record(CAMERA.id, [entry("a"), entry("b")])
    with database.writing() as connection:
        connection.execute(text("UPDATE revisions SET body = '{}' WHERE incident_id = 'a'"))
    sink, clock = ScriptedSink(), Clock()
    step_through(a_deliverer(sink, outbox, clock), clock, for_s=5)
    assert (sink.taken, [letter.incident_id for letter in outbox.dead_letters()]) == (["b/1"], ["a"])


class OutboxThatForgets(SqlOutbox):
    """The database fails whenever it is told of a delivery, until `works`."""

    works = False

    def delivered(self, *given: object, **named: object) -> None:
        if not self.works:
            raise DeliveryError("ledger.db: disk I/O error")
        super().delivered(*given, **named)  # type: ignore[arg-type]


def test_what_was_taken_is_not_sent_again_because_the_database_is_away(database: Database) -> None:
    clock = Clock()
    outbox = OutboxThatForgets(database, now=clock.now)
    outbox.register("platform")
    record_two_stories(stores(database)[0])
    sink = ScriptedSink()
    deliverer = a_deliverer(sink, outbox, clock)
    step_through(deliverer, clock, for_s=100)
    assert (sink.tried, deliverer.trouble) == (["a/0"], "ledger.db: disk I/O error")
    outbox.works = True
    step_through(deliverer, clock, for_s=300)
    assert sink.tried == BOTH


@given(seed=st.integers(0, 2**32), revisions=st.lists(st.integers(0, 4), min_size=1, max_size=25))
@settings(
    max_examples=10, deadline=None, phases=[Phase.generate], suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_whatever_fails_every_revision_is_taken_or_a_dead_letter_and_in_order(
    tmp_path: Path, seed: int, revisions: Sequence[int]
) -> None:
    random = Random(seed)
    folder = Path(tempfile.mkdtemp(dir=tmp_path))  # a seed may come up twice
    database, clock = Database(sqlite_at(folder / "ledger.db")), Clock()
    ledger, outbox = stores(database)
    outbox.register("platform")
    recorded: Counter[str] = Counter()
    for incident in revisions:
        name = f"inc-{incident}"
        ledger.record(CAMERA.id, [entry(name, recorded[name], ChangeKind.UPDATED)])
        recorded[name] += 1

    def trouble(_: CloudEvent) -> Exception | None:
        kind = random.random()
        if kind < 0.1:
            return DeliveryRejected("no")
        return DeliveryDelayed("later", one_event=kind < 0.4) if kind < 0.6 else None

    sink = ScriptedSink(trouble=trouble)
    for _ in range(6):  # each a restart
        step_through(a_deliverer(sink, outbox, clock), clock, for_s=random.expovariate(1 / 10))
    step_through(a_deliverer(sink, outbox, clock), clock, for_s=20_000)
    dead = ids(*((one.incident_id, one.revision) for one in outbox.dead_letters()))
    expected = ids(*((name, number) for name, total in recorded.items() for number in range(total)))
    database.close()
    assert sorted([*sink.taken, *dead]) == sorted(expected)
    for name in recorded:
        numbers = [int(one.split("/")[1]) for one in sink.taken if one.split("/")[0] == name]
        assert numbers == sorted(numbers)
