"""Watched cameras made from a site: what each camera is configured to be, and which of them a changed site changes."""

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from cvinspect.assembly.eyes import Careful
from cvinspect.assembly.models import Model
from cvinspect.assembly.pipelines import careful_for, pipeline_around
from cvinspect.assembly.sources import sampling_rule
from cvinspect.assembly.stills import known_views, stills_sha256
from cvinspect.config.addresses import is_address
from cvinspect.config.camera import CameraConfig
from cvinspect.config.site import Site
from cvinspect.daemon.camera_inspection import CameraInspection
from cvinspect.daemon.camera_queue import CameraQueue
from cvinspect.daemon.careful_share import CarefulShare
from cvinspect.daemon.shared_parts import SharedParts
from cvinspect.daemon.watched_camera import WatchedCamera
from cvinspect.daemon.withdrawal import shown_in
from cvinspect.detect import Detector
from cvinspect.domain import Camera, Pixels
from cvinspect.errors import ConfigError
from cvinspect.health.link import LinkHealth
from cvinspect.health.picture import PictureHealth
from cvinspect.incidents.ledger import PlaceLedger
from cvinspect.incidents.look import PatchMatcher
from cvinspect.modes import Sampling
from cvinspect.pipeline import Pipeline
from cvinspect.records.incident import RecordContext
from cvinspect.sources.decoding.packet_ring import PacketRing
from cvinspect.sources.decoding.sampling_choice import SamplingRule
from cvinspect.sources.live.address import Address, Transport
from cvinspect.sources.live.rtsp import LiveCamera
from cvinspect.tour import Tour
from cvinspect.views.unjudged import TimeAccount
from cvinspect.views.watch import ViewWatch

_LOG = logging.getLogger(__name__)

_ACKNOWLEDGED_AFTER_S = 60.0
"""What a camera without named views shows for so long after a restart or a reload is taken for right."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the daemon takes from outside, so that tests can hand in their own."""

    now: Callable[[], datetime]
    """The wall clock, aware."""
    seconds: Callable[[], float]
    """A clock that nobody sets, since the machine's start."""
    random: Callable[[], float]
    """Numbers in [0, 1)."""
    environ: Mapping[str, str]


