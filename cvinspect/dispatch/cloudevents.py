"""Records in the CloudEvents 1.0 envelope, structured JSON.

Source: https://github.com/cloudevents/spec, version 1.0.2, `cloudevents/spec.md` and `formats/json-format.md`.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote

from pydantic import ValidationError

from cvinspect.errors import DeliveryRejected
from cvinspect.records.incident import SCHEMA, SCHEMA_IDS, IncidentRecord

CONTENT_TYPE = "application/cloudevents+json; charset=UTF-8"


@dataclass(frozen=True, slots=True)
class CloudEvent:
    """One revision of one incident as it is sent; source and id together tell a repetition from news."""

    record: IncidentRecord
    data: str
    """The record's JSON, letter by letter as it was recorded."""

    @property
    def id(self) -> str:
        """`{incident_id}/{revision}`."""
        return f"{self.record.incident_id}/{self.record.revision}"

    @property
    def source(self) -> str:
        """A URI reference: letters that may not stand in one are percent-encoded."""
        return f"/cameras/{quote(self.record.camera.id, safe='')}"

    @property
    def type(self) -> str:
        """What happened, with the version of what is told by that word."""
        return f"cn.cvinspect.incident.{self.record.event.value}.v1"

    @property
    def time(self) -> datetime:
        """When it happened, aware UTC: the latest moment that the record tells of."""
        record = self.record
        moments = (record.first_seen_at, record.confirmed_at, record.last_seen_at, record.cleared_at)
        return max(moment for moment in moments if moment is not None).astimezone(UTC)

    @property
    def attributes(self) -> dict[str, str]:
        """The envelope's attributes, in the order in which they are written."""
        return {
            "specversion": "1.0",
            "id": self.id,
            "source": self.source,
            "type": self.type,
            "subject": self.record.incident_id,
            "time": self.time.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "datacontenttype": "application/json",
            "dataschema": SCHEMA_IDS[self.record.schema_],
        }

    def structured(self) -> bytes:
        """The whole event on one line of UTF-8 JSON: the same bytes whenever it is sent."""
        head = json.dumps(self.attributes, ensure_ascii=False, separators=(",", ":"))
        return f'{head[:-1]},"data":{self.data}}}'.encode()


def cloud_event(body: str) -> CloudEvent:
    """The event of a record as it was recorded; raises DeliveryRejected for text that is none."""
    try:
        return CloudEvent(IncidentRecord.model_validate_json(body), body)
    except ValidationError as error:
        place = ".".join(str(part) for part in error.errors()[0]["loc"])
        raise DeliveryRejected(f"what is recorded is no {SCHEMA_IDS[SCHEMA]} of this program: {place}") from error
