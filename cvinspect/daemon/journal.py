"""Files of JSON objects, one a line, to which is only ever added."""

import json
import os
from collections.abc import Sequence
from pathlib import Path

from cvinspect.errors import DeliveryError

_LONGEST_BYTES = 65_536
"""Of a line: where it begins is looked for no farther back."""


def append_lines(path: Path, rows: Sequence[dict[str, object]]) -> None:
    """The objects at the end of a file, on disk when it returns. Raises DeliveryError.

    A last line without end, which a power cut has left, was never told as written, and goes.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab+") as file:
            size = file.seek(0, os.SEEK_END)
            begins = file.seek(max(0, size - _LONGEST_BYTES))
            file.truncate(begins + file.read().rfind(b"\n") + 1)
            file.write(b"".join(json.dumps(row, ensure_ascii=False).encode() + b"\n" for row in rows))
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise DeliveryError(f"{path}: cannot be written: {error.strerror or error}") from error
