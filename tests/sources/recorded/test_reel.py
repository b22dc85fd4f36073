"""Files of a recording on one clock."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from cvinspect.domain import Frame, Pace
from cvinspect.sources import Clock, Counts, SourceInfo, SourceKind
from cvinspect.sources.recorded.reel import Reel, ReelSource
from tests.fakes import street

EIGHT = datetime(2026, 11, 21, tzinfo=UTC)


class File:
    """A file with a picture a second."""

    def __init__(self, starts_s: float, length_s: int) -> None:
        started_at = EIGHT + timedelta(seconds=starts_s)
        self.info = SourceInfo(SourceKind.VIDEO, 32, 24, "h264", float(length_s), started_at, Clock.NAME)
        self.counts = Counts()
        self._length_s = length_s

    def frames(self) -> Iterator[Frame]:
        """One a second, at the file's own times."""
        for second in range(self._length_s):
            self.counts.media_s = float(second)
            yield Frame("gate", second, float(second), self.info.started_at + timedelta(seconds=second), street())

    def go(self, pace: Pace) -> None: ...

    def close(self) -> None: ...


def read(*files: tuple[float, int], is_timed: bool = True, exact_s: float = 1.0) -> list[list[float]]:
    """Seconds of the recording at which each file's pictures lie."""
    reel, times = Reel(), []
    for starts_s, length_s in files:
        source = ReelSource(File(starts_s, length_s), reel, is_timed=is_timed, exact_s=exact_s, frame_s=1.0)
        times.append([frame.media_s for frame in source.frames()])
    return times


def test_a_file_that_follows_at_once_goes_on_where_the_one_before_ended() -> None:
    assert read((0, 3), (3, 2)) == [[0, 1, 2], [3, 4]]


def test_a_hole_is_as_long_as_it_was() -> None:
    assert read((0, 3), (63, 2)) == [[0, 1, 2], [63, 64]]


def test_times_in_whole_seconds_make_no_overlap() -> None:
    assert read((0, 3), (2, 2)) == [[0, 1, 2], [3, 4]]


def test_what_two_files_hold_is_seen_once() -> None:
    assert read((0, 10), (5, 10)) == [list(range(10)), list(range(10, 15))]


def test_a_file_within_another_shows_nothing_new() -> None:
    assert read((0, 10), (3, 4), (10, 2)) == [list(range(10)), [], [10, 11]]


@pytest.mark.parametrize("starts_s", [0, 35, 65, 100])
def test_times_in_whole_minutes_tell_no_hole_shorter_than_one(starts_s: float) -> None:
    [_, second] = read((0, 50), (starts_s, 2), exact_s=60.0)

    assert second == [50, 51]


def test_files_without_times_follow_each_other() -> None:
    assert read((0, 3), (7777, 2), (-5, 1), is_timed=False) == [[0, 1, 2], [3, 4], [5]]


def test_wall_clock_and_numbers_of_frames_go_on() -> None:
    reel = Reel()
    sources = [ReelSource(File(starts_s, 2), reel, is_timed=True, frame_s=1.0) for starts_s in (0,)]
    first = list(sources[0].frames())
    second = ReelSource(File(60, 2), reel, is_timed=True, frame_s=1.0)

    frames = [*first, *second.frames()]

    assert [frame.captured_at for frame in frames] == [EIGHT + timedelta(seconds=one) for one in (0, 1, 60, 61)]
    assert [frame.index for frame in frames] == [0, 1, 2, 3]
    assert (second.hole_s, second.offset_s, second.info.started_at) == (58.0, 60.0, EIGHT + timedelta(seconds=60))


def test_a_file_of_unknown_length_leaves_a_hole_like_the_one_before() -> None:
    reel = Reel()
    list(ReelSource(File(0, 5), reel, is_timed=True, frame_s=1.0).frames())
    reel.skip()

    third = ReelSource(File(0, 5), reel, is_timed=False, frame_s=1.0)

    assert [frame.media_s for frame in third.frames()] == [10, 11, 12, 13, 14]
