"""Incidents as JSON and back, so that the ledger goes on after a restart with the very values it had."""

from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter, ValidationError
from pydantic_core import from_json, to_json

from cvinspect.domain import Incident
from cvinspect.errors import DeliveryError
from cvinspect.taxonomy import Violation

_INCIDENT = TypeAdapter(Incident)


def incident_to_json(incident: Incident) -> str:
    """One line; numbers that are infinite stay so."""
    return to_json(incident, inf_nan_mode="constants").decode()


def incident_from_json(text: str, *, name: str, rules: Mapping[str, Violation] | None = None) -> Incident:
    """The incident; where `rules` hold its class, with the rule as it is now in place of the one it was opened under.

    Raises DeliveryError, which calls it `name`, when the text is no incident of this program.
    """
    try:
        data: Any = from_json(text)
        rule = (rules or {}).get(data["violation"]["id"])
        if rule is not None:
            data["violation"] = from_json(to_json(rule, inf_nan_mode="constants"))
        return _INCIDENT.validate_json(to_json(data, inf_nan_mode="constants"))
    except (ValidationError, ValueError, KeyError, TypeError) as error:
        fault = error.errors()[0]["loc"] if isinstance(error, ValidationError) else error
        raise DeliveryError(f"incident {name}: what is stored of it cannot be read: {fault}") from error
