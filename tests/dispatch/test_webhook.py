"""A webhook's receiver may do anything: the event is delivered, delayed or rejected, and nothing else happens."""

import base64
import hashlib
import hmac
import json
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from cvinspect.dispatch import Answer
from cvinspect.dispatch.webhook import Webhook
from cvinspect.errors import ConfigError, DeliveryDelayed, DeliveryRejected
from tests.dispatch import http_server
from tests.dispatch.certificates import certificate
from tests.dispatch.http_server import hangs, resets, says, sends, serving
from tests.dispatch.sink_fakes import Clock, an_event
from tests.incident_makers import START

SECRET = "a secret of more than sixteen letters"


@contextmanager
def webhook(url: str, *, secret: str | None = SECRET, ca_file: Path | None = None) -> Iterator[Webhook]:
    clock = Clock()
    sink = Webhook("platform", url, secret=secret, seconds=clock, now=clock.now, ca_file=ca_file, read_s=0.3)
    yield sink
    sink.close()


def sent_to(answer: http_server.Answer) -> Answer:
    with serving(answer) as server, webhook(server.url) as sink:
        return sink.deliver(an_event(), receipt=None)


def test_an_event_is_posted_signed_and_a_receiver_can_check_it() -> None:
    with serving(says("204 No Content")) as server, webhook(f"{server.url}/in?site=1") as sink:
        assert sink.deliver(an_event(), receipt=None) == Answer()
    [request] = server.requests
    stamp = str(int(START.timestamp()))
    signed = hmac.new(SECRET.encode(), f"inc-1/1.{stamp}.".encode() + request.body, hashlib.sha256).digest()
    assert (request.line, request.body) == ("POST /in?site=1 HTTP/1.1", an_event().structured())
    assert {name: request.headers[name] for name in ("content-type", "webhook-id", "webhook-timestamp")} == {
        "content-type": "application/cloudevents+json; charset=UTF-8",
        "webhook-id": "inc-1/1",
        "webhook-timestamp": stamp,
    }
    assert request.headers["webhook-signature"] == "v1," + base64.b64encode(signed).decode()
    assert json.loads(request.body)["id"] == "inc-1/1"


def test_no_cookies_are_taken() -> None:
    with serving(says("200 OK", set_cookie="session=1; Path=/")) as server, webhook(server.url) as sink:
        for _ in range(2):
            sink.deliver(an_event(), receipt=None)
    assert ["cookie" in request.headers for request in server.requests] == [False, False]


def test_an_id_of_any_script_fits_into_the_headers() -> None:
    with serving(says("200 OK")) as server, webhook(server.url) as sink:
        sink.deliver(an_event(incident_id="事件\r\nx: y"), receipt=None)
    assert server.requests[0].headers["webhook-id"] == "%E4%BA%8B%E4%BB%B6%0D%0Ax%3A%20y/1"
    assert "x" not in server.requests[0].headers


@pytest.mark.parametrize("status", ["200 OK", "201 Created", "202 Accepted", "299 Odd"])
def test_2xx_and_only_2xx_is_delivered(status: str) -> None:
    assert sent_to(says(status)) == Answer()


@pytest.mark.parametrize(
    ("status", "one_event"),
    [
        ("408 Request Timeout", True),
        ("425 Too Early", True),
        ("429 Too Many Requests", False),
        ("500 Internal Server Error", True),
        ("502 Bad Gateway", False),
        ("503 Service Unavailable", False),
        ("599 Odd", False),
        ("301 Moved Permanently", False),
        ("304 Not Modified", False),
    ],
)
def test_what_may_pass_is_delayed(status: str, one_event: bool) -> None:
    with pytest.raises(DeliveryDelayed, match=rf": {status[:3]}") as failure:
        sent_to(says(status))
    assert failure.value.one_event is one_event


@pytest.mark.parametrize("status", ["400 Bad Request", "401 Unauthorized", "404 Not Found", "410 Gone", "422 No"])
def test_other_4xx_are_rejected_with_what_the_receiver_says(status: str) -> None:
    with pytest.raises(DeliveryRejected, match=rf": {status}: class_id is unknown$"):
        sent_to(says(status, b"class_id\n\tis unknown\x00"))


