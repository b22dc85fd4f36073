"""What an incident is called: the same name for the same violation, whenever its recording is read."""

import uuid

from cvinspect.domain import Incident, Moment, Sighting, Stage, Status

_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "https://cvinspect.invalid/incident")


def incident_id(camera: str, sighting: Sighting, source: str | None) -> str:
    """The same for the same recording, whenever it is read again; a recording's wall time may be a guess."""
    since = sighting.rest_since
    seen = f"{since.at.isoformat(timespec='milliseconds')}" if source is None else f"{source}@{since.media_s:.3f}"
    place = ",".join(f"{value:.0f}" for value in sighting.box.xyxy)
    return str(uuid.uuid5(_NAMESPACE, f"{camera}|{sighting.violation.id}|{seen}|{place}"))


def first_seen(camera: str, sighting: Sighting, moment: Moment, source: str | None) -> Incident:
    """What is known of an incident with the first still sight of a thing, at that moment."""
    return Incident(
        id=incident_id(camera, sighting, source),
        revision=0,
        camera=camera,
        violation=sighting.violation,
        zone=sighting.zone,
        stage=Stage.PRE_ALARM,
        status=Status.OPEN,
        objects=(),
        confidence=0.0,
        first_seen=sighting.rest_since,
        last_seen=moment,
    )
