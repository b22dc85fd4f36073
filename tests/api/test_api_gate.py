"""Who is let in, and how much may be sent."""

import statistics
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from cvinspect.api.server import ApiServer
from cvinspect.errors import ConfigError
from tests.api.api_makers import BEARER, TOKEN, Daemon, a_daemon, client_of, raw_answer, serving
from tests.store.ledger_makers import entry

ADDRESSES = (
    "/cameras",
    "/metrics",
    "/incidents",
    "/incidents/inc-1",
    "/incidents/inc-1/revisions/1",
    "/evidence/a.jpg",
    "/openapi.json",
    "/no-such",
    "//health",
    "/health/",
    "/ready/../incidents",
    "/health%2f..%2fincidents",
    "/HEALTH",
)


@pytest.fixture(scope="module")
def daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    with a_daemon(tmp_path_factory.mktemp("site")) as started:
        started.ledger.record("kerb-01", [entry("inc-1")])
        started.picture("a.jpg", b"a picture")
        yield started


@pytest.fixture(scope="module")
def guarded(daemon: Daemon) -> Iterator[ApiServer]:
    with serving(daemon.app(token=TOKEN)) as server:
        yield server


@pytest.fixture(scope="module")
def unguarded(daemon: Daemon) -> Iterator[ApiServer]:
    with serving(daemon.app()) as server:
        yield server


@pytest.fixture
def stranger(guarded: ApiServer) -> Iterator[httpx.Client]:
    with client_of(guarded) as client:
        yield client


@pytest.mark.parametrize("address", ADDRESSES)
def test_without_the_token_nothing_is_told(guarded: ApiServer, address: str) -> None:
    request = f"GET {address} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n"
    head, body = raw_answer(guarded, request.encode()).split(b"\r\n\r\n", 1)
    assert head.startswith(b"HTTP/1.1 401 ")
    assert b"www-authenticate: Bearer" in head
    assert body == (
        b'{"type":"about:blank","title":"Unauthorized","status":401,'
        b'"detail":"a token is needed: Authorization: Bearer TOKEN"}'
    )


@pytest.mark.parametrize(
    "authorization",
    [
        TOKEN,
        f"Basic {TOKEN}",
        f"Bearer{TOKEN}",
        f"Bearer {TOKEN[:-1]}",
        f"Bearer {TOKEN}x",
        f"Bearer {TOKEN} {TOKEN}",
        f"Bearer {TOKEN.upper()}",
        "Bearer",
        "",
        "Bearer null",
        "Bearer " + "x" * 8000,
    ],
)
def test_what_is_not_the_token_is_refused(stranger: httpx.Client, authorization: str) -> None:
    assert stranger.get("/incidents", headers={"authorization": authorization}).status_code == 401


def test_the_token_opens_however_its_scheme_is_written(stranger: httpx.Client) -> None:
    for scheme in ("Bearer", "bearer", "BEARER"):
        assert stranger.get("/incidents", headers={"authorization": f"{scheme} {TOKEN}"}).status_code == 200


def test_two_tokens_are_none(guarded: ApiServer) -> None:
    both = f"authorization: Bearer {TOKEN}\r\nauthorization: Bearer {TOKEN}\r\n"
    request = f"GET /incidents HTTP/1.1\r\nhost: localhost\r\n{both}connection: close\r\n\r\n"
    assert raw_answer(guarded, request.encode()).startswith(b"HTTP/1.1 401 ")


def test_the_token_in_the_address_does_not_open(stranger: httpx.Client) -> None:
    for name in ("token", "access_token", "authorization"):
        assert stranger.get(f"/incidents?{name}={TOKEN}").status_code == 401


def test_a_word_without_the_token_is_not_kept(daemon: Daemon, stranger: httpx.Client) -> None:
    word = {"status": "closed", "by_whom": "x"}
    assert stranger.post("/incidents/inc-1/status", json=word).status_code == 401
    assert daemon.sites.notes("inc-1") == ()


def test_how_long_a_refusal_takes_does_not_tell_how_much_of_the_token_was_right(stranger: httpx.Client) -> None:
    def typical_s(token: str) -> float:
        begun_s = time.perf_counter()
        assert stranger.get("/incidents", headers={"authorization": f"Bearer {token}"}).status_code == 401
        return time.perf_counter() - begun_s

    right, wrong = TOKEN[:-1] + "!", "!" * len(TOKEN)
    pairs = [(typical_s(right), typical_s(wrong)) for _ in range(60)]
    difference_s = statistics.median(one - other for one, other in pairs)
    assert abs(difference_s) < 0.002  # a scale at which a delay put in by mistake would show


@pytest.mark.parametrize(
    "token", ["", " ", "sesame", "x" * 15, "with a blank in it 123", "密码密码密码密码密码密码", "x" * 20 + "\n"]
)
def test_a_token_that_can_be_guessed_or_not_be_sent_is_refused(daemon: Daemon, token: str) -> None:
    with pytest.raises(ConfigError, match=r"^watch\.api\.token_env: the token ") as failure:
        daemon.app(token=token)
    assert "\n" not in str(failure.value)
    assert not token.strip() or token not in str(failure.value)


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:8080",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "",
        "10.0.0.1",
        "[::2]",
        "localhost, evil.example",
        "\x00",
    ],
)
def test_without_a_token_pages_of_other_sites_get_nothing(unguarded: ApiServer, host: str) -> None:
    request = f"GET /incidents HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n"
    assert raw_answer(unguarded, request.encode()).split()[1] in (b"421", b"400")


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:80", "127.0.0.1:8080", "127.1.2.3", "[::1]:8080"])
def test_without_a_token_this_machine_is_answered(unguarded: ApiServer, host: str) -> None:
    request = f"GET /incidents HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n"
    assert raw_answer(unguarded, request.encode()).startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize("address", ["/health", "/ready"])
