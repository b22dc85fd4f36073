"""`check`: what each camera can raise, what its stream is, what is wrong with the configuration, and many cameras."""

import json
from pathlib import Path

import pytest
import yaml

from cvinspect.cli.check_tables import class_matrix, faulty_groups, summary_lines
from cvinspect.commands.camera_findings import Remark
from cvinspect.commands.check import CameraCheck
from cvinspect.config.site import load_site
from cvinspect.errors import SourceLostError
from cvinspect.rules.obstacles import NotRaised
from cvinspect.taxonomy import Obstacle
from tests.clips import encode
from tests.command_line import Outcome, cvinspect

SAMPLE = Path(__file__).parents[2] / "samples" / "street.mp4"
KERB = {"id": "kerb", "kind": "no_parking", "polygon": [[0, 0.5], [1, 0.5], [1, 1], [0, 1]]}
SCREEN = 80, 40


def checked(folder: Path, data: object, *options: str) -> Outcome:
    path = folder / "site.yaml"
    path.write_text(data if isinstance(data, str) else yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")
    return cvinspect("check", path, *options)


def camera(folder: Path, **given: object) -> dict[str, object]:
    clip = folder / "gate.mp4"
    if not clip.exists():
        encode(clip, ticks=range(30), options={"g": "20", "sc_threshold": "0", "bf": "0"})
    return {"id": "gate", "source": "gate.mp4", **given}


def warnings(outcome: Outcome) -> list[str]:
    return [line for line in outcome.err.splitlines() if line.startswith("warning: ")]


@pytest.mark.parametrize("text", ["", "# nothing but a comment\n", "---\n", "cameras: []\n", "{}"])
def test_a_configuration_that_configures_nothing_is_an_error(tmp_path: Path, text: str) -> None:
    outcome = checked(tmp_path, text)
    assert (outcome.code, outcome.errors) == (
        2, [f"{tmp_path}/site.yaml: configures nothing; allowed: cameras, violations and others"],
    )  # fmt: skip


def test_one_that_is_to_be_watched_and_names_no_camera_is_an_error(tmp_path: Path) -> None:
    outcome = checked(tmp_path, {"watch": {"fps": 1, "api": None}})
    assert (outcome.code, "nothing can be watched" in outcome.errors[0]) == (2, True)


def test_one_of_rules_alone_tells_what_any_footage_can_raise(tmp_path: Path) -> None:
    outcome = checked(tmp_path, {"violations": {"road_damage": {"dwell_s": 10}}})
    assert (outcome.code, len(warnings(outcome))) == (0, 1)
    assert "+ road_damage 道路破损" in outcome.out.splitlines()


def test_what_a_camera_cannot_raise_is_told_with_the_reason(tmp_path: Path) -> None:
    rules = {"road_damage": {"dwell_s": 600, "hours": ["07:00-07:05"]}}
    outcome = checked(tmp_path, {"cameras": [camera(tmp_path, zones=[KERB])], "violations": rules})
    lines = outcome.out.splitlines()
    assert "+ illegal_parking_motor 机动车乱停放" in lines
    assert "- street_drying 沿街晾挂: 没有画出规则要求的区域 no zone is drawn that its rule asks for" in lines
    assert any(line.startswith("- road_damage") and line.endswith("(300 s < 600 s)") for line in lines)
    assert "stream 10.0 frames a second, key frame every 2 s" in lines


def test_a_zone_that_no_rule_asks_for_is_told(tmp_path: Path) -> None:
    facade = {**KERB, "id": "front", "kind": "street_facade"}
    data = {"cameras": [camera(tmp_path, zones=[KERB, facade])], "violations": {"street_drying": {"zones": ["kerb"]}}}
    outcome = checked(tmp_path, data)
    assert outcome.code == 0
    assert warnings(outcome) == [
        "warning: camera gate: zone front: no rule asks for a zone of kind street_facade; it changes nothing"
    ]


def test_a_zone_in_which_nothing_can_be_raised_is_told(tmp_path: Path) -> None:
    rules = {"illegal_parking_motor": {"dwell_s": 600, "hours": ["07:00-07:05"]}}
    outcome = checked(tmp_path, {"cameras": [camera(tmp_path, zones=[KERB])], "violations": rules})
    assert len(warnings(outcome)) == 1
    assert "zone kerb: nothing can be raised in it: illegal_parking_motor: its hours" in warnings(outcome)[0]


def test_key_frames_that_are_far_apart_are_told_as_a_smart_codec(tmp_path: Path) -> None:
    encode(tmp_path / "smart.mp4", fps=5, ticks=range(80), options={"g": "1000", "sc_threshold": "0", "bf": "0"})
    outcome = checked(tmp_path, {"cameras": [camera(tmp_path, source="smart.mp4", zones=[KERB])]})
    [line] = warnings(outcome)
    assert line.startswith("warning: camera gate: no key frame for 16 s: a smart codec (h264+, say)")
    assert "key frame every > 16 s" in outcome.out


def test_sampling_by_key_frames_that_are_too_far_apart_raises_nothing(tmp_path: Path) -> None:
    encode(tmp_path / "far.mp4", fps=5, ticks=range(80), options={"g": "40", "sc_threshold": "0", "bf": "0"})
    by_key = camera(tmp_path, source="far.mp4", sampling="keyframes")
    outcome = checked(tmp_path, {"cameras": [by_key], "violations": {"road_damage": {"dwell_s": 10}}})
    assert any("road_damage" in line and "(8 s > 5 s)" in line for line in outcome.out.splitlines())


def test_zones_with_x_and_y_swapped_are_told_and_the_right_ones_are_not(tmp_path: Path) -> None:
    data = yaml.safe_load(SAMPLE.with_suffix(".yaml").read_text(encoding="utf-8"))
    data["cameras"][0]["source"] = str(SAMPLE)
    assert warnings(checked(tmp_path, data)) == []
    for zone in data["cameras"][0]["zones"]:
        zone["polygon"] = [[y, x] for x, y in zone["polygon"]]
    outcome = checked(tmp_path, data)
    assert outcome.code == 0
    assert [line.partition(";")[0] for line in warnings(outcome)] == [
        "warning: camera sample-street: x and y of its zones look swapped: what they are drawn for is seen where they "
        "would lie with x and y swapped, and not in them"
    ]


def row(number: int, **given: object) -> CameraCheck:
    values = {
        "id": f"district-north-{number:03}",
        "source": "gate.mp4",
        "zones": 1,
        "info": None,
        "frame": None,
        "error": None,
    }
    obstacles = {one.id: () for one in load_site(None).violations(period_s=1.0)}
    obstacles["street_drying"] = (NotRaised(Obstacle.NO_ZONE),)
    return CameraCheck(**{**values, "obstacles": obstacles, **given})  # type: ignore[arg-type]


def faulty(number: int) -> CameraCheck:
    cause = ("refused", "unauthorised", "not_found")[number % 3]
    return row(number, error=SourceLostError(f"camera {number}: {cause}"), cause=cause)


@pytest.mark.parametrize("faults", [0, 7, 60, 500])
def test_five_hundred_cameras_and_the_faulty_ones_fit_on_a_screen(
    faults: int, capsys: pytest.CaptureFixture[str]
) -> None:
    remarks = (Remark("smart codec", "x"), Remark("zone without a rule", "x"))
    rows = [faulty(n) if n < faults else row(n, remarks=remarks if n % 50 == 0 else ()) for n in range(500)]
    faulty_groups(rows)
    lines = [*summary_lines(rows, load_site(None)), *capsys.readouterr().out.splitlines()]
    assert max(len(line) for line in lines) <= SCREEN[0]
    assert len(lines) <= SCREEN[1] - 12  # what goes to stderr is to fit, too
    assert lines[0].startswith(f"500 cameras: {500 - faults} without error, {faults} with")
    shut = f"{faults} not open" if faults else ""
    kinds = [kind for kind in (shut, f"{500 - faults} no zone" if faults < 500 else "") if kind]
    assert f"    0 can raise street_drying; not: {'; '.join(kinds)}" in lines
    assert f"{500 - faults:>5} can raise road_damage{f'; not: {shut}' if shut else ''}" in lines
    if faults == 7:
        named = " ".join(lines)
        assert [n for n in range(7) if f"district-north-{n:03}" not in named] == []


def test_a_summary_of_many_is_short_on_both_streams(tmp_path: Path) -> None:
    encode(tmp_path / "gate.mp4", ticks=range(3))
    cameras = [{"id": f"gate-{n:03}", "source": "gate.mp4", "zones": [KERB]} for n in range(40)]
    cameras += [{"id": f"away-{n}", "source": f"missing-{n}.mp4", "zones": [KERB]} for n in range(9)]
    outcome = checked(tmp_path, {"cameras": cameras}, "--only-faults")
    assert outcome.code == 3
    assert len(outcome.errors) == 1  # one stands for all that fail alike
    assert "gate-000" not in outcome.out
    assert "error, does not open: 9: away-0, away-1, away-2" in outcome.out
    assert len(outcome.out.splitlines()) + len(outcome.err.splitlines()) <= SCREEN[1]


def test_few_faults_are_told_one_by_one(tmp_path: Path) -> None:
    cameras = [{"id": f"away-{n}", "source": f"missing-{n}.mp4"} for n in range(3)]
    outcome = checked(tmp_path, {"cameras": cameras}, "--only-faults")
    assert [f"missing-{n}.mp4" in line for n, line in enumerate(outcome.errors)] == [True] * 3


def test_nothing_to_look_at_is_said(tmp_path: Path) -> None:
    outcome = checked(tmp_path, {"cameras": [camera(tmp_path)]}, "--only-faults")
    assert (outcome.code, "nothing to look at" in outcome.out.splitlines()) == (0, True)


def test_several_cameras_are_a_matrix_with_a_legend(capsys: pytest.CaptureFixture[str]) -> None:
    class_matrix([row(1), row(2)], load_site(None))
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert lines[0] == ["camera", "fps", "key", "frame", *map(str, range(1, 13))]
    assert lines[1] == ["district-north-001", *["+"] * 10, "Z", "+"]
    assert ["11", "street_drying", "沿街晾挂"] in lines
    assert lines[-1][0] == "Z"


def test_a_run_tells_what_each_input_could_not_have_raised(tmp_path: Path) -> None:
    """In the summary, on the page in both languages, in the terminal; and never plainly that nothing was found."""
    encode(tmp_path / "gate.mp4", ticks=range(60))
    (tmp_path / "empty.mp4").write_bytes(b"")
    cameras = [{"id": name, "source": f"{name}.mp4", "zones": [KERB]} for name in ("gate", "empty")]
    site = {"cameras": cameras, "violations": {"road_damage": {"dwell_s": 3}}}
    (tmp_path / "site.yaml").write_text(yaml.safe_dump(site), encoding="utf-8")
    outcome = cvinspect(
        "run",
        tmp_path / "gate.mp4",
        tmp_path / "empty.mp4",
        "--config",
        tmp_path / "site.yaml",
        "--out",
        tmp_path / "o",
    )
    summary = json.loads((tmp_path / "o" / "summary.json").read_text(encoding="utf-8"))
    seen, unseen = ([(one["class_id"], one["reason"]) for one in item["not_judged"]] for item in summary["inputs"])
    assert ("illegal_parking_motor", "too_short") in seen
    assert ("street_drying", "no_zone") in seen
    assert "road_damage" not in dict(seen)
    assert ("road_damage", "no_picture") in unseen
    assert [item["id"] for item in summary["classes"] if item["judged"]] == ["road_damage"]
    assert "no violation found of the 1/12 classes that could have been raised" in outcome.out
    page = (tmp_path / "o" / "report.html").read_text(encoding="utf-8")
    assert "No violation found of the classes that could have been raised (1 of 12)" in page
    assert page.count("读到的时长短于停留阈值") > 0
    assert page.count("what was read is shorter than its dwell") > 0
    parking = next(one for one in summary["inputs"][0]["not_judged"] if one["class_id"] == "illegal_parking_motor")
    assert (parking["found_s"], parking["needed_s"]) == (5.5, 300.0)


def test_where_everything_could_have_been_raised_it_says_so_plainly(tmp_path: Path) -> None:
    encode(tmp_path / "gate.mp4", ticks=range(40))
    names = [one.id for one in load_site(None).violations(period_s=1.0)]
    site = {"violations": {name: {"dwell_s": 2} for name in names}}
    (tmp_path / "site.yaml").write_text(yaml.safe_dump(site), encoding="utf-8")
    outcome = cvinspect("run", tmp_path / "gate.mp4", "--config", tmp_path / "site.yaml", "--out", tmp_path / "o")
    assert "未发现违规 no violation found" in outcome.out.splitlines()
    assert "not judged" not in outcome.out
    assert "未判定" not in (tmp_path / "o" / "report.html").read_text(encoding="utf-8")
