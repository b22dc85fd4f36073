"""What the daemon says of itself over HTTP."""

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from pydantic import TypeAdapter
from sqlalchemy import text

from cvinspect import __version__
from cvinspect.api import examples, models
from cvinspect.api.problems import Problem
from cvinspect.dispatch.dispatcher import Dispatcher
from cvinspect.store.site_store import CameraState
from tests.api.api_makers import BEARER, TOKEN, Daemon, a_daemon, a_view, client_of, serving
from tests.dispatch.sink_fakes import Clock, ScriptedSink, a_deliverer
from tests.incident_makers import START


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[Daemon]:
    with a_daemon(tmp_path, lock_timeout_s=0.2) as started:
        yield started


@pytest.fixture
def client(daemon: Daemon) -> Iterator[httpx.Client]:
    with serving(daemon.app()) as server, client_of(server) as client:
        yield client


def whys(answer: httpx.Response) -> list[str]:
    assert (answer.status_code, answer.headers["content-type"]) == (503, "application/problem+json")
    return str(answer.json()["detail"]).split("; ")


def test_health_tells_version_uptime_and_how_each_camera_is(daemon: Daemon, client: httpx.Client) -> None:
    lagging = CameraState("lagging", START)
    daemon.cameras.views = (a_view("gate"), a_view("kerb", states=(CameraState("up", START), lagging)))
    answer = client.get("/health")
    assert answer.status_code == 200
    assert answer.json() == {
        "status": "ok",
        "version": __version__,
        "uptime_s": 3600.0,
        "camera_states": {"up": 2, "lagging": 1},
        "cameras": {"gate": ["up"], "kerb": ["up", "lagging"]},
        "trouble": None,
        "reload_error": None,
        "config_sha256": "b" * 64,
    }


def test_health_answers_while_the_database_cannot_be_used(daemon: Daemon, client: httpx.Client) -> None:
    daemon.cameras.trouble = "ledger.db: disk I/O error"
    with daemon.database.writing():
        answer = client.get("/health")
    assert (answer.status_code, answer.json()["trouble"]) == (200, "ledger.db: disk I/O error")


def test_strangers_learn_that_the_process_works_but_not_which_camera_is_blind(daemon: Daemon) -> None:
    daemon.cameras.reload_error = "site.yaml:3: cameras: a list is needed"
    with serving(daemon.app(token=TOKEN)) as server, client_of(server) as stranger:
        told = stranger.get("/health").json()
        told_more = stranger.get("/health", headers=BEARER).json()
    hidden = {"cameras": None, "reload_error": None, "config_sha256": None}
    assert told == {**told_more, **hidden}
    assert told_more["cameras"] == {"kerb-01": ["up"]}
    assert told_more["reload_error"] == "site.yaml:3: cameras: a list is needed"


def test_a_clock_that_was_set_back_makes_no_negative_uptime(daemon: Daemon, client: httpx.Client) -> None:
    daemon.cameras.started_at = START.replace(year=START.year + 1)
    assert client.get("/health").json()["uptime_s"] == 0.0


def test_it_is_ready_once_cameras_were_started_whether_they_can_be_reached_or_not(
    daemon: Daemon, client: httpx.Client
) -> None:
    daemon.cameras.views = (a_view("gate"), a_view("kerb", states=(), connections=0, failures={}))
    assert whys(client.get("/ready")) == ["1 of 2 cameras were not tried yet: kerb"]
    daemon.cameras.views = (a_view("gate"), a_view("kerb", states=(), connections=0, failures={"refused": 1}))
    answer = client.get("/ready")
    assert (answer.status_code, answer.json()) == (200, {"status": "ready"})
    daemon.cameras.views = ()
    assert whys(client.get("/ready")) == ["no camera is configured"]


def test_it_is_not_ready_before_each_configured_camera_was_tried(daemon: Daemon, client: httpx.Client) -> None:
    connecting = (CameraState("connecting", START),)
    untried = a_view("kerb", states=connecting, connections=0, failures={})
    daemon.cameras.views = (a_view("gate"), untried)
    assert whys(client.get("/ready")) == ["1 of 2 cameras were not tried yet: kerb"]

    daemon.cameras.not_begun = tuple(f"cam-{number}" for number in range(9))
    (why,) = whys(client.get("/ready"))
    assert why == "10 of 11 cameras were not tried yet: kerb, cam-0, cam-1, cam-2, cam-3, ..."

    daemon.cameras.not_begun = ()
    daemon.cameras.views = (a_view("gate"), a_view("kerb", states=(CameraState("waiting_for_key_frame", START),)))
    assert client.get("/ready").status_code == 200


def test_it_is_not_ready_while_the_database_cannot_be_written(daemon: Daemon, client: httpx.Client) -> None:
    with daemon.database.writing():
        assert whys(client.get("/ready")) == [f"{daemon.database.name}: others have been writing for 0.2 s"]
    assert client.get("/ready").status_code == 200
    with daemon.database.writing() as connection:
        connection.execute(text("DROP TABLE incidents"))
    assert whys(client.get("/ready")) == [f"{daemon.database.name}: no such table: incidents"]