def test_health_and_readiness_are_told_to_anybody(guarded: ApiServer, unguarded: ApiServer, address: str) -> None:
    request = f"GET {address} HTTP/1.1\r\nhost: probe.example\r\nconnection: close\r\n\r\n".encode()
    assert raw_answer(guarded, request).startswith(b"HTTP/1.1 200 ")
    assert raw_answer(unguarded, request).startswith(b"HTTP/1.1 200 ")


def test_no_answer_says_what_serves_it(stranger: httpx.Client) -> None:
    for address in ("/health", "/incidents", "/no-such"):
        assert {"server", "x-powered-by", "via"}.isdisjoint(stranger.get(address, headers=BEARER).headers)


@pytest.mark.parametrize(
    "address",
    [
        "/health",
        "/ready",
        "/cameras",
        "/metrics",
        "/incidents",
        "/incidents/inc-1",
        "/evidence/a.jpg",
        "/openapi.json",
        "/incidents/none",
    ],
)
def test_head_tells_what_get_would_without_the_body(stranger: httpx.Client, address: str) -> None:
    got, head = (stranger.request(method, address, headers=BEARER) for method in ("GET", "HEAD"))
    told = ("content-type", "content-length", "etag", "cache-control", "x-content-type-options")
    assert (head.status_code, head.content) == (got.status_code, b"")
    assert [head.headers.get(name) for name in told] == [got.headers.get(name) for name in told]


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "POST", "OPTIONS", "TRACE", "BREW"])
def test_other_methods_are_refused_with_what_is_allowed(stranger: httpx.Client, method: str) -> None:
    answer = stranger.request(method, "/incidents", headers=BEARER)
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET")
    assert answer.json()["detail"] == f"{method} is not allowed here"


def test_a_status_is_not_read_where_it_is_posted(stranger: httpx.Client) -> None:
    answer = stranger.get("/incidents/inc-1/status", headers=BEARER)
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


def test_a_body_may_be_so_large_and_no_larger(daemon: Daemon, stranger: httpx.Client) -> None:
    def post(size: int, *, chunked: bool) -> int:
        body = b'{"status": "closed", "by_whom": "x", "why": "' + b"y" * (size - 47) + b'"}'
        pieces = (body[start : start + 1000] for start in range(0, size, 1000))
        kind = {**BEARER, "content-type": "application/json"}
        return stranger.post("/incidents/none/status", content=pieces if chunked else body, headers=kind).status_code

    for chunked in (False, True):
        assert [post(size, chunked=chunked) for size in (1500, 16_384, 16_385, 200_000)] == [404, 422, 413, 413]


def test_a_body_of_a_stranger_is_not_read(guarded: ApiServer) -> None:
    head = (
        "POST /incidents/inc-1/status HTTP/1.1\r\nhost: localhost\r\ncontent-length: 999999999\r\nconnection: close\r\n"
    )
    assert raw_answer(guarded, f"{head}\r\n".encode()).startswith(b"HTTP/1.1 401 ")


def test_a_body_that_is_announced_too_large_is_refused_before_it_comes(guarded: ApiServer) -> None:
    given = f"host: localhost\r\nauthorization: Bearer {TOKEN}\r\ncontent-length: 99999999999\r\nconnection: close\r\n"
    request = f"POST /incidents/inc-1/status HTTP/1.1\r\n{given}expect: 100-continue\r\n\r\n"
    assert raw_answer(guarded, request.encode()).startswith(b"HTTP/1.1 413 ")


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"nonsense\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET /health HTTP/1.1\r\n\r\n",
        b"GET /health HTTP/1.1\r\nhost: a\r\nhost: b\r\n\r\n",
        b"POST /ready HTTP/1.1\r\nhost: localhost\r\ncontent-length: -1\r\n\r\n",
        b"POST /ready HTTP/1.1\r\nhost: localhost\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nxx",
        b"POST /ready HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
    ],
)
def test_what_is_no_http_is_refused_in_one_line(unguarded: ApiServer, request_bytes: bytes) -> None:
    head, body = raw_answer(unguarded, request_bytes).split(b"\r\n\r\n", 1)
    assert head.startswith(b"HTTP/1.1 400 ")
    assert body.count(b"\n") == 0
    assert b"server:" not in head.lower()


@pytest.mark.parametrize("begin", [b"GET /", b"GET /health HTTP/1.1\r\nhost: localhost\r\nx: "])
def test_a_head_without_end_is_not_kept(unguarded: ApiServer, begin: bytes) -> None:
    try:
        answer = raw_answer(unguarded, begin + b"x" * 2_000_000)
    except ConnectionError:  # hung up on while it was still talking
        answer = b""
    assert answer[:13] in (b"", b"HTTP/1.1 400 ")


def test_a_fault_of_the_program_is_told_without_its_inside(daemon: Daemon, tmp_path: Path) -> None:
    app = daemon.app(token=TOKEN)

    @app.get("/fault")
    def fault() -> None:
        raise RuntimeError(f"a secret: {tmp_path}")

    with serving(app) as server, client_of(server, **BEARER) as client:
        answer = client.get("/fault")
    assert (answer.status_code, answer.json()["detail"]) == (
        500,
        "a fault of this program: RuntimeError; its log says more",
    )
