"""What `cvinspect check` finds out: does each camera's source open, what can it raise, and where do its zones lie?"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from cvinspect.assembly.models import Model
from cvinspect.assembly.stills import known_views, pictured_views
from cvinspect.commands.camera_findings import Obstacles, Remark, obstacles_of, obstacles_of_any_footage, remarks_of
from cvinspect.commands.camera_try import CameraTry
from cvinspect.config.site import Config, Site
from cvinspect.detect import Detector
from cvinspect.domain import Frame
from cvinspect.errors import ConfigError, CvinspectError, DeliveryError
from cvinspect.evidence.masking import Hiding, heads
from cvinspect.evidence.picture_store import PictureStore, encoded
from cvinspect.evidence.snapshots import file_name
from cvinspect.evidence.zone_map import zone_map
from cvinspect.rules.swapped import look_swapped
from cvinspect.sources import SourceInfo
from cvinspect.sources.decoding.stream_figures import StreamFigures

_AT_ONCE = 100
"""Live cameras connected to at the same time: each keeps a picture or two."""

_LEAVE_S = 1.0


@dataclass(frozen=True, slots=True)
class CameraCheck:
    """One camera, tried."""

    id: str
    source: str
    """What is read, as configured; it never holds credentials."""
    zones: int
    info: SourceInfo | None
    """None where the source did not open."""
    frame: Frame | None
    """What it showed first, where that is wanted."""
    error: CvinspectError | None
    cause: str = ""
    """One word for why it cannot be read, the same for cameras that fail alike."""
    figures: StreamFigures | None = None
    """None for pictures, and where nothing came."""
    obstacles: Obstacles = field(default_factory=dict)
    """Why it cannot raise each class; nothing of a class that it can."""
    remarks: tuple[Remark, ...] = ()
    """What somebody should look at."""


def check_cameras(
    site: Site,
    environ: Mapping[str, str],
    *,
    seconds: Callable[[], float],
    now: Callable[[], datetime],
    model: Model,
    detector: Detector,
    keeps_frames: bool = True,
) -> list[CameraCheck]:
    """Open each camera's source, with what the environment holds for it; live ones a hundred at once.

    `seconds` is a clock that only goes forward, `now` the wall clock, aware. `keeps_frames`: whether what each showed
    first is wanted afterwards.
    """
    found: list[CameraCheck] = []
    cameras = site.config.cameras
    for start in range(0, len(cameras), _AT_ONCE):
        part = cameras[start : start + _AT_ONCE]
        tries = [CameraTry(camera, site, environ, seconds=seconds, now=now) for camera in part]
        for one in tries:
            one.begin()
        leave_s = _LEAVE_S / len(tries)
        checked = (_checked(one, site, model, detector, leave_s=leave_s) for one in tries)
        found += [one if keeps_frames else replace(one, frame=None) for one in checked]
    return found


def configuration_faults(site: Site) -> tuple[list[ConfigError], list[str]]:
    """What is wrong with the configuration as a whole: errors, and lines for somebody to look at."""
    config = site.config
    if config.cameras:
        return [], []
    if config == Config():
        return [ConfigError(f"{site.path}: configures nothing; allowed: cameras, violations and others")], []
    if config.model_fields_set & {"watch", "sinks"}:
        return [ConfigError(f"{site.path}: cameras: none, and nothing can be watched; allowed: one or more")], []
    return [], ["cameras: none: any footage counts as if its whole picture were every kind of zone"]


def any_footage(site: Site, model: Model) -> CameraCheck:
    """What footage can raise under a configuration without cameras."""
    return CameraCheck("(any footage)", "", 0, None, None, None, obstacles=obstacles_of_any_footage(site, model))


def store_zone_maps(
    rows: Sequence[CameraCheck], site: Site, detector: Detector, folder: Path, *, hide: Hiding = heads
) -> tuple[list[Path], list[DeliveryError]]:
    """For each camera that showed something, a JPEG with its zones drawn, of named views one each, on their stills.

    An earlier one is replaced.

    The files, and why others could not be stored.
    """
    store = PictureStore(folder)
    made, failed = list[Path](), list[DeliveryError]()
    for row in rows:
        config = site.config_of(row.id)
        if row.frame is None or config is None:
            continue
        camera = config.camera()
        shown = {f"{file_name(row.id)}.jpg": (row.frame.pixels, camera.zones)} if not camera.views else {}
        for view, pixels in pictured_views(site, config).items():
            drawn = camera.showing(view)
            uri = f"{file_name(row.id)}-{file_name(view)}.jpg" if camera.views else f"{file_name(row.id)}-still.jpg"
            shown[uri] = pixels, () if drawn is None else drawn.zones
        for uri, (pixels, zones) in shown.items():
            hidden = hide(pixels, detector.detect(pixels))
            try:
                store.put(uri, encoded(zone_map(pixels, zones, hidden=hidden)))
            except DeliveryError as error:
                failed.append(error)
            else:
                made.append(folder / uri)
    return made, failed


def _checked(one: CameraTry, site: Site, model: Model, detector: Detector, *, leave_s: float) -> CameraCheck:
    config, swapped = one.config, list[bool]()

    def look(frames: Iterator[Frame]) -> None:
        pictures = ((detector.detect(frame.pixels), frame.pixels.shape[1::-1]) for frame in frames)
        swapped.append(look_swapped(config.camera(), site.violations(period_s=1.0), pictures))

    tried = one.end(look, leave_s=leave_s)
    try:
        known_views(site, config)
    except ConfigError as error:
        tried.error, tried.cause = tried.error or error, tried.cause or "configuration"
    obstacles = obstacles_of(site, model, config, tried.figures)
    found = remarks_of(site, config, obstacles, tried.figures, is_swapped=any(swapped))
    return CameraCheck(
        config.id,
        config.feed or "",
        len(config.all_zones),
        tried.info,
        tried.frame,
        tried.error,
        cause=tried.cause,
        figures=tried.figures,
        obstacles=obstacles,
        remarks=(*(Remark("broke off", text) for text in tried.remarks), *found),
    )
