"""What is said to a person beside the data: one line at a time, on stderr."""

import sys


def say(line: str) -> None:
    """One line, whatever letters a file's name has."""
    print("".join(letter if letter.isprintable() else "?" for letter in line), file=sys.stderr, flush=True)
