"""A camera's way from pictures to incidents, whichever of its views it shows: each has a pipeline and a ledger.

What is not shown waits: nothing of it is seen, and nothing is cleared. It reads no clock, file or network.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from statistics import median

from cvinspect.detect import Detector
from cvinspect.domain import FIRST_VIEW, Change, Detection, Frame, Incident, Pace
from cvinspect.incidents.absence import WATCHED_STEP_S
from cvinspect.incidents.ledger import PlaceLedger
from cvinspect.incidents.run_clock import RunClock
from cvinspect.incidents.snapshot import TourState, VisitState
from cvinspect.pipeline import Onlooker, Pipeline
from cvinspect.views import Outlook, Why
from cvinspect.views.unjudged import TimeAccount
from cvinspect.views.watch import ViewWatch

_VISITS = 8
"""So many visits of late tell how far apart a tour's are."""

_LONGEST_TOUR_S = 600.0
"""A camera whose visits to a view are farther apart than this was turned away rather than on its tour."""

_STEPS = 20
_PLANNED_STEPS = 3.0
"""Nothing came where a step is so many times as long as the plan's, and as the last ones were."""


@dataclass(slots=True, eq=False)
class Visited:
    """One view with its pipeline, and when it was visited; seconds of the camera's clock."""

    id: str
    pipeline: Pipeline
    ledger: PlaceLedger
    last_s: float | None = None
    begun_s: float | None = None
    lost_s: float = 0.0
    """Seconds that the camera had been lost, in all, when it was last looked at."""
    apart_s: deque[float] = field(default_factory=lambda: deque(maxlen=_VISITS))

    @property
    def planned_s(self) -> float:
        """How far apart its visits are, as far as is known; 0: nothing is."""
        apart_s = median(self.apart_s) if self.apart_s else 0.0
        return apart_s if apart_s <= _LONGEST_TOUR_S else 0.0


