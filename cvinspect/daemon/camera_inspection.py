"""One camera's inspection: every sample through pipeline and ledger, what that changes to the writer."""

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime

from cvinspect.daemon import CarefulLooks, Durations
from cvinspect.daemon.called_resolved import CalledResolved
from cvinspect.daemon.clips import CameraClips
from cvinspect.daemon.incident_lines import tell_changes
from cvinspect.daemon.ledger_reading import read_ledger
from cvinspect.daemon.recorded_pictures import is_done_with_clip, picture_of, pictures_of
from cvinspect.daemon.shared_parts import SharedParts
from cvinspect.daemon.withdrawal import withdraw
from cvinspect.detect import Detector
from cvinspect.domain import Camera, Change, ChangeKind, Detection, Incident, main_label
from cvinspect.errors import DeliveryError
from cvinspect.evidence import Picture
from cvinspect.evidence.masking import HiddenParts
from cvinspect.records.incident import IncidentRecord, RecordContext
from cvinspect.records.parts import EvidencePart
from cvinspect.sources.decoding.packet_ring import PacketRing
from cvinspect.sources.live.states import Sample
from cvinspect.store import Entry, Snapshot
from cvinspect.taxonomy import Violation
from cvinspect.tour import Tour
from cvinspect.views import Outlook, Why

_LOG = logging.getLogger(__name__)

_SAVE_S = 10.0
"""A candidate's dwell survives a crash up to this much."""

_QUIET_SAVE_S = 300.0
"""The same for a street without incidents: only how it looks is kept."""


@dataclass(frozen=True, slots=True)
class _HandedOn:
    """What can be gone back to: all that is known of it is written down, or will be."""

    state: Snapshot
    captured_s: float | None = None
    """Of the last sample by then."""
    pictures: Mapping[str, tuple[Picture, ...]] = field(default_factory=dict)
    """By incident."""


