"""The output folder: what is in which file, and what stays when writing fails."""

import csv
import errno
import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from cvinspect.domain import Camera, ChangeKind, Location, Stage, Status
from cvinspect.errors import DeliveryError
from cvinspect.records.files import RecordFiles, open_append, prepare_folder, write_whole
from cvinspect.records.incident import IncidentRecord, RecordContext, json_schema
from cvinspect.records.parts import NamesPart
from cvinspect.records.summary import (
    ClassSummary,
    ConfigSummary,
    InputSummary,
    ModelSummary,
    RunSummary,
)
from tests.incident_makers import CAMERA, SHANGHAI, START, an_incident, at

CONTEXT = RecordContext(SHANGHAI, "container", "kerb.mp4", "street-26n", "a" * 64, "b" * 64)


def record(event: ChangeKind = ChangeKind.OPENED, camera: Camera = CAMERA, **given: object) -> IncidentRecord:
    return IncidentRecord.from_incident(
        an_incident(**given), event, camera, backing="real", evidence=(), context=CONTEXT
    )


PRE_ALARM = {"stage": Stage.PRE_ALARM, "revision": 0, "confirmed": None}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    prepare_folder(tmp_path / "out", overwrite=False)
    return tmp_path / "out"


def lines(path: Path) -> list[Any]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def rows(folder: Path) -> list[dict[str, str]]:
    text = (folder / "incidents.csv").read_bytes().decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


class DiskThatFills:
    """A file on a disk that takes so many bytes and no more."""

    def __init__(self, path: Path, room_bytes: int) -> None:
        self._file = open_append(path)
        self._room_bytes = room_bytes

    def write(self, data: bytes, /) -> int | None:
        if self._room_bytes == 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        written = self._file.write(data[: self._room_bytes]) or 0
        self._room_bytes -= written
        return written

    def truncate(self, size: int, /) -> int:
        return self._file.truncate(size)

    def close(self) -> None:
        self._file.close()


def test_each_revision_is_a_line_at_once_and_fits_the_schema(folder: Path) -> None:
    files = RecordFiles(folder)
    files.write(record())
    files.write(record(ChangeKind.CLEARED, revision=2, status=Status.CLEARED, cleared=at(20)))
    written = lines(folder / "incidents.jsonl")
    files.close()
    for line in written:
        jsonschema.validate(line, json_schema())
    assert [(line["revision"], line["event"]) for line in written] == [(1, "opened"), (2, "cleared")]


def test_pre_alarms_and_their_lapse_have_a_file_of_their_own(folder: Path) -> None:
    files = RecordFiles(folder)
    files.write(record(ChangeKind.PRE_ALARM, id="a", **PRE_ALARM))
    files.write(record(ChangeKind.CLOSED, id="a", status=Status.CLOSED, **PRE_ALARM))
    files.write(record(ChangeKind.PRE_ALARM, id="b", **PRE_ALARM))
    files.write(record(ChangeKind.OPENED, id="b"))
    files.close()
    assert [(line["incident_id"], line["event"]) for line in lines(folder / "pre_alarms.jsonl")] == [
        ("a", "pre_alarm"),
        ("a", "closed"),
        ("b", "pre_alarm"),
    ]
    assert [line["incident_id"] for line in lines(folder / "incidents.jsonl")] == ["b"]
    assert ([item.incident_id for item in files.incidents], [item.incident_id for item in files.pre_alarms]) == (
        ["b"],
        ["a"],
    )


def test_a_full_disk_leaves_whole_lines_and_says_which_file(folder: Path) -> None:
    first = record()
    room_bytes = len(first.to_json().encode()) + 1 + 40
    files = RecordFiles(folder, open_file=lambda path: DiskThatFills(path, room_bytes))
    files.write(first)
    with pytest.raises(DeliveryError) as failure:
        files.write(record(revision=2))
    files.close()
    path = folder / "incidents.jsonl"
    assert (path.read_text("utf-8"), str(failure.value), files.incidents) == (
        first.to_json() + "\n",
        f"{path}: cannot be written: No space left on device",
        (first,),
    )


