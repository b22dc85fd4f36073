"""`cvinspect rehearse`: clips as live cameras, and a configuration that `check` and `watch` take as it is."""

import json
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from cvinspect.config.site import load_site
from tests.clips import encode
from tests.command_line import cvinspect

pytest.importorskip("fastapi", reason="the extra `daemon` is not installed")

ROOT = Path(__file__).parents[2]
STREET = ROOT / "samples" / "street.mp4"
PROGRAM = (sys.executable, "-c", "from cvinspect.cli.app import main; main()")


@contextmanager
def running(*words: object) -> Iterator[subprocess.Popen[str]]:
    """The program in a process of its own while the block runs."""
    command = [*PROGRAM, *map(str, words)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT) as process:
        try:
            yield process
        finally:
            process.kill()


@contextmanager
def rehearsed(config: Path, *clips: Path) -> Iterator[subprocess.Popen[str]]:
    """The clips as cameras while the block runs."""
    with running("rehearse", config, *clips, "--port", 0) as process:
        assert process.stdout is not None
        said = [process.stdout.readline() for _ in range(2)]
        assert said == [f"cvinspect check {config}\n", f"cvinspect watch {config}\n"]
        yield process


def small(path: Path, **options: object) -> Path:
    """A clip of two seconds."""
    return encode(path, **{"size": (160, 120), "fps": 10, "ticks": range(20), "options": {"g": "10"}} | options)  # type: ignore[arg-type]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def test_a_parked_car_of_a_recording_is_found_by_watch_as_it_is_told_to_type(tmp_path: Path) -> None:
    config = tmp_path / "my.yaml"
    records = tmp_path / "my-data" / "incidents.jsonl"
    with rehearsed(config, STREET):
        config.write_text(config.read_text(encoding="utf-8").replace("port: 8080", f"port: {free_port()}"), "utf-8")
        with running("watch", config) as watch:
            found: list[str] = []
            for _ in range(900):
                threading.Event().wait(0.1)
                lines = records.read_text(encoding="utf-8").splitlines() if records.exists() else []
                found = [line for line in lines if '"opened"' in line and "illegal_parking_motor" in line]
                if found or watch.poll() is not None:
                    break
            watch.send_signal(signal.SIGTERM)
            assert watch.wait(30) == 0
    assert json.loads(found[0])["data"]["camera"]["id"] == "street"
    assert list((tmp_path / "my-data" / "evidence").glob("**/*.jpg"))


def test_cameras_of_all_sizes_are_there_also_two_of_one_clip(tmp_path: Path) -> None:
    config, one = tmp_path / "my site.yaml", small(tmp_path / "a gate!.mp4")
    other = small(tmp_path / "集市.mp4", size=(320, 180))
    with running("rehearse", config, one, other, one, "--port", 0) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == f"cvinspect check '{config}'\n"
        checked = cvinspect("check", config)

        assert checked.code == 0
        for camera, size in (("a-gate", "160x120"), ("集市", "320x180"), ("a-gate-2", "160x120")):
            assert any(camera in line and size in line for line in checked.out.splitlines()), camera
        assert load_site(config).evidence == tmp_path / "my-site-data"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_it_ends_cleanly(tmp_path: Path, number: signal.Signals) -> None:
    with rehearsed(tmp_path / "my.yaml", small(tmp_path / "a.mp4")) as process:
        process.send_signal(number)
        assert process.wait(10) == 0
        assert process.stderr is not None
        assert len(process.stderr.read().splitlines()) == 2


def test_a_configuration_that_is_there_stays(tmp_path: Path) -> None:
    config = tmp_path / "my.yaml"
    config.write_text("mine", encoding="utf-8")

    outcome = cvinspect("rehearse", config, tmp_path / "a.mp4")

    assert (outcome.code, config.read_text(encoding="utf-8")) == (2, "mine")
    assert outcome.errors == [f"{config}: is there already and stays as it is; remove it, or name another file"]


@pytest.mark.parametrize("content", [None, b"nothing"])
def test_a_clip_that_cannot_be_read_is_one_line_and_nothing_is_written(tmp_path: Path, content: bytes | None) -> None:
    bad = tmp_path / "bad.mp4"
    if content is not None:
        bad.write_bytes(content)

    outcome = cvinspect("rehearse", tmp_path / "my.yaml", small(tmp_path / "a.mp4"), bad)

    assert (outcome.code, outcome.err) == (3, f"error: {bad}: is not a video that can be read\n")
    assert not (tmp_path / "my.yaml").exists()


def test_a_port_that_is_taken_is_one_line_and_nothing_is_written(tmp_path: Path) -> None:
    clip = small(tmp_path / "a.mp4")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        outcome = cvinspect("rehearse", tmp_path / "my.yaml", clip, "--port", port)

    assert outcome.code == 2
    assert outcome.errors == [
        f"--port {port}: 127.0.0.1:{port} cannot be listened at: Address already in use; "
        "allowed: a free port, or 0 for any"
    ]
    assert not (tmp_path / "my.yaml").exists()


def test_a_folder_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    outcome = cvinspect("rehearse", tmp_path / "none" / "my.yaml", small(tmp_path / "a.mp4"), "--port", 0)

    assert (outcome.code, outcome.errors) == (
        5, [f"{tmp_path}/none/my.yaml: cannot be written: No such file or directory"]
    )  # fmt: skip


def test_a_folder_whose_name_no_ledger_can_lie_in_is_one_line_and_nothing_is_written(tmp_path: Path) -> None:
    config = tmp_path / "what?" / "my.yaml"
    config.parent.mkdir()

    outcome = cvinspect("rehearse", config, small(tmp_path / "a.mp4"), "--port", 0)

    assert outcome.code == 2
    assert "lies in a folder with ? in its name" in outcome.errors[0]
    assert not config.exists()
