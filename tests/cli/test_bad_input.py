"""Bad input gets one clear line and its exit code; the other inputs are still done, and what was found is kept."""

import json
import os
import re
import shutil
from hashlib import sha256
from pathlib import Path
from typing import Any

import av
import pytest

from tests.clips import corners, encode, write_picture, write_streams
from tests.command_line import Outcome, cvinspect, records
from tests.full_disk import files_no_larger_than

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "samples" / "street.mp4"
MODEL = ROOT / "models" / "street-26n.yaml"

BAD = {
    "missing.mp4": "there is no such file",
    "dangling.mp4": "there is no such file",
    "empty.mp4": "is empty (0 bytes)",
    "text.mp4": "is not a video that can be read",
    "words.txt": "is not a video that can be read",
    "sound.mp4": "holds no video (found: audio)",
    "nothing.mp4": "holds no video",
    "cut.mp4": "cut off before its index (moov) was written",
    "pipe.mp4": "is a pipe or a device",
    "circle.mp4": "cannot be read",
    "papers": "holds no pictures (1 other files)",
    "damaged.png": "is damaged or cut off",
    "video.jpg": "is not a picture that can be read",
}
"""What is wrong with each input, in the words of its error."""


def make_bad_inputs(folder: Path) -> None:
    clip = encode(folder / "good.mp4", size=(96, 64), ticks=range(10), options={"bf": "0"})
    (folder / "dangling.mp4").symlink_to("missing.mp4")
    (folder / "empty.mp4").touch()
    (folder / "text.mp4").write_text("no video\n" * 50)
    (folder / "words.txt").write_text("no video\n")
    write_streams(folder / "sound.mp4", sound=True)
    with av.open(str(folder / "nothing.mp4"), "w") as container:
        stream = container.add_stream("libx264", rate=10)
        stream.width, stream.height, stream.pix_fmt = 64, 64, "yuv420p"
        container.start_encoding()
    whole = clip.read_bytes()
    (folder / "cut.mp4").write_bytes(whole[: whole.index(b"moov") - 4])
    os.mkfifo(folder / "pipe.mp4")
    (folder / "circle.mp4").symlink_to("circle.mp4")
    (folder / "papers").mkdir()
    (folder / "papers" / "letter.txt").write_text("no picture")
    picture = write_picture(folder / "picture.png", corners(64, 48))
    (folder / "damaged.png").write_bytes(picture.read_bytes()[:60])
    shutil.copy(clip, folder / "video.jpg")


@pytest.fixture(scope="module")
def call(tmp_path_factory: pytest.TempPathFactory) -> tuple[Outcome, Path]:
    """One call with every bad input and, last, two good ones."""
    folder = tmp_path_factory.mktemp("inputs")
    make_bad_inputs(folder)
    inputs = [folder / name for name in (*BAD, "good.mp4", "picture.png")]
    return cvinspect("run", *inputs, "--out", folder / "out"), folder


@pytest.mark.parametrize("name", BAD)
def test_each_bad_input_gets_one_line_that_says_what_is_wrong(call: tuple[Outcome, Path], name: str) -> None:
    outcome, folder = call
    [said] = [line for line in outcome.errors if line.startswith(f"{folder / name}: ")]
    assert BAD[name] in said


def test_bad_inputs_exit_with_3_and_show_no_traceback(call: tuple[Outcome, Path]) -> None:
    outcome, _ = call
    assert outcome.code == 3
    assert len(outcome.errors) == len(BAD)
    assert "Traceback" not in outcome.err + outcome.out


def test_the_good_inputs_of_the_same_call_are_still_done(call: tuple[Outcome, Path]) -> None:
    _, folder = call
    inputs = json.loads((folder / "out" / "summary.json").read_text(encoding="utf-8"))["inputs"]
    states = {item["name"]: (item["state"], item["frames_read"]) for item in inputs}
    assert states == dict.fromkeys(BAD, ("failed", 0)) | {"good.mp4": ("done", 10), "picture.png": ("done", 1)}


def test_the_report_is_written_although_inputs_failed(call: tuple[Outcome, Path]) -> None:
    _, folder = call
    page = (folder / "out" / "report.html").read_text(encoding="utf-8")
    assert all(name in page for name in BAD)


