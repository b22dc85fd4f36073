"""One camera's inspection: every sample through pipeline and ledger, what that changes to the scribe."""

import logging
import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from cvinspect.daemon import Durations
from cvinspect.daemon.resuming import OtherVersionError, SteadyClock
from cvinspect.daemon.scribe import Scribe
from cvinspect.detect import Detector
from cvinspect.domain import Camera, Change, ChangeKind, Detection
from cvinspect.errors import DeliveryError
from cvinspect.evidence import Original, Picture
from cvinspect.evidence.snapshots import Snapshots
from cvinspect.incidents.ledger import PlaceLedger
from cvinspect.incidents.snapshot import state_of
from cvinspect.pipeline import Pipeline
from cvinspect.records import Backing
from cvinspect.records.incident import IncidentRecord, RecordContext
from cvinspect.records.parts import EvidencePart
from cvinspect.runner import MASKED_LABEL, main_label
from cvinspect.sources.live import Sample
from cvinspect.store import Entry
from cvinspect.store.ledger_store import LedgerStore
from cvinspect.taxonomy import Violation

_LOG = logging.getLogger(__name__)

_SAVE_S = 10.0
"""A candidate's dwell survives a crash up to this much."""

_QUIET_SAVE_S = 300.0
"""The same for a street without incidents: only how it looks is kept."""


@dataclass(frozen=True, slots=True)
class Desk:
    """What all cameras share."""

    scribe: Scribe
    store: LedgerStore
    pictures: Snapshots
    backing: Callable[[str], Backing]
    """What a label rests on."""
    clock: SteadyClock
    seconds: Callable[[], float]
    """The clock that nobody sets."""
    may_keep_pictures: Callable[[], bool]


