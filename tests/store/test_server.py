"""What is asked of a PostgreSQL server before anything is written to it."""

import os
import socket
from contextlib import closing

import pytest

from cvinspect.errors import DeliveryError
from cvinspect.store.database import Database
from tests.store import postgres


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