@pytest.mark.parametrize("name", ["missing.mp4", "empty.mp4", "text.mp4", "cut.mp4"])
def test_a_run_that_saw_nothing_does_not_say_that_nothing_was_found_and_leaves_its_folder_to_the_next(
    tmp_path: Path, name: str
) -> None:
    make_bad_inputs(tmp_path)
    outcome = cvinspect("run", tmp_path / name, "--out", tmp_path / "out")
    assert outcome.code == 3
    assert "没有检测任何画面，不能说明现场没有违规。 Not one frame was inspected" in outcome.out
    assert "no violation found" not in outcome.out
    again = cvinspect("run", tmp_path / "picture.png", "--out", tmp_path / "out")
    assert (again.code, again.errors) == (0, [])
    assert "no violation found" not in again.out
    assert "没有一类违规能够判定，不能说明现场没有违规。 Not one class could have been raised" in again.out
    assert "不完整" not in again.out


def test_footage_that_breaks_off_early_is_incomplete_and_exits_with_3(tmp_path: Path) -> None:
    clip = encode(tmp_path / "clip.mp4", ticks=range(300), muxer_options={"movflags": "faststart"})
    whole = clip.read_bytes()
    clip.write_bytes(whole[: len(whole) // 2])
    outcome = cvinspect("run", clip, "--out", tmp_path / "out")
    assert outcome.code == 3
    [line] = outcome.errors
    assert re.fullmatch(
        rf"{clip}: ends at \d+\.\d s of the 30\.0 s that the file states; the rest was not seen; .*", line
    )
    assert "结果不完整。 This run did not read everything" in outcome.out
    summary = json.loads((tmp_path / "out" / "summary.json").read_text(encoding="utf-8"))
    assert (summary["state"], summary["totals"]["incomplete"]) == ("incomplete", 1)
    assert [(item["state"], item["error"]) for item in summary["inputs"]] == [("incomplete", line)]
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "结果不完整" in page
    assert '<span class="badge incomplete">' in page


def test_unreadable_pictures_of_a_folder_are_named_and_the_others_are_read(tmp_path: Path) -> None:
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    for i in range(3):
        write_picture(pictures / f"{i}.png", corners(64, 48))
    (pictures / "1.png").write_bytes(b"no picture")
    outcome = cvinspect("run", pictures, "--out", tmp_path / "out")
    assert outcome.code == 3
    assert outcome.errors == [f"{pictures}: 1 of its 3 pictures could not be read; the others were"]
    assert "note: pictures: could not be read: 1.png" in outcome.err.splitlines()
    assert (
        "note: pictures: no usable capture times: taken 0.5 s apart; --interval sets that" in outcome.err.splitlines()
    )
    [item] = json.loads((tmp_path / "out" / "summary.json").read_text(encoding="utf-8"))["inputs"]
    assert (item["state"], item["frames_read"], item["frames_broken"]) == ("incomplete", 2, 1)


def test_an_address_given_to_run_is_refused_before_anything_is_written_and_its_password_is_not_repeated(
    tmp_path: Path,
) -> None:
    outcome = cvinspect("run", "rtsp://me:secret@127.0.0.1:1/x", "--out", tmp_path / "out")
    assert (outcome.code, len(outcome.errors)) == (2, 1)
    assert "`cvinspect watch CONFIG`" in outcome.errors[0]
    assert "secret" not in outcome.out + outcome.err
    assert not (tmp_path / "out").exists()


def test_a_bad_picture_does_not_stop_the_detection_in_the_others(tmp_path: Path) -> None:
    good = write_picture(tmp_path / "good.png", corners(64, 48))
    (tmp_path / "bad.png").write_bytes(b"no picture")
    missing = tmp_path / "missing.png"
    outcome = cvinspect("detect", missing, tmp_path / "bad.png", tmp_path, good)
    assert outcome.code == 3
    assert [json.loads(line)["image"] for line in outcome.out.splitlines()] == [str(good), str(good)]
    assert [line.split(": ")[0] for line in outcome.errors] == [str(missing), *[str(tmp_path / "bad.png")] * 2]


CONFIGS = {
    "cameras: [{id: gate, zones: [{id: z, kind: no_parking, polygon: [[0, 0], [1, 1]]}]}]": "polygon of 2 points",
    "cameras: [{id: gate, zones: [{id: z, kind: no_parking, polygon: [[0, 0], [1, 1], [0, 1.5]]}]}]": "found 1.5",
    "cameras: [{id: gate, zones: [{id: z, kind: garden, polygon: [[0, 0], [1, 1], [0, 1]]}]}]": "no kind of zone",
    "violations: {jaywalking: {dwell_s: 1}}": "violations.jaywalking: no such class",
    "violations: {road_damage: {dwel_s: 1}}": "unknown key 'dwel_s'",
    "violations: {road_damage: {dwell_s: -1}}": "found -1",
    "camera: []": "unknown key 'camera'",
    "cameras: [": "line 1",
    "timezone: Nowhere/Nix": "no time zone known here",
    "violations_file: missing.yaml": "missing.yaml: cannot be read",
}
"""A configuration and what its error says."""


@pytest.mark.parametrize(("text", "said"), CONFIGS.items())
@pytest.mark.parametrize("command", ["check", "run"])
def test_a_bad_configuration_gets_one_line_and_exit_code_2(tmp_path: Path, command: str, text: str, said: str) -> None:
    config = tmp_path / "site.yaml"
    config.write_text(text, encoding="utf-8")
    words = [config] if command == "check" else ["clip.mp4", "--config", config, "--out", tmp_path / "out"]
    outcome = cvinspect(command, *words)
    assert (outcome.code, outcome.out) == (2, "")
    [line] = outcome.err.splitlines()
    assert said in line
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("given", ["soon", "", "2026-13-01", "0001-01-01", "9999-12-31T23:59:59"])
def test_a_start_that_is_no_usable_time_is_refused(tmp_path: Path, given: str) -> None:
    outcome = cvinspect("run", "clip.mp4", "--start", given, "--out", tmp_path / "out")
    assert outcome.code == 2
    assert [line.startswith(f"--start: {given!r} is ") for line in outcome.errors] == [True]
    assert "allowed: " in outcome.errors[0]


@pytest.mark.parametrize("fps", ["0", "-1", "121", "nan", "inf", "many"])
def test_a_sampling_rate_out_of_range_is_refused(tmp_path: Path, fps: str) -> None:
    outcome = cvinspect("run", "clip.mp4", f"--fps={fps}", "--out", tmp_path / "out")
    assert outcome.code == 2
    assert "--fps" in outcome.err
    assert not (tmp_path / "out").exists()


def copied_model(folder: Path) -> Path:
    shutil.copy(MODEL, folder)
    shutil.copy(MODEL.with_suffix(".onnx"), folder)
    return folder / MODEL.name


def refused(tmp_path: Path, card: Path) -> str:
    """The one line with which `run` refuses a model, before it writes anything."""
    outcome = cvinspect("run", "clip.mp4", "--model", card, "--out", tmp_path / "out")
    assert outcome.code == 4
    assert not (tmp_path / "out").exists()
    [line] = outcome.errors
    return line


def test_a_network_that_was_changed_is_refused(tmp_path: Path) -> None:
    card = copied_model(tmp_path)
    with card.with_suffix(".onnx").open("ab") as network:
        network.write(b"changed")
    assert "one of the two was changed" in refused(tmp_path, card)


def test_a_card_with_its_labels_in_another_order_is_refused(tmp_path: Path) -> None:
    card = copied_model(tmp_path)
    swap = {"person": "umbrella", "umbrella": "person"}
    text = card.read_text(encoding="utf-8")
    swapped = re.sub(r"name: (person|umbrella)\b", lambda m: f"name: {swap[m[1]]}", text)
    card.write_text(swapped, encoding="utf-8")
    line = refused(tmp_path, card)
    assert "person, umbrella" in line
    assert "umbrella, person" in line


def test_a_file_that_is_no_network_is_refused(tmp_path: Path) -> None:
    card = copied_model(tmp_path)
    card.with_suffix(".onnx").write_bytes(b"no network")
    digest = sha256(b"no network").hexdigest()
    card.write_text(re.sub("sha256: .*", f"sha256: {digest}", card.read_text(encoding="utf-8")), encoding="utf-8")
    assert "not a network that ONNX Runtime can load" in refused(tmp_path, card)


def test_a_card_without_its_network_is_refused(tmp_path: Path) -> None:
    card = copied_model(tmp_path)
    card.with_suffix(".onnx").unlink()
    assert "cannot be read: No such file or directory" in refused(tmp_path, card)


def test_an_output_folder_that_cannot_be_made_exits_with_5(tmp_path: Path) -> None:
    clip = encode(tmp_path / "clip.mp4")
    outcome = cvinspect("run", clip, "--out", clip / "out")
    assert outcome.code == 5
    assert outcome.errors == [f"{clip / 'out'}: cannot be written: Not a directory"]


def everything_in(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_running_twice_into_a_folder_is_refused_and_changes_nothing_in_it(tmp_path: Path) -> None:
    picture, out = write_picture(tmp_path / "picture.png", corners(64, 48)), tmp_path / "out"
    assert cvinspect("run", picture, "--out", out).code == 0
    before = everything_in(out)
    outcome = cvinspect("run", picture, "--out", out)
    assert outcome.code == 5
    assert "already holds the results of an earlier run" in outcome.errors[0]
    assert outcome.errors[0].endswith("name another folder or add --overwrite")
    assert everything_in(out) == before


def test_overwriting_replaces_results_and_keeps_what_others_wrote(tmp_path: Path) -> None:
    picture, out = write_picture(tmp_path / "picture.png", corners(64, 48)), tmp_path / "out"
    assert cvinspect("run", encode(tmp_path / "clip.mp4"), "--annotate", "--out", out).code == 0
    foreign = {
        "notes.txt": b"mine",
        "video.mp4": b"mine",
        "evidence/notes.txt": b"mine",
        "old/incidents.jsonl": b"mine",
    }
    for name, data in foreign.items():
        (out / name).parent.mkdir(exist_ok=True)
        (out / name).write_bytes(data)
    assert cvinspect("run", picture, "--out", out, "--overwrite").code == 0
    after = everything_in(out)
    assert {name: after[name] for name in foreign} == foreign
    assert "annotated-clip.mp4" not in after
    assert json.loads(after["summary.json"])["inputs"][0]["name"] == "picture.png"


def test_a_picture_that_cannot_be_stored_ends_the_run_and_what_was_found_is_kept(tmp_path: Path) -> None:
    later = write_picture(tmp_path / "later.png", corners(64, 48))
    whose = ("--config", SAMPLE.with_suffix(".yaml"), "--camera", "sample-street")
    words = ("run", SAMPLE, later, *whose, "--out", tmp_path / "out", "--fps", 1)
    with files_no_larger_than(100_000):
        outcome = cvinspect(*words)
    assert outcome.code == 5
    [line] = outcome.errors
    assert re.search(r"evidence/.*: cannot be written: File too large", line)
    assert {record["event"] for record in records(tmp_path / "out", "pre_alarms.jsonl")} == {"pre_alarm"}
    summary: dict[str, Any] = json.loads((tmp_path / "out" / "summary.json").read_text(encoding="utf-8"))
    assert [item["state"] for item in summary["inputs"]] == ["failed", "interrupted"]
    assert (tmp_path / "out" / "report.html").exists()


def test_a_source_that_does_not_open_is_told_by_check_and_the_others_are_shown(tmp_path: Path) -> None:
    encode(tmp_path / "gate.mp4", size=(96, 64))
    (tmp_path / "site.yaml").write_text(
        "cameras: [{id: gate, source: gate.mp4}, {id: yard, source: yard.mp4}, {id: roof}, "
        '{id: live, source: "rtsp://127.0.0.1:9/1"}]'
    )
    outcome = cvinspect("check", tmp_path / "site.yaml")
    assert outcome.code == 3
    assert outcome.errors[0].startswith(f"{tmp_path / 'yard.mp4'}: there is no such file")
    assert outcome.errors[1].startswith("camera live: ")
    row = next(line for line in outcome.out.splitlines() if " gate " in line)
    assert "96x64" in row


def test_evidence_that_cannot_be_written_decides_the_exit_code(tmp_path: Path) -> None:
    """3 promises that the rest was done; the picture that could not be read came first."""
    pictures, out = tmp_path / "pictures", tmp_path / "out"
    pictures.mkdir()
    write_picture(pictures / "a.png", corners(64, 48))
    (pictures / "b.png").write_bytes((pictures / "a.png").read_bytes()[:60])
    (out / "evidence").mkdir(parents=True)
    (out / "evidence" / "original").write_text("", encoding="ascii")
    whose = ("--config", ROOT / "samples" / "street.yaml", "--camera", "sample-street")
    outcome = cvinspect("run", pictures, SAMPLE, *whose, "--out", out)
    assert outcome.code == 5
    assert ["1 of its 2 pictures" in outcome.errors[0], "cannot be " in outcome.errors[1]] == [True, True]