def test_the_ledger_opens_in_excel_with_one_row_for_each_incident(folder: Path) -> None:
    files = RecordFiles(folder)
    files.write(record())
    files.write(record(ChangeKind.UPDATED, revision=2, last_seen=at(12)))
    files.finish()
    files.close()
    data = (folder / "incidents.csv").read_bytes()
    row = {header.split()[-1]: cell for header, cell in rows(folder)[0].items()}
    assert data.startswith("\ufeff事件编号 incident_id,类别 class,".encode())
    assert (data.count(b"\r\n"), data.count(b"\n"), len(rows(folder))) == (2, 2, 1)
    assert row == {
        "incident_id": "inc-1",
        "class": "机动车乱停放",
        "class_en": "Illegal parking",
        "class_id": "illegal_parking_motor",
        "code": "大类05 小类05",
        "status": "open",
        "status_zh": "持续中",
        "first_seen_at": "2026-11-21 10:00:02",
        "confirmed_at": "2026-11-21 10:00:07",
        "last_seen_at": "2026-11-21 10:00:12",
        "cleared_at": "",
        "time_zone": "UTC+08:00",
        "clock": "container",
        "clock_zh": "视频元数据",
        "dwell_s": "10.0",
        "dwell_threshold_s": "5.0",
        "camera_id": "kerb-01",
        "device_gbid": "'34020000001320000001",
        "address": "人民路18号 18 Renmin Road",
        "grid_code": "'310101001002003",
        "road_id": "R-7",
        "lon": "121.4737",
        "lat": "31.2304",
        "zone_id": "kerb-1",
        "zone_kind": "no_parking",
        "zone_kind_zh": "机动车禁停区",
        "confidence": "0.9124",
        "backing": "real",
        "backing_zh": "实拍数据",
        "objects": "1",
        "duplicate_of": "",
        "recurrence_of": "",
        "evidence": "",
        "source": "kerb.mp4",
        "media_first_seen_s": "2.0",
        "revision": "2",
        "review": "",
        "reviewer": "",
        "remarks": "",
        "seen_s": "10.0",
        "unseen_s": "0.0",
        "uncounted_s": "0.0",
        "reopenings": "0",
        "reason": "",
        "reason_zh": "",
        "view": "",
    }


