"""`cvinspect views take`: a still of what a camera shows now, or of each preset as its tour passes."""

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cvinspect.assembly.sources import open_source
from cvinspect.commands.camera_try import LIVE_S, CameraTry
from cvinspect.config.camera import CameraConfig
from cvinspect.config.site import Site
from cvinspect.detect import Detector
from cvinspect.domain import Frame
from cvinspect.errors import ConfigError, SourceLostError
from cvinspect.evidence.masking import Hiding, heads, masked
from cvinspect.evidence.picture_store import PictureStore, encoded
from cvinspect.evidence.snapshots import file_name
from cvinspect.sources.live.address import Address
from cvinspect.sources.live.rtsp import LiveCamera
from cvinspect.sources.live.states import LinkState
from cvinspect.views.known import IS_IT, KnownView
from cvinspect.views.structure import Structure, likeness_of

FOLDER = "views"

_FPS = 2.0
_RESTS = 0.5
_RESTS_S = 3.0
"""A camera that turns shows a preset for longer than this, and nothing on its way."""

_LOOK_EVERY_S = 0.1


@dataclass(frozen=True, slots=True)
class Still:
    """A picture that was kept."""

    view: str
    path: Path


def config_named(site: Site, camera: str) -> CameraConfig:
    """The camera's configuration; raises ConfigError where there is none with a source."""
    config = site.config_of(camera)
    if config is None:
        names = ", ".join(one.id for one in site.config.cameras) or "none"
        raise ConfigError(f"{site.path}: names no camera {camera!r}; allowed: {names}")
    if config.feed is None:
        raise ConfigError(f"{site.path}: camera {camera}: has no source; name one, and its views can be taken")
    return config


def rested(frames: Iterable[Frame]) -> Iterator[Frame]:
    """One picture of each place at which the camera rests, as soon as it has rested there; none twice."""
    known: list[KnownView] = []
    before: tuple[float, Structure] | None = None
    for frame in frames:
        now = Structure.of(frame.pixels)
        if now.is_flat or any(view.likeness(now) >= IS_IT for view in known):
            before = None
        elif before is None or likeness_of(before[1].evened, now.evened) < _RESTS:
            before = frame.media_s, now
        elif frame.media_s - before[0] >= _RESTS_S:
            view = KnownView(str(len(known) + 1))
            view.learn(now, at_s=None)
            known.append(view)
            yield frame


def take(
    frames: Iterable[Frame],
    config: CameraConfig,
    folder: Path,
    detector: Detector,
    *,
    name: str | None,
    hide: Hiding = heads,
) -> Iterator[Still]:
    """Keep a still of each place at which the camera rests, people masked, and tell of each; with a `name`, of one.

    A still of the same name is replaced. Raises DeliveryError where it cannot be written.
    """
    store = PictureStore(folder)
    for number, frame in enumerate(rested(frames), start=1):
        view = name or f"view-{number}"
        uri = f"{file_name(config.id)}-{file_name(view)}.jpg"
        hidden = hide(frame.pixels, detector.detect(frame.pixels))
        store.put(uri, encoded(masked(frame.pixels, hidden)))
        yield Still(view, folder / uri)
        if name is not None:
            return


def pictures_of(
    config: CameraConfig,
    site: Site,
    environ: Mapping[str, str],
    *,
    seconds: Callable[[], float],
    now: Callable[[], datetime],
    lasts_s: float,
    is_stopping: Callable[[], bool] = lambda: False,
) -> Iterator[Frame]:
    """What the camera shows for so long, from its first picture on; of a file, all of it.

    Raises SourceError where nothing comes of it, ConfigError where it cannot be addressed.
    """
    address = CameraTry(config, site, environ, seconds=seconds, now=now).address()
    if address is not None:
        yield from _live(address, config, seconds=seconds, now=now, lasts_s=lasts_s, is_stopping=is_stopping)
        return
    path = site.resolved(config.feed or "")
    with closing(open_source(path, camera=config.id, fps=_FPS, started_at=None, site=site)) as source:
        yield from source.frames()


def _live(
    address: Address,
    config: CameraConfig,
    *,
    seconds: Callable[[], float],
    now: Callable[[], datetime],
    lasts_s: float,
    is_stopping: Callable[[], bool],
) -> Iterator[Frame]:
    arrived = threading.Event()
    live = LiveCamera(
        address, camera=config.id, fps=_FPS, now=now, seconds=seconds, jitter=lambda: 0.5, arrived=arrived.set,
        aspect=config.shown_aspect,
    )  # fmt: skip
    live.start()
    until_s, is_first = seconds() + LIVE_S, True
    try:
        while seconds() < until_s and not is_stopping():
            sample = live.take()
            if sample is not None:
                until_s, is_first = (seconds() + lasts_s, False) if is_first else (until_s, False)
                yield sample.frame
            elif is_first and live.link.state is LinkState.DOWN:
                break
            else:
                arrived.clear()
                arrived.wait(_LOOK_EVERY_S)
        if is_first:
            raise SourceLostError(
                f"camera {config.id}: no picture: {live.link.detail or live.link.reason or 'none came'}"
            )
    finally:
        live.stop(timeout_s=1.0)


def as_yaml(stills: Iterable[Still], base: Path) -> str:
    """What belongs into the camera's configuration."""
    lines = ["    views:"]
    for one in stills:
        path = one.path.relative_to(base) if one.path.is_relative_to(base) else one.path
        lines += [f"      - id: {one.view}", f"        still: {path}", "        zones: []  # draw them on the still"]
    return "\n".join(lines)
