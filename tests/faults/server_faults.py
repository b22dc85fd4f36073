"""What a database server and a broker do: PostgreSQL holds the ledger, mosquitto is one of the sinks."""

import json
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path

from tests.dispatch import broker
from tests.faults.house import House
from tests.faults.process_faults import kill_often
from tests.faults.relay import relaying
from tests.faults.scoring import Span, faults_of_delivery, repeated
from tests.faults.stand import Outcome, Spot, Stand, finish, wait, whole
from tests.store.postgres import Server

_SETTLED_S = 8.0
_TOPIC = "cvinspect/incidents/#"


def killed_with_postgres(stand: Stand) -> list[Outcome]:
    """kill -9 at random moments, the ledger on a server."""
    with closing(Server()) as server:
        times = 200 if stand.is_long else 8
        return [kill_often(stand, "kill -9, ledger in PostgreSQL", times, address=server.new_database())]


def postgres_away(stand: Stand) -> list[Outcome]:
    """The server is stopped at once and started again under a running daemon."""
    away_s = 20.0

    def stop(server: Server) -> None:
        server.stop()
        wait(away_s)
        server.start()

    return [_with_postgres(stand, "stopped", stop, for_s=away_s)]


def postgres_frozen(stand: Stand) -> list[Outcome]:
    """The server's processes are held up, as by a disk that hangs, while its machine still answers."""
    frozen_s = 60.0 if stand.is_long else 12.0

    def freeze(server: Server) -> None:
        with server.held_up():
            wait(frozen_s)

    return [_with_postgres(stand, "frozen", freeze, for_s=frozen_s)]


def _with_postgres(stand: Stand, what: str, fault: Callable[[Server], None], *, for_s: float) -> Outcome:
    """What the server of the ledger does, under a running daemon."""
    with (
        closing(Server()) as server,
        stand.spots("one") as spots,
        stand.house(f"postgres-{what}", spots, address=server.new_database()) as house,
    ):
        note = f"{what} for {for_s:.0f} s"
        return _through(stand, house, spots, f"PostgreSQL {what}", lambda: fault(server), note=note)


def broker_away(stand: Stand) -> list[Outcome]:
    """mosquitto is killed and started again; the daemon finds it once somebody listens who counts what is published."""
    away_s = 120.0 if stand.is_long else 15.0
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        folder.chmod(0o755)
        started = stack.enter_context(broker.running(folder))
        relay = stack.enter_context(relaying(started.port))
        ear = stack.enter_context(closing(_Ear(started.port)))
        spots = stack.enter_context(stand.spots("one"))
        sink = {"type": "mqtt", "name": "broker", "host": "127.0.0.1", "port": relay.port, "tls": False}
        house = stack.enter_context(stand.house("broker-away", spots, more_sinks=[sink]))

        def stop() -> None:
            started.stop()
            relay.refuse()
            wait(away_s)
            started.start()
            ear.listen()
            relay.accept()

        outcome = _through(stand, house, spots, "mosquitto stopped", stop, heard=lambda: ear.ids)
        note = f"stopped for {away_s:.0f} s; {len(ear.ids)} events, {repeated(ear.ids)} of them again under their id"
        return [replace(outcome, note=note)]


class _Ear:
    """Listens to the broker, anew after each of its restarts."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._stack = ExitStack()
        self._listeners: list[broker.Listener] = []
        self.listen()

    def listen(self) -> None:
        """Until it is called again."""
        self._stack.close()
        self._listeners.append(self._stack.enter_context(broker.listening(self._port, _TOPIC)))

    @property
    def ids(self) -> list[str]:
        """Of the events that were published, in order."""
        return [str(json.loads(one.payload)["id"]) for each in self._listeners for one in list(each.messages)]

    def close(self) -> None:
        """Listen no more."""
        self._stack.close()


def _through(
    stand: Stand,
    house: House,
    spots: Sequence[Spot],
    name: str,
    fault: Callable[[], None],
    *,
    heard: Callable[[], list[str]] | None = None,
    note: str = "",
) -> Outcome:
    """A fault in the middle of a scene; time to recover is until all is recorded and delivered to every sink."""
    times, recoveries_s = 5 if stand.is_long else 1, list[float]()
    house.start()
    house.until_inspected()
    began_s = time.time()
    for _ in range(times):
        wait(4.0)
        fault()
        recoveries_s.append(house.until_delivered())
    wait(_SETTLED_S)
    seen = Span(began_s, time.time())
    wrong = finish(house, spots)
    delivery = faults_of_delivery(house, {} if heard is None else {"broker": heard()})
    found = whole(house, spots, {}, seen)
    return Outcome(name, times, found, tuple(delivery), tuple(recoveries_s), tuple(wrong), note)
