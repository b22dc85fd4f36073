"""From judged clips to `metrics.json`, and back, so that a later run can be compared with it."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from cvinspect.errors import DatasetError
from cvinspect.evaluate.faults import Faults, read_text, shown
from cvinspect.evaluate.incidents.bootstrap import ClipIntervals, Interval, clip_intervals
from cvinspect.evaluate.incidents.comparison import Comparison
from cvinspect.evaluate.incidents.event_matching import Account, Judged, Matching, RaisedIncident
from cvinspect.evaluate.incidents.event_scores import EventScores, WatchedClip, score
from cvinspect.evaluate.incidents.incident_metrics import (
    BootstrapPart,
    CameraPart,
    ClassPart,
    ClipPart,
    ComparisonPart,
    DifferencePart,
    EventPart,
    IncidentMetrics,
    IncidentPart,
    IntervalPart,
    MacroPart,
    ScorePart,
    TruthPart,
    VerdictPart,
)
from cvinspect.evaluate.incidents.sampling_facts import Sampled, sampled_in_words
from cvinspect.evaluate.statistics.verdict import Verdict, in_words, verdict
from cvinspect.evaluate.truth.truth_clip import TruthEvent
from cvinspect.evaluate.truth.truth_formats import Truth
from cvinspect.geometry import Box
from cvinspect.records import Backing
from cvinspect.records.summary import ConfigSummary, ModelSummary


@dataclass(frozen=True, slots=True)
class RunFacts:
    """What a run was made with."""

    version: str
    evaluated_at: datetime
    """Aware."""
    model: ModelSummary
    config: ConfigSummary
    fps: float
    """Samples a second, at most."""
    dwell_s: Mapping[str, float]
    """Of every class of the table, by id, in its order."""
    backing: Mapping[str, Backing]
    """What each class rests on in the model, by id."""


@dataclass(frozen=True, slots=True)
class FailedClip:
    """A labelled clip that was not scored."""

    name: str
    camera: str
    error: str | None
    """Why it could not be; None: somebody broke off before its end."""


def metrics_of(
    truth: Truth, clips: Sequence[WatchedClip], failed: Sequence[FailedClip], facts: RunFacts
) -> IncidentMetrics:
    """Every figure of a run, with the events and incidents behind it; failed clips come last."""
    scores = score(clips)
    return IncidentMetrics(
        state="interrupted" if any(clip.error is None for clip in failed) else "failed" if failed else "done",
        version=facts.version,
        evaluated_at=facts.evaluated_at,
        truth=TruthPart(path=str(truth.path), sha256=truth.sha256, unlabelled=truth.unlabelled),
        model=facts.model,
        config=facts.config,
        fps=facts.fps,
        verdicts={
            "precision": _verdict(verdict(scores.total.precision)),
            "recall": _verdict(verdict(scores.total.recall)),
        },
        total=ScorePart.of_tally(scores.total),
        macro=MacroPart(
            classes=scores.macro.classes,
            precision=scores.macro.precision,
            precision_lenient=scores.macro.lenient_precision,
            recall=scores.macro.recall,
            f1=scores.macro.f1,
        ),
        bootstrap=_bootstrap(clip_intervals(clips)),
        classes=_classes(scores, facts),
        cameras=tuple(CameraPart(id=id_, scores=ScorePart.of_tally(one)) for id_, one in scores.by_camera.items()),
        clips=(*map(_clip, clips), *map(_failed, failed)),
    )


def compared(metrics: IncidentMetrics, comparison: Comparison, baseline: Path) -> IncidentMetrics:
    """The metrics with what sets them apart from those of `baseline`."""
    part = ComparisonPart(
        baseline=str(baseline),
        clips=comparison.clips,
        events=comparison.events,
        left_out=comparison.left_out,
        median_latency_change_s=comparison.median_latency_change_s,
        differences=tuple(DifferencePart(**asdict(one)) for one in comparison.differences),
        sampling=comparison.sampling,
        sampling_before=comparison.sampling_before,
    )
    return metrics.model_copy(update={"comparison": part})


def read_metrics(path: Path) -> IncidentMetrics:
    """A metrics.json of an earlier run; raises DatasetError: file, key, what is wrong."""
    faults = Faults()
    text = read_text(path, faults)
    faults.raise_any()
    try:
        return IncidentMetrics.model_validate_json(text or "")
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(map(str, first["loc"])) or "the whole file"
        wanted = "needed: metrics.json of an earlier `cvinspect evaluate incidents`"
        raise DatasetError(f"{shown(path)}: {key}: {first['msg']}; {wanted}") from error


def watched_clips(metrics: IncidentMetrics) -> list[WatchedClip]:
    """The judged clips that stand in a metrics.json."""
    return [_watched(clip, metrics.fps) for clip in metrics.clips if clip.state == "scored"]


def sampling_words(metrics: IncidentMetrics) -> str:
    """How the clips that were scored were sampled, in one line."""
    scored = [clip for clip in metrics.clips if clip.state == "scored"]
    return sampled_in_words([(_sampled(clip, metrics.fps), clip.watched_s) for clip in scored])


def _verdict(found: Verdict) -> VerdictPart:
    return VerdictPart(
        target=found.target,
        answer=found.answer,
        needed=found.needed,
        needed_at_this_share=found.needed_at_this_share,
        words=in_words(found),
    )


def _classes(scores: EventScores, facts: RunFacts) -> tuple[ClassPart, ...]:
    return tuple(
        ClassPart(id=id_, dwell_s=dwell_s, backing=facts.backing[id_], scores=ScorePart.of_tally(scores.by_class[id_]))
        for id_, dwell_s in facts.dwell_s.items()
        if id_ in scores.by_class
    )


def _bootstrap(intervals: ClipIntervals | None) -> BootstrapPart | None:
    if intervals is None:
        return None
    return BootstrapPart(
        clips=intervals.clips,
        precision=_interval(intervals.precision),
        precision_lenient=_interval(intervals.lenient_precision),
        recall=_interval(intervals.recall),
        f1=_interval(intervals.f1),
        macro_precision=_interval(intervals.macro_precision),
        macro_recall=_interval(intervals.macro_recall),
        macro_f1=_interval(intervals.macro_f1),
    )


def _interval(one: Interval | None) -> IntervalPart | None:
    return None if one is None else IntervalPart(low=one.low, high=one.high)


def _failed(clip: FailedClip) -> ClipPart:
    state: Literal["failed", "interrupted"] = "interrupted" if clip.error is None else "failed"
    return ClipPart(name=clip.name, camera=clip.camera, state=state, error=clip.error, watched_s=0.0)


def _clip(clip: WatchedClip) -> ClipPart:
    events = [account.truth for account in clip.matching.events]
    sampled = clip.sampled
    return ClipPart(
        name=clip.name,
        camera=clip.camera,
        state="scored",
        error=None,
        watched_s=clip.watched_s,
        sampling=None if sampled is None else sampled.mode,
        keyframes_only=None if sampled is None else sampled.keyframes_only,
        samples=None if sampled is None else sampled.samples,
        events=tuple(_event(account) for account in clip.matching.events),
        incidents=tuple(_incident(one, events) for one in clip.matching.incidents),
    )


def _event(account: Account) -> EventPart:
    event = account.truth
    return EventPart(
        class_id=event.class_id,
        start_s=event.start_s,
        end_s=event.end_s,
        is_there_at_end=event.is_there_at_end,
        box=None if event.box is None else event.box.xyxy,
        zone=event.zone,
        dwell_s=account.dwell_s,
        fate=account.fate,
        incident_id=None if account.incident is None else account.incident.incident_id,
        duplicate_ids=tuple(one.incident_id for one in account.duplicates),
        latency_s=account.latency_s,
    )


def _incident(judged: Judged, events: Sequence[TruthEvent]) -> IncidentPart:
    one = judged.incident
    return IncidentPart(
        incident_id=one.incident_id,
        class_id=one.class_id,
        first_seen_s=one.first_seen_s,
        confirmed_s=one.confirmed_s,
        end_s=one.end_s,
        box=None if one.box is None else one.box.xyxy,
        related=one.related,
        outcome=judged.outcome,
        event=next((i for i, event in enumerate(events) if event is judged.truth), None),
        why=judged.why,
    )


def _watched(clip: ClipPart, fps: float) -> WatchedClip:
    incidents = {one.incident_id: _raised(one, clip.name) for one in clip.incidents}
    events = [_truth(one, clip) for one in clip.events]
    judged = tuple(
        Judged(incidents[one.incident_id], one.outcome, None if one.event is None else events[one.event], one.why)
        for one in clip.incidents
    )
    accounts = tuple(
        Account(
            event,
            one.dwell_s,
            one.fate,
            None if one.incident_id is None else incidents[one.incident_id],
            tuple(incidents[id_] for id_ in one.duplicate_ids),
        )
        for one, event in zip(clip.events, events, strict=True)
    )
    return WatchedClip(clip.name, clip.camera, clip.watched_s, Matching(judged, accounts), _sampled(clip, fps))


def _sampled(clip: ClipPart, fps: float) -> Sampled | None:
    if clip.sampling is None or clip.keyframes_only is None or clip.samples is None:
        return None
    return Sampled(clip.sampling, fps, clip.keyframes_only, clip.samples)


def _raised(one: IncidentPart, clip: str) -> RaisedIncident:
    box = None if one.box is None else Box(*one.box)
    return RaisedIncident(
        clip, one.incident_id, one.class_id, one.first_seen_s, one.confirmed_s, one.end_s, box, one.related
    )


def _truth(one: EventPart, clip: ClipPart) -> TruthEvent:
    box = None if one.box is None else Box(*one.box)
    return TruthEvent(clip.name, clip.camera, one.class_id, one.start_s, one.end_s, one.is_there_at_end, box, one.zone)
