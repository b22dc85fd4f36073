"""The log: one line a message, with a moment that everybody understands, and no credentials."""

import io
import json
import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cvinspect.daemon.logs import Form, LineFormatter, LineHandler, configure

SHANGHAI = ZoneInfo("Asia/Shanghai")
AT = datetime(2026, 11, 21, 2, 0, 0, 250_000, tzinfo=UTC).timestamp()


def a_record(message: str, *values: object, name: str = "cvinspect.daemon.retention") -> logging.LogRecord:
    record = logging.LogRecord(name, logging.WARNING, "file.py", 1, message, values, None)
    record.created, record.threadName = AT, "sink platform"
    return record


def line(form: Form, record: logging.LogRecord) -> str:
    return LineFormatter(form, timezone=SHANGHAI).format(record)


@contextmanager
def configured(form: Form) -> Iterator[io.StringIO]:
    """The log of this process goes to the stream, then where it went before."""
    root, own = logging.getLogger(), logging.getLogger("cvinspect")
    levels = root.level, own.level
    stream = io.StringIO()
    handler = configure(form, stream=stream, timezone=SHANGHAI)
    try:
        yield stream
    finally:
        root.removeHandler(handler)
        root.setLevel(levels[0])
        own.setLevel(levels[1])
        logging.captureWarnings(capture=False)


def test_a_line_of_text_says_when_how_grave_who_and_what() -> None:
    assert line("text", a_record("sink %s: delayed", "platform")) == (
        "2026-11-21T10:00:00.250+08:00 WARNING daemon.retention: sink platform: delayed"
    )


def test_a_line_of_json_says_the_same_to_a_program() -> None:
    assert json.loads(line("json", a_record("车 %s", "platform"))) == {
        "at": "2026-11-21T10:00:00.250+08:00",
        "level": "WARNING",
        "logger": "cvinspect.daemon.retention",
        "thread": "sink platform",
        "message": "车 platform",
    }


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_forged_line_end_makes_no_second_line(form: Form) -> None:
    said = line(form, a_record("camera %s", "a\n2026-11-21T10:00:00 INFO all is well\r\x1b[31m\u2028\x85b"))
    assert len(said.splitlines()) == 1
    assert "\x1b" not in said


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_traceback_stands_on_the_line_of_its_message_and_a_long_one_keeps_its_end(form: Form) -> None:
    try:
        raise ValueError("x" * 50_000 + " at rtsp://me:secret@camera/1")
    except ValueError as error:
        record = a_record("a fault of this program")
        record.exc_info = (ValueError, error, error.__traceback__)
    said = line(form, record)
    assert len(said.splitlines()) == 1
    assert "a fault of this program\\nTraceback (most recent call last)" in said
    assert "rtsp://***@camera/1" in said
    assert len(said) < 20_000


@pytest.mark.parametrize("form", ["text", "json"])
@pytest.mark.parametrize(
    "address", ["rtsp://me:secret@camera/1", "https://me:s/e#c?r@et@host/", "postgresql://u:p@h/d"]
)
def test_credentials_in_a_message_of_somebody_else_are_blotted_out(form: Form, address: str) -> None:
    said = line(form, a_record("cannot open %s: refused", address))
    assert f"cannot open {address.partition('://')[0]}://***@" in said
    assert "secret" not in said
    assert "me:" not in said


def test_a_message_that_its_values_do_not_fit_is_told_as_it_is() -> None:
    assert line("text", a_record("%d of %d", "many")).endswith(": %d of %d")


@given(message=st.text(st.characters()), form=st.sampled_from(["text", "json"]))
def test_every_message_is_one_line_that_can_be_written(message: str, form: Form) -> None:
    said = line(form, a_record("%s", message))
    assert len(said.splitlines()) == 1
    said.encode()


def test_this_program_is_heard_from_info_on_and_its_libraries_when_they_warn() -> None:
    with configured("text") as stream:
        logging.getLogger("cvinspect.daemon").info("watching")
        logging.getLogger("cvinspect.daemon").debug("nothing")
        logging.getLogger("httpx").info("GET https://host/?key=secret")
        logging.getLogger("paho").warning("lost")
        with warnings.catch_warnings():
            warnings.simplefilter("always")
            warnings.warn("old", stacklevel=1)
    said = [entry.split(" ", 1)[1] for entry in stream.getvalue().splitlines()]
    assert said[:2] == ["INFO daemon: watching", "WARNING paho: lost"]
    assert [entry.split(": ")[0] for entry in said[2:]] == ["WARNING py.warnings"]


def test_configured_again_it_says_everything_once() -> None:
    with configured("text") as first, configured("json") as second:
        logging.getLogger("cvinspect").warning("once")
    assert first.getvalue() == ""
    assert [json.loads(entry)["message"] for entry in second.getvalue().splitlines()] == ["once"]


def test_a_log_that_nobody_reads_any_more_stops_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    stream = io.StringIO()
    stream.close()
    LineHandler(stream).handle(a_record("lost"))
    assert capsys.readouterr().err == ""
