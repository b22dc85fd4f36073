"""`cvinspect evaluate incidents`, from its command line to what it leaves behind."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cvinspect import __version__
from cvinspect.assembly.eyes import with_careful
from cvinspect.assembly.models import load_model
from cvinspect.commands.score_incidents import IncidentScoring, Watcher
from cvinspect.config.site import load_site
from cvinspect.detect.model import Backing
from cvinspect.errors import DatasetError, DeliveryError
from cvinspect.evaluate.faults import shown
from cvinspect.evaluate.incidents.comparison import compare
from cvinspect.evaluate.incidents.event_scores import WatchedClip
from cvinspect.evaluate.incidents.incident_metrics import IncidentMetrics
from cvinspect.evaluate.incidents.incident_page import page_of, sampling_note
from cvinspect.evaluate.incidents.incident_results import (
    FailedClip,
    RunFacts,
    compared,
    metrics_of,
    read_metrics,
    watched_clips,
)
from cvinspect.evaluate.truth.truth_formats import Truth, read_truth
from cvinspect.modes import Sampling
from cvinspect.records.files import REPORT, write_whole
from cvinspect.records.summary import ConfigSummary, ModelSummary
from cvinspect.report.incident_scores import MOST_PICTURES, Words, render

METRICS = "metrics.json"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the user asked for."""

    truth: Path
    config: Path | None = None
    model: Path | None = None
    report: Path | None = None
    baseline: Path | None = None
    fps: float = 2.0
    """Samples a second of footage, at most."""
    sampling: Sampling | None = None
    """None: what the cameras' configuration says, else auto."""
    overwrite: bool = False
    careful: str | None = None
    """Card of the network that looks again, or `none`; None: the site's, else the shipped one."""


class IncidentEvaluation:
    """One run over labelled clips: scored, compared with an earlier one, written down."""

    def __init__(
        self, wanted: Wanted, *, watcher: Watcher, at: datetime, is_stopping: Callable[[], bool] = lambda: False
    ) -> None:
        """Read everything and make the folder ready, so that nothing faulty is found after an hour's work.

        `at` is the present moment, aware; once `is_stopping`, what was scored so far is the result.
        Raises ConfigError, ModelError, DatasetError, DeliveryError.
        """
        self._wanted = wanted
        self._at = at
        self._site = load_site(wanted.config)
        self._model = with_careful(self._site, load_model(self._site, wanted.model), wanted.careful)
        self._violations = self._site.violations(period_s=1 / wanted.fps)
        self._truth = read_truth(wanted.truth, self._violations)
        self._before = None if wanted.baseline is None else _baseline(wanted.baseline, self._truth)
        self._scoring = IncidentScoring(
            self._site,
            self._model,
            self._truth,
            fps=wanted.fps,
            sampling=wanted.sampling,
            watcher=watcher,
            is_stopping=is_stopping,
        )
        if wanted.report is not None:
            prepare(wanted.report, overwrite=wanted.overwrite)
        self._pictures: dict[tuple[str, str], bytes] = {}

    @property
    def page(self) -> Path | None:
        """Where the page is, if one is wanted."""
        return None if self._wanted.report is None else self._wanted.report / REPORT

    def run(self) -> IncidentMetrics:
        """Inspect and score every clip, then write page and metrics where they are wanted. Raises DeliveryError."""
        clips: list[WatchedClip] = []
        failed: list[FailedClip] = []
        for result in self._scoring.results(pictured=self.page is not None):
            if result.watched is None:
                error = None if result.error is None else str(result.error)
                failed.append(FailedClip(result.clip.name, result.clip.camera, error))
                continue
            clips.append(result.watched)
            room = MOST_PICTURES - len(self._pictures)
            kept = list(result.pictures.items())[: max(0, room)]
            self._pictures |= {(result.clip.name, key): picture for key, picture in kept}
        metrics = metrics_of(self._truth, clips, failed, self._facts())
        if self._before is not None and self._wanted.baseline is not None:
            comparison = compare(clips, watched_clips(self._before))
            metrics = compared(metrics, comparison, self._wanted.baseline)
        self._write(metrics)
        return metrics

    def notes(self, metrics: IncidentMetrics) -> Iterator[str]:
        """What the figures do not say by themselves, one line each."""
        labelled = {event.class_id for clip in self._truth.clips for event in clip.events}
        for one in metrics.classes:
            if one.id in labelled and one.backing == Backing.NONE.value and not one.scores.raised:
                yield f"{one.id} cannot be seen: no label of model {self._model.card.name} backs it"
            if one.scores.not_due and not one.scores.hits + one.scores.misses:
                rule = f"violations.{one.id}.dwell_s"
                yield f"no {one.id} stays for its dwell of {one.dwell_s:g} s; a configuration may set {rule}"
        note = sampling_note(metrics)
        if note is not None:
            yield note.en
        if self.page is not None:
            yield from self._scoring.masking.notes
        if self._truth.unlabelled:
            yield f"not scored, since nobody labelled them: {', '.join(self._truth.unlabelled)}"

    def _write(self, metrics: IncidentMetrics) -> None:
        folder = self._wanted.report
        if folder is None:
            return
        names = {one.id: Words(one.names.zh, one.names.en) for one in self._violations}
        page = page_of(metrics, names, lambda clip, key: self._pictures.get((clip, key)))
        write_whole(folder / METRICS, metrics.to_json())
        write_whole(folder / REPORT, render(page))

    def _facts(self) -> RunFacts:
        card, site = self._model.card, self._site
        return RunFacts(
            version=__version__,
            evaluated_at=self._at,
            model=ModelSummary(name=card.name, sha256=card.sha256),
            config=ConfigSummary(path=None if site.path is None else str(site.path), sha256=site.sha256),
            fps=self._wanted.fps,
            dwell_s=self._scoring.dwell_s,
            backing={one.id: self._model.backing(one.labels).value for one in self._violations},
        )


def prepare(folder: Path, *, overwrite: bool) -> None:
    """Make the folder; raises DeliveryError where it cannot be made or holds other results.

    A page without metrics beside it is a run's own report: that is never replaced.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        has_metrics, has_page = (folder / METRICS).exists(), (folder / REPORT).exists()
    except OSError as error:
        raise DeliveryError(f"{folder}: cannot be written: {error.strerror or error}") from error
    if has_page and not has_metrics:
        raise DeliveryError(f"{folder}: already holds a {REPORT} of something else; name another folder")
    if has_metrics and not overwrite:
        raise DeliveryError(f"{folder}: already holds a {METRICS}; name another folder or add --overwrite")


def _baseline(path: Path, truth: Truth) -> IncidentMetrics:
    """The earlier metrics; raises DatasetError where they are of another set of clips."""
    metrics = read_metrics(path)
    scored = {clip.name for clip in metrics.clips if clip.state == "scored"}
    if not scored & {clip.name for clip in truth.clips}:
        raise DatasetError(f"{shown(path)}: none of its clips stands in {shown(truth.path)}; it is of another set")
    return metrics
