"""Sightings -> incidents: opened once, followed through whatever hides them, cleared when the place is seen empty."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from cvinspect.domain import CarefulLook, Change, ChangeKind, Frame, Incident, Moment, Reason, Sighting, Status, Track
from cvinspect.incidents import LookMatcher
from cvinspect.incidents.absence import WATCHED_STEP_S, longest_unseen_s
from cvinspect.incidents.letting_go import let_go
from cvinspect.incidents.look_back import LookBack
from cvinspect.incidents.matching import is_same, joined, match, seniority
from cvinspect.incidents.past import Past
from cvinspect.incidents.promotion import Promotion, hear
from cvinspect.incidents.relations import is_empty_as_said, is_gone, is_seen_empty, wants_second_picture
from cvinspect.incidents.rest import credited
from cvinspect.incidents.run_clock import RunClock
from cvinspect.incidents.snapshot import LedgerState
from cvinspect.incidents.standing import Standing
from cvinspect.incidents.watch import PlaceWatch, is_leaving

_CREDIT_S = 5.0
"""Rest from before the first sighting counts for this long or two samples, while smoothing notices a stop: what stood
there before its rule held, or before its rider left, has its dwell from then on."""


class PlaceLedger:
    """The incidents of one camera, identified by class and place, not by track."""

    def __init__(
        self,
        camera: str,
        *,
        matcher: LookMatcher,
        source: str | None = None,
        budget: int = 300,
        interval_s: float = 0.0,
        second_look: bool = False,
    ) -> None:
        """Watch one view of a camera, or of a recording, which `source` names: read again, it gives the same ids.

        At most `budget` places are watched at once; `cut` counts what is cut. `interval_s`: how far apart samples are
        planned to be. With `second_look` the careful network must bear out what is to become a violation.
        """
        self._camera = camera
        self._places = PlaceWatch(matcher)
        self._look_back = LookBack(matcher)
        self._source, self._budget = source, budget
        self._standings: list[Standing] = []
        self._past = Past(self._places, budget=budget)
        self._promotion = Promotion(self._look_back, self._past, second_look=second_look)
        self._frame: Frame | None = None
        self._there: set[Standing] = set()  # what the last frame shows in its place
        self._interval_s = interval_s
        self._size: tuple[int, int] | None = None
        self._credit_s = _CREDIT_S
        self._unlooked_s = 0.0  # since the careful network looked last
        self._clock = RunClock()
        self._planned_s = self._lost_s = 0.0
        """How far apart visits are planned to be, where the next frame begins one; and what was lost before it."""
        self.view: str | None = None  # of which view this is the ledger; None: the camera has but one
        self.cut = 0

    @property
    def latest_s(self) -> float:
        """The last frame's media seconds in the ledger's own time, which goes on over runs; 0 before the first."""
        return 0.0 if self._clock.latest is None else self._clock.latest.media_s

    @property
    def standing(self) -> tuple[Incident, ...]:
        """The incidents and pre-alarms that stand now."""
        return tuple(standing.incident for standing in self._standings if standing.announced)

    @property
    def wants_look(self) -> bool:
        """Whether the careful network is to look at the next frame: a verdict that it has to bear out comes nearer."""
        return self._promotion.wants_look(one for one in self._standings if one in self._there)

    @property
    def is_watching(self) -> bool:
        """Whether anything is under watch, be it no incident yet."""
        return bool(self._standings)

    @property
    def state(self) -> LedgerState:
        """What `resume` needs; to be written down before the next frame."""
        return LedgerState(self._standings, self._past.standings, self._clock.latest, self._size)

    def resume(self, state: LedgerState) -> None:
        """Go on from what a ledger of this camera knew, before the first frame."""
        self._standings, self._past.standings = list(state.standings), list(state.past)
        self._clock, self._size = RunClock(state.latest), state.size

    def begin_run(self, away_s: float | None = None) -> None:
        """Media time and track numbers begin anew, incidents go on; `away_s` as in `Ledger`."""
        self._clock.begin_run(away_s)
        self._planned_s = 0.0

    def visit(self, *, planned_s: float, lost_s: float) -> None:
        """The run that begins is a visit, planned to be so long after the last; for `lost_s` of that nothing came."""
        self._planned_s, self._lost_s = planned_s, lost_s

    def absorb(
        self, sightings: Sequence[Sighting], tracks: Sequence[Track], frame: Frame, look: CarefulLook | None = None
    ) -> Iterator[Change]:
        """What this frame changes; `look`: what the careful network saw in it, where that looked."""
        frame = self._arrived(frame)
        sightings = [self._clock.shifted(sighting) for sighting in sightings]
        passed_s = min(self._clock.step_s, WATCHED_STEP_S)
        self._credit_s = max(_CREDIT_S, 2 * self._clock.step_s)
        moment = Moment(frame.media_s, frame.captured_at)
        self._miss(moment)
        self._there.clear()
        self._past.watch(tracks, frame, passed_s)
        reopened = self._past.take_back(sightings, frame)
        self._standings += reopened
        seen = self._match(sightings, frame, moment)
        self._look_at_places(seen, tracks, frame, look)
        self._places.backdrop.keep(frame)
        yield from (self._tell(standing, ChangeKind.REOPENED, frame) for standing in reopened)
        yield from self._merge(frame, set(seen))
        for standing in sorted(self._standings, key=lambda standing: standing.incident.first_seen.media_s):
            at_rest = standing in seen and not is_leaving(standing, tracks)
            yield from self._advance(standing, frame, moment, in_sight=standing in seen, at_rest=at_rest)

    def look_away(self, frame: Frame) -> None:
        """Nothing can be said of the places by this frame: a covered lens clears nothing, and proves nothing."""
        frame = self._arrived(frame)
        self._miss(Moment(frame.media_s, frame.captured_at))
        self._there.clear()
        for standing in self._standings:
            standing.absence.hide(min(self._clock.step_s, WATCHED_STEP_S))

    def move(self, dx: float, dy: float) -> None:
        """The camera was knocked askew: from the next frame on all lies so many pixels further right and down."""
        for standing in (*self._standings, *self._past):
            standing.move(dx, dy)
        self._places.backdrop.forget()

    def _look_at_places(
        self, seen: dict[Standing, list[Sighting]], tracks: Sequence[Track], frame: Frame, look: CarefulLook | None
    ) -> None:
        moment, passed_s = Moment(frame.media_s, frame.captured_at), min(self._clock.step_s, WATCHED_STEP_S)
        self._unlooked_s += passed_s
        unlooked_s = None if look is None else self._unlooked_s
        for standing in self._standings:
            is_seen = standing in seen
            if is_seen:
                self._places.see(standing, seen[standing], tracks, frame)
            if is_seen or self._places.watch(standing, tracks, frame, passed_s, unlooked_s=unlooked_s).is_there:
                self._there.add(standing)
            if standing.incident.violation.reach > 0:
                self._places.see_members(standing, tracks, frame, passed_s)
                let_go(standing, moment)
        if look is not None:
            hear(look, [one for one in self._standings if one in self._there])
            self._unlooked_s = 0.0

    def _arrived(self, frame: Frame) -> Frame:
        """The frame in the ledger's own time; what a new run or another size of the picture means is seen to."""
        frame, away_s = self._clock.take(frame)
        self._frame = replace(frame, passage=None)
        self._look_back.saw(frame)
        self._look_back.keep(self._standings)
        height, width = frame.pixels.shape[:2]
        standings = (*self._standings, *self._past)
        if away_s is not None:
            self._places.backdrop.forget()
            for standing in standings:
                standing.forget_tracks()
        before = self._size or (width, height)
        if before != (width, height):
            self._places.backdrop.forget()
            for standing in standings:
                standing.scale(width / before[0], height / before[1])
        self._size = width, height
        return frame

    def _miss(self, now: Moment) -> None:
        """Nothing came of the street for a while before this frame, beyond what is between two samples."""
        passed_s, planned_s, self._planned_s = self._clock.unwatched_s, self._planned_s, 0.0
        for standing in self._standings:
            gap_s = standing.incident.violation.gap_s
            interval_s = max(self._interval_s, planned_s if self._lost_s <= gap_s else 0.0)
            longest_s = longest_unseen_s(gap_s=gap_s, interval_s=interval_s)
            standing.absence.miss(passed_s, longest_s=longest_s, now=now)
            if passed_s > longest_s:
                self._look_back.forget(standing)

    def settle(self) -> Iterator[Change]:
        """What is left to say when the footage ends; the end of footage clears nothing."""
        frame = self._frame
        if frame is None:
            return
        for standing in self._standings:
            if standing.is_confirmed and standing.incident.last_seen.media_s > standing.told_until_s:
                yield self._tell(standing, ChangeKind.UPDATED, frame)

    def answer(self, incident_id: str) -> Change | None:
        """A platform calls it resolved: what the last frames say to that; None where they cannot tell.

        Not cleared where the last frame shows it; cleared where the last ones show the place empty, however shortly.
        """
        frame, standing = self._frame, self._confirmed(incident_id)
        if frame is None or standing is None:
            return None
        if standing in self._there:
            return self._tell(standing, ChangeKind.NOT_CLEARED, frame)
        return self._clear(standing, frame, Reason.PLACE_EMPTY) if is_empty_as_said(standing) else None

    def add_to(self, incident_id: str) -> Change | None:
        """Something was added to a violation, such as its clip: a revision; None where it is gone."""
        frame, standing = self._frame, self._confirmed(incident_id)
        return None if frame is None or standing is None else self._tell(standing, ChangeKind.UPDATED, frame)

    def _confirmed(self, incident_id: str) -> Standing | None:
        return next((one for one in self._standings if one.is_confirmed and one.incident.id == incident_id), None)

    def _match(self, sightings: Sequence[Sighting], frame: Frame, moment: Moment) -> dict[Standing, list[Sighting]]:
        """Which standing each sighting belongs to; those that belong to none begin one."""
        seen, homeless = match(sightings, self._standings, frame, self._places)
        for sighting in homeless:
            standing = joined(sighting, seen) or self._begin(sighting, frame, moment)
            if standing is not None:
                seen.setdefault(standing, []).append(sighting)
        return seen

    def _begin(self, sighting: Sighting, frame: Frame, moment: Moment) -> Standing | None:
        """A new standing; None where the budget is spent."""
        if len(self._standings) >= self._budget:
            self.cut += 1
            return None
        if any(sighting.track in one.tracks for one in self._standings):  # it has just left the place it was known at
            sighting = replace(sighting, rest_since=moment)
        sighting = credited(sighting, moment, most_s=self._credit_s)
        standing = Standing.begin(self._camera, sighting, moment, source=self._source)
        unseen_s = moment.media_s - sighting.rest_since.media_s if self._clock.unwatched_s > 0 else 0.0
        standing.incident = replace(standing.incident, unseen_s=unseen_s)
        self._standings.append(standing)
        self._look_back.begin(standing, moment, frame.pixels)
        return standing

    def _advance(
        self, standing: Standing, frame: Frame, moment: Moment, *, in_sight: bool, at_rest: bool
    ) -> Iterator[Change]:
        """One step of one standing: cleared or given up, pictured again, announced or opened."""
        if standing not in self._standings:
            return
        if is_gone(standing, frame.media_s):
            yield from self._end(standing, frame)
        elif in_sight and standing.is_confirmed:
            if wants_second_picture(standing, moment.media_s):
                standing.pictured_again = True
                yield self._tell(standing, ChangeKind.UPDATED, frame)
        elif at_rest and standing.is_plain and standing.is_proven and not self._look_back.doubts(standing):
            for telling in self._promotion.of(standing, self._standings, frame, moment):
                yield self._tell(*telling)
        elif standing.presence.empty_frames == 1 and not standing.is_confirmed and standing.is_proven:
            for telling in self._promotion.late(standing, self._standings, frame, moment):
                yield self._tell(*telling)

    def _end(self, standing: Standing, frame: Frame) -> Iterator[Change]:
        if standing.is_confirmed:
            reason = Reason.PLACE_EMPTY if is_seen_empty(standing) else Reason.NOT_DETECTED
            yield self._clear(standing, frame, reason)
            return
        self._standings.remove(standing)
        if standing.announced:
            standing.incident = replace(standing.incident, status=Status.CLOSED, reason=Reason.LAPSED)
            yield self._tell(standing, ChangeKind.CLOSED, frame)

    def _clear(self, standing: Standing, frame: Frame, reason: Reason) -> Change:
        self._standings.remove(standing)
        moment = Moment(frame.media_s, frame.captured_at)
        standing.incident = replace(standing.incident, status=Status.CLEARED, cleared=moment, reason=reason)
        standing.appearance.settle()
        self._past.add(standing)
        return self._tell(standing, ChangeKind.CLEARED, frame)

    def _merge(self, frame: Frame, seen: set[Standing]) -> Iterator[Change]:
        """Standings that have turned out to be one: the senior one stays."""
        for junior in sorted(self._standings, key=seniority, reverse=True):
            same = (one for one in self._standings if is_same(one, junior, both_seen={one, junior} <= seen))
            senior = next(same, None)
            if senior is None:
                continue
            self._standings.remove(junior)
            senior.take_over(junior)
            if junior.announced:
                junior.incident = replace(
                    junior.incident, status=Status.CLOSED, duplicate_of=senior.incident.id, reason=Reason.MERGED
                )
                yield self._tell(junior, ChangeKind.CLOSED, frame)

    def _tell(self, standing: Standing, kind: ChangeKind, frame: Frame) -> Change:
        """The next revision: 0 for a pre-alarm, from 1 on for what follows."""
        revision = 0 if kind is ChangeKind.PRE_ALARM else standing.incident.revision + 1
        standing.incident = replace(standing.incident, revision=revision, view=self.view)
        standing.announced = True
        standing.told_until_s = standing.incident.last_seen.media_s
        return Change(kind, standing.incident, frame)
