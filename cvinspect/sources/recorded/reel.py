"""A recording of many files, read as one: its files' times lie on one clock, and nothing is seen twice."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from cvinspect.domain import Frame, Pace
from cvinspect.sources import Clock, Counts, Source, SourceInfo

_SLACK_S = 1.5
"""Times are written in whole seconds, and lengths are rounded: a file that begins by no more before the end of the one
before begins where that one ended."""


@dataclass(slots=True)
class Reel:
    """How far a recording was read."""

    began_at: datetime | None = None
    """Aware UTC: the capture time of its second 0; None until its first file is open."""
    clock: Clock = Clock.GIVEN
    """What that rests on."""
    end_s: float = 0.0
    """Second of the recording at which what was read so far ends."""
    reached_s: float | None = None
    """Second of the last picture that was handed on."""
    frames: int = 0
    last_length_s: float = 0.0

    def begin(self, given: datetime) -> None:
        """The user says (aware) when its second 0 was."""
        self.began_at, self.clock = given.astimezone(UTC), Clock.GIVEN

    def skip(self) -> None:
        """A file of which nothing is known could not be read: recorders make them all of one length."""
        self.end_s += self.last_length_s


class ReelSource:
    """One file of a recording: its frames on the recording's clock, without those that an earlier file held."""

    def __init__(
        self, source: Source, reel: Reel, *, is_timed: bool, exact_s: float = 1.0, frame_s: float = 0.0
    ) -> None:
        """`is_timed`: the file's start is known to `exact_s`, else it begins where the one before ended.

        `frame_s` is the distance of its frames.
        """
        self.counts: Counts = source.counts
        self._source = source
        self._reel = reel
        self._frame_s = frame_s
        self.hole_s, self.overlap_s = 0.0, 0.0
        """Seconds between it and what was read before that nobody saw, or that both hold."""
        self._is_timed = is_timed
        if reel.began_at is None:
            reel.began_at, reel.clock = source.info.started_at, source.info.clock
        self.begun_at: datetime = reel.began_at
        self.offset_s: float = self._offset_s(source.info.started_at, exact_s) if is_timed else reel.end_s
        """Second of the recording at which it begins."""
        self.info = self._info()

    def frames(self) -> Iterator[Frame]:
        """Every sampled frame in order of time, but those that are not later than what was seen; may be called once."""
        reel, count = self._reel, 0
        try:
            for frame in self._source.frames():
                count = frame.index + 1
                media_s = round(self.offset_s + frame.media_s, 6)
                if reel.reached_s is not None and media_s <= reel.reached_s:
                    continue
                reel.reached_s = media_s
                captured_at = self.begun_at + timedelta(seconds=media_s)
                yield replace(frame, index=reel.frames + frame.index, media_s=media_s, captured_at=captured_at)
        finally:
            self.info = self._info()
            reel.frames += count
            reel.last_length_s = self.counts.media_s + self._frame_s
            reel.end_s = max(reel.end_s, self.offset_s + reel.last_length_s)

    def go(self, pace: Pace) -> None:
        """As the file's."""
        self._source.go(pace)

    def close(self) -> None:
        """Release the file; safe to call twice."""
        self._source.close()

    def _info(self) -> SourceInfo:
        """As the file's, with the start by the recording's clock."""
        info = self._source.info
        clock = info.clock if self._is_timed else self._reel.clock
        return replace(info, started_at=self.begun_at + timedelta(seconds=self.offset_s), clock=clock)

    def _offset_s(self, started_at: datetime, exact_s: float) -> float:
        offset_s = (started_at - self.begun_at).total_seconds()
        ahead_s = offset_s - self._reel.end_s
        unsure_s = exact_s if exact_s > _SLACK_S else 0.0
        if self._reel.end_s and -max(_SLACK_S, unsure_s) <= ahead_s <= unsure_s:
            return self._reel.end_s
        self.hole_s, self.overlap_s = max(0.0, ahead_s), max(0.0, -ahead_s)
        return offset_s
