"""What receivers answer, read without believing that it is what it should be."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

_INDEX = re.compile(r"0|[1-9][0-9]{0,17}")
_PAGE = re.compile(
    rb"(?:<\?xml[^>]*+>|<!--(?>.*?-->)|\s)*+<(?:!doctype\s++html|html|head|body|script|meta|title)\b", re.I | re.S
)
_PAGE_TYPES = ("text/html", "application/xhtml+xml")
_PROBLEM_TYPES = ("application/problem+json", "application/problem+xml")
"""RFC 9457: whoever sends that tells of an error, whatever the status."""
_BEFORE_TEXT = b"\xef\xbb\xbf\xff\xfe \t\r\n"
"""Marks of UTF-8 and UTF-16, and blanks."""
_GZIP = b"\x1f\x8b"


class UnreadableAnswerError(ValueError):
    """A body that is no JSON, or more of it than anybody reads."""


def document(body: bytes) -> Any:  # noqa: ANN401  what JSON holds is anything
    """The JSON of a body; raises UnreadableAnswerError, also for what is nested a thousand deep."""
    try:
        return json.loads(body, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise UnreadableAnswerError(type(error).__name__) from error


def contradiction(body: bytes, content_type: str) -> str | None:
    """What a body says against a success by being what it is, a few words; None where it says nothing against it."""
    kind = content_type.partition(";")[0].strip().lower()
    if kind in _PROBLEM_TYPES:
        return "with a problem"
    return "with a web page, such as one to log in" if _is_page(body, kind) else None


def _is_page(body: bytes, kind: str) -> bool:
    """As people are shown to log in, or to be told of a fault; that a text is called one says nothing by itself.

    >>> _is_page(b"<!DOCTYPE html><title>Log in</title>", ""), _is_page(b"ok", "text/html")
    (True, False)
    """
    begin = body.replace(b"\0", b"").lstrip(_BEFORE_TEXT)
    return _PAGE.match(begin) is not None or (kind in _PAGE_TYPES and begin.startswith((b"<", _GZIP)))


@dataclass(frozen=True, slots=True)
class Success:
    """What a success looks like where a status of 2xx alone says nothing."""

    pointer: str
    """JSON pointer into the body (RFC 6901); empty for all of it."""
    equals: bool | int | float | str | None
    """What must stand there: the same value of the same kind, 0.0 being 0, but neither false nor "0"."""

    def fault(self, body: bytes) -> str | None:
        """What speaks against it, a few words in which nothing of the receiver's is longer than a line; None: nothing.

        >>> success = Success("/code", 0)
        >>> success.fault(b'{"code": 0}'), success.fault(b'{"code": 500}')
        (None, '/code is 500, not 0')
        """
        if not body.strip():
            return f"nothing is said, and {self._place} should be {_shown(self.equals)}"
        try:
            found = _at(document(body), self._parts())
        except UnreadableAnswerError:
            return f"it is no JSON, and {self._place} should be {_shown(self.equals)}"
        except LookupError:
            return f"there is no {self._place}, which should be {_shown(self.equals)}"
        return None if _is_same(found, self.equals) else f"{self._place} is {_shown(found)}, not {_shown(self.equals)}"

    @property
    def _place(self) -> str:
        return self.pointer or "all of it"

    def _parts(self) -> Sequence[str]:
        return [part.replace("~1", "/").replace("~0", "~") for part in self.pointer.split("/")[1:]]


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON")


def _at(found: Any, parts: Sequence[str]) -> Any:  # noqa: ANN401
    for part in parts:
        if isinstance(found, dict):
            found = found[part]
        elif isinstance(found, list) and _INDEX.fullmatch(part):
            found = found[int(part)]
        else:
            raise LookupError(part)
    return found


def _is_same(found: Any, wanted: bool | float | str | None) -> bool:  # noqa: ANN401
    if isinstance(found, bool) or isinstance(wanted, bool):
        return found is wanted
    if isinstance(found, int | float) and isinstance(wanted, int | float):
        return found == wanted
    return type(found) is type(wanted) and bool(found == wanted)


def _shown(value: Any) -> str:  # noqa: ANN401
    match value:
        case dict():
            return "an object"
        case list():
            return "a list"
        case str() if len(value) > 40:
            return "a long text"
        case _:
            return json.dumps(value, ensure_ascii=True)
