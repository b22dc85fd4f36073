"""`cvinspect run`: a site and the user's options -> jobs, and what one run over recorded footage leaves behind."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from pathlib import Path

from cvinspect import __version__
from cvinspect.assembly.clips import FootageClips
from cvinspect.assembly.models import Model
from cvinspect.assembly.pipelines import new_pipeline
from cvinspect.assembly.sources import ON_THE_COMMAND_LINE, open_source, sampling_rule
from cvinspect.commands.runner import Job, Recorder, Run, Watcher, shown_name
from cvinspect.config.site import Site
from cvinspect.detect.gate import ChangeGate
from cvinspect.detect.model import Backing
from cvinspect.domain import Camera, Status
from cvinspect.evidence.annotated import AnnotatedVideo
from cvinspect.evidence.snapshots import Snapshots
from cvinspect.modes import Gate, Sampling
from cvinspect.records.files import REPORT, RecordFiles, prepare_folder
from cvinspect.records.incident import RecordContext
from cvinspect.records.parts import NamesPart
from cvinspect.records.summary import ClassSummary, ConfigSummary, ModelSummary, NotJudged, RunSummary
from cvinspect.report.page import write_report
from cvinspect.rules.obstacles import obstacles_in
from cvinspect.rules.sample_times import SampleTimes
from cvinspect.sources import Clock, Source, SourceKind
from cvinspect.sources.recorded.pictures import PictureSource
from cvinspect.sources.recorded.video import VideoSource


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

        Raises ModelError or DeliveryError.
        """
        self._site = site
        self._model = model
        self._options = options
        self._detector = model.detector()
        prepare_folder(options.out, overwrite=options.overwrite, inputs=inputs)
        self._files = RecordFiles(options.out)
        self._names: set[str] = set()
        self._videos: set[str] = set()
        self._started_at = datetime.now(site.timezone)
        self._began_s = time.monotonic()
        recorder = Recorder(
            files=self._files,
            evidence=Snapshots(options.out, timezone=site.timezone),
            backing=lambda label: model.backing([label]).value,
        )
        self.run = Run(
            recorder=recorder,
            open_job=self._open_job,
            camera_of=site.camera_for,
            seconds=time.monotonic,
            watcher=watcher,
            not_judged=self._not_judged,
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

    def _open_job(self, path: Path) -> Job:
        options, site = self._options, self._site
        camera = site.camera_for(path)
        source = open_source(
            path,
            camera=camera.id,
            fps=options.fps,
            started_at=options.started_at,
            site=site,
            rule=sampling_rule(site, camera, options.sampling, asked=ON_THE_COMMAND_LINE),
        )
        name = distinct_name(shown_name(path), self._names, mark="#")
        pipeline = new_pipeline(
            site,
            self._model.card,
            self._detector,
            camera=camera,
            info=source.info,
            fps=options.fps,
            source=name,
            gate=options.gate,
        )
        pipeline.set_pace = source.go
        context = RecordContext(
            timezone=site.timezone,
            clock=source.info.clock.value,
            source=shown_name(path),
            model_name=self._model.card.name,
            model_sha256=self._model.card.sha256,
            config_sha256=site.sha256,
        )
        clips = FootageClips.of(path, source, options.out) if options.clips else None
        notes = self._notes(source, clips, pipeline.gate)
        seen = SampleTimes(site.timezone, is_single=source.info.kind is SourceKind.PICTURE)
        return Job(source, camera, pipeline, context, self._annotated(name, source), notes, clips, seen)

    def _annotated(self, name: str, source: Source) -> AnnotatedVideo | None:
        if not self._options.annotate:
            return None
        stem = distinct_name(Path(name.replace("#", "-")).stem, self._videos, mark="-")
        path = self._options.out / f"annotated-{stem}.mp4"
        info = source.info
        guessed, timezone = info.clock is Clock.FILE, self._site.timezone
        return AnnotatedVideo(path, info.width, info.height, self._options.fps, timezone=timezone, guessed=guessed)

    def _notes(
        self, source: Source, clips: FootageClips | None, gate: ChangeGate | None
    ) -> Callable[[], tuple[str, ...]]:
        """What was cut or left out of this input, counted from now on."""
        before = self._detector.cut

        def notes() -> tuple[str, ...]:
            cut = self._detector.cut - before
            broken = tuple(getattr(source, "broken_names", ()))
            sampling = (f"{source.sampling}",) if isinstance(source, VideoSource) else ()
            spacing = source.notes if isinstance(source, PictureSource) else ()
            lines = (f"{cut} detections over the budget were left out",) if cut else ()
            missing = [] if clips is None else clips.missing
            spared = () if gate is None else (f"gate: {gate.counts}",)
            unread = (f"could not be read: {name}" for name in broken)
            return (*sampling, *spacing, *spared, *lines, *missing, *unread)

        return notes

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
        seen = SampleTimes(self._site.timezone) if job is None else job.seen
        return [
            NotJudged(class_id=one.id, reason=found.obstacle, found_s=found.found_s, needed_s=found.needed_s)
            for one in self._site.violations(period_s=1 / self._options.fps)
            if job is None or one.id not in job.raised
            for found in obstacles_in(one, camera, seen, is_backed=self._model.backing(one.labels) is not Backing.NONE)
        ]

    def _classes(self) -> list[ClassSummary]:
        raised = [record.class_id for record in self._files.incidents if record.status is not Status.CLOSED]
        announced = [record.class_id for record in self._files.pre_alarms]
        return [
            ClassSummary(
                id=violation.id,
                names=NamesPart(zh=violation.names.zh, en=violation.names.en),
                backing=self._model.backing(violation.labels).value,
                incidents=raised.count(violation.id),
                pre_alarms=announced.count(violation.id),
            )
            for violation in self._site.violations(period_s=1.0)
        ]
