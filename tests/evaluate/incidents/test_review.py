"""Precision from reviewers' verdicts in the ledger that `run` writes."""

import csv
from pathlib import Path

import pytest

from cvinspect.domain import ChangeKind
from cvinspect.errors import DatasetError
from cvinspect.evaluate.incidents.review import ReviewScores, ReviewTally, read_review
from cvinspect.records.incident import IncidentRecord, RecordContext
from cvinspect.records.tables import ledger_csv
from tests.command_line import cvinspect
from tests.incident_makers import CAMERA, SHANGHAI, an_incident

PARKING = "illegal_parking_motor"
CONTEXT = RecordContext(SHANGHAI, "container", "kerb.mp4", "street-26n", "a" * 64, "b" * 64)


def ledger(path: Path, *verdicts: str, comma: str = ",", encoding: str = "utf-8-sig") -> Path:
    """The ledger of as many parked cars, with what reviewers wrote into it."""
    records = [
        IncidentRecord.from_incident(
            an_incident(id=f"inc-{i}"), ChangeKind.OPENED, CAMERA, backing="real", evidence=(), context=CONTEXT
        )
        for i in range(len(verdicts))
    ]
    heading, *rows = csv.reader(ledger_csv(records).splitlines())
    column = next(number for number, name in enumerate(heading) if name.endswith(" review"))
    marked = [[*row[:column], verdict, *row[column + 1 :]] for row, verdict in zip(rows, verdicts, strict=True)]
    lines = [",".join(row) for row in (heading, *marked)]
    path.write_bytes(("\r\n".join(lines).replace(",", comma) + "\r\n").encode(encoding))
    return path


def fault(path: Path) -> str:
    with pytest.raises(DatasetError) as caught:
        read_review(path)
    return str(caught.value).replace(f"{path.parent}/", "")


def test_verdicts_in_both_languages_are_counted(tmp_path: Path) -> None:
    path = ledger(tmp_path / "incidents.csv", "confirmed", "确认", " Rejected ", "误报", "属实", "")
    tally = ReviewTally(confirmed=3, rejected=2, open=1)
    assert read_review(path) == ReviewScores({PARKING: tally}, tally, 0)


def test_what_excel_saves_on_a_chinese_system_is_read(tmp_path: Path) -> None:
    path = ledger(tmp_path / "incidents.csv", "确认", "驳回", encoding="gb18030")
    assert read_review(path).total == ReviewTally(1, 1, 0)


@pytest.mark.parametrize("comma", [";", "\t"])
def test_what_excel_saves_with_another_separator_is_read(tmp_path: Path, comma: str) -> None:
    assert read_review(ledger(tmp_path / "incidents.csv", "y", "n", comma=comma)).total == ReviewTally(1, 1, 0)


def test_what_the_program_withdrew_itself_is_not_counted(tmp_path: Path) -> None:
    path = tmp_path / "incidents.csv"
    path.write_text(
        f"incident_id,class_id,status,review\n1,{PARKING},open,confirmed\n2,{PARKING},closed,\n", encoding="utf-8"
    )
    assert read_review(path) == ReviewScores({PARKING: ReviewTally(1)}, ReviewTally(1), 1)


def test_an_incident_that_stands_in_the_table_twice_counts_once(tmp_path: Path) -> None:
    path = tmp_path / "incidents.csv"
    rows = f"1,{PARKING},open,confirmed\n1,{PARKING},open,\n1,{PARKING},open,confirmed\n"
    path.write_text(f"incident_id,class_id,status,review\n{rows}", encoding="utf-8")
    assert read_review(path).total == ReviewTally(1)
    path.write_text(f"incident_id,class_id,status,review\n{rows}1,{PARKING},open,rejected\n", encoding="utf-8")
    assert fault(path) == "incidents.csv:5: incident '1' is confirmed and rejected; keep one row"


def test_faulty_ledgers_get_one_line(tmp_path: Path) -> None:
    path = ledger(tmp_path / "incidents.csv", "perhaps")
    assert fault(path).startswith("incidents.csv:2: review is 'perhaps'; allowed: nothing, confirmed, ")
    assert fault(ledger(path, "", "")) == (
        "incidents.csv: no verdict in the column review; write confirmed or rejected, 确认 or 驳回 there"
    )
    path.write_text("", encoding="utf-8")
    assert fault(path) == (
        "incidents.csv:1: no column incident_id, class_id, status, review; "
        "needed: incidents.csv as `cvinspect run` writes it"
    )
    path.write_bytes(b"\xff\xfe\xff")
    assert fault(path) == "incidents.csv: neither UTF-8 nor GB 18030 text; save it as one of them"
    assert fault(tmp_path / "none.csv") == "none.csv: is no file; incidents.csv of a run is needed"


def test_the_command_says_that_recall_cannot_be_known(tmp_path: Path) -> None:
    ledger(tmp_path / "incidents.csv", "confirmed", "rejected", "confirmed", "")
    outcome = cvinspect("evaluate", "review", tmp_path)
    assert outcome.code == 0, outcome.err
    assert "precision 精确率: ≥ 95 % not supported: 2 of 3, 20.8 to 93.9 %" in outcome.out
    assert "recall 召回率: cannot be known this way" in outcome.out
    assert "note: 1 incidents have no verdict" in outcome.err
    assert cvinspect("evaluate", "review", tmp_path / "none.csv").code == 6
