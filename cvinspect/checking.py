"""What `cvinspect check` finds out: does each camera's source open, and what does it show?"""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from cvinspect.config import CameraConfig, Site
from cvinspect.daemon_config import is_address
from cvinspect.errors import ConfigError, CvinspectError, InstallationError
from cvinspect.sources import SourceInfo
from cvinspect.wiring import open_source

_DAEMON_PACKAGES = ("alembic", "httpx", "paho", "sqlalchemy")


@dataclass(frozen=True, slots=True)
class CameraCheck:
    """One camera, tried."""

    id: str
    source: str
    """What is read, as configured; it never holds credentials."""
    zones: int
    info: SourceInfo | None
    """None where the source did not open."""
    error: CvinspectError | None


def check_cameras(site: Site, environ: Mapping[str, str]) -> list[CameraCheck]:
    """Open each camera's source for one frame, with what the environment holds for it."""
    return [_check(camera, site, environ) for camera in site.config.cameras]


def require_daemon_extra() -> None:
    """Raise InstallationError unless what the daemon and its ledger need is installed."""
    missing = [name for name in _DAEMON_PACKAGES if find_spec(name) is None]
    if missing:
        raise InstallationError(f"not installed: {', '.join(missing)}; pip install 'cvinspect[daemon]' brings it")


def _check(camera: CameraConfig, site: Site, environ: Mapping[str, str]) -> CameraCheck:
    try:
        info, error = _first_frame(camera, site, environ), None
    except CvinspectError as failure:
        info, error = None, failure
    return CameraCheck(camera.id, camera.feed or "", len(camera.zones), info, error)


def _first_frame(camera: CameraConfig, site: Site, environ: Mapping[str, str]) -> SourceInfo | None:
    site.login(camera.id, environ)
    if camera.feed is None:
        return None
    if is_address(camera.feed):
        scheme = camera.feed.partition("://")[0]
        raise ConfigError(f"{site.path}: camera {camera.id}: {scheme} feeds cannot be read yet")
    source = open_source(Path(site.resolved(camera.feed)), camera=camera.id, fps=2.0, started_at=None, site=site)
    try:
        next(source.frames(), None)
    finally:
        source.close()
    return source.info
