"""Connections that give up when an exchange as a whole has taken too long, however lively they are.

Time limits of single reads are none on a server that sends a letter at a time, or one interim answer after the other.
"""

import socket
from collections.abc import Callable, Iterable
from ssl import SSLContext
from typing import Any

import httpcore

_SLICE_BYTES = 4096
"""Written at once: a receiver that reads byte by byte is noticed between two of them."""


class Deadline:
    """How long the exchange under way may still take. For one thread."""

    def __init__(self, whole_s: float, *, seconds: Callable[[], float]) -> None:
        self._whole_s = whole_s
        self._seconds = seconds
        self._until_s = seconds() + whole_s

    def begin(self) -> None:
        """Another exchange: all of the time is left."""
        self._until_s = self._seconds() + self._whole_s

    def left_s(self, at_most_s: float | None) -> float:
        """Seconds that the next step may take; raises httpcore.ReadTimeout when there are none."""
        left_s = self._until_s - self._seconds()
        if left_s <= 0:
            raise httpcore.ReadTimeout(f"the exchange was not over within {self._whole_s:g} s")
        return left_s if at_most_s is None else min(left_s, at_most_s)


class DeadlineBackend(httpcore.NetworkBackend):
    """Plain sockets, every step of which ends with the deadline."""

    def __init__(self, deadline: Deadline) -> None:
        self._deadline = deadline
        self._inner = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to the first of the host's addresses that answers; raises httpcore's errors."""
        failure: Exception = httpcore.ConnectError(f"{host}: has no address")
        for address in _addresses(host, port):
            try:
                left_s = self._deadline.left_s(timeout)
                stream = self._inner.connect_tcp(address, port, left_s, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
                continue
            return _DeadlineStream(stream, self._deadline)
        raise failure


class _DeadlineStream(httpcore.NetworkStream):
    def __init__(self, inner: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._inner = inner
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, self._deadline.left_s(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        for at in range(0, len(buffer), _SLICE_BYTES):
            self._inner.write(buffer[at : at + _SLICE_BYTES], self._deadline.left_s(timeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        left_s = self._deadline.left_s(timeout)  # of the whole handshake: ssl counts it down itself
        return _DeadlineStream(self._inner.start_tls(ssl_context, server_hostname, left_s), self._deadline)

    def get_extra_info(self, info: str) -> Any:  # noqa: ANN401  as httpcore has it
        return self._inner.get_extra_info(info)


def _addresses(host: str, port: int) -> list[str]:
    """In the system's order, each once; raises httpcore.ConnectError. How long it takes is the system's to say."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:  # a name that no IDNA can be made of
        raise httpcore.ConnectError(str(error)) from error
    return list(dict.fromkeys(str(place[0]) for *_, place in found))
