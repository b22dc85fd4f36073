"""Errors of the API as one line each: problem details, RFC 9457."""

import reprlib

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.responses import Response

from cvinspect.api import examples
from cvinspect.errors import DeliveryDelayed, DeliveryError

MEDIA_TYPE = "application/problem+json"

_RETRY_AFTER_S = 5
"""How long a locked database or a server that restarts usually takes."""

_TITLES = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    409: "Conflict",
    413: "Content Too Large",
    416: "Range Not Satisfiable",
    421: "Misdirected Request",
    422: "Unprocessable Content",
    503: "Service Unavailable",
}

_FOUND = reprlib.Repr()
_FOUND.maxstring = _FOUND.maxother = _FOUND.maxlong = 60


_PLAIN_WORDS = {
    "model_attributes_type": "a JSON object is needed",
    "missing": "is missing",
    "string_pattern_mismatch": "is blank, or holds a letter that is not allowed",
    "timezone_aware": "the offset from UTC is missing; allowed: 2026-11-21T10:00:00Z, 2026-11-21T10:00:00%2B08:00",
}
"""What pydantic says of patterns and of Python's types, in plain words."""

_SAY_ALL = ("missing", "unknown_key", "json_invalid", "value_error")
"""Kinds of faults whose words say already what was found."""


class Problem(BaseModel):
    """What went wrong."""

    model_config = ConfigDict(json_schema_extra=examples.shown(examples.PROBLEM))

    type: str = Field("about:blank", description="Always about:blank: the status says what kind of problem it is.")
    title: str = Field(description="The status in words.")
    status: int = Field(description="The HTTP status.")
    detail: str = Field(description="One line: what was found, what is allowed.")


def problem(status: int, detail: str, **headers: str) -> Response:
    """The answer; underscores in names of headers stand for hyphens."""
    found = Problem(type="about:blank", title=_TITLES.get(status, "Error"), status=status, detail=_on_one_line(detail))
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Response(found.model_dump_json(), status, named, MEDIA_TYPE)


class ApiError(Exception):
    """A request that cannot be answered as asked."""

    def __init__(self, status: int, detail: str, **headers: str) -> None:
        """Underscores in names of headers stand for hyphens."""
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.headers = headers


def tell_problems(app: FastAPI) -> None:
    """Have every error of the application answered as a problem."""
    app.add_exception_handler(ApiError, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(DeliveryError, _unavailable)
    app.add_exception_handler(HTTPException, _unrouted)
    app.add_exception_handler(Exception, _at_fault)


async def _refused(request: Request, error: Exception) -> Response:  # noqa: ARG001
    assert isinstance(error, ApiError)
    return problem(error.status, error.detail, **error.headers)


async def _invalid(request: Request, error: Exception) -> Response:  # noqa: ARG001
    assert isinstance(error, RequestValidationError)
    faults = error.errors()
    first = faults[0]
    place = ".".join(str(part) for part in first["loc"])
    says = _PLAIN_WORDS.get(first["type"]) or str(first["msg"]).removeprefix("Value error, ")
    found = "" if first["type"] in _SAY_ALL else f"; found {_FOUND.repr(first.get('input'))}"
    more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
    return problem(422, f"{place}: {says}{found}{more}")


async def _unavailable(request: Request, error: Exception) -> Response:  # noqa: ARG001
    passing = {"retry_after": str(_RETRY_AFTER_S)} if isinstance(error, DeliveryDelayed) else {}
    return problem(503, str(error), **passing)


async def _unrouted(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    headers = {name.replace("-", "_"): value for name, value in (error.headers or {}).items()}
    match error.status_code:
        case 404:
            return problem(
                404, f"{request.scope['path'][:200]}: there is nothing here; /openapi.json says what there is"
            )
        case 405:
            return problem(405, f"{request.method} is not allowed here", **headers)
        case status:
            return problem(status, str(error.detail), **headers)


async def _at_fault(request: Request, error: Exception) -> Response:  # noqa: ARG001
    """What the fault is stands in the log: starlette raises it on to the server, which writes it there."""
    return problem(500, f"a fault of this program: {type(error).__name__}; its log says more")


def _on_one_line(text: str) -> str:
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
