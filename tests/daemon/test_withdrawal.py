"""Incidents whose place nothing asks for any more are closed with a reason, after a reload as after a restart."""

import logging
from dataclasses import replace
from pathlib import Path

import pytest

from cvinspect.daemon.withdrawal import withdraw_removed
from cvinspect.domain import Camera
from cvinspect.taxonomy import Violation
from tests.daemon.inspection_makers import RULE, Daemon
from tests.fakes import Thing, camera, square, zone

IN_ZONE = replace(RULE, zones=("no_parking",))
KERB = zone("no_parking", square(0, 0, 1, 1), name="kerb")
ELSEWHERE = replace(KERB, polygon=square(0, 0, 0.1, 0.1))


def after(
    folder: Path,
    place: Camera,
    rule: Violation | None,
    *,
    seen_s: float = 20.0,
    before: Camera | None = None,
) -> Daemon:
    """A daemon that saw a car in the kerb's zone, started again under another configuration."""
    first = Daemon(folder, [Thing()], place=before or camera(KERB), rules=[IN_ZONE])
    first.sees(0, seen_s)
    first.crash()
    return Daemon(folder, [Thing()], place=place, rules=[] if rule is None else [rule])


@pytest.mark.parametrize(
    ("place", "rule", "reason"),
    [
        (camera(ELSEWHERE), IN_ZONE, "zone_changed"),
        (camera(zone("waste_point")), IN_ZONE, "zone_changed"),
        (camera(replace(KERB, kind="waste_point")), IN_ZONE, "zone_changed"),
        (camera(KERB), None, "rule_changed"),
        (camera(KERB), replace(IN_ZONE, zones=("bike_bay",)), "rule_changed"),
        (camera(KERB), replace(IN_ZONE, min_size_share=0.9), "rule_changed"),
    ],
)
def test_what_stands_where_nothing_asks_any_more_is_closed_with_the_reason(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, place: Camera, rule: Violation | None, reason: str
) -> None:
    with caplog.at_level(logging.INFO):
        daemon = after(tmp_path, place, rule)
    last = daemon.records()[-1]
    assert (daemon.told(), last.status.value, last.reason) == (
        ["pre_alarm", "opened", "updated", "closed"],
        "closed",
        reason,
    )
    assert [one.role for one in last.evidence] == ["panorama", "closeup", "panorama"]
    assert f"camera gate: incident {last.incident_id} (illegal_parking_motor) is withdrawn: {reason}" in caplog.messages
    assert daemon.inspection.standing == 0
    daemon.sees(21, 60)
    assert len({one.incident_id for one in daemon.records()}) == 1  # nothing is raised there again
    daemon.crash()


@pytest.mark.parametrize(
    ("place", "rule"),
    [
        (camera(KERB), IN_ZONE),
        (camera(replace(KERB, polygon=square(0, 0.2, 1, 1))), IN_ZONE),
        (camera(replace(KERB, id="renamed")), IN_ZONE),
        (camera(KERB, zone("waste_point")), IN_ZONE),
        (camera(KERB), replace(IN_ZONE, dwell_s=300.0)),
        (camera(KERB), RULE),
    ],
)
def test_what_is_still_asked_for_goes_on_as_the_same_incident(tmp_path: Path, place: Camera, rule: Violation) -> None:
    daemon = after(tmp_path, place, rule)
    daemon.sees(21, 40)
    assert daemon.inspection.standing == 1
    assert "closed" not in daemon.told()
    assert daemon.told().count("opened") == 1
    daemon.crash()


def test_a_pre_alarm_is_withdrawn_too_and_a_mere_candidate_in_silence(tmp_path: Path) -> None:
    daemon = after(tmp_path / "announced", camera(ELSEWHERE), IN_ZONE, seen_s=6.0)
    assert daemon.told() == ["pre_alarm", "closed"]
    daemon.crash()
    daemon = after(tmp_path / "candidate", camera(ELSEWHERE), IN_ZONE, seen_s=2.0)
    assert daemon.told() == []
    daemon.crash()


def test_it_is_withdrawn_once_however_often_the_daemon_starts(tmp_path: Path) -> None:
    after(tmp_path, camera(ELSEWHERE), IN_ZONE).crash()
    again = Daemon(tmp_path, [Thing()], place=camera(ELSEWHERE), rules=[IN_ZONE])
    assert again.told().count("closed") == 1
    again.crash()


def test_what_a_platform_calls_resolved_is_answered_where_its_zone_is_gone(tmp_path: Path) -> None:
    daemon = after(tmp_path, camera(ELSEWHERE), IN_ZONE)
    daemon.inspection.resolved(daemon.records()[-1].incident_id)
    daemon.sees(21, 22)
    assert daemon.told()[-1] == "closed"
    daemon.crash()


def test_a_camera_that_is_removed_leaves_nothing_open(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    daemon = Daemon(tmp_path, [Thing()], place=camera(KERB), rules=[IN_ZONE])
    daemon.sees(0, 20)
    before = daemon.records()[-1]
    with caplog.at_level(logging.INFO):
        assert withdraw_removed(["yard"], daemon.shared, config_sha256="c" * 64)
    last = daemon.records()[-1]
    assert (last.event.value, last.status.value, last.reason, last.revision) == (
        "closed", "closed", "camera_removed", before.revision + 1,
    )  # fmt: skip
    assert (last.camera, last.location, last.evidence, last.config_sha256) == (
        before.camera, before.location, before.evidence, "c" * 64,
    )  # fmt: skip
    assert (
        f"camera gate: incident {last.incident_id} (illegal_parking_motor) is withdrawn: camera_removed"
        in caplog.messages
    )
    assert withdraw_removed(["yard"], daemon.shared, config_sha256="c" * 64)
    assert daemon.told().count("closed") == 1
    daemon.crash()
    back = Daemon(tmp_path, [Thing()], place=camera(KERB), rules=[IN_ZONE])
    back.sees(100, 120)
    assert len({one.incident_id for one in back.records()}) == 2  # it comes back as another one
    back.crash()


def test_a_camera_that_is_still_watched_keeps_what_stands(tmp_path: Path) -> None:
    daemon = Daemon(tmp_path, [Thing()], place=camera(KERB), rules=[IN_ZONE])
    daemon.sees(0, 20)
    assert withdraw_removed(["gate"], daemon.shared, config_sha256="c" * 64)
    assert "closed" not in daemon.told()
    daemon.crash()


def test_the_log_tells_what_opens_is_cleared_and_is_reopened(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    daemon = Daemon(tmp_path, [Thing(stays=((0, 30),))], place=camera(KERB), rules=[IN_ZONE])
    with caplog.at_level(logging.INFO):
        daemon.sees(0, 60)
    name = daemon.records()[-1].incident_id
    assert [line.replace(name, "ID") for line in caplog.messages if "incident" in line] == [
        "camera gate: incident ID (illegal_parking_motor) is opened after 10 s in zone kerb",
        "camera gate: incident ID (illegal_parking_motor) is cleared after 30 s in zone kerb",
    ]
    daemon.crash()
