"""Which inputs are pieces of one recording, and whose pictures they are."""

import os
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from cvinspect.assembly.recordings import Recording, camera_chooser, recordings
from cvinspect.config.site import Site, load_site
from cvinspect.domain import Pixels
from cvinspect.errors import ConfigError
from tests import clips

EIGHT = datetime(2026, 11, 21, tzinfo=UTC)
"""Eight o'clock in China."""


def site_of(folder: Path, cameras: str = "") -> Site:
    """A site with these cameras."""
    path = folder / "site.yaml"
    path.write_text(f"cameras:\n{cameras}" if cameras else "{}")
    return load_site(path)


def video(path: Path, *, seconds: int = 5, states: datetime | None = None, begins_s: int = 0) -> Path:
    """A clip that may state when it began."""
    path.parent.mkdir(parents=True, exist_ok=True)
    metadata = {} if states is None else {"creation_time": states.isoformat()}
    ticks = range(10 * begins_s, 10 * (begins_s + seconds))
    options = {"avoid_negative_ts": "disabled"} if begins_s else {}
    return clips.encode(path, ticks=ticks, metadata=metadata, options={"bf": "0"}, muxer_options=options)


def empty(folder: Path, *names: str) -> list[Path]:
    """Files of which only the names matter."""
    paths = [folder / name for name in names]
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")
    return paths


def found(inputs: Sequence[Path], site: Site, *, camera: str | None = None) -> list[tuple[str, list[str]]]:
    """(camera, its files) of each recording."""
    return [(one.camera.id, names(one)) for one in taken(inputs, site, camera=camera)]


def taken(inputs: Sequence[Path], site: Site, *, camera: str | None = None) -> list[Recording]:
    chooser = camera_chooser(site, camera=camera)
    return recordings(inputs, site, chooser, is_one_camera=camera is not None)


def names(recording: Recording) -> list[str]:
    return [piece.path.name for piece in recording.pieces]


def test_files_of_one_camera_whose_names_hold_times_are_one_recording_in_order_of_time(tmp_path: Path) -> None:
    paths = empty(
        tmp_path,
        "gate_20261121080500.mp4",
        "gate_20261121080000.mp4",
        "yard_20261121080000.mp4",
        "gate_20261121081000.mp4",
    )

    [gate, yard] = taken(paths, site_of(tmp_path))

    assert gate.camera.id == "gate"
    assert names(gate) == ["gate_20261121080000.mp4", "gate_20261121080500.mp4", "gate_20261121081000.mp4"]
    assert [piece.started_at for piece in gate.pieces] == [EIGHT + timedelta(minutes=5 * i) for i in range(3)]
    assert gate.notes == ("one recording of 3 files, in order of the times in their names",)
    assert (yard.camera.id, names(yard)) == ("yard_20261121080000", ["yard_20261121080000.mp4"])


def test_folders_of_days_and_hours_part_no_recording(tmp_path: Path) -> None:
    paths = empty(
        tmp_path,
        "recordings/2026-11-21/23/front/59.50.mp4",
        "recordings/2026-11-22/00/front/00.00.mp4",
        "recordings/2026-11-22/00/back/00.00.mp4",
    )

    assert found(paths, site_of(tmp_path)) == [("front", ["59.50.mp4", "00.00.mp4"]), ("00.00", ["00.00.mp4"])]


def test_a_day_without_files_parts_a_recording(tmp_path: Path) -> None:
    paths = empty(tmp_path, *(f"gate_202611{day}080000.mp4" for day in (21, 22, 25, 26)))

    assert [len(files) for _, files in found(paths, site_of(tmp_path))] == [2, 2]


def test_cameras_that_are_told_apart_after_the_time_only_are_told_apart(tmp_path: Path) -> None:
    paths = [video(tmp_path / f"2026112108000{i}_{end}.mp4") for i in (0, 5) for end in ("ch1", "ch2")]

    assert [len(files) for _, files in found(paths, site_of(tmp_path))] == [2, 2]


def test_what_is_only_counted_after_the_time_is_one_recording(tmp_path: Path) -> None:
    paths = [video(tmp_path / f"2026112108000{5 * i}_{i:02d}_6D28808.mp4") for i in range(2)]

    assert [len(files) for _, files in found(paths, site_of(tmp_path))] == [2]


