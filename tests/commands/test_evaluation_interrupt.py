"""Whoever breaks off an evaluation keeps what was scored until then, marked as interrupted."""

import json
import os
import pty
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from cvinspect.cli.terminal import Stop
from cvinspect.commands.evaluate_incidents import IncidentEvaluation, Wanted
from cvinspect.sources import Counts, Source
from tests.clips import encode
from tests.commands.test_interrupt import rest_of, until
from tests.labelled_folder import Folder

CAR: dict[str, Any] = {"class": "illegal_parking_motor", "start_s": 0, "end_s": 1.9, "box": [0.1, 0.1, 0.3, 0.3]}
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
PICTURES = 399
"""So many that nobody is done with them before the signal comes, however busy the machine is."""


@pytest.fixture
def signals() -> Iterator[None]:
    """Puts the handlers back that Stop replaces."""
    before = [signal.getsignal(number) for number in SIGNALS]
    yield
    for number, handler in zip(SIGNALS, before, strict=True):
        signal.signal(number, handler)


class ShutDown:
    """A watcher whose machine shuts down when this clip has been opened."""

    def __init__(self, clip: str) -> None:
        self._clip = clip

    def begins(self, name: str, source: Source) -> None:
        if name == self._clip:
            signal.raise_signal(signal.SIGTERM)

    def moves(self, counts: Counts) -> None:
        pass


def evaluated(tmp_path: Path, *, until_clip: str) -> dict[str, Any]:
    """metrics.json of three clips of which the evaluation is shut down in one."""
    for name in ("a.mp4", "b.mp4", "c.mp4"):
        encode(tmp_path / name)
    truth = tmp_path / "truth.json"
    clips = {name: {"events": [CAR]} for name in ("a.mp4", "b.mp4", "c.mp4")}
    truth.write_text(json.dumps({"clips": clips}), encoding="utf-8")
    (tmp_path / "rules.yaml").write_text("violations:\n  illegal_parking_motor: {dwell_s: 1}\n", encoding="utf-8")
    stop = Stop()
    evaluation = IncidentEvaluation(
        Wanted(truth, config=tmp_path / "rules.yaml", report=tmp_path / "out"),
        watcher=ShutDown(until_clip),
        at=datetime(2026, 11, 22, tzinfo=UTC),
        is_stopping=stop.is_asked,
    )
    assert evaluation.run().state == "interrupted"
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["metrics.json", "report.html"]
    found: dict[str, Any] = json.loads((tmp_path / "out" / "metrics.json").read_text(encoding="utf-8"))
    return found


@pytest.mark.usefixtures("signals")
@pytest.mark.parametrize(("clip", "scored"), [("a.mp4", 0), ("b.mp4", 1), ("c.mp4", 2)])
def test_clips_that_were_watched_to_their_end_are_scored_and_the_others_named(
    tmp_path: Path, clip: str, scored: int
) -> None:
    found = evaluated(tmp_path, until_clip=clip)
    assert found["state"] == "interrupted"
    assert [(one["name"], one["state"], one["error"]) for one in found["clips"]] == [
        (name, "scored" if place < scored else "interrupted", None)
        for place, name in enumerate(("a.mp4", "b.mp4", "c.mp4"))
    ]
    assert found["total"]["misses"] == scored
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "评估被中断" in page
    assert f"{3 - scored} 段视频未看完" in page


def in_terminal(*words: object, when: bytes) -> tuple[int, bytes]:
    """Exit code and what is shown, when the machine shuts down as soon as this pattern is seen."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-c", "from cvinspect.cli.app import main; main()", *map(str, words)]
    with subprocess.Popen(
        command,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
        env={**os.environ, "TERM": "xterm", "COLUMNS": "120"},  # a dumb terminal gets no bar
    ) as process:
        os.close(theirs)
        shown = until(when, ours)
        process.send_signal(signal.SIGTERM)  # SIGINT is ignored where the tests run in the background
        shown += rest_of(ours)
    os.close(ours)
    return process.returncode, shown


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """Many small pictures, rubbish in the middle of each."""
    folder = Folder(tmp_path / "set")
    folder.write("data.yaml", "train: train/images\nval: val/images\nnames: [exposed_garbage, garbage_bag]\n")
    for number in range(PICTURES):
        folder.picture(f"val/images/p{number}.png", gray=number % 256)
        folder.write(f"val/labels/p{number}.txt", "0 0.5 0.5 0.5 0.5\n")
    return folder


def test_a_shutdown_while_pictures_are_looked_at_leaves_the_report_of_those_that_were(
    folder: Folder, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    code, shown = in_terminal("evaluate", "detections", folder.data, "--report", out, when=rb"[1-9]\d*/400")
    assert code == 130
    assert b"Traceback" not in shown
    assert sorted(path.name for path in out.iterdir()) == ["metrics.json", "report.html"]  # no file of some detections
    found = json.loads((out / "metrics.json").read_text(encoding="utf-8"))
    assert (found["state"], found["data"]["pictures"]) == ("interrupted", PICTURES + 1)
    assert 1 <= found["data"]["scored"] <= PICTURES
    assert found["timing"]["pictures"] == found["data"]["scored"]
    assert found["micro"]["hits"] + found["micro"]["misses"] == found["data"]["scored"]
    assert f"interrupted; {found['data']['scored']} of 400 pictures are scored".encode() in shown
    page = (out / "report.html").read_text(encoding="utf-8")
    assert f"只评测了 400 张图片中的 {found['data']['scored']} 张" in page


def test_a_shutdown_while_thresholds_are_sought_writes_no_card(folder: Folder, tmp_path: Path) -> None:
    card = tmp_path / "mine.yaml"
    code, shown = in_terminal("calibrate", folder.data, "--out", card, when=rb"[1-9]\d*/400")
    assert (code, card.exists()) == (130, False)
    assert b"note: interrupted; no card is written, since thresholds need every picture" in shown
    assert b"Traceback" not in shown
