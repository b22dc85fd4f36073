"""A scene through the very pipeline of `run`, with scripted detections, and its incidents held against the truth."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, cast

from cvinspect.assembly.models import Model, load_model
from cvinspect.assembly.pipelines import new_pipeline, recorded_watch
from cvinspect.assembly.sources import sampling_rule
from cvinspect.config.site import Site, load_site
from cvinspect.detect import Detector
from cvinspect.domain import Camera, Change, ChangeKind, Frame, Glimpse, Pace, Pixels, Zone
from cvinspect.domain import View as NamedView
from cvinspect.evaluate.incidents.event_matching import Fate, Judged, Outcome, RaisedIncident, match_incidents
from cvinspect.evaluate.incidents.event_scores import WatchedClip
from cvinspect.evaluate.truth.truth_clip import TruthClip
from cvinspect.geometry import Box, bounding
from cvinspect.modes import Sampling
from cvinspect.sources import Clock, SourceInfo, SourceKind
from cvinspect.sources.decoding.passage import GLIMPSES_S
from cvinspect.sources.decoding.sampling_choice import EVERY_FRAME, KeyframeWatch, SamplingRule
from cvinspect.views.known import KnownView
from cvinspect.views.structure import Structure
from samples.scenarios.canvas import Canvas
from samples.scenarios.film import picture
from samples.scenarios.noise import NoisyDetector
from samples.scenarios.scene import HEIGHT, WIDTH, Scene, View, named
from samples.scenarios.sprites import CLIP

START = datetime(2026, 5, 1, 2, 0, tzinfo=UTC)
"""Ten in the morning in Shanghai."""

_AT_ONCE_S = 1.0
"""A clearing this much before the thing left is right by the truth's own edges."""

_UNJUDGED_S = 2.0
"""Time that was not judged is told to within a sample and a second."""

_CLEARED_BY_S = 150.0
"""A place that was in plain view for this long after its thing left should have been cleared."""


@dataclass(frozen=True, slots=True)
class Stage:
    """How scenes are shown and seen."""

    site: Site
    """Rules and dwells."""
    zones: tuple[Zone, ...] | None
    """Of the camera; None: those of the scene."""
    detector: Callable[[Scene, int], Detector]
    """For a scene and its seed."""
    pixels: Callable[[Scene, float, int], Pixels]
    """What the camera sees of a scene at one scene second, with its seed."""

    def dwells_s(self) -> dict[str, float]:
        """The dwell of each class by id."""
        return {one.id: one.dwell_s for one in self.site.violations(period_s=0.5)}


@dataclass(frozen=True, slots=True)
class Played:
    """What came of one scene."""

    family: str
    seed: int
    watched: WatchedClip
    wrong_clearings: int
    """Incidents that were called cleared while the thing was still there."""
    left_open: int
    """Incidents that were never cleared although their place was seen empty for long."""
    frames: int
    unjudged_s: tuple[float, float] | None = None
    """Seconds that were told not to have been judged, and those of the truth; None: nobody asks."""


@dataclass(frozen=True, slots=True)
class Unseen:
    """What a stream shows between two samples of a scene."""

    keys_s: tuple[float, ...]
    """Seconds of the key frames before the sample, the first of which was looked at."""
    until_s: float
    shown: Callable[[float], Pixels]
    """What the camera sees at a second."""

    @property
    def span_s(self) -> float:
        """From the first key frame on."""
        return self.until_s - self.keys_s[0]

    def stretches(self) -> Iterator[Iterator[Glimpse]]:
        """Key frame by key frame, the last first."""
        ends_s = (*self.keys_s[1:], self.until_s)
        for begins_s, end_s in reversed(tuple(zip(self.keys_s, ends_s, strict=True))):
            yield self._glimpses(begins_s, end_s)

    def _glimpses(self, begins_s: float, end_s: float) -> Iterator[Glimpse]:
        for number in range(math.ceil((end_s - begins_s) / GLIMPSES_S - 1e-6)):
            at_s = begins_s + number * GLIMPSES_S
            yield Glimpse(self.until_s - at_s, self.shown(at_s))


