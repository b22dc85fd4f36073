"""What is wrong with a data set gets one line each: which file, which line, what was found, what is allowed."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.labelled_folder import DATA, TABLE, Folder


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


COLUMNS = "allowed: 5 (label x y width height), or 7, 9, ... (label and 3 or more corners)"
SHARES = "allowed: 0 to 1, shares of the picture"
LABEL_FAULTS = {
    "2 0.5 0.5 0.5 0.5": "label '2'; allowed: 0 to 1, as data.yaml names them",
    "-1 0.5 0.5 0.5 0.5": "label '-1'; allowed: 0 to 1, as data.yaml names them",
    "0.5 0.5 0.5 0.5 0.5": "label '0.5'; allowed: 0 to 1, as data.yaml names them",
    "0 0.9 0.5 0.3 0.5": f"a box from 0.75 0.25 1.05 0.75 (left top right bottom); {SHARES}",
    "0 320 240 100 80": f"a box from 270 200 370 280 (left top right bottom); {SHARES}",
    "0 0.5 0.5 0 0.5": "width 0, height 0.5; both must be above 0",
    "0 0.5 0.5 0.5 -0.1": "width 0.5, height -0.1; both must be above 0",
    "0 1.0005 0.5 0.0005 0.5": "nothing of the box lies in the picture: width 0.0005, height 0.5",
    "0 0.1 0.2 0.3 0.2 0.5 0.2": "nothing of the box lies in the picture: width 0.4, height 0",
    "0 0.1 0.2 0.3 0.2 1.5 0.9": f"a box from 0.1 0.2 1.5 0.9 (left top right bottom); {SHARES}",
    "0 nan 0.5 0.5 0.5": "'nan' is no number; allowed: numbers, with a point, between blanks",
    "0 0.5 0.5 1e999 0.5": "'1e999' is no number; allowed: numbers, with a point, between blanks",
    "bag 0.5 0.5 0.5 0.5": "'bag' is no number; allowed: numbers, with a point, between blanks",
    "0 0,5 0.5 0.5 0.5": "'0,5' is no number; allowed: numbers, with a point, between blanks",
    "0 1_0 0.5 0.5 0.5": "'1_0' is no number; allowed: numbers, with a point, between blanks",
    "0 0.5 0.5 0.5": f"4 columns; {COLUMNS}",
    "0 0.5 0.5 0.5 0.5 0.9": f"6 columns; {COLUMNS}",
    "0 0.5 0.5 0.5 0.5 1 0.2 0.2 0.1 0.1": "10 columns, every fifth of them a label number: 2 things without a line "
    "end between; write each into a line of its own",
    "0 0.5 0.5 0.5 0.5 1 0.2 0.2 0.1 0.1 0.0 0.7 0.7 0.1 0.1": "15 columns, every fifth of them a label number: "
    "3 things without a line end between; write each into a line of its own",
}


@pytest.mark.parametrize(("line", "fault"), LABEL_FAULTS.items())
def test_a_wrong_label_line_gets_one_line_with_its_number(folder: Folder, line: str, fault: str) -> None:
    folder.write("val/labels/a.txt", f"0 0.5 0.5 0.5 0.5\n{line}\n")
    assert folder.faults() == [f"val/labels/a.txt:2: {fault}"]


def test_a_line_of_a_pose_set_has_all_its_points_or_none(folder: Folder) -> None:
    folder.write("data.yaml", DATA + "kpt_shape: [2, 3]\n")
    folder.write("val/labels/a.txt", "0 0.5 0.5 0.5 0.5 0.1 0.1 2 0.2 0.2\n")
    allowed = "allowed: 5, or 11 with the points that kpt_shape tells of"
    assert folder.faults() == [f"val/labels/a.txt:1: 10 columns; {allowed}"]


DATA_FAULTS = {
    "names: [bag]\nval: val/images\nkpt_shape: 17\n": "data.yaml:3: kpt_shape is 17; "
    "allowed: [points, 2] or [points, 3], as Ultralytics writes it for poses",
    "names: [bag\n": "data.yaml: line 2, column 1: expected ',' or ']', but got '<stream end>'",
    "- train\n": "data.yaml: ['train'] is no data.yaml; keys are needed: train, val, names",
    "train: train/images\n": "data.yaml: names is missing; the labels are needed, as a list or as 0: NAME, ...",
    "names: bag\n": "data.yaml:1: names is 'bag'; allowed: a list of labels, or 0: NAME, 1: NAME, ...",
    "names: []\n": "data.yaml:1: names is empty; at least one label is needed",
    "names:\n  0: bag\n  2: bin\n": "data.yaml:3: names has the number 2; its 2 labels need 0 to 1 without gaps",
    "names:\n  '0': bag\n": "data.yaml:2: names has the number '0'; its 1 labels need 0 to 0 without gaps",
    "names:\n- bag\n- yes\n": "data.yaml:3: label 1 is True; "
    "a name is needed, in quotes where it looks like something else",
    "names:\n- bag\n- bin\n- bag\n": "data.yaml:4: label 2 is 'bag', as label 0 is; each needs its own",
    "names: [bag]\n": "data.yaml: names no pictures; at least one of train, val, test is needed",
    "names: [bag]\ntrain:\nval: 5\n": "data.yaml:3: val is 5; allowed: a folder, a txt list, or a list of those",
    "names: [bag]\nval: []\n": "data.yaml:2: val is empty; allowed: a folder, a txt list, or a list of those",
    "names: [bag]\nval:\n- a\n- {b: c}\n": "data.yaml:4: val is {'b': 'c'}; "
    "allowed: a folder, a txt list, or a list of those",
    "names: [bag]\npath: 3\nval: a\n": "data.yaml:2: path is 3; allowed: a folder",
    "names: [bag]\nnc: 2\nval: a\n": "data.yaml:2: nc is 2, but names has 1 labels; leave nc out or mend it",
    "names: [bag]\nval: gone\n": "data.yaml:2: gone is not there; "
    "name a folder of pictures, or a .txt with one picture a line",
    "names: [bag]\nval: data.yaml\n": "data.yaml:2: data.yaml is no folder and no txt list; "
    "name a folder of pictures, or a .txt with one picture a line",
    "names: [bag]\nval: val/labels\n": "data.yaml:2: val is empty: there is no picture in val/labels",
    "names: &a [*a]\nval: a\n": "data.yaml: line 1, column 8: refers to what it stands in itself",
    f"names: [bag]\nval: {'x' * 300}\n": f"data.yaml:2: {'x' * 300} is not there; "
    "name a folder of pictures, or a .txt with one picture a line",
    'names: [bag]\nval: "a\\0b\\nc"\n': "data.yaml:2: a\\x00b\\nc is not there; "
    "name a folder of pictures, or a .txt with one picture a line",
}


@pytest.mark.parametrize(("text", "fault"), DATA_FAULTS.items())
def test_a_wrong_data_yaml_gets_one_line(folder: Folder, text: str, fault: str) -> None:
    folder.write("data.yaml", text)
    assert folder.faults() == [fault]


def test_a_data_yaml_that_is_not_there_gets_one_line(folder: Folder) -> None:
    folder.data.unlink()
    assert folder.faults() == ["data.yaml: cannot be read: No such file or directory"]


TABLE_FAULTS = {
    "split,image\n": "source.csv:1: no column source, labels_human; needed: split, image, source, labels_human",
    "": "source.csv:1: no column split, image, source, labels_human; needed: split, image, source, labels_human",
    TABLE + "train,a.png,x,bag\nval,a.png,x,bag tree\n": "source.csv:3: labels_human has 'tree'; "
    "allowed, with blanks between: bag, bin",
    TABLE + "valid,a.png,x,bag\n": "source.csv:2: split 'valid'; allowed: train, val, test",
    TABLE + "val,a.png\n": "source.csv:2: too few columns; needed: split, image, source, labels_human",
    TABLE + "val,a.png,x,\nval,a.png,y,\n": "source.csv:3: val 'a.png' stands here a second time; "
    "one row for each picture",
    TABLE + 'val,a.png,"x,\n': "source.csv:2: not a table of commas: unexpected end of data",
}


@pytest.mark.parametrize(("text", "fault"), TABLE_FAULTS.items())
def test_a_wrong_source_table_gets_one_line(folder: Folder, text: str, fault: str) -> None:
    folder.write("source.csv", text)
    assert folder.faults() == [fault]


def link_folder_to_itself(folder: Folder) -> str:
    (folder.root / "val/images/again").symlink_to(folder.root / "val/images")
    real = os.path.realpath(folder.root / "val/images")
    return f"val/images/again: a link to {real}, which is read already; remove the link".replace(f"{folder.root}/", "")


def link_picture_to_itself(folder: Folder) -> str:
    (folder.root / "val/images/loop.jpg").symlink_to("loop.jpg")
    return "val/images/loop.jpg: a link that leads nowhere, a pipe or a device; a picture is needed"


def pipe_for_a_picture(folder: Folder) -> str:
    os.mkfifo(folder.root / "val/images/pipe.jpg")
    return "val/images/pipe.jpg: a link that leads nowhere, a pipe or a device; a picture is needed"


def pipe_for_labels(folder: Folder) -> str:
    (folder.root / "val/labels/a.txt").unlink()
    os.mkfifo(folder.root / "val/labels/a.txt")
    return "val/labels/a.txt: is no file; a text file is needed"


def labels_in_latin_1(folder: Folder) -> str:
    folder.write("val/labels/a.txt", b"0 0.5 0.5 0.5 0.5 # caf\xe9\n")
    return "val/labels/a.txt: not UTF-8 text (byte 23); save it as UTF-8"


def table_in_latin_1(folder: Folder) -> str:
    folder.write("source.csv", TABLE.encode() + b"val,a.png,caf\xe9,bag\n")
    return "source.csv: not UTF-8 text (byte 45); save it as UTF-8"


def data_yaml_in_latin_1(folder: Folder) -> str:
    folder.write("data.yaml", b"names: [caf\xe9]\n")
    return "data.yaml: not UTF-8 text (byte 11); save it as UTF-8"


def no_labels_at_all(folder: Folder) -> str:
    (folder.root / "val/labels").rename(folder.root / "val/annotations")
    found = "not one of the 1 pictures of val has a label file; looked for val/labels/a.txt and the like"
    return f"data.yaml:2: {found}"


def same_file_in_both_splits(folder: Folder) -> str:
    folder.write("data.yaml", DATA.replace("val/images", "[val/images, train/images]"))
    return "train/images/a.png: in val, and as train/images/a.png in train; name each picture once"


def list_with_a_picture_that_is_not_there(folder: Folder) -> str:
    folder.write("data.yaml", DATA.replace("val/images", "val.txt"))
    folder.write("val.txt", "val/images/a.png\nval/images/b.png\n")
    return "val.txt:2: there is no such picture: 'val/images/b.png'"


def list_of_labels(folder: Folder) -> str:
    folder.write("data.yaml", DATA.replace("val/images", "val.txt"))
    folder.write("val.txt", "val/labels/a.txt\n")
    return "val.txt:1: 'val/labels/a.txt' is no picture; allowed: .bmp, .jpeg, .jpg, .png, .tif, .tiff, .webp"


def empty_list(folder: Folder) -> str:
    folder.write("data.yaml", DATA.replace("val/images", "val.txt"))
    folder.write("val.txt", "\n")
    return "data.yaml:2: val is empty: there is no picture in val.txt"


def name_with_a_line_break(folder: Folder) -> str:
    folder.picture("val/images/b\n.png")
    folder.write("val/labels/b\n.txt", "5 0.5 0.5 0.5 0.5")
    return "val/labels/b\\n.txt:1: label '5'; allowed: 0 to 1, as data.yaml names them"


@pytest.mark.parametrize(
    "spoil",
    [
        link_folder_to_itself,
        link_picture_to_itself,
        pipe_for_a_picture,
        pipe_for_labels,
        labels_in_latin_1,
        table_in_latin_1,
        data_yaml_in_latin_1,
        no_labels_at_all,
        same_file_in_both_splits,
        list_with_a_picture_that_is_not_there,
        list_of_labels,
        empty_list,
        name_with_a_line_break,
    ],
)
def test_spoilt_files_get_one_line(folder: Folder, spoil: Callable[[Folder], str]) -> None:
    fault = spoil(folder)
    assert folder.faults() == [fault]


def test_twenty_faults_are_told_and_the_rest_is_counted(folder: Folder) -> None:
    folder.write("train/labels/a.txt", "9 0.5 0.5 0.5 0.5\n" * 20)
    folder.write("val/labels/a.txt", "0 0.5 0.5\n" * 7)
    lines = folder.faults()
    assert [line.split(" ")[0] for line in lines[:-1]] == [f"train/labels/a.txt:{n}:" for n in range(1, 21)]
    assert lines[-1] == "and 7 more such faults"
