"""What `cvinspect check` finds out: does each camera's source open, what does it show, and where do its zones lie?"""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cvinspect.assembly.sources import open_source
from cvinspect.config.camera import CameraConfig
from cvinspect.config.daemon import is_address
from cvinspect.config.site import Site
from cvinspect.detect import Detector
from cvinspect.domain import Frame
from cvinspect.errors import CvinspectError, DeliveryError, SourceLostError
from cvinspect.evidence.masking import persons_in
from cvinspect.evidence.picture_store import PictureStore, encoded
from cvinspect.evidence.snapshots import file_name
from cvinspect.evidence.zone_map import zone_map
from cvinspect.sources import Clock, SourceInfo, SourceKind
from cvinspect.sources.live.address import Address, Transport
from cvinspect.sources.live.rtsp import LiveCamera
from cvinspect.sources.live.states import Link, LinkState, Reason, Sample

_LIVE_S = 20.0
"""Five seconds to connect, ten to the next key frame of the slowest cameras, and some."""
_KEY_FRAME_S = 100.0
"""The longer to wait where video comes and only its next key frame lacks: some cameras send one a minute."""
_SLOW_S = 40.0
"""The longer to wait for a camera that opened and then sent nothing: it may send a picture in ten seconds."""
_LOOK_EVERY_S = 0.1
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
    """What it showed first."""
    error: CvinspectError | None


def check_cameras(
    site: Site, environ: Mapping[str, str], *, seconds: Callable[[], float], now: Callable[[], datetime]
) -> list[CameraCheck]:
    """Open each camera's source for one frame, with what the environment holds for it; live ones all at once.

    `seconds` is a clock that only goes forward, `now` the wall clock, aware.
    """
    tries = [_Try(camera, site, environ, seconds, now) for camera in site.config.cameras]
    for one in tries:
        one.begin()
    return [one.end() for one in tries]


def store_zone_maps(
    rows: Sequence[CameraCheck], site: Site, detector: Detector, folder: Path
) -> tuple[list[Path], list[DeliveryError]]:
    """For each camera that showed something, a JPEG with its zones drawn; an earlier one is replaced.

    The files, and why others could not be stored.
    """
    store = PictureStore(folder)
    made, failed = list[Path](), list[DeliveryError]()
    for row in rows:
        config = site.config_of(row.id)
        if row.frame is None or config is None:
            continue
        persons = persons_in(detector.detect(row.frame.pixels))
        uri = f"{file_name(row.id)}.jpg"
        try:
            store.put(uri, encoded(zone_map(row.frame, config.camera().zones, persons=persons)))
        except DeliveryError as error:
            failed.append(error)
        else:
            made.append(folder / uri)
    return made, failed


class _Try:
    """One camera: a live one is connected to in `begin` and waited for in `end`, a file is read in `end`."""

    def __init__(
        self,
        config: CameraConfig,
        site: Site,
        environ: Mapping[str, str],
        seconds: Callable[[], float],
        now: Callable[[], datetime],
    ) -> None:
        self._config, self._site, self._environ = config, site, environ
        self._seconds, self._now = seconds, now
        self._until_s = seconds() + _LIVE_S
        self._arrived = threading.Event()
        self._live: LiveCamera | None = None
        self._error: CvinspectError | None = None

    def begin(self) -> None:
        """Start what takes its time."""
        try:
            address = self._address()
        except CvinspectError as error:
            self._error = error
            return
        if address is not None:
            self._live = LiveCamera(
                address,
                camera=self._config.id,
                fps=2.0,
                now=self._now,
                seconds=self._seconds,
                jitter=lambda: 0.5,
                arrived=self._arrived.set,
            )
            self._live.start()

    def end(self) -> CameraCheck:
        """What came of it."""
        config, info, frame = self._config, None, None
        try:
            if self._error is None:
                info, frame = self._first_frame()
        except CvinspectError as error:
            self._error = error
        return CameraCheck(config.id, config.feed or "", len(config.zones), info, frame, self._error)

    def _address(self) -> Address | None:
        """Of a live camera; None for one that is none. Raises ConfigError."""
        login, feed = self._site.login(self._config.id, self._environ), self._config.feed
        if feed is None or not is_address(feed):
            return None
        transport = Transport(self._config.transport)
        return Address(feed, transport) if login is None else Address(feed, transport, login.user, login.password)

    def _first_frame(self) -> tuple[SourceInfo | None, Frame | None]:
        if self._live is not None:
            sample = self._first_sample(self._live)
            return _info(sample, self._config), sample.frame
        if self._config.feed is None:
            return None, None
        path = self._site.resolved(self._config.feed)
        source = open_source(path, camera=self._config.id, fps=2.0, started_at=None, site=self._site)
        try:
            frame = next(source.frames(), None)
        finally:
            source.close()
        return source.info, frame

    def _first_sample(self, live: LiveCamera) -> Sample:
        """Until a picture comes, the first attempt fails, or time is up. Raises SourceLostError."""
        try:
            while (sample := live.take()) is None:
                link = live.link
                longer_s = _longer_s(link)
                if link.state is LinkState.DOWN and not longer_s:
                    raise SourceLostError(f"camera {self._config.id}: {link.detail or link.reason}")
                if self._seconds() > self._until_s + longer_s:
                    why = f": {link.detail}" if link.detail else ""
                    raise SourceLostError(
                        f"camera {self._config.id}: no picture within {_LIVE_S + longer_s:.0f} s{why}"
                    )
                self._arrived.wait(_LOOK_EVERY_S)
        finally:
            live.stop(timeout_s=_LEAVE_S)
        return sample


def _longer_s(link: Link) -> float:
    """How much longer than usual a picture may take, as the link is."""
    if link.state is LinkState.WAITING:
        return _KEY_FRAME_S
    return _SLOW_S if link.state is LinkState.DOWN and link.reason is Reason.STALLED else 0.0


def _info(sample: Sample, config: CameraConfig) -> SourceInfo:
    height, width = sample.frame.pixels.shape[:2]
    scheme = (config.feed or "").partition("://")[0]
    over = f" {config.transport}" if scheme.startswith("rtsp") else ""
    return SourceInfo(SourceKind.VIDEO, width, height, f"{scheme}{over}", None, sample.frame.captured_at, Clock.GIVEN)
