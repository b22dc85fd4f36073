"""A camera's time stamps, believed as far as arrivals bear them out."""

import random
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cvinspect.sources.live.clock import CameraClock, RunClock, Stamp
from cvinspect.sources.live.stamps import RTP_WRAP_S

Stamps = Callable[[float], float | None]
"""What the camera's clock shows, given ours."""


@dataclass(frozen=True)
class Watched:
    """How one camera was dated."""

    told: tuple[tuple[float, str], ...]
    """Each trouble when it was first told, seconds since the first packet."""
    trouble: str | None
    early_s: float
    """By so much the longest dwell comes out too long, by our own clock."""
    late_s: float
    """By so much it comes out too short."""
    longest_lag_s: float
    drift: float | None

    @property
    def told_at_s(self) -> float:
        """When the first trouble was told."""
        return self.told[0][0]


def watch(
    stamps: Stamps,
    *,
    seconds: float = 70.0,
    fps: float = 10.0,
    came: Callable[[float], float] = lambda at_s: at_s,
    doubt: str | None = None,
) -> Watched:
    """Packets `fps` times a second; `came` says when the one that was sent at a second arrives."""
    clock, run, chance = CameraClock(doubt=doubt), RunClock(), random.Random(7)
    told: dict[str, float] = {}
    least_s, early_s, most_s, late_s, lag_s, before_s = float("inf"), 0.0, -float("inf"), 0.0, 0.0, -1.0
    for number in range(int(seconds * fps)):
        sent_s = number / fps
        arrived_s = came(sent_s) + chance.uniform(0.0, 0.01)
        waited_for = arrived_s - before_s > 0.02
        placed = clock.place(stamps(sent_s), arrived_s=arrived_s, is_waited_for=waited_for)
        dated = run.stamp(placed.at_s, arrived_s=arrived_s)
        before_s = arrived_s
        if clock.trouble is not None:
            told.setdefault(clock.trouble, sent_s)
        ahead_s = dated.media_s - sent_s
        least_s, most_s = min(least_s, ahead_s), max(most_s, ahead_s)
        early_s, late_s = max(early_s, ahead_s - least_s), max(late_s, most_s - ahead_s)
        lag_s = max(lag_s, placed.lag_s)
    found = tuple((at_s, says) for says, at_s in told.items())
    return Watched(found, clock.trouble, early_s, late_s, lag_s, clock.drift)


def told_rate(seen: Watched) -> float:
    """Out of the last trouble's words."""
    found = re.fullmatch(r"its clock runs ([0-9.]+) times as fast as ours", seen.trouble or "")
    assert found is not None, seen.trouble
    return float(found[1])


@pytest.mark.parametrize("rate", [0.5, 0.7, 0.9, 0.95, 1.05, 1.42, 3.0])
def test_a_clock_that_runs_wrong_is_told_within_a_minute_and_makes_no_dwell_longer(rate: float) -> None:
    seen = watch(lambda at_s: at_s * rate, seconds=300)

    assert told_rate(seen) == pytest.approx(rate, rel=0.01)
    assert seen.told_at_s <= 62
    assert seen.early_s < 0.05
    assert seen.late_s < 2.2
    assert seen.longest_lag_s < 3.0


@pytest.mark.parametrize("rate", [0.7, 1.42])
def test_so_it_is_with_pictures_that_come_in_another_order_than_they_are_shown(rate: float) -> None:
    ahead_s = (0.2, -0.1, -0.1)
    seen = watch(lambda at_s: (at_s + ahead_s[round(at_s * 10) % 3]) * rate)

    assert told_rate(seen) == pytest.approx(rate, abs=0.1)
    assert seen.told_at_s < 7
    assert seen.early_s < 0.5
    assert seen.late_s < 2.2


@pytest.mark.parametrize("rate", [0.7, 1.42])
def test_so_it_is_at_one_picture_in_five_seconds(rate: float) -> None:
    seen = watch(lambda at_s: at_s * rate, fps=0.2, seconds=300)

    assert told_rate(seen) == pytest.approx(rate, rel=0.01)
    assert seen.early_s < 0.05
    assert seen.late_s < 3.1


@pytest.mark.parametrize("rate", [0.98, 0.99, 0.999, 1.001, 1.01, 1.02])
def test_a_clock_that_is_off_by_less_drifts_and_no_lag_comes_of_it(rate: float) -> None:
    seen = watch(lambda at_s: at_s * rate, seconds=1200)

    assert seen.told == ()
    assert seen.drift == pytest.approx(rate - 1.0, rel=0.05)
    assert seen.early_s < 0.05
    assert seen.late_s < 0.8
    assert seen.longest_lag_s < 0.8


