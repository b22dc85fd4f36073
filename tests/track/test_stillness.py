import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cvinspect.geometry import Box
from cvinspect.track.stillness import Stillness
from tests.fakes import BAY, moving, seconds, shifted

SETTLING_S = 4.0
"""How long the arrival may be put later, while a braking car settles."""


def rests(boxes: list[Box], *, fps: float = 2.0) -> list[float | None]:
    """Since when it rests, after each box."""
    stillness = Stillness()
    found = []
    for i, box in enumerate(boxes):
        stillness.see(box, at_s=i / fps)
        found.append(stillness.rest_since_s)
    return found


def stop_at(stop_s: float, *, px_s: float, until_s: float, fps: float = 2.0) -> list[Box]:
    """A thing that drives in until it stops."""
    where = moving(shifted(BAY, -px_s * stop_s), px_s=px_s, until_s=stop_s)
    return [where(media_s) for media_s in seconds(until_s, fps=fps)]


def test_one_look_proves_no_rest() -> None:
    assert rests([BAY]) == [None]


def test_a_still_thing_has_rested_since_it_was_first_seen() -> None:
    assert rests([BAY] * 5) == [None, 0.0, 0.0, 0.0, 0.0]


@given(st.integers(0, 2**32 - 1))
def test_jitter_of_a_still_things_box_is_no_motion(seed: int) -> None:
    noise = np.random.default_rng(seed).normal(0, 0.04 * BAY.size, (60, 4))
    boxes = [Box(*(np.array(BAY.xyxy) + one)) for one in noise]

    found = rests(boxes)[1:]
    assert None not in found
    assert {since for since in found if since is not None and since > SETTLING_S} == set()


def test_an_outlier_now_and_then_is_no_motion() -> None:
    boxes = [shifted(BAY, 40) if i % 6 == 5 else BAY for i in range(60)]

    found = rests(boxes)[1:]
    assert None not in found
    assert found[-1] is not None
    assert found[-1] <= SETTLING_S


@pytest.mark.parametrize("share", [0.4, 0.6, 0.8])
def test_what_a_passer_by_hides_leaves_it_at_rest(share: float) -> None:
    half = Box(BAY.x0 + (1 - share) * BAY.width, BAY.y0, BAY.x1, BAY.y1)
    boxes = [BAY] * 10 + [half] * 6 + [BAY] * 10

    assert rests(boxes)[1:] == [0.0] * 25


@pytest.mark.parametrize("px_s", [15, 30, 60, 120, 240])
@pytest.mark.parametrize("fps", [1.0, 2.0, 5.0])
def test_rest_begins_when_the_thing_stopped_not_when_smoothing_noticed(px_s: float, fps: float) -> None:
    found = rests(stop_at(10, px_s=px_s, until_s=30, fps=fps), fps=fps)

    rolled_s = 0.2 * BAY.size / px_s  # within its tolerance it had stopped this much earlier
    assert found[-1] is not None
    assert 10 - rolled_s - 2 / fps <= found[-1] <= 10 + 1 / fps


def test_what_is_first_seen_at_the_end_of_its_braking_rests_from_the_next_look_on() -> None:
    """Its first box is 7 % of its size off the place; 4 % may be jitter."""
    assert rests([shifted(BAY, 0.07 * BAY.size), *[BAY] * 5])[-1] == 0.5
    assert rests([shifted(BAY, 0.04 * BAY.size), *[BAY] * 5])[-1] == 0.0


@pytest.mark.parametrize("px_s", [30, 60, 120])
def test_a_thing_that_drives_never_rests_for_long(px_s: float) -> None:
    found = rests(stop_at(100, px_s=px_s, until_s=60))

    assert all(since is None or media_s - since <= 2.5 for media_s, since in zip(seconds(60), found, strict=True))


@pytest.mark.parametrize("px_s", [1, 2, 4, 8])
def test_slow_creep_is_motion(px_s: float) -> None:
    found = rests(stop_at(300, px_s=px_s, until_s=200))

    longest_s = 0.2 * BAY.size / px_s + 4.0
    assert all(
        since is None or media_s - since <= longest_s for media_s, since in zip(seconds(200), found, strict=True)
    )


def test_a_thing_that_comes_nearer_is_no_thing_at_rest() -> None:
    boxes = [BAY.grown(0.02 * i) for i in range(60)]

    found = rests(boxes)
    assert found[-1] is None or found[-1] > 10


def test_a_thing_that_moves_off_rests_no_more_and_then_anew() -> None:
    boxes = [BAY] * 10 + [shifted(BAY, 30 * i) for i in range(1, 5)] + [shifted(BAY, 120)] * 10
    found = rests(boxes)

    assert found[9] == 0.0
    assert None in found[10:16]
    assert found[-1] == pytest.approx(6.5, abs=0.5)


def test_far_apart_samples_still_show_rest() -> None:
    assert rests([BAY] * 4, fps=0.1) == [None, 0.0, 0.0, 0.0]
    assert rests([shifted(BAY, 50 * i) for i in range(4)], fps=0.1) == [None] * 4


@given(st.lists(st.tuples(st.floats(-50, 50), st.floats(-50, 50), st.floats(0.5, 2)), min_size=1, max_size=30))
def test_rest_never_began_before_the_first_look_and_never_lies_ahead(path: list[tuple[float, float, float]]) -> None:
    boxes = [Box(dx, dy, dx + 60 * size, dy + 40 * size) for dx, dy, size in path]

    for i, since in enumerate(rests(boxes)):
        assert since is None or 0 <= since <= i / 2
