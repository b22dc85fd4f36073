"""Hard cases: full disks, names that are no text, hostile YAML, signals that come twice."""

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.clips import corners, encode, write_picture
from tests.command_line import cvinspect, records
from tests.full_disk import files_no_larger_than

ROOT = Path(__file__).parents[1]
SAMPLE = ROOT / "samples" / "street.mp4"


def test_an_annotated_video_that_cannot_be_written_ends_the_run_in_one_line(tmp_path: Path) -> None:
    out = tmp_path / "out"
    with files_no_larger_than(100_000):
        outcome = cvinspect(
            "run", SAMPLE, "--config", SAMPLE.with_suffix(".yaml"), "--out", out, "--annotate", "--fps", 2
        )
    assert outcome.code == 5
    assert len(outcome.errors) == 1
    assert (out / "summary.json").exists()
    assert not list(out.rglob(".*.part"))


def test_a_picture_cut_short_by_a_full_disk_leaves_no_part(tmp_path: Path) -> None:
    out = tmp_path / "out"
    with files_no_larger_than(100_000):
        cvinspect("run", SAMPLE, "--config", SAMPLE.with_suffix(".yaml"), "--out", out, "--fps", 1)
    assert not list(out.rglob(".*.part"))


def test_overwriting_keeps_files_whose_names_merely_resemble_results(tmp_path: Path) -> None:
    picture, out = write_picture(tmp_path / "picture.png", corners(64, 48)), tmp_path / "out"
    (out / "evidence").mkdir(parents=True)
    foreign = [out / "annotated by me.mp4", out / "evidence" / "house_after_1.jpg"]
    for path in foreign:
        path.write_bytes(b"mine")
    assert cvinspect("run", picture, "--out", out, "--overwrite").code == 0
    assert all(path.read_bytes() == b"mine" for path in foreign)


def test_an_input_that_lies_among_the_results_is_not_overwritten(tmp_path: Path) -> None:
    clip, out = encode(tmp_path / "clip.mp4"), tmp_path / "out"
    assert cvinspect("run", clip, "--out", out, "--annotate").code == 0
    video = out / "annotated-clip.mp4"
    outcome = cvinspect("run", video, "--out", out, "--overwrite")
    assert outcome.code == 5
    assert "is an input" in outcome.errors[0]
    assert video.exists()


def test_a_name_that_is_no_text_is_shown_with_question_marks(tmp_path: Path) -> None:
    """Footage named in GBK, as recorders in China do."""
    clip = encode(tmp_path / "clip.mp4")
    strange = os.fsdecode(os.fsencode(tmp_path) + b"/\xd6\xd0.mp4")
    shutil.copy(clip, strange)
    outcome = cvinspect("run", strange, strange + "x", "--annotate", "--out", tmp_path / "out")
    assert outcome.code == 3
    inputs = json.loads((tmp_path / "out" / "summary.json").read_text(encoding="utf-8"))["inputs"]
    assert [(item["name"], item["camera"], item["state"]) for item in inputs] == [
        ("??.mp4", "??", "done"),
        ("??.mp4x", "??", "failed"),
    ]


def test_a_violation_in_a_file_whose_name_is_no_text_is_recorded(tmp_path: Path) -> None:
    strange = os.fsdecode(os.fsencode(tmp_path) + b"/\xd6\xd0.mp4")
    shutil.copy(SAMPLE, strange)
    assert cvinspect("run", strange, "--out", tmp_path / "out", "--fps", 0.2).code == 0
    assert all(record["source"] == "??.mp4" for record in records(tmp_path / "out", "pre_alarms.jsonl"))


def test_a_name_that_is_too_long_is_one_bad_input_among_others(tmp_path: Path) -> None:
    clip = encode(tmp_path / "clip.mp4")
    outcome = cvinspect("run", tmp_path / ("a" * 300 + ".mp4"), clip, "--out", tmp_path / "out")
    assert outcome.code == 3
    assert "File name too long" in outcome.errors[0]
    inputs = json.loads((tmp_path / "out" / "summary.json").read_text(encoding="utf-8"))["inputs"]
    assert [item["state"] for item in inputs] == ["failed", "done"]


def test_links_in_a_circle_are_one_bad_input_with_a_configuration_too(tmp_path: Path) -> None:
    (tmp_path / "circle.mp4").symlink_to("circle.mp4")
    (tmp_path / "site.yaml").write_text("cameras: [{id: a, source: x.mp4}, {id: b}]")
    outcome = cvinspect(
        "run", tmp_path / "circle.mp4", "--config", tmp_path / "site.yaml", "--camera", "a", "--out", tmp_path / "out"
    )
    assert outcome.code == 3
    assert len(outcome.errors) == 1


def test_inputs_that_differ_in_their_suffix_have_an_annotated_video_each(tmp_path: Path) -> None:
    clip = encode(tmp_path / "gate.mp4")
    other = encode(tmp_path / "gate.avi", codec="mpeg4")
    third = Path(shutil.copy(clip, tmp_path / "gate#2.mp4"))
    assert cvinspect("run", clip, other, third, clip, "--annotate", "--out", tmp_path / "out").code == 0
    assert len(list((tmp_path / "out").glob("annotated-*.mp4"))) == 4


@pytest.mark.parametrize("text", ["model: 'a\\0b'", "[" * 3000], ids=["null byte", "deep"])
def test_yaml_that_would_trip_the_machine_is_one_line(tmp_path: Path, text: str) -> None:
    (tmp_path / "site.yaml").write_text(text.replace("'", '"'))
    outcome = cvinspect("check", tmp_path / "site.yaml")
    assert outcome.code == 2
    assert len(outcome.err.splitlines()) == 1


@pytest.mark.parametrize("line", ["released: 2026-13-45", "x: " + "[" * 3000], ids=["date", "deep"])
def test_a_card_that_cannot_be_parsed_is_one_line(tmp_path: Path, line: str) -> None:
    card = tmp_path / "card.yaml"
    card.write_text((ROOT / "models" / "street-26n.yaml").read_text(encoding="utf-8") + line)
    outcome = cvinspect("detect", "x.png", "--model", card)
    assert (outcome.code, len(outcome.err.splitlines())) == (4, 1)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_second_signal_does_not_spoil_what_the_first_one_left(tmp_path: Path, number: int) -> None:
    program = (
        "import os, signal, sys\n"
        "from cvinspect.cli import terminal\n"
        "from cvinspect.evidence.annotated import AnnotatedVideo\n"
        "def moves(self, counts):\n"
        f"    if counts.sampled == 3: os.kill(os.getpid(), {int(number)})\n"
        "close = AnnotatedVideo.close\n"
        "def close_disturbed(self):\n"
        f"    os.kill(os.getpid(), {int(number)}); close(self)\n"
        "terminal.Progress.moves, AnnotatedVideo.close = moves, close_disturbed\n"
        "from cvinspect.cli.app import main; main()\n"
    )
    words = ["run", str(SAMPLE), "--config", str(SAMPLE.with_suffix(".yaml")), "--out", str(tmp_path / "out")]
    ran = subprocess.run(
        [sys.executable, "-c", program, *words, "--annotate"], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 130, ran.stderr
    assert "Traceback" not in ran.stderr
    assert json.loads((tmp_path / "out" / "summary.json").read_text(encoding="utf-8"))["state"] == "interrupted"
    assert (tmp_path / "out" / "annotated-street.mp4").stat().st_size > 10_000
