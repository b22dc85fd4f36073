"""Which cameras' recordings a folder of video files holds."""

from datetime import timedelta
from pathlib import Path

import pytest

from cvinspect.errors import ConfigError
from tests.assembly.test_recordings import EIGHT, found, names, site_of, taken, video


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (["ch01_20261121080000.mp4", "ch02_20261121080000.mp4"], [("ch01", 1), ("ch02", 1)]),
        (["ch01_20261121080000.mp4", "ch02_20261121080012.mp4"], [("ch01", 1), ("ch02", 1)]),
        ([*(f"ch01_2026112108{i}000.mp4" for i in range(3)), "ch02_20261121080000.mp4"], [("ch01", 3), ("ch02", 1)]),
        (["front/20261121080000.mp4", "back/20261121080000.mp4"], [("back", 1), ("front", 1)]),
        (["cam101_20261121080000.mp4", "cam102_20261121080002.mp4"], [("cam101", 1), ("cam102", 1)]),
        (["rec0001_20261121080000.mp4", "rec0002_20261121080005.mp4"], [("rec0001", 2)]),
    ],
)
def test_in_a_folder_each_camera_that_names_tell_apart_is_a_recording_be_it_one_file(
    files: list[str], expected: list[tuple[str, int]], tmp_path: Path
) -> None:
    for name in files:
        video(tmp_path / "day" / name)

    assert [(camera, len(paths)) for camera, paths in found([tmp_path / "day"], site_of(tmp_path))] == expected


def test_in_a_folder_names_that_differ_after_the_time_are_several_cameras_where_they_overlap(tmp_path: Path) -> None:
    for name in ("20261121080000_ch1", "20261121080000_ch2", "20261121080500_ch1"):
        video(tmp_path / "day" / f"{name}.mp4")

    assert sorted(len(files) for _, files in found([tmp_path / "day"], site_of(tmp_path))) == [1, 2]


@pytest.mark.parametrize("cameras", ["", "  - {id: gate, source: day}\n"])
def test_a_file_without_a_time_in_a_folder_of_times_is_by_itself_and_takes_no_time_away(
    cameras: str, tmp_path: Path
) -> None:
    for name in ("ch01_20261121080000.mp4", "ch01_20261121120000.mp4", "ch01_20261121160000.mp4", "test.mp4"):
        video(tmp_path / "day" / name)

    [day, alone] = taken([tmp_path / "day"], site_of(tmp_path, cameras))

    assert (day.camera.id, alone.camera.id) == (("gate", "gate") if cameras else ("ch01", "test"))
    assert [piece.started_at for piece in day.pieces] == [EIGHT + timedelta(hours=4 * i) for i in range(3)]
    assert names(alone) == ["test.mp4"]
    assert "holds no time" in alone.notes[0]


def test_with_the_camera_said_a_file_without_a_time_among_times_is_refused_by_its_name(tmp_path: Path) -> None:
    paths = [video(tmp_path / name) for name in ("ch01_20261121080000.mp4", "test.mp4", "ch01_20261121120000.mp4")]

    with pytest.raises(ConfigError, match=r"test\.mp4: its name holds no time") as refused:
        taken(paths, site_of(tmp_path), camera="gate")

    assert "\n" not in str(refused.value)
    assert names(taken(paths[::2], site_of(tmp_path), camera="gate")[0]) == [path.name for path in paths[::2]]
