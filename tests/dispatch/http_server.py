"""An HTTP server that misbehaves as it is told, one answer for each request."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

Answer = Callable[[socket.socket], None]


@dataclass
class Request:
    """What came in."""

    line: str
    headers: Mapping[str, str]
    body: bytes


@dataclass
class Server:
    """Answers with the next of `answers`, then with the last one for ever."""

    port: int
    scheme: str = "http"
    requests: list[Request] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}"

    def next_answer(self) -> Answer:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


def says(status: str, body: bytes = b"", **headers: str) -> Answer:
    """A whole answer."""

    def answer(connection: socket.socket) -> None:
        lines = [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        head = "\r\n".join([f"HTTP/1.1 {status}", f"content-length: {len(body)}", "connection: close", *lines])
        connection.sendall(f"{head}\r\n\r\n".encode() + body)

    return answer


def sends(data: bytes) -> Answer:
    """Just these bytes, then the end."""
    return lambda connection: connection.sendall(data)


def hangs(connection: socket.socket) -> None:
    """Nothing, until the other side goes away."""
    with suppress(OSError):
        connection.recv(1)


def resets(connection: socket.socket) -> None:
    """The connection is torn."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")


@contextmanager
def serving(*answers: Answer, tls: ssl.SSLContext | None = None) -> Iterator[Server]:
    """The server, on a free port of this machine, while the block runs."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = Server(listening.getsockname()[1], "https" if tls else "http", answers=list(answers))
        thread = threading.Thread(target=_serve, args=(listening, server, tls), daemon=True)
        thread.start()
        yield server
        listening.shutdown(socket.SHUT_RDWR)
        thread.join(5)


def _serve(listening: socket.socket, server: Server, tls: ssl.SSLContext | None) -> None:
    while True:
        try:
            connection, _ = listening.accept()
        except OSError:
            return
        with suppress(OSError):
            secured = tls.wrap_socket(connection, server_side=True) if tls else connection
            with secured:
                secured.settimeout(10)
                server.requests.append(_request(secured))
                server.next_answer()(secured)
        connection.close()


def _request(connection: socket.socket) -> Request:
    data = b""
    while b"\r\n\r\n" not in data:
        data += _more(connection)
    head, body = data.split(b"\r\n\r\n", 1)
    line, *rest = head.decode().split("\r\n")
    headers = {name.lower(): value.strip() for name, value in (one.split(":", 1) for one in rest)}
    while len(body) < int(headers.get("content-length", 0)):
        body += _more(connection)
    return Request(line, headers, body)


def _more(connection: socket.socket) -> bytes:
    found = connection.recv(65_536)
    if not found:
        raise OSError("the client left")
    return found
