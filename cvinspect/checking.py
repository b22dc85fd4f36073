"""What `cvinspect check` finds out: does each camera's source open, and what does it show?"""

import re
from dataclasses import dataclass
from pathlib import Path

from cvinspect.config import CameraConfig, Site
from cvinspect.errors import ConfigError, CvinspectError
from cvinspect.sources import SourceInfo
from cvinspect.wiring import open_source

_CREDENTIALS = re.compile(r"(?<=://)[^/]*@")


@dataclass(frozen=True, slots=True)
class CameraCheck:
    """One camera, tried."""

    id: str
    source: str
    """As configured, without credentials."""
    zones: int
    info: SourceInfo | None
    """None where the source did not open."""
    error: CvinspectError | None


def check_cameras(site: Site) -> list[CameraCheck]:
    """Open each camera's source for one frame."""
    return [_check(camera, site) for camera in site.config.cameras]


def _check(camera: CameraConfig, site: Site) -> CameraCheck:
    try:
        info, error = _first_frame(camera, site), None
    except CvinspectError as failure:
        info, error = None, failure
    source = _CREDENTIALS.sub("", camera.source or "")
    return CameraCheck(camera.id, source, len(camera.zones), info, error)


def _first_frame(camera: CameraConfig, site: Site) -> SourceInfo | None:
    if camera.source is None:
        return None
    if "://" in camera.source:
        raise ConfigError(f"{site.path}: camera {camera.id}: {camera.source.split('://')[0]} feeds cannot be read yet")
    source = open_source(Path(site.resolved(camera.source)), camera=camera.id, fps=2.0, started_at=None, site=site)
    try:
        next(source.frames(), None)
    finally:
        source.close()
    return source.info
