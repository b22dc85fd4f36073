"""Logins that cameras ask for, and the answers to them (RFC 7616, RFC 7617)."""

import base64
import hashlib
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field

_HASHES = {"MD5": "md5", "SHA-256": "sha256", "SHA-512-256": "sha512_256"}
_SESSION = "-SESS"
_PARAMETER = re.compile(r'([\w-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,]+))')


@dataclass(slots=True)
class Challenge:
    """One `WWW-Authenticate` header."""

    scheme: str
    """Such as "Digest"."""
    values: dict[str, str]
    _uses: int = field(default=0, repr=False)
    _client_nonce: str = field(default_factory=lambda: secrets.token_hex(8), repr=False)

    @property
    def kind(self) -> str:
        """Such as "Basic" or "Digest SHA-256"."""
        if self.scheme != "Digest":
            return self.scheme
        return f"Digest {self.values.get('algorithm', 'MD5').upper().removesuffix(_SESSION)}"

    @property
    def can_be_met(self) -> bool:
        """Whether `answer` can."""
        if self.scheme == "Basic":
            return True
        qop = self.values.get("qop")
        return self._algorithm in _HASHES and (qop is None or "auth" in re.split(r"[\s,]+", qop))

    def answer(self, method: str, uri: str, *, user: str, password: str) -> str:
        """The value of the `Authorization` header of a request, a letter for each byte (ISO 8859-1).

        Each answer to a Digest is another.
        """
        if self.scheme == "Basic":
            return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
        user, password = _as_sent(user), _as_sent(password)
        self._uses += 1
        realm, nonce, count = self.values.get("realm", ""), self.values.get("nonce", ""), f"{self._uses:08x}"
        secret = self._hash(f"{user}:{realm}:{password}")
        if self._is_session:
            secret = self._hash(f"{secret}:{nonce}:{self._client_nonce}")
        asked = self._hash(f"{method}:{uri}")
        parts = {"username": user, "realm": realm, "nonce": nonce, "uri": uri}
        has_qop = "qop" in self.values
        middle = f"{nonce}:{count}:{self._client_nonce}:auth" if has_qop else nonce
        parts["response"] = self._hash(f"{secret}:{middle}:{asked}")
        if "opaque" in self.values:
            parts["opaque"] = self.values["opaque"]
        quoted = ", ".join(f'{name}="{_escaped(value)}"' for name, value in parts.items())
        tail = f', qop=auth, nc={count}, cnonce="{self._client_nonce}"' if has_qop or self._is_session else ""
        named = f", algorithm={self.values['algorithm']}" if "algorithm" in self.values else ""
        return f"Digest {quoted}{named}{tail}"

    @property
    def _algorithm(self) -> str:
        if self.scheme != "Digest":
            return ""
        return self.values.get("algorithm", "MD5").upper().removesuffix(_SESSION)

    @property
    def _is_session(self) -> bool:
        return self.values.get("algorithm", "").upper().endswith(_SESSION)

    def _hash(self, text: str) -> str:
        return hashlib.new(_HASHES[self._algorithm], text.encode("latin-1", "replace")).hexdigest()


def challenges(head: str) -> list[Challenge]:
    """Of an answer's head, in its order.

    >>> [one.kind for one in challenges('WWW-Authenticate: Digest realm="a, b", nonce="1", algorithm=SHA-256')]
    ['Digest SHA-256']
    """
    found = []
    for line in re.findall(r"(?im)^WWW-Authenticate:[ \t]*(.*?)\s*$", head):
        scheme, _, rest = line.partition(" ")
        values = {name.lower(): plain or quoted for name, quoted, plain in _PARAMETER.findall(rest)}
        found.append(Challenge(scheme.capitalize(), values))
    return found


def best(asked: Sequence[Challenge]) -> Challenge | None:
    """The first that can be met, a Digest before the open words of Basic."""
    return next((one for one in sorted(asked, key=lambda one: one.scheme == "Basic") if one.can_be_met), None)


def is_for_ffmpeg(asked: Sequence[Challenge]) -> bool:
    """Whether FFmpeg can log in, if user and password are right; also where nothing is asked for.

    FFmpeg takes any Digest before Basic, and of several the last; where it cannot make that one, it makes none.
    """
    digests = [one for one in asked if one.scheme == "Digest"]
    if digests:
        return digests[-1].kind == "Digest MD5"
    return not asked or any(one.kind == "Basic" for one in asked)


def _as_sent(text: str) -> str:
    """UTF-8, a letter for each byte, as heads of messages are read."""
    return text.encode().decode("latin-1")


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"')
