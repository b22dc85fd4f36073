"""`cvinspect evaluate incidents` from its command line to what it leaves behind."""

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest

from cvinspect.config.site import shipped
from cvinspect.detect.model import Backing, read_card
from cvinspect.train.card import write_card
from tests.clips import encode
from tests.command_line import Outcome, cvinspect, latest

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "samples"
FOOTAGE = ROOT / ".." / "shared" / "footage"
CAR: dict[str, Any] = {"class": "illegal_parking_motor", "start_s": 0, "end_s": 1.9, "box": [0.1, 0.1, 0.3, 0.3]}


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample's, but the washing is not looked at by itself, so that something is missed."""
    path = tmp_path_factory.mktemp("config") / "street.yaml"
    text = (SAMPLES / "street.yaml").read_text(encoding="utf-8")
    path.write_text(text.replace("closer: true", "closer: false"), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory, config: Path) -> tuple[Outcome, Path]:
    out = tmp_path_factory.mktemp("scores")
    words = ("evaluate", "incidents", SAMPLES / "street.truth.json", "--config", config)
    return cvinspect(*words, "--report", out), out


def metrics(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "metrics.json").read_text(encoding="utf-8"))
    return found


def counts(scores: dict[str, Any]) -> dict[str, int]:
    return {key: scores[key] for key in ("hits", "misses", "false_alarms", "duplicates")}


def small_truth(tmp_path: Path, *events: object, **more: object) -> Path:
    """The truth of one clip of two seconds in which a small square moves, which no detector takes for anything."""
    encode(tmp_path / "a.mp4")
    path = tmp_path / "truth.json"
    path.write_text(json.dumps({"clips": {"a.mp4": {"events": list(events), **more}}}), encoding="utf-8")
    return path


def dwell_of_a_second(tmp_path: Path) -> Path:
    path = tmp_path / "rules.yaml"
    path.write_text("violations:\n  illegal_parking_motor: {dwell_s: 1}\n", encoding="utf-8")
    return path


def test_the_sample_is_scored_and_says_how_little_it_proves(sample: tuple[Outcome, Path]) -> None:
    outcome, out = sample
    assert outcome.code == 0, outcome.err
    found = metrics(out)
    assert counts(found["total"]) == {"hits": 3, "misses": 3, "false_alarms": 0, "duplicates": 0}
    missed = {event["class_id"] for event in found["clips"][0]["events"] if event["fate"] == "missed"}
    assert missed == {"street_drying", "illegal_advertising", "piled_materials"}
    [taken_in] = [event for event in found["clips"][0]["events"] if event["fate"] == "taken_in"]
    assert taken_in["class_id"] == "illegal_umbrella"  # the stall's parasol
    assert "precision 精确率: ≥ 95 % not enough data: 3 of 3, 43.9 to 100.0 %" in outcome.out
    assert "recall 召回率: ≥ 95 % not supported: 3 of 6, 18.8 to 81.2 %" in outcome.out
    assert "cannot be seen" not in outcome.err


def test_the_page_of_the_sample_shows_every_miss_and_needs_nothing_from_outside(sample: tuple[Outcome, Path]) -> None:
    _, out = sample
    page = (out / "report.html").read_text(encoding="utf-8")
    sources = re.findall(r'(?:src|href)="([^"]*)"', page)
    assert len(sources) == 3  # a picture of each miss
    assert all(source.startswith("data:image/jpeg;base64,") for source in sources)
    assert "<script" not in page
    assert "http://" not in page.replace("http://www.w3.org/2000/svg", "")
    assert "https://" not in page
    for words in ("漏报 Missed", "street.mp4", "机动车乱停放", "Illegal parking", "数据不足", "沿街晾挂"):
        assert words in page


def test_the_evaluation_raises_what_a_run_raises(sample: tuple[Outcome, Path], config: Path, tmp_path: Path) -> None:
    whose = ("--config", config, "--camera", "sample-street")
    run = cvinspect("run", SAMPLES / "street.mp4", *whose, "--out", tmp_path / "run")
    assert run.code == 0, run.err
    told = [
        (one["class_id"], one["media"]["first_seen_s"], one["media"]["confirmed_s"], one["media"]["last_seen_s"])
        for one in latest(tmp_path / "run")
    ]
    scored = [
        (one["class_id"], *(round(one[key], 3) for key in ("first_seen_s", "confirmed_s", "end_s")))
        for one in metrics(sample[1])["clips"][0]["incidents"]
    ]
    assert sorted(scored) == sorted(told)


