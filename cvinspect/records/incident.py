"""`cvinspect.incident/v2`: the wire format of one revision of one incident.

What was recorded as version 1, without the fields that are new in version 2, can be read all the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any, Literal

from pydantic import Field

from cvinspect.domain import Camera, ChangeKind, Incident, Moment, Stage, Status, Zone
from cvinspect.records import Backing
from cvinspect.records.parts import (
    CameraPart,
    CodePart,
    Confidence,
    EvidencePart,
    FileName,
    Identifier,
    Instant,
    LocationPart,
    MediaPart,
    ModelPart,
    NamesPart,
    ObjectPart,
    RecordPart,
    Seconds,
    Sha256,
    ZonePart,
)
from cvinspect.taxonomy import WHOLE_PICTURE

Schema = Literal["cvinspect.incident/v1", "cvinspect.incident/v2"]
SCHEMA: Schema = "cvinspect.incident/v2"
SCHEMA_IDS: dict[Schema, str] = {
    "cvinspect.incident/v1": "urn:cvinspect:schema:incident:v1",
    "cvinspect.incident/v2": "urn:cvinspect:schema:incident:v2",
}

QUICK, CAREFUL = "quick", "careful"
"""In `seen_by`: the network that looks at every sample, and the one that looks again."""


@dataclass(frozen=True, slots=True)
class RecordContext:
    """What is true of every record of one input."""

    timezone: tzinfo
    """Of the site: the offset that times are written with."""
    clock: str
    """What the capture times rest on: given, container, exif, file or live."""
    source: str
    """File name of the footage, without folders; of a live feed the camera's id."""
    model_name: str
    model_sha256: str
    config_sha256: str
    live: bool = False
    """Live feeds have no media time."""
    careful_model: ModelPart | None = None
    """The network that looks again."""


class IncidentRecord(RecordPart):
    """One revision of one incident."""

    schema_: Schema = Field(
        SCHEMA, alias="schema", description="Name and version of this format; v1 in what an older version recorded."
    )
    incident_id: Identifier = Field(description="Stable over all revisions, restarts and deliveries.")
    revision: int = Field(ge=0, description="0 for a pre-alarm; a violation counts up from 1.")
    event: ChangeKind = Field(description="What brought this revision about.")
    class_id: str = Field(description="The violation class.")
    names: NamesPart = Field(description="The class's names.")
    code: CodePart | None = Field(description="The class's event code; null for local extensions.")
    stage: Stage = Field(description="How far it has come.")
    status: Status = Field(description="Where it stands.")
    first_seen_at: Instant = Field(description="When it came to rest.")
    confirmed_at: Instant | None = Field(description="When it became a violation; null for a pre-alarm.")
    last_seen_at: Instant = Field(description="When it was last seen.")
    cleared_at: Instant | None = Field(description="When the place was seen without it; null until then.")
    dwell_s: Seconds = Field(
        description="Seconds that count: seen_s + unseen_s; from first to last sight less uncounted_s, by a clock that "
        "nobody sets."
    )
    dwell_threshold_s: Seconds = Field(description="Seconds from which on it is a violation.")
    camera: CameraPart = Field(description="The camera that saw it.")
    location: LocationPart = Field(description="Where that camera stands.")
    zone: ZonePart = Field(description="The area that the rule held in.")
    objects: tuple[ObjectPart, ...] = Field(description="The things that make it up.")
    evidence: tuple[EvidencePart, ...] = Field(description="Pictures taken so far, in order of time.")
    confidence: Confidence = Field(description="The best of any of its objects so far, 0 to 1.")
    backing: Backing = Field(description="What the label rests on: real pictures, synthetic ones, or none.")
    model: ModelPart = Field(description="Which model it was seen with.")
    config_sha256: Sha256 = Field(description="SHA-256 of the configuration, lower-case hexadecimal.")
    recurrence_of: str | None = Field(description="Id of the cleared incident that came back at this place.")
    duplicate_of: str | None = Field(description="Id of the incident that this one turned out to be.")
    related: tuple[str, ...] = Field(description="Ids of classes that this incident absorbed at the same place.")
    review: Literal["confirmed", "rejected"] | None = Field(None, description="A person's verdict; null: none yet.")
    clock: Literal["given", "container", "exif", "name", "file", "live"] = Field(
        description="What the times rest on; file, the modification time, is a guess; live: this machine's clock."
    )
    media: MediaPart | None = Field(description="The moments in media time; null for live feeds.")
    source: FileName = Field(description="File name of the footage, without folders; of a live feed the camera's id.")
    view: str | None = Field(None, description="Which of its views a camera that turns showed; null: it has but one.")
    seen_by: dict[str, Confidence] | None = Field(
        None, description="Which networks saw it, and how sure each was at best, 0 to 1; null in version 1."
    )
    careful_model: ModelPart | None = Field(
        None, description="The network that looked again; null: none did, or what wrote this did not say."
    )
    reason: str | None = Field(
        None,
        description="Why it stands where it stands, in a word such as place_empty, not_detected, never_left, lapsed, "
        "not_borne_out, merged, zone_changed, rule_changed, camera_removed; others may come. Null: it is there.",
    )
    seen_s: Seconds | None = Field(None, description="Of dwell_s, seconds in which it was seen; null in version 1.")
    unseen_s: Seconds | None = Field(
        None, description="Of dwell_s, seconds in which nobody saw the place and it was there after; null in version 1."
    )
    uncounted_s: Seconds | None = Field(
        None,
        description="Seconds between first and last sight that are no dwell: its place was seen empty, or "
        "nobody saw it for longer than its grace; null in version 1.",
    )
    reopenings: int | None = Field(
        None, ge=0, description="How often it was called cleared and had never left; null in version 1."
    )

    @classmethod
    def from_incident(
        cls,
        incident: Incident,
        event: ChangeKind,
        camera: Camera,
        *,
        backing: Backing,
        evidence: Sequence[EvidencePart],
        context: RecordContext,
    ) -> "IncidentRecord":
        """The record of an incident as it stands; times are moved to the time zone of the context."""
        return cls.model_validate(
            {
                **_what(incident, event),
                **_when(incident, context),
                **_where(incident, camera),
                "evidence": tuple(_local(picture, context) for picture in evidence),
                "backing": backing,
                "model": {"name": context.model_name, "sha256": context.model_sha256},
                "careful_model": context.careful_model,
                "config_sha256": context.config_sha256,
                "clock": context.clock,
                "source": context.source,
            }
        )

    def to_json(self) -> str:
        """One line of JSON, without the line end; every field of its version is present."""
        return self.model_dump_json(by_alias=True, exclude=None if self.schema_ == SCHEMA else set(_NEW_IN_V2))


