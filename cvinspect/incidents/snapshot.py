"""What a camera's ledger knows, as text and back: after a restart it goes on as if it had only lost the connection."""

import base64
import binascii
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pydantic import TypeAdapter, ValidationError
from pydantic_core import from_json, to_json

from cvinspect.domain import FIRST_VIEW, Incident, Moment, Reason
from cvinspect.geometry import bounding
from cvinspect.incidents.appearance import Appearance
from cvinspect.incidents.members import Members
from cvinspect.incidents.rest import Rest
from cvinspect.incidents.standing import Standing
from cvinspect.incidents.testimony import Testimony
from cvinspect.taxonomy import Violation
from cvinspect.views.known import KnownView


@dataclass(slots=True, eq=False)
class LedgerState:
    """Everything that a ledger knows of the street."""

    standings: list[Standing]
    past: list[Standing]
    """Cleared ones, for what comes back; the oldest first."""
    latest: Moment | None
    """Of the last frame, in the ledger's own time."""
    size: tuple[int, int] | None
    """Width and height of the last frame, pixels: what all boxes are measured in."""


@dataclass(slots=True)
class VisitState:
    """What is known of one view, to go on from."""

    id: str
    ledger: LedgerState
    known: KnownView | None = None
    """How it looks; None: nobody knows, and the first picture tells."""
    last_s: float | None = None
    """When it was last looked at, seconds of the camera's clock."""
    begun_s: float | None = None
    """When it was last turned to."""
    apart_s: tuple[float, ...] = ()
    """From each visit to the next, the last few."""


@dataclass(slots=True)
class TourState:
    """What is known of all views of a camera, to go on from."""

    views: list[VisitState]
    latest: Moment | None
    """The last picture on the camera's clock, which goes on over runs."""

    @property
    def standings(self) -> list[Standing]:
        """Of all views."""
        return [standing for view in self.views for standing in view.ledger.standings]

    @property
    def past(self) -> list[Standing]:
        """Of all views."""
        return [standing for view in self.views for standing in view.ledger.past]


_LEDGER = TypeAdapter(LedgerState)
_TOUR = TypeAdapter(TourState)


def tour_to_text(state: TourState) -> str:
    """ASCII, compressed: some kilobytes a standing, some twenty a view."""
    return _packed(_TOUR.dump_python(state))


def tour_from_text(text: str, *, rules: Mapping[str, Violation]) -> TourState:
    """The state; where `rules` hold a standing's class, it goes on under the rule as it is now.

    What an older version wrote is the ledger of the camera's only view. Raises ValueError when the text is neither.
    """
    data = _unpacked(text)
    if not isinstance(data, dict) or "views" not in data:
        return tour_of(state_from_text(text, rules=rules))
    try:
        state = _TOUR.validate_python(data)
    except ValidationError as error:
        raise _unreadable(error) from error
    for view in state.views:
        _under(rules, view.ledger)
    return state


def tour_of(ledger: LedgerState, *, view: str = FIRST_VIEW) -> TourState:
    """Of a camera of which nothing but the ledger of one view is known."""
    last_s = None if ledger.latest is None else ledger.latest.media_s
    return TourState([VisitState(view, ledger, last_s=last_s, begun_s=last_s)], ledger.latest)


def state_to_text(state: LedgerState) -> str:
    """The same of one ledger alone."""
    return _packed(_LEDGER.dump_python(state))


def state_from_text(text: str, *, rules: Mapping[str, Violation]) -> LedgerState:
    """The state of one ledger; where `rules` hold a standing's class, it goes on under the rule as it is now.

    Raises ValueError when the text is none of this version.
    """
    try:
        state = _LEDGER.validate_python(_unpacked(text))
    except ValidationError as error:
        raise _unreadable(error) from error
    _under(rules, state)
    return state


def _packed(data: object) -> str:
    return base64.b85encode(zlib.compress(to_json(data, inf_nan_mode="constants"), level=1)).decode()


def _unpacked(text: str) -> Any:  # noqa: ANN401
    try:
        return from_json(zlib.decompress(base64.b85decode(text)))
    except (zlib.error, binascii.Error, ValueError) as error:
        raise _unreadable(error) from error


def _unreadable(error: Exception) -> ValueError:
    return ValueError(f"what is stored of the ledger cannot be read: {type(error).__name__}")


def _under(rules: Mapping[str, Violation], state: LedgerState) -> None:
    for standing in (*state.standings, *state.past):
        rule = rules.get(standing.incident.violation.id, standing.incident.violation)
        standing.incident = replace(standing.incident, violation=rule)


def tour_of_incidents(standing: Sequence[Incident]) -> TourState:
    """What can be gone on from when only the incidents of a camera are left."""
    views = dict.fromkeys(one.view or FIRST_VIEW for one in standing)
    ledgers = {view: state_of([one for one in standing if (one.view or FIRST_VIEW) == view]) for view in views}
    latest = max((one.last_seen for one in standing), key=lambda moment: moment.at, default=None)
    return TourState([VisitState(view, ledger) for view, ledger in ledgers.items()], latest)


def state_of(standing: Sequence[Incident]) -> LedgerState:
    """What can be gone on from when only the incidents are left: known by class and place, not by look."""
    latest = max((one.last_seen for one in standing), key=lambda moment: moment.media_s, default=None)
    return LedgerState([_standing_of(one) for one in standing if one.objects], [], latest, None)


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
