"""What Prometheus reads."""

from collections.abc import Iterator
from pathlib import Path

import prometheus_client
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import text

from cvinspect.daemon import Durations
from cvinspect.daemon.metrics import Metrics
from cvinspect.dispatch.dispatcher import Dispatcher
from cvinspect.errors import DeliveryRejected
from cvinspect.store.site_store import CameraState
from tests.api.api_makers import Daemon, a_daemon, a_view
from tests.dispatch.sink_fakes import Clock, ScriptedSink, a_deliverer, step_through
from tests.incident_makers import CAMERA, START
from tests.store.ledger_makers import story

Samples = dict[tuple[str, tuple[tuple[str, str], ...]], float]


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[Daemon]:
    with a_daemon(tmp_path) as started:
        yield started


def samples(daemon: Daemon, dispatcher: Dispatcher | None = None) -> Samples:
    """Every sample by name and labels; fails where one stands there twice."""
    data = Metrics(daemon.cameras, daemon.outbox, dispatcher).text().decode()
    lines = [
        ((one.name, tuple(sorted(one.labels.items()))), one.value)
        for family in text_string_to_metric_families(data)
        for one in family.samples
    ]
    assert len(dict(lines)) == len(lines)
    return dict(lines)


def of_camera(found: Samples, camera: str) -> dict[str, float]:
    """By name, with the other label's value where there is one."""
    return {
        "/".join([name, *[value for key, value in labels if key != "camera"]]): value
        for (name, labels), value in found.items()
        if ("camera", camera) in labels
    }


def test_a_camera_is_told_whole(daemon: Daemon) -> None:
    daemon.cameras.views = (a_view("gate", set_aside=1),)
    assert of_camera(samples(daemon), "gate") == {
        "cvinspect_frames_read_total": 1000,
        "cvinspect_frames_sampled_total": 80,
        "cvinspect_frames_inspected_total": 78,
        "cvinspect_frames_dropped_total/overtaken": 2,
        "cvinspect_camera_connections_total": 3,
        "cvinspect_ledgers_set_aside_total": 1,
        "cvinspect_camera_judged_seconds_total": 0,
        "cvinspect_gate_samples_total/left_out": 40,
        "cvinspect_gate_samples_total/audited": 2,
        "cvinspect_gate_samples_total/missed": 0,
        "cvinspect_camera_failures_total/stalled": 2,
        "cvinspect_camera_state/up": 1,
        "cvinspect_camera_up": 1,
        "cvinspect_camera_lag_seconds": 0.25,
        "cvinspect_camera_clock_drift_ratio": 0.0001,
        "cvinspect_camera_last_frame_timestamp_seconds": START.timestamp(),
        "cvinspect_inference_seconds_count": 78,
        "cvinspect_inference_seconds_sum": 3.9,
        "cvinspect_inference_longest_seconds": 0.2,
        "cvinspect_careful_looks_total/patrol": 9,
        "cvinspect_careful_looks_total/wanted": 3,
        "cvinspect_careful_seconds_count": 12,
        "cvinspect_careful_seconds_sum": 4.5,
        "cvinspect_careful_planned_seconds": 50.0,
        "cvinspect_careful_longest_wait_seconds": 70.5,
        "cvinspect_incidents_opened_total/illegal_parking_motor": 4,
        "cvinspect_incidents_doubted_total/road_damage": 2,
        "cvinspect_incidents_standing": 1,
        "cvinspect_revisions_unrecorded": 0,
    }


def test_what_is_not_known_yet_is_left_out_and_not_told_as_0(daemon: Daemon) -> None:
    daemon.cameras.views = (
        a_view("gate", states=(CameraState("down", START),), lag_s=None, drift=None, last_frame_at=None),
    )
    found = of_camera(samples(daemon), "gate")
    assert found["cvinspect_camera_up"] == 0
    assert [name for name in found if "lag" in name or "drift" in name or "timestamp" in name] == []


def test_of_a_camera_that_the_quick_network_watches_alone_nothing_is_told_of_the_careful_one(daemon: Daemon) -> None:
    daemon.cameras.views = (a_view("gate", careful=None),)
    assert [name for name in of_camera(samples(daemon), "gate") if "careful" in name] == []


def test_the_daemon_tells_its_own_troubles(daemon: Daemon) -> None:
    names = ("cvinspect_in_trouble", "cvinspect_reload_refused", "cvinspect_database_readable")
    assert [samples(daemon)[name, ()] for name in names] == [0, 0, 1]
    daemon.cameras.trouble, daemon.cameras.reload_error = "disk full", "broken"
    assert [samples(daemon)[name, ()] for name in names] == [1, 1, 1]
    assert samples(daemon)["cvinspect_start_timestamp_seconds", ()] == START.timestamp()


