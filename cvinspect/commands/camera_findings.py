"""What a camera's configuration, zones and stream come to: which classes it can raise, and what to look at."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from cvinspect.assembly.models import Model
from cvinspect.config.addresses import is_address
from cvinspect.config.camera import CameraConfig
from cvinspect.config.site import Site
from cvinspect.detect.model import Backing
from cvinspect.domain import Camera
from cvinspect.modes import DEFAULT_FPS, Sampling
from cvinspect.records.wording import OBSTACLES
from cvinspect.rules.obstacles import NotRaised, obstacles_configured
from cvinspect.sources.decoding.stream_figures import StreamFigures
from cvinspect.taxonomy import Obstacle, Violation

Obstacles = Mapping[str, tuple[NotRaised, ...]]
"""By class, in the order of the table; empty for a class that can be raised."""


@dataclass(frozen=True, slots=True)
class Remark:
    """Something for somebody to look at."""

    kind: str
    """The same for cameras with the same thing."""
    text: str
    """One line, without the camera's name."""


def obstacles_of(site: Site, model: Model, config: CameraConfig, figures: StreamFigures | None) -> Obstacles:
    """Why the camera cannot raise each class, as it is configured and its stream is."""
    apart_s = _apart_s(site, config, figures)
    return _obstacles(site, model, config.camera(), period_s=1 / _fps(site, config), apart_s=apart_s)


def obstacles_of_any_footage(site: Site, model: Model) -> Obstacles:
    """The same for footage of a camera that is not configured."""
    return _obstacles(site, model, Camera("any"), period_s=1 / DEFAULT_FPS, apart_s=1 / DEFAULT_FPS)


def remarks_of(
    site: Site, config: CameraConfig, obstacles: Obstacles, figures: StreamFigures | None, *, is_swapped: bool
) -> list[Remark]:
    """What somebody should look at."""
    found = list(_on_zones(site, config, obstacles))
    if config.feed is None:
        found.append(Remark("no source", "has no source: it is not watched"))
    if is_swapped:
        text = (
            "x and y of its zones look swapped: what they are drawn for is seen where they would lie with x and y "
            "swapped, and not in them; a corner is [x, y], x to the right; look at them with --pictures"
        )
        found.append(Remark("x and y swapped", text))
    if figures is not None and figures.is_smart:
        text = (
            f"no key frame for {figures.longest_s:.0f} s: a smart codec ({figures.codec}+, say); pictures come as late "
            "after each loss of the connection; switch it off, or set a key frame every 2 to 4 s"
        )
        found.append(Remark("smart codec", text))
    if obstacles and all(obstacles.values()):
        found.append(Remark("nothing raised", "no class at all can be raised by it"))
    return found


def _obstacles(site: Site, model: Model, camera: Camera, *, period_s: float, apart_s: float) -> Obstacles:
    shown = [one for view in camera.view_ids if (one := camera.showing(view)) is not None]

    def fewest(rule: Violation) -> tuple[NotRaised, ...]:
        is_backed = model.backing(rule.labels) is not Backing.NONE
        found = (obstacles_configured(rule, one, is_backed=is_backed, apart_s=apart_s) for one in shown)
        return min(found, key=len)

    return {one.id: fewest(one) for one in site.violations(period_s=period_s)}


def _fps(site: Site, config: CameraConfig) -> float:
    """Most samples a second."""
    is_live = config.feed is not None and is_address(config.feed)
    return config.fps or (site.config.watch.fps if is_live else DEFAULT_FPS)


def _apart_s(site: Site, config: CameraConfig, figures: StreamFigures | None) -> float:
    """Seconds between samples, as far as is known: auto takes key frames alone only where they come often enough."""
    apart_s = 1 / _fps(site, config)
    if figures is None:
        return apart_s
    if figures.fps is not None:
        apart_s = max(apart_s, 1 / figures.fps)
    is_by_key = (config.wanted_sampling or site.config.watch.sampling) is Sampling.KEYFRAMES
    return max(apart_s, figures.longest_s) if is_by_key else apart_s


def _on_zones(site: Site, config: CameraConfig, obstacles: Obstacles) -> Iterator[Remark]:
    rules = site.violations(period_s=1.0)
    for zone in config.all_zones:
        names = {zone.id, zone.kind}
        if not any(names & _zones_of(rule) for rule in rules):
            text = f"zone {zone.id}: no rule asks for a zone of kind {zone.kind}; it changes nothing"
            yield Remark("zone without a rule", text)
        asked = [rule.id for rule in rules if names & {*rule.zones}]
        if asked and all(obstacles.get(name) for name in asked):
            whys = "; ".join(f"{name}: {reasonsin_words(obstacles[name])}" for name in asked)
            yield Remark("nothing raised in a zone", f"zone {zone.id}: nothing can be raised in it: {whys}")


def _zones_of(rule: Violation) -> set[str]:
    return {*rule.zones, *rule.outside_zones, *rule.exempt_zones, *rule.named_zones}


def reasonsin_words(reasons: Sequence[NotRaised]) -> str:
    """In English, with seconds.

    >>> reasonsin_words([NotRaised(Obstacle.SPARSE, 65.0, 30.0)])
    'pictures are too far apart (65 s > 30 s)'
    """
    return ", ".join(in_words(one) for one in reasons)


def in_words(one: NotRaised) -> str:
    """One reason in English, with seconds."""
    if one.found_s is None or one.needed_s is None:
        return OBSTACLES[one.obstacle][1]
    sign = ">" if one.obstacle is Obstacle.SPARSE else "<"
    return f"{OBSTACLES[one.obstacle][1]} ({one.found_s:.4g} s {sign} {one.needed_s:.4g} s)"
