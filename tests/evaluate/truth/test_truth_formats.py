"""Truth files of every kind, and what is said of faulty ones."""

import json
import math
from pathlib import Path
from typing import Any

import pytest

from cvinspect.config.site import load_site
from cvinspect.domain import Zone
from cvinspect.errors import DatasetError
from cvinspect.evaluate.truth.truth_clip import Spell, TruthClip, TruthEvent
from cvinspect.evaluate.truth.truth_formats import Truth, read_truth
from cvinspect.geometry import Box

ROOT = Path(__file__).parents[3]
FOOTAGE = ROOT / ".." / "shared" / "footage"
VIOLATIONS = load_site(None).violations(period_s=1.0)
PARKING, RUBBISH = "illegal_parking_motor", "exposed_garbage"
CAR: dict[str, Any] = {"class": PARKING, "start_s": 1, "end_s": 9, "box": [0.1, 0.1, 0.3, 0.3]}


def read(tmp_path: Path, content: object, name: str = "truth.json") -> Truth:
    path = tmp_path / name
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return read_truth(path, VIOLATIONS)


def faults(tmp_path: Path, content: object, name: str = "truth.json") -> list[str]:
    with pytest.raises(DatasetError) as caught:
        read(tmp_path, content, name)
    return [line.replace(f"{tmp_path}/", "") for line in str(caught.value).split("\n")]


def one_clip(*events: object, **more: object) -> dict[str, object]:
    return {"clips": {"a.mp4": {"events": list(events), **more}}}


def test_our_own_format_is_read_whole(tmp_path: Path) -> None:
    polygon = [[0, 0], [1, 0], [1, 1]]
    content = {
        "about": "by eye",
        "classes": [PARKING],
        "clips": {
            "街/a b.mp4": {
                "camera": "gate",
                "length_s": 20,
                "zones": [{"id": "kerb", "kind": "no_parking", "polygon": polygon}],
                "events": [CAR | {"zone": "kerb"}, CAR | {"start_s": 10, "end_s": 20}],
                "negatives": [{"what": "a cyclist", "from_s": 3, "to_s": 4}],
                "ignore": [{"why": "half a car", "box": [0.9, 0.1, 1, 0.3], "class": PARKING}],
            },
            "b.mp4": {"events": None},
        },
    }
    truth = read(tmp_path, content)
    box = Box(0.1, 0.1, 0.3, 0.3)
    clip = TruthClip(
        name="街/a b.mp4",
        path=tmp_path / "街" / "a b.mp4",
        camera="gate",
        duration_s=20.0,
        zones=(Zone("kerb", "no_parking", ((0, 0), (1, 0), (1, 1))),),
        events=(
            TruthEvent("街/a b.mp4", "gate", PARKING, 1.0, 9.0, False, box, "kerb"),
            TruthEvent("街/a b.mp4", "gate", PARKING, 10.0, 20.0, True, box),
        ),
        negatives=(Spell("a cyclist", None, 3.0, 4.0),),
        ignored=(Spell("half a car", Box(0.9, 0.1, 1, 0.3), 0.0, math.inf, PARKING),),
        classes=frozenset({PARKING}),
    )
    assert truth == Truth(tmp_path / "truth.json", truth.sha256, (clip,), ("b.mp4",))
    assert len(truth.sha256) == 64


def test_the_truth_of_the_sample_is_read() -> None:
    [clip] = read_truth(ROOT / "samples" / "street.truth.json", VIOLATIONS).clips
    assert (clip.name, clip.duration_s, len(clip.zones), len(clip.events), len(clip.negatives)) == (
        "street.mp4", 60.0, 6, 7, 4,
    )  # fmt: skip
    assert all(event.is_there_at_end for event in clip.events)


@pytest.mark.skipif(not FOOTAGE.is_dir(), reason=f"needs the truth of the real clips in {FOOTAGE}, which is not here")
def test_the_truth_of_the_real_clips_is_read() -> None:
    truth = read_truth(FOOTAGE / "truth.json", VIOLATIONS)
    assert {clip.name: (len(clip.events), len(clip.ignored)) for clip in truth.clips} == {
        "kerb_stop.mp4": (1, 0),
        "lot_two_leave.mp4": (6, 2),
        "pass_by.mp4": (0, 0),
        "suburb_traffic.mp4": (0, 0),
    }
    assert truth.unlabelled == ("town_centre_1080p.mp4",)


