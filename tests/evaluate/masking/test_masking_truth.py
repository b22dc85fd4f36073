"""The table of faces, plates and signs that people drew."""

from pathlib import Path

import pytest

from cvinspect.errors import DatasetError
from cvinspect.evaluate.masking.masking_truth import DrawnBox, DrawnPicture, read_masking_truth
from cvinspect.geometry import Box

HEAD = "file,at_s,sha256,kind,x0,y0,x1,y1,group\n"
A, B = "a" * 64, "b" * 64
TRUTH = Path(__file__).parents[3] / "benchmarks" / "masking.csv"


def table(tmp_path: Path, *rows: str, head: str = HEAD) -> Path:
    path = tmp_path / "drawn.csv"
    path.write_text(head + "".join(f"{row}\n" for row in rows), "utf-8")
    return path


def test_boxes_of_one_picture_or_moment_come_together(tmp_path: Path) -> None:
    rows = (
        f"a.jpg,,{A},face,1,2,3,4,",
        f"clip.mp4,2.5,{B},plate,1,2,3,4,cn",
        f"a.jpg,,{A},sign,0,0,9.5,9,",
        f"clip.mp4,3,{B},face,1,2,3,4,",
    )
    assert read_masking_truth(table(tmp_path, *rows)) == [
        DrawnPicture(
            "a.jpg", None, A, (DrawnBox("face", Box(1, 2, 3, 4), ""), DrawnBox("sign", Box(0, 0, 9.5, 9), ""))
        ),
        DrawnPicture("clip.mp4", 2.5, B, (DrawnBox("plate", Box(1, 2, 3, 4), "cn"),)),
        DrawnPicture("clip.mp4", 3.0, B, (DrawnBox("face", Box(1, 2, 3, 4), ""),)),
    ]


@pytest.mark.parametrize(
    ("row", "told"),
    [
        (f"a.jpg,,{A},dog,1,2,3,4,", r"drawn\.csv:2: kind is 'dog'; allowed: face, plate, sign"),
        (f"a.jpg,,{A[1:]},face,1,2,3,4,", "64 hexadecimal digits"),
        (f"a.jpg,,{A},face,1,2,x,4,", "x1 is 'x'; a number is needed"),
        (f"a.jpg,,{A},face,1,2,nan,4,", "x1 is 'nan'; a number from 0 on"),
        (f"a.jpg,-1,{A},face,1,2,3,4,", "at_s is '-1'; a number from 0 on"),
        (f"a.jpg,,{A},face,3,2,3,4,", "turned inside out"),
        (f"../a.jpg,,{A},face,1,2,3,4,", r"file is '../a\.jpg'"),
        (f"/a.jpg,,{A},face,1,2,3,4,", "a path below the folder"),
        (f"a.jpg,,{A},face,1,2,3,4", "more or fewer cells"),
        (f"a.jpg,,{A},face,1,2,3,4,,", "more or fewer cells"),
        (f"a.jpg,,{A},face,1,2,3,4,\na.jpg,,{B},face,1,2,3,4,", r"csv:3: sha256 is bbbbbbbbbbbb…, but aaaaaaaaaaaa…"),
    ],
)
def test_a_row_that_is_wrong_is_told_with_its_line(tmp_path: Path, row: str, told: str) -> None:
    with pytest.raises(DatasetError, match=told):
        read_masking_truth(table(tmp_path, row))


def test_columns_must_be_there_and_known(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="no column sha256"):
        read_masking_truth(table(tmp_path, head="file,at_s,kind,x0,y0,x1,y1\n"))
    with pytest.raises(DatasetError, match="unknown column 'note'"):
        read_masking_truth(table(tmp_path, head="note," + HEAD))
    with pytest.raises(DatasetError, match="no box is drawn in it"):
        read_masking_truth(table(tmp_path))
    with pytest.raises(DatasetError, match=r"none\.csv: is no file"):
        read_masking_truth(tmp_path / "none.csv")


def test_our_own_table_can_be_read() -> None:
    drawn = [box for picture in read_masking_truth(TRUTH) for box in picture.boxes]
    assert {kind: sum(one.kind == kind for one in drawn) for kind in ("face", "plate", "sign")} == {
        "face": 106,
        "plate": 31,
        "sign": 150,
    }
