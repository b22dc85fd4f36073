"""What a camera's ledger knows, as text and back: after a restart it goes on as if it had only lost the connection."""

import base64
import binascii
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pydantic import TypeAdapter, ValidationError
from pydantic_core import from_json, to_json

from cvinspect.domain import Incident, Moment, Reason
from cvinspect.geometry import bounding
from cvinspect.incidents.appearance import Appearance
from cvinspect.incidents.members import Members
from cvinspect.incidents.rest import Rest
from cvinspect.incidents.standing import Standing
from cvinspect.incidents.testimony import Testimony
from cvinspect.incidents.view import KnownView
from cvinspect.taxonomy import Violation


@dataclass(slots=True, eq=False)
class LedgerState:
    """Everything that a ledger knows of the street."""

    standings: list[Standing]
    past: list[Standing]
    """Cleared ones, for what comes back; the oldest first."""
    view: KnownView
    latest: Moment | None
    """Of the last frame, in the ledger's own time."""
    size: tuple[int, int] | None
    """Width and height of the last frame, pixels: what all boxes are measured in."""


_STATE = TypeAdapter(LedgerState)


def state_to_text(state: LedgerState) -> str:
    """ASCII, compressed: some kilobytes a standing."""
    plain = to_json(_STATE.dump_python(state), inf_nan_mode="constants")
    return base64.b85encode(zlib.compress(plain, level=1)).decode()


def state_from_text(text: str, *, rules: Mapping[str, Violation]) -> LedgerState:
    """The state; where `rules` hold a standing's class, it goes on under the rule as it is now.

    Raises ValueError when the text is none of this version.
    """
    try:
        data: Any = from_json(zlib.decompress(base64.b85decode(text)))
        state = _STATE.validate_python(data)
    except (zlib.error, binascii.Error, ValidationError, ValueError) as error:
        raise ValueError(f"what is stored of the ledger cannot be read: {type(error).__name__}") from error
    for standing in (*state.standings, *state.past):
        rule = rules.get(standing.incident.violation.id, standing.incident.violation)
        standing.incident = replace(standing.incident, violation=rule)
    return state


def state_of(standing: Sequence[Incident]) -> LedgerState:
    """What can be gone on from when only the incidents are left: known by class and place, not by look."""
    latest = max((one.last_seen for one in standing), key=lambda moment: moment.media_s, default=None)
    return LedgerState([_standing_of(one) for one in standing if one.objects], [], KnownView(), latest, None)


def _standing_of(incident: Incident) -> Standing:
    places = {-number: one.box for number, one in enumerate(incident.objects, start=1)}
    home = bounding(list(places.values()))
    return Standing(
        incident,
        Appearance(home),
        members=Members.of(places, incident.first_seen, incident.last_seen),
        rest=Rest.known(home, incident.first_seen.media_s),
        told_until_s=incident.last_seen.media_s,
        announced=True,
        pictured_again=True,
        testimony=Testimony(is_doubt_told=incident.reason is Reason.NOT_BORNE_OUT),
    )
