"""How a camera is, as the daemon tells it."""

import logging
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from cvinspect.daemon.watched_camera import WatchedCamera
from cvinspect.health.link import LinkHealth
from cvinspect.health.picture import PictureHealth
from cvinspect.sources.live.states import Link, LinkState, Reason
from cvinspect.store.site_store import CameraState

NOON = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)


@dataclass
class FakeReader:
    """Says of a camera what it is told."""

    link: Link = field(default_factory=lambda: Link(LinkState.UP, NOON))
    lag_s: float | None = 0.1
    drift: float | None = None
    clock_trouble: str | None = None
    sampling: None = None

    def watch(self) -> None:
        """Nothing hangs."""


def watched(reader: FakeReader) -> WatchedCamera:
    inspection = SimpleNamespace(camera=SimpleNamespace(id="gate"), lag_s=None)
    seconds = lambda: 7.0  # noqa: E731
    return WatchedCamera(
        inspection,  # type: ignore[arg-type]
        reader,  # type: ignore[arg-type]
        PictureHealth(seconds=seconds),
        LinkHealth(seconds=seconds),
        now=lambda: NOON,
        seconds=seconds,
        waiting=lambda _: 0,
    )


def test_a_wrong_clock_is_a_state_that_says_what_is_wrong(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    reader = FakeReader(clock_trouble="its clock runs 1.42 times as fast as ours")
    camera = watched(reader)
    camera.watch()

    assert camera.states() == (
        CameraState("up", NOON),
        CameraState("clock_wrong", NOON, "its clock runs 1.42 times as fast as ours"),
    )
    reader.clock_trouble = None
    camera.watch()
    assert caplog.messages == [
        "camera gate: up",
        "camera gate: clock_wrong: its clock runs 1.42 times as fast as ours",
        "camera gate: no longer clock_wrong",
    ]
    assert camera.states() == (CameraState("up", NOON),)


def test_waiting_for_a_key_frame_is_a_state_of_its_own_and_told_once(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    detail = "gate:554: sends video, but no key frame yet; nothing can be shown before one"
    camera = watched(FakeReader(Link(LinkState.WAITING, NOON, None, detail)))
    camera.watch()
    camera.watch()

    assert camera.states() == (CameraState("waiting_for_key_frame", NOON, detail),)
    assert caplog.messages == [f"camera gate: waiting_for_key_frame: {detail}"]


def test_a_camera_that_is_down_says_why() -> None:
    camera = watched(FakeReader(Link(LinkState.DOWN, NOON, Reason.NO_KEY_FRAME)))

    assert camera.states() == (CameraState("down", NOON, "no_key_frame"),)
