"""HTTP POST with everything that an unknown server may do to us kept within bounds."""

import ssl
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path

import httpcore
import httpx

from cvinspect.dispatch.exchange import Deadline, DeadlineBackend
from cvinspect.dispatch.secrets import redacted, shown
from cvinspect.errors import ConfigError, DeliveryDelayed, DeliveryRejected

_CONNECT_S = 5.0
_READ_S = 10.0
_WHOLE_S = 30.0
"""Of an exchange from the first step of connecting to the last byte that is read."""
_MOST_BYTES = 65_536
"""Of an answer; what comes after is not read."""

_OF_ONE_EVENT = frozenset({408, 425, 500})
"""The server is there and may fail at this event only; the other passing ones speak for the whole server."""

_PASSING = frozenset({408, 425, 429})

_FAILURES = (
    httpcore.TimeoutException,
    httpcore.NetworkError,
    httpcore.ProtocolError,
    httpcore.UnsupportedProtocol,
    httpcore.ConnectionNotAvailable,
)
"""All that httpcore raises; it has no one base for them."""

_HEADERS = {"accept": "*/*", "accept-encoding": "identity", "user-agent": "cvinspect"}


@dataclass(frozen=True, slots=True)
class Reply:
    """What a server answered with a status of 2xx."""

    status: int
    body: bytes
    """At most 64 KiB."""
    is_whole: bool
    """False where the body was longer, or broke off."""
    content_type: str = ""


class HttpSender:
    """Posts to one address. TLS certificates are always checked; there are no redirects, proxies and cookies."""

    def __init__(
        self,
        url: httpx.URL,
        *,
        seconds: Callable[[], float],
        now: Callable[[], datetime],
        secrets: tuple[str, ...] = (),
        ca_file: Path | None = None,
        read_s: float = _READ_S,
        whole_s: float | None = None,
    ) -> None:
        """`ca_file`: certificates of an authority of one's own, in place of the system's. Raises ConfigError.

        `whole_s` is the most that an exchange may take, whatever comes meanwhile; None: 30 s, or twice `read_s`.
        """
        self.place = shown(url)
        self._url = httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)
        self._now = now
        self._secrets = secrets
        self._limits_s = {"connect": min(_CONNECT_S, read_s), "read": read_s, "write": read_s, "pool": read_s}
        self._deadline = Deadline(max(_WHOLE_S, 2 * read_s) if whole_s is None else whole_s, seconds=seconds)
        self._pool = httpcore.ConnectionPool(
            ssl_context=_trusted(ca_file), keepalive_expiry=5.0, network_backend=DeadlineBackend(self._deadline)
        )

    def post(self, content: bytes, headers: Mapping[str, str]) -> Reply:
        """Post once; the reply of a server that says 2xx.

        Raises DeliveryDelayed when it was not reached, did not answer in time or asks to come again, and
        DeliveryRejected when it refused.
        """
        self._deadline.begin()
        request = {"headers": {**_HEADERS, **headers}, "content": content, "extensions": {"timeout": self._limits_s}}
        try:
            with self._pool.stream("POST", self._url, **request) as response:  # type: ignore[arg-type]
                reply = self._read(response)
        except _FAILURES as error:
            words = redacted(str(error), self._secrets) or type(error).__name__
            raise DeliveryDelayed(f"{self.place}: {words}") from error
        if not 200 <= response.status < 300:
            raise self._refusal(response, reply)
        return reply

    def said(self, reply: Reply) -> str:
        """The body as it may stand in a message: one short line without secrets."""
        return redacted(reply.body.decode("utf-8", "replace"), self._secrets)

    def close(self) -> None:
        """Release the connections; safe to call twice."""
        self._pool.close()

    def _read(self, response: httpcore.Response) -> Reply:
        """The status counts as soon as it is here, whatever becomes of the body."""
        body = bytearray()
        is_whole = False
        with suppress(*_FAILURES):
            for chunk in response.iter_stream():
                body += chunk
                if len(body) > _MOST_BYTES:
                    break
            else:
                is_whole = True
        return Reply(response.status, bytes(body[:_MOST_BYTES]), is_whole, _header(response, b"content-type") or "")

    def _refusal(self, response: httpcore.Response, reply: Reply) -> DeliveryDelayed | DeliveryRejected:
        status = reply.status
        said = self.said(reply)
        phrase: bytes = response.extensions.get("reason_phrase", b"")
        reason = redacted(phrase.decode("ascii", "ignore"), self._secrets)
        line = f"{self.place}: {status} {reason}".rstrip() + (f": {said}" if said else "")
        if 400 <= status < 500 and status not in _PASSING:
            return DeliveryRejected(line)
        if 300 <= status < 400:
            line = f"{self.place}: {status}: redirects are not followed; name the address that is meant"
        asked_s = _asked_s(_header(response, b"retry-after"), self._now())
        return DeliveryDelayed(line, retry_after_s=asked_s, one_event=status in _OF_ONE_EVENT)


def _header(response: httpcore.Response, wanted: bytes) -> str | None:
    """The first of that name, in lower case; None where there is none."""
    return next((value.decode("latin-1") for name, value in response.headers if name.lower() == wanted), None)


def _trusted(ca_file: Path | None) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=ca_file)
    except (OSError, ssl.SSLError) as error:
        raise ConfigError(f"{ca_file}: holds no certificates that can be read: {error.strerror or error}") from error


def _asked_s(header: str | None, now: datetime) -> float | None:
    """Seconds of a Retry-After header (RFC 9110, 10.2.3), a number or a date; None for anything else."""
    if header is None:
        return None
    if header.strip().isdecimal() and header.isascii():
        return float(header.strip()[:9])
    try:
        moment = parsedate_to_datetime(header)
        aware = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
        return max(0.0, (aware - now).total_seconds())
    except (ValueError, OverflowError):  # also of an offset that no clock has
        return None
