"""What is hidden is counted by its pixels."""

import pytest

from cvinspect.evaluate.masking.masking_scores import judged, rates
from cvinspect.evaluate.masking.masking_truth import DrawnBox, DrawnPicture
from cvinspect.evaluate.statistics.rates import Rate
from cvinspect.geometry import Box

HUNDRED = Box(100, 100, 200, 200)


def drawn(*kinds: str, group: str = "") -> DrawnPicture:
    return DrawnPicture("a.jpg", None, "a" * 64, tuple(DrawnBox(kind, HUNDRED, group) for kind in kinds))


@pytest.mark.parametrize(
    ("kind", "covered_px", "is_fault"),
    [
        ("face", 75, False),
        ("face", 74, True),
        ("plate", 75, False),
        ("plate", 0, True),
        ("sign", 9, False),
        ("sign", 10, True),
        ("sign", 100, True),
    ],
)
def test_a_face_must_be_hidden_and_a_sign_must_not(kind: str, covered_px: int, is_fault: bool) -> None:
    regions = [Box(100, 100, 100 + covered_px, 200)] if covered_px else []
    (one,) = judged(drawn(kind), regions, width=640, height=480)
    assert (one.hidden_share, one.is_fault) == (pytest.approx(covered_px / 100), is_fault)


def test_regions_that_overlap_are_counted_once() -> None:
    (one,) = judged(drawn("face"), [Box(100, 100, 150, 200), Box(120, 100, 160, 200)], width=640, height=480)
    assert one.hidden_share == pytest.approx(0.6)


def test_regions_that_leave_the_picture_count_as_far_as_they_are_in_it() -> None:
    (one,) = judged(drawn("face"), [Box(-50, -50, 900, 900)], width=180, height=180)
    assert one.hidden_share == 1.0


def test_groups_are_counted_with_all_and_by_themselves() -> None:
    hidden, open_ = [HUNDRED], list[Box]()
    results = [
        *judged(drawn("plate", group="cn"), hidden, width=640, height=480),
        *judged(drawn("plate"), open_, width=640, height=480),
        *judged(drawn("sign"), open_, width=640, height=480),
    ]
    assert rates(results) == {"plate": Rate(1, 2), "plate cn": Rate(1, 1), "sign": Rate(0, 1)}
