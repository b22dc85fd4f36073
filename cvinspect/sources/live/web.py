"""Asking a camera over HTTP where FFmpeg would ask anybody: it follows redirects, and playlists, to any host.

Only the camera itself, and hosts that its configuration names, are asked, and only they are given its login.
"""

import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from typing import Protocol
from urllib.parse import urljoin
from weakref import finalize

from cvinspect.sources.live.address import Address
from cvinspect.sources.live.challenge import best, challenges
from cvinspect.sources.live.faults import sent_elsewhere
from cvinspect.sources.live.states import LinkLostError, Reason

_MOST_REDIRECTS = 5
_PLAYLIST = b"#EXTM3U"
_UNAUTHORISED, _NOT_FOUND, _FAULTY = 401, 404, 500


class Readable(Protocol):
    """What FFmpeg reads through."""

    def read(self, size: int) -> bytes:
        """At most so many bytes; none at the end."""
        ...


@dataclass(frozen=True, slots=True)
class Found:
    """Where a camera's stream is in truth."""

    address: Address
    is_playlist: bool


@dataclass(frozen=True, slots=True)
class _Answer:
    address: Address
    response: HTTPResponse
    connection: HTTPConnection

    def close(self) -> None:
        """Hang up."""
        self.response.close()  # it has taken over the socket
        self.connection.close()


class _Body:
    """An answer's, and nothing else of it.

    FFmpeg closes what it opened, but not where opening goes wrong in the middle of a playlist: then nobody has it any
    more, and it hangs up by itself.
    """

    def __init__(self, answer: _Answer) -> None:
        self._answer = answer
        self._hang_up = finalize(self, answer.close)

    def read(self, size: int) -> bytes:
        """At most so many bytes; none at the end. Raises OSError."""
        try:
            return self._answer.response.read1(size)
        except HTTPException as error:
            raise OSError("the answer breaks off") from error

    def close(self) -> None:
        """Hang up; safe to call twice."""
        self._hang_up()


class Web:
    """One camera's, for one connection. Everything raises LinkLostError."""

    def __init__(self, address: Address, *, time_out_s: float) -> None:
        self._address = address
        self._time_out_s = time_out_s

    def find(self) -> Found | None:
        """Where redirects lead; None where there are none, and no playlist either."""
        answer = self._asked(self._address, {})
        body = _Body(answer)
        try:
            start = body.read(len(_PLAYLIST))
        except OSError:
            start = b""
        finally:
            body.close()
        if answer.address is self._address and start != _PLAYLIST:
            return None
        return Found(answer.address, start == _PLAYLIST)

    def open(self, url: str, flags: int, options: Mapping[str, str]) -> Readable:  # noqa: ARG002
        """What a playlist names, for FFmpeg."""
        address = self._address if url == self._address.target else self._address.elsewhere(url)
        if address is None:
            raise sent_elsewhere(self._address, url)
        first, last = options.get("offset", "0"), options.get("end_offset", "0")
        headers = {}
        if first != "0" or last != "0":
            headers["Range"] = f"bytes={first}-{int(last) - 1 if last != '0' else ''}"
        return _Body(self._asked(address, headers))

    def _asked(self, address: Address, headers: Mapping[str, str]) -> _Answer:
        """The answer to a GET, wherever redirects led, a login made where one is wanted."""
        for _ in range(_MOST_REDIRECTS):
            answer = self._logged_in(address, headers)
            status, place = answer.response.status, self._address.place
            location = answer.response.getheader("Location")
            if 300 <= status < 400 and location is not None:
                answer.close()
                following = address.elsewhere(urljoin(address.target, location))
                if following is None:
                    raise sent_elsewhere(self._address, urljoin(address.url, location))
                address = following
                continue
            if status >= 300:
                answer.close()
                reason = Reason.FAULTY if status >= _FAULTY else Reason.NOT_FOUND
                raise LinkLostError(
                    Reason.UNAUTHORISED if status == _UNAUTHORISED else reason, f"{place}: answers with status {status}"
                )
            return answer
        raise LinkLostError(Reason.FAULTY, f"{self._address.place}: sends us on again and again")

    def _logged_in(self, address: Address, headers: Mapping[str, str]) -> _Answer:
        answer = self._got(address, headers)
        if answer.response.status != _UNAUTHORISED or not address.logs_in:
            return answer
        challenge = best(challenges(str(answer.response.headers)))
        if challenge is None:
            return answer
        answer.close()
        login = {"user": address.user or "", "password": address.password or ""}
        return self._got(address, {**headers, "Authorization": challenge.answer("GET", _path(address), **login)})

    def _got(self, address: Address, headers: Mapping[str, str]) -> _Answer:
        connection = self._connection(address)
        try:
            connection.request("GET", _path(address), headers={"Connection": "close", **headers})
            return _Answer(address, connection.getresponse(), connection)
        except (OSError, HTTPException, ValueError) as error:
            connection.close()
            kind = type(error).__name__
            raise LinkLostError(Reason.GARBAGE, f"{address.place}: gives no answer that can be read ({kind})") from None

    def _connection(self, address: Address) -> HTTPConnection:
        if address.scheme != "https":
            return HTTPConnection(address.host, address.port, timeout=self._time_out_s)
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        return HTTPSConnection(address.host, address.port, timeout=self._time_out_s, context=context)


def _path(address: Address) -> str:
    rest = address.target.partition("://")[2]
    at = min((rest.find(mark) for mark in "/?#" if mark in rest), default=len(rest))
    path = rest[at:].partition("#")[0]
    return path if path.startswith("/") else f"/{path}"
