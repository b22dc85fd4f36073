"""Secrets come from the environment and appear nowhere else."""

import ipaddress
from collections.abc import Mapping

import httpx

from cvinspect.errors import ConfigError

_SHOWN = 200


def secret_from(variable: str, environment: Mapping[str, str]) -> str:
    """The value of an environment variable; raises ConfigError where it is not set or empty."""
    value = environment.get(variable, "").strip()
    if not value:
        raise ConfigError(f"environment variable {variable}: is not set, but a sink needs the secret in it")
    return value


def redacted(text: str, secrets: tuple[str, ...]) -> str:
    """Another program's words on one short line, with whatever it repeats of our secrets blotted out.

    >>> redacted("no such key:\\n k-123", ("k-123",))
    'no such key: ***'
    """
    for secret in secrets:
        text = text.replace(secret, "***") if secret else text
    line = " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
    return line if len(line) <= _SHOWN else f"{line[:_SHOWN]}…"


def checked_url(address: str, *, carries_secret: bool) -> httpx.URL:
    """The address of a sink; raises ConfigError for one that is none, holds a secret, or would send one in the clear.

    Plain http is allowed where no secret is sent, and within this machine.
    """
    try:
        url = httpx.URL(address)
        host = url.host  # read here: it is translated from IDNA, which may fail
    except (httpx.InvalidURL, ValueError) as error:
        raise ConfigError(f"url: is none: {error}") from error
    if url.port is not None and not 0 < url.port < 65_536:
        raise ConfigError(f"url: port {url.port} is none; allowed: 1 to 65535")
    if url.scheme not in ("http", "https") or not host:
        raise ConfigError("url: allowed: https://HOST/…, or http:// where no secret is sent")
    if url.userinfo:
        raise ConfigError(f"url: {shown(url)} holds a user name or password; secrets come from the environment")
    if carries_secret and url.scheme == "http" and not is_this_machine(host):
        raise ConfigError(f"url: {shown(url)} would send a secret in the clear; allowed: https://")
    return url


def shown(url: httpx.URL) -> str:
    """The address as it may stand in messages: without user and query, where people put secrets."""
    port = f":{url.port}" if url.port else ""
    return f"{url.scheme}://{url.host}{port}{url.path}"


def is_this_machine(host: str) -> bool:
    """Whether a host name or address means this machine without asking anybody."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
