"""Incidents over HTTP: looking them up, and taking back what platforms say of them."""

import json
import reprlib
from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Body, Path, Query, Response

from cvinspect.api.models import (
    LONGEST_ID,
    IncidentAnswer,
    IncidentQuery,
    IncidentsAnswer,
    Note,
    Revision,
    StatusWord,
)
from cvinspect.api.problems import ApiError, Problem
from cvinspect.daemon import Cameras
from cvinspect.errors import ConfigError
from cvinspect.records.incident import IncidentRecord
from cvinspect.store.queries import IncidentQueries
from cvinspect.store.site_store import PlatformNote, PlatformStatus, SiteStore

IncidentId = Annotated[
    str, Path(min_length=1, max_length=LONGEST_ID, pattern=r"^[^\x00]+$", description="The incident's id.")
]
RevisionNumber = Annotated[int, Path(ge=0, le=2_147_483_647, description="The revision's number.")]

_AFTER_CLOSED = (PlatformStatus.ACCEPTED, PlatformStatus.DISPATCHED, PlatformStatus.CLOSED)
"""What may be said of a case that was closed: that it is opened again, or once more that it is closed."""

_MOST_NAMED = 20

_NO_PLACE = "There is no incident to go on after."

_UNKNOWN: dict[int | str, dict[str, Any]] = {404: {"model": Problem, "description": "There is no such incident."}}


def incident_routes(queries: IncidentQueries, sites: SiteStore, cameras: Cameras) -> APIRouter:
    """Reading incidents, and what platforms have done with them."""
    router = APIRouter(tags=["incidents"])

    @router.get("/incidents", responses={200: {"model": IncidentsAnswer}, 404: {"description": _NO_PLACE}})
    def incidents(query: Annotated[IncidentQuery, Query()]) -> Response:
        """The latest revision of incidents and pre-alarms, the one that was first seen last first."""
        _refuse_unknown(query, queries, cameras)
        try:
            page = queries.page(query.wanted, limit=query.limit, after=query.after)
        except ConfigError as error:
            raise ApiError(404, f"query.{error}") from error
        head = f'"total":{page.total},"next":{json.dumps(page.after)}'
        return _as_recorded(f'{{{head},"incidents":[{",".join(page.bodies)}]}}')

    @router.get("/incidents/{incident_id}", responses={200: {"model": IncidentAnswer}, **_UNKNOWN})
    def incident(incident_id: IncidentId) -> Response:
        """One incident: its latest revision, how it came to that, and what platforms have said of it."""
        dossier = queries.dossier(incident_id)
        if dossier is None:
            raise _unknown(incident_id)
        history = [_json(Revision.model_validate(one, from_attributes=True)) for one in dossier.history]
        notes = [_json(_note(one)) for one in sites.notes(incident_id)]
        tail = f'"history":[{",".join(history)}],"notes":[{",".join(notes)}]'
        return _as_recorded(f'{{"incident":{dossier.body},{tail}}}')

    @router.get("/incidents/{incident_id}/revisions/{number}", responses={200: {"model": IncidentRecord}, **_UNKNOWN})
    def revision(incident_id: IncidentId, number: RevisionNumber) -> Response:
        """One revision, letter by letter as it was recorded and sent."""
        body = queries.revision(incident_id, number)
        if body is None:
            raise ApiError(404, f"incident {incident_id}: revision {number} is not known")
        return _as_recorded(body)

    @router.post(
        "/incidents/{incident_id}/status",
        status_code=201,
        responses={
            200: {"model": Note, "description": "It was the last word already; nothing was changed."},
            201: {"description": "It was recorded."},
            400: {"model": Problem, "description": "The body cannot be read."},
            **_UNKNOWN,
            409: {"model": Problem, "description": "The case was closed."},
        },
    )
    def status(incident_id: IncidentId, word: Annotated[StatusWord, Body()], response: Response) -> Note:
        """Keep what a platform has done with an incident, and have the camera look at the place.

        The same word again changes nothing, so that a platform which has got no answer repeats itself.
        """
        if not queries.is_known(incident_id):
            raise _unknown(incident_id)
        _refuse_contradiction(incident_id, sites.notes(incident_id), word)
        is_news = sites.note(incident_id, word.status, by_whom=word.by_whom, why=word.why)
        cameras.heard(incident_id)
        response.status_code = 201 if is_news else 200
        return _note(sites.notes(incident_id)[-1])

    return router


def _refuse_unknown(query: IncidentQuery, queries: IncidentQueries, cameras: Cameras) -> None:
    """An answer of no incidents would look as if there were none. Raises ApiError."""
    asked = (
        ("class", query.class_id, cameras.classes, queries.has_class),
        ("camera", query.camera, cameras.configured, queries.has_camera),
    )
    for key, found, allowed, is_recorded in asked:
        if found is None or found in allowed or is_recorded(found):
            continue
        named = ", ".join(allowed[:_MOST_NAMED]) + (", ..." if len(allowed) > _MOST_NAMED else "")
        raise ApiError(422, f"query.{key}: there is none of this name; allowed: {named}; found {reprlib.repr(found)}")


def _as_recorded(text: str) -> Response:
    return Response(text, media_type="application/json")


def _json(answer: Note | Revision) -> str:
    return answer.model_dump_json()


def _note(said: PlatformNote) -> Note:
    return Note(status=said.status, by_whom=said.by_whom, why=said.why, at=said.at)


def _unknown(incident_id: str) -> ApiError:
    return ApiError(404, f"incident {incident_id}: is not known")


def _refuse_contradiction(incident_id: str, notes: Sequence[PlatformNote], word: StatusWord) -> None:
    """A closed case is opened again or stays closed; else a word that came late would undo the platform's last one."""
    if notes and notes[-1].status is PlatformStatus.CLOSED and word.status not in _AFTER_CLOSED:
        allowed = "accepted or dispatched, which open it again"
        raise ApiError(
            409, f"incident {incident_id}: was closed by {notes[-1].by_whom}, so not {word.status}; allowed: {allowed}"
        )
