"""The HTTP API of the daemon: put together from its routes, behind its gate, with its description published."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from cvinspect import __version__
from cvinspect.errors import InstallationError

try:
    from fastapi import FastAPI
    from fastapi.openapi.utils import get_openapi
except ImportError as error:
    raise InstallationError(f"{error.name} is not installed: pip install 'cvinspect[daemon]'") from error

from cvinspect.api.evidence import FOLDER as EVIDENCE
from cvinspect.api.evidence import evidence_routes
from cvinspect.api.gate import OPEN_PATHS, BodyLimit, Courtesy, Guard
from cvinspect.api.incidents import incident_routes
from cvinspect.api.masked_clips import MaskedClips
from cvinspect.api.problems import MEDIA_TYPE, Problem, tell_problems
from cvinspect.api.state import Readiness, state_routes
from cvinspect.config.daemon import check_token
from cvinspect.daemon import Cameras
from cvinspect.daemon.metrics import Metrics
from cvinspect.dispatch.dispatcher import Dispatcher
from cvinspect.store.outbox import SqlOutbox
from cvinspect.store.queries import IncidentQueries
from cvinspect.store.site_store import SiteStore

_UNAVAILABLE: dict[int | str, dict[str, Any]] = {503: {"description": "The database cannot be used now."}}

_DESCRIPTION = (
    "Incidents found by the cameras, their evidence, and what platforms have done with them. Every incident is a "
    "`cvinspect.incident/v2` record, as it was recorded (v1 where an older version did). Errors are problem details "
    "(RFC 9457), one line each."
)


def create_app(  # noqa: PLR0913
    *,
    cameras: Cameras,
    queries: IncidentQueries,
    outbox: SqlOutbox,
    sites: SiteStore,
    dispatcher: Dispatcher | None,
    evidence: Path,
    token: str | None,
    now: Callable[[], datetime],
    mask: Callable[[Path, Path], None] | None = None,
    originals: bool = False,
) -> FastAPI:
    """The application.

    `evidence` is the folder that addresses of pictures in records are relative to; `token`: what must be shown for
    everything but health and readiness, None for a daemon that only this machine can reach; `now`: the wall clock,
    aware; `mask` writes a clip, masked, to another path, None: no clips are served; `originals`: whether untouched
    pictures and clips are. Raises ConfigError for a token that is too short or cannot stand in a header.
    """
    if token is not None:
        check_token(token)
    app = FastAPI(
        title="cvinspect",
        version=__version__,
        docs_url=None,  # the usual pages load their scripts from elsewhere
        redoc_url=None,
        redirect_slashes=False,
        generate_unique_id_function=lambda route: route.name,
    )
    app.state.is_guarded = token is not None
    readiness = Readiness(cameras, queries, dispatcher)
    app.include_router(state_routes(cameras, readiness, Metrics(cameras, outbox, dispatcher), now=now))
    app.include_router(incident_routes(queries, sites, cameras), responses=_UNAVAILABLE)
    clips = None if mask is None else MaskedClips(evidence / EVIDENCE, mask)
    app.include_router(evidence_routes(evidence, clips=clips, originals=originals))
    tell_problems(app)
    app.add_middleware(BodyLimit)
    app.add_middleware(Guard, token=token)
    app.add_middleware(Courtesy)
    described = _described(app, is_guarded=token is not None)
    app.openapi = lambda: described  # type: ignore[method-assign]
    return app


def _described(app: FastAPI, *, is_guarded: bool) -> dict[str, Any]:
    """The OpenAPI description, with problems under their media type and the token as what is asked for."""
    found = get_openapi(title=app.title, version=app.version, description=_DESCRIPTION, routes=app.routes)
    found["components"]["schemas"]["Problem"] = Problem.model_json_schema()
    for name in ("HTTPValidationError", "ValidationError"):
        found["components"]["schemas"].pop(name, None)
    for path, operations in found["paths"].items():
        for operation in operations.values():
            _describe(operation, is_guarded=is_guarded and path not in OPEN_PATHS)
    if is_guarded:
        found["components"]["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
    return found


def _describe(operation: dict[str, Any], *, is_guarded: bool) -> None:
    answers = operation["responses"]
    answers["413"] = {"description": "The request's body is too large."}
    if is_guarded:
        operation["security"] = [{"token": []}]
        answers["401"] = {"description": "The token is missing or wrong."}
    for status, answer in answers.items():
        if int(status) >= 400:
            answer["content"] = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
            answer["description"] = _PLAIN.get(answer["description"], answer["description"])


_PLAIN = {"Validation Error": "Something that was asked for or sent is none of what is allowed."}