class KeyFrames:
    """Chooses the samples of a stream whose key frames alone are decoded."""

    def __init__(self, every_s: float | None, rule: SamplingRule) -> None:
        """`every_s`: seconds between key frames; None: every frame is taken."""
        self._every_s = every_s or 0.0
        self._watch = KeyframeWatch(EVERY_FRAME if every_s is None else rule)
        self._key_s: float | None = None
        self._looked_at_s = -math.inf
        self._pace = Pace.USUAL
        self._keys_s: list[float] = []
        """Since the last sample, with it."""
        self.passed_s: tuple[float, ...] = ()
        """Key frames from the sample before up to the one taken last, without it."""
        self.taken = 0

    def go(self, pace: Pace) -> None:
        """Sparse: leave out what need not be looked at."""
        self._pace = pace

    def takes(self, at_s: float) -> bool:
        """Whether the sample at this second of the run is decoded."""
        if self._key_s is not None and 0 <= at_s - self._key_s < self._every_s - 1e-6:
            return False
        self._key_s = at_s
        self._watch.key(at_s)
        if self._pace is Pace.SPARSE and self._watch.may_pass(at_s, looked_at_s=self._looked_at_s):
            self._keys_s.append(at_s)
            return False
        self._looked_at_s = at_s
        self._keys_s, self.passed_s = [at_s], tuple(self._keys_s)
        self.taken += 1
        return True

    def passage(self, at_s: float, shown: Callable[[float], Pixels]) -> Unseen | None:
        """What passed before the sample at this second, which was taken last."""
        return Unseen(self.passed_s, at_s, shown) if self.passed_s and self._every_s else None


def played(scene: Scene, *, seed: int, stage: Stage | None = None, keyframes_s: float | None = None) -> Played:
    """Run one scene, scripted unless another stage is named.

    `keyframes_s`: as a stream with a key frame every so many seconds, which is all that is decoded of it where nothing
    asks for more; else everything is sampled.
    """
    stage = stage or scripted()
    name = f"{scene.family}-{seed}"
    truth = truth_of(scene, name)
    changes, frames, unjudged_s = _changes(scene, name, seed, stage, keyframes_s)
    raised = _raised(name, changes)
    matching = match_incidents(truth, raised.values(), dwell_s=stage.dwells_s())
    watched = WatchedClip(name, name, scene.duration_s, matching)
    wrong, left = _clearings(scene, matching.incidents, changes)
    told = None if scene.unjudged_s is None else (unjudged_s, scene.unjudged_s)
    return Played(scene.family, seed, watched, wrong, left, frames, told)


def truth_of(scene: Scene, name: str) -> TruthClip:
    """The scene's truth as that of a clip."""
    events = tuple(named(one, name) for one in scene.truth)
    return TruthClip(name, Path(name), name, scene.duration_s, scene.zones, events, (), scene.ignored, scene.classes)


def faults(one: Played) -> list[str]:
    """What went wrong, a line each."""
    wrong = [
        f"{judged.outcome.value} {judged.incident.class_id} raised at {judged.incident.confirmed_s:.1f} s"
        for judged in one.watched.matching.incidents
        if judged.outcome in (Outcome.FALSE, Outcome.DUPLICATE)
    ]
    missed = [
        f"missed {account.truth.class_id} at {account.truth.start_s:.1f} to {account.truth.end_s:.1f} s"
        for account in one.watched.matching.events
        if account.fate is Fate.MISSED
    ]
    if one.unjudged_s is not None and abs(one.unjudged_s[0] - one.unjudged_s[1]) > _UNJUDGED_S:
        missed.append("not judged: {:.1f} s, in truth {:.1f} s".format(*one.unjudged_s))
    counts = [("cleared while there", one.wrong_clearings), ("left open", one.left_open)]
    return [*wrong, *missed, *(f"{what}: {count}" for what, count in counts if count)]


@cache
def site() -> Site:
    """No configuration: the shipped table of violations."""
    return load_site(None)


@cache
def model() -> Model:
    """The shipped model's card: its thresholds hold here; its network is not opened."""
    return load_model(site(), None)


@cache
def scripted() -> Stage:
    """Detections made up from the truth, pixels only where the ledger looks, the shipped rules."""

    def detector(scene: Scene, seed: int) -> Detector:
        return cast("Detector", NoisyDetector(scene, seed=seed, thresholds=dict(model().card.thresholds)))

    def pixels(scene: Scene, at_s: float, seed: int) -> Pixels:
        return cast("Pixels", Canvas(scene, at_s, backdrop=seed))

    return Stage(site(), None, detector, pixels)


@cache
def from_pixels() -> Stage:
    """Whole pictures, seen by the shipped network, under the rules and zones of the sample clip."""
    sample = load_site(CLIP.with_suffix(".yaml"))
    network = model().detector()
    return Stage(sample, sample.camera_for(CLIP).zones, lambda *_: network, lambda *of: picture(*of[:2], seed=of[2]))


