"""HTTP POST with everything that an unknown server may do to us kept within bounds."""

import ssl
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.cookiejar import CookieJar, DefaultCookiePolicy
from pathlib import Path

import httpx

from cvinspect.dispatch.secrets import redacted, shown
from cvinspect.errors import ConfigError, DeliveryDelayed, DeliveryRejected

_CONNECT_S = 5.0
_READ_S = 10.0
_WHOLE_S = 30.0
_MOST_BYTES = 65_536
"""Of an answer; what comes after is not read."""

_OF_ONE_EVENT = frozenset({408, 425, 500})
"""The server is there and may fail at this event only; the other passing ones speak for the whole server."""

_PASSING = frozenset({408, 425, 429})


@dataclass(frozen=True, slots=True)
class Reply:
    """What a server answered with a status of 2xx."""

    status: int
    body: bytes
    """At most 64 KiB."""
    is_whole: bool
    """False where the body was longer, or broke off."""


class HttpSender:
    """Posts to one address. TLS certificates are always checked; redirects and proxies are not followed."""

    def __init__(
        self,
        url: httpx.URL,
        *,
        seconds: Callable[[], float],
        now: Callable[[], datetime],
        secrets: tuple[str, ...] = (),
        ca_file: Path | None = None,
        read_s: float = _READ_S,
    ) -> None:
        """`ca_file`: certificates of an authority of one's own, in place of the system's. Raises ConfigError."""
        self.place = shown(url)
        self._url = url
        self._seconds = seconds
        self._now = now
        self._secrets = secrets
        self._client = httpx.Client(
            verify=_trusted(ca_file),
            timeout=httpx.Timeout(read_s, connect=min(_CONNECT_S, read_s)),
            follow_redirects=False,
            trust_env=False,
            headers={"accept-encoding": "identity", "user-agent": "cvinspect"},
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),  # kept, they would outgrow what a server reads
        )

    def post(self, content: bytes, headers: Mapping[str, str]) -> Reply:
        """Post once; the reply of a server that took it.

        Raises DeliveryDelayed when it was not reached, did not answer in time or asks to come again, and
        DeliveryRejected when it refused.
        """
        began_s = self._seconds()
        try:
            with self._client.stream("POST", self._url, content=content, headers=dict(headers)) as response:
                reply = self._read(response, began_s)
        except httpx.HTTPError as error:
            words = redacted(str(error), self._secrets) or type(error).__name__
            raise DeliveryDelayed(f"{self.place}: {words}") from error
        if not response.is_success:
            raise self._refusal(response, reply)
        return reply

    def close(self) -> None:
        """Release the connections; safe to call twice."""
        self._client.close()

    def _read(self, response: httpx.Response, began_s: float) -> Reply:
        """The status counts as soon as it is here, whatever becomes of the body."""
        body = bytearray()
        is_whole = False
        with suppress(httpx.HTTPError):
            for chunk in response.iter_raw():
                body += chunk
                if len(body) > _MOST_BYTES or self._seconds() - began_s > _WHOLE_S:
                    break
            else:
                is_whole = True
        return Reply(response.status_code, bytes(body[:_MOST_BYTES]), is_whole)

    def _refusal(self, response: httpx.Response, reply: Reply) -> DeliveryDelayed | DeliveryRejected:
        status = response.status_code
        said = redacted(reply.body.decode("utf-8", "replace"), self._secrets)
        reason = redacted(response.reason_phrase, self._secrets)
        line = f"{self.place}: {status} {reason}".rstrip() + (f": {said}" if said else "")
        if 400 <= status < 500 and status not in _PASSING:
            return DeliveryRejected(line)
        if response.is_redirect:
            line = f"{self.place}: {status}: redirects are not followed; name the address that is meant"
        asked_s = _asked_s(response.headers.get("retry-after"), self._now())
        return DeliveryDelayed(line, retry_after_s=asked_s, one_event=status in _OF_ONE_EVENT)


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
    except ValueError:
        return None
    aware = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    return max(0.0, (aware - now).total_seconds())
