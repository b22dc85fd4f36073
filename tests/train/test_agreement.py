import pytest

from cvinspect.train.agreement import Agreement, agreement
from tests.fakes import FakeBackend, texture

CAR = [100.0, 100.0, 200.0, 200.0, 0.8, 0.0]
BIN = [300.0, 100.0, 340.0, 200.0, 0.5, 1.0]


def between(ours: list[list[float]], theirs: list[list[float]]) -> Agreement:
    return agreement(FakeBackend(ours), FakeBackend(theirs), [texture(1, 64, 36)] * 2, shape=(384, 640), floor=0.25)


def test_a_network_agrees_with_itself() -> None:
    assert between([CAR, BIN], [BIN, CAR]) == Agreement(
        shape=(384, 640),
        pictures=2,
        things=4,
        alone=0,
        score_largest=0.0,
        score_median=0.0,
        box_largest_px=0.0,
        box_median_px=0.0,
    )


def test_differences_of_score_and_box_are_told_in_their_units() -> None:
    found = between([CAR, BIN], [[*CAR[:3], 203.0, 0.75, 0.0], BIN])

    assert found.score_largest == pytest.approx(0.05)
    assert found.box_largest_px == 3.0
    assert (found.things, found.alone) == (4, 0)


@pytest.mark.parametrize(
    "other",
    [
        pytest.param([BIN], id="not seen"),
        pytest.param([BIN, [*CAR[:4], 0.1, 0.0]], id="hardly seen"),
        pytest.param([BIN, [400.0, 300.0, 500.0, 380.0, 0.1, 0.0]], id="seen elsewhere"),
    ],
)
def test_what_only_one_sees_is_counted_whichever_it_is(other: list[list[float]]) -> None:
    assert (between([CAR, BIN], other).alone, between(other, [CAR, BIN]).alone) == (2, 2)


def test_a_thing_under_another_label_is_seen_by_each_alone() -> None:
    assert between([CAR], [[*CAR[:5], 1.0]]).alone == 4


def test_what_falls_just_under_the_floor_is_a_difference_of_score() -> None:
    found = between([[*CAR[:4], 0.26, 0.0]], [[*CAR[:4], 0.24, 0.0]])

    assert found.alone == 0
    assert found.score_largest == pytest.approx(0.02)


def test_pictures_in_which_nothing_is_seen_say_so() -> None:
    assert str(between([], [])) == (
        "384x640: 2 pictures, 0 things, 0 seen by one alone; score differs by 0 (median), 0 (largest), boxes by 0 px, "
        "0 px"
    )
