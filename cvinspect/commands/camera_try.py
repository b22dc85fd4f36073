"""One camera, tried for `check`: does its source open, what stream is it, what does it show first?"""

import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from cvinspect.assembly.sources import open_source
from cvinspect.config.addresses import is_address
from cvinspect.config.camera import CameraConfig
from cvinspect.config.site import Site
from cvinspect.domain import Frame
from cvinspect.errors import ConfigError, CvinspectError, SourceLostError
from cvinspect.sources import Clock, SourceInfo, SourceKind
from cvinspect.sources.decoding.stream_figures import FAR_APART_S, CountingRing, StreamFigures, figures_of
from cvinspect.sources.live.address import Address, Transport
from cvinspect.sources.live.rtsp import LiveCamera
from cvinspect.sources.live.states import Link, LinkState, Reason, Sample

LIVE_S = 20.0
"""Five seconds to connect, ten to the next key frame of the slowest cameras, and some."""

_KEY_FRAME_S = 100.0
"""The longer to wait where video comes and only its next key frame lacks: some cameras send one a minute."""

_SLOW_S = 40.0
"""The longer to wait for a camera that opened and then sent nothing: it may send a picture in ten seconds."""

_STREAM_S = FAR_APART_S + 1.0
"""Until it is known that key frames are far apart."""

_UNCOUNTED_S = 2.0
"""A camera that gives pictures and no stream of packets has none to be counted."""

_FPS = 0.5
_MOST_PICTURES = 10
_LOOK_EVERY_S = 0.1
_LEAVE_S = 1.0


@dataclass(slots=True)
class Tried:
    """What came of one camera."""

    info: SourceInfo | None = None
    """None where the source did not open, or none is named."""
    frame: Frame | None = None
    """What it showed first."""
    figures: StreamFigures | None = None
    """None for pictures, and where nothing came."""
    error: CvinspectError | None = None
    cause: str = ""
    """One word for why it cannot be read, the same for cameras that fail alike; empty where it can."""
    remarks: list[str] = field(default_factory=list)
    """What went wrong beside, one line each."""