def is_odd(at_s: float, *, every_s: float) -> bool:
    return int(at_s / every_s + 1e-6) != int((at_s - 0.1) / every_s + 1e-6)


@pytest.mark.parametrize("by_s", [37_600.0, 5.0, 2.0, -2.0, -5.0, -37_600.0])
def test_stamps_that_leap_and_come_back_are_told_and_move_no_time(by_s: float) -> None:
    seen = watch(lambda at_s: at_s + (by_s if is_odd(at_s, every_s=2.0) else 0.0))

    assert seen.trouble == "its time stamps leap and come back"
    assert seen.told_at_s < 2.3
    assert seen.early_s < 0.05
    assert seen.late_s < 0.05


@pytest.mark.parametrize("by_s", [37_600.0, 12.0, -3.0, -37_600.0])
def test_a_leap_that_stays_is_told_for_a_minute_and_moves_no_time(by_s: float) -> None:
    seen = watch(lambda at_s: at_s + (by_s if at_s >= 20 else 0.0), seconds=120)

    assert [says[:18] for _, says in seen.told] == ["its clock leapt by"]
    assert float(seen.told[0][1].split()[-2]) == pytest.approx(by_s, rel=0.01)
    assert seen.trouble is None
    assert seen.early_s < 0.05
    assert seen.late_s < 0.05


@pytest.mark.parametrize("wraps_s", [2**32 / 90_000, 2**33 / 90_000])
def test_counters_of_rtp_and_mpeg_ts_that_begin_again_are_no_fault(wraps_s: float) -> None:
    seen = watch(lambda at_s: (wraps_s - 20.0 + at_s) % wraps_s)

    assert seen.told == ()
    assert seen.early_s < 0.05
    assert seen.late_s < 0.05


@pytest.mark.parametrize("fps", [0.5, 5.0, 12.0, 25.0])
@pytest.mark.parametrize("stamps", [lambda _: 7.0, lambda at_s: 1000.0 - at_s], ids=["still", "backwards"])
def test_stamps_that_stand_still_or_run_backwards_are_told_and_time_goes_on(stamps: Stamps, fps: float) -> None:
    seen = watch(stamps, fps=fps)

    assert seen.trouble is not None
    assert seen.told_at_s <= max(2.0, 4.0 / fps)
    assert seen.early_s < 0.05
    assert seen.late_s < max(2.0, 4.0 / fps)


@pytest.mark.parametrize("most_s", [0.2, 0.45, 2.0, 20.0])
def test_stamps_that_jitter_move_no_time_by_more_than_they_jitter(most_s: float) -> None:
    chance = random.Random(3)
    seen = watch(lambda at_s: at_s + chance.uniform(-most_s, most_s))

    assert seen.early_s < min(2 * most_s, 1.5)
    assert seen.late_s < min(2 * most_s, 1.5)


def test_stamps_of_pictures_that_come_in_another_order_than_they_are_shown_are_in_order() -> None:
    """Decoding order of two B-frames between P-frames."""
    ahead_s = (0.2, -0.1, -0.1)
    seen = watch(lambda at_s: at_s + ahead_s[round(at_s * 10) % 3])

    assert seen.told == ()


def stalled(at_s: float) -> float:
    """Nothing comes for 8 s, then all of it at once."""
    return max(at_s, 28.0 + (at_s - 20.0) * 0.01) if at_s >= 20.0 else at_s


def test_what_comes_in_a_burst_after_a_stall_keeps_the_times_it_was_captured() -> None:
    seen = watch(lambda at_s: at_s, came=stalled)

    assert seen.told == ()
    assert seen.longest_lag_s == pytest.approx(8.0, abs=0.1)
    assert seen.late_s < 0.05


def test_what_a_camera_had_stored_and_sends_at_the_start_does_not_pass_for_a_fast_clock() -> None:
    seen = watch(lambda at_s: at_s, came=lambda at_s: max(at_s, 5.0 + at_s * 0.001))

    assert seen.told == ()
    assert seen.longest_lag_s < 0.1


@pytest.mark.parametrize("rate", [0.7, 1.42])
def test_a_clock_that_was_put_right_is_believed_again(rate: float) -> None:
    seen = watch(lambda at_s: min(at_s, 30.0) * rate + max(0.0, at_s - 30.0), seconds=300)

    assert len(seen.told) >= 1
    assert seen.trouble is None
    assert seen.early_s < 0.1