class CameraBuilder:
    """Makes the watched cameras of one configuration. Raises ConfigError where a camera cannot be addressed."""

    def __init__(self, site: Site, model: Model, around: Surroundings, *, sampling: Sampling | None = None) -> None:
        """`sampling` goes before what the site says."""
        self._sampling = sampling
        self._site = site
        self._config_sha256 = site.sha256
        self._model = model
        self._around = around
        self.cameras = {one.id: one for one in site.config.cameras if one.feed is not None}
        self._addresses = {name: self._address(one) for name, one in self.cameras.items()}
        for one in site.config.cameras:
            if one.feed is None:
                _LOG.warning("camera %s: has no source and is not watched", one.id)
        if not self.cameras:
            raise ConfigError(f"{site.path}: cameras: none with a source; allowed: one or more")

    @property
    def order(self) -> tuple[str, ...]:
        """The cameras that are watched."""
        return tuple(self.cameras)

    @property
    def classes(self) -> tuple[str, ...]:
        """Ids of the classes of violations that there are."""
        return tuple(self._site.book.violations)

    def fingerprint(self, camera: str) -> str:
        """Changes when anything changes that the watched camera is made of."""
        site, config = self._site, self.cameras[camera]
        overrides = {name: one.model_dump(mode="json") for name, one in site.config.violations.items()}
        rules = json.dumps(overrides, sort_keys=True)
        parts = (
            config.model_dump_json(),
            rules,
            site.book.model_dump_json(),
            str(self._fps(config)),
            str(self._site.config.watch.sampling),
            str(self._site.config.watch.clips),
            *stills_sha256(site, config),
        )
        eyes = (self._model, self._model.careful)
        networks = ["none" if eye is None else eye.card.sha256 for eye in eyes]
        return "\n".join((*parts, *networks, site.config.timezone, repr(self._login(camera))))

    def build(self, camera: str, shared: SharedParts, queue: CameraQueue) -> WatchedCamera:
        """A new watched camera, which knows what the database knows of it. Raises DeliveryError."""
        config, around = self.cameras[camera], self._around
        fps = self._fps(config)
        noun = config.camera()
        eye = shared.careful
        careful = None if eye is None else careful_for(self._site, noun, eye.network)

        def line(view: str) -> tuple[Pipeline, PlaceLedger] | None:
            shown = shown_in(noun, view)
            if shown is None:
                return None
            ledger = PlaceLedger(camera, matcher=PatchMatcher(), interval_s=1 / fps, second_look=careful is not None)
            return self._pipeline(ledger, shown, fps, careful, None if eye is None else eye.share), ledger

        tour = Tour(
            ViewWatch(
                known_views(self._site, config), acknowledges_after_s=None if config.views else _ACKNOWLEDGED_AFTER_S
            ),
            line,
            detector=_OTHERS,
            named=[view.id for view in noun.views],
            interval_s=1 / fps,
        )
        tour.time = TimeAccount(most_spans=0)  # sums alone: it runs for months
        ring = PacketRing() if self._site.config.watch.clips else None
        post = CameraInspection(noun, tour, self._context(camera, careful), shared, ring)
        post.resume({one.id: one for one in self._site.violations(period_s=1 / fps)})
        reader = LiveCamera(
            self._addresses[camera],
            camera=camera,
            fps=fps,
            rule=self._rule(noun),
            now=around.now,
            seconds=around.seconds,
            jitter=around.random,
            arrived=partial(queue.ready, camera),
            ring=ring,
            aspect=config.shown_aspect,
        )
        tour.set_pace = reader.go
        return WatchedCamera(
            post,
            reader,
            PictureHealth(seconds=around.seconds),
            LinkHealth(seconds=around.seconds),
            now=around.now,
            seconds=around.seconds,
            waiting=shared.writer.waiting,
        )

    def _pipeline(
        self, ledger: PlaceLedger, camera: Camera, fps: float, careful: Careful | None, share: CarefulShare | None
    ) -> Pipeline:
        card = self._model.card
        return pipeline_around(
            ledger, self._site, card, _OTHERS, camera=camera, fps=fps, careful=careful, allowance=share
        )

    def _fps(self, config: CameraConfig) -> float:
        return config.fps or self._site.config.watch.fps

    def _rule(self, camera: Camera) -> SamplingRule:
        own = self.cameras[camera.id].wanted_sampling
        return sampling_rule(self._site, camera, self._sampling or own or self._site.config.watch.sampling)

    def _login(self, camera: str) -> tuple[str, str] | None:
        login = self._site.login(camera, self._around.environ)
        return None if login is None else (login.user, login.password)

    def _address(self, config: CameraConfig) -> Address:
        feed = config.feed or ""
        user, password = self._login(config.id) or (None, None)
        url = feed if is_address(feed) else str(self._site.resolved(feed))
        try:
            return Address(url, Transport(config.transport), user=user, password=password, hosts=config.hosts)
        except ConfigError as error:
            raise ConfigError(f"{self._site.path}: camera {config.id}: {error}") from error

    def _context(self, camera: str, careful: Careful | None) -> RecordContext:
        card = self._model.card
        return RecordContext(
            timezone=self._site.timezone,
            clock="live",
            source=camera,
            model_name=card.name,
            model_sha256=card.sha256,
            config_sha256=self._config_sha256,
            live=True,
            careful_model=None if careful is None else careful.named,
        )


class _NoDetector:
    """Stands in a live pipeline, whose detections come from whichever thread has its turn."""

    def detect(self, pixels: Pixels) -> list[object]:  # noqa: ARG002
        """Never asked."""
        raise AssertionError("an inference thread detects")


_OTHERS: Detector = _NoDetector()  # type: ignore[assignment]
