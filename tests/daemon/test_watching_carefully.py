"""The careful network in a whole daemon: which cameras it looks at, what needs a restart, what is refused."""

import logging
import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from cvinspect.assembly.eyes import with_careful
from cvinspect.assembly.models import Model, load_model
from cvinspect.cli.watch import since_boot_s
from cvinspect.commands.watch import Watch
from cvinspect.config.site import load_site, shipped
from cvinspect.daemon.camera_builder import Surroundings
from cvinspect.detect.model import read_card
from cvinspect.pipeline import Pipeline
from tests.command_line import cvinspect

Start = Callable[[str], Watch]


class Blind(Model):
    """A card, and a network that sees nothing."""

    def detectors(self, count: int, **given: object) -> Any:  # noqa: ANN401
        return [object()] * count


def networks() -> Model:
    quick, path = load_model(load_site(None), None), shipped("models/street-world-s.yaml")
    return Blind(quick.card, quick.path, Blind(read_card(path), path))


@pytest.fixture
def model() -> list[Model]:
    """What is loaded next."""
    return [networks()]


@pytest.fixture
def start(tmp_path: Path, model: list[Model]) -> Iterator[Start]:
    begun: list[Watch] = []

    def begin(cameras: str) -> Watch:
        path = tmp_path / "site.yaml"
        path.write_text(f"cameras: [{cameras}]\nwatch: {{api: null}}\n", encoding="ascii")
        around = Surroundings(lambda: datetime.now(UTC), since_boot_s, random.random, {})
        begun.append(Watch(lambda: (load_site(path), model[0]), around, workers=1))
        begun[-1].start()
        return begun[-1]

    yield begin
    for one in begun:
        one.stop()


def camera(name: str, **given: object) -> str:
    keys = "".join(f", {key}: {value}" for key, value in given.items())
    return f"{{id: {name}, source: 'rtsp://127.0.0.1:1/x'{keys}}}"


def pipelines(watch: Watch) -> dict[str, Pipeline]:
    return {one.id: one.inspection.tour.front for one in watch._cameras.watched_cameras()}


def test_it_looks_at_each_camera_that_is_not_left_to_the_quick_one(start: Start) -> None:
    watch = start(f"{camera('gate')}, {camera('yard', eyes='quick')}")
    seen_twice = {name: one.second_look is not None for name, one in pipelines(watch).items()}
    must_agree = {name: one.ledger._promotion._second_look for name, one in pipelines(watch).items()}  # type: ignore[attr-defined]
    assert seen_twice == must_agree == {"gate": True, "yard": False}
    assert {one.id: one.careful is not None for one in watch.views()} == seen_twice


def test_all_cameras_share_one_network_and_one_allowance(start: Start) -> None:
    looks: list[Any] = [one.second_look for one in pipelines(start(f"{camera('gate')}, {camera('yard')}")).values()]
    assert looks[0]._detector is looks[1]._detector
    assert looks[0]._allowance is looks[1]._allowance
    assert looks[0]._tracker is not looks[1]._tracker


def test_a_camera_that_is_given_its_second_eye_is_made_anew_and_no_other(start: Start, tmp_path: Path) -> None:
    watch = start(f"{camera('gate')}, {camera('yard', eyes='quick')}")
    before = pipelines(watch)
    path = tmp_path / "site.yaml"
    path.write_text(path.read_text(encoding="ascii").replace("eyes: quick", "eyes: both"), encoding="ascii")
    watch.reload()
    now = pipelines(watch)
    assert (now["gate"] is before["gate"], now["yard"] is before["yard"]) == (True, False)
    assert now["yard"].second_look is not None


def test_another_careful_network_or_share_takes_effect_with_the_next_start(
    start: Start, model: list[Model], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    watch = start(camera("gate"))
    before = pipelines(watch)["gate"]
    model[0] = replace(model[0], careful=None)
    path = tmp_path / "site.yaml"
    path.write_text(path.read_text(encoding="ascii").replace("api: null", "api: null, careful_share: 0.4"), "ascii")
    with caplog.at_level(logging.WARNING):
        watch.reload()
    assert "takes effect with the next start only: careful_share, careful" in caplog.messages
    assert pipelines(watch)["gate"] is before


def test_where_there_is_none_every_camera_is_watched_by_the_quick_one(start: Start, model: list[Model]) -> None:
    model[0] = replace(model[0], careful=None)
    watch = start(camera("gate"))
    assert pipelines(watch)["gate"].second_look is None
    assert [one.careful for one in watch.views()] == [None]


@pytest.mark.parametrize("command", ["watch", "check"])
def test_one_that_is_not_there_is_one_line_at_the_start(tmp_path: Path, command: str) -> None:
    path = tmp_path / "site.yaml"
    path.write_text(f"careful: none.yaml\ncameras: [{camera('gate')}]\nwatch: {{api: null}}\n", encoding="ascii")
    outcome = cvinspect(command, path)
    assert (outcome.code, outcome.errors) == (
        4, [f"{tmp_path}/none.yaml: model card cannot be read: No such file or directory"],
    )  # fmt: skip


def test_one_that_lacks_a_label_is_one_line_at_the_start_and_what_is_said_goes_before_the_site(tmp_path: Path) -> None:
    lacking = tmp_path / "lacking.yaml"
    card = read_card(shipped("models/street-26n.yaml"))
    card = card.model_copy(update={"file": str(shipped("models/street-26n.onnx")), "labels": card.labels[1:]})
    lacking.write_text(card.model_dump_json(by_alias=True), encoding="utf-8")
    path = tmp_path / "site.yaml"
    path.write_text(f"careful: none\ncameras: [{camera('gate')}]\nwatch: {{api: null}}\n", encoding="ascii")
    outcome = cvinspect("watch", path, "--careful", lacking)
    [error] = outcome.errors
    assert outcome.code == 4
    assert error.startswith(f"{lacking}: has no {load_model(load_site(None), None).card.names[0]}; allowed: ")


def test_none_on_the_command_line_goes_before_the_site(tmp_path: Path) -> None:
    path = tmp_path / "site.yaml"
    path.write_text("careful: missing.yaml\n", encoding="ascii")
    site = load_site(path)
    assert with_careful(site, load_model(site, None), "none").careful is None
