"""The loop: frames -> incident changes. It reads no clock, file or network."""

from collections.abc import Callable, Iterable, Iterator, Sequence

from cvinspect.detect import Detector
from cvinspect.domain import Change, Detection, Frame, Incident, Track
from cvinspect.incidents import Ledger
from cvinspect.rules import Judge
from cvinspect.track import Tracker

Onlooker = Callable[[Frame, Sequence[Detection], Sequence[Track], Sequence[Incident]], None]
"""Sees every frame with its detections, tracks and standing incidents, before the frame's changes are handed on."""


class Pipeline:
    """One camera's way from pictures to incidents, the same in files, live and in evaluation."""

    def __init__(self, *, detector: Detector, new_tracker: Callable[[], Tracker], judge: Judge, ledger: Ledger) -> None:
        self.detector = detector
        self.new_tracker = new_tracker
        self.judge = judge
        self.ledger = ledger

    def incidents(self, frames: Iterable[Frame], onlooker: Onlooker | None = None) -> Iterator[Change]:
        """Every incident that opens, changes or clears while the frames of one run pass."""
        self.ledger.begin_run()
        tracker = self.new_tracker()  # tracks never outlive a connection; the ledger does
        for frame in frames:
            detections = self.detector.detect(frame.pixels)
            tracks = tracker.update(detections, at_s=frame.media_s)
            sightings = self.judge.judge(tracks, frame)
            changes = list(self.ledger.absorb(sightings, tracks, frame))
            if onlooker is not None:
                onlooker(frame, detections, tracks, self.ledger.standing)
            yield from changes
        yield from self.ledger.settle()
