"""`cvinspect run`: a site and the user's options -> jobs, and what one run over recorded footage leaves behind."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import count
from pathlib import Path

from cvinspect import __version__
from cvinspect.assembly.clips import FootageClips
from cvinspect.assembly.eyes import opened
from cvinspect.assembly.longest_view import longest_view
from cvinspect.assembly.masked_clips import ClipMasker
from cvinspect.assembly.masking import opened_masking
from cvinspect.assembly.models import Model
from cvinspect.assembly.pipelines import careful_for, new_pipeline, recorded_watch
from cvinspect.assembly.recordings import Recording, camera_chooser, recordings
from cvinspect.assembly.sources import ON_THE_COMMAND_LINE, open_source, sampling_rule
from cvinspect.assembly.stills import known_views
from cvinspect.commands.input_notes import joints, notes_of
from cvinspect.commands.job import Job, Watcher
from cvinspect.commands.measured import measured_labels
from cvinspect.commands.reading import Reading
from cvinspect.commands.recorder import Recorder
from cvinspect.commands.runner import Run, shown_name
from cvinspect.commands.time_judged import obstacles_over, spans_of
from cvinspect.config.site import Site
from cvinspect.detect.model import Backing
from cvinspect.domain import Camera, Status
from cvinspect.evidence.annotated import AnnotatedVideo
from cvinspect.evidence.clips import Beginning
from cvinspect.evidence.snapshots import Snapshots
from cvinspect.modes import Gate, Sampling
from cvinspect.records.files import REPORT, RecordFiles, prepare_folder
from cvinspect.records.incident import RecordContext
from cvinspect.records.parts import NamesPart
from cvinspect.records.summary import ClassSummary, ConfigSummary, ModelSummary, NotJudged, RunSummary
from cvinspect.report.page import write_report
from cvinspect.rules.sample_times import SampleTimes
from cvinspect.sources import Clock, Source, SourceKind
from cvinspect.sources.recorded.pieces import Piece
from cvinspect.sources.recorded.reel import ReelSource
from cvinspect.taxonomy import Violation
from cvinspect.tour import Tour
from cvinspect.views.unjudged import Span


@dataclass(frozen=True, slots=True)
class Options:
    """What the user chose for one run over recorded footage."""

    out: Path
    fps: float = 2.0
    """Samples a second of footage, at most."""
    sampling: Sampling | None = None
    """None: what the camera's configuration says, else auto."""
    started_at: datetime | None = None
    """Aware: the capture time of each input's first frame."""
    annotate: bool = False
    clips: bool = False
    overwrite: bool = False
    gate: Gate | None = None
    """None: what the camera's configuration says."""
    is_interval: bool = False
    """Whether `fps` was given as the seconds between two pictures."""
    camera: str | None = None
    """Whose pictures all inputs are, in the order given; None: as the configuration and the files say."""
    whole_picture: bool = False
    """Whether inputs are inspected without any configured camera's zones and address."""
    originals: bool = True
    """Whether untouched pictures and clips are kept too, apart."""


_SLOWEST_VIDEO_FPS = 0.1
"""What an annotated video states; when its pictures are shown is told with each."""


def distinct_name(name: str, taken: set[str], *, mark: str) -> str:
    """The name, with a number where it is taken; taken from then on.

    >>> taken = {"gate"}
    >>> distinct_name("gate", taken, mark="-"), distinct_name("gate", taken, mark="-")
    ('gate-2', 'gate-3')
    """
    numbered = (f"{name}{mark}{number}" for number in count(2))
    found = name if name not in taken else next(one for one in numbered if one not in taken)
    taken.add(found)
    return found


