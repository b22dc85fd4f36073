"""What is said to a person beside the data: one line at a time, on stderr."""

import re
import sys

_CREDENTIALS = re.compile(r"(:/+)\S*@")
"""Up to the last @ of the word: a password may hold anything, so rather too much is cut than too little. An address
that was taken for a path has lost a slash."""


def say(line: str) -> None:
    """One line, whatever letters a file's name has, and without the password of an address that was taken for one."""
    shown = "".join(letter if letter.isprintable() else "?" for letter in without_credentials(line))
    print(shown, file=sys.stderr, flush=True)


def without_credentials(text: str) -> str:
    """The text with what stands before the host of any address in it blotted out.

    >>> without_credentials("rtsp://me:secret@camera/1: refused")
    'rtsp://***@camera/1: refused'
    >>> without_credentials("rtsp:/me:secret@camera/1: no such file")
    'rtsp:/***@camera/1: no such file'
    """
    return _CREDENTIALS.sub(r"\1***@", text)