class Tour:
    """Hands each picture to the pipeline of the view that it shows, and tells what was not judged."""

    def __init__(
        self,
        watch: ViewWatch,
        new_pipeline: Callable[[str], tuple[Pipeline, PlaceLedger] | None],
        *,
        detector: Detector,
        named: Sequence[str] = (),
        interval_s: float = 0.0,
    ) -> None:
        """`new_pipeline` makes the pipeline of a view with its ledger; None: nothing is judged in that view.

        `named`: the views that somebody has named. `interval_s`: how far apart samples are planned to be.
        """
        self.watch = watch
        self.detector = detector
        self.time = TimeAccount()
        self.set_pace: Callable[[Pace], None] = lambda _: None
        self.present: str | None = None
        """The view that the last picture was judged in; None: it was not judged."""
        self._is_left_out = False
        """Whether nobody has detected anything in the last picture, since it was not judged."""
        self._new_pipeline = new_pipeline
        self._named = tuple(named)
        self._interval_s = interval_s
        self._visited: dict[str, Visited | None] = {}
        self._clock = RunClock()
        self._lost_s = 0.0
        self._steps: deque[float] = deque(maxlen=_STEPS)
        self._shown: Visited | None = None
        """Whose tracks go on."""
        self._frame: Frame | None = None
        self._outlook = Outlook(None)
        self._at_s = 0.0
        """The last picture's, on the camera's clock; before it nothing came for `_gap_s`, and all was well for
        `_passed_s`."""
        self._passed_s = self._gap_s = 0.0
        self._latest: Visited | None = None
        """What was judged last, in whichever run."""
        self._unknown_since_s: float | None = None
        self._is_away = False
        """Whether the view whose tracks go on has been out of sight for so long that it was turned away from."""

    @property
    def visited(self) -> list[Visited]:
        """Every view that was judged so far, or is known from before."""
        return [one for one in self._visited.values() if one is not None]

    @property
    def front(self) -> Pipeline:
        """The pipeline of the view that is shown, else of the first one."""
        return (self._shown or self._first()).pipeline

    @property
    def standing(self) -> tuple[Incident, ...]:
        """The incidents and pre-alarms that stand now, in all views."""
        return tuple(incident for one in self.visited for incident in one.ledger.standing)

    @property
    def is_watching(self) -> bool:
        """Whether anything is under watch, be it no incident yet."""
        return any(one.ledger.is_watching for one in self.visited)

    @property
    def state(self) -> TourState:
        """What `resume` needs; to be written down before the next picture."""
        known = {view.id: view for view in self.watch.views}
        states = [
            VisitState(one.id, one.ledger.state, known.pop(one.id, None), one.last_s, one.begun_s, tuple(one.apart_s))
            for one in self.visited
        ]
        return TourState(states, self._clock.latest)

    def resume(self, state: TourState) -> None:
        """Go on from what was known of the camera's views, before the first picture of a run."""
        self._clock = RunClock(state.latest)
        self._shown, self._frame, self._is_away = None, None, False
        known = {one.id for one in state.views}
        self._visited = {name: one for name, one in self._visited.items() if name in known}
        for view in state.views:
            self.watch.remember(view.known)
            one = self._of(view.id)
            if one is not None:
                one.ledger.resume(view.ledger)
                one.last_s, one.begun_s, one.lost_s = view.last_s, view.begun_s, self._lost_s
                one.apart_s = deque(view.apart_s, maxlen=_VISITS)
        self._latest = max(self.visited, key=lambda one: one.last_s or 0.0, default=None)

    def incidents(
        self, frames: Iterable[Frame], onlooker: Onlooker | None = None, *, away_s: float | None = None
    ) -> Iterator[Change]:
        """Every incident that opens, changes or clears while the frames of one run pass; `away_s` as in `Pipeline`."""
        self.begin_run(away_s)
        for frame in frames:
            yield from self.step(frame, self.detections(frame, self.detector), onlooker)
        yield from self.settle()

    def settle(self) -> Iterator[Change]:
        """What is left to say when the footage ends; says it once."""
        for one in self.visited:
            yield from one.ledger.settle()

    def begin_run(self, away_s: float | None = None) -> None:
        """The frames to come are of another connection: tracks never outlive one, the ledgers do."""
        self._clock.begin_run(away_s)
        self.watch.begin_run()
        self._shown, self._frame = None, None
        self._is_away, self._unknown_since_s = False, None

    def look(self, frame: Frame) -> Outlook:
        """What the next frame of the run shows; the same frame may be asked about again."""
        if frame is self._frame:
            return self._outlook
        before = self._clock.latest
        taken, away_s = self._clock.take(frame)
        self._frame, self._at_s = frame, taken.media_s
        step_s = 0.0 if before is None else max(0.0, self._at_s - before.media_s)
        self._gap_s = self._gap_in(step_s, is_new_run=away_s is not None) if step_s else 0.0
        self._passed_s = step_s - self._gap_s
        self._lost_s += self._gap_s
        self._outlook = self.watch.see(frame.pixels, self._at_s)
        return self._outlook

    def leave_out(self, frame: Frame, why: Why) -> None:
        """The frame cannot be judged, whatever it shows; in what the camera shows next tracks begin anew."""
        self.look(frame)
        self._tell_time(why, None)
        self.present = self._shown = None

    def detections(self, frame: Frame, detector: Detector) -> list[Detection]:
        """What the detector sees where rules hold, in pixels of the picture; nothing of what is not judged."""
        outlook = self.look(frame)
        one = None if outlook.why is not None or outlook.view is None else self._of(outlook.view)
        if one is None:
            return []
        self._turn_to(one)
        return one.pipeline.detections(frame, detector)

    def everywhere(
        self, picture: Frame, detector: Detector, sample: Frame, detections: Sequence[Detection]
    ) -> Sequence[Detection]:
        """What the whole of a picture shows, given the present sample's `detections`."""
        if self._is_left_out:
            return detector.detect(picture.pixels)
        return self.front.everywhere(picture, detector, sample, detections)

    def step(self, frame: Frame, detections: Sequence[Detection], onlooker: Onlooker | None = None) -> Sequence[Change]:
        """What the next frame of the run changes, given what was detected in it."""
        outlook = self.look(frame)
        one = None if outlook.view is None else self._of(outlook.view)
        if one is None or outlook.why is not None:
            self._tell_time(outlook.why or Why.OTHER_VIEW, outlook.view)
            self.present, self._is_left_out = None, True
            self._look_away(one, frame)
            if onlooker is not None:
                onlooker(frame, (), (), ())  # what stands in other views does not lie in this picture
            return ()
        self._tell_time(None, one.id)
        self._turn_to(one)
        self.present, self._is_left_out = one.id, False
        if outlook.shift is not None:
            one.pipeline.begin_run(self._at_s - (one.last_s or self._at_s))  # where tracks were, nothing is any more
            height, width = frame.pixels.shape[:2]
            one.ledger.move(outlook.shift[0] * width, outlook.shift[1] * height)
        one.ledger.view = one.id if len({*self._named, *self._visited}) > 1 else None
        one.last_s, one.lost_s = self._at_s, self._lost_s
        return one.pipeline.step(frame, detections, onlooker)

    def answer(self, incident_id: str) -> Change | None:
        """What the last frames say to a platform that calls it resolved; None where its view is not shown."""
        shown = self._shown if self.present is not None else None
        return None if shown is None else shown.ledger.answer(incident_id)

    def add_to(self, incident_id: str) -> Change | None:
        """Something was added to a violation, such as its clip: a revision that says so; None where it is gone."""
        found = (one.ledger.add_to(incident_id) for one in self.visited)
        return next((change for change in found if change is not None), None)

    def _first(self) -> Visited:
        found = self.visited
        one = found[0] if found else self._of(self._named[0] if self._named else self._home)
        if one is None:
            raise ValueError("nothing is judged in the first view of the camera")
        return one

    @property
    def _home(self) -> str:
        return self.watch.views[0].id if self.watch.views else FIRST_VIEW

    def _of(self, view: str) -> Visited | None:
        if view not in self._visited:
            made = self._new_pipeline(view)
            self._visited[view] = None if made is None else Visited(view, *made)
            if made is not None:
                made[0].set_pace = self._go
        return self._visited[view]

    def _go(self, pace: Pace) -> None:
        self.set_pace(pace)

    def _turn_to(self, one: Visited) -> None:
        """The view is shown: where another one was before, or none for long, its tracks begin anew."""
        if self._shown is one and not self._is_away:
            return
        turned = self._latest is not one or self._is_away
        if one.begun_s is not None and turned:
            one.apart_s.append(self._at_s - one.begun_s)
        if one.begun_s is None or turned:
            one.begun_s = self._at_s
        away_s = None if one.last_s is None else self._at_s - one.last_s
        one.pipeline.begin_run(away_s)
        if turned:
            one.ledger.visit(planned_s=one.planned_s, lost_s=max(0.0, self._lost_s - one.lost_s))
        self._shown = self._latest = one
        self._is_away, self._unknown_since_s = False, None

    def _look_away(self, one: Visited | None, frame: Frame) -> None:
        """What is hidden for a moment is still there; what is out of sight for longer was turned away from."""
        shown = self._shown
        is_unknown = self._outlook.view is None
        if not is_unknown:
            self._unknown_since_s = None
        elif self._unknown_since_s is None:
            self._unknown_since_s = self._at_s
        if self._unknown_since_s is not None and self._at_s - self._unknown_since_s > WATCHED_STEP_S:
            self._is_away = True
        if shown is not None and not self._is_away and (is_unknown or one is shown):
            shown.ledger.look_away(frame)
            shown.last_s, shown.lost_s = self._at_s, self._lost_s
        self.set_pace(Pace.USUAL)

    def _tell_time(self, why: Why | None, view: str | None) -> None:
        """What the time up to this picture was."""
        seen_s = self._at_s - self._passed_s
        self.time.add(seen_s - self._gap_s, seen_s, Why.GAP, None)
        self.time.add(seen_s, self._at_s, why, view)
        self._gap_s = self._passed_s = 0.0

    def _gap_in(self, step_s: float, *, is_new_run: bool) -> float:
        """Of the time since the picture before, seconds in which nothing came."""
        usual_s = median(self._steps) if self._steps else 0.0
        most_s = 0.0 if is_new_run else max(WATCHED_STEP_S, _PLANNED_STEPS * max(self._interval_s, usual_s))
        if step_s > most_s:
            return max(0.0, step_s - (usual_s or self._interval_s))
        self._steps.append(step_s)
        return 0.0