def test_without_a_configuration_the_truths_zones_and_the_tables_dwell_hold(tmp_path: Path) -> None:
    truth = small_truth(
        tmp_path, CAR, zones=[{"id": "kerb", "kind": "no_parking", "polygon": [[0, 0], [1, 0], [1, 1]]}]
    )
    outcome = cvinspect("evaluate", "incidents", truth)
    assert outcome.code == 0, outcome.err
    assert "left before the dwell: 1, of which raised: 0" in outcome.out
    assert (
        "note: no illegal_parking_motor stays for its dwell of 300 s; "
        "a configuration may set violations.illegal_parking_motor.dwell_s"
    ) in outcome.err


@pytest.mark.parametrize(
    ("zone", "fault"),
    [
        ({"kind": "no_such"}, "zones.0.kind: 'no_such' is no kind of zone; allowed: "),
        ({"polygon": [[0, 0], [1, 1]]}, "zones.0.polygon: a polygon of 2 points; allowed: 3 or more"),
        ({"polygon": [[0, 0], [2, 0], [1, 1]]}, "zones.0.polygon.1.0: Input should be less than or equal to 1"),
    ],
)
def test_a_zone_that_is_none_is_told_before_anything_is_read(
    tmp_path: Path, zone: dict[str, object], fault: str
) -> None:
    drawn = {"id": "kerb", "kind": "no_parking", "polygon": [[0, 0], [1, 0], [1, 1]]}
    outcome = cvinspect("evaluate", "incidents", small_truth(tmp_path, CAR, zones=[drawn | zone]))
    assert outcome.code == 6
    [line] = outcome.errors
    assert line.startswith(f"{tmp_path}/truth.json: clips.a.mp4.{fault}")


def test_clips_that_are_missing_or_broken_are_named_and_the_others_scored(tmp_path: Path) -> None:
    small_truth(tmp_path)
    (tmp_path / "broken.mp4").write_bytes(b"no video")
    clips = {name: {"events": [CAR]} for name in ("gone.mp4", "a.mp4", "broken.mp4")}
    (tmp_path / "truth.json").write_text(json.dumps({"clips": clips}), encoding="utf-8")
    out = tmp_path / "out"
    outcome = cvinspect(
        "evaluate", "incidents", tmp_path / "truth.json", "--config", dwell_of_a_second(tmp_path), "--report", out
    )
    assert outcome.code == 6
    assert [line.split(":")[0] for line in outcome.errors] == [
        "gone.mp4 was not scored",
        "broken.mp4 was not scored",
    ]
    assert counts(metrics(out)["total"]) == {"hits": 0, "misses": 1, "false_alarms": 0, "duplicates": 0}
    page = (out / "report.html").read_text(encoding="utf-8")
    assert "2 段视频未能评估" in page
    assert "gone.mp4: there is no such file" in page


def test_footage_that_ends_before_what_was_labelled_in_it_is_not_scored(tmp_path: Path) -> None:
    outcome = cvinspect("evaluate", "incidents", small_truth(tmp_path, CAR | {"end_s": 60}))
    assert outcome.code == 6
    [line] = outcome.errors
    assert line.startswith(f"a.mp4 was not scored: {tmp_path}/truth.json: clips.a.mp4.events.0: ends at 60 s, but the ")


def test_a_run_is_compared_with_an_earlier_one(tmp_path: Path) -> None:
    rules, truth = dwell_of_a_second(tmp_path), small_truth(tmp_path, CAR)
    before, now = tmp_path / "before", tmp_path / "now"
    assert cvinspect("evaluate", "incidents", truth, "--config", rules, "--report", before).code == 0
    earlier = metrics(before)
    [event] = earlier["clips"][0]["events"]
    told = {"incident_id": "i1", "class_id": CAR["class"], "first_seen_s": 0, "confirmed_s": 1, "end_s": 1.9}
    earlier["clips"][0]["events"] = [event | {"fate": "found", "incident_id": "i1", "latency_s": 0}]
    earlier["clips"][0]["incidents"] = [told | {"box": None, "related": [], "outcome": "hit", "event": 0, "why": None}]
    (before / "metrics.json").write_text(json.dumps(earlier), encoding="utf-8")
    outcome = cvinspect(
        "evaluate", "incidents", truth, "--config", rules, "--report", now, "--baseline", before / "metrics.json"
    )
    assert outcome.code == 0, outcome.err
    assert "found: 0 better, 1 worse, p = 1: may be chance" in outcome.out
    assert metrics(now)["comparison"]["differences"][0] == {
        "measure": "found", "class_id": None, "better": 0, "worse": 1, "p": 1.0, "is_beyond_chance": False,
    }  # fmt: skip
    assert "found: 0 better" not in cvinspect("evaluate", "incidents", truth, "--config", rules).out


