"""kill -9 at random moments: nothing that was recorded is lost, and what comes twice comes under the same id.

CVINSPECT_CRASHES sets how often each database's process is killed.
"""

import json
import logging
import multiprocessing
import os
from collections import defaultdict
from contextlib import closing
from multiprocessing.context import ForkServerProcess
from multiprocessing.reduction import DupFd
from pathlib import Path
from random import Random
from threading import Event

import pytest

from cvinspect.dispatch.dispatcher import Dispatcher
from cvinspect.errors import DeliveryDelayed
from cvinspect.store.database import Database
from tests.dispatch import http_server
from tests.dispatch.crashing import CAMERA, ids_of, inspect
from tests.dispatch.http_server import resets, says, serving
from tests.dispatch.sink_fakes import Clock, ScriptedSink, a_deliverer
from tests.incident_makers import CAMERA as KERB
from tests.store.databases import KINDS, new_address
from tests.store.ledger_makers import entry, sqlite_at, stores

CRASHES = int(os.environ.get("CVINSPECT_CRASHES", "6"))

_LOG = logging.getLogger(__name__)

FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["tests.dispatch.crashing", "alembic.command", "psycopg"])


def a_bad_day(random: Random) -> http_server.Answer:
    """Mostly takes events, sometimes fails, and sometimes takes one but does not get round to saying so."""

    def answer(connection: http_server.socket.socket) -> None:
        kind = random.random()
        if kind < 0.05:
            resets(connection)
        else:
            says("500 Oops" if kind < 0.08 else "503 Busy" if kind < 0.1 else "202 Accepted")(connection)

    return answer


class Life:
    """One inspection through many processes; counts what they said was recorded."""

    def __init__(self, address: str, url: str, lines: Path) -> None:
        self._address, self._url, self._lines = address, url, lines
        self._heard, self._told = os.pipe()
        self.acknowledged = 0

    def kill_after(self, seconds: float, *, words: int) -> None:
        """Let it live for so long from its first word on, as it begins, or from its second, as it begins to record."""
        process = self._process(records=True)
        process.start()
        said = b""
        while said.count(b"\n") < words:
            said += os.read(self._heard, 1)
        Event().wait(seconds)
        process.kill()
        process.join()
        assert process.exitcode == -9
        os.write(self._told, b"0\n")  # so that reading on never waits
        said += os.read(self._heard, 1_000_000)
        self.acknowledged = max(self.acknowledged, *map(int, said.split()))

    def finish(self) -> None:
        """Let it deliver what is left."""
        process = self._process(records=False)
        process.start()
        process.join(60)
        assert process.exitcode == 0
        os.close(self._heard)
        os.close(self._told)

    def _process(self, *, records: bool) -> ForkServerProcess:
        arguments = (self._address, self._url, str(self._lines), DupFd(self._told), records)
        return FORKS.Process(target=inspect, args=arguments, daemon=True)


@pytest.fixture(params=KINDS)
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return new_address(request.param, tmp_path)


def test_nothing_is_lost_and_nothing_is_new_twice_however_often_the_process_is_killed(
    address: str, tmp_path: Path
) -> None:
    random, lines = Random(20_261_122), tmp_path / "incidents.jsonl"
    with serving(a_bad_day(random)) as server:
        life = Life(address, server.url, lines)
        for number in range(CRASHES):
            life.kill_after(random.uniform(0.0, 0.9), words=1 if number % 4 == 3 else 2)
        life.finish()
    with closing(Database(address)) as database:
        ledger, outbox = stores(database)
        moments = int(ledger.snapshot(CAMERA).document)  # type: ignore[union-attr]
        assert outbox.dead_letters() == []
        recorded = [f"{one.incident_id}/{one.revision}" for one in _all_records(ledger, moments)]
    expected = ids_of(moments)
    sent = [json.loads(request.body) for request in server.requests]
    written = [json.loads(line) for line in lines.read_text("utf-8").splitlines()]
    assert moments >= life.acknowledged > 0, "what was acknowledged is gone, or nothing ever was"
    _LOG.info("%d kills, %d events, %d posts, %d lines", CRASHES, len(expected), len(sent), len(written))
    assert sorted(recorded) == sorted(expected)
    for received in (sent, written):
        assert {one["id"] for one in received} == set(expected)
        _assert_repetitions_say_the_same(received)
        _assert_no_incident_goes_back(received)


def _all_records(ledger: object, moments: int) -> list[object]:
    names = dict.fromkeys(one.split("/")[0] for one in ids_of(moments))
    return [record for name in names for record in ledger.history(name)]  # type: ignore[attr-defined]


def _assert_repetitions_say_the_same(received: list[dict[str, object]]) -> None:
    said = defaultdict(set)
    for one in received:
        said[one["source"], one["id"]].add(json.dumps(one, sort_keys=True))
    assert [key for key, texts in said.items() if len(texts) > 1] == []


def _assert_no_incident_goes_back(received: list[dict[str, object]]) -> None:
    seen: dict[object, int] = {}
    for one in received:
        revision = one["data"]["revision"]  # type: ignore[index]
        assert revision >= seen.get(one["subject"], 0)
        seen[one["subject"]] = revision


def test_a_dead_sink_and_a_hanging_one_hold_up_no_other_and_stopping_ends_in_time(tmp_path: Path) -> None:
    hanging, released = Event(), Event()

    def hang(_: object) -> None:
        hanging.set()
        released.wait(20)

    sinks = [
        ScriptedSink("dead", trouble=lambda _: DeliveryDelayed("away")),
        ScriptedSink("hanging", trouble=hang),
        ScriptedSink("alive"),
    ]
    with closing(Database(sqlite_at(tmp_path / "ledger.db"))) as database:
        ledger, outbox = stores(database)
        for sink in sinks:
            outbox.register(sink.name)
        dispatcher = Dispatcher([a_deliverer(sink, outbox, Clock()) for sink in sinks])
        dispatcher.start()
        for number in range(20):
            ledger.record(KERB.id, [entry(f"inc-{number}")])
            dispatcher.wake()
        assert hanging.wait(10)
        for _ in range(1000):
            if len(sinks[2].taken) == 20:
                break
            dispatcher.wake()
            Event().wait(0.01)
        assert dispatcher.ended == ()
        assert dispatcher.stop(timeout_s=0.5) is False  # one hangs; the others have stopped
        assert (sinks[2].taken, sinks[1].taken) == ([f"inc-{number}/1" for number in range(20)], [])
        assert [sink.is_closed for sink in sinks] == [True, False, True]
        released.set()
        assert dispatcher.stop(timeout_s=10) is True


def test_two_sinks_of_one_name_are_refused(tmp_path: Path) -> None:
    with closing(Database(sqlite_at(tmp_path / "ledger.db"))) as database:
        outbox = stores(database)[1]
        with pytest.raises(ValueError, match="two sinks of one name"):
            Dispatcher([a_deliverer(ScriptedSink("x"), outbox, Clock()) for _ in range(2)])