def test_it_says_all_that_keeps_it_from_working(daemon: Daemon) -> None:
    sink = ScriptedSink()
    dispatcher = Dispatcher([a_deliverer(sink, daemon.outbox, Clock())])
    dispatcher.start()
    assert dispatcher.stop(timeout_s=5)
    daemon.cameras.trouble, daemon.cameras.views = "no space left on device", ()
    with serving(daemon.app(dispatcher=dispatcher)) as server, client_of(server) as client:
        found = whys(client.get("/ready"))
    assert found == ["no space left on device", "no camera is configured", "sink platform: its thread has ended"]


def test_cameras_tell_everything_in_the_order_of_the_configuration(daemon: Daemon, client: httpx.Client) -> None:
    dark = a_view("z", states=(CameraState("down", START, "no answer"),), lag_s=None, drift=None, last_frame_at=None)
    daemon.cameras.views = (dark, a_view("a"))
    first, second = client.get("/cameras").json()["cameras"]
    told = {"state": "down", "since": "2026-11-21T02:00:00Z", "detail": "no answer"}
    assert first == {**second, "id": "z", "states": [told], "lag_s": None, "drift": None, "last_frame_at": None}
    assert second == {
        "id": "a",
        "states": [{"state": "up", "since": "2026-11-21T02:00:00Z", "detail": None}],
        "frames_read": 1000,
        "frames_sampled": 80,
        "frames_inspected": 78,
        "drops": {"overtaken": 2},
        "connections": 3,
        "failures": {"stalled": 2},
        "lag_s": 0.25,
        "drift": 0.0001,
        "sampling": "all frames decoded: as configured",
        "gate": {"left_out": 40, "audited": 2, "missed": 0},
        "last_frame_at": "2026-11-21T02:00:00Z",
        "inference": {"count": 78, "total_s": 3.9, "longest_s": 0.2},
        "careful": {
            "cost": {"count": 12, "total_s": 4.5, "longest_s": 0.6},
            "on_patrol": 9,
            "planned_s": 50.0,
            "longest_wait_s": 70.5,
        },
        "incidents": {"illegal_parking_motor": 4},
        "doubted": {"road_damage": 2},
        "standing": 1,
        "unrecorded": 0,
        "view": None,
        "judged_s": 0.0,
        "unjudged_s": {},
    }


def test_of_a_camera_that_the_quick_network_watches_alone_nothing_is_told_of_the_careful_one(
    daemon: Daemon, client: httpx.Client
) -> None:
    daemon.cameras.views = (a_view("a", careful=None, doubted={}),)
    [told] = client.get("/cameras").json()["cameras"]
    assert (told["careful"], told["doubted"]) == (None, {})


def test_a_lag_that_is_no_number_does_not_break_the_answer(daemon: Daemon, client: httpx.Client) -> None:
    daemon.cameras.views = (a_view("a", lag_s=float("inf"), drift=float("nan")),)
    answer = client.get("/cameras")
    assert (answer.status_code, answer.json()["cameras"][0]["lag_s"]) == (200, None)
    assert client.get("/metrics").status_code == 200


def test_the_description_is_published_and_names_every_address(client: httpx.Client) -> None:
    described = client.get("/openapi.json").json()
    assert {(path, method) for path, operations in described["paths"].items() for method in operations} == {
        ("/health", "get"),
        ("/ready", "get"),
        ("/cameras", "get"),
        ("/metrics", "get"),
        ("/incidents", "get"),
        ("/incidents/{incident_id}", "get"),
        ("/incidents/{incident_id}/revisions/{number}", "get"),
        ("/incidents/{incident_id}/status", "post"),
        ("/evidence/{path}", "get"),
    }
    assert "ValidationError" not in json.dumps(described)


def test_the_description_asks_for_the_token_where_the_daemon_does(daemon: Daemon) -> None:
    described = daemon.app(token=TOKEN).openapi()
    asked = {path: "security" in one for path, found in described["paths"].items() for one in found.values()}
    assert {path for path, is_asked in asked.items() if not is_asked} == {"/health", "/ready"}
    assert described["components"]["securitySchemes"] == {"token": {"type": "http", "scheme": "bearer"}}
    assert TOKEN not in json.dumps(described)


@pytest.mark.parametrize(
    ("model", "example"),
    [
        (models.HealthAnswer, examples.HEALTH),
        (models.ReadyAnswer, examples.READY),
        (models.CameraAnswer, examples.CAMERA),
        (models.IncidentsAnswer, examples.PAGE),
        (models.IncidentAnswer, examples.INCIDENT),
        (models.StatusWord, examples.WORD),
        (models.Note, examples.NOTE),
        (Problem, examples.PROBLEM),
    ],
)
def test_every_published_example_is_what_it_is_an_example_of(model: type[object], example: dict[str, object]) -> None:
    kind = TypeAdapter(model)
    again = kind.dump_python(kind.validate_json(json.dumps(example)), mode="json", by_alias=True)
    assert again == example
