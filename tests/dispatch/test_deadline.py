"""An exchange has an end, however lively a server keeps it."""

import socket
import time
from collections.abc import Callable
from datetime import UTC, datetime

import httpcore
import httpx
import pytest

from cvinspect.dispatch.exchange import Deadline, DeadlineBackend
from cvinspect.dispatch.http import HttpSender
from cvinspect.errors import DeliveryDelayed
from tests.dispatch.raw_server import answering, dripping
from tests.dispatch.sink_fakes import Clock

NOW = datetime(2026, 12, 1, tzinfo=UTC)


def status_of(answer: Callable[[socket.socket], None], scheme: str = "http") -> int:
    with answering(answer) as port:
        url = httpx.URL(f"{scheme}://127.0.0.1:{port}/in")
        sender = HttpSender(url, seconds=time.monotonic, now=lambda: NOW, read_s=5.0, whole_s=0.5)
        try:
            return sender.post(b"{}", {}).status
        finally:
            sender.close()


@pytest.mark.parametrize(
    ("first", "drop"),
    [
        (b"", b"H"),
        (b"HTTP/1.1 200 OK\r\nx-pad: ", b"a"),
        (b"HTTP/1.1 200 OK\r\n", b"a: b\r\n"),
        (b"", b"HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n"),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
        (b"", b"HTTP/1.1 102 Processing\r\n\r\n"),
    ],
    ids=["status", "one header", "headers", "103", "100", "102"],
)
def test_a_server_that_never_comes_to_an_end_is_left(first: bytes, drop: bytes) -> None:
    with pytest.raises(DeliveryDelayed, match=r"http://127\.0\.0\.1:\d+/in: .") as failure:
        status_of(dripping(first, drop))
    assert not failure.value.one_event


def test_a_handshake_that_never_comes_to_an_end_is_left() -> None:
    with pytest.raises(DeliveryDelayed, match="timed out"):
        status_of(dripping(b"\x16\x03\x03\x40\x00\x02\x00\x3f\xfc", b"\x00"), "https")


def test_a_body_that_never_comes_to_an_end_is_left_and_its_status_counts() -> None:
    assert status_of(dripping(b"HTTP/1.1 200 OK\r\n\r\n", b"a")) == 200


def test_the_deadline_holds_for_every_step_of_an_exchange() -> None:
    clock = Clock()
    deadline = Deadline(30.0, seconds=clock)
    deadline.begin()
    assert [deadline.left_s(10.0), deadline.left_s(None)] == [10.0, 30.0]
    clock.seconds = 25.0
    assert deadline.left_s(10.0) == 5.0
    clock.seconds = 30.0
    with pytest.raises(httpcore.ReadTimeout, match="the exchange was not over within 30 s"):
        deadline.left_s(10.0)
    deadline.begin()
    assert deadline.left_s(10.0) == 10.0


@pytest.mark.parametrize("host", ["a" * 300, "\ud800", "no.such.host.invalid"])
def test_a_host_that_is_none_is_told_as_one_that_cannot_be_reached(host: str) -> None:
    backend = DeadlineBackend(Deadline(5.0, seconds=Clock()))
    with pytest.raises(httpcore.ConnectError, match=r"."):
        backend.connect_tcp(host, 80, timeout=1.0)
