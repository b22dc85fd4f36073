"""Secrets come from the environment and appear nowhere else."""

import ipaddress
import re
from collections.abc import Iterable
from functools import lru_cache
from html.entities import html5
from itertools import groupby

import httpx

from cvinspect.errors import ConfigError

_SHOWN = 200


def redacted(text: str, secrets: tuple[str, ...]) -> str:
    """Another program's words on one short line, with whatever it repeats of our secrets blotted out.

    >>> redacted("no such key:\\n k/123, k%2f123, k&#x2F;123", ("k/123",))
    'no such key: ***, ***, ***'
    """
    text = _printable(_without(text, secrets))
    line = " ".join(_without(text, map(_printable, secrets)).split())
    return line if len(line) <= _SHOWN else f"{line[:_SHOWN]}…"


def _without(text: str, secrets: Iterable[str]) -> str:
    for secret in filter(None, secrets):
        text = _in_any_form(secret).sub("***", text)
    return text


def _printable(text: str) -> str:
    return "".join(letter if letter.isprintable() else " " * letter.isspace() for letter in text)


@lru_cache(maxsize=32)
def _in_any_form(secret: str) -> re.Pattern[str]:
    """The secret as it is, and percent-encoded or escaped as in JSON or HTML, once or a few times over."""
    runs = ((letter, len(list(run))) for letter, run in groupby(secret))
    return re.compile("".join(_run(letter, length) for letter, length in runs))


def _run(letter: str, length: int) -> str:
    """So often the letter; all repetitions are bounded, for the text to look through is a stranger's."""
    if letter == "\\":
        return f"(?:{_forms(letter)}){{{length},{8 * length}}}+"  # each escaping doubles them
    return rf"(?:\\{{0,8}}+(?:{_forms(letter)})){{{length}}}"


def _forms(letter: str) -> str:
    units = letter.encode("utf-16-be", "surrogatepass").hex()
    in_json = r"\\{0,8}".join(f"u{units[at : at + 4]}" for at in range(0, len(units), 4))
    in_url = "".join(f"%(?:25){{0,3}}{byte:02x}" for byte in letter.encode("utf-8", "surrogatepass"))
    code = f"#0{{0,6}}{ord(letter)};|#x0{{0,6}}{ord(letter):x};"
    names = "".join(f"|{re.escape(name)}" for name, meant in html5.items() if meant == letter and name.endswith(";"))
    plus = {" ": r"|\+", "+": "| "}.get(letter, "")
    in_json = rf"\\{{0,8}}{in_json}" if letter == "\\" else rf"(?<=\\){in_json}"
    return f"(?i:{in_json}|{in_url})|&(?:amp;){{0,3}}(?:(?i:{code}){names})|{re.escape(letter)}{plus}"


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
