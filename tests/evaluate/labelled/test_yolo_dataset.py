"""Labelled pictures are read whole, and decoded."""

import csv
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cvinspect.errors import DatasetError
from cvinspect.evaluate.labelled.label_file import LabelledBox, parsed
from cvinspect.evaluate.labelled.manifest import Split
from cvinspect.evaluate.labelled.picture_check import CheckedPicture, check_pictures
from cvinspect.evaluate.labelled.yolo_dataset import Dataset, LabelledPicture, Notes, load_dataset
from cvinspect.geometry import Box
from tests.labelled_folder import DATA, TABLE, Folder

STREET = Path(__file__).parents[3] / ".." / "shared" / "data" / "street"
NOTHING_ODD = Notes(0, 0, 0, 0, ())


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


def test_pictures_come_with_their_boxes_split_source_and_complete_labels(folder: Folder) -> None:
    folder.picture("val/images/b.png")
    folder.write("val/labels/b.txt", "1 0.25 0.5 0.5 1\r\n\r\n0 0.1 0.1 0.9 0.1 0.9 0.4 0.3 0.6\r\n")
    folder.write("source.csv", TABLE + "train,a.png,by phone,bag bin\nval,a.png,by bus,bag\nval,b.png,by bus,\n")

    dataset = folder.load()

    bag = LabelledBox(0, Box(0.25, 0.25, 0.75, 0.75))
    b_boxes = (LabelledBox(1, Box(0.0, 0.0, 0.5, 1.0)), LabelledBox(0, Box(0.1, 0.1, 0.9, 0.6)))
    root = folder.root
    assert dataset == Dataset(
        path=folder.data,
        names=("bag", "bin"),
        pictures=(
            LabelledPicture(root / "train/images/a.png", Split.TRAIN, "by phone", frozenset({0, 1}), (bag,)),
            LabelledPicture(root / "val/images/a.png", Split.VAL, "by bus", frozenset({0}), (bag,)),
            LabelledPicture(root / "val/images/b.png", Split.VAL, "by bus", frozenset(), b_boxes),
        ),
        notes=NOTHING_ODD,
    )
    assert dataset.split(Split.VAL) == dataset.pictures[1:]


def test_without_a_table_every_label_is_complete(folder: Folder) -> None:
    assert [(p.source, p.complete) for p in folder.load().pictures] == [("", frozenset({0, 1}))] * 2


def test_a_picture_that_the_table_leaves_out_judges_no_label_and_is_counted(folder: Folder) -> None:
    folder.write("source.csv", TABLE + "train,a.png,by phone,bag\nval,gone.png,by bus,bag\ntest,a.png,by bus,bag\n")

    dataset = folder.load()

    assert [p.complete for p in dataset.pictures] == [frozenset({0}), frozenset()]
    assert dataset.notes == Notes(0, 1, 1, 0, ())  # the row of a split that data.yaml does not name is not missed


def test_a_table_may_name_pictures_by_the_end_of_their_path(folder: Folder) -> None:
    folder.write("source.csv", TABLE + "train,images/a.png,by phone,bag\nval,a.png,by bus,bin\n")
    assert [p.source for p in folder.load().pictures] == ["by phone", "by bus"]


def test_background_doubled_lines_and_labels_without_picture_are_counted(folder: Folder) -> None:
    folder.picture("val/images/background.png")
    folder.picture("val/images/also.png")
    folder.write("val/labels/also.txt", "")
    folder.write("val/labels/classes.txt", "bag\nbin\n")
    orphan = folder.write("val/labels/orphan.txt", "0 0.5 0.5 0.5 0.5\n")
    folder.write("val/labels/a.txt", "0 0.5 0.5 0.5 0.5\n0 0.50 0.5 0.5 0.5\n1 0.5 0.5 0.5 0.5\n")

    dataset = folder.load()

    assert dataset.notes == Notes(1, 0, 0, 1, (orphan,))
    assert [len(p.boxes) for p in dataset.split(Split.VAL)] == [2, 0, 0]


