"""Where a live camera is, and who we are to it."""

from dataclasses import dataclass, field, replace
from enum import StrEnum
from urllib.parse import SplitResult, quote, urlsplit, urlunsplit

from cvinspect.errors import ConfigError

_DEFAULT_PORTS = {"rtsp": 554, "rtsps": 322, "http": 80, "https": 443}

_ENCRYPTED = frozenset({"rtsps", "https"})
"""A camera may send us there, at the usual port."""

PLACES = ("{user}", "{password}")
"""Of a URL, where a camera takes its login there and nowhere else."""

_LONGEST_RTSP_CREDENTIALS = 127
"""FFmpeg cuts what is longer (`auth[128]` in libavformat/rtsp.h)."""


class Transport(StrEnum):
    """How RTSP brings its packets."""

    TCP = "tcp"
    UDP = "udp"


@dataclass(frozen=True, slots=True)
class Address:
    """What to open: an rtsp(s) or http(s) URL without credentials, or the path of a file that plays the camera.

    Where the camera takes its login nowhere else, the URL has the places `{user}` and `{password}` for it. Its repr
    and its messages show no credentials. Certificates of rtsps and https are not checked: cameras sign their own.
    Raises ConfigError for a URL that cannot be one, or that holds credentials.
    """

    url: str
    transport: Transport = Transport.TCP
    user: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)
    hosts: tuple[str, ...] = field(default=(), repr=False)
    """Others that the camera may send us to: HOST, or HOST:PORT."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "transport", Transport(self.transport))
        if self.is_file:
            return
        parts = _split(self.url)
        if "@" in parts.netloc:
            raise ConfigError("source: holds a user name or password; they come from the environment")
        if not parts.hostname:
            raise ConfigError(
                "source: names no camera; allowed: rtsp://HOST/…, rtsps://…, http://…, https://…, or a file"
            )
        if self.has_places and self.user is None:
            raise ConfigError(f"{self.place}: has a place for a user or password, and none are given")
        if self.is_rtsp and len(self._credentials) > _LONGEST_RTSP_CREDENTIALS:
            raise ConfigError(
                f"{self.place}: user and password are too long for RTSP; "
                f"allowed: {_LONGEST_RTSP_CREDENTIALS} letters, of which each special one counts as three"
            )

    @property
    def scheme(self) -> str:
        """Such as "rtsp"; "" for a file."""
        scheme, colon, _ = self.url.partition("://")
        return scheme.lower() if colon and scheme.lower() in _DEFAULT_PORTS else ""

    @property
    def is_file(self) -> bool:
        """Whether a file plays the camera."""
        return not self.scheme

    @property
    def is_rtsp(self) -> bool:
        """Whether it speaks RTSP, encrypted or not."""
        return self.scheme.startswith("rtsp")

    @property
    def host(self) -> str:
        """Name or IP address; "" for a file."""
        return "" if self.is_file else _split(self.url).hostname or ""

    @property
    def port(self) -> int:
        """TCP port; 0 for a file."""
        return 0 if self.is_file else _split(self.url).port or _DEFAULT_PORTS[self.scheme]

    @property
    def place(self) -> str:
        """For messages: host and port, or the file. Paths and queries of URLs are left out: some hold passwords."""
        return self.url if self.is_file else shown_place(self.host, self.port)

    @property
    def has_places(self) -> bool:
        """Whether the login stands in the URL itself."""
        return not self.is_file and any(place in self.url for place in PLACES)

    @property
    def logs_in(self) -> bool:
        """Whether a login is given that the camera has to ask for."""
        return self.user is not None and not self.has_places and not self.is_file

    @property
    def target(self) -> str:
        """The URL, its places filled; for nobody but the one who opens it."""
        if not self.has_places:
            return self.url
        login = self.user or "", self.password or ""
        url = self.url
        for place, value in zip(PLACES, login, strict=True):
            url = url.replace(place, quote(value, safe=""))
        return url

    def authenticated(self) -> str:
        """The URL with credentials, for nobody but the one who opens it."""
        if not self.logs_in:
            return self.url if self.is_file else self.target
        parts = _split(self.url)
        return urlunsplit(parts._replace(netloc=f"{self._credentials}@{parts.netloc}"))

    def elsewhere(self, url: str) -> "Address | None":
        """Where the camera sends us, if that is itself or a host that it may send us to; None for any other."""
        try:
            parts = urlsplit(url)
            port, host = parts.port, parts.hostname or ""
        except ValueError:
            return None
        scheme = parts.scheme.lower()
        if scheme not in _DEFAULT_PORTS or scheme[:4] != self.scheme[:4]:
            return None
        if self.scheme in _ENCRYPTED and scheme not in _ENCRYPTED:
            return None
        place = host.lower(), port or _DEFAULT_PORTS[scheme]
        if not self._allows(*place, scheme):
            return None
        clean = urlunsplit(parts._replace(netloc=shown_place(*place)))
        if any(place in clean for place in PLACES):
            return None
        keeps = not self.has_places
        return replace(self, url=clean, user=self.user if keeps else None, password=self.password if keeps else None)

    def _allows(self, host: str, port: int, scheme: str) -> bool:
        if host == self.host and (port == self.port or (scheme in _ENCRYPTED and port == _DEFAULT_PORTS[scheme])):
            return True
        named = [one.lower() for one in self.hosts]
        return host in named or f"[{host}]" in named or shown_place(host, port) in named

    @property
    def _credentials(self) -> str:
        if not self.logs_in or self.user is None:
            return ""
        return f"{quote(self.user, safe='')}:{quote(self.password or '', safe='')}"


def shown_place(host: str, port: int) -> str:
    """Host and port as an address writes them."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _split(url: str) -> SplitResult:
    """Raises ConfigError, which does not repeat the URL."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        raise ConfigError("source: is no URL: its host or port is malformed; allowed: rtsp://HOST:PORT/…") from None
    return parts