class CameraTry:
    """One camera: a live one is connected to in `begin` and waited for in `end`, a file is read in `end`."""

    def __init__(
        self,
        config: CameraConfig,
        site: Site,
        environ: Mapping[str, str],
        *,
        seconds: Callable[[], float],
        now: Callable[[], datetime],
    ) -> None:
        """`seconds` is a clock that only goes forward, `now` the wall clock, aware."""
        self.config = config
        self._site, self._environ = site, environ
        self._seconds, self._now = seconds, now
        self._until_s = seconds() + LIVE_S
        self._arrived = threading.Event()
        self._ring = CountingRing()
        self._live: LiveCamera | None = None
        self._error: CvinspectError | None = None

    def begin(self) -> None:
        """Start what takes its time."""
        try:
            address = self.address()
        except CvinspectError as error:
            self._error = error
            return
        if address is not None:
            self._live = LiveCamera(
                address,
                camera=self.config.id,
                fps=_FPS,
                now=self._now,
                seconds=self._seconds,
                jitter=lambda: 0.5,
                arrived=self._arrived.set,
                ring=self._ring,
                aspect=self.config.shown_aspect,
            )
            self._live.start()

    def end(self, look: Callable[[Iterator[Frame]], None], *, leave_s: float = _LEAVE_S) -> Tried:
        """What came of it. `look` is given its pictures as they come, some seconds apart; at most ten.

        `leave_s`: how long its reader is waited for when all is done.
        """
        tried = Tried(error=self._error)
        if tried.error is None:
            try:
                if self._live is not None:
                    self._end_live(self._live, tried, look)
                elif self.config.feed is not None:
                    self._end_file(self._site.resolved(self.config.feed), tried, look)
            except CvinspectError as error:
                tried.error = error
        if self._live is not None:
            tried.figures = self._ring.count.figures
            self._live.stop(timeout_s=leave_s)
        if tried.error is not None:
            tried.cause = self._cause(tried.error)
        return tried

    def address(self) -> Address | None:
        """Of a live camera; None for one that is none. Raises ConfigError."""
        login, feed = self._site.login(self.config.id, self._environ), self.config.feed
        if feed is None or not is_address(feed):
            return None
        user, password = (None, None) if login is None else (login.user, login.password)
        return Address(feed, Transport(self.config.transport), user, password, self.config.hosts)

    def _end_file(self, path: Path, tried: Tried, look: Callable[[Iterator[Frame]], None]) -> None:
        source = open_source(path, camera=self.config.id, fps=_FPS, started_at=None, site=self._site)
        try:
            frames = source.frames()
            tried.frame = next(frames, None)
            tried.info = source.info
            if tried.frame is not None:
                look(_first(tried.frame, frames))
        finally:
            source.close()
        if source.info.kind is SourceKind.VIDEO:
            tried.figures = figures_of(path)

    def _end_live(self, live: LiveCamera, tried: Tried, look: Callable[[Iterator[Frame]], None]) -> None:
        sample = self._first_sample(live)
        tried.frame = sample.frame
        tried.info = self._info(sample)
        more = self._more(live, self._seconds() + _STREAM_S, tried)
        look(_first(sample.frame, more))
        for _ in more:
            pass  # whatever was looked at, the stream is to be known

    def _first_sample(self, live: LiveCamera) -> Sample:
        """Until a picture comes, the first attempt fails, or time is up. Raises SourceLostError."""
        while (sample := live.take()) is None:
            link = live.link
            longer_s = _longer_s(link)
            if link.state is LinkState.DOWN and not longer_s:
                raise SourceLostError(f"camera {self.config.id}: {link.detail or link.reason}")
            if self._seconds() > self._until_s + longer_s:
                why = f": {link.detail}" if link.detail else ""
                raise SourceLostError(f"camera {self.config.id}: no picture within {LIVE_S + longer_s:.0f} s{why}")
            self._arrived.wait(_LOOK_EVERY_S)
        return sample

    def _more(self, live: LiveCamera, until_s: float, tried: Tried) -> Iterator[Frame]:
        """Further pictures, until the stream is known, or breaks off."""
        began_s = self._seconds()
        while self._seconds() < until_s and not self._ring.count.is_enough:
            sample = live.take()
            if sample is not None:
                yield sample.frame
                continue
            if live.link.state is LinkState.DOWN:
                tried.remarks.append(f"broke off after its first picture: {live.link.detail or live.link.reason}")
                return
            if self._ring.count.figures is None and self._seconds() - began_s > _UNCOUNTED_S:
                return
            self._arrived.clear()
            self._arrived.wait(_LOOK_EVERY_S)

    def _cause(self, error: CvinspectError) -> str:
        link = None if self._live is None else self._live.link
        if link is not None and link.reason is not None:
            return link.reason.value
        if isinstance(error, ConfigError):
            return "configuration"
        return "does not open" if self._live is None else "no picture"

    def _info(self, sample: Sample) -> SourceInfo:
        height, width = sample.frame.pixels.shape[:2]
        figures = self._ring.count.figures
        scheme = (self.config.feed or "").partition("://")[0]
        over = f"{scheme} {self.config.transport}" if scheme.startswith("rtsp") else scheme
        codec = over if figures is None else f"{figures.codec} {over}"
        return SourceInfo(SourceKind.VIDEO, width, height, codec, None, sample.frame.captured_at, Clock.GIVEN)


def _longer_s(link: Link) -> float:
    """How much longer than usual a picture may take, as the link is."""
    if link.state is LinkState.WAITING:
        return _KEY_FRAME_S
    return _SLOW_S if link.state is LinkState.DOWN and link.reason is Reason.STALLED else 0.0


def _first(frame: Frame, others: Iterator[Frame]) -> Iterator[Frame]:
    """The frame, then those that come, ten in all."""
    yield frame
    for _ in range(_MOST_PICTURES - 1):
        following = next(others, None)
        if following is None:
            return
        yield following