def test_activitynets_format_is_read_without_places_and_unlabelled_videos_are_told(tmp_path: Path) -> None:
    (tmp_path / "v_abc.mkv").touch()
    content = {
        "version": "1.3",
        "database": {
            "abc": {"duration": 60.5, "url": "x", "annotations": [{"segment": [2, 60.5], "label": "机动车乱停放"}]},
            "none": {"annotations": []},
            "held": {"subset": "testing"},
        },
    }
    truth = read(tmp_path, content)
    event = TruthEvent("abc", "abc", PARKING, 2.0, 60.5, True)
    assert truth.clips == (
        TruthClip("abc", tmp_path / "v_abc.mkv", "abc", 60.5, (), (event,)),
        TruthClip("none", tmp_path / "none.mp4", "none", None, (), ()),
    )
    assert truth.unlabelled == ("held",)


def test_a_table_is_read_and_a_row_without_a_class_is_a_clip_in_which_nothing_stays(tmp_path: Path) -> None:
    table = (
        "\ufeffclip,camera,class,start_s,end_s,x0,y0,x1,y1,zone\r\n"
        f"a.mp4,gate,{PARKING},1,9.5,0.1,0.1,0.3,0.3,kerb\r\n"
        f"b.mp4,,,,,,,,,\r\n"
        f"a.mp4,,{RUBBISH},0,5,,,,,\r\n"
    )
    truth = read(tmp_path, table, "truth.csv")
    assert truth.clips == (
        TruthClip(
            "a.mp4", tmp_path / "a.mp4", "gate", None, (),
            (
                TruthEvent("a.mp4", "gate", PARKING, 1.0, 9.5, False, Box(0.1, 0.1, 0.3, 0.3), "kerb"),
                TruthEvent("a.mp4", "gate", RUBBISH, 0.0, 5.0),
            ),
        ),
        TruthClip("b.mp4", tmp_path / "b.mp4", "b", None, (), ()),
    )  # fmt: skip


def test_a_clip_whose_camera_is_not_named_has_its_own_whatever_its_name(tmp_path: Path) -> None:
    names = ["north/gate.mp4", "south/gate.mp4", f"{'x' * 100}.mp4"]
    clips = read(tmp_path, {"clips": {name: {"events": []} for name in names}}).clips
    assert [clip.camera for clip in clips] == ["north-gate", "south-gate", "x" * 80]


def test_every_fault_of_every_clip_is_told_with_its_key(tmp_path: Path) -> None:
    content = {
        "clips": {
            "a.mp4": {
                "length_s": 20,
                "events": [CAR | {"class": "parking"}, CAR | {"end_s": 0.5}, CAR | {"end_s": 99}],
            },
            "b.mp4": {"events": [CAR | {"start_s": -1}, CAR | {"box": [0.3, 0.1, 0.1, 0.3]}]},
            "c.mp4": {"events": [], "ignore": [{"why": "x", "from_s": 5, "to_s": 4}]},
        }
    }
    lines = faults(tmp_path, content)
    assert lines[0].startswith(
        "truth.json: clips.a.mp4.events.0: no such class: 'parking'; allowed: out_of_store_operation, street_vendor, "
    )
    assert lines[1:] == [
        "truth.json: clips.a.mp4.events.1: ends at 0.5 s, but starts at 1 s; the end comes after the start",
        "truth.json: clips.a.mp4.events.2: ends at 99 s, but the clip is 20 s long",
        "truth.json: clips.b.mp4.events.0: starts at -1 s; allowed: 0 and more",
        "truth.json: clips.b.mp4.events.1: box 0.3, 0.1, 0.1, 0.3; "
        "allowed: x0 < x1 and y0 < y1, shares of the picture from 0 to 1",
        "truth.json: clips.c.mp4.ignore.0: ends at 4 s, but starts at 5 s; the end comes after the start",
    ]


def test_one_thing_labelled_twice_is_refused(tmp_path: Path) -> None:
    again = CAR | {"start_s": 5, "end_s": 12, "box": [0.12, 0.1, 0.3, 0.3]}
    assert faults(tmp_path, one_clip(CAR, again)) == [
        f"truth.json: clips.a.mp4.events.1: the same {PARKING} at the same place and time as clips.a.mp4.events.0; "
        "leave one of them"
    ]
    segment = {"segment": [1, 2], "label": PARKING}
    [line] = faults(tmp_path, {"database": {"a": {"annotations": [segment, segment]}}})
    assert line.startswith("truth.json: database.a.annotations.1: the same")