def test_a_baseline_that_was_sampled_otherwise_or_does_not_say_how_is_told(tmp_path: Path) -> None:
    truth, before, now = small_truth(tmp_path, CAR), tmp_path / "before", tmp_path / "now"
    words = ("evaluate", "incidents", truth, "--baseline", before / "metrics.json")
    assert cvinspect("evaluate", "incidents", truth, "--report", before, "--sampling", "all").code == 0
    earlier = metrics(before)
    assert [(one["sampling"], one["keyframes_only"], one["samples"]) for one in earlier["clips"]] == [("all", False, 4)]
    otherwise = cvinspect(*words, "--sampling", "keyframes", "--report", now)
    said = (
        "the baseline was sampled otherwise: all: 4 samples in 1.9 s, at most 2 a second; "
        "now keyframes, key frames alone in 1 of 1 clips: 4 samples in 1.9 s, at most 2 a second"
    )
    assert f"note: {said}" in otherwise.err.splitlines(), otherwise.err
    page = (now / "report.html").read_text(encoding="utf-8")
    assert said in page
    assert "2 Hz" not in page
    assert "baseline" not in cvinspect(*words, "--sampling", "all").err
    for key in ("sampling", "keyframes_only", "samples"):
        del earlier["clips"][0][key]
    (before / "metrics.json").write_text(json.dumps(earlier), encoding="utf-8")
    unknown = cvinspect(*words, "--sampling", "all")
    assert "note: how the baseline was sampled is not known: its metrics do not say" in unknown.err.splitlines()


def test_metrics_of_another_set_are_refused_before_anything_is_read(tmp_path: Path) -> None:
    truth = small_truth(tmp_path, CAR)
    assert cvinspect("evaluate", "incidents", truth, "--report", tmp_path / "out").code == 0
    found = metrics(tmp_path / "out")
    found["clips"][0]["name"] = "other.mp4"
    (tmp_path / "other.json").write_text(json.dumps(found), encoding="utf-8")
    outcome = cvinspect("evaluate", "incidents", truth, "--baseline", tmp_path / "other.json")
    assert outcome.code == 6
    assert outcome.errors == [f"{tmp_path}/other.json: none of its clips stands in {truth}; it is of another set"]


def test_an_earlier_evaluation_is_replaced_only_if_asked_and_a_runs_own_report_never(tmp_path: Path) -> None:
    truth, out = small_truth(tmp_path), tmp_path / "out"
    assert cvinspect("evaluate", "incidents", truth, "--report", out).code == 0
    again = cvinspect("evaluate", "incidents", truth, "--report", out)
    assert (again.code, again.errors) == (
        5, [f"{out}: already holds a metrics.json; name another folder or add --overwrite"],
    )  # fmt: skip
    assert cvinspect("evaluate", "incidents", truth, "--report", out, "--overwrite").code == 0
    (out / "metrics.json").unlink()
    foreign = cvinspect("evaluate", "incidents", truth, "--report", out, "--overwrite")
    assert (foreign.code, foreign.errors) == (
        5, [f"{out}: already holds a report.html of something else; name another folder"],
    )  # fmt: skip


def test_a_clip_of_an_unusual_name_is_scored(tmp_path: Path) -> None:
    (tmp_path / "街 口").mkdir()
    encode(tmp_path / "街 口" / "a,b 'c' [1].mp4")
    (tmp_path / "truth.csv").write_text(
        "clip,class,start_s,end_s\n\"街 口/a,b 'c' [1].mp4\",机动车乱停放,0,1.9\n", encoding="utf-8"
    )
    out = tmp_path / "out"
    outcome = cvinspect(
        "evaluate", "incidents", tmp_path / "truth.csv", "--config", dwell_of_a_second(tmp_path), "--report", out
    )
    assert outcome.code == 0, outcome.err
    assert counts(metrics(out)["total"])["misses"] == 1


