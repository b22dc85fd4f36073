"""Incidents that stand and that nothing asks for any more, since a zone, a rule or a camera was changed."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC

from cvinspect.daemon.incident_lines import tell_withdrawn
from cvinspect.daemon.shared_parts import SharedParts
from cvinspect.domain import Camera, ChangeKind, Incident, Location, Reason, Status
from cvinspect.errors import DeliveryDelayed, DeliveryError
from cvinspect.incidents.snapshot import LedgerState, TourState
from cvinspect.records.incident import IncidentRecord, RecordContext
from cvinspect.rules.asking import in_its_zone, no_longer_asked
from cvinspect.store import Entry, Snapshot
from cvinspect.taxonomy import Violation

_LOG = logging.getLogger(__name__)


def closed(incident: Incident, reason: Reason) -> Incident:
    """The incident's last revision."""
    return replace(incident, status=Status.CLOSED, revision=incident.revision + 1, reason=reason)


def shown_in(camera: Camera, view: str) -> Camera | None:
    """The camera with the zones that hold in a view of it; None: it is none of its views.

    Where no views are named, whatever somebody has taken for right is what the zones were drawn in.
    """
    return camera.showing(view) if camera.views else camera


def withdraw(
    state: TourState, camera: Camera, rules: Mapping[str, Violation], *, before: Mapping[str, Violation]
) -> list[Incident]:
    """Take out of the state of a camera's ledgers what nothing asks for any more; what of that had been told of.

    `before`: the rule that each incident stood under, by its id, as far as that is known. A view that is named no more
    goes with all that stands in it.
    """
    withdrawn = list[Incident]()
    for view in [*state.views]:
        shown = shown_in(camera, view.id)
        if shown is not None:
            withdrawn += _withdraw(view.ledger, shown, rules, before=before)
            continue
        state.views.remove(view)
        standing = (one.incident for one in view.ledger.standings if one.announced)
        withdrawn += [closed(incident, Reason.ZONE_CHANGED) for incident in standing]
    for one in withdrawn:
        tell_withdrawn(one)
    return withdrawn


def _withdraw(
    state: LedgerState, camera: Camera, rules: Mapping[str, Violation], *, before: Mapping[str, Violation]
) -> list[Incident]:
    withdrawn, kept = list[Incident](), []
    for standing in state.standings:
        incident = standing.incident
        rule = before.get(incident.id)
        reason = no_longer_asked(incident, rules, camera, before=rule, size=state.size)
        if reason is None:
            if state.size is not None and incident.zone is not None and incident.zone not in camera.zones:
                standing.incident = in_its_zone(incident, rules[incident.violation.id], camera, state.size)
            kept.append(standing)
        elif standing.announced:
            withdrawn.append(closed(incident, reason))
    state.standings = kept
    return withdrawn


def withdraw_removed(watched: Sequence[str], shared: SharedParts, *, config_sha256: str) -> bool:
    """Close what stands of cameras that are not among those `watched`; whether that is done, or must be tried again."""
    try:
        for camera in shared.store.cameras_with_standing():
            if camera not in watched:
                if shared.writer.holds(camera):
                    return False
                _withdraw_all(camera, shared, config_sha256)
    except DeliveryError as error:
        _LOG.error("what stands of removed cameras cannot be withdrawn now, and is tried again: %s", error)
        return False
    return True


def _withdraw_all(camera: str, shared: SharedParts, config_sha256: str) -> None:
    entries = []
    for incident in shared.store.standing(camera):
        try:
            history = shared.store.history(incident.id)
        except DeliveryDelayed:
            raise
        except DeliveryError as error:
            _LOG.error("camera %s: %s; it is not withdrawn, though its camera is gone", camera, error)
            continue
        one = closed(incident, Reason.CAMERA_REMOVED)
        entries.append(Entry(one, _told_last(one, history[-1], config_sha256)))
        tell_withdrawn(one)
    if entries:
        shared.writer.put(camera, entries, _without_standings(camera, shared))


def _told_last(incident: Incident, before: IncidentRecord, config_sha256: str) -> IncidentRecord:
    """The record of a closed incident, of whose camera only what was recorded is known any more."""
    camera = Camera(
        before.camera.id, Location(**before.location.model_dump(exclude={"crs"})), (), before.camera.device_gbid
    )
    context = RecordContext(
        timezone=before.first_seen_at.tzinfo or UTC,
        clock=before.clock,
        source=before.source,
        model_name=before.model.name,
        model_sha256=before.model.sha256,
        config_sha256=config_sha256,
        live=before.media is None,
        careful_model=before.careful_model,
    )
    return IncidentRecord.from_incident(
        incident, ChangeKind.CLOSED, camera, backing=before.backing, evidence=before.evidence, context=context
    )


def _without_standings(camera: str, shared: SharedParts) -> Snapshot | None:
    """The ledger's state, which still knows of what was cleared; None where it is damaged, or there is none."""
    snapshot = shared.store.snapshot(camera)
    try:
        read = None if snapshot is None else shared.clock.read(snapshot, rules={})
    except ValueError:  # told and set aside should the camera come back
        return None
    if read is None:
        return None
    state, captured_s = read
    for view in state.views:
        view.ledger.standings = []
    return shared.clock.written(state, captured_s or 0.0)
