"""Where a live camera is, and who we are to it."""

from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import SplitResult, quote, urlsplit, urlunsplit

from cvinspect.errors import ConfigError

_DEFAULT_PORTS = {"rtsp": 554, "rtsps": 322, "http": 80, "https": 443}

_LONGEST_RTSP_CREDENTIALS = 127
"""FFmpeg cuts what is longer (`auth[128]` in libavformat/rtsp.h)."""


class Transport(StrEnum):
    """How RTSP brings its packets."""

    TCP = "tcp"
    UDP = "udp"


@dataclass(frozen=True, slots=True)
class Address:
    """What to open: an rtsp(s) or http(s) URL without credentials, or the path of a file that plays the camera.

    Its repr and its messages show no credentials. Certificates of rtsps and https are not checked: cameras sign
    their own. Raises ConfigError for a URL that cannot be one, or that holds credentials.
    """

    url: str
    transport: Transport = Transport.TCP
    user: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)

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
        if self.is_file:
            return self.url
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    def authenticated(self) -> str:
        """The URL with credentials, for nobody but the one who opens it."""
        if self.user is None or self.is_file:
            return self.url
        parts = _split(self.url)
        return urlunsplit(parts._replace(netloc=f"{self._credentials}@{parts.netloc}"))

    @property
    def _credentials(self) -> str:
        if self.user is None:
            return ""
        return f"{quote(self.user, safe='')}:{quote(self.password or '', safe='')}"


def _split(url: str) -> SplitResult:
    """Raises ConfigError, which does not repeat the URL."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        raise ConfigError("source: is no URL: its host or port is malformed; allowed: rtsp://HOST:PORT/…") from None
    return parts
