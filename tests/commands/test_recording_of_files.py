"""A camera's recording of many files is inspected as one."""

import json
from pathlib import Path
from typing import Any

import av
import pytest
from av.packet import Packet
from av.video.stream import VideoStream

from tests.clips import encode, write_picture
from tests.command_line import Outcome, cvinspect, latest

SAMPLE = Path(__file__).parents[2] / "samples" / "street.mp4"
CONFIG = SAMPLE.with_suffix(".yaml")
PIECE_S = 10


@pytest.fixture(scope="module")
def pieces(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The sample in pieces of ten seconds, each with its own clock from 0, named by their times."""
    folder = tmp_path_factory.mktemp("pieces")
    paths = [folder / f"gate_202611210800{second:02d}.mp4" for second in range(0, 60, PIECE_S)]
    with av.open(str(SAMPLE)) as source:
        video = source.streams.video[0]
        packets = [packet for packet in source.demux(video) if packet.size]
        for i, path in enumerate(paths):
            ticks_s = video.time_base
            first = next(n for n, one in enumerate(packets) if one.is_keyframe and one.pts * ticks_s >= i * PIECE_S)
            last = next(
                (n for n, one in enumerate(packets) if one.is_keyframe and one.pts * ticks_s >= (i + 1) * PIECE_S), None
            )
            write(path, video, packets[first:last], back=round(i * PIECE_S / ticks_s))
    return paths


def write(path: Path, video: VideoStream, packets: list["Packet[VideoStream]"], *, back: int) -> None:
    with av.open(str(path), "w") as sink:
        stream = sink.add_stream_from_template(video)
        for packet in packets:
            copy = av.Packet(bytes(packet))
            copy.pts, copy.dts, copy.time_base = packet.pts - back, packet.dts - back, packet.time_base
            copy.is_keyframe, copy.stream = packet.is_keyframe, stream
            sink.mux(copy)


def run(out: Path, *words: object) -> Outcome:
    whose = ("--config", CONFIG, "--camera", "sample-street")
    return cvinspect("run", *words, *whose, "--fps", 1, "--out", out)


def told(folder: Path) -> list[tuple[str, str, list[float]]]:
    """Class, state and seconds of each incident."""
    return [(one["class_id"], one["status"], times(one)) for one in latest(folder)]


def times(record: dict[str, Any]) -> list[float]:
    return [round(value, 1) for value in record["media"].values() if value is not None]


def inputs_of(folder: Path) -> list[dict[str, Any]]:
    summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    return list(summary["inputs"])


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the uncut sample shows."""
    out = tmp_path_factory.mktemp("whole")
    assert run(out, SAMPLE).code == 0
    return out


@pytest.fixture(scope="module")
def cut(pieces: list[Path], tmp_path_factory: pytest.TempPathFactory) -> tuple[Outcome, Path]:
    """What the pieces show, given in any order."""
    out = tmp_path_factory.mktemp("cut")
    return run(out, *reversed(pieces)), out


def test_pieces_show_what_the_uncut_recording_shows(whole: Path, cut: tuple[Outcome, Path]) -> None:
    outcome, out = cut

    assert outcome.code == 0
    assert told(out) == told(whole)
    assert len(told(out)) >= 3


def test_each_piece_stands_in_the_summary_with_its_place(pieces: list[Path], cut: tuple[Outcome, Path]) -> None:
    rows = inputs_of(cut[1])

    assert [row["name"] for row in rows] == [path.name for path in pieces]
    assert [row["begins_s"] for row in rows] == pytest.approx([0, 10, 20, 30, 40, 50], abs=0.05)
    assert {row["recording"] for row in rows} == {pieces[0].name}
    assert {(row["state"], row["clock"]) for row in rows} == {("done", "name")}
    assert rows[0]["notes"][0] == "one recording of 6 files, in order of the times in their names"
    page = (cut[1] / "report.html").read_text(encoding="utf-8")
    assert all(path.name in page for path in pieces)


def test_what_could_not_be_raised_is_told_of_the_recording_not_of_each_piece(
    whole: Path, cut: tuple[Outcome, Path]
) -> None:
    def lacking(row: dict[str, Any]) -> list[tuple[str, str]]:
        return [(one["class_id"], one["reason"]) for one in row["not_judged"]]

    [uncut] = inputs_of(whole)

    assert [lacking(row) for row in inputs_of(cut[1])] == [lacking(uncut)] * 6


def test_records_are_dated_by_the_recordings_clock(pieces: list[Path], cut: tuple[Outcome, Path]) -> None:
    for record in latest(cut[1]):
        assert record["source"] == pieces[0].name
        assert record["first_seen_at"].startswith("2026-11-21T08:00")
        assert int(record["first_seen_at"][17:19]) == int(record["media"]["first_seen_s"])


def test_ids_are_the_same_when_the_recording_is_read_again_as_a_folder(
    pieces: list[Path], cut: tuple[Outcome, Path], tmp_path: Path
) -> None:
    assert run(tmp_path / "out", pieces[0].parent).code == 0

    assert [one["incident_id"] for one in latest(tmp_path / "out")] == [one["incident_id"] for one in latest(cut[1])]


def test_a_broken_piece_stops_nothing_and_is_told(pieces: list[Path], tmp_path: Path) -> None:
    folder = tmp_path / "day"
    folder.mkdir()
    for path in pieces:
        (folder / path.name).write_bytes(path.read_bytes())
    (folder / pieces[1].name).write_bytes(b"\0" * 1000)

    outcome = run(tmp_path / "out", folder)

    rows = inputs_of(tmp_path / "out")
    assert outcome.code == 3
    assert [row["state"] for row in rows] == ["done", "failed", "done", "done", "done", "done"]
    assert "begins 10.0 s after the file before ended" in " ".join(rows[2]["notes"])
    assert rows[2]["begins_s"] == pytest.approx(20, abs=0.05)


def test_pieces_that_overlap_are_seen_once(pieces: list[Path], whole: Path, tmp_path: Path) -> None:
    again = tmp_path / "gate_20261121080000.mp4"
    again.write_bytes(pieces[0].read_bytes())

    outcome = run(tmp_path / "out", again, *pieces)

    assert outcome.code == 0
    assert told(tmp_path / "out") == told(whole)
    assert "lie in the file before" in " ".join(inputs_of(tmp_path / "out")[1]["notes"])


def test_clips_and_videos_of_pieces_lie_where_they_belong(pieces: list[Path], tmp_path: Path) -> None:
    outcome = run(tmp_path / "out", *pieces, "--clips", "--annotate")

    assert outcome.code == 0
    assert len(list((tmp_path / "out").glob("annotated-*.mp4"))) == len(pieces)
    for record in latest(tmp_path / "out"):
        clips = [one for one in record["evidence"] if one["role"] == "clip"]
        assert all(one["media_s"] <= record["media"]["confirmed_s"] <= one["media_s"] + 10 for one in clips)
        assert clips


def test_a_start_that_is_given_is_the_recordings(pieces: list[Path], tmp_path: Path) -> None:
    outcome = run(tmp_path / "out", *pieces[2:4], "--start", "2027-01-01T12:00:00+08:00")

    assert outcome.code == 0
    assert [(row["started_at"][:19], row["clock"], row["begins_s"]) for row in inputs_of(tmp_path / "out")] == [
        ("2027-01-01T12:00:00", "given", 0.0),
        ("2027-01-01T12:00:10", "given", 10.0),
    ]


def test_what_is_no_cameras_source_is_refused_before_anything_is_written(pieces: list[Path], tmp_path: Path) -> None:
    outcome = cvinspect("run", pieces[0], "--config", CONFIG, "--out", tmp_path / "out")

    assert (outcome.code, len(outcome.errors)) == (2, 1)
    assert "which names sample-street" in outcome.errors[0]
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("names", "words"),
    [
        ([f"gate_2026112110{minute:02d}00.png" for minute in range(0, 30, 5)], ()),
        ([f"gate_2026112110{minute:02d}00.png" for minute in range(0, 30, 5)], ("--fps", 1 / 300)),
        ([f"{number}.png" for number in range(6)], ("--interval", 300)),
    ],
    ids=["names", "names and a rate", "interval"],
)
def test_a_car_on_snapshots_minutes_apart_is_raised_once(
    names: list[str], words: tuple[object], tmp_path: Path
) -> None:
    folder = tmp_path / "snapshots"
    folder.mkdir()
    with av.open(str(SAMPLE)) as container:
        container.seek(28_000_000)
        pixels = next(one for one in container.decode(video=0) if one.time >= 30).to_ndarray(format="bgr24")
    for name in names:
        write_picture(folder / name, pixels)
    rules = tmp_path / "rules.yaml"
    rules.write_text("violations: {illegal_parking_motor: {dwell_s: 900}}\n")

    assert cvinspect("run", folder, "--config", rules, *words, "--out", tmp_path / "out").code == 0

    [car] = [one for one in latest(tmp_path / "out") if one["class_id"] == "illegal_parking_motor"]
    assert 900 <= car["dwell_s"] <= 1500