def test_what_was_wrong_before_a_reconnect_is_wrong_until_it_has_been_right_for_a_minute() -> None:
    early, later = (watch(lambda at_s: at_s, seconds=s, doubt="its time stamps leap about") for s in (59.0, 62.0))

    assert (early.trouble, later.trouble) == ("its time stamps leap about", None)
    wrong = watch(lambda at_s: at_s * 0.7, seconds=300, doubt="its clock runs 0.70 times as fast as ours")
    assert (wrong.early_s < 0.05, wrong.late_s < 0.05) == (True, True)


def test_without_stamps_a_picture_was_captured_when_it_came() -> None:
    clock = CameraClock(is_timed=False)

    assert [clock.place(stamp, arrived_s=9.0).at_s for stamp in (None, 3.0, 900.0)] == [9.0, 9.0, 9.0]
    seen = watch(lambda _: None)
    assert (seen.told, seen.early_s < 0.05, seen.late_s < 0.05) == ((), True, True)


def dated(arrivals: Iterable[tuple[float | None, float]]) -> list[tuple[Stamp, float]]:
    """Frames that arrive at the second second, presented at the first one; how late each is."""
    clock, run, found = CameraClock(), RunClock(), []
    for presented_s, arrived_s in arrivals:
        placed = clock.place(presented_s, arrived_s=arrived_s)
        found.append((run.stamp(placed.at_s, arrived_s=arrived_s), placed.lag_s))
    return found


@pytest.mark.parametrize(
    ("by_s", "wraps_s", "says"),
    [
        (36_000.0, None, "+36000"),
        (-3_600.0, None, "-3600"),
        (RTP_WRAP_S - 3_600.0, RTP_WRAP_S, "-3600"),
        (3_600.0, RTP_WRAP_S, "+3600"),
        (4.0 - RTP_WRAP_S, RTP_WRAP_S, "+4"),
    ],
)
def test_a_leap_is_told_in_whole_seconds_by_the_shorter_way_round(
    by_s: float, wraps_s: float | None, says: str
) -> None:
    clock = CameraClock(wraps_s=wraps_s)
    for number in range(60):
        at_s = number / 10
        clock.place(at_s + (by_s if at_s > 2.0 else 0.0), arrived_s=at_s)

    assert clock.trouble == f"its clock leapt by {says} s"


def test_a_frame_that_comes_late_keeps_the_time_it_was_captured() -> None:
    arrivals = [(7.0, 100.0), (7.1, 100.1), (7.2, 100.2), (7.3, 103.0), (7.4, 103.0), (10.1, 103.1)]

    found = dated(arrivals)

    assert [(round(one.media_s, 2), round(one.captured_s, 2)) for one, _ in found] == [
        (0.0, 100.0),
        (0.1, 100.1),
        (0.2, 100.2),
        (0.3, 100.3),
        (0.4, 100.4),
        (3.1, 103.1),
    ]
    assert [round(lag_s, 1) for _, lag_s in found] == [0.0, 0.0, 0.0, 2.7, 2.6, 0.0]


def test_frames_that_were_held_back_at_the_start_do_not_make_later_ones_look_early() -> None:
    found = dated([(i / 10, 5.0) for i in range(30)] + [(i / 10, 2.1 + i / 10) for i in range(30, 40)])
    late, live = found[:30], found[30:]

    assert [one.captured_s for one, _ in late] == [5.0] * 30
    assert [round(one.captured_s - 2.1, 2) for one, _ in live] == [round(i / 10, 2) for i in range(30, 40)]


steps = st.lists(
    st.tuples(st.floats(-3, 3) | st.floats(-1e5, 1e5), st.floats(0, 3), st.booleans()), min_size=1, max_size=80
)


@given(steps)
def test_times_never_go_back_and_no_frame_is_captured_after_it_came(frames: list[tuple[float, float, bool]]) -> None:
    shown_s, arrived_s = 1000.0, 0.0
    arrivals: list[tuple[float | None, float]] = []
    for step_s, waited_s, is_known in frames:
        shown_s += step_s
        arrived_s += waited_s
        arrivals.append((shown_s if is_known else None, arrived_s))

    stamps = [stamp for stamp, _ in dated(arrivals)]

    media_s = [stamp.media_s for stamp in stamps]
    captured_s = [stamp.captured_s for stamp in stamps]
    assert media_s == sorted(media_s)
    assert captured_s == sorted(captured_s)
    assert all(one.captured_s <= at_s + 1e-6 for one, (_, at_s) in zip(stamps, arrivals, strict=True))
    assert media_s == pytest.approx([one - captured_s[0] for one in captured_s], abs=1e-5)
