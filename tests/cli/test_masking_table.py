"""What `evaluate masking` prints."""

import pytest

from cvinspect.cli.masking_table import masking_table, what_is_wrong
from cvinspect.evaluate.masking.masking_scores import Judged
from cvinspect.evaluate.masking.masking_truth import DrawnBox, DrawnPicture
from cvinspect.geometry import Box


def seen(kind: str, sha256: str, hidden_share: float, at_s: float | None = None) -> Judged:
    drawn = DrawnBox(kind, Box(1, 2, 3, 4), "")
    return Judged(DrawnPicture("a.jpg", at_s, sha256, (drawn,)), drawn, hidden_share)


def test_pictures_that_were_not_learnt_from_are_told_by_themselves(capsys: pytest.CaptureFixture[str]) -> None:
    results = [seen("face", "a" * 64, 1.0), seen("face", "b" * 64, 0.0), seen("sign", "b" * 64, 0.0)]
    masking_table(results, learnt={"b" * 16})
    rows = [line for line in capsys.readouterr().out.splitlines() if "face" in line or "sign" in line]
    assert [[cell.strip() for cell in row.split("│")[1:4]] for row in rows] == [
        ["face", "2", "1"],
        ["sign", "1", "0"],
        ["face, not learnt from", "1", "1"],
    ]


def test_without_such_pictures_nothing_is_told_twice(capsys: pytest.CaptureFixture[str]) -> None:
    masking_table([seen("face", "a" * 64, 1.0)])
    assert "not learnt from" not in capsys.readouterr().out


def test_what_is_wrong_is_a_line_each() -> None:
    results = [seen("face", "a" * 64, 0.5, 2.5), seen("plate", "a" * 64, 1.0), seen("sign", "a" * 64, 0.2)]
    assert list(what_is_wrong(results)) == [
        "not masked: face 1,2,3,4 in a.jpg at 2.5 s: 50% hidden",
        "covered: sign 1,2,3,4 in a.jpg: 20% hidden",
    ]
