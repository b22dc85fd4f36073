"""An answer of 2xx is a success only where its body does not say otherwise."""

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from cvinspect.dispatch import Answer
from cvinspect.dispatch.answers import Success, UnreadableAnswerError, document
from cvinspect.dispatch.open311 import Open311, Platform
from cvinspect.dispatch.webhook import Webhook
from cvinspect.errors import DeliveryDelayed, DeliveryRejected
from tests.dispatch import http_server
from tests.dispatch.http_server import hangs, says, serving
from tests.dispatch.sink_fakes import Clock, an_event

SECRET = "a secret of more than sixteen letters"
CODE = Success("/code", 0)
PAGE = b"<!DOCTYPE html>\n<html><title>Log in</title></html>"
DEEP = b'{"code":' + b"[" * 60_000


@contextmanager
def webhook(url: str, success: Success | None) -> Iterator[Webhook]:
    clock = Clock()
    sink = Webhook("platform", url, secret=SECRET, seconds=clock, now=clock.now, read_s=0.3, success=success)
    yield sink
    sink.close()


def sent_to(answer: http_server.Answer, success: Success | None = None) -> Answer:
    with serving(answer) as server, webhook(f"{server.url}/in", success) as sink:
        return sink.deliver(an_event(), receipt=None)


@pytest.mark.parametrize(
    ("body", "success"),
    [
        (b'{"code": 0, "msg": "ok"}', CODE),
        (b'\xef\xbb\xbf{"code": 0.0}', CODE),
        ('{"code": 0}'.encode("utf-16"), CODE),
        (b'{"errcode": 0, "errmsg": "ok"}', Success("/errcode", 0)),
        (b'{"result": [{"a/b": {"~": "SUCCESS"}}]}', Success("/result/0/a~1b/~0", "SUCCESS")),
        (b'{"ok": true}', Success("/ok", True)),
        (b'{"error": null}', Success("/error", None)),
        (b'"done"', Success("", "done")),
    ],
)
def test_a_body_that_says_what_success_looks_like_is_one(body: bytes, success: Success) -> None:
    assert sent_to(says("200 OK", body), success) == Answer()


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ('{"code": 500, "msg": "签名错误"}'.encode(), r"/code is 500, not 0: .*签名错误"),
        (b'{"code": "0"}', r'/code is "0", not 0'),
        (b'{"code": false}', "/code is false, not 0"),
        (b'{"code": null}', "/code is null, not 0"),
        (b'{"code": []}', "/code is a list, not 0"),
        (b'{"code": "' + b"x" * 50_000 + b'"}', "/code is a long text, not 0"),
        (b'{"msg": "ok"}', "there is no /code, which should be 0"),
        (b"[0]", "there is no /code"),
        (b"0", "there is no /code"),
        (b"", "nothing is said, and /code should be 0"),
        (b" \r\n", "nothing is said"),
        (b"ok", "it is no JSON, and /code should be 0: ok"),
        (b'{"code": NaN}', "it is no JSON"),
        (b'{"code": 0', "it is no JSON"),
        (b'{"code": ' + b"9" * 5000 + b"}", "it is no JSON"),
        (DEEP, "it is no JSON"),
        (PAGE, "it is no JSON"),
        (b"\xff\xfe\x00\xd8", "it is no JSON"),
        (b'{"code": 0}' + b" " * 70_000, "its body broke off, or is longer than 64 KiB"),
    ],
)
def test_a_body_that_says_anything_else_is_tried_again_and_told(body: bytes, told: str) -> None:
    with pytest.raises(DeliveryDelayed, match=f"answered 200, but {told}") as failure:
        sent_to(says("200 OK", body), CODE)
    assert failure.value.one_event
    assert len(str(failure.value)) < 400
    assert "\n" not in str(failure.value)


def test_a_success_whose_body_breaks_off_is_none_where_the_body_counts() -> None:
    def breaks_off(connection: socket.socket) -> None:
        connection.sendall(b'HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\n{"code": 0}')
        hangs(connection)

    with pytest.raises(DeliveryDelayed, match="broke off"):
        sent_to(breaks_off, CODE)


