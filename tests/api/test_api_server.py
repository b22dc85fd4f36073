"""The API's server: where it listens, whom it hangs up on, how it ends."""

import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from cvinspect.api.connection import Limits
from cvinspect.api.server import ApiServer
from cvinspect.errors import ConfigError
from tests.api.api_makers import TOKEN, Daemon, a_daemon, client_of, serving
from tests.store.ledger_makers import entry

HEALTH = b"GET /health HTTP/1.1\r\nhost: localhost\r\n\r\n"
HASTY = Limits(connections=8, request_s=0.5, stalled_s=0.5)


@pytest.fixture(scope="module")
def daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    with a_daemon(tmp_path_factory.mktemp("site")) as started:
        started.ledger.record("kerb-01", [entry("inc-1")])
        yield started


@contextmanager
def connected(server: ApiServer, begin: bytes = b"") -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as connection:
        connection.sendall(begin)
        yield connection


def is_hung_up_on(connection: socket.socket) -> bool:
    """Whether the server ends the connection within the connection's time-out, whatever it says before."""
    try:
        while connection.recv(65_536):
            pass
    except TimeoutError:
        return False
    except ConnectionError:
        return True
    return True


def test_it_listens_on_this_machine_alone_unless_told_otherwise(daemon: Daemon) -> None:
    with serving(daemon.app()) as server:
        assert server._socket is not None
        assert server._socket.getsockname() == ("127.0.0.1", server.port)
        assert server.is_running
    assert not server.is_running


def test_ipv6_and_names_of_this_machine_will_do(daemon: Daemon) -> None:
    for host in ("::1", "localhost"):
        server = ApiServer(daemon.app(), host=host, port=0)
        try:
            server.start()
            assert server.is_running
        finally:
            assert server.stop(timeout_s=5)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "", "192.0.2.1", "street.example", "127.0.0.1.example"])
def test_an_address_that_others_reach_needs_a_token(daemon: Daemon, host: str) -> None:
    with pytest.raises(ConfigError) as failure:
        ApiServer(daemon.app(), host=host)
    assert str(failure.value) == (
        f"watch.api.host: {host!r} can be reached from elsewhere, but watch.api.token_env names no token; "
        "allowed: 127.0.0.1, or a token"
    )
    ApiServer(daemon.app(token=TOKEN), host=host)


def test_a_port_that_is_taken_is_told_in_one_line(daemon: Daemon) -> None:
    with serving(daemon.app()) as first:
        second = ApiServer(daemon.app(), port=first.port)
        with pytest.raises(ConfigError) as failure:
            second.start()
        assert second.stop(timeout_s=1)
        with client_of(first) as client:
            assert client.get("/health").status_code == 200
    says = f"watch.api.port: {first.port} at 127.0.0.1 is taken by another program; allowed: a port that is free"
    assert str(failure.value) == says


@pytest.mark.parametrize(
    ("host", "says"),
    [
        ("192.0.2.1", "watch.api.host: '192.0.2.1' is no address of this machine"),
        ("no such host", "watch.api.host: 'no such host' is no address of this machine"),
        ("x" * 300, f"watch.api.host: '{'x' * 300}' is no address of this machine"),
    ],
)
def test_a_host_that_is_not_ours_is_told_in_one_line(daemon: Daemon, host: str, says: str) -> None:
    with pytest.raises(ConfigError) as failure:
        ApiServer(daemon.app(token=TOKEN), host=host, port=0).start()
    assert str(failure.value) == says


@pytest.mark.parametrize("port", [-1, 65_536])
def test_a_port_that_is_none_is_told_in_one_line(daemon: Daemon, port: int) -> None:
    with pytest.raises(ConfigError, match=f"^watch.api.port: {port} is none; allowed: 1 to 65535, 0 for any"):
        ApiServer(daemon.app(), port=port)


def test_the_port_is_free_again_at_once(daemon: Daemon) -> None:
    with serving(daemon.app()) as first, client_of(first) as client:
        client.get("/health")
    again = ApiServer(daemon.app(), port=first.port)
    again.start()
    assert again.stop(timeout_s=5)
    assert again.stop(timeout_s=5)


def test_a_server_that_never_began_is_stopped(daemon: Daemon) -> None:
    assert ApiServer(daemon.app(), port=0).stop(timeout_s=1)


def test_it_ends_in_time_though_clients_are_in_the_middle(daemon: Daemon) -> None:
    app = daemon.app(token=TOKEN)
    daemon.picture("big.mp4", b"x" * 8_000_000)
    server = ApiServer(app, port=0)
    server.start()
    posting = f"POST /incidents/a/status HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {TOKEN}\r\n"
    taking = f"GET /evidence/big.mp4 HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {TOKEN}\r\n\r\n"
    with (
        connected(server) as silent,
        connected(server, b"GET /hea") as partial,
        connected(server, f"{posting}content-length: 100\r\n\r\n{{".encode()) as unfinished,
        connected(server, taking.encode()) as slow,
    ):
        assert slow.recv(10) == b"HTTP/1.1 2"
        begun_s = time.monotonic()
        assert server.stop(timeout_s=3)
        assert time.monotonic() - begun_s < 3
        assert [is_hung_up_on(one) for one in (silent, partial, unfinished, slow)] == [True] * 4


