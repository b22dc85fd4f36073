"""All cameras of one daemon: started, watched over, changed while the others go on, and stopped without loss."""

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from cvinspect.daemon import CameraView
from cvinspect.daemon.scribe import Scribe
from cvinspect.daemon.station import Station
from cvinspect.daemon.turns import Turns
from cvinspect.daemon.workers import Workers
from cvinspect.errors import CvinspectError, DeliveryError
from cvinspect.store.site_store import PlatformStatus, SiteStore

_LOG = logging.getLogger(__name__)

_FRAME_S = 3.0
"""How long the inspection of one frame may take before nobody waits for it any more."""


class CameraFleet:
    """Safe to call from any thread, but for `start`, `change` and `stop`, which one thread calls."""

    def __init__(
        self,
        *,
        scribe: Scribe,
        sites: SiteStore,
        turns: Turns,
        workers: Workers,
        stations: dict[str, Station],
        now: Callable[[], datetime],
    ) -> None:
        """`stations` is what `turns` and `workers` know, empty still."""
        self.scribe = scribe
        self._sites = sites
        self._turns = turns
        self._workers = workers
        self._stations = stations
        self._order: tuple[str, ...] = ()
        self._now = now
        self._lock = threading.Lock()
        self._known_states: dict[str, frozenset[tuple[str, str | None]]] = {}
        self.started_at = now()
        self.config_sha256 = ""
        self.reload_error: str | None = None
        self.outside_trouble: str | None = None
        """Why something beside the cameras does not work."""

    def start(self) -> None:
        """Begin to write and to inspect; the cameras come with `change`."""
        self.scribe.start()
        self._workers.start()

    def change(
        self,
        order: Sequence[str],
        *,
        gone: Sequence[str],
        new_stations: Mapping[str, Callable[[], Station]],
        config_sha256: str,
    ) -> None:
        """Stop the cameras that are `gone`, start new ones; one that is both was changed. Others are not touched.

        Raises DeliveryError when what is known of a new camera cannot be read back; it is then left out.
        """
        is_written = True
        for camera in gone:
            is_written = self._remove(camera, flush_s=_FRAME_S if is_written else 0.0)
        failed: list[str] = []
        for camera, new_station in new_stations.items():
            try:
                self._refuse_unrecorded(camera)
                station = new_station()
                self._listen_again(station)
            except CvinspectError as error:
                failed.append(str(error))
                continue
            except Exception as error:  # noqa: BLE001  # the other cameras are to be started
                _LOG.exception("camera %s cannot be started: a fault of this program", camera)
                failed.append(f"camera {camera}: a fault of this program: {type(error).__name__}")
                continue
            with self._lock:
                self._stations[camera] = station
            station.start()
        self._order, self.config_sha256 = tuple(order), config_sha256
        if failed:
            raise DeliveryError("; ".join(failed))

    def cameras(self) -> Sequence[CameraView]:
        """Every camera, in the order of the configuration."""
        return [station.view() for station in self.stations()]

    @property
    def trouble(self) -> str | None:
        """Why the daemon as a whole cannot do its work; None when it can."""
        if self._workers.ended:
            return "a detection worker has ended"
        return self.scribe.trouble or self.outside_trouble

    def heard(self, incident_id: str) -> None:
        """A platform has said something of an incident; raises DeliveryError when it cannot be read."""
        notes = self._sites.notes(incident_id)
        if notes and notes[-1].status is PlatformStatus.RESOLVED:
            for station in self.stations():
                station.post.resolved(incident_id)

    def note_states(self) -> None:
        """Write down what is so with each camera, where that has changed; raises DeliveryError."""
        for station in self.stations():
            states = station.states()
            told = frozenset((one.state, one.detail) for one in states)
            if self._known_states.get(station.id) != told:
                self._sites.set_camera(station.id, states)
                self._known_states[station.id] = told

    def stop(self, *, timeout_s: float) -> bool:
        """Read no more, finish the frames at hand, write everything down; whether all that was done in time."""
        share_s = timeout_s / 3
        stations = self.stations()
        for station in stations:
            station.stop(timeout_s=0.0)
        done = self._workers.stop(timeout_s=share_s)
        for station in stations:
            station.post.save()
        done = self.scribe.stop(timeout_s=share_s) and done
        for station in stations:
            station.stop(timeout_s=share_s / max(1, len(stations)))
        return done

    def stations(self) -> list[Station]:
        """Every camera's, in the order of the configuration."""
        with self._lock:
            stations = dict(self._stations)
        ordered = [stations.pop(camera) for camera in self._order if camera in stations]
        return [*ordered, *stations.values()]

    def _remove(self, camera: str, *, flush_s: float) -> bool:
        """Whether all that was found is written down."""
        with self._lock:
            station = self._stations.pop(camera, None)
        if station is None:
            return True
        station.stop(timeout_s=_FRAME_S)
        self._turns.forget(camera, timeout_s=_FRAME_S)
        station.post.save()
        self._known_states.pop(camera, None)
        return self.scribe.flush(timeout_s=flush_s)  # its successor reads back what it knew

    def _refuse_unrecorded(self, camera: str) -> None:
        """A station reads back what the one before it wrote: not before that is written. Raises DeliveryError."""
        if self.scribe.holds(camera):
            raise DeliveryError(f"camera {camera}: what it found before it was changed is not recorded yet")

    def _listen_again(self, station: Station) -> None:
        """What was called resolved before the restart is still to be borne out."""
        for incident_id in station.post.standing_ids:
            notes = self._sites.notes(incident_id)
            if (
                notes
                and notes[-1].status is PlatformStatus.RESOLVED
                and not station.post.contradicted(incident_id, notes[-1].at)
            ):
                station.post.resolved(incident_id)
