"""What every request passes before it is looked at: who asks, how much is sent, HEAD as GET without a body."""

import hashlib
import hmac
from collections.abc import Sequence

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cvinspect.api.problems import problem
from cvinspect.dispatch.secrets import is_this_machine

LARGEST_BODY_BYTES = 16_384
"""The one thing that is posted is a status with a reason."""

OPEN_PATHS = ("/health", "/ready")
"""Answered to anybody: what watches over processes has no token."""

_HEADERS = ((b"x-content-type-options", b"nosniff"), (b"cache-control", b"no-store"))
"""Sent with everything that does not say otherwise."""


class Guard:
    """Lets through who knows the token; without a token, who speaks to this machine by its own name.

    A page of some other site can have a browser on this machine ask for anything under that site's name, which is
    why names that are not this machine's are refused.
    """

    def __init__(self, app: ASGIApp, *, token: str | None) -> None:
        self._app = app
        self._digest = None if token is None else hashlib.sha256(token.encode()).digest()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 401 or 421, or pass the request on with `is_authorised` in its state."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        is_authorised = self._is_authorised(scope)
        if not is_authorised and scope["path"] not in OPEN_PATHS:
            await self._refusal()(scope, receive, send)
            return
        state = {**scope.get("state", {}), "is_authorised": is_authorised}
        await self._app({**scope, "state": state}, receive, send)

    def _is_authorised(self, scope: Scope) -> bool:
        if self._digest is None:
            hosts = _values(scope, b"host")
            return len(hosts) == 1 and is_this_machine(_without_port(hosts[0].decode("latin-1")))
        given = _values(scope, b"authorization")
        scheme, _, token = (given[0] if len(given) == 1 else b"").partition(b" ")
        # Digests of one length, compared in constant time: how long it takes tells nothing of the token.
        is_right = hmac.compare_digest(hashlib.sha256(token.strip()).digest(), self._digest)
        return scheme.lower() == b"bearer" and is_right

    def _refusal(self) -> ASGIApp:
        if self._digest is None:
            return problem(421, "without a token only requests to localhost, 127.0.0.1 or [::1] are answered")
        return problem(401, "a token is needed: Authorization: Bearer TOKEN", www_authenticate="Bearer")


class BodyLimit:
    """Reads a request's body before anything is done, and no more of it than is allowed."""

    def __init__(self, app: ASGIApp, *, largest_bytes: int = LARGEST_BODY_BYTES) -> None:
        self._app = app
        self._largest_bytes = largest_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 413, or pass the request on with its whole body."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        body = b""
        is_whole = False
        while not is_whole and not self._is_too_large(scope, body):
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            body += message.get("body", b"")
            is_whole = not message.get("more_body", False)
        if self._is_too_large(scope, body):
            await problem(413, f"a body of more than {self._largest_bytes} bytes")(scope, receive, send)
            return
        await self._app(scope, _replaying(body, receive), send)

    def _is_too_large(self, scope: Scope, body: bytes) -> bool:
        announced = (int(value) for value in _values(scope, b"content-length") if value.isdigit())
        return max(len(body), *announced, 0) > self._largest_bytes


class Courtesy:
    """Answers HEAD wherever GET is, and adds to every answer what browsers must know of it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        is_head = scope["method"] == "HEAD"

        async def polite(message: Message) -> None:
            if message["type"] == "http.response.start":
                named = {name.lower() for name, _ in message["headers"]}
                added = [(name, value) for name, value in _HEADERS if name not in named]
                message = {**message, "headers": [*message["headers"], *added]}
            elif is_head:
                message = {**message, "body": b""}
            await send(message)

        await self._app({**scope, "method": "GET"} if is_head else scope, receive, polite)


def _values(scope: Scope, name: bytes) -> Sequence[bytes]:
    return [value for key, value in scope["headers"] if key == name]


def _without_port(host: str) -> str:
    """The name of a Host header.

    >>> _without_port("localhost:8080"), _without_port("[::1]:8080"), _without_port("127.0.0.1")
    ('localhost', '::1', '127.0.0.1')
    """
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0].lower()


def _replaying(body: bytes, receive: Receive) -> Receive:
    """What is received from now on: the body that was read, then whatever comes after it."""
    waiting = [body]

    async def next_message() -> Message:
        if waiting:
            return {"type": "http.request", "body": waiting.pop(), "more_body": False}
        return await receive()

    return next_message
