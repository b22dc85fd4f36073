"""The API's server: a thread of its own, from `start` to `stop`."""

import asyncio
import errno
import socket
import threading

from cvinspect.dispatch.secrets import is_this_machine
from cvinspect.errors import ConfigError, DeliveryError, InstallationError

try:
    from fastapi import FastAPI
    from uvicorn import Server

    from cvinspect.api.connection import LimitedConfig, LimitedConnection, Limits
except ImportError as error:
    raise InstallationError(f"{error.name} is not installed: pip install 'cvinspect[daemon]'") from error

_START_S = 10.0
_BACKLOG = 64
_LARGEST_HEAD_BYTES = 16_384
"""Of a request's line and headers together."""

_GRACE_SHARE = 0.7
"""Of the time for stopping, how much answers under way are given; the rest is for ending those that were cut off."""


class ApiServer:
    """Serves an application on one address."""

    def __init__(
        self, app: FastAPI, *, host: str = "127.0.0.1", port: int = 8080, limits: Limits | None = None
    ) -> None:
        """`port` 0 takes any that is free.

        Raises ConfigError where others than this machine could reach an application that asks for no token.
        """
        if not is_this_machine(host) and not app.state.is_guarded:
            raise ConfigError(
                f"watch.api.host: {host!r} can be reached from elsewhere, but watch.api.token_env names no token; "
                "allowed: 127.0.0.1, or a token"
            )
        if not 0 <= port <= 65_535:
            raise ConfigError(f"watch.api.port: {port} is none; allowed: 1 to 65535, 0 for any that is free")
        self._host = host
        self.port = port
        """What is listened on; where that is 0, the port that was free, once it has started."""
        self._socket: socket.socket | None = None
        self._server = _TimelyServer(_config(app, limits or Limits()))
        self._thread = threading.Thread(target=self._run, name="api", daemon=True)

    @property
    def place(self) -> str:
        """Where it can be asked, as a URL."""
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"http://{host}:{self.port}"

    @property
    def is_running(self) -> bool:
        """Whether it serves; not so between `start` and `stop` is a fault of this program."""
        return self._thread.is_alive()

    def start(self) -> None:
        """Begin to serve; once. Raises ConfigError when the address cannot be listened on."""
        self._socket = _listening(self._host, self.port)
        self.port = int(self._socket.getsockname()[1])
        self._thread.start()
        if not self._server.settled.wait(_START_S) or not self._server.started:
            self._server.should_exit = True
            raise DeliveryError(f"API: the server did not start within {_START_S:g} s")

    def stop(self, *, timeout_s: float) -> bool:
        """Take no more requests and let those under way end; whether all did so in time. Safe to call twice.

        What has not ended by then is cut off.
        """
        if self._thread.ident is None:
            return True
        self._server.grace_s = timeout_s * _GRACE_SHARE
        self._server.config.timeout_graceful_shutdown = timeout_s  # type: ignore[assignment]  # any number will do
        self._server.should_exit = True
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        assert self._socket is not None
        try:
            self._server.run(sockets=[self._socket])
        finally:
            self._server.settled.set()
            self._socket.close()


class _TimelyServer(Server):
    """The server, which says when it serves, and ends in time."""

    def __init__(self, config: LimitedConfig) -> None:
        super().__init__(config)
        self.settled = threading.Event()
        """Set once it serves, and once it has ended."""
        self.grace_s = 0.0
        """How long answers that are under way are given when it ends."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to serve."""
        await super().startup(sockets)
        self.settled.set()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End: at once with whoever has not finished asking, a while later with whoever takes no answer."""
        self._hang_up(is_busy_too=False)
        asyncio.get_running_loop().call_later(self.grace_s, self._hang_up)
        await super().shutdown(sockets)

    def _hang_up(self, *, is_busy_too: bool = True) -> None:
        """What is sent afterwards ends quietly: the application is told that the client is gone."""
        held = [one for one in self.server_state.connections if isinstance(one, LimitedConnection)]
        for one in held:
            if is_busy_too or one.waits_since_s is not None:
                one.transport.abort()


def _config(app: FastAPI, limits: Limits) -> LimitedConfig:
    """Nothing but plain HTTP/1.1; no header that says what serves it, no belief in headers that say who asks."""
    config = LimitedConfig(
        app,
        http=LimitedConnection,
        loop="asyncio",
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="error",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        h11_max_incomplete_event_size=_LARGEST_HEAD_BYTES,
    )
    config.limits = limits
    return config


def _listening(host: str, port: int) -> socket.socket:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError) as error:
        raise ConfigError(f"watch.api.host: {host!r} is no address of this machine") from error
    family, _, _, _, address = found[0]
    try:
        return socket.create_server(address, family=family, backlog=_BACKLOG)
    except OSError as error:
        raise ConfigError(_refusal(host, port, error)) from error


def _refusal(host: str, port: int, error: OSError) -> str:
    match error.errno:
        case errno.EADDRINUSE:
            return f"watch.api.port: {port} at {host} is taken by another program; allowed: a port that is free"
        case errno.EACCES:
            return f"watch.api.port: {port} at {host} is not for this user; allowed: 1024 to 65535"
        case errno.EADDRNOTAVAIL:
            return f"watch.api.host: {host!r} is no address of this machine"
        case _:
            return f"watch.api.port: {port} at {host} cannot be listened on: {error.strerror or error}"
