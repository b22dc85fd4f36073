"""Runs over recorded footage: every input is read, what it shows is pictured and written down, failures are told.

Only here are the program's own errors caught: one input's failure stops no other, and what was recorded stays.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC
from pathlib import Path
from typing import Protocol

from cvinspect.domain import Camera, Change, ChangeKind, Detection, Frame, Incident, Track, as_text, main_label
from cvinspect.errors import CvinspectError, DeliveryError, SourceError
from cvinspect.evidence import Evidence, Picture
from cvinspect.evidence.annotated import AnnotatedVideo
from cvinspect.evidence.masking import PersonsSeen
from cvinspect.pipeline import Onlooker, Pipeline
from cvinspect.records import Backing
from cvinspect.records.files import RecordFiles
from cvinspect.records.incident import IncidentRecord, RecordContext
from cvinspect.records.parts import EvidencePart
from cvinspect.records.summary import InputSummary, NotJudged, State
from cvinspect.rules.sample_times import SampleTimes
from cvinspect.sources import Clock, Counts, Source, SourceKind

_CUT_SHORT_SHARE = 0.9
_CUT_SHORT_S = 5.0
"""Footage that ends this much before the length its container states was cut off: some formats give no other sign."""


class Watcher(Protocol):
    """Is told how a run goes on; a progress bar is one."""

    def begins(self, name: str, source: Source) -> None:
        """An input is open and will now be read."""
        ...

    def moves(self, counts: Counts) -> None:
        """Another frame was looked at."""
        ...

    def ends(self, summary: InputSummary) -> None:
        """An input is done with, whether it could be read or not."""
        ...


class Clips(Protocol):
    """Takes clips of one input's violations."""

    def take(self, incident_id: str) -> Picture | None:
        """Store the clip of an incident that the last frame proved; None where there is none to be had."""
        ...


@dataclass(frozen=True, slots=True)
class Job:
    """One input, opened, with everything that is needed to inspect it."""

    source: Source
    camera: Camera
    pipeline: Pipeline
    context: RecordContext
    annotated: AnnotatedVideo | None
    notes: Callable[[], tuple[str, ...]]
    """What was skipped or cut, one line each; asked for at the end."""
    clips: Clips | None = None
    """None: none are wanted, or there is no video."""
    seen: SampleTimes = field(default_factory=lambda: SampleTimes(UTC))
    """When the pictures were taken that were inspected."""
    raised: set[str] = field(default_factory=set)
    """Classes of which violations were opened."""


@dataclass(slots=True)
class Recorder:
    """Turns the changes of incidents into pictures and records."""

    files: RecordFiles
    evidence: Evidence
    backing: Callable[[str], Backing]
    """What a label rests on."""
    persons: PersonsSeen = field(default_factory=lambda: PersonsSeen(lambda _: ()))
    """In the present sample, and in what came since the one before."""

    def record(self, change: Change, job: Job) -> None:
        """Take the pictures that a change asks for, then write its record; raises DeliveryError."""
        snapshot = job.source.info.kind is SourceKind.PICTURE
        guessed = job.source.info.clock is Clock.FILE
        pictures = self.evidence.take(
            change, job.camera, persons=self.persons(change.frame), snapshot=snapshot, guessed=guessed
        )
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


def shown_name(path: Path) -> str:
    """What an input is called in records and on the page: the file's or folder's own name, as text."""
    return as_text(path.name or path.resolve().name)