def test_each_sink_tells_what_it_has_still_to_take_and_what_it_would_not_have(daemon: Daemon) -> None:
    clock = Clock()
    bad = ScriptedSink("bad", lambda event: DeliveryRejected("no") if event.record.revision == 1 else None)
    good, idle = a_deliverer(ScriptedSink("good"), daemon.outbox, clock), a_deliverer(bad, daemon.outbox, clock)
    for name in ("good", "bad", "gone"):
        daemon.outbox.register(name)
    daemon.ledger.record(CAMERA.id, story("inc-1", 3))
    step_through(good, clock, for_s=1)
    step_through(idle, clock, for_s=1)
    found = samples(daemon, Dispatcher([good, idle]))
    told = {
        name: {sink: found.get((f"cvinspect_{name}", (("sink", sink),))) for sink in ("good", "bad", "gone")}
        for name in ("outbox_depth", "outbox_set_aside", "dead_letters", "sink_sent_total", "sink_rejected_total")
    }
    assert told == {
        "outbox_depth": {"good": 0, "bad": 0, "gone": 3},
        "outbox_set_aside": {"good": 0, "bad": 0, "gone": 0},
        "dead_letters": {"good": 0, "bad": 1, "gone": 0},
        "sink_sent_total": {"good": 3, "bad": 2, "gone": None},
        "sink_rejected_total": {"good": 0, "bad": 1, "gone": None},
    }


def test_cameras_are_told_while_the_database_cannot_be_read(daemon: Daemon) -> None:
    daemon.outbox.register("platform")
    with daemon.database.writing() as connection:
        connection.execute(text("DROP TABLE dead_letters"))
    found = samples(daemon)
    assert found["cvinspect_database_readable", ()] == 0
    assert ("cvinspect_outbox_depth", (("sink", "platform"),)) not in found
    assert found["cvinspect_frames_read_total", (("camera", "kerb-01"),)] == 1000


def test_a_reason_that_is_no_word_of_ours_becomes_no_label(daemon: Daemon) -> None:
    failures = {"rtsp://user:secret@cam refused": 2, "HTTP 599: <html>": 3, "stalled": 1, "x" * 41: 4, "": 5}
    daemon.cameras.views = (a_view("gate", failures=failures, states=(CameraState("Odd state!", START),)),)
    found = of_camera(samples(daemon), "gate")
    assert {name: value for name, value in found.items() if "failures" in name or "state" in name} == {
        "cvinspect_camera_failures_total/stalled": 1,
        "cvinspect_camera_failures_total/other": 14,
        "cvinspect_camera_state/other": 1,
    }


def test_nothing_goes_into_the_registry_that_all_share(daemon: Daemon) -> None:
    def shared() -> list[str]:
        return [family.name for family in prometheus_client.REGISTRY.collect()]

    before = shared()
    for _ in range(2):
        assert samples(daemon)
    assert shared() == before


names = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)
counts = st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), st.integers(0, 2**60), max_size=5)


@given(camera=names, drops=counts, incidents=counts, total_s=st.floats(0, allow_nan=False))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], deadline=None)
def test_whatever_things_are_called_the_text_can_be_read_back(
    daemon: Daemon, camera: str, drops: dict[str, int], incidents: dict[str, int], total_s: float
) -> None:
    view = a_view(camera, drops=drops, incidents=incidents, inference=Durations(3, total_s, 1.0))
    daemon.cameras.views = (view,)
    data = Metrics(daemon.cameras, daemon.outbox, None).text().decode()
    assert sum(line.startswith("# TYPE ") for line in data.split("\n")) == 36
    assert data.count("cvinspect_frames_dropped_total{") == len({_reason(name) for name in drops})
    assert data.count("cvinspect_incidents_opened_total{") == len(incidents)


def _reason(name: str) -> str:
    is_word = name.isascii() and name[:1].islower() and len(name) <= 40 and name.replace("_", "a").isalnum()
    return name if is_word and name == name.lower() else "other"


def test_every_figure_stands_in_the_document(daemon: Daemon) -> None:
    document = (Path(__file__).parents[2] / "docs" / "api.md").read_text(encoding="utf-8")
    dispatcher = Dispatcher([a_deliverer(ScriptedSink(), daemon.outbox, Clock())])
    daemon.outbox.register("platform")
    for name, _ in samples(daemon, dispatcher):
        assert f"`{name.removeprefix('cvinspect_')}`" in document
