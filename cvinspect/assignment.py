"""Which of these belongs to which of those: the best one-to-one pairs."""

from collections.abc import Sequence

import lap
import numpy as np


def best_pairs(fits: Sequence[Sequence[float]], *, least: float) -> list[tuple[int, int]]:
    """Row and column of the one-to-one pairs with the greatest total fit; pairs that fit less than `least` are dropped.

    The optimum is found by the algorithm of Jonker and Volgenant (1987), "A shortest augmenting path algorithm for
    dense and sparse linear assignment problems".

    >>> best_pairs([[0.9, 0.8], [0.8, 0.1]], least=0.3)
    [(0, 1), (1, 0)]
    >>> best_pairs([], least=0.3)
    []
    """
    matrix = np.array(fits, dtype=float)
    if matrix.size == 0:
        return []
    matrix[matrix < least] = 0.0  # else two pairs that do not fit could add up to more than one that does
    _, rows, columns = lap.lapjvx(-matrix, extend_cost=True)
    pairs = zip(rows.tolist(), columns.tolist(), strict=True)
    return sorted((row, column) for row, column in pairs if matrix[row, column] >= least)
