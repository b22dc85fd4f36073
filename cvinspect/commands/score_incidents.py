"""`cvinspect evaluate incidents`: the pipeline of `run` over labelled clips, its incidents held against the truth."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Protocol

from pydantic import ValidationError

from cvinspect.assembly.eyes import opened
from cvinspect.assembly.longest_view import longest_view
from cvinspect.assembly.masking import opened_masking
from cvinspect.assembly.models import Model
from cvinspect.assembly.pipelines import new_pipeline, recorded_watch
from cvinspect.assembly.sources import open_source, sampling_rule
from cvinspect.assembly.stills import known_views
from cvinspect.config.camera import CameraConfig
from cvinspect.config.site import Site
from cvinspect.detect import Detector
from cvinspect.domain import Camera, Change, ChangeKind, Detection, Frame, Pixels, Stage
from cvinspect.errors import CvinspectError, DatasetError
from cvinspect.evaluate.faults import Faults, found, shown
from cvinspect.evaluate.incidents.event_matching import Fate, Matching, Outcome, RaisedIncident, match_incidents
from cvinspect.evaluate.incidents.event_scores import WatchedClip
from cvinspect.evaluate.incidents.sampling_facts import Sampled
from cvinspect.evaluate.truth.truth_clip import TruthClip
from cvinspect.evaluate.truth.truth_formats import Truth
from cvinspect.evidence.exhibit import exhibit
from cvinspect.evidence.masking import MASKED_LABEL, Hiding
from cvinspect.evidence.overlay import AMBER, GREY, RED
from cvinspect.geometry import Box, bounding
from cvinspect.modes import Sampling
from cvinspect.pipeline import Onlooker
from cvinspect.sources import Counts, Source
from cvinspect.sources.recorded.video import VideoSource
from cvinspect.views.known import KnownView

_CUT_OFF_S = 1.0
"""Footage that ends this much before something that was labelled in it is not the footage that was labelled."""

Pictures = Mapping[str, bytes]
"""JPEGs of false and doubled incidents by their id, of missed events by `event N`, its position in the matching."""


class Watcher(Protocol):
    """Is told how the reading goes on; a progress bar is one."""

    def begins(self, name: str, source: Source) -> None:
        """A clip is open and will now be read."""
        ...

    def moves(self, counts: Counts) -> None:
        """Another frame was looked at."""
        ...


@dataclass(frozen=True, slots=True)
class ClipResult:
    """What became of one labelled clip."""

    clip: TruthClip
    watched: WatchedClip | None
    """None where the clip could not be read."""
    error: CvinspectError | None
    """None where somebody broke off before its end."""
    pictures: Pictures = field(default_factory=dict)
    """Of what went wrong, where pictures were asked for."""


class IncidentScoring:
    """Runs the pipeline over every clip of a truth, one after the other."""

    def __init__(
        self,
        site: Site,
        model: Model,
        truth: Truth,
        *,
        fps: float,
        sampling: Sampling | None = None,
        watcher: Watcher,
        is_stopping: Callable[[], bool] = lambda: False,
    ) -> None:
        """Load the network, and check the zones that the truth draws; they hold where the site names no camera.

        `is_stopping` is asked before each frame.

        Raises ModelError, DatasetError.
        """
        self._model = model
        self._fps = fps
        self._sampling = sampling
        self._watcher = watcher
        self._is_stopping = is_stopping
        self._sites = _sites(site, truth)
        self._truth = truth
        self._detector = model.detector()
        self._careful = opened(model.careful)
        self.masking = opened_masking()
        self.dwell_s = {one.id: one.dwell_s for one in site.violations(period_s=1 / fps)}

    def results(self, *, pictured: bool = False) -> Iterator[ClipResult]:
        """Each clip in the truth's order; one that cannot be read tells why, and the others are still done.

        After an interrupt the clip that was broken off and all that were not begun come without result.
        """
        clips = iter(self._truth.clips)
        for clip in clips:
            try:
                yield self._result(clip, pictured=pictured)
            except CvinspectError as error:
                yield ClipResult(clip, None, error)
            except KeyboardInterrupt:
                yield from (ClipResult(left, None, None) for left in (clip, *clips))

    def _result(self, clip: TruthClip, *, pictured: bool) -> ClipResult:
        self._go_on()
        site = self._sites[clip.name]
        camera = site.camera_for(clip.path)
        rule = sampling_rule(site, camera, self._sampling)
        source = open_source(clip.path, camera=camera.id, fps=self._fps, started_at=None, site=site, rule=rule)
        notes = _Notes(clip, self.dwell_s, self._detector, self.masking, pictured=pictured)
        try:
            self._watcher.begins(clip.name, source)
            pipeline = new_pipeline(
                site,
                self._model.card,
                self._detector,
                camera=camera,
                info=source.info,
                fps=self._fps,
                source=clip.name,
                careful=self._careful,
                watch=recorded_watch(camera, _known(clip, camera, site)),
            )
            pipeline.set_pace = source.go
            for change in pipeline.incidents(
                self._until_stopped(source.frames()), self._onlooker(notes, source.counts)
            ):
                notes.note(change)
        finally:
            source.close()
        _check_length(self._truth.path, clip, source)
        keyframes_only = isinstance(source, VideoSource) and source.sampling.keyframes_only
        sampled = Sampled(rule.wanted, self._fps, keyframes_only, source.counts.sampled)
        return self._held_against(clip, camera, notes, sampled, watched_s=source.counts.media_s)

    def _until_stopped(self, frames: Iterable[Frame]) -> Iterator[Frame]:
        for frame in frames:
            self._go_on()
            yield frame

    def _go_on(self) -> None:
        if self._is_stopping():
            raise KeyboardInterrupt

    def _onlooker(self, notes: "_Notes", counts: Counts) -> Onlooker:
        def look(frame: Frame, detections: Sequence[Detection], *_: object) -> None:
            notes.look(frame, detections)
            self._watcher.moves(counts)

        return look

    def _held_against(
        self, clip: TruthClip, camera: Camera, notes: "_Notes", sampled: Sampled, *, watched_s: float
    ) -> ClipResult:
        matching = match_incidents(clip, notes.raised.values(), dwell_s=self.dwell_s)
        pictures = _pictures_of_faults(clip, matching, notes)
        watched = WatchedClip(clip.name, camera.id, watched_s, matching, sampled)
        return ClipResult(clip, watched, None, pictures)


def _known(clip: TruthClip, camera: Camera, site: Site) -> list[KnownView]:
    """The view that its zones hold in, as in a run."""
    longest = longest_view([clip.path], camera, site) if camera.zones else None
    return known_views(site, site.config_of(camera.id)) or ([] if longest is None else [longest.known])


class _Notes:
    """What a run raised in one clip so far, with pictures where they are wanted."""

    def __init__(
        self, clip: TruthClip, dwell_s: Mapping[str, float], detector: Detector, hide: Hiding, *, pictured: bool
    ) -> None:
        self._clip = clip
        self._detector = detector
        self._hide = hide
        self._looked_at: datetime | None = None
        self._pictured = pictured
        self._detections: Sequence[Detection] = ()
        due = [(event.due_s(dwell_s[event.class_id]), event) for event in clip.events if pictured]
        self._waiting = [(due_s, event) for due_s, event in due if event.is_due(dwell_s[event.class_id])]
        self.raised: dict[str, RaisedIncident] = {}
        self.incident_pictures: dict[str, bytes] = {}
        self.event_pictures: dict[int, bytes] = {}

    def look(self, frame: Frame, detections: Sequence[Detection]) -> None:
        """Note who is in the frame, and picture the events that become due in it."""
        self._detections, self._looked_at = detections, frame.captured_at
        for due_s, event in [item for item in self._waiting if item[0] <= frame.media_s]:
            self._waiting.remove((due_s, event))
            marks = [(one.box, GREY) for one in detections if one.label != MASKED_LABEL]
            if event.box is not None:
                marks.append((_in_pixels(event.box, frame.pixels), AMBER))
            self.event_pictures[self._clip.events.index(event)] = exhibit(
                frame.pixels, marks, hidden=self._hide(frame.pixels, detections)
            )

    def note(self, change: Change) -> None:
        """Note what a change says of a violation; pre-alarms are not raised."""
        incident = change.incident
        if change.kind is ChangeKind.OPENED:
            self.raised[incident.id] = _raised(self._clip.name, change)
            if self._pictured:
                pixels, is_known = change.frame.pixels, change.frame.captured_at == self._looked_at
                # else it went before this sample
                hidden = self._hide(pixels, self._detections if is_known else self._detector.detect(pixels))
                marks = [(seen.box, RED) for seen in incident.objects]
                self.incident_pictures[incident.id] = exhibit(pixels, marks, hidden=hidden)
        elif incident.stage is Stage.VIOLATION:
            before = self.raised[incident.id]
            end_s = max(before.end_s, incident.last_seen.media_s)
            self.raised[incident.id] = replace(before, end_s=end_s, related=incident.related)


def _pictures_of_faults(clip: TruthClip, matching: Matching, notes: _Notes) -> dict[str, bytes]:
    """All the other pictures are let go: a long run keeps few."""
    wrong = [
        one.incident.incident_id for one in matching.incidents if one.outcome in (Outcome.FALSE, Outcome.DUPLICATE)
    ]
    taken = {id_: notes.incident_pictures.get(id_) for id_ in wrong}
    for i, account in enumerate(matching.events):
        if account.fate is Fate.MISSED:
            taken[f"event {i}"] = notes.event_pictures.get(clip.events.index(account.truth))
    return {key: picture for key, picture in taken.items() if picture is not None}


def _raised(clip: str, change: Change) -> RaisedIncident:
    incident, confirmed = change.incident, change.incident.confirmed
    confirmed_s = change.frame.media_s if confirmed is None else confirmed.media_s
    height, width = change.frame.pixels.shape[:2]
    around = bounding([seen.box for seen in incident.objects]) if incident.objects else None
    return RaisedIncident(
        clip=clip,
        incident_id=incident.id,
        class_id=incident.violation.id,
        first_seen_s=incident.first_seen.media_s,
        confirmed_s=confirmed_s,
        end_s=max(confirmed_s, incident.last_seen.media_s),
        box=around and Box(around.x0 / width, around.y0 / height, around.x1 / width, around.y1 / height),
        related=incident.related,
    )


def _in_pixels(box: Box, pixels: Pixels) -> Box:
    height, width = pixels.shape[:2]
    return box.scaled(width, height)


def _sites(site: Site, truth: Truth) -> dict[str, Site]:
    """The site of each clip: the one given, or where that names no camera, one with the truth's camera and zones."""
    if site.config.cameras:
        return {clip.name: site for clip in truth.clips}
    faults = Faults()
    cameras = {clip.name: _camera(clip, truth.path, site, faults) for clip in truth.clips}
    faults.raise_any()
    return {
        name: Site(site.config.model_copy(update={"cameras": (camera,)}), site.book, site.path)
        for name, camera in cameras.items()
        if camera is not None
    }