class CameraInspection:
    """Inspects one camera's samples. For one thread at a time; `resolved` may be called from any."""

    def __init__(
        self,
        camera: Camera,
        tour: Tour,
        context: RecordContext,
        shared: SharedParts,
        ring: PacketRing | None = None,
    ) -> None:
        """`tour` inspects the camera's pictures. `ring`: what clips are cut from; None: none are taken."""
        self._clips = CameraClips(shared.clips, ring)
        self.camera = camera
        self.tour = tour
        self._context = context
        self._shared = shared
        self._rules: Mapping[str, Violation] = {}
        self._run: int | None = None
        self._captured_s: float | None = None  # of the last sample that was looked at, also before a restart
        self._handed_on = _HandedOn(shared.clock.written(tour.state, 0.0))
        self._is_astray = False
        """Whether the ledger knows of something that was not handed on to be written down, for a fault came between."""
        self._saved_s = shared.seconds()
        self._resolved = CalledResolved()
        self.inspected = 0
        self.inference = Durations()
        self.lag_s: float | None = None
        self.last_frame_at: datetime | None = None
        self.opened: Counter[str] = Counter()
        self.doubted: Counter[str] = Counter()
        """Violations opened, and pre-alarms that the careful network does not bear out, by class."""
        self.set_aside = 0
        """How often what was stored of the ledger could not be read, and was gone on from the incidents."""

    def resume(self, rules: Mapping[str, Violation]) -> None:
        """Go on from what the database holds of this camera, under these rules, before the first sample.

        Where its state is damaged, or of another version, that is set aside for somebody to look at, and its incidents
        are gone on from. Raises DeliveryError.
        """
        self._rules, store = rules, self._shared.store
        snapshot = store.snapshot(self.camera.id)
        if snapshot is None:
            return
        read = read_ledger(snapshot, self.camera.id, self._shared, rules=rules)
        self._captured_s = read.captured_s
        self.set_aside += read.is_set_aside
        withdrawn = withdraw(read.state, self.camera, rules, before=read.before)
        self.tour.resume(read.state)
        pictures = {one.id: pictures_of(one.id, store, self.camera) for one in self._pictured}
        for incident in self._pictured:
            self._shared.pictures.resume(incident, pictures[incident.id])
        state = self._shared.clock.written(self.tour.state, self._captured_s or 0.0)
        self._handed_on = _HandedOn(state, self._captured_s, pictures)
        if withdrawn:
            closed = ((one, pictures_of(one.id, store, self.camera)) for one in withdrawn)
            entries = [self._entry(incident, ChangeKind.CLOSED, pictures) for incident, pictures in closed]
            self._shared.writer.put(self.camera.id, entries, state)

    @property
    def standing(self) -> int:
        """How many incidents and pre-alarms stand."""
        return len(self.tour.standing)

    @property
    def gate(self) -> dict[str, int]:
        """What the change gate did with samples so far."""
        return {} if self.tour.front.gate is None else self.tour.front.gate.counts.by_fate

    @property
    def careful(self) -> CarefulLooks | None:
        """What the careful network did so far; None where there is none."""
        second_look, careful = self.tour.front.second_look, self._shared.careful
        if second_look is None or careful is None:
            return None
        return CarefulLooks(
            careful.share.looks(self.camera.id),
            careful.share.patrols(self.camera.id),
            second_look.patrol_s,
            second_look.counts.longest_wait_s,
        )

    @property
    def standing_ids(self) -> frozenset[str]:
        """Which ones."""
        return frozenset(incident.id for incident in self.tour.standing)

    @property
    def _pictured(self) -> tuple[Incident, ...]:
        """Incidents that stand, and cleared ones that may be reopened: the ledger still knows how they looked."""
        past = (standing.incident for standing in self.tour.state.past if standing.appearance.look is not None)
        return *self.tour.standing, *past

    def inspect(self, sample: Sample, detector: Detector) -> None:
        """Detect, judge, and have what changed written down.

        Whatever fails on the way: the next sample goes on from what was handed on before, so that no change is known
        here that will never be recorded.
        """
        self._prepare(sample)
        began_s = self._shared.seconds()
        detections: Sequence[Detection] = self.tour.detections(sample.frame, detector)
        self.inference = self.inference.plus(self._shared.seconds() - began_s)
        self._ask_for_look(sample.captured_s)
        self._is_astray = True
        cleared = {standing.incident.id for standing in self.tour.state.past}
        changes = list(self.tour.step(sample.frame, detections))
        changes += self._answers(sample.captured_s)
        self._write(
            changes,
            HiddenParts(
                lambda picture: self.tour.everywhere(picture, detector, sample.frame, detections),
                self._shared.hide,
            ),
        )
        self._is_astray = False
        tell_changes(changes, cleared_before=cleared)
        self._clips.want(changes, sample)
        self.inspected += self.tour.present is not None
        self.last_frame_at = sample.frame.captured_at
        self.lag_s = self._shared.seconds() - sample.captured_s

    def look(self, sample: Sample) -> Outlook:
        """Which view the camera shows, before anything is detected."""
        self._prepare(sample)
        return self.tour.look(sample.frame)

    def leave_out(self, sample: Sample, why: Why) -> None:
        """What the camera shows cannot be judged: what it shows next is a new run."""
        self._prepare(sample)
        self.tour.leave_out(sample.frame, why)

    def look_away(self) -> None:
        """A sample failed: what the camera shows next is a new run."""
        self._run = None

    def resolved(self, incident_id: str) -> None:
        """A platform calls an incident resolved: say within two samples what the camera sees, where it can see."""
        self._resolved.add(incident_id, self._shared.seconds())

    def not_resolved(self, incident_id: str) -> None:
        """A platform has taken its word back, before the camera said anything to it."""
        self._resolved.forget(incident_id)

    def contradicted(self, incident_id: str, since: datetime) -> bool:
        """Whether it was said, after that moment, that the incident stands all the same; raises DeliveryError."""
        history = self._shared.store.history(incident_id)
        return any(one.event is ChangeKind.NOT_CLEARED and one.last_seen_at >= since for one in history)

    def save(self) -> None:
        """Have the ledger's state written down as it is, with clips as far as they go."""
        if self._captured_s is not None and not self._is_astray:
            for incident_id in self.standing_ids:
                self._clips.finish(incident_id)
            self._hand_on(self._clipped(), self._captured_s)

    def _prepare(self, sample: Sample) -> None:
        if self._is_astray:
            self._go_back()
        if sample.run != self._run:
            away_s = None if self._captured_s is None else sample.captured_s - self._captured_s
            self.tour.begin_run(away_s)
            self._run = sample.run
        self._captured_s = sample.captured_s

    def _ask_for_look(self, captured_s: float) -> None:
        """What a platform calls resolved is answered by both networks."""
        second_look = self.tour.front.second_look
        if second_look is not None and self._resolved.wants_look(captured_s, standing=self.standing_ids):
            second_look.is_asked_for = True

    def _write(self, changes: Sequence[Change], hidden: HiddenParts) -> None:
        quiet_s = _SAVE_S if self.tour.is_watching else _QUIET_SAVE_S
        if not (changes or self._clips.done(self.standing_ids)) and self._shared.seconds() - self._saved_s < quiet_s:
            return
        entries = [self._entry(one.incident, one.kind, self._take(one, hidden)) for one in changes]
        self._hand_on([*entries, *self._clipped()], self._captured_s or 0.0)
        for change in changes:
            if change.kind is ChangeKind.OPENED:
                self.opened[change.incident.violation.id] += 1
            elif change.kind is ChangeKind.DOUBTED:
                self.doubted[change.incident.violation.id] += 1
            elif change.kind is ChangeKind.NOT_CLEARED:
                self._resolved.forget(change.incident.id)

    def _hand_on(self, entries: Sequence[Entry], captured_s: float) -> None:
        """To the writer, who writes down all of it or nothing, and keeps it until he could."""
        state = self._shared.clock.written(self.tour.state, captured_s)
        pictures = dict(self._handed_on.pictures)
        pictures.update({one.incident.id: tuple(map(picture_of, one.record.evidence)) for one in entries})
        needed = {incident.id for incident in self._pictured}
        handed_on = _HandedOn(state, captured_s, {key: taken for key, taken in pictures.items() if key in needed})
        self._shared.writer.put(self.camera.id, entries, state)
        self._handed_on = handed_on
        self._clips.forget([one.incident.id for one in entries if is_done_with_clip(one.record)])
        self._saved_s = self._shared.seconds()

    def _go_back(self) -> None:
        """Make the ledger what it was when it was last handed on; as after a restart, the next sample is a new run."""
        before = self._handed_on
        state, _ = self._shared.clock.read(before.state, rules=self._rules)
        self.tour.resume(state)
        for incident in self._pictured:
            self._shared.pictures.resume(incident, before.pictures.get(incident.id, ()))
        self._captured_s, self._run, self._is_astray = before.captured_s, None, False
        _LOG.warning("camera %s: goes on from what was written down last", self.camera.id)

    def _clipped(self) -> list[Entry]:
        """Revisions that name the clips which are there since."""
        found = []
        for incident_id, clip in self._clips.done(self.standing_ids).items():
            change = self.tour.add_to(incident_id)
            if change is not None:
                self._shared.pictures.add(incident_id, clip)
                found.append(self._entry(change.incident, change.kind, self._shared.pictures.taken(change)))
        return found

    def _entry(self, incident: Incident, kind: ChangeKind, pictures: Sequence[Picture]) -> Entry:
        record = IncidentRecord.from_incident(
            incident,
            kind,
            self.camera,
            backing=self._shared.backing(main_label(incident)),
            evidence=[EvidencePart.model_validate(asdict(picture)) for picture in pictures],
            context=self._context,
        )
        return Entry(incident, record)

    def _take(self, change: Change, hidden: HiddenParts) -> tuple[Picture, ...]:
        """The incident's pictures; where the disk has no room for another one, the record goes without it."""
        if change.kind is ChangeKind.CLEARED and (clip := self._clips.finish(change.incident.id)) is not None:
            self._shared.pictures.add(change.incident.id, clip)
        if self._shared.may_keep_pictures():
            try:
                return self._shared.pictures.take(change, self.camera, hidden=hidden)
            except DeliveryError as error:
                _LOG.error(
                    "camera %s: incident %s goes without a picture: %s", self.camera.id, change.incident.id, error
                )
            except Exception:  # noqa: BLE001  # a record without a picture is worth more than none
                _LOG.exception(
                    "camera %s: incident %s goes without a picture: a fault of this program",
                    self.camera.id, change.incident.id,
                )  # fmt: skip
        return self._shared.pictures.taken(change)

    def _answers(self, captured_s: float) -> list[Change]:
        """What the camera says to incidents that were called resolved; one that cannot see waits."""
        due = self._resolved.due(captured_s, standing=self.standing_ids)
        answers = (self.tour.answer(incident_id) for incident_id in due)
        return [answer for answer in answers if answer is not None]