def test_lines_may_end_as_on_an_old_mac(folder: Folder) -> None:
    folder.write("val/labels/a.txt", "0 0.5 0.5 0.5 0.5\r1 0.25 0.5 0.5 1\r")
    folder.write("val.txt", "val/images/a.png\r")
    folder.write("data.yaml", DATA.replace("val: val/images", "val: val.txt"))
    assert [box.label for box in folder.load().split(Split.VAL)[0].boxes] == [0, 1]


def test_of_a_pose_set_the_boxes_are_taken(folder: Folder) -> None:
    folder.write("data.yaml", DATA + "kpt_shape: [4, 2]\n")
    folder.write("val/labels/a.txt", "0 0.5 0.5 0.5 0.5 0.1 0.1 0.9 0.1 0.9 0.9 0.1 0.9\n1 0.25 0.5 0.5 1\n")
    boxes = folder.load().split(Split.VAL)[0].boxes
    assert [one.box for one in boxes] == [Box(0.25, 0.25, 0.75, 0.75), Box(0.0, 0.0, 0.5, 1.0)]


@pytest.mark.parametrize(
    ("train", "said"),
    [
        ("../elsewhere", "train is not used here: data.yaml:1: ../elsewhere is not there; "),
        ("5", "data.yaml:1: train is 5; allowed: a folder, a txt list, or a list of those"),
    ],
)
def test_what_is_wrong_with_a_split_that_is_not_needed_is_a_note(folder: Folder, train: str, said: str) -> None:
    folder.write("data.yaml", DATA.replace("train/images", train) + "test: test/images\n")
    dataset = load_dataset(folder.data, needed={Split.VAL})

    first, second = sorted(dataset.notes.beside, key=lambda line: "test is" in line)
    assert first.replace(f"{folder.root}/", "").startswith(said)
    assert "test is not used here: " in second
    assert [picture.split for picture in dataset.pictures] == [Split.VAL]


def test_a_wrong_line_in_a_split_that_is_not_needed_stops_nothing(folder: Folder) -> None:
    folder.write("train/labels/a.txt", "no label\n")
    assert load_dataset(folder.data, needed={Split.VAL}).notes == NOTHING_ODD


def test_a_picture_that_is_needed_and_stands_in_another_split_too_is_a_fault(folder: Folder) -> None:
    folder.write("data.yaml", DATA.replace("train/images", "val/images"))
    with pytest.raises(DatasetError, match=r"in val, and as .* in train; name each picture once"):
        load_dataset(folder.data, needed={Split.VAL})


def test_pictures_stand_in_natural_order_and_hidden_files_are_left_out(folder: Folder) -> None:
    for name in ("b10.png", "b2.png", "sub/b1.PNG", "._b2.png"):
        folder.picture(f"val/images/{name}", gray=len(name))
    assert [p.path.name for p in folder.load().split(Split.VAL)] == ["a.png", "b2.png", "b10.png", "b1.PNG"]


def test_lists_and_several_folders_are_read_relative_to_where_they_stand(folder: Folder) -> None:
    folder.picture("more/images/c.png")
    folder.write("more/list.txt", "./images/c.png\n\n")
    folder.write("data.yaml", "path: val\ntrain: ../train/images\nval: [images, ../more/list.txt]\nnames: [bag, bin]\n")
    assert [(p.split, p.path.name) for p in folder.load().pictures] == [
        (Split.TRAIN, "a.png"), (Split.VAL, "a.png"), (Split.VAL, "c.png"),
    ]  # fmt: skip


def test_exports_that_say_one_folder_too_high_are_read_as_meant(folder: Folder) -> None:
    folder.write("data.yaml", DATA.replace("train/images", "../train/images"))
    assert [p.split for p in folder.load().pictures] == [Split.TRAIN, Split.VAL]


def test_labels_lie_where_the_last_images_folder_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    folder = Folder(tmp_path / "images")
    assert [len(p.boxes) for p in folder.load().pictures] == [1, 1]


def test_a_split_that_is_not_named_is_refused_by_name(folder: Folder) -> None:
    with pytest.raises(DatasetError, match=r"data.yaml: names no pictures for test; add `test: FOLDER`"):
        folder.load().split(Split.TEST)