@pytest.mark.parametrize(
    "begin",
    [
        b"",
        b"G",
        b"GET /health HTTP/1.1\r\nhost: localhost\r\n",
        b"POST /ready HTTP/1.1\r\nhost: localhost\r\ncontent-length: 10\r\n\r\nx",
        HEALTH + b"GET /hea",
        HEALTH,
    ],
)
def test_who_does_not_get_to_the_end_of_a_request_is_hung_up_on(daemon: Daemon, begin: bytes) -> None:
    with serving(daemon.app(), limits=HASTY) as server, connected(server, begin) as connection:
        assert is_hung_up_on(connection)


def test_who_sends_a_letter_now_and_then_is_hung_up_on_all_the_same(daemon: Daemon) -> None:
    with serving(daemon.app(), limits=HASTY) as server, connected(server) as connection:
        begun_s = time.monotonic()
        connection.settimeout(0.05)
        letters = iter(b"GET /" + b"a" * 10_000)
        while time.monotonic() - begun_s < 20:
            try:
                connection.send(bytes([next(letters)]))
                if connection.recv(1) == b"":
                    break
            except TimeoutError:
                continue
            except ConnectionError:
                break
        assert time.monotonic() - begun_s < 15


def test_who_does_not_take_the_answer_is_hung_up_on(daemon: Daemon) -> None:
    daemon.picture("big.mp4", b"x" * 20_000_000)
    request = b"GET /evidence/big.mp4 HTTP/1.1\r\nhost: localhost\r\n\r\n"
    with (
        serving(daemon.app(), limits=HASTY) as server,
        connected(server, request) as connection,
        client_of(server) as client,
    ):
        seen, soon_s = 0, time.monotonic() + 15
        while time.monotonic() < soon_s:
            client.get("/health")
            held = len(server._server.server_state.connections)
            seen = max(seen, held)
            if seen == 2 and held == 1:
                break
        assert (seen, held) == (2, 1)
        assert is_hung_up_on(connection)


def test_slow_clients_keep_nobody_out(daemon: Daemon) -> None:
    patient = Limits(connections=8, request_s=60, stalled_s=60)
    with serving(daemon.app(), limits=patient) as server, ExitStack() as stack:
        crowd = [stack.enter_context(connected(server, b"GET /hea")) for _ in range(40)]
        with client_of(server) as client:
            assert [client.get("/health").status_code for _ in range(3)] == [200] * 3
        for one in crowd[:20]:
            assert is_hung_up_on(one)
        assert len(server._server.server_state.connections) <= 8


def test_many_ask_at_once_and_all_are_answered(daemon: Daemon) -> None:
    found: list[int] = []
    with serving(daemon.app()) as server:

        def ask() -> None:
            with client_of(server) as client:
                for address in ("/incidents", "/incidents/inc-1", "/metrics", "/ready", "/cameras", "/health"):
                    found.append(client.get(address).status_code)

        threads = [threading.Thread(target=ask) for _ in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert found == [200] * 120


def test_health_answers_while_every_worker_waits_for_the_database(tmp_path: Path) -> None:
    word = {"status": "accepted", "by_whom": "city"}
    with a_daemon(tmp_path, lock_timeout_s=60.0) as daemon, serving(daemon.app()) as server:
        daemon.ledger.record("kerb-01", [entry("inc-1")])
        found: list[int] = []

        def say() -> None:
            with client_of(server) as client:
                found.append(client.post("/incidents/inc-1/status", json=word, timeout=60).status_code)

        threads = [threading.Thread(target=say) for _ in range(45)]
        with daemon.database.writing(), client_of(server) as client:
            for thread in threads:
                thread.start()
            while len(server._server.server_state.tasks) < 45:
                assert client.get("/health").status_code == 200
            assert found == []
        for thread in threads:
            thread.join()
        assert sorted(found) == [200] * 44 + [201]


def test_a_missing_extra_is_told_with_what_brings_it() -> None:
    program = """
import importlib, sys
from cvinspect.errors import InstallationError
for module, library in (("api.app", "fastapi"), ("api.server", "uvicorn"), ("daemon.metrics", "prometheus_client")):
    sys.modules[library] = None
    try:
        importlib.import_module(f"cvinspect.{module}")
    except InstallationError as error:
        print(error)
    del sys.modules[library]
"""
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=120)
    assert found.stdout.splitlines() == [
        f"{library} is not installed: pip install 'cvinspect[daemon]'"
        for library in ("fastapi", "uvicorn", "prometheus_client")
    ]
