"""Addresses in a configuration: of cameras, web servers and hosts, without the secrets that nobody may write there."""

import re
from typing import Annotated
from urllib.parse import SplitResult, parse_qsl, urlsplit

from pydantic import AfterValidator, Field

from cvinspect.config.strict_yaml import PathText

LIVE_SCHEMES = ("rtsp", "rtsps", "http", "https")

USER_PLACE, PASSWORD_PLACE = "{user}", "{password}"
"""In the address of a camera that takes its login nowhere else."""

SECRET_KEYS = re.compile(r"pass|pwd|secret|token|api_?key", re.IGNORECASE)
"""Of a query: what comes under such a name is a secret, and addresses stand in messages."""

_SECRET_PATH = re.compile(r"(pass\w*|pwd)=([^&;/]*)", re.IGNORECASE)
"""Of a path: some cameras take their password there."""


def is_address(source: str) -> bool:
    """Whether a source is an address, not a path."""
    return "://" in source


def _parts(address: str) -> SplitResult:
    """Of an address that holds no secret; raises ValueError, never with the address in it."""
    if not address.isprintable() or " " in address:
        raise ValueError("an address with blanks or control characters; write them as %20 and the like")
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        raise ValueError("is no address, or its port is none; allowed: SCHEME://HOST:PORT/PATH") from None
    if "@" in parts.netloc:
        raise ValueError(
            "the address holds a user name or password; leave them out and name an environment variable that holds them"
        )
    if _holds_secret(parts):
        raise ValueError(
            "the address holds a password or another secret, and addresses stand in messages; leave it out, or where a "
            "camera takes it nowhere else write {user} and {password} in its place, and name credentials_env"
        )
    if has_places(parts.netloc):
        raise ValueError("the address has a place for user or password in its host; allowed: in its path or query")
    if not parts.hostname or port == 0:
        raise ValueError("the address names no host, or port 0; allowed: SCHEME://HOST:PORT/PATH")
    return parts


def _holds_secret(parts: SplitResult) -> bool:
    """Whether more than a place for one stands in path or query."""
    in_path = any(found[2] != PASSWORD_PLACE for found in _SECRET_PATH.finditer(parts.path))
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    in_query = any(value != PASSWORD_PLACE and SECRET_KEYS.search(key) for key, value in pairs)
    return in_path or in_query


def has_places(address: str) -> bool:
    """Whether user or password stand in the address itself, filled in when the camera is opened."""
    return USER_PLACE in address or PASSWORD_PLACE in address


def _source(text: str) -> str:
    if is_address(text) and _parts(text).scheme not in LIVE_SCHEMES:
        allowed = ", ".join(f"{scheme}://" for scheme in LIVE_SCHEMES)
        raise ValueError(f"no such kind of address; allowed: {allowed}, or a file's or folder's path")
    return text


def _live(text: str) -> str:
    if not is_address(text):
        raise ValueError("is no address; allowed: rtsp://HOST/PATH and the like")
    return _source(text)


def _web(text: str) -> str:
    if not is_address(text) or _parts(text).scheme not in ("http", "https"):
        raise ValueError("is no address of a web server; allowed: https://HOST/PATH, http://HOST/PATH")
    if has_places(text):
        raise ValueError("the address has a place for user or password; only addresses of cameras are filled in")
    return text


def _host(name: str) -> str:
    if not re.fullmatch(r"[^\s/@:?#\x00]+|[0-9A-Fa-f:.]+", name):
        raise ValueError("is no name of a host; allowed: a name or an address alone, such as broker.example.com")
    return name


def _sender(name: str) -> str:
    if not re.fullmatch(r"([^\s/@:?#\[\]\x00]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?", name):
        raise ValueError("is no host; allowed: HOST or HOST:PORT, an IPv6 address in brackets")
    return name


Source = Annotated[PathText, AfterValidator(_source)]
LiveAddress = Annotated[PathText, AfterValidator(_live)]
WebAddress = Annotated[PathText, AfterValidator(_web)]
Sender = Annotated[str, Field(min_length=1, max_length=260), AfterValidator(_sender)]
Host = Annotated[str, Field(min_length=1, max_length=253), AfterValidator(_host)]