def test_fps_and_interval_are_one_question(tmp_path: Path) -> None:
    outcome = cvinspect("run", SAMPLE, "--fps", 1, "--interval", 5, "--out", tmp_path / "out")

    assert (outcome.code, outcome.errors) == (
        2,
        ["--fps and --interval: both say how far apart samples are; give one of them"],
    )


def test_a_name_without_a_time_among_times_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    named, unnamed = tmp_path / "gate_20261121080000.mp4", tmp_path / "test.mp4"
    for path in (named, unnamed):
        path.symlink_to(SAMPLE)

    outcome = run(tmp_path / "out", named, unnamed)

    assert outcome.code == 2
    assert "test.mp4: its name holds no time" in outcome.err
    assert not (tmp_path / "out").exists()


def test_a_pause_within_a_file_is_told_and_makes_no_speed(tmp_path: Path) -> None:
    ticks = [*range(50), *range(36_050, 36_100)]
    path = encode(tmp_path / "paused.mkv", ticks=ticks, options={"bf": "0", "g": "10"})

    outcome = run(tmp_path / "out", path)

    [told_of] = inputs_of(tmp_path / "out")
    assert outcome.code == 0
    assert "1 pause, 3600 s; nobody saw what was in between" in told_of["notes"]
    assert told_of["media_s"] == pytest.approx(3610.0, abs=1.0)
    assert told_of["speed"] * told_of["elapsed_s"] == pytest.approx(10.0, abs=2.0)
