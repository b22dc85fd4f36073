"""COCO files of labelled pictures and of detections: what is read from them, and what is wrong with them in a line."""

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cvinspect.errors import DatasetError, DeliveryError
from cvinspect.evaluate.detections.results_json import Results, ResultsWriter
from cvinspect.evaluate.labelled.coco_json import pictures_folder
from cvinspect.evaluate.labelled.label_file import LabelledBox
from cvinspect.evaluate.labelled.labelled_split import LabelledSet, read_labelled_set
from cvinspect.evaluate.labelled.manifest import Split
from cvinspect.evaluate.labelled.picture_size import PictureSize
from cvinspect.geometry import Box
from tests.evaluate.coco_folder import CocoFolder, row
from tests.labelled_folder import TABLE, Folder


@pytest.fixture
def coco(tmp_path: Path) -> CocoFolder:
    return CocoFolder(tmp_path)


def test_pictures_come_with_boxes_in_shares_and_their_sizes(coco: CocoFolder) -> None:
    coco.content["annotations"].append(
        {"image_id": 9, "category_id": 1, "bbox": [40, 30, 40, 30], "iscrowd": 1, "segmentation": {"counts": "x"}}
    )
    labelled = coco.read()
    assert (labelled.names, labelled.label_keys, labelled.keys) == (("bag", "bin"), {3: 0, 1: 1}, (7, 9))
    assert [picture.path.name for picture in labelled.pictures] == ["a.png", "街 b.png"]
    assert [picture.boxes for picture in labelled.pictures] == [
        (LabelledBox(0, Box(0.25, 0.25, 0.75, 0.75)),),
        (LabelledBox(0, Box(0, 0, 0.5, 0.5)),),
    ]
    assert [picture.doubtful for picture in labelled.pictures] == [(), (LabelledBox(1, Box(0.5, 0.5, 1, 1)),)]
    assert [picture.complete for picture in labelled.pictures] == [frozenset({0, 1})] * 2
    assert [labelled.size_of(i) for i in (0, 1)] == [PictureSize(80, 60)] * 2


def test_a_name_that_is_too_long_for_a_file_is_only_not_there(coco: CocoFolder) -> None:
    coco.content["images"][0]["file_name"] = "x" * 300
    assert coco.read().pictures[0].path == coco.root / "images" / ("x" * 300)


def test_a_source_table_limits_what_a_picture_can_judge(coco: CocoFolder) -> None:
    (coco.root / "source.csv").write_text(TABLE + "val,a.png,by bus,bag\n", encoding="utf-8")
    labelled = coco.read()
    assert [picture.complete for picture in labelled.pictures] == [frozenset({0}), frozenset()]
    assert labelled.notes.not_in_table == 1


def test_a_box_that_stands_there_twice_is_left_out_and_counted(coco: CocoFolder) -> None:
    coco.content["annotations"].append(coco.content["annotations"][0])
    labelled = coco.read()
    assert (len(labelled.pictures[0].boxes), labelled.notes.doubled_boxes) == (1, 1)


def test_pictures_are_found_where_coco_itself_has_them(tmp_path: Path) -> None:
    (tmp_path / "images" / "val2017").mkdir(parents=True)
    (tmp_path / "images" / "val2017" / "a.jpg").touch()
    file = tmp_path / "annotations" / "instances_val2017.json"
    assert pictures_folder(file, Split.VAL, "a.jpg") == tmp_path / "images" / "val2017"
    assert pictures_folder(file, Split.VAL, "b.jpg") == tmp_path / "annotations" / "images"


def put(part: str, index: int, **fields: object) -> Callable[[dict[str, Any]], None]:
    return lambda content: content[part][index].update(fields)


COCO_FAULTS: dict[str, Callable[[dict[str, Any]], object]] = {
    "annotations[1]: image_id is 8; allowed: the ids of images": put("annotations", 1, image_id=8),
    "annotations[1]: category_id is 2; allowed: 3, 1": put("annotations", 1, category_id=2),
    "annotations[0]: category_id is [3]; allowed: 3, 1": put("annotations", 0, category_id=[3]),
    "annotations[0]: bbox is [1, 2, 3]; allowed: [x, y, width, height] in pixels": put(
        "annotations", 0, bbox=[1, 2, 3]
    ),
    "annotations[0]: bbox is [1, 2, 3, True]; allowed: [x, y, width, height] in pixels": put(
        "annotations", 0, bbox=[1, 2, 3, True]
    ),
    "annotations[0]: bbox has width 0, height 5; both must be above 0": put("annotations", 0, bbox=[1, 2, 0, 5]),
    "annotations[0]: bbox [50, 2, 40, 5] leaves the picture of 80 x 60 pixels": put(
        "annotations", 0, bbox=[50, 2, 40, 5]
    ),
    "annotations[0]: iscrowd is 'yes'; allowed: 0 or 1": put("annotations", 0, iscrowd="yes"),
    "images[0]: width is 0, height is 60; allowed: whole numbers above 0": put("images", 0, width=0),
    "images[0]: width is None, height is 60; allowed: whole numbers above 0": put("images", 0, width=None),
    "images[1]: id 7, file_name 'c.png' stands here a second time; each needs its own": put(
        "images", 1, id=7, file_name="c.png"
    ),
    "images[1]: id 9, file_name 'a.png' stands here a second time; each needs its own": put(
        "images", 1, file_name="a.png"
    ),
    "images[0]: file_name is 'a\\ud800.png'; a picture's name is needed": put("images", 0, file_name="a\ud800.png"),
    "images[1]: file_name is ''; a picture's name is needed": put("images", 1, file_name=""),
    "categories[1]: id 1, name 'bag' stands here a second time; each needs its own": put("categories", 1, name="bag"),
    "categories[1]: id is None; allowed: a whole number": put("categories", 1, id=None),
    "categories[0]: name is ''; a name is needed": put("categories", 0, name=""),
    "images is empty; at least one is needed": lambda content: content["images"].clear(),
    "categories is missing; a list is needed": lambda content: content.pop("categories"),
}