def test_what_a_refusal_repeats_of_the_secret_is_blotted_out() -> None:
    with pytest.raises(DeliveryDelayed) as failure:
        sent_to(says("200 OK", json.dumps({"code": 1, "msg": SECRET}).encode()), CODE)
    assert SECRET not in str(failure.value)


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (PAGE, "text/html; charset=utf-8"),
        (PAGE, "application/json"),
        (b"\xef\xbb\xbf\r\n <HTML><body>", ""),
        ("\ufeff<!doctype html>".encode("utf-16-le"), "text/plain"),
        (b'<?xml version="1.0"?><!-- a --><!DOCTYPE  html PUBLIC "x">', "application/xml"),
        (b"<div>Please log in</div>", "text/html"),
        (b"\x1f\x8b\x08rest", "text/html"),
        (b"<script>location='/login'</script>", ""),
        (b'{"title": "no"}', "application/problem+json"),
    ],
)
def test_a_web_page_or_a_problem_is_no_success(body: bytes, content_type: str) -> None:
    with pytest.raises(DeliveryDelayed, match=r"answered 200, but with a (web page|problem)") as failure:
        sent_to(says("200 OK", body, content_type=content_type))
    assert failure.value.one_event


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"", "text/html"),
        (b"ok", "text/html; charset=utf-8"),
        (b"<ok/>", "application/xml"),
        (b'{"code": 500}', "application/json"),
        (b"<!--" + b"<!---->" * 9000 + b"<p>", ""),
        (DEEP, ""),
        (b"\xff\x00" * 100, "application/octet-stream"),
    ],
)
def test_any_other_body_says_nothing_against_a_success(body: bytes, content_type: str) -> None:
    assert sent_to(says("200 OK", body, content_type=content_type)) == Answer()


@pytest.mark.parametrize("body", [b"[" * 60_000, b'{"a":' * 60_000, b"\xed\xa0\x80", b"-", b"Infinity", b"1e", b"\0"])
def test_what_is_no_json_has_one_error(body: bytes) -> None:
    with pytest.raises(UnreadableAnswerError):
        document(body)


def posted(body: object, status: str = "201 Created") -> Answer:
    clock = Clock()
    with serving(says(status, body if isinstance(body, bytes) else json.dumps(body).encode())) as server:
        codes = Platform({"illegal_parking_motor": "1"})
        sink = Open311("city", server.url, platform=codes, api_key=None, seconds=clock, now=clock.now, read_s=0.3)
        try:
            return sink.deliver(an_event(), receipt=None)
        finally:
            sink.close()


@pytest.mark.parametrize(
    ("answer", "is_tried_again"),
    [
        ([{"code": 400, "description": "jurisdiction_id was not provided"}], False),
        ([{"code": "403", "description": "no"}], False),
        ([{"description": "no"}], False),
        ([{"code": None}], False),
        ([{"code": "9" * 5000}], False),
        ([{"code": [1]}], False),
        ([{"code": 500, "description": "try later", "token": None}], True),
        ([{"code": "503"}], True),
        ([{"code": 429}], True),
    ],
)
def test_an_error_list_is_no_success_whatever_the_status(answer: object, is_tried_again: bool) -> None:
    error = DeliveryDelayed if is_tried_again else DeliveryRejected
    with pytest.raises(error, match="answered 200, but with an error: "):
        posted(answer, "200 OK")


@pytest.mark.parametrize(
    "answer",
    [
        b"[" * 60_000,
        b'[{"token": ' + b"[" * 900 + b"]" * 900 + b"}]",
        b'[{"token": "\\ud800"}]',
        b'[{"token": "a\\u0000b"}]',
        b'[{"token": "\\u202e"}]',
        [{"service_request_id": "x" * 60_000}],
        [{"service_request_id": {"id": 1}}],
        [{"service_request_id": True}],
        [{"service_request_id": 1.5}],
        [{"service_request_id": " "}],
        [{"error": "log in first"}],
        [[{"token": "t"}]],
        {"service_request_id": "1"},
        b"<html>log in</html>",
    ],
)
def test_whatever_else_is_said_is_looked_at_by_a_person_and_not_posted_again(answer: object) -> None:
    with pytest.raises(DeliveryRejected, match=r"answered 201, but .*; look there before you replay") as failure:
        posted(answer)
    assert str(failure.value).encode("utf-8").count(b"\0") == 0