def test_files_that_state_their_times_and_follow_each_other_are_one_recording(tmp_path: Path) -> None:
    paths = [video(tmp_path / f"rec{i}.mp4", states=EIGHT + timedelta(seconds=5 * i)) for i in range(3)]
    later = video(tmp_path / "rec9.mp4", states=EIGHT + timedelta(hours=2))

    assert found([*paths, later], site_of(tmp_path)) == [
        (tmp_path.name, ["rec0.mp4", "rec1.mp4", "rec2.mp4"]),
        ("rec9", ["rec9.mp4"]),
    ]


def test_segments_whose_clock_goes_on_are_one_recording(tmp_path: Path) -> None:
    paths = [video(tmp_path / f"out{i:03d}.ts", begins_s=100 + 5 * i) for i in range(3)]

    assert [files for _, files in found(paths, site_of(tmp_path))] == [["out000.ts", "out001.ts", "out002.ts"]]


def street(i: int) -> Pixels:
    """The same street, with somebody in it."""
    picture = np.repeat(np.linspace(0, 255, 64, dtype=np.uint8)[None, :, None], 48, axis=0).repeat(3, axis=2)
    picture[20:28, 3 * i % 50 : 3 * i % 50 + 6] = 255
    return picture


def another(i: int) -> Pixels:
    """Another street."""
    return np.ascontiguousarray(street(i)[:, ::-1])


def numbered(folder: Path, shown: Sequence[Callable[[int], Pixels]], *, name: str = "out{:03d}.mp4") -> list[Path]:
    """Segments with clocks from 0."""
    return [
        clips.encode(folder / name.format(i), ticks=range(50), picture=picture, options={"bf": "0"})
        for i, picture in enumerate(shown)
    ]


def test_numbered_segments_of_one_coding_length_and_view_are_one_recording(tmp_path: Path) -> None:
    paths = numbered(tmp_path, [street] * 3)

    assert [files for _, files in found(paths, site_of(tmp_path))] == [["out000.mp4", "out001.mp4", "out002.mp4"]]


def test_numbered_clips_of_other_streets_or_that_are_merely_counted_are_none(tmp_path: Path) -> None:
    paths = numbered(tmp_path, [street, another, street]) + numbered(tmp_path, [street] * 2, name="clip{}.mp4")

    assert [files for _, files in found(paths, site_of(tmp_path))] == [[path.name] for path in paths]


def test_files_of_which_nothing_tells_the_time_stay_apart_and_are_told_of(tmp_path: Path) -> None:
    paths = [video(tmp_path / name) for name in ("b.mp4", "a.mp4")]

    apart = taken(paths, site_of(tmp_path))

    assert [names(one) for one in apart] == [["b.mp4"], ["a.mp4"]]
    assert all("--camera ID makes them one recording" in one.notes[0] for one in apart)
    assert taken(paths[:1], site_of(tmp_path))[0].notes == ()


def test_with_the_camera_said_files_follow_each_other_in_the_order_given(tmp_path: Path) -> None:
    paths = [video(tmp_path / name) for name in ("b.mp4", "a.mp4")]

    [one] = taken(paths, site_of(tmp_path), camera="gate")

    assert (one.camera.id, names(one)) == ("gate", ["b.mp4", "a.mp4"])
    assert [piece.started_at for piece in one.pieces] == [None, None]


def test_a_time_of_export_that_all_files_state_is_not_one_of_recording(tmp_path: Path) -> None:
    paths = [video(tmp_path / f"{name}.mp4", states=EIGHT + timedelta(seconds=i)) for i, name in enumerate("cab")]

    [one] = taken(paths, site_of(tmp_path), camera="gate")

    assert names(one) == ["c.mp4", "a.mp4", "b.mp4"]


@pytest.mark.parametrize("nested", ["", "day/ch1/"])
def test_a_folder_of_videos_is_one_recording(nested: str, tmp_path: Path) -> None:
    for name in ("2.mp4", "10.mp4", "1.MP4"):
        video(tmp_path / "ch1" / nested / name)
    empty(tmp_path, "ch1/index.db", "ch1/._1.mp4")

    assert [files for _, files in found([tmp_path / "ch1"], site_of(tmp_path))] == [["1.MP4", "2.mp4", "10.mp4"]]


