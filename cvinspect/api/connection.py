"""Connections that do not wait for ever: whoever is slow or silent is hung up on, so that others are served."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import h11
from uvicorn.config import Config
from uvicorn.protocols.http.h11_impl import H11Protocol

from cvinspect.api.problems import problem


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of the machine the API may take."""

    connections: int = 64
    """At any moment; the cameras need file descriptors too."""
    request_s: float = 10.0
    """From the beginning of a connection or request to the request's last byte."""
    stalled_s: float = 30.0
    """How long a client may take nothing of an answer."""


class LimitedConfig(Config):
    """The server's configuration with limits for its connections."""

    limits = Limits()


class LimitedConnection(H11Protocol):
    """One connection; the server's own class waits for a request without end."""

    config: LimitedConfig

    def __init__(self, config: LimitedConfig, *given: Any, **named: Any) -> None:  # noqa: ANN401
        super().__init__(config, *given, **named)
        self.waits_since_s: float | None = None
        """Since when nothing is to be done here until the client says more, by the loop's clock."""
        self._deadline = _Alarm(self.loop)
        self._stalled = _Alarm(self.loop)

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for a request; where there are too many connections, the one that waits longest ends."""
        super().connection_made(transport)
        self._wait_or_not()
        self._make_room()

    def data_received(self, data: bytes) -> None:
        """Take what has come."""
        super().data_received(data)
        self._wait_or_not()

    def on_response_complete(self) -> None:
        """The next request may come."""
        super().on_response_complete()
        self._wait_or_not()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing is waited for any more."""
        self._deadline.lift()
        self._stalled.lift()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        """The client takes no more for now."""
        super().pause_writing()
        self._stalled.set(self.config.limits.stalled_s, self.transport.abort)

    def resume_writing(self) -> None:
        """The client has taken something."""
        super().resume_writing()
        self._stalled.lift()

    def send_400_response(self, msg: str) -> None:
        """Answer what is no HTTP with a problem, as everything else."""
        answer = problem(400, msg, connection="close")
        self.transport.write(self.conn.send(h11.Response(status_code=400, headers=answer.raw_headers)))
        self.transport.write(self.conn.send(h11.Data(data=bytes(answer.body))))
        self.transport.write(self.conn.send(h11.EndOfMessage()))
        self.transport.close()

    def _make_room(self) -> None:
        """Hang up on whoever waits longest, so that a crowd of the slow keeps nobody out."""
        held = [one for one in self.connections if isinstance(one, LimitedConnection)]
        alive = [one for one in held if not one.transport.is_closing()]
        waiting = [(one.waits_since_s, id(one), one) for one in alive if one.waits_since_s is not None]
        if len(alive) > self.config.limits.connections and waiting:
            min(waiting)[2].transport.abort()

    def _wait_or_not(self) -> None:
        """Set the deadline for the rest of the request, or lift it once the request is whole."""
        if self.conn.their_state not in (h11.IDLE, h11.SEND_BODY):
            self.waits_since_s = None
            self._deadline.lift()
        elif not self._deadline.is_set and not self.transport.is_closing():
            self.waits_since_s = self.loop.time()
            self._deadline.set(self.config.limits.request_s, self.transport.abort)


class _Alarm:
    """Something that is done later unless it is lifted before."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._timer: asyncio.TimerHandle | None = None

    @property
    def is_set(self) -> bool:
        """Whether it is still to come."""
        return self._timer is not None

    def set(self, delay_s: float, action: Callable[[], None]) -> None:
        """Do it after that long, or when it was to be done already."""
        if self._timer is None:
            self._timer = self._loop.call_later(delay_s, action)

    def lift(self) -> None:
        """Do it no more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