@pytest.mark.careful
@pytest.mark.skipif(not FOOTAGE.is_dir(), reason=f"needs the real clips in {FOOTAGE}, which are not here")
def test_the_real_clips_are_scored(tmp_path: Path) -> None:
    """Every parked car is found once; the false ones are the queue that the truth overlooks, one of it twice."""
    rules = tmp_path / "rules.yaml"
    rules.write_text("violations:\n  illegal_parking_motor: {dwell_s: 5}\n", encoding="utf-8")
    out = tmp_path / "out"
    outcome = cvinspect("evaluate", "incidents", FOOTAGE / "truth.json", "--config", rules, "--report", out)
    assert outcome.code == 0, outcome.err
    found = metrics(out)
    assert {camera["id"]: counts(camera["scores"]) for camera in found["cameras"]} == {
        "kerb_stop": {"hits": 1, "misses": 0, "false_alarms": 0, "duplicates": 0},
        "lot_two_leave": {"hits": 6, "misses": 0, "false_alarms": 0, "duplicates": 0},
        "pass_by": {"hits": 0, "misses": 0, "false_alarms": 0, "duplicates": 0},
        "suburb_traffic": {"hits": 0, "misses": 0, "false_alarms": 4, "duplicates": 0},
    }
    assert found["total"]["switches"] == found["total"]["early"] == 0
    assert found["truth"]["unlabelled"] == ["town_centre_1080p.mp4"]
    page = (out / "report.html").read_text(encoding="utf-8")
    assert page.count("data:image/jpeg;base64,") == 4  # one picture of each false one


def test_every_fault_of_the_truth_gets_a_line_of_its_own(tmp_path: Path) -> None:
    truth = small_truth(tmp_path, CAR | {"start_s": 3}, CAR | {"start_s": -1})
    outcome = cvinspect("evaluate", "incidents", truth)
    assert outcome.code == 6
    assert outcome.errors == [
        f"{truth}: clips.a.mp4.events.0: ends at 1.9 s, but starts at 3 s; the end comes after the start",
        f"{truth}: clips.a.mp4.events.1: starts at -1 s; allowed: 0 and more",
    ]


@pytest.fixture(scope="module")
def unbacked_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped network, with a card that says of every label that it rests on nothing."""
    card = read_card(shipped("models/street-26n.yaml"))
    folder = tmp_path_factory.mktemp("model")
    labels = tuple(one.model_copy(update={"backing": Backing.NONE, "training": None}) for one in card.labels)
    file = os.path.relpath(shipped("models/street-26n.onnx"), folder)
    path = folder / "unbacked.yaml"
    write_card(path, card.model_copy(update={"labels": labels, "file": file}))
    return path


def test_of_a_class_that_was_raised_nobody_says_that_it_cannot_be_seen(unbacked_model: Path, config: Path) -> None:
    words = ("evaluate", "incidents", SAMPLES / "street.truth.json", "--config", config, "--model", unbacked_model)
    done = cvinspect(*words)
    assert done.code == 0, done.err
    blind = re.findall(r"(\w+) cannot be seen", done.err)
    assert "street_drying" in blind  # missed
    assert "illegal_parking_motor" not in blind  # found, whatever the card says


def test_a_label_that_rests_on_nothing_may_still_be_raised(unbacked_model: Path, tmp_path: Path) -> None:
    (tmp_path / "site.yaml").write_text("violations: {road_damage: {dwell_s: 10}}\n", encoding="utf-8")
    done = cvinspect("check", tmp_path / "site.yaml", "--model", unbacked_model)
    assert "cannot see" not in done.err
    assert "its labels of these classes rest on nothing, so what it raises of them is a guess" in done.err
    table = shipped("configs/violations.yaml").read_text(encoding="utf-8")
    (tmp_path / "table.yaml").write_text(table.replace("labels: [road_damage]", "labels: [hole]"), encoding="utf-8")
    site = "violations_file: table.yaml\nviolations: {road_damage: {dwell_s: 10}}\n"
    (tmp_path / "site.yaml").write_text(site, encoding="utf-8")
    done = cvinspect("check", tmp_path / "site.yaml", "--model", unbacked_model)
    [blind] = re.findall(r"cannot see these classes, it has no label of theirs: (.*)", done.err)
    assert blind == "road_damage (道路破损)"