@given(
    st.floats(0, 1),
    st.floats(0, 1),
    st.floats(1e-3, 1),
    st.floats(1e-3, 1),
    st.integers(3, 7),
)
def test_what_yolo_writes_comes_back_within_the_picture(x: float, y: float, w: float, h: float, digits: int) -> None:
    width, height = min(w, 2 * x, 2 - 2 * x), min(h, 2 * y, 2 - 2 * y)
    written = [f"{share:.{digits}f}" for share in (x, y, width, height)]
    if float(written[2]) < 2e-3 or float(written[3]) < 2e-3:
        return
    box = parsed(" ".join(["1", *written]), labels=2).box
    assert 0 <= box.x0 < box.x1 <= 1
    assert 0 <= box.y0 < box.y1 <= 1
    true = (x - width / 2, y - height / 2, x + width / 2, y + height / 2)
    assert box.xyxy == pytest.approx(true, abs=1.01 * 10**-digits)


def test_rounding_over_the_edge_is_clipped() -> None:
    assert parsed("0 0.9995 0.5 0.002 1.0019", labels=1).box.xyxy == pytest.approx((0.9985, 0.0, 1.0, 1.0))


def test_pictures_are_decoded_and_measured(folder: Folder) -> None:
    wide = folder.picture("val/images/wide.png", width=31, height=7)
    told: list[tuple[int, int]] = []

    checked = check_pictures(folder.load().pictures, progress=lambda done, count: told.append((done, count)))

    assert told == [(1, 3), (2, 3), (3, 3)]
    assert [(c.path.name, c.width_px, c.height_px) for c in checked] == [
        ("a.png", 8, 6), ("a.png", 8, 6), ("wide.png", 31, 7),
    ]  # fmt: skip
    assert isinstance(checked[-1], CheckedPicture)
    assert checked[-1].path == wide
    assert len({c.sha256 for c in checked}) == 3


def test_pictures_that_do_not_decode_and_pictures_in_two_splits_are_named(folder: Folder) -> None:
    whole = folder.picture("train/images/b.png", width=300, height=300).read_bytes()
    folder.write("val/images/copy.png", whole)
    folder.write("val/images/cut.png", whole[: len(whole) // 2])
    folder.write("val/images/empty.jpg", b"")
    folder.write("val/images/text.jpg", b"no picture at all")

    with pytest.raises(DatasetError) as caught:
        check_pictures(folder.load().pictures)

    lines = str(caught.value).replace(f"{folder.root}/", "").split("\n")
    assert [line.split(";")[0] for line in lines] == [
        "val/images/copy.png: in val, the same picture as train/images/b.png in train",
        f"val/images/cut.png: is damaged or cut off ({len(whole) // 2} bytes)",
        "val/images/empty.jpg: is empty (0 bytes)",
        "val/images/text.jpg: is not a picture that can be read",
    ]


def drawn_labels(split: Split) -> Iterator[int]:
    """The first word of each line, counted without the reader that is tested."""
    for file in (STREET / split / "labels").glob("*.txt"):
        yield from (int(line.split()[0]) for line in file.read_text(encoding="utf-8").splitlines() if line.strip())


@pytest.mark.skipif(not STREET.is_dir(), reason=f"needs the labelled street pictures in {STREET}, which are not here")
def test_the_street_pictures_are_read_whole() -> None:
    dataset = load_dataset(STREET / "data.yaml")

    counts = {
        split: Counter(dataset.names[box.label] for picture in dataset.split(split) for box in picture.boxes)
        for split in (Split.TRAIN, Split.VAL)
    }
    assert {split: len(dataset.split(split)) for split in counts} == {
        split: len(list((STREET / split / "images").iterdir())) for split in counts
    }
    assert counts == {split: Counter(map(dataset.names.__getitem__, drawn_labels(split))) for split in counts}
    assert dataset.notes == NOTHING_ODD
    with (STREET / "source.csv").open(encoding="utf-8", newline="") as table:
        assert {picture.source for picture in dataset.pictures} == {row["source"] for row in csv.DictReader(table)}
    assert len(check_pictures(dataset.split(Split.VAL)[:40])) == 40
