"""Parts of a file over HTTP: which bytes a client asks for (RFC 9110, section 14)."""

import re
from dataclasses import dataclass

_ONE_RANGE = re.compile(r"bytes=\s*(?:(\d{1,18})-(\d{0,18})|-(\d{1,18}))\s*", flags=re.IGNORECASE | re.ASCII)


@dataclass(frozen=True, slots=True)
class Part:
    """Bytes of a file, from `first` to `last`, both included."""

    first: int
    last: int

    @property
    def size_bytes(self) -> int:
        """How many, at least one."""
        return self.last - self.first + 1

    def content_range(self, size_bytes: int) -> str:
        """The header that tells which part of how much it is."""
        return f"bytes {self.first}-{self.last}/{size_bytes}"


class NoSuchPart(Exception):  # noqa: N818  # an answer, not a fault
    """Nothing of what was asked for is in the file."""


def part_of(size_bytes: int, asked: str | None, *, if_range: str | None, etag: str) -> Part | None:
    """The part that is asked for; None for the whole file.

    What is no single range is not answered as one, which the standard allows; nor is a part of another file than the
    client has the rest of. Raises NoSuchPart.

    >>> part_of(100, "bytes=90-", if_range=None, etag='"a"')
    Part(first=90, last=99)
    >>> part_of(100, "bytes=-30", if_range='"a"', etag='"a"')
    Part(first=70, last=99)
    >>> part_of(100, "bytes=0-9", if_range='"b"', etag='"a"'), part_of(100, "bytes=0-1,5-6", if_range=None, etag='"a"')
    (None, None)
    """
    found = _ONE_RANGE.fullmatch(asked or "")
    if found is None or (if_range is not None and if_range.strip() != etag):
        return None
    begin, end, suffix = found.groups()
    first = max(0, size_bytes - int(suffix)) if begin is None else int(begin)
    last = min(int(end), size_bytes - 1) if end else size_bytes - 1
    if end and int(end) < first:
        return None
    if first > last:
        raise NoSuchPart
    return Part(first, last)