class Run:
    """One run over many inputs, one after the other."""

    def __init__(
        self,
        *,
        recorder: Recorder,
        open_job: Callable[[Path], Job],
        camera_of: Callable[[Path], Camera],
        seconds: Callable[[], float],
        watcher: Watcher,
        not_judged: Callable[[Camera, Job | None], Sequence[NotJudged]] = lambda *_: (),
    ) -> None:
        """`seconds` is a clock that only goes forward.

        `not_judged` says what a camera could not have raised in a job; None: the input did not open.
        """
        self._not_judged = not_judged
        self._recorder = recorder
        self._open_job = open_job
        self._camera_of = camera_of
        self._seconds = seconds
        self._watcher = watcher
        self.inputs: list[InputSummary] = []
        self.errors: list[CvinspectError] = []
        """What kept inputs from being read, or from being read whole."""
        self.interrupted = False

    @property
    def state(self) -> State:
        """How the run ended: as its worst input did, unless somebody broke off."""
        states = {one.state for one in self.inputs}
        order: tuple[State, ...] = ("failed", "incomplete")
        return "interrupted" if self.interrupted else next((one for one in order if one in states), "done")

    @property
    def exit_code(self) -> int:
        """0 where every input was read whole; what ended the run goes before what one input lacked."""
        ended = (error for error in self.errors if isinstance(error, DeliveryError))
        error = next(ended, self.errors[0] if self.errors else None)
        return 0 if error is None else error.exit_code

    def over(self, paths: Sequence[Path], *, is_stopping: Callable[[], bool] = lambda: False) -> None:
        """Inspect each input, until `is_stopping` says that the user wants no more; it is asked before every frame.

        Whatever goes wrong with an input is told in its summary. A folder that cannot be written to any more, or
        the user's interrupt, ends the run; inputs that were never begun are told as interrupted.
        """
        for number, path in enumerate(paths):
            try:
                self._inspect(path, is_stopping)
            except DeliveryError:
                self._leave(paths[number + 1 :])
                return
            except KeyboardInterrupt:
                self.interrupted = True
                self._leave(paths[number + 1 :])
                return

    def _inspect(self, path: Path, is_stopping: Callable[[], bool]) -> None:
        began_s = self._seconds()
        job: Job | None = None
        try:
            _go_on(is_stopping)
            job = self._open_job(path)
            self._watcher.begins(path.name, job.source)
            self._read(job, is_stopping)
        except CvinspectError as error:
            self.errors.append(error)
            self._tell(path, job, "failed", str(error), began_s)
            if isinstance(error, DeliveryError):
                raise
        except KeyboardInterrupt:
            self._tell(path, job, "interrupted", None, began_s)
            raise
        else:
            lack = lack_of(path, job.source)
            if lack is None:
                self._tell(path, job, "done", None, began_s)
            else:
                self.errors.append(lack)
                self._tell(path, job, "incomplete", str(lack), began_s)

    def _read(self, job: Job, is_stopping: Callable[[], bool]) -> None:
        """Read one input to its end; what stands when the reading breaks off is told as it is then."""
        try:
            for change in job.pipeline.incidents(_until(is_stopping, job.source.frames()), self._onlooker(job)):
                self._recorder.record(change, job)
        finally:
            self._round_off(job)

    def _round_off(self, job: Job) -> None:
        """Tell what stands, and finish the annotated video even where that cannot be told any more."""
        job.source.close()
        try:
            for change in job.pipeline.ledger.settle():
                self._recorder.record(change, job)
        finally:
            if job.annotated is not None:
                job.annotated.close()

    def _onlooker(self, job: Job) -> Onlooker:
        def look(
            frame: Frame, detections: Sequence[Detection], tracks: Sequence[Track], standing: Sequence[Incident]
        ) -> None:
            pipeline = job.pipeline
            self._recorder.persons = PersonsSeen(
                lambda picture: pipeline.everywhere(picture, pipeline.detector, frame, detections)
            )
            self._watcher.moves(job.source.counts)
            job.seen.note(frame.media_s, frame.captured_at)
            if job.annotated is not None:
                job.annotated.add(frame, tracks, standing, job.camera, persons=self._recorder.persons(frame))

        return look

    def _leave(self, paths: Sequence[Path]) -> None:
        for path in paths:
            self._tell(path, None, "interrupted", None, self._seconds())

    def _tell(self, path: Path, job: Job | None, state: State, error: str | None, began_s: float) -> None:
        elapsed_s = self._seconds() - began_s
        camera = job.camera if job is not None else self._camera_of(path)
        summary = InputSummary(
            name=shown_name(path),
            path=str(path),
            camera=camera.id,
            state=state,
            error=error,
            elapsed_s=elapsed_s,
            not_judged=tuple(self._not_judged(camera, job)),
            **(_read_so_far(job) if job is not None else {"kind": None}),
        )
        self.inputs.append(summary)
        self._watcher.ends(summary)


def _until(is_stopping: Callable[[], bool], frames: Iterable[Frame]) -> Iterator[Frame]:
    """The frames, as long as nobody wants to stop: between two of them all that was found is written."""
    for frame in frames:
        _go_on(is_stopping)
        yield frame


def _go_on(is_stopping: Callable[[], bool]) -> None:
    if is_stopping():
        raise KeyboardInterrupt


def _read_so_far(job: Job) -> dict[str, object]:
    info, counts = job.source.info, job.source.counts
    return {
        "kind": info.kind.value,
        "width": info.width,
        "height": info.height,
        "codec": info.codec,
        "duration_s": info.duration_s,
        "frames_read": counts.read,
        "frames_sampled": counts.sampled,
        "frames_broken": counts.broken,
        "media_s": counts.media_s,
        "clock": info.clock.value,
        "started_at": info.started_at.astimezone(job.context.timezone),
        "notes": job.notes(),
    }


def lack_of(path: Path, source: Source) -> SourceError | None:
    """What of an input that was read to its end was not seen; None: nothing to speak of."""
    info, counts = source.info, source.counts
    if info.kind is SourceKind.PICTURES and counts.broken:
        pictures = counts.read + counts.broken
        return SourceError(f"{path}: {counts.broken} of its {pictures} pictures could not be read; the others were")
    stated_s, reached_s = info.duration_s, counts.media_s
    if stated_s is None or info.kind is not SourceKind.VIDEO:
        return None
    if reached_s >= min(_CUT_SHORT_SHARE * stated_s, stated_s - _CUT_SHORT_S):
        return None
    stated = f"{stated_s:.1f} s that the file states"
    return SourceError(f"{path}: ends at {reached_s:.1f} s of the {stated}; the rest was not seen; copy it again")
