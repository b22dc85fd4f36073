"""A file that holds whole lines, whatever happens to it."""

import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cvinspect.dispatch.jsonl import JsonLines
from cvinspect.errors import DeliveryDelayed
from tests.dispatch.sink_fakes import an_event
from tests.full_disk import files_no_larger_than


def ids_in(path: Path) -> list[str]:
    return [json.loads(line)["id"] for line in path.read_text("utf-8").splitlines()]


def append(path: Path, *incidents: str) -> None:
    sink = JsonLines("file", path)
    for one in incidents:
        sink.deliver(an_event(incident_id=one), receipt=None)
    sink.close()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "new" / "事件.jsonl"


def test_each_event_is_a_line_and_what_was_there_stays(path: Path) -> None:
    append(path, "a", "b")
    append(path, "c")
    assert ids_in(path) == ["a/1", "b/1", "c/1"]


@pytest.mark.parametrize("sync", ["always", "system"])
def test_a_file_that_is_rotated_goes_on_under_its_name(path: Path, sync: str) -> None:
    sink = JsonLines("file", path, sync=sync)  # type: ignore[arg-type]
    sink.deliver(an_event(incident_id="a"), receipt=None)
    path.rename(path.with_suffix(".1"))
    sink.deliver(an_event(incident_id="b"), receipt=None)
    path.unlink()
    sink.deliver(an_event(incident_id="c"), receipt=None)
    os.truncate(path, 0)
    sink.deliver(an_event(incident_id="d"), receipt=None)
    sink.close()
    assert (ids_in(path.with_suffix(".1")), ids_in(path)) == (["a/1"], ["d/1"])


@pytest.mark.parametrize(
    ("tail", "kept"),
    [
        (b'{"id":"torn', []),
        (b"\0" * 5000, []),
        (b'{"id":"x/1"}', ["x/1"]),
        (b"12", []),
        (b'{"id":"x/1"}\n{"id":"' + b"y" * 200_000, ["x/1"]),
        (b"\xe4\xba", []),
    ],
    ids=["torn", "zeros", "line end missing", "torn number", "torn after a long way", "half a letter"],
)
def test_a_torn_last_line_is_mended(path: Path, tail: bytes, kept: list[str]) -> None:
    append(path, "a")
    with path.open("ab") as file:
        file.write(tail)
    append(path, "b")
    assert ids_in(path) == ["a/1", *kept, "b/1"]


@given(st.binary(max_size=300))
def test_a_file_cut_anywhere_goes_on_with_whole_lines(tail: bytes) -> None:
    path = Path("/dev/shm" if Path("/dev/shm").is_dir() else "/tmp") / f"cvinspect-{os.getpid()}.jsonl"
    path.write_bytes(b'{"id":"first"}\n' + tail.replace(b"\n", b" "))
    append(path, "b")
    lines = path.read_bytes().split(b"\n")
    path.unlink()
    assert (lines[0], lines[-1]) == (b'{"id":"first"}', b"")
    assert json.loads(lines[-2])["id"] == "b/1"


def test_a_full_disk_delays_and_leaves_whole_lines(path: Path) -> None:
    append(path, "a")
    sink = JsonLines("file", path)
    with files_no_larger_than(path.stat().st_size + 100), pytest.raises(DeliveryDelayed, match="cannot be written"):
        sink.deliver(an_event(incident_id="b"), receipt=None)
    assert ids_in(path) == ["a/1"]
    sink.deliver(an_event(incident_id="b"), receipt=None)
    sink.close()
    assert ids_in(path) == ["a/1", "b/1"]


def test_two_sinks_do_not_share_a_file(path: Path) -> None:
    first = JsonLines("one", path)
    first.deliver(an_event(incident_id="a"), receipt=None)
    second = JsonLines("two", path)
    for _ in range(2):
        with pytest.raises(DeliveryDelayed, match="another program writes to it"):
            second.deliver(an_event(incident_id="b"), receipt=None)
    first.close()
    second.deliver(an_event(incident_id="b"), receipt=None)
    second.close()
    assert ids_in(path) == ["a/1", "b/1"]


def test_what_is_no_file_is_told_of(tmp_path: Path) -> None:
    with pytest.raises(DeliveryDelayed, match="cannot be written: Is a directory"):
        append(tmp_path, "a")
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(DeliveryDelayed, match="is no ordinary file"):
        append(tmp_path / "pipe", "a")
    (tmp_path / "file").touch()
    with pytest.raises(DeliveryDelayed, match="cannot be written"):
        append(tmp_path / "file" / "x.jsonl", "a")


@pytest.mark.parametrize(
    ("content", "last"),
    [
        (b"", None),
        (b"one\n", b"one"),
        (b"one\ntwo\n", b"two"),
        (b"one\ntorn", b"one"),
        (b"torn", None),
        (b"\n", b""),
        (b"x" * 200_000 + b"\n" + b"y" * 200_000 + b"\ntorn", b"y" * 200_000),
    ],
)
def test_the_last_whole_line_is_told(tmp_path: Path, content: bytes, last: bytes | None) -> None:
    (tmp_path / "events.jsonl").write_bytes(content)
    assert JsonLines("file", tmp_path / "events.jsonl").last_line() == last


def test_where_there_is_no_file_or_a_pipe_there_is_no_last_line(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert [JsonLines("file", tmp_path / name).last_line() for name in ("none", "pipe", ".")] == [None, None, None]