@pytest.mark.parametrize(("fault", "spoil"), COCO_FAULTS.items())
def test_a_wrong_coco_file_gets_one_line_that_names_the_key(
    coco: CocoFolder, fault: str, spoil: Callable[[dict[str, Any]], object]
) -> None:
    spoil(coco.content)
    first = told(coco.read).split("\n")[0]
    assert first.removeprefix(f"{coco.path}: ").replace("\"''\"", "''") == fault


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (b"{", "not JSON: Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"),
        (b"[]", "list is no COCO file; a file of detections belongs to --predictions; keys are needed: "
         "images, categories, annotations"),
        (b"\xff", "not UTF-8 text (byte 0); save it as UTF-8"),
        (b"[" * 100_000, "not JSON: maximum recursion depth exceeded while decoding a JSON array from a unicode "
         "string"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_coco_file_gets_one_line(coco: CocoFolder, text: bytes, fault: str) -> None:
    coco.path.write_bytes(text)
    assert told(lambda: read_labelled_set(coco.path, Split.VAL)) == f"{coco.path}: {fault}"


def test_detections_come_back_by_picture_whatever_their_order(coco: CocoFolder) -> None:
    path = coco.results(row(9, 1, (1, 2, 3, 4), 0.5), row(), row(9, 3, (0, 0, 40, 30), 1))
    results = Results(path, coco.read())
    first, second = results.of(0), results.of(1)
    assert (first.labels.tolist(), first.confidences.tolist()) == ([0], [0.9])
    assert first.boxes_xyxy.tolist() == [[20, 15, 60, 45]]
    assert (second.labels.tolist(), second.confidences.tolist()) == ([1, 0], [0.5, 1.0])
    assert second.boxes_xyxy.tolist() == [[1, 2, 4, 6], [0, 0, 40, 30]]
    assert (second.width_px, second.height_px) == (80, 60)


def test_no_detections_at_all_are_none_of_each_picture(coco: CocoFolder) -> None:
    results = Results(coco.results(), coco.read())
    assert (len(results), results.of(0).boxes_xyxy.shape, results.of(1).boxes_xyxy.shape) == (0, (0, 4), (0, 4))


OTHER = "are these predictions of another set?"
ROWS = "a list of detections is needed: [{image_id, category_id, bbox: [x, y, width, height], score}, ...]"
RESULT_FAULTS: dict[str, object] = {
    f"[1]: image_id 8 is no picture of val in TRUTH; {OTHER}": row(8),
    f"[1]: image_id [7] is no picture of val in TRUTH; {OTHER}": row([7]),
    f"[1]: category_id 2; allowed: 3 bag, 1 bin; {OTHER}": row(7, 2),
    "[1]: bbox 'abcd'; allowed: [x, y, width, height] in pixels": row(bbox="abcd"),
    "[1]: bbox [1, 2, 3]; allowed: [x, y, width, height] in pixels": row(bbox=(1, 2, 3)),
    "[1]: score '0.9'; allowed: 0 to 1": row(score="0.9"),
    f"[1]: bbox [{'1' * 59}; allowed: [x, y, width, height] in pixels": row(bbox=(int("1" * 400), 2, 3, 4)),
    "[1]: score 1.5, bbox [20.0, 15.0, 40.0, 30.0]; "
    "allowed: a score from 0 to 1, width and height of 0 or more": row(score=1.5),
    "[1]: score 0.9, bbox [0.0, 0.0, -1.0, 5.0]; "
    "allowed: a score from 0 to 1, width and height of 0 or more": row(bbox=(0, 0, -1, 5)),
    "[1]: score nan, bbox [20.0, 15.0, 40.0, 30.0]; "
    "allowed: a score from 0 to 1, width and height of 0 or more": row(score=float("nan")),
    f"[1]: no score; {ROWS}": {"image_id": 7, "category_id": 3, "bbox": [1, 2, 3, 4]},
    f"[1]: 5; {ROWS}": 5,
}  # fmt: skip


@pytest.mark.parametrize(("fault", "wrong"), RESULT_FAULTS.items())
def test_a_wrong_detection_gets_one_line_with_its_place(coco: CocoFolder, fault: str, wrong: object) -> None:
    path = coco.results(row(), wrong, row())
    said = told(lambda: Results(path, coco.read()))
    assert said.replace(str(coco.path), "TRUTH") == f"{path}: {fault}"


def test_a_box_outside_its_picture_is_a_sign_of_another_set(coco: CocoFolder) -> None:
    path = coco.results(row(9, bbox=(200, 10, 50, 20)))
    fault = f"bbox [200.0, 10.0, 50.0, 20.0] of 9 lies outside its 80 x 60 pixels; {OTHER}"
    assert told(lambda: Results(path, coco.read()).of(1)) == f"{path}: {fault}"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("{}", f"{ROWS}; found '{{}}'"),
        ("", f"{ROWS}; found ''"),
        ("[5", "not JSON after [0]: Expecting ',' delimiter: line 1 column 3 (char 2)"),
        ("[] []", "not JSON after [0]: Extra data: line 1 column 4 (char 3)"),
    ],
)
def test_a_file_that_is_no_results_file_gets_one_line(coco: CocoFolder, text: str, fault: str) -> None:
    path = coco.root / "found.json"
    path.write_text(text, encoding="utf-8")
    assert told(lambda: Results(path, coco.read())) == f"{path}: {fault}"


