"""`cvinspect bench`: real streams, the daemon's own counts, and a verdict that follows from them."""

from dataclasses import replace
from pathlib import Path

import pytest

from cvinspect.commands.bench import Load, capacity, counts_up_to
from tests.clips import encode
from tests.command_line import cvinspect

CARRIED = Load(
    cameras=4,
    up=4,
    seconds=10.0,
    cpu_s=2.0,
    inference_s=1.0,
    inspected=40,
    lost=0,
    lag_s=0.3,
    sampling="key frames only",
)


def test_the_cost_is_that_of_a_camera_and_second() -> None:
    assert CARRIED.cost_ms == pytest.approx(50.0)


@pytest.mark.parametrize(
    "load",
    [replace(CARRIED, lost=1), replace(CARRIED, lag_s=5.0), replace(CARRIED, up=3)],
    ids=["samples were lost", "too late", "one never came"],
)
def test_what_loses_samples_or_lags_is_not_carried(load: Load) -> None:
    assert CARRIED.is_carried
    assert not load.is_carried


def test_the_capacity_follows_from_the_most_that_were_carried() -> None:
    more = replace(CARRIED, cameras=8, up=8, cpu_s=3.2)
    too_many = replace(CARRIED, cameras=100, up=100, lag_s=9.0)

    assert capacity([CARRIED, more, too_many], cores=2) == 40
    assert capacity([too_many], cores=2) is None


def test_numbers_are_doubled_up_to_the_most() -> None:
    assert list(counts_up_to(1)) == [1]
    assert list(counts_up_to(8)) == [1, 2, 4, 8]


def test_real_streams_are_watched_and_what_they_cost_is_told(tmp_path: Path) -> None:
    pytest.importorskip("fastapi")
    clip = encode(tmp_path / "a.mp4", size=(320, 180), ticks=range(40), options={"g": "10"})
    outcome = cvinspect("bench", clip, "--cameras", 2, "--seconds", 3)

    head, row = outcome.out.splitlines()
    assert head.split()[0] == "cameras"
    assert row.split()[0] == "2"
    assert "sampling: key frames only: its key frames are 1 s apart, samples 4 s apart are enough" in outcome.err
    assert "carry about" in outcome.err or outcome.code == 1


def test_a_clip_that_cannot_be_served_is_one_line(tmp_path: Path) -> None:
    outcome = cvinspect("bench", tmp_path / "none.mp4")

    assert outcome.code == 3
    assert outcome.errors == [f"{tmp_path}/none.mp4: is not a video that can be read"]