@pytest.mark.parametrize(
    ("header", "asked_s"),
    [
        ("120", 120.0),
        ("Sat, 21 Nov 2026 02:01:00 GMT", 60.0),
        ("Sat, 21 Nov 2020 02:01:00 GMT", 0.0),
        ("soon", None),
        ("-5", None),
        ("9" * 40, 999_999_999.0),
        ("", None),
    ],
)
def test_retry_after_is_understood_as_number_and_as_date(header: str, asked_s: float | None) -> None:
    with pytest.raises(DeliveryDelayed) as failure:
        sent_to(says("503 Busy", retry_after=header))
    assert failure.value.retry_after_s == asked_s


@pytest.mark.parametrize(
    "answer",
    [
        hangs,
        resets,
        sends(b""),
        sends(b"garbage\r\n\r\n"),
        sends(b"HTTP/1.1 abc\r\n\r\n"),
        sends(b"HTTP/1.1 200 OK\r\nx: " + b"y" * 200_000),
    ],
    ids=["hangs", "resets", "says nothing", "garbage", "no status", "endless header"],
)
def test_a_server_that_misbehaves_delays(answer: http_server.Answer) -> None:
    with pytest.raises(DeliveryDelayed, match=r"http://127\.0\.0\.1:\d+/: .") as failure:
        sent_to(answer)
    assert (failure.value.one_event, "\n" in str(failure.value)) == (False, False)


def test_nobody_there_delays() -> None:
    with webhook("http://127.0.0.1:1/x") as sink, pytest.raises(DeliveryDelayed, match="refused"):
        sink.deliver(an_event(), receipt=None)


def slow_body(connection: http_server.socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\nbegun")
    hangs(connection)


def endless_body(connection: http_server.socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 65_536)
    with http_server.suppress(OSError):
        while True:
            connection.sendall(b"x" * 65_536)


@pytest.mark.parametrize("answer", [slow_body, endless_body])
def test_a_status_counts_whatever_becomes_of_the_body(answer: http_server.Answer) -> None:
    assert sent_to(answer) == Answer()


def test_redirects_are_not_followed() -> None:
    with serving(says("200 OK")) as other, serving(says("307 Go", location=other.url)) as server:
        with webhook(server.url) as sink, pytest.raises(DeliveryDelayed, match="307: redirects are not followed"):
            sink.deliver(an_event(), receipt=None)
        assert (len(server.requests), other.requests) == (1, [])


def test_a_receiver_that_repeats_the_secret_does_not_spread_it() -> None:
    with pytest.raises(DeliveryRejected) as failure:
        sent_to(says("403 Forbidden", f"bad secret {SECRET}".encode()))
    assert SECRET not in str(failure.value)
    assert "bad secret ***" in str(failure.value)


def test_tls_is_verified_and_an_authority_of_ones_own_may_be_named() -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate())
    with serving(says("200 OK"), tls=context) as server:
        with webhook(server.url) as sink, pytest.raises(DeliveryDelayed, match="CERTIFICATE_VERIFY_FAILED"):
            sink.deliver(an_event(), receipt=None)
        with webhook(server.url, ca_file=certificate()[0]) as sink:
            assert sink.deliver(an_event(), receipt=None) == Answer()
        assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("", "url: allowed: https://HOST"),
        ("ftp://x", "url: allowed: https://HOST"),
        ("https://", "url: allowed: https://HOST"),
        ("https://me:s3cret@host/in", "https://host/in holds a user name or password"),
        ("https://host:99999999/", "url: port 99999999 is none"),
        ("https://[::1/", "url: is none"),
    ],
)
def test_an_address_that_is_none_is_told_without_its_secrets(url: str, told: str) -> None:
    with pytest.raises(ConfigError, match=told) as failure, webhook(url):
        pass
    assert "s3cret" not in str(failure.value)


@pytest.mark.parametrize(
    ("secret", "told"), [("short", "5 bytes are too few"), ("whsec_$$", "no base64"), ("whsec_c2hvcnQ=", "5 bytes")]
)
def test_a_secret_that_protects_nothing_is_refused(secret: str, told: str) -> None:
    with pytest.raises(ConfigError, match=told) as failure, webhook("https://host/in", secret=secret):
        pass
    assert secret not in str(failure.value)


def test_without_a_secret_nothing_is_signed() -> None:
    with serving(says("200 OK")) as server, webhook(server.url, secret=None) as sink:
        sink.deliver(an_event(), receipt=None)
    assert "webhook-signature" not in server.requests[0].headers


def test_a_file_of_certificates_that_is_none_is_told_of(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="holds no certificates"), webhook("https://x/", ca_file=tmp_path / "none"):
        pass