def _camera(clip: TruthClip, path: Path, site: Site, faults: Faults) -> CameraConfig | None:
    at = f"{shown(path)}: clips.{clip.name}"
    for i, zone in enumerate(clip.zones):
        if zone.kind not in site.book.zone_kinds:
            kinds = ", ".join(site.book.zone_kinds)
            faults.add(f"{at}.zones.{i}.kind", f"{found(zone.kind)} is no kind of zone; allowed: {kinds}")
    try:
        return CameraConfig.model_validate(
            {
                "id": clip.camera,
                "source": str(clip.path.absolute()),
                "zones": [{"id": zone.id, "kind": zone.kind, "polygon": zone.polygon} for zone in clip.zones],
            }
        )
    except ValidationError as error:
        first = error.errors()[0]
        keys = ".".join("camera" if key == "id" and i == 0 else str(key) for i, key in enumerate(first["loc"]))
        faults.add(f"{at}.{keys}" if keys else at, first["msg"].removeprefix("Value error, "))
        return None


def _check_length(path: Path, clip: TruthClip, source: Source) -> None:
    reached_s = source.counts.media_s
    for i, event in enumerate(clip.events):
        if event.end_s > reached_s + _CUT_OFF_S:
            raise DatasetError(
                f"{shown(path)}: clips.{clip.name}.events.{i}: ends at {event.end_s:g} s, but the footage ends at "
                f"{reached_s:.1f} s; is it the clip that was labelled?"
            )
