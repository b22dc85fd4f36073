"""The ledger's own time: it goes on over lost connections and restarts, while each run's begins anew."""

from dataclasses import dataclass, replace

from cvinspect.domain import Frame, Moment, Sighting
from cvinspect.incidents.absence import WATCHED_STEP_S


@dataclass(slots=True)
class RunClock:
    """Media seconds since the ledger's first frame, whatever the runs since then."""

    latest: Moment | None = None
    """Of the last frame, in the ledger's own time."""
    offset_s: float = 0.0
    """Added to the present run's media seconds."""
    step_s: float = 0.0
    """Watched seconds from the frame before to the last one; none with the first of a run."""
    unwatched_s: float = 0.0
    """Seconds before the last frame in which nothing came: a connection that was away, a pause, samples far apart."""
    _is_new_run: bool = True
    _away_s: float | None = None

    def begin_run(self, away_s: float | None = None) -> None:
        """The frames to come are of another run.

        `away_s`: how long nothing was seen before its first frame, by a clock that nobody sets; None: what the
        frames' capture times say.
        """
        self._is_new_run, self._away_s = True, away_s

    def take(self, frame: Frame) -> tuple[Frame, float | None]:
        """The frame in the ledger's own time; with the first of a later run, how many seconds nothing was seen."""
        away_s = self._absence_s(frame) if self._is_new_run else None
        if away_s is not None and self.latest is not None:
            self.offset_s = self.latest.media_s + away_s - frame.media_s
        frame = replace(frame, media_s=frame.media_s + self.offset_s) if self.offset_s else frame
        self.step_s = 0.0 if self._is_new_run or self.latest is None else frame.media_s - self.latest.media_s
        self.unwatched_s = (away_s or 0.0) if self._is_new_run else self.step_s if self.step_s > WATCHED_STEP_S else 0.0
        self._is_new_run = False
        self.latest = Moment(frame.media_s, frame.captured_at)
        return frame, away_s

    def shifted(self, sighting: Sighting) -> Sighting:
        """A sighting of the present run in the ledger's own time."""
        since = sighting.rest_since
        return replace(sighting, rest_since=Moment(since.media_s + self.offset_s, since.at))

    def _absence_s(self, frame: Frame) -> float | None:
        if self.latest is None:
            return None
        if self._away_s is not None:
            return max(self._away_s, 0.0)
        return max((frame.captured_at - self.latest.at).total_seconds(), 0.0)