class FootageRun:
    """`cvinspect run`: everything one run over recorded footage needs, and what it leaves behind."""

    def __init__(
        self, site: Site, model: Model, options: Options, watcher: Watcher, *, inputs: Sequence[Path] = ()
    ) -> None:
        """Load the network, then prepare the output folder, of which no file may be an input.

        Raises ConfigError where an input's camera or its place among others is not known, ModelError or DeliveryError.
        """
        self._camera_of = camera_chooser(site, camera=options.camera, is_whole_picture=options.whole_picture)
        for path in inputs:
            self._camera_of(path)
        self._site = site
        self._model = model
        self._options = options
        if options.camera is not None:
            self._recordings(inputs)
        self._detector = model.detector()
        self._careful = opened(model.careful)
        self.masking = opened_masking()
        prepare_folder(options.out, overwrite=options.overwrite, inputs=inputs)
        self._files = RecordFiles(options.out)
        self._names: set[str] = set()
        self._longest: dict[str, str] = {}
        """Of recordings by name: what is told of the view in which their camera's zones hold."""
        self._videos: set[str] = set()
        self._started_at = datetime.now(site.timezone)
        self._began_s = time.monotonic()
        recorder = Recorder(
            files=self._files,
            evidence=Snapshots(options.out, timezone=site.timezone, keep_originals=options.originals),
            backing=lambda label: model.backing([label]).value,
            hide=self.masking,
        )
        self.run = Run(
            recorder=recorder,
            open_job=self._open_job,
            recordings_of=self._recordings,
            seconds=time.monotonic,
            watcher=watcher,
            not_judged=self._not_judged,
            spans=self._spans,
        )

    @property
    def report(self) -> Path:
        """Where the page is."""
        return self._options.out / REPORT

    def finish(self) -> RunSummary:
        """Write tables, summary and page from what was recorded so far. Raises DeliveryError."""
        summary = self._summary()
        self._files.finish(summary)
        write_report(self.report, summary, incidents=self._files.incidents, pre_alarms=self._files.pre_alarms)
        self._files.close()
        return summary

    def _recordings(self, inputs: Sequence[Path]) -> list[Recording]:
        return recordings(inputs, self._site, self._camera_of, is_one_camera=self._options.camera is not None)

    def _open_job(self, reading: Reading) -> Job:
        options, site, recording, piece = self._options, self._site, reading.recording, reading.piece
        camera, path, before = recording.camera, piece.path, reading.job
        file = open_source(
            path,
            camera=camera.id,
            fps=options.fps,
            started_at=self._start(recording, piece),
            clock=Clock.GIVEN if options.started_at is not None else piece.clock,
            is_interval=options.is_interval,
            site=site,
            rule=sampling_rule(site, camera, options.sampling, asked=ON_THE_COMMAND_LINE),
        )
        if options.started_at is not None:
            reading.reel.begin(options.started_at)
        source: Source = _on_reel(file, reading) if recording.is_many else file
        name = distinct_name(shown_name(recording.pieces[0].path), self._names, mark="#") if before is None else ""
        pipeline = before.pipeline if before is not None else self._pipeline(recording, file, name)
        pipeline.set_pace = file.go
        careful = careful_for(site, camera, self._careful)
        context = RecordContext(
            timezone=site.timezone,
            clock=source.info.clock.value,
            source=shown_name(recording.pieces[0].path),
            model_name=self._model.card.name,
            model_sha256=self._model.card.sha256,
            config_sha256=site.sha256,
            careful_model=None if careful is None else careful.named,
        )
        begins = Beginning(source.begun_at, source.offset_s) if isinstance(source, ReelSource) else None
        clips = self._clips(path, file, begins)
        assumed = (*(recording.notes if piece is recording.pieces[0] else ()), *joints(source))
        notes = notes_of(file, clips, pipeline, self._detector, assumed, self._longest.get(name, ""))
        annotated = self._annotated(shown_name(path) if recording.is_many else name, source)
        begins_s = None if begins is None else begins.media_s
        seen = {} if before is None else before.seen
        raised = set[str]() if before is None else before.raised
        times = partial(self._sample_times, file)
        return Job(piece, source, camera, pipeline, context, annotated, notes, clips, begins_s, seen, times, raised)

    def _clips(self, path: Path, file: Source, begins: Beginning | None) -> FootageClips | None:
        options, mask = self._options, ClipMasker(self._detector, self.masking)
        if not options.clips:
            return None
        return FootageClips.of(path, file, options.out, begins=begins, mask=mask, keep=options.originals)

    def _sample_times(self, file: Source) -> SampleTimes:
        interval_s = max(1 / self._options.fps, file.info.interval_s or 0.0)
        is_single = file.info.kind is SourceKind.PICTURE
        return SampleTimes(self._site.timezone, is_single=is_single, interval_s=interval_s)

    def _start(self, recording: Recording, piece: Piece) -> datetime | None:
        """The capture time of a file's first frame, where it is known before the file is open."""
        given, first = self._options.started_at, recording.pieces[0]
        if given is None or piece.started_at is None or first.started_at is None:
            return given if piece is first else piece.started_at
        return given + (piece.started_at - first.started_at)

    def _pipeline(self, recording: Recording, source: Source, name: str) -> Tour:
        camera = recording.camera
        known = known_views(self._site, self._site.config_of(camera.id))
        if camera.zones and not known and source.info.kind is not SourceKind.PICTURE:
            longest = longest_view([one.path for one in recording.pieces], camera, self._site)
            if longest is not None:
                known = [longest.known]
                self._longest[name] = longest.as_note
        return new_pipeline(
            self._site,
            self._model.card,
            self._detector,
            camera=camera,
            info=source.info,
            fps=self._options.fps,
            source=name,
            gate=self._options.gate,
            careful=self._careful,
            watch=recorded_watch(camera, known),
        )

    def _annotated(self, name: str, source: Source) -> AnnotatedVideo | None:
        if not self._options.annotate:
            return None
        stem = distinct_name(Path(name.replace("#", "-")).stem, self._videos, mark="-")
        path = self._options.out / f"annotated-{stem}.mp4"
        info, fps = source.info, max(self._options.fps, _SLOWEST_VIDEO_FPS)
        guessed, timezone = info.clock is Clock.FILE, self._site.timezone
        return AnnotatedVideo(path, info.width, info.height, fps, timezone=timezone, guessed=guessed)

    def _summary(self) -> RunSummary:
        card, run = self._model.card, self.run
        return RunSummary.build(
            version=__version__,
            started_at=self._started_at,
            state=run.state,
            model=ModelSummary(name=card.name, sha256=card.sha256),
            config=ConfigSummary(
                path=None if self._site.path is None else str(self._site.path), sha256=self._site.sha256
            ),
            inputs=run.inputs,
            classes=self._classes(),
            elapsed_s=time.monotonic() - self._began_s,
        )

    def _not_judged(self, camera: Camera, job: Job | None) -> list[NotJudged]:
        """What an input could not have raised, but for what it did raise."""
        empty = SampleTimes(self._site.timezone, interval_s=1 / self._options.fps)
        seen = {} if job is None else job.seen
        for one in () if job is None else job.pipeline.visited:
            if one.id in seen:
                seen[one.id].interval_s = max(seen[one.id].interval_s, one.planned_s)
        period_s = job.sample_times().interval_s if job is not None else empty.interval_s
        return [
            NotJudged(class_id=one.id, reason=found.obstacle, found_s=found.found_s, needed_s=found.needed_s)
            for one in self._site.violations(period_s=period_s)
            if job is None or one.id not in job.raised
            for found in obstacles_over(
                one,
                camera,
                seen,
                empty if job is None else job.sample_times(),
                is_backed=self._is_backed(one),
                was_looked_at=job is not None and job.source.counts.sampled > 0,
            )
        ]

    def _spans(self, camera: Camera, job: Job) -> list[Span]:
        """Which time of a job's recording was judged."""
        rules = self._site.violations(period_s=job.sample_times().interval_s)
        return spans_of(job.pipeline, camera, rules, self._is_backed)

    def _is_backed(self, violation: Violation) -> bool:
        return self._model.backing(violation.labels) is not Backing.NONE

    def _classes(self) -> list[ClassSummary]:
        raised = [record.class_id for record in self._files.incidents if record.status is not Status.CLOSED]
        announced = [record.class_id for record in self._files.pre_alarms]
        careful = None if self._careful is None else self._careful.card
        return [
            ClassSummary(
                id=violation.id,
                names=NamesPart(zh=violation.names.zh, en=violation.names.en),
                backing=self._model.backing(violation.labels).value,
                incidents=raised.count(violation.id),
                pre_alarms=announced.count(violation.id),
                measured=measured_labels(violation.labels, self._model.card, careful),
            )
            for violation in self._site.violations(period_s=1.0)
        ]


def _on_reel(source: Source, reading: Reading) -> ReelSource:
    piece, frame_s = reading.piece, getattr(source, "frame_s", 0.0)
    is_first = reading.job is None and piece is reading.recording.pieces[0]
    is_timed = is_first or piece.started_at is not None
    return ReelSource(source, reading.reel, is_timed=is_timed, exact_s=piece.exact_s, frame_s=frame_s)
