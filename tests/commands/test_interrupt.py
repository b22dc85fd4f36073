"""An interrupt at any moment leaves valid outputs of everything so far."""

import json
import os
import pty
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import pytest

from cvinspect.assembly.models import load_model
from cvinspect.commands.run import FootageRun, Options
from cvinspect.config.site import load_site
from cvinspect.records.summary import InputSummary
from cvinspect.sources import Counts, Source
from tests.command_line import latest, records

SAMPLE = Path(__file__).parents[2] / "samples" / "street.mp4"
CONFIG = SAMPLE.with_suffix(".yaml")
FIRST_OPENS = 14
"""At one sample a second this many frames are enough for the first violation."""


class Impatient:
    """A watcher whose user presses Ctrl-C when the frame with this number, from 1, is looked at; 0: at the opening."""

    def __init__(self, frame: int) -> None:
        self._left = frame
        self.told: list[InputSummary] = []

    def begins(self, name: str, source: Source) -> None:
        if self._left == 0:
            raise KeyboardInterrupt

    def moves(self, counts: Counts) -> None:
        self._left -= 1
        if self._left == 0:
            raise KeyboardInterrupt

    def ends(self, summary: InputSummary) -> None:
        self.told.append(summary)


def interrupted_run(out: Path, *, frame: int) -> FootageRun:
    """A run over the sample, twice, that its user interrupts in the first one; finished as the command does it."""
    site = load_site(CONFIG)
    footage = FootageRun(site, load_model(site, None), Options(out, fps=1.0, annotate=True), Impatient(frame))
    footage.run.over([SAMPLE, SAMPLE])
    footage.finish()
    return footage


def pictures_in_video(path: Path) -> int:
    with av.open(str(path)) as container:
        return sum(1 for _ in container.decode(video=0))


def evidence_of(folder: Path) -> Iterator[dict[str, Any]]:
    for record in (*records(folder), *records(folder, "pre_alarms.jsonl")):
        yield from record["evidence"]


@pytest.fixture(scope="module", params=[0, 1, 2, FIRST_OPENS])
def interrupted(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[int, FootageRun]:
    out = tmp_path_factory.mktemp("out")
    return request.param, interrupted_run(out, frame=request.param)


def test_the_run_and_both_of_its_inputs_are_told_as_interrupted(interrupted: tuple[int, FootageRun]) -> None:
    frame, footage = interrupted
    assert footage.run.interrupted
    assert footage.run.errors == []
    summary = json.loads((footage.report.parent / "summary.json").read_text(encoding="utf-8"))
    assert summary["state"] == "interrupted"
    assert [(item["state"], item["frames_sampled"]) for item in summary["inputs"]] == [
        ("interrupted", frame),
        ("interrupted", 0),
    ]


def test_every_output_is_there_and_valid(interrupted: tuple[int, FootageRun]) -> None:
    _, footage = interrupted
    out = footage.report.parent
    for name in ("incidents.jsonl", "pre_alarms.jsonl"):
        text = (out / name).read_text(encoding="utf-8")
        assert text == "" or text.endswith("}\n")
        assert all(json.loads(line)["schema"] == "cvinspect.incident/v2" for line in text.splitlines())
    assert (out / "incidents.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    features = json.loads((out / "incidents.geojson").read_text(encoding="utf-8"))["features"]
    assert {feature["id"] for feature in features} == {record["incident_id"] for record in records(out)}
    assert "</html>" in (out / "report.html").read_text(encoding="utf-8")
    assert all((out / picture["uri"]).is_file() for picture in evidence_of(out))
    assert not list(out.rglob(".*"))


def test_the_annotated_video_plays_with_every_whole_frame(interrupted: tuple[int, FootageRun]) -> None:
    frame, footage = interrupted
    video = footage.report.parent / "annotated-street.mp4"
    if frame < 2:  # the frame of the interrupt is not in it
        assert not video.exists()
    else:
        assert pictures_in_video(video) == frame - 1


def test_a_violation_that_stands_at_the_interrupt_stays_open(tmp_path: Path) -> None:
    interrupted_run(tmp_path / "out", frame=FIRST_OPENS)
    stand = [(one["class_id"], one["status"], one["cleared_at"]) for one in latest(tmp_path / "out")]
    names = ("illegal_parking_motor", "street_drying", "street_vendor")
    assert sorted(stand) == [(name, "open", None) for name in names]


def until(pattern: bytes, terminal: int) -> bytes:
    """What is written to the terminal, until something that matches has been."""
    seen = b""
    while not re.search(pattern, seen):
        seen += os.read(terminal, 4096)
    return seen


def rest_of(terminal: int) -> bytes:
    seen = b""
    try:
        while data := os.read(terminal, 4096):
            seen += data
    except OSError:  # Linux says so when the last writer has gone
        return seen
    return seen


def test_ctrl_c_in_a_terminal_exits_with_130_and_keeps_what_was_found(tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    command = [sys.executable, "-c", "from cvinspect.cli.app import main; main()", "run", str(SAMPLE)]
    options = ["--config", str(CONFIG), "--out", str(tmp_path / "out"), "--fps", "1", "--annotate"]
    with subprocess.Popen(
        [*command, *options],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
        env={**os.environ, "TERM": "xterm", "COLUMNS": "120"},  # a dumb terminal gets no bar
    ) as process:
        os.close(theirs)
        shown = until(rb"[1-9]\d %", ours)  # the bar, six seconds or more into the clip
        process.send_signal(signal.SIGINT)
        shown += rest_of(ours)
    os.close(ours)
    assert process.returncode == 130
    assert b"Traceback" not in shown
    assert b"street.mp4" in shown
    [item] = json.loads((tmp_path / "out" / "summary.json").read_text(encoding="utf-8"))["inputs"]
    assert item["state"] == "interrupted"
    assert item["frames_sampled"] >= 6
    assert pictures_in_video(tmp_path / "out" / "annotated-street.mp4") >= 5
    assert [record["event"] for record in records(tmp_path / "out", "pre_alarms.jsonl")][:1] == ["pre_alarm"]


def test_an_interrupt_between_two_frames_loses_no_record_of_the_first(tmp_path: Path) -> None:
    site = load_site(CONFIG)
    footage = FootageRun(site, load_model(site, None), Options(tmp_path / "out", fps=1.0), Impatient(999))
    frames = iter(range(1, 1000))
    footage.run.over([SAMPLE, SAMPLE], is_stopping=lambda: next(frames) > FIRST_OPENS + 1)
    footage.finish()
    assert [(record["class_id"], record["event"]) for record in records(tmp_path / "out")][:1] == [
        ("street_vendor", "opened")
    ]
    assert [item.state for item in footage.run.inputs] == ["interrupted", "interrupted"]
