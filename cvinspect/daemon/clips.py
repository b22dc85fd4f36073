"""Clips of what the cameras find, taken once what follows has been filmed: one thread, beside the inspection."""

import logging
import threading
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from cvinspect.domain import Change, ChangeKind
from cvinspect.errors import DeliveryError
from cvinspect.evidence import Picture
from cvinspect.evidence.clips import AFTER_S, BEFORE_S, Beginning, store_clip
from cvinspect.sources.decoding.packet_ring import PacketRing
from cvinspect.sources.live.states import Sample

_LOG = logging.getLogger(__name__)

_LOOK_S = 0.25
_PATIENCE_S = 5.0
"""So long after the last moment it should show, a clip is taken as it is: the camera may be gone."""

_WRITES_S = 5.0
"""How long a clip that is being written at this moment is waited for."""


@dataclass(frozen=True, slots=True)
class _Order:
    incident_id: str
    ring: PacketRing
    sample: Sample
    """The one that proved the violation."""


class ClipTaker:
    """Takes clips of violations of all cameras. Safe to use from many threads.

    A clip that cannot be taken is told in the log; the incident goes without it.
    """

    def __init__(self, folder: Path, *, seconds: Callable[[], float], may_keep: Callable[[], bool]) -> None:
        """`folder` is what records' URIs are relative to, `seconds` the clock of samples and rings."""
        self._folder = folder
        self._seconds = seconds
        self._may_keep = may_keep
        self._condition = threading.Condition()
        self._orders: dict[str, _Order] = {}
        self._busy: set[str] = set()
        self._done: dict[str, Picture] = {}
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="clips", daemon=True)

    def start(self) -> None:
        """Begin to take clips; once."""
        self._thread.start()

    def stop(self, *, timeout_s: float) -> bool:
        """Take no more clips; whether the thread ended in time."""
        with self._condition:
            self._stopping = True
            self._condition.notify_all()
        if self._thread.ident is not None:
            self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def want(self, incident_id: str, ring: PacketRing, sample: Sample) -> None:
        """Have a clip taken around the sample that proved a violation; once for each incident. Never blocks."""
        with self._condition:
            if incident_id not in self._done.keys() | self._busy:
                self._orders[incident_id] = _Order(incident_id, ring, sample)
                self._condition.notify_all()

    def done(self, incident_ids: Collection[str]) -> Mapping[str, Picture]:
        """Which of these incidents' clips are there, and not forgotten yet."""
        with self._condition:
            return {key: clip for key, clip in self._done.items() if key in incident_ids}

    def finish(self, incident_id: str) -> Picture | None:
        """The clip as far as it goes now; None where there is none to be had, or it is forgotten."""
        with self._condition:
            order = self._begin(self._orders.get(incident_id))
        if order is not None:
            self._take(order)
        with self._condition:
            self._condition.wait_for(lambda: incident_id not in self._busy, _WRITES_S)
            return self._done.get(incident_id)

    def forget(self, incident_ids: Collection[str]) -> None:
        """These are recorded, or not wanted any more."""
        with self._condition:
            for incident_id in incident_ids:
                self._orders.pop(incident_id, None)
                self._busy.discard(incident_id)
                self._done.pop(incident_id, None)

    def _run(self) -> None:
        while True:
            with self._condition:
                self._condition.wait_for(lambda: self._orders or self._stopping)
                if self._stopping:
                    return
                order = self._begin(next(filter(self._is_due, self._orders.values()), None))
                if order is None:
                    self._condition.wait(_LOOK_S)
                    continue
            self._take(order)

    def _is_due(self, order: _Order) -> bool:
        ends_s = order.sample.captured_s + AFTER_S
        return order.ring.newest_s >= ends_s or self._seconds() >= ends_s + _PATIENCE_S

    def _begin(self, order: _Order | None) -> _Order | None:
        if order is not None:
            del self._orders[order.incident_id]
            self._busy.add(order.incident_id)
        return order

    def _take(self, order: _Order) -> None:
        clip = None
        try:
            clip = self._clip(order)
        except DeliveryError as error:
            _LOG.error("incident %s goes without a clip: %s", order.incident_id, error)
        except Exception:  # noqa: BLE001  # the other cameras' clips are still to be taken
            _LOG.exception("incident %s goes without a clip: a fault of this program", order.incident_id)
        finally:
            with self._condition:
                if clip is not None and order.incident_id in self._busy:
                    self._done[order.incident_id] = clip
                self._busy.discard(order.incident_id)
                self._condition.notify_all()

    def _clip(self, order: _Order) -> Picture | None:
        sample = order.sample
        if not self._may_keep():  # why is told elsewhere
            return None
        cutting = order.ring.cut(sample.captured_s, before_s=BEFORE_S, after_s=AFTER_S)
        if cutting is None:
            why = order.ring.trouble or "nothing is held of the camera's video of that moment"
            raise DeliveryError(f"camera {sample.frame.camera}: {why}")
        earlier = timedelta(seconds=sample.captured_s - cutting.begins_s)
        return store_clip(self._folder, order.incident_id, cutting, Beginning(sample.frame.captured_at - earlier))


class CameraClips:
    """One camera's way to its clips; without a ring there are none."""

    def __init__(self, taker: ClipTaker | None = None, ring: PacketRing | None = None) -> None:
        self._taker = taker
        self._ring = ring

    def want(self, changes: Iterable[Change], sample: Sample) -> None:
        """Have clips taken of the violations that this sample proved."""
        for change in changes:
            if change.kind is ChangeKind.OPENED and self._taker is not None and self._ring is not None:
                self._taker.want(change.incident.id, self._ring, sample)

    def done(self, incident_ids: Collection[str]) -> Mapping[str, Picture]:
        """Clips that are there and in no record yet."""
        return {} if self._taker is None else self._taker.done(incident_ids)

    def finish(self, incident_id: str) -> Picture | None:
        """The clip of an incident that ends, as far as it goes, unless a record has it already."""
        return None if self._taker is None else self._taker.finish(incident_id)

    def forget(self, incident_ids: Collection[str]) -> None:
        """These are in records, or not wanted any more."""
        if self._taker is not None:
            self._taker.forget(incident_ids)
