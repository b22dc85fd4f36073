"""Which presentation times are believed: a stream's own, but for single ones that cannot be right."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cvinspect.sources.decoding.sampler import MediaClock
from cvinspect.sources.decoding.stamps import AHEAD, StampLine

FRAME_S = 0.04
EVEN = [round(i * FRAME_S, 6) for i in range(200)]


def mended(stamps_s: Sequence[float], *, frame_s: float = FRAME_S, reorders: bool = False) -> list[float]:
    """What is believed of each time, in order of coding."""
    line = StampLine(frame_s=frame_s, reorders=reorders)
    ahead = [stamps_s[i + 1 : i + 1 + AHEAD] for i in range(len(stamps_s))]
    return [line.mended(stamp_s, lambda rest=ahead[i]: rest) for i, stamp_s in enumerate(stamps_s)]  # type: ignore[misc]


def media(stamps_s: Sequence[float], **how: float) -> list[float]:
    """Media seconds of each frame."""
    clock = MediaClock(frame_s=FRAME_S)
    return [clock.advance(stamp_s) for stamp_s in mended(stamps_s, **how)]  # type: ignore[arg-type]


def with_one(at: int, stamp_s: float) -> list[float]:
    """Even times, but for one."""
    return [*EVEN[:at], stamp_s, *EVEN[at + 1 :]]


@given(st.integers(1, 198), st.floats(-1e6, 1e6))
def test_one_wrong_time_moves_nothing_but_its_own_frame_and_that_by_less_than_a_second(at: int, wrong_s: float) -> None:
    times_s = media(with_one(at, wrong_s))

    assert times_s[:at] == pytest.approx(EVEN[:at])
    assert times_s[at] == pytest.approx(EVEN[at], abs=1.0)
    assert times_s[at + 26 :] == pytest.approx(EVEN[at + 26 :])


@pytest.mark.parametrize("at", [0, 199])
def test_a_wrong_time_of_the_first_or_last_frame_makes_no_footage(at: int) -> None:
    assert media(with_one(at, 37_600.0))[-1] == pytest.approx(EVEN[-1], abs=2 * FRAME_S)


def test_a_first_time_from_before_the_clock_was_known_is_no_pause() -> None:
    assert media([0.0, *(5000 + one for one in EVEN)])[-1] == pytest.approx(EVEN[-1] + FRAME_S)


def test_a_row_of_wrong_times_that_come_back_is_no_pause() -> None:
    ahead_by_an_hour = [one + 3600 if 50 <= i < 100 else one for i, one in enumerate(EVEN)]

    assert media(ahead_by_an_hour) == pytest.approx(EVEN)


def test_wrong_times_that_come_again_and_again_do_not_add_up() -> None:
    every_tenth = [one + 1000 * (i % 7) if i % 10 == 5 else one for i, one in enumerate(EVEN)]

    assert media(every_tenth) == pytest.approx(EVEN)


@pytest.mark.parametrize("pause_s", [1.5, 4.0, 29.0, 600.0, 40_000.0])
def test_a_leap_that_stays_is_a_pause(pause_s: float) -> None:
    paused = [one + pause_s if i >= 100 else one for i, one in enumerate(EVEN)]

    assert media(paused) == pytest.approx(paused)


@pytest.mark.parametrize("back_s", [3.0, 700.0])
def test_times_that_fall_back_for_good_go_on_from_there(back_s: float) -> None:
    set_back = [one + 1000 - back_s if i >= 100 else one + 1000 for i, one in enumerate(EVEN)]

    assert media(set_back) == pytest.approx(EVEN)


@pytest.mark.parametrize("wrapped_s", [2**32 / 90_000, 2**24 / 1000])
def test_a_clock_that_has_wrapped_is_no_pause(wrapped_s: float) -> None:
    assert media([one + wrapped_s if i >= 100 else one for i, one in enumerate(EVEN)]) == pytest.approx(EVEN)


def test_times_that_stand_still_go_on_at_the_rate_of_the_frames() -> None:
    assert media([7.0] * 200) == pytest.approx(EVEN)


def test_times_in_whole_seconds_are_spread_over_each_second() -> None:
    assert media([float(i // 25) for i in range(200)]) == pytest.approx(EVEN, abs=0.001)


def test_frames_faster_than_stated_do_not_make_time_run_faster() -> None:
    whole_seconds = [float(i // 25) for i in range(200)]

    assert mended(whole_seconds, frame_s=0.08)[-1] == pytest.approx(EVEN[-1], abs=1.0)


def test_a_clock_that_stood_still_for_a_while_lets_time_pass() -> None:
    stood_still = [*EVEN[:50], *[EVEN[50]] * 50, *(one - 2.0 for one in EVEN[100:])]

    assert media(stood_still)[-1] == pytest.approx(EVEN[-1], abs=1.5)


@pytest.mark.parametrize("step_s", [1.0, 5.0, 10.0, 300.0])
def test_footage_of_few_frames_keeps_its_own_times(step_s: float) -> None:
    sparse = [i * step_s for i in range(20)]

    assert mended(sparse) == sparse
    assert mended(sparse[:2]) == sparse[:2]


def test_an_uneven_rate_that_is_honest_is_kept() -> None:
    times_s = [0.0]
    for step_s in [*[0.04] * 30, *[5.0] * 6, *[0.04] * 10, 12.0, *[0.1] * 20, 31.0, *[1.0] * 10]:
        times_s.append(times_s[-1] + step_s)

    assert mended(times_s) == times_s


def test_frames_that_are_coded_before_those_shown_earlier_are_left_alone_at_a_pause_too() -> None:
    """A motion-started camera's recording: the first frame after the pause is coded before the last one before it."""
    coded_s = [
        0.0,
        3.52,
        2.0,
        1.0,
        3.0,
        8.0,
        4.0,
        10.0,
        9.0,
        10.12,
        10.44,
        10.24,
        10.32,
        10.56,
        13.0,
        14.16,
        13.32,
        13.68,
    ]

    assert mended(coded_s, reorders=True) == coded_s


@given(st.integers(8, 150), st.floats(100.0, 1e5))
def test_a_wrong_time_among_reordered_frames_is_found(at: int, off_s: float) -> None:
    coded_s = [EVEN[i // 4 * 4 + (3, 1, 0, 2)[i % 4]] for i in range(200)]
    coded_s[at] += off_s

    assert max(mended(coded_s, reorders=True)) == pytest.approx(EVEN[-1], abs=1.0)


@given(st.lists(st.floats(-1e6, 1e6), max_size=60), st.booleans())
def test_whatever_the_times_each_frame_has_one(stamps_s: list[float], reorders: bool) -> None:
    assert len(mended(stamps_s, reorders=reorders)) == len(stamps_s)
