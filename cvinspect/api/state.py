"""How the daemon is, over HTTP: alive, ready, its cameras, its figures."""

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime

from fastapi import APIRouter, Request
from fastapi.responses import Response

from cvinspect import __version__
from cvinspect.api.models import CameraAnswer, CamerasAnswer, HealthAnswer, ReadyAnswer
from cvinspect.api.problems import ApiError, Problem
from cvinspect.daemon import Cameras, CameraStatus
from cvinspect.daemon.metrics import CONTENT_TYPE, Metrics
from cvinspect.dispatch.dispatcher import Dispatcher
from cvinspect.errors import DeliveryError
from cvinspect.store.queries import IncidentQueries

_MOST_NAMED = 5
_CONNECTING = "connecting"
"""State of a camera of which nothing is known yet."""


class Readiness:
    """Why the daemon is not ready to work."""

    def __init__(self, cameras: Cameras, queries: IncidentQueries, dispatcher: Dispatcher | None) -> None:
        self._cameras = cameras
        self._queries = queries
        self._dispatcher = dispatcher
        self._proving = threading.Lock()
        self._database: str | None = None
        """What the last attempt at the database said; None when it can be written."""

    def faults(self) -> list[str]:
        """One line each; none when it is ready."""
        told = (self._cameras.trouble, self._database_fault(), *self._untried(), *self._sinks())
        return list(dict.fromkeys(line for line in told if line is not None))

    def _database_fault(self) -> str | None:
        """Whether it can be written now; one asks at a time, so that many who ask cannot keep the cameras out."""
        if self._proving.acquire(blocking=False):
            try:
                self._queries.prove_writable()
                self._database = None
            except DeliveryError as error:
                self._database = str(error)
            finally:
                self._proving.release()
        return self._database

    def _untried(self) -> Sequence[str]:
        """Of every configured camera it is to be known whether it can be reached."""
        tried = {one.id for one in self._cameras.statuses() if _was_tried(one)}
        configured = self._cameras.configured
        if not configured:
            return ["no camera is configured"]
        untried = [camera for camera in configured if camera not in tried]
        if not untried:
            return ()
        named = ", ".join(untried[:_MOST_NAMED]) + (", ..." if len(untried) > _MOST_NAMED else "")
        return [f"{len(untried)} of {len(configured)} cameras were not tried yet: {named}"]

    def _sinks(self) -> Sequence[str]:
        ended = self._dispatcher.ended if self._dispatcher is not None else ()
        return [f"sink {name}: its thread has ended" for name in ended]


def state_routes(watched: Cameras, readiness: Readiness, metrics: Metrics, *, now: Callable[[], datetime]) -> APIRouter:
    """Health, readiness, cameras and metrics; `now` is the wall clock, aware."""
    router = APIRouter(tags=["state"])

    @router.get("/health")
    async def health(request: Request) -> HealthAnswer:
        """Whether the process works; asks neither database nor disk, so that it answers whatever they do."""
        statuses = watched.statuses()
        is_authorised = bool(request.state.is_authorised)
        return HealthAnswer(
            status="ok",
            version=__version__,
            uptime_s=max(0.0, round((now() - watched.started_at).total_seconds(), 3)),
            camera_states=Counter(state.state for camera in statuses for state in camera.states),
            cameras=_states(statuses) if is_authorised else None,
            trouble=watched.trouble,
            reload_error=watched.reload_error if is_authorised else None,
            config_sha256=watched.config_sha256 if is_authorised else None,
        )

    @router.get("/ready", responses={503: {"model": Problem, "description": "Why not."}})
    def ready() -> ReadyAnswer:
        """Whether each camera was tried once, whether it can be reached or not, and the database can be written."""
        if faults := readiness.faults():
            raise ApiError(503, "; ".join(faults))
        return ReadyAnswer(status="ready")

    @router.get("/cameras")
    def cameras() -> CamerasAnswer:
        """How each camera is, in the order of the configuration."""
        views = [CameraAnswer.model_validate(one, from_attributes=True) for one in watched.statuses()]
        return CamerasAnswer(cameras=tuple(views))

    @router.get(
        "/metrics",
        response_class=Response,
        responses={200: {"description": "For Prometheus.", "content": {"text/plain": {"schema": {"type": "string"}}}}},
    )
    def figures() -> Response:
        """The figures of cameras, incidents and sinks, in Prometheus' text format."""
        return Response(metrics.text(), headers={"content-type": CONTENT_TYPE})

    return router


def _was_tried(camera: CameraStatus) -> bool:
    is_told = any(one.state != _CONNECTING for one in camera.states)
    return bool(is_told or camera.connections or camera.failures)


def _states(cameras: Sequence[CameraStatus]) -> dict[str, tuple[str, ...]]:
    return {camera.id: tuple(state.state for state in camera.states) for camera in cameras}
