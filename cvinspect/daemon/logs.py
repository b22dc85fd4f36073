"""What the daemon says of itself: one line a message on stderr, for people or for a collector."""

import json
import logging
from collections.abc import Mapping
from datetime import datetime, tzinfo
from typing import Literal, TextIO

from cvinspect.words import without_credentials

Form = Literal["text", "json"]

_LONGEST = 16_384
"""Letters of a line: systemd's journal cuts at 48 KiB, and a letter may take three bytes."""

_OWN = "cvinspect"


def configure(form: Form, *, stream: TextIO, timezone: tzinfo) -> logging.Handler:
    """Write what this program says to `stream`, and what its libraries warn of; returns the handler.

    Times are those of `timezone`. Called again it replaces what it set up before.
    """
    handler = LineHandler(stream)
    handler.setFormatter(LineFormatter(form, timezone=timezone))
    root = logging.getLogger()
    for earlier in [one for one in root.handlers if isinstance(one, LineHandler)]:
        root.removeHandler(earlier)
    root.addHandler(handler)
    root.setLevel(logging.WARNING)  # libraries name addresses with their queries at INFO
    logging.getLogger(_OWN).setLevel(logging.INFO)
    logging.captureWarnings(capture=True)
    return handler


class LineHandler(logging.StreamHandler[TextIO]):
    """A log that cannot be written, such as to a pipe that nobody reads any more, stops nothing."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802  logging's name
        """Go on without the line."""


class LineFormatter(logging.Formatter):
    """A moment with its offset, a level, who says it, and what: on one line, without credentials.

    As text, `2026-11-21T10:00:00.000+08:00 WARNING daemon.retention: message`; as JSON an object with at, level,
    logger, thread and message.
    """

    def __init__(self, form: Form, *, timezone: tzinfo) -> None:
        super().__init__()
        self._form = form
        self._timezone = timezone

    def format(self, record: logging.LogRecord) -> str:
        """One line, however many the message and its traceback have."""
        at = datetime.fromtimestamp(record.created, self._timezone).isoformat(timespec="milliseconds")
        message = self._message(record)
        if self._form == "text":
            return f"{at} {record.levelname} {record.name.removeprefix(f'{_OWN}.')}: {_on_one_line(message)}"
        who = {"logger": record.name, "thread": record.threadName}
        return _legible_json({"at": at, "level": record.levelname, **who, "message": message})

    def _message(self, record: logging.LogRecord) -> str:
        parts = [_filled_in(record)]
        if record.exc_info:
            parts.append(self.formatException(record.exc_info))
        if record.stack_info:
            parts.append(record.stack_info)
        text = without_credentials("\n".join(parts))
        half = _LONGEST // 2
        return text if len(text) <= _LONGEST else f"{text[:half]} … {text[-half:]}"  # a traceback's end says what it is


def _filled_in(record: logging.LogRecord) -> str:
    """The message; one that its values do not fit into is told as it is."""
    try:
        return record.getMessage()
    except (TypeError, ValueError, KeyError):
        return str(record.msg)


def _on_one_line(text: str) -> str:
    r"""Line ends and what else cannot be seen as codes.

    >>> _on_one_line("first\nsecond \x1b[31m 红")
    'first\\nsecond \\x1b[31m 红'
    """
    return "".join(letter if letter.isprintable() else letter.encode("unicode_escape").decode() for letter in text)


def _legible_json(data: Mapping[str, str | None]) -> str:
    """Letters of every script stand as they are; what cannot be seen, or might end a line, as JSON's codes."""
    text = json.dumps(data, ensure_ascii=False)
    return "".join(letter if letter.isprintable() else json.dumps(letter)[1:-1] for letter in text)
