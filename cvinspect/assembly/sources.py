"""From a path and the site to an open source, sampled as its camera needs."""

import os
import re
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from cvinspect.config.site import Site
from cvinspect.domain import Camera
from cvinspect.errors import ConfigError
from cvinspect.modes import Sampling
from cvinspect.rules.zones import may_hold
from cvinspect.sources import Clock, Source
from cvinspect.sources.decoding.files import is_folder
from cvinspect.sources.decoding.sampling_choice import EVERY_FRAME, SamplingRule
from cvinspect.sources.recorded.pictures import PICTURE_SUFFIXES, has_pictures, natural_key, open_pictures
from cvinspect.sources.recorded.pieces import videos_in
from cvinspect.sources.recorded.video import open_video

ON_THE_COMMAND_LINE = "as asked for by --fps or --sampling"

_ADDRESS = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):/")
"""One slash: paths do not keep the second one. One letter before the colon is a drive."""

_SAMPLES_A_DWELL = 5
_FARTHEST_S = 4.0
"""What moves or is there but for a moment must be told from what stays: key frames farther apart than this are never
enough."""


def sampling_rule(site: Site, camera: Camera, wanted: Sampling | None, *, asked: str = "as configured") -> SamplingRule:
    """Five samples within the shortest dwell that may hold in this camera's zones.

    `wanted` goes before what is configured for the camera, and `asked` says who wants it; where nobody says
    anything, it is auto.
    """
    config = site.config_of(camera.id)
    violations = site.violations(period_s=1.0)
    dwells_s = [one.dwell_s for one in violations if may_hold(one, camera)]
    apart_s = min([_FARTHEST_S, *(one / _SAMPLES_A_DWELL for one in dwells_s)])
    if wanted is not None:
        return SamplingRule(wanted, apart_s, asked)
    return SamplingRule((config and config.wanted_sampling) or Sampling.AUTO, apart_s)


def refuse_addresses(inputs: Iterable[Path]) -> None:
    """Raise ConfigError where an input is an address; of it, which may hold a password, only the scheme is told."""
    for path in inputs:
        address = _ADDRESS.match(str(path))
        if address is not None and not os.path.lexists(path):
            raise ConfigError(
                f"{address[1]}://…: is an address, not a file; live cameras are watched with `cvinspect watch CONFIG`"
            )


def open_source(
    path: Path,
    *,
    camera: str,
    fps: float,
    started_at: datetime | None,
    site: Site,
    rule: SamplingRule = EVERY_FRAME,
    clock: Clock = Clock.GIVEN,
    is_interval: bool = False,
) -> Source:
    """A video file, a folder of pictures or a single picture; raises SourceOpenError.

    `clock` is what `started_at` rests on; `is_interval`: the user says how far apart pictures are, by `fps`. Of a
    folder of videos, and of a pattern of names, the first one is opened.
    """
    path = _first_of(path)
    if is_folder(path) or path.suffix.lower() in PICTURE_SUFFIXES:
        return open_pictures(
            path,
            camera=camera,
            interval_s=1 / fps,
            is_asked=is_interval,
            started_at=started_at,
            timezone=site.timezone,
        )
    config = site.config_of(camera)
    aspect = None if config is None else config.shown_aspect
    return open_video(
        path,
        camera=camera,
        fps=fps,
        started_at=started_at,
        clock=clock,
        timezone=site.timezone,
        rule=rule,
        aspect=aspect,
    )


def _first_of(path: Path) -> Path:
    if is_folder(path):
        return path if has_pictures(path) else next(iter(videos_in(path)), path)
    if os.path.lexists(path) or not any(letter in path.name for letter in "*?["):
        return path
    return min(path.parent.glob(path.name), key=natural_key, default=path)