def test_files_on_one_clock_tell_how_long_the_holes_between_them_are(tmp_path: Path) -> None:
    for i in (0, 1, 3):
        video(tmp_path / "day" / f"{i}.ts", begins_s=100 + 5 * i)
    (tmp_path / "day" / "2.ts").write_bytes(b"no video at all")

    [one] = taken([tmp_path / "day"], site_of(tmp_path))

    starts = [piece.started_at for piece in one.pieces]
    assert starts[2] is None
    assert [starts[0] and start and round((start - starts[0]).total_seconds()) for start in starts] == [0, 5, None, 15]


def test_a_folder_with_files_of_two_cameras_is_two_recordings(tmp_path: Path) -> None:
    empty(tmp_path, *(f"day/{camera}_2026112108{minute}00.mp4" for camera in ("ch1", "ch2") for minute in ("00", "05")))

    assert [camera for camera, _ in found([tmp_path / "day"], site_of(tmp_path))] == ["ch1", "ch2"]


def test_a_folder_of_pictures_is_as_before(tmp_path: Path) -> None:
    clips.write_picture(tmp_path / "1.png", clips.corners(32, 24))
    video(tmp_path / "1.mp4")

    [one] = taken([tmp_path], site_of(tmp_path))

    assert names(one) == [tmp_path.name]
    assert one.notes == ("1 video file in it is left out, for it holds pictures: name it by itself",)


def test_a_file_given_twice_is_read_twice(tmp_path: Path) -> None:
    [path] = empty(tmp_path, "gate_20261121080000.mp4")

    assert [files for _, files in found([path, path], site_of(tmp_path))] == [[path.name]] * 2


CAMERAS = """
  - {id: gate, source: gate}
  - {id: yard, source: "clips/yard_*.mp4"}
  - {id: live, source: "rtsp://192.0.2.1/1"}
"""


def test_a_camera_whose_source_is_a_folder_or_a_pattern_has_the_files_in_it(tmp_path: Path) -> None:
    site = site_of(tmp_path, CAMERAS)
    paths = empty(
        tmp_path,
        "gate/2026112108/a_20261121080000.mp4",
        "gate/2026112108/b_20261121080500.mp4",
        "clips/yard_20261121080000.mp4",
    )

    assert found(paths, site) == [
        ("gate", ["a_20261121080000.mp4", "b_20261121080500.mp4"]),
        ("yard", ["yard_20261121080000.mp4"]),
    ]


@pytest.mark.parametrize(
    "cameras", [CAMERAS, "  - {id: gate, source: gate}\n", '  - {id: gate, source: "rtsp://192.0.2.1/1"}\n']
)
def test_what_is_no_cameras_source_is_refused_in_one_line_that_names_the_cameras(cameras: str, tmp_path: Path) -> None:
    site = site_of(tmp_path, cameras)
    [path] = empty(tmp_path, "other.mp4")

    with pytest.raises(ConfigError, match=r"other.mp4: is the source of no camera in .*, which names gate") as refused:
        camera_chooser(site)(path)

    assert all(f" {one.id}" in str(refused.value) for one in site.config.cameras)
    assert "\n" not in str(refused.value)
    assert camera_chooser(site, camera="gate")(path).id == "gate"


def test_the_whole_picture_is_never_a_configured_cameras(tmp_path: Path) -> None:
    site = site_of(tmp_path, '  - {id: gate, source: gate.mp4, location: {address: "1 Street"}}\n')

    camera = camera_chooser(site, is_whole_picture=True)(tmp_path / "gate.mp4")

    assert (camera.id, camera.location.address, camera.zones) == ("gate-whole-picture", None, ())


def test_a_camera_that_is_not_configured_is_refused_where_others_are(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="names no camera 'yard'; allowed: gate"):
        camera_chooser(site_of(tmp_path, "  - {id: gate}\n"), camera="yard")
    with pytest.raises(ConfigError, match="give one of them"):
        camera_chooser(site_of(tmp_path), camera="gate", is_whole_picture=True)
    assert camera_chooser(site_of(tmp_path), camera="yard")(Path("x.mp4")).id == "yard"


def test_a_folder_that_may_not_be_read_is_left_to_whoever_opens_it(tmp_path: Path) -> None:
    if os.getuid() == 0:
        pytest.skip("root may read everything")
    (tmp_path / "shut").mkdir(mode=0)

    assert found([tmp_path / "shut"], site_of(tmp_path)) == [("shut", ["shut"])]
