"""From what changes in a ledger to pictures and records on disk."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, field

from cvinspect.commands.job import Job
from cvinspect.domain import Change, ChangeKind, main_label
from cvinspect.evidence import Evidence
from cvinspect.evidence.masking import HiddenParts, Hiding, heads
from cvinspect.records import Backing
from cvinspect.records.files import RecordFiles
from cvinspect.records.incident import IncidentRecord
from cvinspect.records.parts import EvidencePart
from cvinspect.sources import Clock, SourceKind


@dataclass(slots=True)
class Recorder:
    """Turns the changes of incidents into pictures and records."""

    files: RecordFiles
    evidence: Evidence
    backing: Callable[[str], Backing]
    """What a label rests on."""
    hide: Hiding = heads
    hidden: HiddenParts = field(default_factory=lambda: HiddenParts(lambda _: ()))
    """In the present sample, and in what came since the one before."""

    def record(self, change: Change, job: Job) -> None:
        """Take the pictures that a change asks for, then write its record; raises DeliveryError."""
        snapshot = job.source.info.kind is SourceKind.PICTURE
        guessed = job.source.info.clock is Clock.FILE
        pictures = self.evidence.take(change, job.camera, hidden=self.hidden, snapshot=snapshot, guessed=guessed)
        if change.kind is ChangeKind.OPENED:
            job.raised.add(change.incident.violation.id)
        if change.kind is ChangeKind.OPENED and job.clips is not None:
            clip = job.clips.take(change.incident.id)
            if clip is not None:
                self.evidence.add(change.incident.id, clip)
                pictures = (*pictures, clip)
        record = IncidentRecord.from_incident(
            change.incident,
            change.kind,
            job.camera,
            backing=self.backing(main_label(change.incident)),
            evidence=[EvidencePart.model_validate(asdict(picture)) for picture in pictures],
            context=job.context,
        )
        self.files.write(record)
