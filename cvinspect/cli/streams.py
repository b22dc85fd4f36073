"""Standard output and error as they are found: closed, of few letters, or full."""

import io
import json
import os
import sys
from pathlib import Path
from typing import Any


def mend_streams() -> None:
    """A closed stream swallows what is written; letters that a terminal cannot show are written as codes."""
    sys.stdout, sys.stderr = sys.stdout or io.StringIO(), sys.stderr or io.StringIO()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def drop_stdout() -> None:
    """Let what is still in its buffer go nowhere: Python would fail once more at its end."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        with Path(os.devnull).open("w") as nowhere:
            os.dup2(nowhere.fileno(), sys.stdout.fileno())


def print_json(data: dict[str, Any], *, indent: int | None = None) -> None:
    """On stdout, in letters that it can show."""
    in_words = (sys.stdout.encoding or "utf-8").lower() == "utf-8"
    print(json.dumps(data, ensure_ascii=not in_words, indent=indent), flush=True)
