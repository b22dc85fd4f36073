"""A camera that two networks watch: what the careful one doubts, what it bears out, what it sees alone."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from cvinspect.daemon import CarefulLooks, Durations
from cvinspect.dispatch import Answer
from cvinspect.dispatch.cloudevents import cloud_event
from cvinspect.dispatch.open311 import Open311, Platform
from tests.daemon.inspection_makers import Daemon
from tests.dispatch.sink_fakes import Clock
from tests.fakes import Thing

CAR = Thing()
UNSURE = Thing(confidence=0.3)
"""Enough to agree, not enough to raise it alone."""


@pytest.fixture
def stopped() -> Iterator[list[Daemon]]:
    daemons: list[Daemon] = []
    yield daemons
    for one in daemons:
        one.crash()


def test_what_the_careful_network_does_not_see_is_doubted_once_and_never_opened(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, stopped: list[Daemon]
) -> None:
    daemon = Daemon(tmp_path, [CAR], careful=[])
    stopped.append(daemon)
    with caplog.at_level(logging.INFO):
        daemon.sees(0, 60)
    assert daemon.told() == ["pre_alarm", "doubted"]
    doubted = daemon.records()[-1]
    assert (doubted.revision, doubted.stage.value, doubted.status.value) == (1, "pre_alarm", "open")
    assert (doubted.seen_by, doubted.reason) == ({"quick": 0.8}, "not_borne_out")
    assert [picture.role for picture in doubted.evidence] == ["panorama", "closeup"]
    assert (daemon.inspection.opened, daemon.inspection.doubted) == ({}, {"illegal_parking_motor": 1})
    [line] = [line for line in caplog.messages if "pre-alarm" in line]
    named = f"camera gate: pre-alarm {doubted.incident_id} (illegal_parking_motor)"
    assert line.startswith(f"{named} is doubted, the careful network does not see it, after 1")


def test_what_the_careful_network_agrees_with_is_opened_and_its_record_names_both(
    tmp_path: Path, stopped: list[Daemon]
) -> None:
    daemon = Daemon(tmp_path, [CAR], careful=[UNSURE])
    stopped.append(daemon)
    daemon.sees(0, 14)
    assert daemon.told() == ["pre_alarm", "opened"]
    assert daemon.records()[-1].seen_by == {"quick": 0.8, "careful": 0.3}


def test_what_only_the_careful_network_sees_is_opened_by_its_patrols(tmp_path: Path, stopped: list[Daemon]) -> None:
    daemon = Daemon(tmp_path, [Thing(missed=((0, 900),))], careful=[CAR])
    stopped.append(daemon)
    daemon.sees(0, 60)
    assert daemon.told().count("opened") == 1
    assert daemon.records()[-1].seen_by == {"careful": 0.8}


def test_a_doubt_outlives_a_restart_and_is_not_told_again(tmp_path: Path, stopped: list[Daemon]) -> None:
    first = Daemon(tmp_path, [CAR], careful=[])
    first.sees(0, 20)
    first.crash()
    second = Daemon(tmp_path, [CAR], careful=[])
    stopped.append(second)
    second.sees(21, 60)
    assert second.told() == ["pre_alarm", "doubted"]


def test_what_was_doubted_opens_once_most_looks_bear_it_out(tmp_path: Path, stopped: list[Daemon]) -> None:
    daemon = Daemon(tmp_path, [CAR], careful=[])
    stopped.append(daemon)
    daemon.sees(0, 15)
    assert daemon.eye is not None
    daemon.eye.things.append(CAR)
    daemon.sees(15.5, 180, run=2)
    assert daemon.told()[:3] == ["pre_alarm", "doubted", "opened"]
    opened = daemon.records()[2]
    assert (opened.revision, opened.reason) == (2, None)


def test_who_calls_an_incident_resolved_has_the_careful_network_look_at_the_next_frames(
    tmp_path: Path, stopped: list[Daemon]
) -> None:
    daemon = Daemon(tmp_path, [CAR], careful=[CAR])
    stopped.append(daemon)
    daemon.sees(0, 31)
    assert daemon.eye is not None
    incident_id = daemon.records()[0].incident_id
    daemon.inspection.resolved("of another camera")
    daemon.eye.looked_s.clear()
    daemon.sees(31.5, 33)
    assert daemon.eye.looked_s == []
    daemon.inspection.resolved(incident_id)
    daemon.sees(33.5, 34.5)
    assert daemon.eye.looked_s == [33.5, 34.0]
    assert daemon.told().count("not_cleared") == 1


def test_a_share_that_is_used_up_stretches_patrols_and_no_look_that_is_wanted(
    tmp_path: Path, stopped: list[Daemon]
) -> None:
    """With nothing in the street only patrols look."""
    daemon = Daemon(tmp_path, [], careful=[], cores=0.0)
    stopped.append(daemon)
    assert daemon.shared.careful is not None
    with daemon.shared.careful.share.look("other"):
        daemon.at_s += 10.0
    daemon.sees(10, 40)
    assert daemon.eye is not None
    assert daemon.eye.looked_s == []
    daemon.things.append(CAR)
    daemon.sees(40.5, 60)
    assert daemon.told() == ["pre_alarm", "doubted"]
    assert daemon.inspection.careful == CarefulLooks(Durations(len(daemon.eye.looked_s), 0.0, 0.0), 0, 5.0, 30.0)


def test_of_a_camera_with_one_eye_nothing_is_told_of_the_other(tmp_path: Path, stopped: list[Daemon]) -> None:
    daemon = Daemon(tmp_path, [CAR])
    stopped.append(daemon)
    daemon.sees(0, 14)
    assert (daemon.told(), daemon.inspection.careful) == (["pre_alarm", "opened"], None)
    assert daemon.records()[-1].seen_by == {"quick": 0.8}


def test_a_doubted_pre_alarm_is_an_event_of_its_own_and_no_request_of_open311(
    tmp_path: Path, stopped: list[Daemon]
) -> None:
    daemon = Daemon(tmp_path, [CAR], careful=[])
    stopped.append(daemon)
    daemon.sees(0, 20)
    event = cloud_event(daemon.records()[-1].to_json())
    assert (event.type, event.id.rpartition("/")[2]) == ("cn.cvinspect.incident.doubted.v1", "1")
    platform, clock = Platform({"illegal_parking_motor": "0505"}), Clock()
    nobody = "http://127.0.0.1:1/"
    sink = Open311("hotline", nobody, platform=platform, api_key=None, seconds=clock, now=clock.now)
    assert sink.deliver(event, receipt=None) == Answer(taken=False)
    sink.close()