class CameraPost:
    """Inspects one camera's samples. For one thread at a time; `resolved` may be called from any."""

    def __init__(
        self, camera: Camera, pipeline: Pipeline, ledger: PlaceLedger, context: RecordContext, desk: Desk
    ) -> None:
        """`ledger` is the pipeline's."""
        self.camera = camera
        self._pipeline = pipeline
        self._ledger = ledger
        self._context = context
        self._desk = desk
        self._run: int | None = None
        self._captured_s: float | None = None
        """Of the last sample that was judged, or of that before the restart."""
        self._saved_s = desk.seconds()
        self._lock = threading.Lock()
        self._resolved: dict[str, float] = {}
        """Incidents that a platform calls resolved, and since when, seconds."""
        self.inspected = 0
        self.inference = Durations()
        self.lag_s: float | None = None
        self.last_frame_at: datetime | None = None
        self.opened: Counter[str] = Counter()
        """Violations opened, by class."""

    def resume(self, rules: Mapping[str, Violation]) -> None:
        """Go on from what the database holds of this camera, under these rules, before the first sample.

        Raises DeliveryError.
        """
        snapshot = self._desk.store.snapshot(self.camera.id)
        if snapshot is None:
            return
        try:
            state, self._captured_s = self._desk.clock.read(snapshot, rules=rules)
        except OtherVersionError as error:
            _LOG.error("camera %s: %s; going on from its incidents, dwells begin anew", self.camera.id, error)
            state = state_of(self._desk.store.standing(self.camera.id, rules=rules))
        except ValueError as error:
            raise DeliveryError(f"camera {self.camera.id}: {error}") from error
        self._ledger.resume(state)
        for incident in self._ledger.standing:
            history = self._desk.store.history(incident.id)
            if history:
                self._desk.pictures.resume(incident.id, [_picture(part) for part in history[-1].evidence])

    @property
    def standing(self) -> int:
        """How many incidents and pre-alarms stand."""
        return len(self._ledger.standing)

    @property
    def standing_ids(self) -> frozenset[str]:
        """Which ones."""
        return frozenset(incident.id for incident in self._ledger.standing)

    def inspect(self, sample: Sample, detector: Detector) -> None:
        """Detect, judge, and have what changed written down."""
        self._begin_run(sample)
        began_s = self._desk.seconds()
        detections = detector.detect(sample.frame.pixels)
        self._note_inference(self._desk.seconds() - began_s)
        changes = list(self._pipeline.step(sample.frame, detections))
        changes += self._contradictions()
        self._captured_s = sample.captured_s
        self._write(changes, detections)
        self.inspected += 1
        self.last_frame_at = sample.frame.captured_at
        self.lag_s = self._desk.seconds() - sample.captured_s

    def look_away(self) -> None:
        """What the camera shows cannot be judged: what it shows next is a new run."""
        self._run = None

    def resolved(self, incident_id: str) -> None:
        """A platform calls an incident resolved: if the camera goes on seeing it, say so."""
        with self._lock:
            self._resolved[incident_id] = self._desk.seconds()

    def contradicted(self, incident_id: str, since: datetime) -> bool:
        """Whether it was said, after that moment, that the incident stands all the same; raises DeliveryError."""
        history = self._desk.store.history(incident_id)
        return any(one.event is ChangeKind.NOT_CLEARED and one.last_seen_at >= since for one in history)

    def save(self) -> None:
        """Have the ledger's state written down as it is."""
        if self._captured_s is not None:
            self._desk.scribe.put(self.camera.id, [], self._desk.clock.written(self._ledger.state, self._captured_s))
            self._saved_s = self._desk.seconds()

    def _begin_run(self, sample: Sample) -> None:
        if sample.run != self._run:
            away_s = None if self._captured_s is None else sample.captured_s - self._captured_s
            self._pipeline.begin_run(away_s)
            self._run = sample.run

    def _note_inference(self, passed_s: float) -> None:
        before = self.inference
        longest_s = max(before.longest_s, passed_s)
        self.inference = Durations(before.count + 1, before.total_s + passed_s, longest_s)

    def _write(self, changes: Sequence[Change], detections: Sequence[Detection]) -> None:
        quiet_s = _SAVE_S if self._ledger.is_watching else _QUIET_SAVE_S
        if not changes and self._desk.seconds() - self._saved_s < quiet_s:
            return
        entries = [self._entry(change, detections) for change in changes]
        for change in changes:
            if change.kind is ChangeKind.OPENED:
                self.opened[change.incident.violation.id] += 1
        snapshot = self._desk.clock.written(self._ledger.state, self._captured_s or 0.0)
        self._desk.scribe.put(self.camera.id, entries, snapshot)
        self._saved_s = self._desk.seconds()

    def _entry(self, change: Change, detections: Sequence[Detection]) -> Entry:
        pictures = self._take(change, detections)
        record = IncidentRecord.from_incident(
            change.incident,
            change.kind,
            self.camera,
            backing=self._desk.backing(main_label(change.incident)),
            evidence=[EvidencePart.model_validate(asdict(picture)) for picture in pictures],
            context=self._context,
        )
        return Entry(change.incident, record)

    def _take(self, change: Change, detections: Sequence[Detection]) -> tuple[Picture, ...]:
        """The incident's pictures; where the disk has no room for another one, the record goes without it."""
        persons = [one.box for one in detections if one.label == MASKED_LABEL]
        if self._desk.may_keep_pictures():
            try:
                return self._desk.pictures.take(change, self.camera, persons=persons)
            except DeliveryError as error:
                _LOG.error(
                    "camera %s: incident %s goes without a picture: %s", self.camera.id, change.incident.id, error
                )
        return self._desk.pictures.taken(change)

    def _contradictions(self) -> list[Change]:
        """Incidents called resolved so long ago that the place would have been seen clean, and that still stand."""
        now_s, found = self._desk.seconds(), []
        with self._lock:
            called = dict(self._resolved)
        for incident in self._ledger.standing:
            since_s = called.get(incident.id)
            if since_s is None or now_s - since_s < incident.violation.clear_s:
                continue
            change = self._ledger.contradict(incident.id)
            if change is not None:
                found.append(change)
                self._forget(incident.id)
        for gone in called.keys() - self.standing_ids:
            self._forget(gone)
        return found

    def _forget(self, incident_id: str) -> None:
        with self._lock:
            self._resolved.pop(incident_id, None)


def _picture(part: EvidencePart) -> Picture:
    values = part.model_dump()
    original = values.pop("original")
    media_s = values.pop("media_s") or 0.0
    return Picture(**values, media_s=media_s, original=original and Original(**original))
