"""metrics.json: everything in it, and everything back out of it."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cvinspect.errors import DatasetError
from cvinspect.evaluate.incidents.comparison import compare
from cvinspect.evaluate.incidents.incident_metrics import IncidentMetrics
from cvinspect.evaluate.incidents.incident_results import (
    FailedClip,
    RunFacts,
    compared,
    metrics_of,
    read_metrics,
    watched_clips,
)
from cvinspect.evaluate.incidents.sampling_facts import Sampled
from cvinspect.evaluate.truth.truth_formats import Truth
from cvinspect.modes import Sampling
from cvinspect.records.summary import ConfigSummary, ModelSummary
from tests.evaluate.event_makers import DWELL_S, FAR, NEXT_BAY, PARKING, RUBBISH, event, raised, watched

FACTS = RunFacts(
    version="0.1.0",
    evaluated_at=datetime(2026, 11, 22, tzinfo=UTC),
    model=ModelSummary(name="street-26n", sha256="a" * 64),
    config=ConfigSummary(path=None, sha256="b" * 64),
    fps=2.0,
    dwell_s={**DWELL_S, "road_damage": 300.0},
    backing={PARKING: "real", RUBBISH: "synthetic", "road_damage": "none"},
)
TRUTH = Truth(Path("街.json"), "c" * 64, (), ("town.mp4",))
RUBBISH_AT_END = event(clip="b.mp4", camera="yard", class_id=RUBBISH, box=None, is_there_at_end=True)
CLIPS = [
    watched(
        [event(zone="kerb"), event(box=NEXT_BAY), event(0, 3, box=FAR)],
        [raised(), raised(12, 20, incident_id="i2"), raised(0, 8, box=FAR, incident_id="i3", related=(RUBBISH,))],
    ),
    watched([RUBBISH_AT_END], [], name="b.mp4", camera="yard"),
]


def metrics() -> IncidentMetrics:
    return metrics_of(TRUTH, CLIPS, [FailedClip("c.mp4", "c", "c.mp4: is empty")], FACTS)


def test_the_metrics_hold_the_scores_and_name_what_failed() -> None:
    found = metrics()
    assert [one.id for one in found.classes] == [PARKING, RUBBISH]
    assert [one.id for one in found.cameras] == ["gate", "yard"]
    assert (found.total.hits, found.total.misses, found.total.false_alarms, found.total.duplicates) == (1, 2, 1, 1)
    assert found.total.precision.share == pytest.approx(1 / 3)
    assert found.verdicts["recall"].words == ("≥ 95 % not supported: 1 of 3, 6.1 to 79.2 %")
    assert found.bootstrap is None
    assert [(clip.name, clip.state, clip.error) for clip in found.clips] == [
        ("a.mp4", "scored", None),
        ("b.mp4", "scored", None),
        ("c.mp4", "failed", "c.mp4: is empty"),
    ]


def test_what_was_judged_comes_back_from_the_file_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "metrics.json"
    path.write_text(metrics().to_json(), encoding="utf-8")
    assert read_metrics(path) == metrics()
    assert watched_clips(read_metrics(path)) == CLIPS


def test_how_a_clip_was_sampled_stands_in_the_file_and_comes_back(tmp_path: Path) -> None:
    clips = [watched([], [], sampled=Sampled(Sampling.AUTO, FACTS.fps, keyframes_only=True, samples=21))]
    path = tmp_path / "metrics.json"
    path.write_text(metrics_of(TRUTH, clips, [], FACTS).to_json(), encoding="utf-8")
    [clip] = json.loads(path.read_text(encoding="utf-8"))["clips"]
    assert (clip["sampling"], clip["keyframes_only"], clip["samples"], clip["watched_s"]) == ("auto", True, 21, 30.0)
    assert watched_clips(read_metrics(path)) == clips


def test_metrics_that_do_not_say_how_clips_were_sampled_are_still_read(tmp_path: Path) -> None:
    older = json.loads(metrics().to_json())
    for clip in older["clips"]:
        del clip["sampling"], clip["keyframes_only"], clip["samples"]
    path = tmp_path / "metrics.json"
    path.write_text(json.dumps(older), encoding="utf-8")
    assert [clip.sampled for clip in watched_clips(read_metrics(path))] == [None, None]


def test_a_comparison_with_itself_stands_in_the_metrics_and_finds_nothing() -> None:
    found = compared(metrics(), compare(CLIPS, watched_clips(metrics())), Path("old.json"))
    assert found.comparison is not None
    assert (found.comparison.clips, found.comparison.events, found.comparison.left_out) == (2, 3, 0)
    assert [(one.better, one.worse, one.p) for one in found.comparison.differences] == [(0, 0, 1.0)] * 4
    assert IncidentMetrics.model_validate_json(found.to_json()) == found


def test_every_field_of_the_metrics_is_documented() -> None:
    document = (Path(__file__).parents[3] / "docs" / "evaluation.md").read_text(encoding="utf-8")
    schema = IncidentMetrics.model_json_schema(by_alias=True)
    parts = [schema, *schema["$defs"].values()]
    names = {name for part in parts for name in part.get("properties", {})}
    assert not [name for name in sorted(names) if f"`{name}`" not in document]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "the whole file: Invalid JSON"),
        ("{}", "version: Field required"),
        (json.dumps({"schema": "cvinspect.detection_metrics/v1"}), "schema: Input should be"),
    ],
)
def test_a_file_that_is_no_metrics_of_incidents_gets_one_line(tmp_path: Path, content: str, words: str) -> None:
    path = tmp_path / "metrics.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(DatasetError) as caught:
        read_metrics(path)
    assert str(caught.value).startswith(f"{path}: {words}")
    assert "\n" not in str(caught.value)
