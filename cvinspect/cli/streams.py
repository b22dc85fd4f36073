"""Standard output and error as they are found: closed, of few letters, or full."""

import io
import os
import sys
from pathlib import Path


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
