from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cvinspect.detect.network import rows_of
from cvinspect.detect.suppression import Floats, suppressed
from cvinspect.errors import ModelError


def output(*places: tuple[float, ...]) -> Floats:
    """(4 + labels, places) of centre x, centre y, width, height and scores."""
    return np.array(places, np.float32).T


def test_of_boxes_that_name_one_thing_the_surest_stays() -> None:
    rows = suppressed(output((50, 50, 20, 20, 0.4, 0), (51, 50, 20, 20, 0.9, 0), (150, 50, 20, 20, 0.3, 0)))

    np.testing.assert_allclose(rows, [[41, 40, 61, 60, 0.9, 0], [140, 40, 160, 60, 0.3, 0]], rtol=1e-6)
    assert rows.dtype == np.float32


def test_a_place_may_stand_for_two_labels_and_labels_do_not_suppress_each_other() -> None:
    rows = suppressed(output((50, 50, 20, 20, 0.4, 0.7), (50, 50, 20, 20, 0.2, 0.1)))

    assert rows[:, 4:].tolist() == [[np.float32(0.7), 1], [np.float32(0.4), 0]]


def test_what_is_less_sure_than_the_floor_is_left_out() -> None:
    assert suppressed(output((50, 50, 20, 20, 0.4)), floor=0.5).shape == (0, 6)
    assert suppressed(np.zeros((4 + 3, 0), np.float32)).shape == (0, 6)


def test_at_most_three_hundred_rows_come() -> None:
    places = [(100.0 * i, 50.0, 20.0, 20.0, 0.001 * (i + 1)) for i in range(400)]

    rows = suppressed(output(*places))

    assert len(rows) == 300
    assert rows[0, 4] == np.float32(0.4)


def test_the_shape_of_an_output_tells_which_head_said_it() -> None:
    rows = np.zeros((1, 300, 6), np.float32)
    places = output((50, 50, 20, 20, 0.4, 0), (51, 50, 20, 20, 0.9, 0))[None]

    assert rows_of(rows, labels=15, path=Path("a.onnx")).shape == (300, 6)
    assert rows_of(places, labels=2, path=Path("a.onnx")).shape == (1, 6)
    with pytest.raises(ModelError, match=r"a\.onnx: output has shape \[1, 6, 2\]; allowed: .* or \[1, 9, n\]"):
        rows_of(places, labels=5, path=Path("a.onnx"))


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(*[st.floats(1, 100, width=32)] * 4, *[st.floats(0, 1, width=32)] * 2), max_size=12))
def test_what_stays_is_apart_sorted_and_stays_again(places: list[tuple[float, ...]]) -> None:
    rows = suppressed(output(*places)) if places else np.zeros((0, 6), np.float32)

    assert (np.diff(rows[:, 4]) <= 0).all()
    again = suppressed(_as_output(rows)) if len(rows) else rows
    assert len(again) == len(rows)


def _as_output(rows: Floats) -> Floats:
    """The rows as a head with two labels would have said them."""
    low, high = rows[:, :2], rows[:, 2:4]
    scores = np.zeros((len(rows), 2), np.float32)
    scores[np.arange(len(rows)), rows[:, 5].astype(int)] = rows[:, 4]
    return np.concatenate([(low + high) / 2, high - low, scores], axis=1).T