def test_files_that_are_not_there_or_folders_get_one_line(coco: CocoFolder) -> None:
    labelled = coco.read()
    gone = coco.root / "gone.json"
    assert told(lambda: Results(gone, labelled)) == f"{gone}: cannot be read: No such file or directory"
    assert told(lambda: Results(coco.root, labelled)) == f"{coco.root}: cannot be read: Is a directory"


def test_a_file_larger_than_a_piece_is_read_whole_and_faults_keep_their_place(coco: CocoFolder) -> None:
    scores = [round(random.Random(i).random(), 6) for i in range(90_000)]
    rows = [row((7, 9)[i % 2], 3, (0, 0, 10, 10), score) for i, score in enumerate(scores)]
    path = coco.root / "found.json"
    path.write_text(json.dumps(rows, indent=1), encoding="utf-8")
    assert path.stat().st_size > 10 * 400_000
    results = Results(path, coco.read())
    assert len(results) == 90_000
    assert results.of(1).confidences.tolist() == scores[1::2]
    rows[70_000] = row(7, 3, (0, 0, 10, 10), "x")
    path.write_text(json.dumps(rows), encoding="utf-8")
    assert told(lambda: Results(path, coco.read())) == f"{path}: [70000]: score 'x'; allowed: 0 to 1"


def test_numbers_of_ultralytics_and_file_names_find_pictures_of_a_yolo_folder(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    for name in ("000012.png", "twice.png", "sub/twice.png"):
        folder.picture(f"val/images/{name}")
    labelled = read_labelled_set(folder.data, Split.VAL)
    by_place = [picture.path.relative_to(tmp_path / "val/images").as_posix() for picture in labelled.pictures]
    found = {key: by_place[place] for key, place in labelled.picture_keys.items()}
    twice = {picture.path.as_posix(): name for picture, name in zip(labelled.pictures, by_place, strict=True)
             if name.endswith("twice.png")}  # fmt: skip
    assert found == {"a": "a.png", "a.png": "a.png", 12: "000012.png", "000012": "000012.png",
                     "000012.png": "000012.png", **twice}  # fmt: skip
    assert labelled.label_keys == {1: 0, 2: 1}


BOXES = st.tuples(st.integers(0, 70), st.integers(0, 50), st.integers(1, 10), st.integers(1, 10))
FOUND = st.lists(st.tuples(st.sampled_from([7, 9]), st.sampled_from([1, 3]), BOXES, st.floats(0, 1)), max_size=20)


@settings(max_examples=40)
@given(FOUND)
def test_detections_that_were_written_are_read_back_equal(
    tmp_path_factory: pytest.TempPathFactory, found: list[tuple[int, int, Any, float]]
) -> None:
    coco = CocoFolder(tmp_path_factory.mktemp("coco"))
    labelled = coco.read()
    before = Results(coco.results(*[row(*one) for one in found]), labelled)
    copy = coco.root / "copy.json"
    writer = ResultsWriter(copy, labelled)
    for index in (0, 1):
        writer.write(index, before.of(index))
    writer.finish()
    after = Results(copy, labelled)
    for index in (0, 1):
        one, other = before.of(index), after.of(index)
        assert one.confidences.tolist() == other.confidences.tolist()
        assert one.labels.tolist() == other.labels.tolist()
        assert one.boxes_xyxy.tolist() == other.boxes_xyxy.tolist()


def test_detections_that_cannot_be_written_are_named(coco: CocoFolder) -> None:
    path = coco.root / "gone" / "found.json"
    with pytest.raises(DeliveryError, match=r"gone/found\.json: cannot be written: No such file or directory"):
        ResultsWriter(path, coco.read())


def told(read: Callable[[], Results | LabelledSet | object]) -> str:
    with pytest.raises(DatasetError) as caught:
        read()
    return str(caught.value)
