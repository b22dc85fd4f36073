"""Everything that is wrong with a data set, told at once."""

from pathlib import Path

from cvinspect.errors import DatasetError

SHOWN_FAULTS = 20
"""More lines than these help nobody; the rest is counted."""

_FOUND_LENGTH = 60


def shown(path: Path) -> str:
    """A path on one line: a file name may hold line breaks and bytes that are no text."""
    return _on_one_line(str(path))


def found(text: str) -> str:
    """What stands in a file, quoted, on one line and cut to a length that can be read.

    >>> found("a\\nb")
    "'a\\\\nb'"
    """
    return repr(text if len(text) <= _FOUND_LENGTH else text[:_FOUND_LENGTH] + "…")


def lines_of(text: str) -> list[str]:
    r"""Lines however they end: Unix, Windows, old Mac; of nothing else that Python takes for a line's end.

    >>> lines_of("a\r\nb\rc\n")
    ['a', 'b', 'c', '']
    """
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def _on_one_line(text: str) -> str:
    return "".join(c if c.isprintable() else c.encode("unicode_escape", "surrogatepass").decode() for c in text)


class Faults:
    """Collects faults while a data set is read, so that a person can mend them in one go."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def add(self, place: Path | str, what: str, *, line: int | None = None) -> None:
        """One fault: `FILE:LINE: what was found; what is allowed`; `place` as text has its line already."""
        self._count += 1
        if self._count <= SHOWN_FAULTS:
            where = _on_one_line(str(place)) if line is None else f"{_on_one_line(str(place))}:{line}"
            self._lines.append(f"{where}: {_on_one_line(what)}")

    @property
    def first(self) -> str | None:
        """The first one's line."""
        return self._lines[0] if self._lines else None

    def raise_any(self) -> None:
        """Raise DatasetError with one line for each of the first 20 faults and one that counts the rest."""
        if self._count:
            rest = self._count - len(self._lines)
            raise DatasetError("\n".join([*self._lines, *([f"and {rest} more such faults"] if rest else [])]))


def read_text(path: Path, faults: Faults) -> str | None:
    """A text file; None, with the fault told, where it cannot be read or is not UTF-8."""
    try:
        if not path.is_file():  # opening a pipe would wait for ever
            faults.add(path, "is no file; a text file is needed")
            return None
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        faults.add(path, f"not UTF-8 text (byte {error.start}); save it as UTF-8")
    except OSError as error:
        faults.add(path, f"cannot be read: {error.strerror}")
    return None