def _changes(
    scene: Scene, name: str, seed: int, stage: Stage, keyframes_s: float | None
) -> tuple[list[tuple[float, Change]], int, float]:
    """Every change with the scene second at which it was told, how many frames there were, what was not judged."""
    info = SourceInfo(SourceKind.VIDEO, WIDTH, HEIGHT, "none", scene.duration_s, START, Clock.GIVEN)
    zones = scene.zones if stage.zones is None else stage.zones
    views = tuple(NamedView(f"street-{number}", zones) for number in scene.streets)
    camera = Camera(name, zones=() if views else zones, views=views)
    line = new_pipeline(
        stage.site,
        model().card,
        cast("Any", stage.detector(scene, seed)),
        camera=camera,
        info=info,
        fps=scene.fps,
        source=name,
        watch=recorded_watch(camera, _stills(scene, stage, seed)),
    )
    told: list[tuple[float, Change]] = []
    count = 0
    for times in _runs(scene):
        clock = [_captured_at(scene, at_s) for at_s in times]
        chosen = KeyFrames(keyframes_s, sampling_rule(stage.site, camera, Sampling.AUTO))
        line.set_pace = chosen.go
        for change in line.incidents(_frames(scene, name, seed, times, stage, chosen)):
            behind = clock[change.frame.index] - change.frame.captured_at  # found out after it went
            told.append((times[change.frame.index] - behind.total_seconds(), change))
        count += chosen.taken
    return told, count, sum(line.time.unjudged_s.values())


def _stills(scene: Scene, stage: Stage, seed: int) -> list[KnownView]:
    """The streets that somebody has given a picture of, without anything in them."""
    found = []
    for number in scene.streets:
        empty = replace(scene, things=(), view=lambda _, shown=number: View(street=shown))
        view = KnownView(f"street-{number}")
        view.learn(Structure.of(stage.pixels(empty, 0.0, seed)), at_s=None)
        found.append(view)
    return found


def _runs(scene: Scene) -> Iterator[list[float]]:
    """The sampled scene seconds of each connection."""
    times = [i / scene.fps for i in range(round(scene.duration_s * scene.fps) + 1)]
    edges = [edge for span in scene.breaks for edge in span]
    begins = [0.0, *edges[1::2]]
    ends = [*edges[::2], scene.duration_s + 1]
    for start_s, end_s in zip(begins, ends, strict=True):
        yield [at_s for at_s in times if start_s <= at_s < end_s]


def _frames(
    scene: Scene, name: str, seed: int, times: Sequence[float], stage: Stage, chosen: KeyFrames
) -> Iterator[Frame]:
    for index, at_s in enumerate(times):
        if not chosen.takes(at_s - times[0]):
            continue
        captured_at = _captured_at(scene, at_s)
        passage = chosen.passage(at_s - times[0], lambda run_s: stage.pixels(scene, run_s + times[0], seed))
        yield Frame(name, index, at_s - times[0], captured_at, stage.pixels(scene, at_s, seed), passage)


def _captured_at(scene: Scene, at_s: float) -> datetime:
    """What the camera's clock says, which may be set."""
    return START + timedelta(seconds=at_s + sum(by_s for when_s, by_s in scene.clock_steps if at_s >= when_s))


def _raised(clip: str, changes: Sequence[tuple[float, Change]]) -> dict[str, RaisedIncident]:
    """The violations that were opened, on the scene's clock."""
    raised: dict[str, RaisedIncident] = {}
    for at_s, change in changes:
        incident = change.incident
        behind_s = change.frame.media_s - incident.last_seen.media_s
        if change.kind is ChangeKind.OPENED:
            around = bounding([one.box for one in incident.objects])
            first_s = at_s - (change.frame.media_s - incident.first_seen.media_s)
            box = Box(around.x0 / WIDTH, around.y0 / HEIGHT, around.x1 / WIDTH, around.y1 / HEIGHT)
            raised[incident.id] = RaisedIncident(
                clip, incident.id, incident.violation.id, first_s, at_s, at_s, box, incident.related
            )
        elif incident.id in raised:
            before = raised[incident.id]
            end_s = max(before.end_s, at_s - behind_s)
            raised[incident.id] = replace(before, end_s=end_s, related=incident.related)
    return raised


def _clearings(scene: Scene, judged: Sequence[Judged], changes: Sequence[tuple[float, Change]]) -> tuple[int, int]:
    """How many incidents were cleared while their thing was there, and how many were never cleared."""
    wrong = left = 0
    for one in judged:
        if one.truth is None or one.outcome is Outcome.FALSE:
            continue
        cleared = [
            at_s
            for at_s, change in changes
            if change.incident.id == one.incident.incident_id and change.kind is ChangeKind.CLEARED
        ]
        wrong += any(at_s < one.truth.end_s - _AT_ONCE_S for at_s in cleared)
        left += not cleared and one.truth.end_s + _CLEARED_BY_S < scene.duration_s
    return wrong, left
