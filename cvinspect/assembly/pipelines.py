"""The pipeline of one camera, put together from its configuration."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial

from cvinspect.assembly.eyes import Careful, second_look_at
from cvinspect.attention import Attention
from cvinspect.config.site import Site
from cvinspect.detect import Detector
from cvinspect.detect.burned_in import BurnedInText
from cvinspect.detect.gate import ChangeGate
from cvinspect.detect.model import ModelCard
from cvinspect.detect.windows import WHOLE, View
from cvinspect.domain import Camera
from cvinspect.incidents.ledger import PlaceLedger
from cvinspect.incidents.look import PatchMatcher
from cvinspect.modes import Gate
from cvinspect.pipeline import Pipeline
from cvinspect.rules.judge import RuleJudge
from cvinspect.rules.zones import area_of, around
from cvinspect.second_look import Allowance
from cvinspect.sources import SourceInfo, SourceKind
from cvinspect.taxonomy import Violation
from cvinspect.tour import Tour
from cvinspect.track.tracker import OverlapTracker
from cvinspect.views.known import KnownView
from cvinspect.views.watch import ViewWatch

ADOPTED_AFTER_S = 3.0
"""What a recording shows for so long, at rest, is a view of it."""

_PAUSE_S, _INTERVALS = 30.0, 3.0
"""A thing may be the same after a pause that is no longer; of samples planned to be far apart, two may lack."""


def new_pipeline(  # noqa: PLR0913
    site: Site,
    card: ModelCard,
    detector: Detector,
    *,
    camera: Camera,
    info: SourceInfo,
    fps: float,
    source: str,
    gate: Gate | None = None,
    careful: Careful | None = None,
    watch: ViewWatch | None = None,
) -> Tour:
    """What inspects one run over one recording; `gate` goes before what is configured for the camera.

    `careful`: the network that looks again, where the camera has both eyes; None: the quick one looks alone. `watch`
    tells views; None: one that takes what is shown first for the first view.
    """
    interval_s = max(info.interval_s or 0.0, 1 / fps)
    careful = careful_for(site, camera, careful)

    def line(view: str) -> tuple[Pipeline, PlaceLedger] | None:
        shown = camera.showing(view)
        if shown is None:
            return None
        ledger = PlaceLedger(
            camera.id, matcher=PatchMatcher(), source=source, interval_s=interval_s, second_look=careful is not None
        )
        around = pipeline_around(
            ledger,
            site,
            card,
            detector,
            camera=shown,
            fps=fps,
            kind=info.kind,
            gate=gate,
            interval_s=info.interval_s,
            careful=careful,
        )
        return around, ledger

    named = [view.id for view in camera.views]
    return Tour(watch or recorded_watch(camera), line, detector=detector, named=named, interval_s=interval_s)


def recorded_watch(camera: Camera, known: Sequence[KnownView] = ()) -> ViewWatch:
    """Tells the views of a recording: an unknown one that rests is another of its views, unless these are named."""
    return ViewWatch(known, adopts_after_s=None if camera.views else ADOPTED_AFTER_S, follows_shifts=True)


def careful_for(site: Site, camera: Camera, careful: Careful | None) -> Careful | None:
    """The careful network, where the camera is not configured to be seen by the quick one alone."""
    config = site.config_of(camera.id)
    return None if config is not None and config.eyes == "quick" else careful


def pipeline_around(  # noqa: PLR0913
    ledger: PlaceLedger,
    site: Site,
    card: ModelCard,
    detector: Detector,
    *,
    camera: Camera,
    fps: float,
    kind: SourceKind = SourceKind.VIDEO,
    gate: Gate | None = None,
    interval_s: float | None = None,
    careful: Careful | None = None,
    allowance: Allowance | None = None,
) -> Pipeline:
    """The pipeline of one camera, sampled `fps` times a second, or every `interval_s` where there are no more.

    `careful` looks again, live as far as the `allowance` goes; the ledger must have been told that it does.
    """
    snapshot = kind is SourceKind.PICTURE
    period_s = max(1 / fps, interval_s or 0.0)
    violations = site.violations(period_s=period_s)
    if snapshot:  # one look proves no dwell: what would need one is announced and never opened
        violations = tuple(replace(violation, pre_alarm_s=0.0) for violation in violations)
    thresholds = card.thresholds
    view = view_of(site, camera, violations)
    new_judge = partial(_judge, site, camera, violations, snapshot)
    return Pipeline(
        detector=detector,
        new_tracker=lambda: OverlapTracker(thresholds=thresholds, pause_s=max(_PAUSE_S, _INTERVALS * period_s)),
        judge=new_judge(thresholds),
        ledger=ledger,
        view=view,
        attention=Attention(),
        gate=gate_of(site, camera, gate, thresholds),
        burned_in=BurnedInText(),
        second_look=None
        if careful is None
        else second_look_at(camera, careful, violations, new_judge, view, period_s=period_s, allowance=allowance),
    )


def _judge(
    site: Site, camera: Camera, violations: Sequence[Violation], snapshot: bool, sure_from: Mapping[str, float]
) -> RuleJudge:
    return RuleJudge(camera, violations, thresholds=sure_from, timezone=site.timezone, snapshot=snapshot)


def gate_of(site: Site, camera: Camera, wanted: Gate | None, thresholds: Mapping[str, float]) -> ChangeGate | None:
    """What spares the network pictures of the camera; None: nothing does."""
    config = site.config_of(camera.id)
    mode = wanted or (config and config.gate) or Gate.NONE
    return None if mode is Gate.NONE else ChangeGate(mode, thresholds=thresholds)


def view_of(site: Site, camera: Camera, violations: Sequence[Violation]) -> View | None:
    """What of the camera's picture the detector looks at; None: the whole of it, at once."""
    config = site.config_of(camera.id)
    if config is None:
        return None
    area = None if config.look == "all" else area_of(camera, violations)
    shown = {zone.id for zone in camera.zones}
    closer = tuple(around(zone.polygon) for zone in config.all_zones if zone.closer and zone.id in shown)
    if area is None and config.tiles == 1 and not closer:
        return None
    return View(area or WHOLE, config.tiles, closer)