_NEW_IN_V2 = ("view", "seen_by", "careful_model", "reason", "seen_s", "unseen_s", "uncounted_s", "reopenings")


def json_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) that every emitted record satisfies; fields may be added to what it names."""
    schema = IncidentRecord.model_json_schema(by_alias=True, mode="serialization")
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["$id"] = SCHEMA_IDS[SCHEMA]
    schema["title"] = "cvinspect incident record, version 2"
    written = schema["properties"]["schema"]
    schema["properties"]["schema"] = {
        "const": SCHEMA,
        "default": SCHEMA,
        "description": "Name and version of this format.",
        "title": written["title"],
        "type": "string",
    }
    return schema


def _what(incident: Incident, event: ChangeKind) -> dict[str, Any]:
    violation = incident.violation
    code = violation.code_of(incident.objects[0].label) if incident.objects else violation.code
    return {
        "incident_id": incident.id,
        "revision": incident.revision,
        "event": event,
        "class_id": violation.id,
        "names": {"zh": violation.names.zh, "en": violation.names.en},
        "code": code and {"major": code.major, "minor": code.minor},
        "stage": incident.stage,
        "status": incident.status,
        "confidence": incident.confidence,
        "seen_by": _seen_by(incident),
        "reason": incident.reason,
        "reopenings": incident.reopenings,
        "view": incident.view,
        "objects": tuple(
            {"label": seen.label, "confidence": seen.confidence, "box": seen.box.xyxy, "track": seen.track}
            for seen in incident.objects
        ),
        "recurrence_of": incident.recurrence_of,
        "duplicate_of": incident.duplicate_of,
        "related": incident.related,
    }


def _seen_by(incident: Incident) -> dict[str, float]:
    """Without the network that never saw it; where neither is known, an older version saw it with its only one."""
    by = {QUICK: incident.quick, CAREFUL: incident.careful}
    return {eye: confidence for eye, confidence in by.items() if confidence > 0} or {QUICK: incident.confidence}


def _when(incident: Incident, context: RecordContext) -> dict[str, Any]:
    moments = {
        "first_seen": incident.first_seen,
        "confirmed": incident.confirmed,
        "last_seen": incident.last_seen,
        "cleared": incident.cleared,
    }
    dwell_s = round(max(0.0, incident.dwell_s), 3)  # so that the parts add up to it
    unseen_s = round(min(max(0.0, incident.unseen_s), dwell_s), 3)
    media = {f"{name}_s": moment and moment.media_s for name, moment in moments.items()}
    return {
        **{f"{name}_at": _at(moment, context.timezone) for name, moment in moments.items()},
        "dwell_s": dwell_s,
        "seen_s": dwell_s - unseen_s,
        "unseen_s": unseen_s,
        "uncounted_s": max(0.0, incident.uncounted_s),
        "dwell_threshold_s": incident.violation.dwell_s,
        "media": None if context.live else media,
    }


def _where(incident: Incident, camera: Camera) -> dict[str, Any]:
    place = camera.location
    return {
        "camera": {"id": camera.id, "device_gbid": camera.device_gbid},
        "location": {
            "lon": place.lon,
            "lat": place.lat,
            "address": place.address,
            "grid_code": place.grid_code,
            "road_id": place.road_id,
        },
        "zone": _zone(incident.zone),
    }


def _zone(zone: Zone | None) -> dict[str, str]:
    return {"id": zone.id, "kind": zone.kind} if zone else {"id": WHOLE_PICTURE, "kind": WHOLE_PICTURE}


def _at(moment: Moment | None, timezone: tzinfo) -> datetime | None:
    return moment.at.astimezone(timezone) if moment else None


def _local(picture: EvidencePart, context: RecordContext) -> EvidencePart:
    return picture.model_copy(
        update={
            "captured_at": picture.captured_at.astimezone(context.timezone),
            "media_s": None if context.live else picture.media_s,
        }
    )
