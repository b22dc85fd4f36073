"""Between two looks what is hidden goes on being hidden, wherever it went."""

from cvinspect.evidence.carried import Look, carried
from cvinspect.geometry import Box, covered_share

HEAD = Box(100, 100, 120, 120)


def hides(regions: list[Box], box: Box) -> bool:
    return any(covered_share(box, region) == 1.0 for region in regions)


def test_a_head_is_hidden_all_the_way_from_one_look_to_the_next() -> None:
    looks = [Look(0.0, [HEAD]), Look(0.2, [HEAD.moved(40, 0)])]
    for step in range(5):
        assert hides(carried(looks, 0.04 * step), HEAD.moved(8 * step, 0))


def test_a_head_that_one_look_overlooks_stays_hidden() -> None:
    looks = [Look(0.2 * n, [] if n == 2 else [HEAD]) for n in range(5)]
    assert all(hides(carried(looks, 0.04 * n), HEAD) for n in range(20))


def test_what_has_gone_is_shown_again() -> None:
    looks = [Look(0.2 * n, [HEAD] if n == 0 else []) for n in range(6)]
    assert (hides(carried(looks, 0.44), HEAD), hides(carried(looks, 0.48), HEAD)) == (True, False)


def test_two_heads_far_apart_do_not_hide_what_is_between_them() -> None:
    looks = [Look(0.0, [HEAD]), Look(0.2, [HEAD.moved(400, 0)])]
    assert not hides(carried(looks, 0.1), HEAD.moved(200, 0))


def test_looks_that_are_far_apart_count_too() -> None:
    looks = [Look(0.0, [HEAD]), Look(10.0, [HEAD.moved(20, 0)])]
    assert hides(carried(looks, 5.0), HEAD.moved(10, 0))


def test_before_the_first_look_and_after_the_last_the_nearest_counts() -> None:
    looks = [Look(1.0, [HEAD])]
    assert (hides(carried(looks, 0.0), HEAD), hides(carried(looks, 9.0), HEAD)) == (True, True)
    assert carried([], 1.0) == []
