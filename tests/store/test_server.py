"""What is asked of a PostgreSQL server before anything is written to it."""

import os
import socket
import threading
import time
from contextlib import closing

import pytest
from sqlalchemy import text

from cvinspect.errors import DeliveryDelayed, DeliveryError
from cvinspect.store import claim
from cvinspect.store.database import Database
from cvinspect.store.queries import IncidentQueries
from tests.store import postgres

TAKEN = "another `cvinspect watch` uses this ledger"


def _end_claims(database: Database) -> None:
    """End the connections that hold claims of this database."""
    ending = """SELECT pg_terminate_backend(pid, 5000) FROM pg_locks WHERE locktype = 'advisory' AND granted
        AND pid <> pg_backend_pid() AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"""
    with database.writing() as connection:
        assert connection.execute(text(ending)).scalars().all() == [True]


@pytest.mark.parametrize("reads_only", [False, True])
@pytest.mark.parametrize("encoding", ["LATIN1", "SQL_ASCII", "EUC_CN"])
def test_a_database_that_cannot_hold_every_letter_is_refused_in_one_line(encoding: str, reads_only: bool) -> None:
    address = postgres.new_database(encoding)
    with pytest.raises(DeliveryError) as failure:
        Database(address, reads_only=reads_only)
    place = address.replace("postgres@", "")
    assert str(failure.value) == f"{place}: its encoding is {encoding}; allowed: UTF8"


def test_a_server_that_is_gone_without_a_word_is_noticed_within_half_a_minute() -> None:
    with closing(Database(postgres.new_database())) as database, database.reading() as connection:
        server = connection.connection.driver_connection
        assert server is not None
        with socket.socket(fileno=os.dup(server.fileno())) as line:
            unanswered_ms = line.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT)
            options = (socket.TCP_KEEPIDLE, socket.TCP_KEEPINTVL, socket.TCP_KEEPCNT)
            idle_s, interval_s, count = (line.getsockopt(socket.IPPROTO_TCP, option) for option in options)
            assert line.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
    assert 0 < unanswered_ms <= 30_000
    assert idle_s + interval_s * count <= 30


def test_a_server_that_hangs_while_its_machine_answers_is_given_up() -> None:
    """Its own time limit is 3 s here; another 5 s are granted for the answer, and 5 s to connect anew."""
    server = postgres.Server()
    with closing(Database(server.new_database(), lock_timeout_s=0.5, claims=True)) as database:
        with server.held_up():
            began_s = time.monotonic()
            with pytest.raises(DeliveryDelayed):
                IncidentQueries(database).prove_writable()
            assert time.monotonic() - began_s < 20.0
        IncidentQueries(database).prove_writable()
    server.close()


def test_a_claim_whose_connection_was_ended_is_made_anew() -> None:
    address = postgres.new_database()
    with closing(Database(address, claims=True)) as one, closing(Database(address)) as another:
        _end_claims(another)
        one.keep_claim()
        with pytest.raises(DeliveryError, match=TAKEN):
            Database(address, lock_timeout_s=0.3, claims=True)


def test_a_claim_that_could_not_be_made_anew_is_not_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The connection is there again, and what was to be done on it failed."""
    address = postgres.new_database()
    with closing(Database(address, claims=True)) as one, closing(Database(address)) as another:
        _end_claims(another)
        with monkeypatch.context() as patched:
            patched.setattr(claim, "_OWN_CONNECTION", ("SELECT 1 / 0",))
            with pytest.raises(DeliveryError, match="division by zero"):
                one.keep_claim()
        with closing(Database(address, claims=True)):
            with pytest.raises(DeliveryDelayed, match="was lost with its connection"):
                one.keep_claim()
            with pytest.raises(DeliveryError, match=TAKEN):
                one.keep_claim()
        one.keep_claim()
        with pytest.raises(DeliveryError, match=TAKEN):
            Database(address, lock_timeout_s=0.3, claims=True)


def test_an_operator_who_ends_idle_connections_does_not_end_a_claim() -> None:
    address = postgres.new_database()
    with closing(Database(address)) as database, database.writing() as connection:
        name = address.rpartition("/")[2]
        connection.execute(text(f"ALTER DATABASE {name} SET idle_session_timeout = '300ms'"))
    with closing(Database(address, claims=True)):
        threading.Event().wait(1.0)
        with pytest.raises(DeliveryError, match=TAKEN):
            Database(address, lock_timeout_s=0.3, claims=True)