@pytest.mark.parametrize(
    "other",
    [
        CAR | {"start_s": 9, "end_s": 20},  # the next car in the bay
        CAR | {"box": [0.25, 0.1, 0.45, 0.3]},  # the car beside it
        CAR | {"class": RUBBISH},
    ],
)
def test_two_things_are_two(tmp_path: Path, other: dict[str, object]) -> None:
    assert len(read(tmp_path, one_clip(CAR, other)).clips[0].events) == 2


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ("", "truth.json:1: no JSON: Expecting value (column 1)"),
        ("[1]",
         "truth.json: no truth in it; needed: key `clips` (ours) or `database` (ActivityNet's), or a table in .csv"),
        ('{"clips": {"a": {"events": []}, "a": {"events": []}}}',
         "truth.json: key 'a' stands there a second time; allowed: each once"),
        ({"clips": {}}, "truth.json: no labelled clip in it; at least one is needed"),
        ({"clips": {"a.mp4": {"events": None}}}, "truth.json: no labelled clip in it; at least one is needed"),
        ({"database": {}}, "truth.json: no labelled clip in it; at least one is needed"),
        ({"clips": {"a.mp4": {}}}, "truth.json:1: clips.a.mp4.events: Field required"),
        (one_clip({"class": PARKING, "start": 1}),
         "truth.json:1: clips.a.mp4.events.0: unknown key 'start'; "
         "allowed: class, start_s, end_s, box, zone, ends, note"),
        (one_clip(CAR | {"start_s": True}),
         "truth.json:1: clips.a.mp4.events.0.start_s: true is no number; allowed: a number"),
        ('{"clips": {"a.mp4": {"events": [{"class": "x", "start_s": NaN, "end_s": 2}]}}}',
         "truth.json:1: clips.a.mp4.events.0.start_s: Input should be a finite number; found nan"),
        ({"clips": {"a.mp4": {"events": []}, "./a.mp4": {"events": []}}},
         "truth.json: clips../a.mp4: is the same file as 'a.mp4'; write each clip once"),
        (one_clip(CAR | {"zone": "x"}, zones=[{"id": "kerb", "kind": "no_parking", "polygon": [[0, 0]]}]),
         "truth.json: clips.a.mp4.events.0: zone 'x' is not drawn for this clip; allowed: kerb"),
        ("[" * 100_000, "truth.json: brackets within brackets without end"),
    ],
)  # fmt: skip
def test_a_faulty_file_gets_one_line(tmp_path: Path, content: object, line: str) -> None:
    assert faults(tmp_path, content) == [line]


@pytest.mark.parametrize(
    ("table", "line"),
    [
        ("", "truth.csv:1: no column clip, class, start_s, end_s; needed: clip, class, start_s, end_s; "
             "allowed besides: camera, x0, y0, x1, y1, zone, note"),
        ("clip,class,start_s,end_s\n", "truth.csv: no labelled clip in it; at least one is needed"),
        ("clip,class,start_s,end_s\na.mp4,x\n", "truth.csv:2: more or fewer cells than the header has columns"),
        ("clip,class,start_s,end_s\n,x,1,2\n", "truth.csv:2: clip is ''; a file is needed, relative to the table"),
        (f"clip,class,start_s,end_s\na.mp4,{PARKING},one,2\n", "truth.csv:2: start_s is 'one'; a number is needed"),
        (f"clip,class,start_s,end_s\na.mp4,{PARKING},1,inf\n",
         "truth.csv:2: end_s is 'inf'; a finite number is needed"),
        (f"clip,class,start_s,end_s\na.mp4,{PARKING},3,2\n",
         "truth.csv:2: ends at 2 s, but starts at 3 s; the end comes after the start"),
        ("clip,class,start_s,end_s\na.mp4,,3,\n",
         "truth.csv:2: start_s without a class; name the class, or leave the rest of the row empty"),
        (f"clip,class,start_s,end_s,x0,y0,x1,y1\na.mp4,{PARKING},1,2,0.1,,,\n",
         "truth.csv:2: only x0 of a box; give all of x0, y0, x1, y1, or none"),
        (f"clip,class,start_s,end_s,camera\na.mp4,{PARKING},1,2,gate\na.mp4,{PARKING},4,5,yard\n",
         "truth.csv:3: camera is 'yard', but 'gate' earlier for this clip"),
    ],
)  # fmt: skip
def test_a_faulty_table_gets_one_line(tmp_path: Path, table: str, line: str) -> None:
    assert faults(tmp_path, table, "truth.csv") == [line]


def test_a_file_that_is_not_there_or_is_no_text_is_told(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"truth\.json: is no file; a text file is needed"):
        read_truth(tmp_path / "truth.json", VIOLATIONS)
    (tmp_path / "truth.json").write_bytes(b"\xff\xfe")
    with pytest.raises(DatasetError, match=r"truth\.json: not UTF-8 text \(byte 0\)"):
        read_truth(tmp_path / "truth.json", VIOLATIONS)