@pytest.mark.parametrize(
    ("address", "cell"),
    [
        ("=HYPERLINK(1)", "'=HYPERLINK(1)"),
        ("+8613800000000 gate", "'+8613800000000 gate"),
        ("-2", "-2"),
        ("-2+3", "'-2+3"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\r=1"),
        ("＝1+1", "'＝1+1"),
        ("5-12", "'5-12"),
        ("人民路，东口\n北侧", "人民路，东口\n北侧"),
    ],
)
def test_no_cell_is_run_or_rewritten_by_a_spreadsheet(folder: Path, address: str, cell: str) -> None:
    files = RecordFiles(folder)
    files.write(record(camera=replace(CAMERA, location=Location(address=address))))
    files.finish()
    files.close()
    assert rows(folder)[0]["地址 address"] == cell


def test_the_map_has_a_point_for_each_incident_that_has_a_place(folder: Path) -> None:
    files = RecordFiles(folder)
    files.write(record(id="a"))
    files.write(record(id="b", camera=Camera("nowhere"), first_seen=at(3)))
    files.finish()
    files.close()
    collection = json.loads((folder / "incidents.geojson").read_text("utf-8"))
    nested = [
        value
        for item in collection["features"]
        for value in item["properties"].values()
        if value == [] or isinstance(value, dict)
    ]
    assert (collection["type"], [(item["type"], item["id"], item["geometry"]) for item in collection["features"]]) == (
        "FeatureCollection",
        [
            ("Feature", "a", {"type": "Point", "coordinates": [121.4737, 31.2304]}),
            ("Feature", "b", None),
        ],
    )
    assert (nested, collection["features"][0]["properties"]["name_zh"]) == ([], "机动车乱停放")


def test_a_run_without_incidents_still_has_valid_tables(folder: Path) -> None:
    files = RecordFiles(folder)
    files.finish()
    files.close()
    assert (rows(folder), json.loads((folder / "incidents.geojson").read_text())) == (
        [],
        {"type": "FeatureCollection", "features": []},
    )


def test_the_summary_adds_up_and_reads_back(folder: Path) -> None:
    inputs = (
        InputSummary(
            name="a.mp4", path="/f/a.mp4", camera="c", kind="video", state="done",
            frames_read=100, frames_sampled=10, media_s=20.0, elapsed_s=4.0,
        ),
        InputSummary(name="b.mp4", path="/f/b.mp4", camera="c", kind=None, state="failed", error="b.mp4: empty"),
    )  # fmt: skip
    classes = (
        ClassSummary(id="road_damage", names=NamesPart(zh="道路破损", en="Road damage"), backing="none"),
        ClassSummary(id="parking", names=NamesPart(zh="停", en="P"), backing="real", incidents=2, pre_alarms=1),
    )
    summary = RunSummary.build(
        version="0.1.0",
        started_at=START,
        state="done",
        model=ModelSummary(name="m", sha256="a" * 64),
        config=ConfigSummary(path=None, sha256="b" * 64),
        inputs=inputs,
        classes=classes,
        elapsed_s=5.0,
    )
    files = RecordFiles(folder)
    files.finish(summary)
    files.close()
    assert RunSummary.model_validate_json((folder / "summary.json").read_text("utf-8")) == summary
    assert (summary.unbacked_classes, summary.inputs[0].speed, summary.inputs[1].speed) == (
        ("road_damage",),
        5.0,
        None,
    )
    assert summary.totals.model_dump() == {
        "inputs": 2,
        "done": 1,
        "incomplete": 0,
        "failed": 1,
        "interrupted": 0,
        "frames_read": 100,
        "frames_sampled": 10,
        "frames_broken": 0,
        "media_s": 20.0,
        "elapsed_s": 5.0,
        "incidents": 2,
        "pre_alarms": 1,
    }


def test_the_results_of_an_earlier_run_are_not_overwritten_unasked(folder: Path) -> None:
    (folder / "incidents.jsonl").write_text("{}\n")
    with pytest.raises(DeliveryError, match=r"already holds the results of an earlier run \(incidents\.jsonl\)"):
        prepare_folder(folder, overwrite=False)
    assert (folder / "incidents.jsonl").read_text() == "{}\n"


def test_overwriting_removes_our_files_and_keeps_all_others(folder: Path) -> None:
    (folder / "evidence" / "original").mkdir()
    name = "35ffd62d-ab13-58ff-b148-1faa6ebe4e98"
    ours = [
        "incidents.jsonl",
        "pre_alarms.jsonl",
        "incidents.csv",
        "incidents.geojson",
        "summary.json",
        "report.html",
        "annotated-kerb-01.mp4",
        ".incidents.csv.part",
        f"evidence/{name}_panorama_2.jpg",
        f"evidence/.{name}_after_1.jpg.part",
        "evidence/original/frame_kerb-01_20261121T020000000Z_0a1b2c3d.jpg",
        f"evidence/original/{name}_closeup_1.jpg",
    ]
    foreign = [
        "notes.txt",
        "incidents.xlsx",
        "evidence/house_after_1.jpg",
        "annotated by me.mp4",
        ".download.part",
        "evidence/original/truth.json",
    ]
    for path in [*ours, *foreign]:
        (folder / path).write_text("x")
    prepare_folder(folder, overwrite=True)
    left = sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
    assert left == sorted(foreign)


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DeliveryError, match="file/out: cannot be written: Not a directory"):
        prepare_folder(tmp_path / "file" / "out", overwrite=False)


def test_a_table_that_cannot_be_replaced_stays_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "t.csv").mkdir()
    with pytest.raises(DeliveryError, match=r"t\.csv: cannot be written: Is a directory"):
        write_whole(tmp_path / "t.csv", "x")
    assert (tmp_path / "t.csv").is_dir()
