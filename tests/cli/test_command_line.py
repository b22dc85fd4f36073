"""The commands as a user meets them: what they print, what they leave in the folder, whatever the names are."""

import csv
import json
import os
import re
import shutil
import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from typing import Any

import av
import jsonschema
import pytest

from cvinspect import __version__
from cvinspect.cli.app import app
from cvinspect.opencv import cv2
from cvinspect.records.incident import json_schema
from cvinspect.sources.recorded.pictures import read_picture
from tests.clips import corners, encode, write_picture
from tests.command_line import Outcome, cvinspect, latest, records

SAMPLE = Path(__file__).parents[2] / "samples" / "street.mp4"
CONFIG = SAMPLE.with_suffix(".yaml")
COMMANDS = [command.name or command.callback.__name__ for command in app.registered_commands if command.callback]
AT_ONCE = "violations: {illegal_parking_motor: {dwell_s: 0}}\n"


@pytest.fixture(scope="module")
def street(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A picture of the sample at 30 s, in which a car stands at the kerb."""
    path = tmp_path_factory.mktemp("pictures") / "street.png"
    with av.open(str(SAMPLE)) as container:
        container.seek(28_000_000)
        frame = next(frame for frame in container.decode(video=0) if frame.time >= 30)
        return write_picture(path, frame.to_ndarray(format="bgr24"))


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> tuple[Outcome, Path]:
    """The sample at one frame a second, which is enough for its three incidents."""
    out = tmp_path_factory.mktemp("out")
    return cvinspect("run", SAMPLE, "--config", CONFIG, "--out", out, "--fps", 1), out


def summary_of(folder: Path) -> dict[str, Any]:
    summary: dict[str, Any] = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    return summary


def names_of(folder: Path) -> list[str]:
    return [item["name"] for item in summary_of(folder)["inputs"]]


def program(*words: object, folder: Path, environment: dict[str, str]) -> "subprocess.CompletedProcess[str]":
    """The program in a process of its own."""
    command = [sys.executable, "-c", "from cvinspect.cli.app import main; main()", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder, env=environment)


def test_the_version_names_package_model_and_hash() -> None:
    outcome = cvinspect("--version")
    assert outcome.code == 0
    assert re.fullmatch(rf"cvinspect {re.escape(__version__)}  model \S+  sha256 [0-9a-f]{{64}}\n", outcome.out)


def test_without_a_command_the_help_is_shown() -> None:
    outcome = cvinspect()
    assert all(f" {command} " in outcome.out + outcome.err for command in COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_the_help_says_what_each_option_is_for(command: str) -> None:
    text = cvinspect(command, "--help").out
    options = " ".join(text.partition("\nOptions:")[2].split()).replace(" -", "\n-").splitlines()
    assert options
    assert all(re.search(r"--[a-z0-9-]+ .*[A-Z][a-z]+", line) for line in options if "--" in line)


def test_an_unknown_command_or_option_is_refused_with_exit_code_2() -> None:
    assert cvinspect("inspect").code == 2
    assert cvinspect("run", "clip.mp4", "--fast").code == 2
    assert cvinspect("run").code == 2


def test_every_emitted_line_satisfies_the_printed_schema(sample: tuple[Outcome, Path]) -> None:
    _, out = sample
    schema = json.loads(cvinspect("schema").out)
    assert schema == json_schema()
    check = jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker())
    lines = records(out) + records(out, "pre_alarms.jsonl")
    assert len(lines) >= 8
    assert [error.message for line in lines for error in check.iter_errors(line)] == []


def test_every_picture_that_a_record_names_is_there_with_its_hash_and_size(sample: tuple[Outcome, Path]) -> None:
    _, out = sample
    evidence = [picture for record in records(out) for picture in record["evidence"]]
    named = evidence + [picture["original"] for picture in evidence]
    assert named
    for picture in named:
        data = (out / picture["uri"]).read_bytes()
        assert (sha256(data).hexdigest(), len(data)) == (picture["sha256"], picture["bytes"])
        assert read_picture(out / picture["uri"]).shape[:2] == (picture["height"], picture["width"])
    stored = {str(path.relative_to(out)) for path in (out / "evidence").rglob("*.jpg")}
    assert stored == {picture["uri"] for picture in named}


def test_nothing_is_drawn_on_the_originals(sample: tuple[Outcome, Path]) -> None:
    _, out = sample
    [panorama, *_] = [p for record in records(out) for p in record["evidence"] if p["role"] == "panorama"]
    original = read_picture(out / panorama["original"]["uri"])
    with av.open(str(SAMPLE)) as container:
        wanted = panorama["media_s"] - 0.001
        frame = next(frame for frame in container.decode(video=0) if frame.time >= wanted)
    difference = cv2.absdiff(original, frame.to_ndarray(format="bgr24"))
    assert difference.mean() < 2  # what JPEG does
    assert (difference > 60).mean() < 0.001


def test_boxes_are_in_pixels_of_the_source_and_inside_it(sample: tuple[Outcome, Path]) -> None:
    _, out = sample
    for record in records(out):
        for thing in record["objects"]:
            x0, y0, x1, y1 = thing["box"]
            assert 0 <= x0 < x1 <= 1280
            assert 0 <= y0 < y1 <= 720
    [car] = [record for record in latest(out) if record["class_id"] == "illegal_parking_motor"]
    assert car["objects"][0]["box"] == pytest.approx([541, 287, 844, 562], abs=60)


def test_the_table_opens_in_a_spreadsheet_and_the_map_holds_the_same(sample: tuple[Outcome, Path]) -> None:
    _, out = sample
    assert (out / "incidents.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    with (out / "incidents.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    features = json.loads((out / "incidents.geojson").read_text(encoding="utf-8"))["features"]
    ids = [row["事件编号 incident_id"] for row in rows]
    assert sorted(ids) == sorted(record["incident_id"] for record in latest(out))
    assert [feature["id"] for feature in features] == ids
    assert {tuple(feature["geometry"]["coordinates"]) for feature in features} == {(121.4737, 31.2304)}


def test_the_report_asks_nothing_of_the_network(sample: tuple[Outcome, Path]) -> None:
    _, out = sample
    page = (out / "report.html").read_text(encoding="utf-8")
    loaded = re.findall(r"""\b(?:src|srcset|poster|data)=["']([^"']{0,60})""", page)
    assert loaded
    assert all(address.startswith("data:") for address in loaded)
    links = re.findall(r"""\bhref=["']([^"'#][^"']*)""", page)
    assert all((out / link).is_file() for link in links)
    assert "@import" not in page
    assert not re.search(r"url\((?!['\"]?(data:|#))", page)


def test_what_is_told_goes_to_stderr_and_no_bar_is_shown_in_a_pipe(sample: tuple[Outcome, Path]) -> None:
    outcome, out = sample
    assert outcome.code == 0
    assert outcome.err.splitlines()[-1] == f"report: {out / 'report.html'}"
    assert "\x1b" not in outcome.err + outcome.out
    assert "%" not in outcome.err
    assert "illegal_parking_motor" in outcome.out


def test_detect_prints_one_json_line_a_picture_with_boxes_in_its_own_pixels(street: Path, tmp_path: Path) -> None:
    large = write_picture(tmp_path / "large.png", cv2.resize(read_picture(street), None, fx=2, fy=2))
    outcome = cvinspect("detect", street, large)
    assert (outcome.code, outcome.err) == (0, "")
    small_line, large_line = (json.loads(line) for line in outcome.out.splitlines())
    assert list(small_line) == ["image", "width", "height", "detections"]
    assert (small_line["image"], small_line["width"], small_line["height"]) == (str(street), 1280, 720)
    assert (large_line["width"], large_line["height"]) == (2560, 1440)
    [car] = [one for one in small_line["detections"] if one["label"] == "motor_vehicle"]
    [same] = [one for one in large_line["detections"] if one["label"] == "motor_vehicle"]
    assert list(car) == ["label", "confidence", "box"]
    assert same["box"] == pytest.approx([2 * value for value in car["box"]], abs=12)


def test_detect_shows_what_is_sure_enough_in_every_picture_of_a_folder(street: Path) -> None:
    outcome = cvinspect("detect", street.parent, "--confidence", 0.9)
    [line] = [json.loads(line) for line in outcome.out.splitlines()]
    assert line["image"] == str(street)
    assert all(one["confidence"] >= 0.9 for one in line["detections"])


def test_what_stands_in_a_single_picture_is_a_pre_alarm_with_pictures(street: Path, tmp_path: Path) -> None:
    outcome = cvinspect("run", street, "--config", CONFIG, "--camera", "sample-street", "--out", tmp_path / "out")
    assert outcome.code == 0
    assert records(tmp_path / "out") == []
    found = records(tmp_path / "out", "pre_alarms.jsonl")
    assert "illegal_parking_motor" in {record["class_id"] for record in found}
    assert all([p["role"] for p in record["evidence"]] == ["panorama", "closeup"] for record in found)


def test_a_class_without_dwell_is_a_violation_in_a_single_picture(street: Path, tmp_path: Path) -> None:
    config = tmp_path / "site.yaml"
    config.write_text(AT_ONCE)
    assert cvinspect("run", street, "--config", config, "--out", tmp_path / "out").code == 0
    [incident] = records(tmp_path / "out")
    assert (incident["class_id"], incident["event"], incident["status"]) == ("illegal_parking_motor", "opened", "open")
    assert incident["dwell_s"] == incident["dwell_threshold_s"] == 0


@pytest.mark.parametrize(
    ("start", "raised"),
    [("2026-05-01T10:30:00", 1), ("2026-05-01T02:30:00Z", 1), ("2026-05-01T10:30:00Z", 0), ("2026-05-01T11:00", 0)],
)
def test_hours_are_local_and_exclude_what_is_outside_of_them(
    street: Path, tmp_path: Path, start: str, raised: int
) -> None:
    config = tmp_path / "site.yaml"
    config.write_text('violations: {illegal_parking_motor: {dwell_s: 0, hours: ["10:00-11:00"]}}\n')
    outcome = cvinspect("run", street, "--config", config, "--start", start, "--out", tmp_path / "out")
    assert outcome.code == 0
    found = [one["class_id"] for one in records(tmp_path / "out")]
    assert found == ["illegal_parking_motor"] * raised


def test_names_may_be_chinese_have_spaces_or_lead_with_a_dash(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    clip = encode(tmp_path / "-dash.mp4", ticks=range(5))
    names = ["-dash.mp4", "中文 名.mp4", "[red]tag.mp4", "two\nlines.mp4", ".hidden.mp4", "no_suffix"]
    for name in names[1:]:
        shutil.copy(clip, name)
    Path("link.mp4").symlink_to("中文 名.mp4")
    outcome = cvinspect("run", "--annotate", "--out", "结 果", "--", *names, "link.mp4", tmp_path / "中文 名.mp4")
    assert outcome.code == 0, outcome.err
    assert names_of(tmp_path / "结 果") == [*names, "link.mp4", "中文 名.mp4"]
    assert len(list(Path("结 果").glob("annotated-*.mp4"))) == len(names) + 2
    assert "[red]tag.mp4" in outcome.out


def test_one_file_twice_and_two_files_of_one_name_are_inputs_of_their_own(street: Path, tmp_path: Path) -> None:
    config = tmp_path / "site.yaml"
    config.write_text(AT_ONCE)
    (tmp_path / "other").mkdir()
    other = shutil.copy(street, tmp_path / "other" / street.name)
    outcome = cvinspect("run", street, street, other, "--config", config, "--annotate", "--out", tmp_path / "out")
    assert outcome.code == 0, outcome.err
    assert names_of(tmp_path / "out") == ["street.png"] * 3
    assert len({record["incident_id"] for record in records(tmp_path / "out")}) == 3
    assert len(list((tmp_path / "out").glob("annotated-*.mp4"))) == 3


def test_a_folder_of_pictures_and_a_video_are_read_in_one_call(tmp_path: Path) -> None:
    (tmp_path / "pictures").mkdir()
    for i in range(3):
        write_picture(tmp_path / "pictures" / f"{i}.png", corners(64, 48))
    clip = encode(tmp_path / "clip.mp4", size=(32, 32), ticks=range(10))
    assert cvinspect("run", tmp_path / "pictures", clip, "--out", tmp_path / "out").code == 0
    found = [(item["kind"], item["frames_sampled"]) for item in summary_of(tmp_path / "out")["inputs"]]
    assert found == [("pictures", 3), ("video", 2)]


@pytest.mark.parametrize(("fps", "sampled"), [(0.01, 1), (120, 10)])
def test_the_slowest_and_the_fastest_sampling_work(tmp_path: Path, fps: float, sampled: int) -> None:
    clip = encode(tmp_path / "clip.mp4", ticks=range(10))
    outcome = cvinspect("run", clip, "--fps", fps, "--annotate", "--out", tmp_path / "out")
    assert outcome.code == 0
    assert [item["frames_sampled"] for item in summary_of(tmp_path / "out")["inputs"]] == [sampled]


def test_a_source_is_relative_to_its_configuration_wherever_the_program_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site, elsewhere = tmp_path / "site", tmp_path / "elsewhere"
    site.mkdir()
    elsewhere.mkdir()
    encode(site / "gate.mp4", size=(96, 64), ticks=range(5))
    (site / "site.yaml").write_text("cameras: [{id: north gate, source: gate.mp4}, {id: yard, source: yard.mp4}]")
    monkeypatch.chdir(elsewhere)
    outcome = cvinspect("run", "../site/gate.mp4", "--config", "../site/site.yaml", "--out", "out")
    assert outcome.code == 0, outcome.err
    assert [item["camera"] for item in summary_of(elsewhere / "out")["inputs"]] == ["north gate"]
    assert "yes" in cvinspect("check", "../site/site.yaml").out


def test_check_draws_the_zones_of_each_camera_that_opens(tmp_path: Path) -> None:
    encode(tmp_path / "gate.mp4", size=(160, 96), ticks=range(5))
    zones = "zones: [{id: kerb, kind: no_parking, polygon: [[0, 0.5], [1, 0.5], [1, 1], [0, 1]]}]"
    cameras = f"{{id: 北门 gate, source: gate.mp4, {zones}}}, {{id: yard, source: yard.mp4, {zones}}}, {{id: spare}}"
    (tmp_path / "site.yaml").write_text(f"cameras: [{cameras}]", encoding="utf-8")
    maps = tmp_path / "new" / "maps"
    outcome = cvinspect("check", tmp_path / "site.yaml", "--pictures", maps)
    assert outcome.code == 3
    [drawn] = maps.iterdir()
    assert f"picture {drawn}" in outcome.out.splitlines()
    assert read_picture(drawn).shape == (96, 160, 3)
    again = cvinspect("check", tmp_path / "site.yaml", "--pictures", maps)
    assert (again.code, [*maps.iterdir()]) == (3, [drawn])


def test_pictures_of_zones_that_cannot_be_written_are_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="ascii")
    outcome = cvinspect("check", CONFIG, "--pictures", tmp_path / "file")
    assert outcome.code == 5
    assert outcome.errors == [f"{tmp_path / 'file'}/sample-street.jpg: cannot be written: File exists"]


def test_pictures_that_cannot_be_written_hide_no_other_fault(tmp_path: Path) -> None:
    encode(tmp_path / "gate.mp4", size=(160, 96), ticks=range(5))
    cameras = "{id: gate, source: gate.mp4}, {id: yard, source: yard.mp4}"
    (tmp_path / "site.yaml").write_text(f"cameras: [{cameras}]", encoding="utf-8")
    outcome = cvinspect("check", tmp_path / "site.yaml", "--pictures", tmp_path / "site.yaml")
    assert outcome.code == 3
    missing, undrawn = outcome.errors
    assert missing.startswith(f"{tmp_path}/yard.mp4: there is no such file")
    assert undrawn == f"{tmp_path}/site.yaml/gate.jpg: cannot be written: File exists"


def test_an_address_given_to_detect_is_refused_without_its_password() -> None:
    outcome = cvinspect("detect", "rtsp://me:my s3cret@camera/1")
    assert outcome.code == 2
    assert "s3cret" not in outcome.err


def test_check_shows_what_a_good_configuration_holds() -> None:
    outcome = cvinspect("check", CONFIG)
    assert outcome.code == 0
    [row] = [line for line in outcome.out.splitlines() if "sample-street" in line]
    assert [cell.strip() for cell in row.strip("│|").split("│")] == [
        "sample-street", "street.mp4", "6", "yes", "1280x720", "h264", "60.0",
    ]  # fmt: skip
    assert re.search(r"^model \S+  sha256 [0-9a-f]{64}$", outcome.out, flags=re.MULTILINE)


def test_a_terminal_that_knows_only_ascii_shows_codes(street: Path, tmp_path: Path) -> None:
    shutil.copy(street, tmp_path / "街.png")
    (tmp_path / "site.yaml").write_text(AT_ONCE)
    ascii_only = {**os.environ, "PYTHONIOENCODING": "ascii"}
    ran = program("run", "街.png", "--config", "site.yaml", folder=tmp_path, environment=ascii_only)
    assert ran.returncode == 0
    assert "\\u673a\\u52a8\\u8f66" in ran.stdout
    assert names_of(tmp_path / "out") == ["街.png"]
    detected = program("detect", "街.png", folder=tmp_path, environment=ascii_only)
    assert json.loads(detected.stdout)["image"] == "街.png"


def test_a_full_or_closed_standard_output_ends_in_one_line_or_in_silence() -> None:
    with Path("/dev/full").open("w") as full:
        command = [sys.executable, "-c", "from cvinspect.cli.app import main; main()", "schema"]
        told = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
        assert (told.returncode, told.stderr) == (5, "error: standard output: No space left on device\n")
        silent = subprocess.run(["sh", "-c", '"$0" "$@" >&-', *command], capture_output=True, text=True, check=False)
        assert (silent.returncode, silent.stdout, silent.stderr) == (0, "", "")
