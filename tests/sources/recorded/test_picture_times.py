"""Snapshots minutes apart: when each was taken."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from cvinspect.sources import Clock
from cvinspect.sources.recorded.pictures import open_pictures
from cvinspect.sources.recorded.start import CHINA
from tests import clips

TEN = datetime(2026, 11, 21, 10, tzinfo=CHINA)


def snapshots(folder: Path, names: list[str], *, dates_s: list[float] | None = None, exif: bool = False) -> Path:
    """Pictures under these names, with files' dates so many seconds after ten o'clock."""
    folder.mkdir()
    for i, name in enumerate(names):
        block = clips.exif_block(f"2026:11:21 11:0{i}:00") if exif else None
        path = clips.write_picture(folder / name, clips.corners(32, 24), exif=block)
        if dates_s is not None:
            os.utime(path, (TEN.timestamp() + dates_s[i],) * 2)
    return folder


def times_of(folder: Path, **how: object) -> list[float]:
    return [frame.media_s for frame in open_pictures(folder, camera="gate", **how).frames()]  # type: ignore[arg-type]


EVERY_FIVE_MINUTES = [f"gate_2026112110{minute:02d}00.jpg" for minute in range(0, 30, 5)]


def test_times_in_the_names_are_those_of_the_pictures_whatever_the_files_dates(tmp_path: Path) -> None:
    folder = snapshots(tmp_path / "p", EVERY_FIVE_MINUTES, dates_s=[0.0, 0.1, 0.2, 0.3, 0.4, 0.5])

    source = open_pictures(folder, camera="gate")

    assert [frame.media_s for frame in source.frames()] == [0.0, 300.0, 600.0, 900.0, 1200.0, 1500.0]
    assert (source.info.started_at, source.info.clock, source.info.interval_s) == (
        TEN.astimezone(UTC),
        Clock.NAME,
        300.0,
    )
    assert source.notes == ("times are those in the names, usually 300 s apart",)


def test_times_in_the_names_give_the_order(tmp_path: Path) -> None:
    names = ["b_20261121100000.jpg", "a_20261121100700.jpg", "c_20261121100100.jpg"]

    assert times_of(snapshots(tmp_path / "p", names)) == [0.0, 60.0, 420.0]


def test_pictures_of_one_second_are_spread_over_it(tmp_path: Path) -> None:
    names = [f"20261121100000_{i}.jpg" for i in range(4)] + ["20261121100001.jpg"]

    assert times_of(snapshots(tmp_path / "p", names)) == [0.0, 0.25, 0.5, 0.75, 1.0]


def test_exif_goes_before_names(tmp_path: Path) -> None:
    folder = snapshots(tmp_path / "p", EVERY_FIVE_MINUTES[:3], exif=True)

    assert times_of(folder) == [0.0, 60.0, 120.0]
    assert open_pictures(folder, camera="gate").notes == ("times are those of EXIF, usually 60 s apart",)


def test_files_dates_minutes_apart_are_believed_and_told(tmp_path: Path) -> None:
    folder = snapshots(tmp_path / "p", ["1.jpg", "2.jpg", "3.jpg"], dates_s=[0.0, 299.0, 601.0])

    source = open_pictures(folder, camera="gate")

    assert [frame.media_s for frame in source.frames()] == [0.0, 299.0, 601.0]
    assert source.info.clock is Clock.FILE
    assert "files' dates" in source.notes[0]


@pytest.mark.parametrize(
    "dates_s",
    [[0.0, 0.4, 0.7], [0.0, 1.1, 2.3], [0.0, 3.0, 90_000.0], [0.0, 0.0, 0.0], [0.0, 300.0, 100.0]],
    ids=["copied", "copied slowly", "years apart", "unpacked", "out of order"],
)
def test_dates_that_a_copy_may_have_left_are_not_believed(dates_s: list[float], tmp_path: Path) -> None:
    folder = snapshots(tmp_path / "p", ["1.jpg", "2.jpg", "3.jpg"], dates_s=dates_s)

    assert times_of(folder, interval_s=300.0) == [0.0, 300.0, 600.0]


def test_an_interval_that_the_user_says_goes_before_dates_that_differ(tmp_path: Path) -> None:
    folder = snapshots(tmp_path / "p", ["1.jpg", "2.jpg", "3.jpg"], dates_s=[0.0, 20.0, 40.0])

    assert times_of(folder, interval_s=300.0, is_asked=True) == [0.0, 300.0, 600.0]
    assert times_of(folder, interval_s=22.0, is_asked=True) == [0.0, 20.0, 40.0]


def test_irregular_times_are_kept_and_the_usual_distance_is_told(tmp_path: Path) -> None:
    minutes = [0, 5, 10, 22, 27, 32]
    folder = snapshots(tmp_path / "p", [f"2026112110{minute:02d}00.jpg" for minute in minutes])

    source = open_pictures(folder, camera="gate")

    assert [frame.media_s for frame in source.frames()] == [60.0 * minute for minute in minutes]
    assert source.info.interval_s == 300.0


def test_a_planned_interval_is_kept_though_pictures_came_more_often(tmp_path: Path) -> None:
    folder = snapshots(tmp_path / "p", EVERY_FIVE_MINUTES)

    info = open_pictures(folder, camera="gate", interval_s=600.0, is_asked=True).info

    assert info.interval_s == 600.0


def test_a_picture_that_does_not_decode_spoils_no_times(tmp_path: Path) -> None:
    folder = snapshots(tmp_path / "p", EVERY_FIVE_MINUTES)
    (folder / EVERY_FIVE_MINUTES[0]).write_bytes(b"404 not found")
    (folder / EVERY_FIVE_MINUTES[2]).write_bytes(b"\xff\xd8\xff\xe0 cut")
    (folder / "thumbs.jpg").write_bytes(b"no picture")

    source = open_pictures(folder, camera="gate")
    frames = list(source.frames())

    assert [frame.media_s for frame in frames] == [0.0, 600.0, 900.0, 1200.0]
    assert frames[0].captured_at == TEN + timedelta(minutes=5)
    assert source.counts.broken == 3


@pytest.mark.parametrize("last", ["5.jpg", "4.jpg"], ids=["all are pictures", "the last is none"])
def test_without_times_pictures_are_counted_back_from_the_files_date_of_the_last_one(last: str, tmp_path: Path) -> None:
    folder = snapshots(tmp_path / "p", [f"{i}.jpg" for i in range(1, 6)], dates_s=[0.0, 0.1, 0.2, 0.3, 0.4])
    for path in folder.iterdir():
        if path.name > last:
            path.write_bytes(b"no picture")

    source = open_pictures(folder, camera="gate", interval_s=600.0, is_asked=True)
    frames = list(source.frames())

    assert source.info.clock is Clock.FILE
    assert abs(frames[-1].captured_at - TEN) < timedelta(seconds=1)
    assert frames[-1].captured_at - frames[0].captured_at == timedelta(minutes=10 * (int(last[0]) - 1))
