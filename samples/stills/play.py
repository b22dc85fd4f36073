"""Stills through the pipeline of `run`, and their incidents held against what is drawn."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from cvinspect.assembly.eyes import Careful
from cvinspect.assembly.models import Model
from cvinspect.assembly.pipelines import new_pipeline
from cvinspect.config.rulebook import RuleOverride, read_rule_book
from cvinspect.config.site import Config, Site, shipped
from cvinspect.detect import Detector
from cvinspect.domain import Camera, Change, ChangeKind, Pixels
from cvinspect.evaluate.incidents.event_matching import Judged, Outcome, RaisedIncident, match_incidents
from cvinspect.evaluate.incidents.event_scores import WatchedClip
from cvinspect.geometry import bounding
from cvinspect.sources import Clock, SourceInfo, SourceKind
from cvinspect.tour import Tour
from samples.stills.film import START, frames_of
from samples.stills.scene import Still


@dataclass(frozen=True, slots=True)
class Eyes:
    """Who looks at stills, and by which rules."""

    site: Site
    model: Model
    detector: Detector
    careful: Careful | None = None
    """The network that looks again; None: the quick one alone."""


def site_of(dwell_s: float) -> Site:
    """The shipped table of violations, every class due after so many seconds."""
    book = read_rule_book(shipped("configs/violations.yaml"))
    override = RuleOverride.model_validate({"dwell_s": dwell_s})
    return Site(Config(violations=dict.fromkeys(book.violations, override)), book, None)


def played(
    still: Still, eyes: Eyes, passers: Sequence[Pixels], *, seed: int, seconds: float, fps: float
) -> WatchedClip:
    """What came of a still. Raises SourceOpenError, ModelError."""
    line = _pipeline(still, eyes, seconds=seconds, fps=fps)
    frames = frames_of(still, passers, seed=seed, seconds=seconds, fps=fps)
    return judged(still, line.incidents(frames), eyes.site)


def judged(still: Still, changes: Iterable[Change], site: Site) -> WatchedClip:
    """What was raised, held against what is drawn; what shows a label that is not drawn completely is not judged."""
    raised: dict[str, RaisedIncident] = {}
    labels: dict[str, set[str]] = {}
    for change in changes:
        incident = change.incident
        if change.kind is ChangeKind.OPENED:
            raised[incident.id] = _raised(still, change)
        if incident.id in raised:
            labels.setdefault(incident.id, set()).update(seen.label for seen in incident.objects)
            before = raised[incident.id]
            end_s = max(before.end_s, incident.last_seen.media_s)
            raised[incident.id] = replace(before, end_s=end_s, related=incident.related)
    dwell_s = {one.id: one.dwell_s for one in site.violations(period_s=1.0)}
    matching = match_incidents(still.truth, raised.values(), dwell_s=dwell_s)
    incidents = tuple(_if_drawn(one, labels[one.incident.incident_id] - still.whole) for one in matching.incidents)
    return WatchedClip(still.name, still.name, still.truth.duration_s or 0.0, replace(matching, incidents=incidents))


def _pipeline(still: Still, eyes: Eyes, *, seconds: float, fps: float) -> Tour:
    width, height = still.size.width_px, still.size.height_px
    info = SourceInfo(SourceKind.VIDEO, width, height, "none", seconds, START, Clock.GIVEN)
    camera = Camera(still.name, zones=still.truth.zones)
    return new_pipeline(
        eyes.site,
        eyes.model.card,
        eyes.detector,
        camera=camera,
        info=info,
        fps=fps,
        source=still.name,
        careful=eyes.careful,
    )


def _raised(still: Still, change: Change) -> RaisedIncident:
    incident, frame = change.incident, change.frame
    around = bounding([seen.box for seen in incident.objects])
    return RaisedIncident(
        clip=still.name,
        incident_id=incident.id,
        class_id=incident.violation.id,
        first_seen_s=incident.first_seen.media_s,
        confirmed_s=frame.media_s,
        end_s=frame.media_s,
        box=around.scaled(1 / still.size.width_px, 1 / still.size.height_px),
        related=incident.related,
    )


def _if_drawn(one: Judged, undrawn: set[str]) -> Judged:
    """Nobody can say that something is wrong, or told twice, of which nobody drew every one."""
    if undrawn and one.outcome in (Outcome.FALSE, Outcome.DUPLICATE):
        return replace(one, outcome=Outcome.IGNORED, why=f"{min(undrawn)} is not drawn completely")
    return one
