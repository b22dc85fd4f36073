"""The loop: frames -> incident changes. It reads no clock, file or network."""

from collections.abc import Callable, Iterable, Iterator, Sequence

from cvinspect.attention import Attention
from cvinspect.detect import Detector
from cvinspect.detect.burned_in import BurnedInText
from cvinspect.detect.gate import ChangeGate
from cvinspect.detect.windows import View, detect_in
from cvinspect.domain import Change, Detection, Frame, Incident, Pace, Track
from cvinspect.incidents import Ledger
from cvinspect.rules import Judge
from cvinspect.second_look import SecondLook
from cvinspect.track import Tracker

Onlooker = Callable[[Frame, Sequence[Detection], Sequence[Track], Sequence[Incident]], None]
"""Sees every frame with its detections, tracks and standing incidents, before the frame's changes are handed on."""


class Pipeline:
    """One camera's way from pictures to incidents, the same in files, live and in evaluation."""

    def __init__(  # noqa: PLR0913
        self,
        *,
        detector: Detector,
        new_tracker: Callable[[], Tracker],
        judge: Judge,
        ledger: Ledger,
        attention: Attention | None = None,
        view: View | None = None,
        gate: ChangeGate | None = None,
        burned_in: BurnedInText | None = None,
        second_look: SecondLook | None = None,
    ) -> None:
        """`view`: what the detector looks at; None: the whole picture, at once. `gate`: when it does; None: always.

        `burned_in` finds the camera's own writing, which is then not detected as anything; None: it may be.
        `attention` says how often `set_pace` has the source sampled.
        """
        self.attention = attention
        self.view = view
        self.gate = gate
        self.burned_in = burned_in
        self.second_look = second_look
        self.set_pace: Callable[[Pace], None] = lambda _: None
        self.detector = detector
        self.new_tracker = new_tracker
        self.judge = judge
        self.ledger = ledger
        self._tracker: Tracker | None = None

    def incidents(
        self, frames: Iterable[Frame], onlooker: Onlooker | None = None, *, away_s: float | None = None
    ) -> Iterator[Change]:
        """Every incident that opens, changes or clears while the frames of one run pass.

        `away_s`: how long nothing was seen before, by a clock that nobody sets; None: what capture times say.
        """
        self.begin_run(away_s)
        for frame in frames:
            yield from self.step(frame, self.detections(frame, self.detector), onlooker)
        yield from self.ledger.settle()

    def detections(self, frame: Frame, detector: Detector) -> list[Detection]:
        """What the detector sees where rules hold, in pixels of the picture; for each frame of a run once."""
        found = self._detected(frame, detector)
        if self.burned_in is None:
            return found
        self.burned_in.see(frame.pixels, frame.media_s)
        return self._only_street(found)

    def _only_street(self, found: list[Detection]) -> list[Detection]:
        return found if self.burned_in is None else self.burned_in.without(found)

    def _detected(self, frame: Frame, detector: Detector) -> list[Detection]:
        if self.gate is None:
            return detect_in(self.view, detector, frame.pixels)
        return self.gate.detections(
            self.view, detector, frame.pixels, at_s=frame.media_s, may_rest=not self._is_anything_pending
        )

    @property
    def _is_anything_pending(self) -> bool:
        """Whether another look at an unchanged picture may tell more: of what is not proven, or was not seen again."""
        return any(one.is_pending or one.last_seen.media_s < self.ledger.latest_s for one in self.ledger.standing)

    def everywhere(
        self, picture: Frame, detector: Detector, sample: Frame, detections: Sequence[Detection]
    ) -> Sequence[Detection]:
        """What the whole of a picture shows, given the present sample's `detections`.

        Pictures show more than where rules hold, and what has just gone is pictured as it was before the sample.
        """
        is_known = picture.captured_at == sample.captured_at and (self.view is None or self.view.is_whole)
        return detections if is_known else detector.detect(picture.pixels)

    def begin_run(self, away_s: float | None = None) -> Tracker:
        """The frames to come are of another connection: tracks never outlive one, the ledger does."""
        self.ledger.begin_run(away_s)
        self.judge.begin_run()
        if self.second_look is not None:
            self.second_look.begin_run()
        self._tracker = self.new_tracker()
        return self._tracker

    def step(self, frame: Frame, detections: Sequence[Detection], onlooker: Onlooker | None = None) -> Sequence[Change]:
        """What the next frame of the run changes, given what was detected in it."""
        tracker = self._tracker or self.begin_run()
        tracks = tracker.update(detections, at_s=frame.media_s)
        sightings = self.judge.judge(tracks, frame)
        seen = None
        if self.second_look is not None:
            seen = self.second_look.see(frame, tracks, self._only_street, wanted=self.ledger.wants_look)
        if seen is None:
            changes = list(self.ledger.absorb(sightings, tracks, frame))
        else:
            tracks = [*tracks, *seen.tracks]
            changes = list(self.ledger.absorb([*sightings, *seen.sightings], tracks, frame, seen.look))
        if self.attention is not None:
            self.set_pace(self.attention.pace(frame, self.ledger.standing))
        if onlooker is not None:
            onlooker(frame, detections, tracks, self.ledger.standing)
        return changes
