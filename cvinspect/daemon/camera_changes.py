"""From one configuration's cameras to the next one's: what is gone, what is new, and what could not begin yet."""

import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial

from cvinspect.daemon.camera_builder import CameraBuilder
from cvinspect.daemon.camera_queue import CameraQueue
from cvinspect.daemon.cameras import CameraSet
from cvinspect.daemon.shared_parts import SharedParts
from cvinspect.daemon.unwritten import UnwrittenKeeper
from cvinspect.daemon.watched_camera import WatchedCamera
from cvinspect.daemon.withdrawal import withdraw_removed
from cvinspect.errors import DeliveryError

_LOG = logging.getLogger(__name__)

_TRY_AGAIN_S = 10.0


class CameraChanges:
    """Starts what a configuration wants and stops what it wants no longer. For one thread."""

    def __init__(self, cameras: CameraSet, queue: CameraQueue, shared: SharedParts, unwritten: UnwrittenKeeper) -> None:
        """`shared` is what cameras are made with; those that `unwritten` names wait until that is written."""
        self._cameras = cameras
        self._queue = queue
        self._shared = shared
        self._unwritten = unwritten
        self._builder: CameraBuilder | None = None
        self._must_withdraw = False
        self._config_sha256 = ""
        self._try_again_s = shared.seconds() + _TRY_AGAIN_S

    def change(self, builder: CameraBuilder, *, config_sha256: str) -> None:
        """To the cameras of this builder. One that cannot be started now is started later, and takes no other along."""
        before, self._builder, self._config_sha256 = self._builder, builder, config_sha256
        self._cameras.classes = builder.classes
        old = {} if before is None else {name: before.fingerprint(name) for name in before.order}
        new = {name: builder.fingerprint(name) for name in builder.order}
        gone = [name for name, was in old.items() if new.get(name) != was]
        try:
            self._start([name for name, is_now in new.items() if old.get(name) != is_now], gone=gone)
        except DeliveryError as error:
            _LOG.error("cameras that cannot be started now are tried again: %s", error)
        except Exception:  # noqa: BLE001
            _LOG.exception("cameras that cannot be started now are tried again: a fault of this program")
        self._must_withdraw = self._cameras.is_stopping or not self._withdraw_removed()

    def start_what_is_missing(self) -> None:
        """Tried at most every few seconds; a database that cannot be read holds up the asking thread."""
        order = () if self._builder is None else self._builder.order
        missing = set(order) - {watched.id for watched in self._cameras.watched_cameras()}
        now_s = self._shared.seconds()
        if not (missing or self._must_withdraw) or now_s < self._try_again_s:
            return
        self._try_again_s = now_s + _TRY_AGAIN_S
        self._must_withdraw = self._must_withdraw and not self._withdraw_removed()
        with suppress(Exception):  # it was told when it began
            started = self._start([name for name in order if name in missing], gone=()) if missing else ()
            if started:
                _LOG.info("cameras started at last: %s", ", ".join(started))

    def _withdraw_removed(self) -> bool:
        """Whether nothing stands open any more of cameras that are not watched."""
        if self._builder is None or self._unwritten.cameras:
            return self._builder is None
        return withdraw_removed(self._builder.order, self._shared, config_sha256=self._config_sha256)

    def _start(self, names: Sequence[str], *, gone: Sequence[str]) -> list[str]:
        """Which were started. Raises DeliveryError."""
        builder = self._builder
        if builder is None:
            return []
        self._unwritten.settle()
        waiting = [name for name in names if name in self._unwritten.cameras]
        new: dict[str, Callable[[], WatchedCamera]] = {
            name: partial(builder.build, name, self._shared, self._queue) for name in names if name not in waiting
        }
        self._cameras.change(builder.order, gone=gone, new_stations=new, config_sha256=self._config_sha256)
        if waiting:
            raise DeliveryError(f"{', '.join(waiting)}: what the last stop could not write is not written yet")
        return list(new)
