import pytest
from hypothesis import given
from hypothesis import strategies as st

from cvinspect.sources.decoding.sampler import SLACK_S, MediaClock, Sampler, sampled

rates = st.sampled_from([0.1, 0.5, 1.0, 2.0, 3.0, 12.5, 25.0, 29.97, 60.0])
ascending_ms = st.lists(st.integers(0, 60_000), min_size=1, max_size=200).map(sorted)
any_times = st.lists(st.none() | st.floats(-1e6, 1e6), max_size=100)


def taken(media_s: list[float], fps: float) -> list[float]:
    sampler = Sampler(fps=fps)
    return [time_s for time_s in media_s if sampler.takes(time_s)]


def test_two_frames_a_second_come_out_of_a_video_with_twenty_five() -> None:
    times_s = [i / 25 for i in range(51)]

    assert list(sampled(times_s, fps=2.0, frame_s=0.04)) == [0.0, 0.52, 1.0, 1.52, 2.0]


def test_due_times_stay_on_the_grid_after_a_gap_and_nothing_is_made_up_for() -> None:
    times_s = [0.0, 0.1, 7.3, 7.4, 7.5, 7.6, 7.7, 8.0]

    assert list(sampled(times_s, fps=2.0, frame_s=0.1)) == [0.0, 7.3, 7.5, 8.0]


@pytest.mark.parametrize("fps", [10.0, 10.5, 1000.0])
def test_asking_for_as_many_frames_as_there_are_or_more_takes_each(fps: float) -> None:
    times_s = [i / 10 for i in range(30)]

    assert list(sampled(times_s, fps=fps, frame_s=0.1)) == pytest.approx(times_s)


@pytest.mark.parametrize("fps", [24, 25, 30, 50, 60])
def test_times_rounded_to_milliseconds_lose_no_frame(fps: int) -> None:
    times_s = [round(i / fps, 3) for i in range(10 * fps)]

    assert len(list(sampled(times_s[1:], fps=fps, frame_s=1 / fps))) == len(times_s) - 1


def test_missing_times_are_estimated_from_the_frame_rate() -> None:
    clock = MediaClock(frame_s=0.04)

    assert [clock.advance(t) for t in (None, None, 9.0, None, 9.08)] == [0.0, 0.04, 0.08, 0.12, 0.16]


def test_a_time_that_jitters_backward_holds_the_clock() -> None:
    clock = MediaClock(frame_s=0.1)

    assert [clock.advance(t) for t in (1.0, 1.2, 1.1, 1.2, 1.3)] == [0.0, 0.2, 0.2, 0.2, 0.3]


def test_a_clock_that_starts_again_within_a_file_goes_on_where_it_was() -> None:
    clock = MediaClock(frame_s=0.1)

    assert [clock.advance(t) for t in (50.0, 60.0, 0.0, 0.5)] == [0.0, 10.0, 10.1, 10.6]


def test_a_damaged_time_far_ahead_does_not_stop_the_clock() -> None:
    clock = MediaClock(frame_s=0.1)

    assert [clock.advance(t) for t in (0.0, 0.1, 1e13, 0.3, 0.4)] == [0.0, 0.1, 0.2, 0.3, 0.4]


@pytest.mark.parametrize("fps", [0.0, -1.0, float("nan"), float("inf")])
def test_a_rate_that_is_not_a_number_above_zero_is_refused(fps: float) -> None:
    with pytest.raises(ValueError, match="above 0"):
        Sampler(fps=fps)


@given(any_times, st.floats(0.001, 10))
def test_media_time_begins_at_zero_and_never_goes_back(times_s: list[float | None], frame_s: float) -> None:
    clock = MediaClock(frame_s=frame_s)

    media_s = [clock.advance(time_s) for time_s in times_s]

    assert media_s == sorted(media_s)
    assert media_s[:1] in ([], [0.0])


@given(ascending_ms, rates)
def test_what_is_taken_is_the_first_frame_at_or_after_each_due_time(times_ms: list[int], fps: float) -> None:
    media_s = [(ms - times_ms[0]) / 1000 for ms in times_ms]
    due_frames = set()
    for due in range(int((media_s[-1] + SLACK_S) * fps) + 1):
        due_frames.add(next(time_s for time_s in media_s if (time_s + SLACK_S) * fps >= due))

    assert taken(media_s, fps) == sorted(due_frames)


@given(ascending_ms, rates)
def test_no_more_is_taken_than_the_rate_allows(times_ms: list[int], fps: float) -> None:
    media_s = [(ms - times_ms[0]) / 1000 for ms in times_ms]

    assert len(taken(media_s, fps)) <= (media_s[-1] + SLACK_S) * fps + 1


@given(ascending_ms, rates)
def test_sampling_what_was_sampled_changes_nothing(times_ms: list[int], fps: float) -> None:
    media_s = [(ms - times_ms[0]) / 1000 for ms in times_ms]

    once = taken(media_s, fps)

    assert taken(once, fps) == once
