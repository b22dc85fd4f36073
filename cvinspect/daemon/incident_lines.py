"""A line in the log when an incident opens, is doubted, cleared, withdrawn or turns out to stand after all."""

import logging
from collections.abc import Collection, Sequence

from cvinspect.domain import Change, ChangeKind, Incident, Stage

_LOG = logging.getLogger(__name__)

_REOPENED = "is reopened, it had not gone, seen"
_DOUBTED = "is doubted, the careful network does not see it,"
_WORDS = {
    ChangeKind.OPENED: "is opened",
    ChangeKind.CLEARED: "is cleared",
    ChangeKind.NOT_CLEARED: "is not cleared, whatever a platform says, seen",
    ChangeKind.CLOSED: "is closed",
    ChangeKind.REOPENED: _REOPENED,
}


def tell_changes(changes: Sequence[Change], *, cleared_before: Collection[str]) -> None:
    """One line each; `cleared_before`: incidents that counted as cleared. Updates are not told, and
    of pre-alarms only those that are doubted.
    """
    for change in changes:
        word = _word(change, cleared_before)
        if word is not None:
            incident = change.incident
            zone = "" if incident.zone is None else f" in zone {incident.zone.id}"
            _LOG.info(
                "camera %s: %s after %.0f s%s", incident.camera, f"{_named(incident)} {word}", incident.dwell_s, zone
            )


def tell_withdrawn(incident: Incident) -> None:
    """That an incident is withdrawn, for what stands in the configuration now."""
    _LOG.info("camera %s: %s is withdrawn: %s", incident.camera, _named(incident), incident.reason)


def _named(incident: Incident) -> str:
    kind = "incident" if incident.stage is Stage.VIOLATION else "pre-alarm"
    return f"{kind} {incident.id} ({incident.violation.id})"


def _word(change: Change, cleared_before: Collection[str]) -> str | None:
    if change.kind is ChangeKind.DOUBTED:
        return _DOUBTED
    if change.incident.stage is not Stage.VIOLATION:
        return None
    if change.kind is ChangeKind.UPDATED:
        return _REOPENED if change.incident.id in cleared_before else None
    if change.kind is ChangeKind.CLOSED and change.incident.duplicate_of is not None:
        return f"is closed, a duplicate of {change.incident.duplicate_of},"
    return _WORDS.get(change.kind)
