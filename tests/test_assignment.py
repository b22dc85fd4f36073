from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cvinspect.assignment import best_pairs

LEAST = 0.3
FITS = st.integers(1, 6).flatmap(
    lambda width: st.lists(
        st.lists(
            st.one_of(st.sampled_from([0.0, 0.1, 0.29, 0.3, 0.6, 1.0, 1.6]), st.floats(0, 2)),
            min_size=width,
            max_size=width,
        ),
        min_size=1,
        max_size=5,
    )
)


def greatest_total(fits: list[list[float]]) -> float:
    """By trying everything: rows take columns, or none of them."""
    width = len(fits[0])
    useful = [[fit if fit >= LEAST else 0.0 for fit in row] + [0.0] * len(fits) for row in fits]
    columns = permutations(range(width + len(fits)), len(fits)) if width <= 3 and len(fits) <= 3 else []
    return max((sum(row[c] for row, c in zip(useful, chosen, strict=True)) for chosen in columns), default=0.0)


@given(FITS)
def test_every_row_and_column_is_given_away_once_and_only_where_it_fits(fits: list[list[float]]) -> None:
    pairs = best_pairs(fits, least=LEAST)

    assert len({row for row, _ in pairs}) == len({column for _, column in pairs}) == len(pairs)
    assert all(fits[row][column] >= LEAST for row, column in pairs)


SMALL = FITS.filter(lambda fits: len(fits) <= 3 and len(fits[0]) <= 3)


@given(SMALL)
def test_without_a_least_fit_no_other_pairs_add_up_to_more(fits: list[list[float]]) -> None:
    useful = [[fit if fit >= LEAST else 0.0 for fit in row] for row in fits]

    total = sum(useful[row][column] for row, column in best_pairs(useful, least=1e-9))
    assert total == pytest.approx(greatest_total(fits))


@given(FITS)
def test_nothing_that_fits_is_left_over_on_both_sides(fits: list[list[float]]) -> None:
    useful = [[fit if fit >= LEAST else 0.0 for fit in row] for row in fits]
    pairs = best_pairs(useful, least=1e-9)
    rows, columns = {row for row, _ in pairs}, {column for _, column in pairs}

    assert not any(
        fit > 0 and r not in rows and c not in columns for r, row in enumerate(useful) for c, fit in enumerate(row)
    )


@pytest.mark.parametrize("fits", [[], [[]], [[0.0, 0.0]], [[0.29], [0.1]]])
def test_where_nothing_fits_nothing_is_given_away(fits: list[list[float]]) -> None:
    assert best_pairs(fits, least=LEAST) == []


@pytest.mark.parametrize(
    ("fits", "pairs"),
    [
        ([[0.9, 0.8], [0.8, 0.0]], [(0, 1), (1, 0)]),
        ([[0.9], [0.8]], [(0, 0)]),
        ([[0.4, 0.9, 0.5]], [(0, 1)]),
    ],
)
def test_the_best_total_wins(fits: list[list[float]], pairs: list[tuple[int, int]]) -> None:
    assert best_pairs(fits, least=LEAST) == pairs
