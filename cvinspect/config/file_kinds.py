"""What kind of file was given where a configuration is wanted: told by its first bytes, before all of it is read."""

from pathlib import Path

from cvinspect.errors import ConfigError

_LOOKED_AT_BYTES = 4096

_LARGEST_BYTES = 32_000_000
"""Of a configuration; one of a thousand cameras with twenty zones each has about five million."""

_CONTROL_SHARE = 0.2
"""Of the first bytes of UTF-8: a letter that is none is left to whoever reads the text, and says where it stands."""

_OTHER_CONTROL_SHARE = 0.02
"""The same of text in another encoding; in compressed data every ninth byte is one."""

_MARKS: tuple[tuple[int, bytes, str], ...] = (
    (4, b"ftyp", "a video"),
    (4, b"moov", "a video"),
    (4, b"mdat", "a video"),
    (0, b"\x1aE\xdf\xa3", "a video"),
    (0, b"FLV", "a video"),
    (0, b"OggS", "a video"),
    (0, b"\x30\x26\xb2\x75", "a video"),
    (8, b"AVI ", "a video"),
    (0, b"\x00\x00\x01\xba", "a video"),
    (0, b"\x00\x00\x01\xb3", "a video"),
    (0, b"\x00\x00\x00\x01", "a video"),
    (0, b"\x00\x00\x01", "a video"),
    (0, b"\xff\xd8\xff", "a picture"),
    (0, b"\x89PNG", "a picture"),
    (0, b"GIF8", "a picture"),
    (0, b"BM", "a picture"),
    (0, b"II*\x00", "a picture"),
    (0, b"MM\x00*", "a picture"),
    (8, b"WEBP", "a picture"),
    (0, b"SQLite format 3\x00", "a database"),
    (0, b"%PDF", "a PDF document"),
    (0, b"PK\x03\x04", "an archive"),
    (0, b"\x1f\x8b", "an archive"),
)
"""Where which bytes stand in files of which kind."""

_TRANSPORT_PACKET_BYTES = 188


def refuse_other_kinds(path: Path) -> None:
    """Raise ConfigError, in one line, for a file that is none of text: a video, a picture, anything binary.

    A file that cannot be read is left to whoever reads it.
    """
    try:
        if not path.is_file():
            return
        with path.open("rb") as file:
            head = file.read(_LOOKED_AT_BYTES)
        size_bytes = path.stat().st_size
    except (OSError, ValueError):
        return
    kind = _kind(head)
    if kind is not None:
        hint = "; footage is inspected with `cvinspect run`" if kind in ("a video", "a picture") else ""
        raise ConfigError(f"{path}: is {kind}, no configuration; allowed: YAML, text in UTF-8{hint}")
    if size_bytes > _LARGEST_BYTES:
        raise ConfigError(f"{path}: is no configuration: {size_bytes} bytes; allowed: YAML of {_LARGEST_BYTES} at most")


def _kind(head: bytes) -> str | None:
    """In words; None for what may be text.

    >>> _kind(b"cameras: []"), _kind(bytes.fromhex("ffd8ffe000104a464946"))
    (None, 'a picture')
    """
    control = sum(byte < 32 and byte not in b"\t\n\r\f\x1b" for byte in head)
    is_utf8 = _is_utf8(head)
    if head.startswith((b"\xff\xfe", b"\xfe\xff")) or (is_utf8 and not control):
        return None  # UTF-16 was meant as text: whoever reads it says what is wrong with it
    is_transport_stream = head[:1] == b"G" and head[_TRANSPORT_PACKET_BYTES : _TRANSPORT_PACKET_BYTES + 1] == b"G"
    if is_transport_stream:
        return "a video"
    found = next((kind for at, mark, kind in _MARKS if head[at : at + len(mark)] == mark), None)
    if found is not None:
        return found
    is_text = control <= (_CONTROL_SHARE if is_utf8 else _OTHER_CONTROL_SHARE) * len(head)
    return None if is_text else "a binary file"


def _is_utf8(head: bytes) -> bool:
    """Whether it is, or was cut off within a letter."""
    try:
        head.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.reason == "unexpected end of data"
    return True
